#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"

#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HEX_UPPER "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
#define CREATED "2026-03-01T08:30:00Z"

static int begin(void **state)
{
    *state = scratch_begin();
    return 0;
}

static int end(void **state)
{
    scratch_end(*state);
    return 0;
}

static void add(GPtrArray *payload, const char *folder, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(folder, path, NULL);
    g_autofree char *parent = g_path_get_dirname(full);
    assert_true(da_dir_make(parent, NULL));
    assert_true(g_file_set_contents(full, text, -1, NULL));
    DaBagEntry *entry = g_new0(DaBagEntry, 1);
    entry->path = g_strdup(path);
    entry->sha256 = g_strdup(da_digest_bytes(text, strlen(text)).hex);
    entry->size_bytes = strlen(text);
    g_ptr_array_add(payload, entry);
}

static GPtrArray *sample_payload(const char *folder)
{
    GPtrArray *payload = g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    add(payload, folder, "data/x/b.txt", "two");
    add(payload, folder, "data/x/a.txt", "one");
    add(payload, folder, "data/x/档案 50%25.txt", "four");
    return payload;
}

static char *content_of(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void a_bag_is_written_as_the_standard_says(void **state)
{
    g_autoptr(GPtrArray) payload = sample_payload(*state);
    assert_true(da_bag_write(*state, "4f0c", CREATED, payload, NULL));
    g_autofree char *declaration = content_of(*state, "bagit.txt");
    assert_string_equal(declaration, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    g_autofree char *info = content_of(*state, "bag-info.txt");
    assert_string_equal(info,
                        "Bag-Software-Agent: dangan " DANGAN_VERSION "\nBagging-Date: 2026-03-01\n"
                        "External-Identifier: 4f0c\nPayload-Oxum: 10.3\n");
    g_autofree char *manifest = content_of(*state, "manifest-sha256.txt");
    g_auto(GStrv) line = g_strsplit(manifest, "\n", -1);
    assert_int_equal(g_strv_length(line), 4);
    assert_true(g_str_has_suffix(line[0], "  data/x/a.txt"));
    assert_true(g_str_has_suffix(line[1], "  data/x/b.txt"));
    assert_true(g_str_has_suffix(line[2], "  data/x/档案 50%2525.txt"));
    g_autofree char *tags = content_of(*state, "tagmanifest-sha256.txt");
    assert_non_null(strstr(tags, "  bagit.txt\n"));
    assert_non_null(strstr(tags, "  bag-info.txt\n"));
    assert_non_null(strstr(tags, "  manifest-sha256.txt\n"));
}

static void what_was_written_is_read(void **state)
{
    g_autoptr(GPtrArray) payload = sample_payload(*state);
    assert_true(da_bag_write(*state, "4f0c", CREATED, payload, NULL));
    g_autoptr(GPtrArray) read = da_bag_read_manifest(*state, "manifest-sha256.txt", NULL);
    assert_int_equal(read->len, payload->len);
    for (guint i = 0; i < read->len; i++) {
        const DaBagEntry *one = g_ptr_array_index(read, i), *other = g_ptr_array_index(payload, i);
        assert_string_equal(one->path, other->path);
        assert_string_equal(one->sha256, other->sha256);
    }
    g_autoptr(GPtrArray) tags = da_bag_read_manifest(*state, "tagmanifest-sha256.txt", NULL);
    assert_int_equal(tags->len, 3);
}

static void the_digest_is_that_of_the_tag_manifest(void **state)
{
    g_autoptr(GPtrArray) payload = sample_payload(*state);
    assert_true(da_bag_write(*state, "4f0c", CREATED, payload, NULL));
    g_autofree char *digest = da_bag_digest(*state, NULL);
    g_autofree char *tags = content_of(*state, "tagmanifest-sha256.txt");
    assert_string_equal(digest, da_digest_bytes(tags, strlen(tags)).hex);
}

static void sha256sum_finds_the_bag_complete(void **state)
{
    static const char *const manifests[] = {"manifest-sha256.txt", "tagmanifest-sha256.txt"};
    g_autoptr(GPtrArray) payload = sample_payload(*state);
    /* sha256sum knows nothing of the escaped `%`. */
    g_ptr_array_set_size(payload, 2);
    assert_true(da_bag_write(*state, "4f0c", CREATED, payload, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(manifests); i++) {
        const char *arguments[] = {"sha256sum", "--check",    "--strict",
                                   "--quiet",   manifests[i], NULL};
        int status = 1;
        assert_true(g_spawn_sync(*state, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                                 NULL, NULL, &status, NULL));
        assert_int_equal(status, 0);
    }
}

static void a_wrong_payload_is_not_written(void **state)
{
    static const struct {
        const char *path, *sha256;
    } cases[] = {
        {"data/../x", HEX}, {"/etc/passwd", HEX}, {"METS.xml", HEX},        {"data/a\nb", HEX},
        {"data//x", HEX},   {"data/x", NULL},     {"data/x", "e3b0c44298"}, {"data/x", HEX_UPPER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) payload =
            g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
        DaBagEntry *entry = g_new0(DaBagEntry, 1);
        entry->path = g_strdup(cases[i].path);
        entry->sha256 = g_strdup(cases[i].sha256);
        g_ptr_array_add(payload, entry);
        g_autoptr(GError) error = NULL;
        assert_false(da_bag_write(*state, "4f0c", CREATED, payload, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    assert_false(da_bag_write(*state, "4f0c\nPayload-Oxum: 0.0", CREATED, none, NULL));
}

static void a_full_disk_is_said(void **state)
{
    char *small = scratch_mount(*state, "size=16k");
    if (!small)
        skip();
    g_autofree char *filler = g_build_filename(small, "filler", NULL);
    g_autofree char *zeros = g_malloc0(16384);
    g_file_set_contents_full(filler, zeros, 12288, G_FILE_SET_CONTENTS_NONE, 0644, NULL);
    g_autoptr(GPtrArray) payload =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    for (int i = 0; i < 200; i++) {
        DaBagEntry *entry = g_new0(DaBagEntry, 1);
        entry->path = g_strdup_printf("data/x/%03d", i);
        entry->sha256 = g_strdup(HEX);
        g_ptr_array_add(payload, entry);
    }
    g_autoptr(GError) error = NULL;
    gboolean written = da_bag_write(small, "4f0c", CREATED, payload, &error);
    scratch_unmount(small);
    assert_false(written);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static void manifests_of_other_writers_are_read(void **state)
{
    static const struct {
        const char *label, *text, *path;
        guint entries;
    } cases[] = {
        {"one blank", HEX " data/a\n", "data/a", 1},
        {"tab", HEX "\tdata/a\n", "data/a", 1},
        {"binary mark", HEX " *data/a\n", "data/a", 1},
        {"upper case", HEX_UPPER "  data/a\n", "data/a", 1},
        {"CRLF", HEX "  data/a\r\n" HEX "  data/b\r\n", "data/a", 2},
        {"CR", HEX "  data/a\r" HEX "  data/b\r", "data/a", 2},
        {"no last line end", HEX "  data/a", "data/a", 1},
        {"empty lines", "\n\n" HEX "  data/a\n\n", "data/a", 1},
        {"blanks inside", HEX "  data/a b  c\n", "data/a b  c", 1},
        {"escaped percent", HEX "  data/a%25b\n", "data/a%b", 1},
        {"other escapes stand for themselves", HEX "  data/a%20b%\n", "data/a%20b%", 1},
        {"no files", "", NULL, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_free(scratch_file(*state, "manifest-sha256.txt", cases[i].text));
        g_autoptr(GPtrArray) read = da_bag_read_manifest(*state, "manifest-sha256.txt", &error);
        if (!read)
            fail_msg("%s: %s", cases[i].label, error->message);
        assert_int_equal(read->len, cases[i].entries);
        if (read->len == 0)
            continue;
        const DaBagEntry *entry = g_ptr_array_index(read, 0);
        assert_string_equal(entry->path, cases[i].path);
        assert_string_equal(entry->sha256, HEX);
    }
}

static void a_wrong_manifest_is_refused_by_line(void **state)
{
    static const struct {
        const char *label, *name, *text, *says;
    } cases[] = {
        {"prose", "manifest-sha256.txt", "hello\n", "line 1"},
        {"short digest", "manifest-sha256.txt", HEX "  data/a\nabc  data/b\n", "line 2"},
        {"no path", "manifest-sha256.txt", HEX "\n", "line 1"},
        {"blank path", "manifest-sha256.txt", HEX "   \n", "line 1"},
        {"parent", "manifest-sha256.txt", HEX "  data/../../etc/passwd\n", "unsafe"},
        {"absolute", "manifest-sha256.txt", HEX "  /etc/passwd\n", "unsafe"},
        {"home", "manifest-sha256.txt", HEX "  ~/x\n", "unsafe"},
        {"drive", "manifest-sha256.txt", HEX "  C:/x\n", "unsafe"},
        {"backslash", "manifest-sha256.txt", HEX "  data\\x\n", "unsafe"},
        {"escaped line end", "manifest-sha256.txt", HEX "  data/a%0Ab\n", "unsafe"},
        {"broken UTF-8", "manifest-sha256.txt", HEX "  data/\xff\n", "unsafe"},
        {"twice", "manifest-sha256.txt", HEX "  data/a\n\n" HEX "  data/a\n", "line 3"},
        {"twice, once escaped", "manifest-sha256.txt", HEX "  data/%\n" HEX "  data/%25\n",
         "second time"},
        {"tag file", "manifest-sha256.txt", HEX "  bagit.txt\n", "outside data/"},
        {"payload file", "tagmanifest-sha256.txt", HEX "  data/a\n", "payload file"},
        {"byte order mark", "manifest-sha256.txt", "\xef\xbb\xbf" HEX "  data/a\n", "line 1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_free(scratch_file(*state, cases[i].name, cases[i].text));
        if (da_bag_read_manifest(*state, cases[i].name, &error))
            fail_msg("%s was read", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        if (!strstr(error->message, cases[i].says) || !strstr(error->message, cases[i].name))
            fail_msg("%s: %s", cases[i].label, error->message);
    }
}

static void a_manifest_with_a_nul_byte_is_refused(void **state)
{
    static const char text[] = HEX "  data/a\n\0" HEX "  data/b\n";
    g_autofree char *path = g_build_filename(*state, "manifest-sha256.txt", NULL);
    assert_true(g_file_set_contents(path, text, sizeof text - 1, NULL));
    g_autoptr(GError) error = NULL;
    assert_null(da_bag_read_manifest(*state, "manifest-sha256.txt", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

static void a_missing_manifest_is_not_found(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(da_bag_read_manifest(*state, "manifest-sha256.txt", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

static void bag_info_gives_values(void **state)
{
    static const struct {
        const char *label, *value;
    } cases[] = {
        {"Payload-Oxum", "10.3"},
        {"payload-oxum", "10.3"},
        {"Contact-Name", "first"},
        {"Long", "one two three"},
        {"Empty", ""},
        {"Time", "a: b"},
        {"Missing", NULL},
        {"two", NULL},
    };
    g_free(scratch_file(*state, "bag-info.txt",
                        "Payload-Oxum: 10.3\r\nContact-Name:first\nContact-Name: second\nLong: "
                        "one\n  two\n\tthree\n"
                        "Empty:\nTime : a: b\nno label\n"));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *value = da_bag_info(*state, cases[i].label, &error);
        assert_null(error);
        if (g_strcmp0(value, cases[i].value) != 0)
            fail_msg("%s: %s", cases[i].label, value ? value : "(none)");
    }
}

static void a_bag_without_bag_info_says_nothing(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(da_bag_info(*state, "Payload-Oxum", &error));
    assert_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bag_is_written_as_the_standard_says, begin, end),
        cmocka_unit_test_setup_teardown(what_was_written_is_read, begin, end),
        cmocka_unit_test_setup_teardown(the_digest_is_that_of_the_tag_manifest, begin, end),
        cmocka_unit_test_setup_teardown(sha256sum_finds_the_bag_complete, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_payload_is_not_written, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said, begin, end),
        cmocka_unit_test_setup_teardown(manifests_of_other_writers_are_read, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_manifest_is_refused_by_line, begin, end),
        cmocka_unit_test_setup_teardown(a_manifest_with_a_nul_byte_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_missing_manifest_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(bag_info_gives_values, begin, end),
        cmocka_unit_test_setup_teardown(a_bag_without_bag_info_says_nothing, begin, end),
    };
    return cmocka_run_group_tests_name("bag", tests, NULL, NULL);
}
