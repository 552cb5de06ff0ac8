#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
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

static char *at(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void assert_content(const char *path, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = da_file_read(path, 1 << 20, &error);
    assert_null(error);
    assert_int_equal(g_bytes_get_size(bytes), strlen(wanted));
    assert_memory_equal(g_bytes_get_data(bytes, NULL) ?: "", wanted, strlen(wanted));
}

static void assert_code(GError *error, DaErrorCode code)
{
    assert_non_null(error);
    assert_int_equal(error->domain, DA_ERROR);
    assert_int_equal(error->code, code);
    g_error_free(error);
}

/* Nothing unfinished may lie about. */
static void assert_count(const char *path, guint count)
{
    g_autoptr(GPtrArray) names = da_dir_list(path, NULL);
    assert_int_equal(names->len, count);
}

static void written_bytes_are_read_again(void **state)
{
    g_autofree char *path = at("卷 1.xml");
    assert_true(da_file_write(path, "one", 3, NULL));
    assert_content(path, "one");
    assert_true(da_file_write(path, "longer than before", 18, NULL));
    assert_true(da_file_write(path, "", 0, NULL));
    assert_content(path, "");
    assert_count(folder, 1);
}

static void a_name_of_any_encoding_is_written(void **state)
{
    g_autofree char *path = at("\xB5\xB5\xB0\xB8");
    assert_true(da_file_write(path, "gb", 2, NULL));
    assert_content(path, "gb");
    g_autofree char *missing = at("\xB5\xB5/x");
    GError *error = NULL;
    assert_false(da_file_write(missing, "", 0, &error));
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_code(error, DA_ERROR_NOT_FOUND);
}

static void a_replaced_file_keeps_its_permissions(void **state)
{
    g_autofree char *path = scratch_file(folder, "key", "secret");
    assert_int_equal(g_chmod(path, 0600), 0);
    assert_true(da_file_write(path, "other", 5, NULL));
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
}

static void the_rest_of_a_killed_write_is_no_hindrance(void **state)
{
    g_autofree char *path = at("list.csv");
    g_autofree char *rest = scratch_file(folder, ".list.csv.part", "half of something much longer");
    assert_true(da_file_write(path, "whole", 5, NULL));
    assert_content(path, "whole");
    assert_false(g_file_test(rest, G_FILE_TEST_EXISTS));
}

static void a_link_in_the_place_of_the_part_is_not_followed(void **state)
{
    g_autofree char *path = at("x");
    g_autofree char *victim = scratch_file(folder, "victim", "untouched");
    g_autofree char *part = at(".x.part");
    assert_int_equal(symlink(victim, part), 0);
    GError *error = NULL;
    assert_false(da_file_write(path, "new", 3, &error));
    assert_content(victim, "untouched");
    assert_code(error, DA_ERROR_SYSTEM);
}

static void writers_of_one_name_leave_one_whole_file(void **state)
{
    g_autofree char *path = at("shared");
    gsize size = 300000;
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            g_autofree char *data = g_strnfill(size, (gchar)('a' + i));
            for (int n = 0; n < 30; n++) {
                if (!da_file_write(path, data, size - (gsize)i * 1000, NULL))
                    _exit(1);
            }
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++) {
        int status = 1;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    g_autoptr(GBytes) bytes = da_file_read(path, size, NULL);
    const char *data = g_bytes_get_data(bytes, NULL);
    assert_int_equal(g_bytes_get_size(bytes), size - (gsize)(data[0] - 'a') * 1000);
    for (gsize i = 0; i < g_bytes_get_size(bytes); i++)
        assert_int_equal(data[i], data[0]);
    assert_count(folder, 1);
}

static void a_killed_writer_leaves_the_old_or_the_new(void **state)
{
    g_autofree char *path = at("state");
    gsize size = 1 << 20;
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0) {
            for (gchar letter = 'a';; letter = letter == 'z' ? 'a' : (gchar)(letter + 1)) {
                g_autofree char *data = g_strnfill(size, letter);
                da_file_write(path, data, size, NULL);
            }
        }
        g_usleep(5000 + (gulong)round * 1500);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        g_autoptr(GBytes) bytes = da_file_read(path, size, NULL);
        assert_non_null(bytes);
        assert_int_equal(g_bytes_get_size(bytes), size);
        const char *data = g_bytes_get_data(bytes, NULL);
        assert_int_equal(data[0], data[size - 1]);
    }
}

static void a_full_disk_keeps_the_old_file(void **state)
{
    char *small = scratch_mount(folder, "size=64k");
    if (small == NULL)
        skip();
    g_autofree char *path = g_build_filename(small, "kept", NULL);
    g_autofree char *copy = g_build_filename(small, "copy", NULL);
    g_autofree char *data = g_strnfill(1 << 20, 'x');
    g_autofree char *large = scratch_file(folder, "large", data);
    gboolean first = da_file_write(path, "old", 3, NULL);
    GError *full = NULL, *copy_full = NULL;
    gboolean second = da_file_write(path, data, 1 << 20, &full);
    gboolean copied = da_file_copy(large, copy, &copy_full);
    g_autoptr(GBytes) left = da_file_read(path, 100, NULL);
    g_autoptr(GPtrArray) names = da_dir_list(small, NULL);
    scratch_unmount(small);
    assert_true(first && !second && !copied);
    assert_non_null(strstr(full->message, "free space"));
    assert_code(full, DA_ERROR_DISK);
    assert_code(copy_full, DA_ERROR_DISK);
    assert_int_equal(g_bytes_get_size(left), 3);
    assert_int_equal(names->len, 1);
}

static void what_is_no_regular_file_is_refused_at_once(void **state)
{
    g_autofree char *fifo = at("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_autofree char *name = at("socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, name, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    const char *const paths[] = {fifo, name, folder, "/dev/zero", "/dev/full"};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        GError *error = NULL;
        assert_null(da_file_read(paths[i], 100, &error));
        assert_code(error, DA_ERROR_INPUT);
        g_autofree char *to = at("to");
        error = NULL;
        assert_false(da_file_copy(paths[i], to, &error));
        assert_code(error, DA_ERROR_INPUT);
        error = NULL;
        assert_false(da_file_link_or_copy(paths[i], to, &error));
        assert_code(error, DA_ERROR_INPUT);
    }
    close(fd);
}

static void the_limit_is_kept_to_the_byte(void **state)
{
    g_autofree char *path = scratch_file(folder, "ten", "0123456789");
    g_autoptr(GBytes) bytes = da_file_read(path, 10, NULL);
    assert_int_equal(g_bytes_get_size(bytes), 10);
    GError *error = NULL;
    assert_null(da_file_read(path, 9, &error));
    assert_code(error, DA_ERROR_LIMIT);
    error = NULL;
    assert_null(da_file_read(path, 0, &error));
    assert_code(error, DA_ERROR_LIMIT);
    g_autoptr(GBytes) boundless = da_file_read(path, G_MAXSIZE, NULL);
    assert_int_equal(g_bytes_get_size(boundless), 10);
}

static void a_sparse_giant_is_refused_by_its_size(void **state)
{
    g_autofree char *path = scratch_file(folder, "giant", "");
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    GError *error = NULL;
    assert_null(da_file_read(path, 1 << 20, &error));
    assert_code(error, DA_ERROR_LIMIT);
}

static void what_is_not_there_is_not_found(void **state)
{
    g_autofree char *path = at("missing");
    GError *error = NULL;
    assert_null(da_file_read(path, 10, &error));
    assert_non_null(strstr(error->message, path));
    assert_code(error, DA_ERROR_NOT_FOUND);
    error = NULL;
    g_autofree char *below = at("missing/x");
    assert_false(da_file_write(below, "x", 1, &error));
    assert_code(error, DA_ERROR_NOT_FOUND);
}

static void a_path_without_a_name_is_no_place_for_a_file(void **state)
{
    static const char *const paths[] = {"", "/", ".", "..", "a/..", "///"};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        GError *error = NULL;
        assert_false(da_file_write(paths[i], "x", 1, &error));
        assert_code(error, DA_ERROR_USAGE);
    }
}

static void a_copy_is_equal_and_its_own(void **state)
{
    g_autofree char *data = g_strnfill(3 << 20, 'c');
    g_autofree char *from = scratch_file(folder, "from", data);
    g_autofree char *to = at("to");
    assert_true(da_file_copy(from, to, NULL));
    g_autoptr(GBytes) bytes = da_file_read(to, G_MAXSIZE, NULL);
    assert_int_equal(g_bytes_get_size(bytes), 3 << 20);
    struct stat a, b;
    stat(from, &a);
    stat(to, &b);
    assert_int_not_equal(a.st_ino, b.st_ino);
}

static void copy_and_link_refuse_a_name_that_is_taken(void **state)
{
    g_autofree char *from = scratch_file(folder, "from", "new");
    g_autofree char *to = scratch_file(folder, "to", "old");
    GError *error = NULL;
    assert_false(da_file_copy(from, to, &error));
    assert_code(error, DA_ERROR_CONFLICT);
    error = NULL;
    assert_false(da_file_link_or_copy(from, to, &error));
    assert_code(error, DA_ERROR_CONFLICT);
    assert_content(to, "old");
}

static void a_link_shares_the_file_and_else_is_a_copy(void **state)
{
    g_autofree char *from = scratch_file(folder, "from", "same");
    g_autofree char *link_name = at("link");
    assert_int_equal(symlink(from, link_name), 0);
    g_autofree char *to = at("to");
    assert_true(da_file_link_or_copy(link_name, to, NULL));
    struct stat a, b;
    stat(from, &a);
    lstat(to, &b);
    assert_int_equal(a.st_ino, b.st_ino);
    char *other = scratch_mount(folder, "size=64k");
    if (other == NULL)
        skip();
    g_autofree char *across = g_build_filename(other, "to", NULL);
    gboolean copied = da_file_link_or_copy(from, across, NULL);
    g_autoptr(GBytes) bytes = da_file_read(across, 100, NULL);
    scratch_unmount(other);
    assert_true(copied);
    assert_int_equal(g_bytes_get_size(bytes), 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(written_bytes_are_read_again),
        CASE(a_name_of_any_encoding_is_written),
        CASE(a_replaced_file_keeps_its_permissions),
        CASE(the_rest_of_a_killed_write_is_no_hindrance),
        CASE(a_link_in_the_place_of_the_part_is_not_followed),
        CASE(writers_of_one_name_leave_one_whole_file),
        CASE(a_killed_writer_leaves_the_old_or_the_new),
        CASE(a_full_disk_keeps_the_old_file),
        CASE(what_is_no_regular_file_is_refused_at_once),
        CASE(the_limit_is_kept_to_the_byte),
        CASE(a_sparse_giant_is_refused_by_its_size),
        CASE(what_is_not_there_is_not_found),
        CASE(a_path_without_a_name_is_no_place_for_a_file),
        CASE(a_copy_is_equal_and_its_own),
        CASE(copy_and_link_refuse_a_name_that_is_taken),
        CASE(a_link_shares_the_file_and_else_is_a_copy),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
