#include "terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/progress.h>
#include <stdlib.h>
#include <string.h>

/* What a run writes to a plain file. The caller frees. */
static char *run_plain(void (*run)(DaProgress *progress))
{
    char *text = NULL;
    gsize size = 0;
    FILE *out = tmpfile();
    DaProgress *progress = da_progress_new(out, "pages", 4);
    run(progress);
    da_progress_free(progress);
    size = (gsize)ftell(out);
    rewind(out);
    text = g_malloc0(size + 1);
    assert_int_equal(fread(text, 1, size, out), size);
    fclose(out);
    return text;
}

static guint terminal_columns; /* 0 = the terminal does not know */

/* The same on a terminal. */
static char *run_terminal(void (*run)(DaProgress *progress))
{
    Terminal terminal = terminal_begin(terminal_columns);
    DaProgress *progress = da_progress_new(terminal.out, "pages", 4);
    run(progress);
    da_progress_free(progress);
    return terminal_end(&terminal);
}

static void two_dossiers(DaProgress *progress)
{
    da_progress_skip(progress, 1);
    da_progress_add(progress, 1);
    da_progress_line(progress, "dossier %d: %s", 1, "2 pages");
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, 2);
    da_progress_line(progress, "dossier 2: 100%%");
}

static void a_file_gets_one_plain_line_a_part(void **state)
{
    g_autofree char *text = run_plain(two_dossiers);
    assert_string_equal(text, "dossier 1: 2 pages\ndossier 2: 100%\n");
}

static void a_terminal_gets_a_bar_below_the_lines(void **state)
{
    g_autofree char *text = run_terminal(two_dossiers);
    const char *first = strstr(text, "\r\033[Kdossier 1: 2 pages\r\n");
    assert_non_null(first);
    assert_non_null(strstr(first, "2 of 4 pages"));
    assert_non_null(strstr(first, " a minute"));
    assert_non_null(strstr(text, "4 of 4 pages"));
    assert_true(g_str_has_suffix(text, "\r\033[K")); /* the bar is gone at the end */
}

static void in_chinese(DaProgress *progress)
{
    da_progress_chinese(progress, TRUE);
    da_progress_skip(progress, 1);
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, 1);
}

/* Cells that the widest drawn line takes: between a return and the end of the line. */
static guint widest(const char *text)
{
    guint most = 0, used = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        if (*p == '\r' || *p == '\n' || *p == '\033') {
            most = MAX(most, used);
            used = 0;
            p += *p == '\033' ? 2 : 0; /* "\033[K" */
            continue;
        }
        used += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    }
    return most;
}

static void the_bar_fits_into_the_terminal_whatever_its_characters(void **state)
{
    static const guint columns[] = {10, 35, 36, 37, 38, 39, 40, 60, 200};
    for (gsize i = 0; i < G_N_ELEMENTS(columns); i++) {
        terminal_columns = columns[i];
        g_autofree char *english = run_terminal(two_dossiers);
        g_autofree char *chinese = run_terminal(in_chinese);
        terminal_columns = 0;
        assert_in_range(widest(chinese), 1, columns[i] - 1);
        assert_true(g_utf8_validate(chinese, -1, NULL));
        if (columns[i] >= 40)
            assert_in_range(widest(english), 1, columns[i] - 1);
        if (columns[i] == 200)
            assert_non_null(strstr(chinese, "] 2 / 4 pages，每分钟 "));
        if (columns[i] == 200)
            assert_non_null(strstr(chinese, "，剩余 "));
    }
}

static void the_bar_is_written_over_never_blanked(void **state)
{
    g_autofree char *text = run_terminal(in_chinese);
    const char *second = strstr(strstr(text, "[") + 1, "\r[");
    assert_non_null(second); /* drawn twice */
    for (const char *blank = text; (blank = strstr(blank, "\r\033[K")); blank++)
        assert_int_equal(strlen(blank), 4); /* only at the end */
}

static void counting_begins_with_the_total(DaProgress *progress)
{
    g_usleep(G_USEC_PER_SEC);
    da_progress_total(progress, 100);
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, 50);
}

static void what_went_before_the_total_does_not_slow_it(void **state)
{
    g_autofree char *text = run_terminal(counting_begins_with_the_total);
    const char *speed = strstr(text, "100 pages, ");
    assert_non_null(speed);
    assert_true(atof(speed + strlen("100 pages, ")) >
                4000); /* 50 in a quarter of a second, not in one and a quarter */
}

static void only_skip(DaProgress *progress)
{
    da_progress_skip(progress, 3);
}

static void what_was_done_before_has_no_speed(void **state)
{
    g_autofree char *text = run_terminal(only_skip);
    assert_non_null(strstr(text, "3 of 4 pages"));
    assert_null(strstr(text, "minute"));
}

static void too_many(DaProgress *progress)
{
    da_progress_total(progress, 0);
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, 7);
    da_progress_total(progress, 5);
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, G_MAXUINT64 / 2);
}

static void counts_that_do_not_fit_do_no_harm(void **state)
{
    g_autofree char *text = run_terminal(too_many);
    assert_non_null(strstr(text, "7 pages"));
    assert_non_null(strstr(text, " of 5 pages"));
}

static void more_than_was_known(DaProgress *progress)
{
    da_progress_more(progress, 3);
    g_usleep(G_USEC_PER_SEC / 4);
    da_progress_add(progress, 1);
}

static void a_total_can_grow(void **state)
{
    g_autofree char *text = run_terminal(more_than_was_known);
    assert_non_null(strstr(text, "1 of 7 pages"));
}

static void silence_is_possible(void **state)
{
    two_dossiers(NULL);
    da_progress_total(NULL, 1);
    da_progress_more(NULL, 1);
    da_progress_free(NULL);
    g_autoptr(DaProgress) silent = da_progress_new(NULL, "pages", 4);
    two_dossiers(silent);
    da_progress_total(silent, 9);
}

static void a_full_disk_behind_the_output_is_borne(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    DaProgress *progress = da_progress_new(full, "pages", 4);
    two_dossiers(progress);
    da_progress_free(progress);
    assert_true(ferror(full));
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gets_one_plain_line_a_part),
        cmocka_unit_test(a_terminal_gets_a_bar_below_the_lines),
        cmocka_unit_test(the_bar_fits_into_the_terminal_whatever_its_characters),
        cmocka_unit_test(the_bar_is_written_over_never_blanked),
        cmocka_unit_test(what_went_before_the_total_does_not_slow_it),
        cmocka_unit_test(what_was_done_before_has_no_speed),
        cmocka_unit_test(counts_that_do_not_fit_do_no_harm),
        cmocka_unit_test(a_total_can_grow),
        cmocka_unit_test(silence_is_possible),
        cmocka_unit_test(a_full_disk_behind_the_output_is_borne),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
