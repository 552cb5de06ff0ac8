#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/outfile.h>
#include <errno.h>
#include <glib/gstdio.h>

static char *folder, *place;

static int begin(void **state)
{
    folder = scratch_begin();
    place = g_build_filename(folder, "卷.pdf", NULL);
    return 0;
}

static int end(void **state)
{
    g_free(place);
    scratch_end(folder);
    return 0;
}

static guint names(void)
{
    g_autoptr(GPtrArray) found = da_dir_list(folder, NULL);
    return found->len;
}

static void expect_content(const char *wanted)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(place, &text, NULL, NULL));
    assert_string_equal(text, wanted);
}

static void it_appears_when_it_is_committed(void **state)
{
    g_autoptr(DaOutFile) file = da_outfile_new(place, FALSE, NULL);
    assert_true(da_outfile_write(file, "one ", 4, NULL));
    assert_true(da_outfile_write(file, "two", 3, NULL));
    assert_int_equal(da_outfile_size(file), 7);
    assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
    assert_true(da_outfile_commit(file, NULL));
    expect_content("one two");
    assert_int_equal(names(), 1);
}

static void without_a_commit_nothing_is_left(void **state)
{
    DaOutFile *file = da_outfile_new(place, FALSE, NULL);
    assert_true(da_outfile_write(file, "x", 1, NULL));
    da_outfile_free(file);
    assert_int_equal(names(), 0);
}

static void what_a_killed_process_left_is_removed(void **state)
{
    g_free(scratch_file(folder, ".卷.pdf.part", "old and much longer"));
    g_autoptr(DaOutFile) file = da_outfile_new(place, FALSE, NULL);
    assert_true(da_outfile_write(file, "new", 3, NULL));
    assert_true(da_outfile_commit(file, NULL));
    expect_content("new");
    assert_int_equal(names(), 1);
}

static void an_existing_file_is_kept_unless_it_may_be_replaced(void **state)
{
    g_free(scratch_file(folder, "卷.pdf", "old"));
    g_autoptr(GError) error = NULL;
    assert_null(da_outfile_new(place, FALSE, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    g_autoptr(DaOutFile) file = da_outfile_new(place, TRUE, NULL);
    assert_true(da_outfile_write(file, "new", 3, NULL));
    expect_content("old");
    assert_true(da_outfile_commit(file, NULL));
    expect_content("new");
}

static void one_that_came_meanwhile_is_kept(void **state)
{
    g_autoptr(DaOutFile) file = da_outfile_new(place, FALSE, NULL);
    g_free(scratch_file(folder, "卷.pdf", "theirs"));
    g_autoptr(GError) error = NULL;
    assert_false(da_outfile_commit(file, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    expect_content("theirs");
}

static void a_full_disk_is_said(void **state)
{
    g_autofree char *big = g_malloc0(1 << 20);
    char *mounted = scratch_mount(folder, "size=64k");
    if (!mounted)
        skip();
    g_autofree char *path = g_build_filename(mounted, "big", NULL);
    g_autoptr(GError) error = NULL;
    DaOutFile *file = da_outfile_new(path, FALSE, NULL);
    assert_false(da_outfile_write(file, big, 1 << 20, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
    da_outfile_free(file);
    g_autoptr(GPtrArray) left = da_dir_list(mounted, NULL);
    assert_int_equal(left->len, 0);
    scratch_unmount(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_appears_when_it_is_committed, begin, end),
        cmocka_unit_test_setup_teardown(without_a_commit_nothing_is_left, begin, end),
        cmocka_unit_test_setup_teardown(what_a_killed_process_left_is_removed, begin, end),
        cmocka_unit_test_setup_teardown(an_existing_file_is_kept_unless_it_may_be_replaced, begin,
                                        end),
        cmocka_unit_test_setup_teardown(one_that_came_meanwhile_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
