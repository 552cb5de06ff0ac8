#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static int begin(void **state)
{
    folder = scratch_begin();
    return 0;
}

static int end(void **state)
{
    scratch_end(folder);
    return 0;
}

static void folders_above_are_made(void **state)
{
    g_autofree char *path = g_build_filename(folder, "a", "卷", "c", NULL);
    assert_true(da_dir_make(path, NULL));
    assert_true(da_dir_make(path, NULL));
    assert_true(g_file_test(path, G_FILE_TEST_IS_DIR));
    assert_true(da_dir_sync(path, NULL));
}

static void a_file_in_the_way_is_a_conflict(void **state)
{
    g_autofree char *file = scratch_file(folder, "file", "");
    g_autofree char *below = g_build_filename(file, "x", NULL);
    const char *const paths[] = {file, below};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(da_dir_make(paths[i], &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    }
}

static void a_listing_is_in_natural_order_with_hidden_names(void **state)
{
    static const char *const names[] = {"scan10", "scan2", ".hidden", "scan1", "\xB5\xB5"};
    static const char *const wanted[] = {".hidden", "scan1", "scan2", "scan10", "\xB5\xB5"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_free(scratch_file(folder, names[i], ""));
    g_autoptr(GPtrArray) found = da_dir_list(folder, NULL);
    assert_int_equal(found->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < found->len; i++)
        assert_string_equal(found->pdata[i], wanted[i]);
}

static void only_folders_can_be_listed_and_synced(void **state)
{
    g_autofree char *file = scratch_file(folder, "file", "");
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    const char *const paths[] = {file, missing};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL, sync_error = NULL;
        assert_null(da_dir_list(paths[i], &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
        assert_false(da_dir_sync(paths[i], &sync_error));
        assert_true(g_error_matches(sync_error, DA_ERROR, DA_ERROR_NOT_FOUND));
    }
}

static void a_tree_goes_without_following_links(void **state)
{
    g_autofree char *kept = scratch_file(folder, "kept", "here");
    g_autofree char *tree = g_build_filename(folder, "tree", NULL);
    g_autofree char *deep = g_build_filename(tree, "a", "b", NULL);
    g_autofree char *up = g_build_filename(deep, "up", NULL);
    g_autofree char *dangling = g_build_filename(tree, "dangling", NULL);
    g_autofree char *fifo = g_build_filename(deep, "fifo", NULL);
    assert_true(da_dir_make(deep, NULL));
    assert_int_equal(symlink(folder, up), 0);
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_free(scratch_file(deep, "\xB5\xB5", "x"));
    assert_true(da_tree_remove(tree, NULL));
    assert_false(g_file_test(tree, G_FILE_TEST_EXISTS));
    assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
}

static void a_link_to_a_folder_is_removed_and_not_the_folder(void **state)
{
    g_autofree char *target = g_build_filename(folder, "target", NULL);
    g_autofree char *link_name = g_build_filename(folder, "link", NULL);
    g_autofree char *with_slash = g_strconcat(link_name, "/", NULL);
    g_mkdir(target, 0755);
    g_free(scratch_file(target, "x", "x"));
    assert_int_equal(symlink("target", link_name), 0);
    assert_true(da_tree_remove(with_slash, NULL));
    assert_false(g_file_test(link_name, G_FILE_TEST_EXISTS));
    g_autoptr(GPtrArray) names = da_dir_list(target, NULL);
    assert_int_equal(names->len, 1);
}

static void removing_what_is_not_there_is_success(void **state)
{
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    assert_true(da_tree_remove(missing, NULL));
}

static void what_cannot_be_removed_is_named(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_false(da_tree_remove("/proc/self/status", &error));
    assert_non_null(strstr(error->message, "/proc/self/status"));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DENIED));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(folders_above_are_made),
        CASE(a_file_in_the_way_is_a_conflict),
        CASE(a_listing_is_in_natural_order_with_hidden_names),
        CASE(only_folders_can_be_listed_and_synced),
        CASE(a_tree_goes_without_following_links),
        CASE(a_link_to_a_folder_is_removed_and_not_the_folder),
        CASE(removing_what_is_not_there_is_success),
        CASE(what_cannot_be_removed_is_named),
    };
    return cmocka_run_group_tests_name("dir", tests, NULL, NULL);
}
