/* From characters to lines: one writing, no hatching, a line's room, parts at wide gaps. */
#include "../../ingest/ocr/lines.h"
#include "../../ingest/ocr/simplify.h"
#include "../../ingest/ocr/transcribe.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void traditional_forms_become_simplified_and_nothing_else_changes(void **state)
{
    static const struct {
        const char *written, *wanted;
    } cases[] = {{"學", "学"}, {"習", "习"}, {"黨", "党"}, {"廠", "厂"}, {"國", "国"},
                 {"学", "学"}, {"囍", "囍"}, {"A", "A"},   {" ", " "},   {"，", "，"}};
    g_autoptr(GPtrArray) characters = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_ptr_array_add(characters, g_strdup(cases[i].written));
    g_autoptr(GError) error = NULL;
    if (!da_simplify_characters(characters, &error))
        fail_msg("%s", error->message);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_string_equal(characters->pdata[i], cases[i].wanted);
}

/* Characters as wide as the line is high, at the places where `text` has them; blanks are paper. */
static GArray *characters_of(const char *text, double confidence, guint places)
{
    GArray *characters = g_array_new(FALSE, FALSE, sizeof(DaCharacter));
    guint at = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p), at++) {
        DaCharacter seen = {g_intern_string(""), (double)at / places, (at + 1.0) / places,
                            confidence};
        g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));
        seen.text = g_intern_string(one);
        if (*p != ' ')
            g_array_append_val(characters, seen);
    }
    return characters;
}

static char *text_of(const GArray *characters)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < characters->len; i++)
        g_string_append(text, g_array_index(characters, DaCharacter, i).text);
    return g_string_free(text, FALSE);
}

static void hatching_is_dropped_where_it_is_doubtful(void **state)
{
    static const struct {
        const char *text, *wanted;
        double confidence;
    } cases[] = {{"性别###出生年月", "性别出生年月", 0.4},
                 {"###", "", 0.4},
                 {"2#车间", "2#车间", 0.9},
                 {"。姓名，男。", "姓名，男", 0.4}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) characters = characters_of(cases[i].text, cases[i].confidence, 20);
        da_characters_tidy(characters);
        g_autofree char *text = text_of(characters);
        assert_string_equal(text, cases[i].wanted);
    }
}

#define HEIGHT 50.0
#define PLACES 20u

static void a_line_ends_at_a_wide_gap_and_takes_the_room_of_its_characters(void **state)
{
    static const struct {
        const char *text, *parts[4];
        double from[3];
    } cases[] = {{"出生年月", {"出生年月"}, {0}},
                 {"出 生 年 月", {"出生年月"}, {0}},
                 {"  出生年月  1956", {"出生年月", "1956"}, {2, 8}},
                 {"姓名  王大山   性别", {"姓名", "王大山", "性别"}, {0, 4, 10}},
                 {"", {NULL}, {0}}};
    DaQuad quad = da_quad_of_box(100, 200, 100 + HEIGHT * PLACES, 200 + HEIGHT);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaPageText) page = da_page_text_new(2000, 3000, "by hand");
        g_autoptr(GArray) characters = characters_of(cases[i].text, 0.9, PLACES);
        da_lines_add_parts(page, &quad, characters);
        guint n = 0;
        for (; cases[i].parts[n]; n++) {
            assert_true(n < page->lines->len);
            const DaLine *line = page->lines->pdata[n];
            assert_string_equal(line->text, cases[i].parts[n]);
            assert_true(fabs(line->quad[0][0] - (100 + HEIGHT * cases[i].from[n])) < 1e-6);
            assert_true(fabs(line->quad[3][1] - (200 + HEIGHT)) < 1e-6);
        }
        assert_int_equal(page->lines->len, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traditional_forms_become_simplified_and_nothing_else_changes),
        cmocka_unit_test(hatching_is_dropped_where_it_is_doubtful),
        cmocka_unit_test(a_line_ends_at_a_wide_gap_and_takes_the_room_of_its_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
