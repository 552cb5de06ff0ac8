#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/staging.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static char *place;

static int begin(void **state)
{
    folder = scratch_begin();
    place = g_build_filename(folder, "卷", NULL);
    return 0;
}

static int end(void **state)
{
    g_free(place);
    scratch_end(folder);
    return 0;
}

/* A folder `place` with one file that holds `text`. */
static gboolean make(const char *text, gboolean replace, GError **error)
{
    g_autoptr(DaStaging) staging = da_staging_new(place, error);
    if (staging == NULL)
        return FALSE;
    g_autofree char *deep = g_build_filename(da_staging_path(staging), "data", NULL);
    g_mkdir(deep, 0755);
    g_free(scratch_file(deep, text, text));
    return da_staging_commit(staging, replace, error);
}

static void assert_holds(const char *text)
{
    g_autofree char *path = g_build_filename(place, "data", text, NULL);
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    assert_int_equal(names->len, 1); /* and nothing unfinished beside it */
}

static void a_commit_shows_the_whole_folder(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(make("one", FALSE, &error));
    assert_holds("one");
}

static void a_path_may_end_with_a_slash(void **state)
{
    g_autofree char *slashed = g_strconcat(place, "//", NULL);
    g_autoptr(DaStaging) staging = da_staging_new(slashed, NULL);
    assert_non_null(staging);
    assert_true(g_file_test(da_staging_path(staging), G_FILE_TEST_IS_DIR));
    assert_true(da_staging_commit(staging, FALSE, NULL));
    assert_true(g_file_test(place, G_FILE_TEST_IS_DIR));
}

static void without_a_commit_nothing_is_left(void **state)
{
    DaStaging *staging = da_staging_new(place, NULL);
    g_free(scratch_file(da_staging_path(staging), "x", "x"));
    assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
    da_staging_free(staging);
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    assert_int_equal(names->len, 0);
}

static void an_existing_folder_is_kept_unless_replaced(void **state)
{
    assert_true(make("old", FALSE, NULL));
    g_autoptr(GError) error = NULL;
    assert_false(make("new", FALSE, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_holds("old");
    assert_true(make("new", TRUE, NULL));
    assert_holds("new");
}

static void replacing_nothing_is_making(void **state)
{
    assert_true(make("first", TRUE, NULL));
    assert_holds("first");
}

static void an_empty_folder_is_not_replaced_by_the_way(void **state)
{
    g_mkdir(place, 0755);
    g_autoptr(GError) error = NULL;
    assert_false(make("new", FALSE, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
}

static void what_a_killed_process_left_is_cleared(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        DaStaging *staging = da_staging_new(place, NULL);
        g_free(scratch_file(da_staging_path(staging), "half", "half"));
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    g_autoptr(GPtrArray) left = da_dir_list(folder, NULL);
    assert_int_equal(left->len, 1);
    assert_int_equal(*(char *)left->pdata[0], '.');
    assert_true(make("whole", FALSE, NULL));
    assert_holds("whole");
    g_autofree char *half = g_build_filename(place, "half", NULL);
    assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
}

static void a_kill_while_replacing_leaves_one_whole_folder(void **state)
{
    assert_true(make("0", FALSE, NULL));
    for (int round = 0; round < 15; round++) {
        pid_t child = fork();
        if (child == 0) {
            for (;;)
                make("0", TRUE, NULL);
        }
        g_usleep(3000 + (gulong)round * 1000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        g_autofree char *path = g_build_filename(place, "data", "0", NULL);
        g_autoptr(GBytes) bytes = da_file_read(path, 10, NULL);
        assert_non_null(bytes);
        assert_int_equal(g_bytes_get_size(bytes), 1);
    }
    assert_true(make("0", TRUE, NULL));
    assert_holds("0");
}

static void a_missing_parent_is_not_found(void **state)
{
    g_autofree char *path = g_build_filename(folder, "missing", "x", NULL);
    g_autoptr(GError) error = NULL;
    assert_null(da_staging_new(path, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

static void a_full_disk_is_told(void **state)
{
    char *small = scratch_mount(folder, "nr_inodes=4");
    if (small == NULL)
        skip();
    for (int i = 0; i < 4; i++) {
        g_autofree char *filler = g_strdup_printf("%s/%d", small, i);
        g_mkdir(filler, 0755);
    }
    g_autofree char *path = g_build_filename(small, "x", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaStaging) staging = da_staging_new(path, &error);
    scratch_unmount(small);
    assert_null(staging);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_commit_shows_the_whole_folder),
        CASE(a_path_may_end_with_a_slash),
        CASE(without_a_commit_nothing_is_left),
        CASE(an_existing_folder_is_kept_unless_replaced),
        CASE(replacing_nothing_is_making),
        CASE(an_empty_folder_is_not_replaced_by_the_way),
        CASE(what_a_killed_process_left_is_cleared),
        CASE(a_kill_while_replacing_leaves_one_whole_folder),
        CASE(a_missing_parent_is_not_found),
        CASE(a_full_disk_is_told),
    };
    return cmocka_run_group_tests_name("staging", tests, NULL, NULL);
}
