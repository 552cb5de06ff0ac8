#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/error.h>
#include <dangan/schema.h>
#include <dangan/text.h>
#include <math.h>
#include <string.h>

static void set_quad(DaLine *line, double x, double y, double w, double h, double lean)
{
    const double quad[4][2] = {{x, y}, {x + w, y + lean}, {x + w, y + h + lean}, {x, y + h}};
    memcpy(line->quad, quad, sizeof quad);
}

static void add_word(DaLine *line, const char *text, double x, double confidence)
{
    DaWord *word = da_line_add_word(line);
    *word = (DaWord){.text = g_strdup(text),
                     .x_px = x,
                     .y_px = 100,
                     .w_px = 40.5,
                     .h_px = 30,
                     .confidence = confidence};
}

/* A leaning line of words, a vertical line without, a line of Latin words. */
static DaPageText *sample(void)
{
    DaPageText *text = da_page_text_new(2480, 3508, "tesseract 5.3.0 chi_sim");
    DaLine *line = da_page_text_add(text);
    line->text = g_strdup("职工登记表 1962 年");
    line->confidence = 0.9;
    set_quad(line, 100, 100, 400, 30, 2.5);
    add_word(line, "职工", 100, 0.95);
    add_word(line, "登记表", 150, 0.9);
    add_word(line, "1962", 250, 0.85);
    add_word(line, "年", 300, 0.8);
    line = da_page_text_add(text);
    line->text = g_strdup("贴照片处");
    line->confidence = 0.5;
    line->vertical = TRUE;
    set_quad(line, 2000, 200, 40, 300, 0);
    line = da_page_text_add(text);
    line->text = g_strdup("Form A <4> \"x\"");
    line->confidence = 0.75;
    set_quad(line, 100, 3000, 400, 30, 0);
    add_word(line, "Form", 100, 0.75);
    add_word(line, "A", 150, 0.75);
    add_word(line, "<4>", 200, 0.75);
    add_word(line, "\"x\"", 250, 0.75);
    return text;
}

static void same_text(const DaPageText *a, const DaPageText *b)
{
    assert_int_equal(a->width_px, b->width_px);
    assert_int_equal(a->height_px, b->height_px);
    assert_string_equal(a->engine, b->engine);
    assert_int_equal(a->lines->len, b->lines->len);
    for (guint i = 0; i < a->lines->len; i++) {
        const DaLine *left = g_ptr_array_index(a->lines, i),
                     *right = g_ptr_array_index(b->lines, i);
        assert_string_equal(left->text, right->text);
        assert_int_equal(left->vertical, right->vertical);
        assert_int_equal(left->kind, right->kind);
        for (int k = 0; k < 8; k++)
            assert_float_equal(left->quad[k / 2][k % 2], right->quad[k / 2][k % 2], 0.05);
        for (guint w = 0; w < left->words->len; w++) {
            const DaWord *one = g_ptr_array_index(left->words, w),
                         *other = g_ptr_array_index(right->words, w);
            assert_string_equal(one->text, other->text);
            assert_float_equal(one->x_px, other->x_px, 0.05);
            assert_float_equal(one->w_px, other->w_px, 0.05);
            assert_float_equal(one->confidence, other->confidence, 0.001);
        }
    }
}

/* --- spaces ----------------------------------------------------------------------------------------------------------- */

static void no_space_stands_between_han(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"", ""},
        {" \t ", ""},
        {"职 工 登 记 表", "职工登记表"},
        {" 职工\u3000登记 ", "职工登记"},
        {"姓 名 ： 王 小 明 ， 男", "姓名：王小明，男"},
        {"Form  A   4", "Form A 4"},
        {"1962 年 1 月", "1962 年 1 月"},
        {"北京 No. 7 厂", "北京 No. 7 厂"},
        {"“ 中 国 ”", "“中国”"},
        {"said “ yes ”", "said “ yes ”"},
        {"〇 一 々", "〇一々"},
        {"𠮷 野", "𠮷野"},
        {"a\nb", "a b"},
        {"中\xff 国", "中\uFFFD 国"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *joined = da_text_join_han(cases[i].from);
        assert_string_equal(joined, cases[i].to);
    }
}

static void plain_text_is_the_lines(void **state)
{
    g_autoptr(DaPageText) text = sample();
    g_autofree char *plain = da_page_text_plain(text);
    assert_string_equal(plain, "职工登记表 1962 年\n贴照片处\nForm A <4> \"x\"");
    g_autoptr(DaPageText) blank = da_page_text_new(10, 10, "none");
    g_autofree char *nothing = da_page_text_plain(blank);
    assert_string_equal(nothing, "");
}

static void confidence_is_the_mean_over_characters(void **state)
{
    g_autoptr(DaPageText) text = sample();
    /* 10, 4 and 11 characters that are not blank */
    assert_float_equal(da_page_text_confidence(text), (10 * 0.9 + 4 * 0.5 + 11 * 0.75) / 25, 1e-9);
    g_autoptr(DaPageText) blank = da_page_text_new(10, 10, "none");
    assert_true(isnan(da_page_text_confidence(blank)));
}

/* --- ALTO ------------------------------------------------------------------------------------------------------------- */

static DaPageText *read_alto(const char *alto, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(alto, strlen(alto));
    return da_page_text_from_alto(bytes, error);
}

static char *write_alto(const DaPageText *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = da_page_text_to_alto(text, "9-1-2-003.jpg", &error);
    if (!bytes)
        fail_msg("%s", error->message);
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    return g_strndup(data, size);
}

/* The sample with a red head before it and a seal behind, as engines give them. */
static DaPageText *sample_of_all_kinds(void)
{
    DaPageText *text = sample();
    for (DaLineKind kind = DA_LINE_RED_HEAD; kind < DA_LINE_KINDS; kind++) {
        DaLine *line = da_page_text_add(text);
        line->text = g_strdup(kind == DA_LINE_SEAL ? "某某市劳动局" : "某某市人民政府文件");
        line->confidence = 0.1;
        line->kind = kind;
        set_quad(line, 600, 400, 900, 100, 0);
    }
    return text;
}

static void kinds_of_lines_come_back(void **state)
{
    g_autoptr(DaPageText) text = sample_of_all_kinds();
    g_autofree char *alto = write_alto(text);
    g_autoptr(DaPageText) from_alto = read_alto(alto, NULL);
    same_text(text, from_alto);
    json_t *object = da_page_text_to_json(text);
    g_autoptr(DaPageText) from_json = da_page_text_from_json(object, NULL);
    assert_int_equal(json_array_size(json_object_get(object, "lines")), 4);
    assert_int_equal(json_array_size(json_object_get(object, "seals")), 1);
    json_decref(object);
    same_text(text, from_json);
}

/* It lies across other lines and says nothing about them. */
static void a_seal_does_not_count_in_the_confidence_of_a_page(void **state)
{
    g_autoptr(DaPageText) text = sample_of_all_kinds();
    double with_seal = da_page_text_confidence(text);
    g_ptr_array_remove_index(text->lines, text->lines->len - 1);
    assert_true(fabs(da_page_text_confidence(text) - with_seal) < 1e-9);
}

static void kinds_that_are_not_ours_are_text(void **state)
{
#define TAGGED(tags, refs)                                                                         \
    "<alto xmlns='http://www.loc.gov/standards/alto/ns-v4#'>" tags                                 \
    "<Layout><Page WIDTH='10' HEIGHT='10'><PrintSpace><TextBlock><TextLine TAGREFS='" refs         \
    "'><String CONTENT='a'/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
#define SEAL_TAG "<OtherTag ID='s' TYPE='line-kind' LABEL='seal'/>"
    const struct {
        const char *label, *alto;
        DaLineKind kind;
    } cases[] = {
        {"ours", TAGGED("<Tags>" SEAL_TAG "</Tags>", "s"), DA_LINE_SEAL},
        {"one of many", TAGGED("<Tags>" SEAL_TAG "</Tags>", "x  s\ty"), DA_LINE_SEAL},
        {"no such tag", TAGGED("<Tags>" SEAL_TAG "</Tags>", "t"), DA_LINE_TEXT},
        {"no tags", TAGGED("", "s"), DA_LINE_TEXT},
        {"part of a name", TAGGED("<Tags>" SEAL_TAG "</Tags>", "ss"), DA_LINE_TEXT},
        {"another type", TAGGED("<Tags><OtherTag ID='s' TYPE='x' LABEL='seal'/></Tags>", "s"),
         DA_LINE_TEXT},
        {"another label", TAGGED("<Tags><OtherTag ID='s' TYPE='line-kind' LABEL='x'/></Tags>", "s"),
         DA_LINE_TEXT},
        {"another tag", TAGGED("<Tags><RoleTag ID='s' TYPE='line-kind' LABEL='seal'/></Tags>", "s"),
         DA_LINE_TEXT},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaPageText) text = read_alto(cases[i].alto, NULL);
        const DaLine *line = g_ptr_array_index(text->lines, 0);
        if (line->kind != cases[i].kind)
            fail_msg("%s: kind %d", cases[i].label, line->kind);
    }
}

static void alto_comes_back_as_it_was(void **state)
{
    g_autoptr(DaPageText) text = sample();
    g_autofree char *alto = write_alto(text);
    g_autoptr(DaPageText) back = read_alto(alto, NULL);
    assert_non_null(back);
    same_text(text, back);
    assert_non_null(strstr(alto, "<fileName>9-1-2-003.jpg</fileName>"));
    assert_non_null(strstr(alto, "<softwareName>tesseract</softwareName>"));
    assert_non_null(strstr(alto, "<MeasurementUnit>pixel</MeasurementUnit>"));
}

/* One line of `content` without words, as the engine would give it. */
static DaPageText *one_line(const char *content)
{
    DaPageText *text = da_page_text_new(100, 100, "tesseract 5.3.0 chi_sim");
    DaLine *line = da_page_text_add(text);
    line->text = g_strdup(content);
    line->confidence = 7; /* out of range on purpose */
    set_quad(line, -3, 5, 50, 10, 0);
    return text;
}

static void alto_is_valid_whatever_the_text(void **state)
{
    static const char *const contents[] = {"档案",
                                           "",
                                           "a\x01\x02\x1f\x7f",
                                           "\xff\xfe",
                                           "\xed\xa0\x80 lone surrogate",
                                           "\xef\xbf\xbf noncharacter",
                                           "<&>\"'",
                                           "a\tb\r\nc",
                                           "𠮷"};
    if (!da_schema_is_available(DA_SCHEMA_STANDARDS)) {
        print_message("# skipped: DANGAN_XSD is not set\n");
        skip();
    }
    for (gsize i = 0; i <= G_N_ELEMENTS(contents) + 1; i++) {
        g_autoptr(DaPageText) text = i < G_N_ELEMENTS(contents) ? one_line(contents[i])
                                     : i == G_N_ELEMENTS(contents)
                                         ? sample_of_all_kinds()
                                         : da_page_text_new(2480, 3508, "none");
        g_autofree char *alto = write_alto(text);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(xmlDoc) doc = da_xml_parse(alto, strlen(alto), "ALTO", &error);
        if (!doc)
            fail_msg("case %zu: %s", i, error->message);
        assert_true(da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &error));
        if (faults->len > 0)
            fail_msg("case %zu: %s", i, (const char *)g_ptr_array_index(faults, 0));
    }
}

static void what_xml_cannot_hold_is_dropped(void **state)
{
    g_autoptr(DaPageText) text = one_line("档\x01案\xff\x1f号");
    g_autofree char *alto = write_alto(text);
    g_autoptr(DaPageText) back = read_alto(alto, NULL);
    const DaLine *line = g_ptr_array_index(back->lines, 0);
    assert_string_equal(line->text, "档案号");
    assert_float_equal(line->confidence, 1, 0.001);
}

static void a_blank_side_is_a_page_without_lines(void **state)
{
    g_autoptr(DaPageText) blank = da_page_text_new(2480, 3508, "none");
    g_autofree char *alto = write_alto(blank);
    g_autoptr(DaPageText) back = read_alto(alto, NULL);
    same_text(blank, back);
    assert_null(strstr(alto, "<Processing"));
}

static void a_page_without_size_is_not_written(void **state)
{
    g_autoptr(DaPageText) text = da_page_text_new(0, 100, "none");
    g_autoptr(GError) error = NULL;
    assert_null(da_page_text_to_alto(text, "x.jpg", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

#define ALTO(version, inside)                                                                      \
    "<alto xmlns='http://www.loc.gov/standards/alto/ns-v" version "#'>" inside "</alto>"
#define LAYOUT(inside)                                                                             \
    "<Layout><Page WIDTH='600' HEIGHT='800.0'><PrintSpace>" inside "</PrintSpace></Page></Layout>"
#define STRING(content)                                                                            \
    "<String CONTENT='" content "' HPOS='1' VPOS='2' WIDTH='3' HEIGHT='4' WC='0.5'/>"

static void alto_of_other_writers_is_read(void **state)
{
    static const struct {
        const char *label, *alto, *text;
    } cases[] = {
        {"version 2",
         ALTO("2",
              LAYOUT("<TextBlock><TextLine>" STRING("档") STRING("案") "</TextLine></TextBlock>")),
         "档案"},
        {"version 3, spaces between Han",
         ALTO("3", LAYOUT("<ComposedBlock><TextBlock><TextLine>" STRING("档") "<SP/>" STRING(
                       "案") "</TextLine></TextBlock></ComposedBlock>")),
         "档案"},
        {"Latin words without SP",
         ALTO("4",
              LAYOUT("<TextBlock><TextLine>" STRING("ab") STRING("cd") "</TextLine></TextBlock>")),
         "ab cd"},
        {"figures without SP stay one",
         ALTO("4",
              LAYOUT("<TextBlock><TextLine>" STRING("19") STRING("62") "</TextLine></TextBlock>")),
         "1962"},
        {"polygon in the older form",
         ALTO("4",
              LAYOUT(
                  "<TextBlock><TextLine><Shape><Polygon POINTS='1,2,4,2,4,6,1,6'/></Shape>" STRING(
                      "a") "</TextLine></TextBlock>")),
         "a"},
        {"broken polygon",
         ALTO("4",
              LAYOUT("<TextBlock><TextLine><Shape><Polygon POINTS='1,2 nan,x'/></Shape>" STRING(
                  "a") "</TextLine></TextBlock>")),
         "a"},
        {"unit said",
         ALTO("4", "<Description><MeasurementUnit>pixel</MeasurementUnit></Description>" LAYOUT(
                       "<TextBlock><TextLine>" STRING("a") "</TextLine></TextBlock>")),
         "a"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaPageText) text = read_alto(cases[i].alto, &error);
        if (!text)
            fail_msg("%s: %s", cases[i].label, error->message);
        assert_int_equal(text->width_px, 600);
        assert_int_equal(text->height_px, 800);
        const DaLine *line = g_ptr_array_index(text->lines, 0);
        assert_string_equal(line->text, cases[i].text);
        assert_float_equal(line->quad[0][0], 1, 1e-9);
        assert_float_equal(line->quad[2][1], 6, 1e-9);
        assert_float_equal(line->confidence, 0.5, 1e-9);
    }
}

static void alto_that_is_no_page_is_refused(void **state)
{
    static const struct {
        const char *label, *alto;
    } cases[] = {
        {"empty", ""},
        {"what a failed Tesseract writes", "<?xml version='1.0'?>\n\t</Layout>\n</alto>\n"},
        {"another format", "<html/>"},
        {"no namespace", "<alto>" LAYOUT("") "</alto>"},
        {"unknown version", ALTO("9", LAYOUT(""))},
        {"no Page", ALTO("4", "<Layout/>")},
        {"two Pages",
         ALTO("4", "<Layout><Page WIDTH='1' HEIGHT='1'/><Page WIDTH='1' HEIGHT='1'/></Layout>")},
        {"no size", ALTO("4", "<Layout><Page/></Layout>")},
        {"size nan", ALTO("4", "<Layout><Page WIDTH='nan' HEIGHT='1'/></Layout>")},
        {"negative size", ALTO("4", "<Layout><Page WIDTH='-5' HEIGHT='1'/></Layout>")},
        {"absurd size", ALTO("4", "<Layout><Page WIDTH='1e300' HEIGHT='1'/></Layout>")},
        {"millimetres",
         ALTO("4",
              "<Description><MeasurementUnit>mm10</MeasurementUnit></Description>" LAYOUT(""))},
        {"DOCTYPE", "<!DOCTYPE alto><alto/>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        if (read_alto(cases[i].alto, &error))
            fail_msg("%s was read", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
}

/* Every beginning of a good document is bad input of its own kind. */
static void a_truncated_alto_is_refused(void **state)
{
    g_autoptr(DaPageText) text = sample();
    g_autofree char *alto = write_alto(text);
    gsize end = (gsize)(strstr(alto, "</alto>") - alto);
    for (gsize size = 0; size < end; size++) {
        g_autoptr(GBytes) bytes = g_bytes_new(alto, size);
        g_autoptr(GError) error = NULL;
        assert_null(da_page_text_from_alto(bytes, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
}

/* --- JSON ------------------------------------------------------------------------------------------------------------- */

static void json_comes_back_as_it_was(void **state)
{
    g_autoptr(DaPageText) text = sample();
    json_t *object = da_page_text_to_json(text);
    g_autoptr(DaPageText) back = da_page_text_from_json(object, NULL);
    json_decref(object);
    assert_non_null(back);
    same_text(text, back);
}

static void json_holds_broken_text_and_unknown_numbers(void **state)
{
    g_autoptr(DaPageText) text = one_line("档\xff案");
    DaLine *line = g_ptr_array_index(text->lines, 0);
    line->confidence = NAN;
    json_t *object = da_page_text_to_json(text);
    assert_non_null(object);
    g_autoptr(DaPageText) back = da_page_text_from_json(object, NULL);
    json_decref(object);
    line = g_ptr_array_index(back->lines, 0);
    assert_string_equal(line->text, "档\uFFFD案");
    assert_true(isnan(line->confidence));
}

static void json_of_another_form_is_refused(void **state)
{
    static const char *const cases[] = {
        "[]",
        "{}",
        "{\"width_px\": 10, \"height_px\": 10}",
        "{\"width_px\": 0, \"height_px\": 10, \"lines\": []}",
        "{\"width_px\": -1, \"height_px\": 10, \"lines\": []}",
        "{\"width_px\": \"10\", \"height_px\": 10, \"lines\": []}",
        "{\"width_px\": 10, \"height_px\": 99999999999, \"lines\": []}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [null]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": 4}]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": \"a\", \"quad\": "
        "[[1,2],[1,2],[1,2]]}]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": \"a\", \"quad\": "
        "[[1,2],[1,2],[1,2],[1]]}]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": \"a\", \"quad\": "
        "[[1,2],[1,2],[1,2],[1,2]], \"confidence\": 2}]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": \"a\", \"quad\": "
        "[[1,2],[1,2],[1,2],[1,2]], \"words\": {}}]}",
        "{\"width_px\": 10, \"height_px\": 10, \"lines\": [{\"text\": \"a\", \"quad\": "
        "[[1,2],[1,2],[1,2],[1,2]], \"words\": [{}]}]}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        json_t *object = json_loads(cases[i], 0, NULL);
        assert_non_null(object);
        if (da_page_text_from_json(object, &error))
            fail_msg("%s was read", cases[i]);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_space_stands_between_han),
        cmocka_unit_test(plain_text_is_the_lines),
        cmocka_unit_test(confidence_is_the_mean_over_characters),
        cmocka_unit_test(alto_comes_back_as_it_was),
        cmocka_unit_test(kinds_of_lines_come_back),
        cmocka_unit_test(a_seal_does_not_count_in_the_confidence_of_a_page),
        cmocka_unit_test(kinds_that_are_not_ours_are_text),
        cmocka_unit_test(alto_is_valid_whatever_the_text),
        cmocka_unit_test(what_xml_cannot_hold_is_dropped),
        cmocka_unit_test(a_blank_side_is_a_page_without_lines),
        cmocka_unit_test(a_page_without_size_is_not_written),
        cmocka_unit_test(alto_of_other_writers_is_read),
        cmocka_unit_test(alto_that_is_no_page_is_refused),
        cmocka_unit_test(a_truncated_alto_is_refused),
        cmocka_unit_test(json_comes_back_as_it_was),
        cmocka_unit_test(json_holds_broken_text_and_unknown_numbers),
        cmocka_unit_test(json_of_another_form_is_refused),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
