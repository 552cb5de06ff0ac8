#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/progress.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <unistd.h>

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

/* The same on a terminal. */
static char *run_terminal(void (*run)(DaProgress *progress))
{
    int ends[2];
    assert_int_equal(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
    FILE *out = fdopen(ends[1], "w");
    DaProgress *progress = da_progress_new(out, "pages", 4);
    run(progress);
    da_progress_free(progress);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    GString *text = g_string_new(NULL);
    char piece[512];
    for (ssize_t n = read(ends[0], piece, sizeof piece); n > 0;
         n = read(ends[0], piece, sizeof piece))
        g_string_append_len(text, piece, n);
    fclose(out);
    close(ends[0]);
    return g_string_free(text, FALSE);
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

static void silence_is_possible(void **state)
{
    two_dossiers(NULL);
    da_progress_total(NULL, 1);
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
        cmocka_unit_test(what_was_done_before_has_no_speed),
        cmocka_unit_test(counts_that_do_not_fit_do_no_harm),
        cmocka_unit_test(silence_is_possible),
        cmocka_unit_test(a_full_disk_behind_the_output_is_borne),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
