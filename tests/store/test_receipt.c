#include "keeping.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/receipt.h>
#include <dangan/retrieve.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *folder, *key, *first, *page;

/* Receipts of the two deposits and three remarks, and the package of the second version. */
static int begin(void **state)
{
    keeping_begin(state);
    Keeping *keeping = *state;
    folder = g_build_filename(keeping->scene->folder, "receipts", NULL);
    key = g_build_filename(folder, "archive.key.pub", NULL);
    first = g_build_filename(folder, "receipt-000001.json", NULL);
    page = g_build_filename(folder, "receipt-000002.html", NULL);
    g_autofree char *output = NULL;
    if (scene_run(NULL, &output, "receipt", "write", "--archive", keeping->scene->dir, "--out",
                  folder, NULL) != 0)
        g_error("%s", output);
    return 0;
}

static int end(void **state)
{
    g_free(folder);
    g_free(key);
    g_free(first);
    g_free(page);
    return keeping_end(state);
}

static void assert_says(int status, int wanted, const char *output, const char *words)
{
    if (status != wanted || !strstr(output, words))
        fail_msg("status %d, wanted %d and '%s': %s", status, wanted, words, output);
}

/* `package` NULL = none. */
static void assert_check(const char *what, const char *package, int wanted, const char *words)
{
    g_autofree char *output = NULL;
    int status = package ? scene_run(NULL, &output, "receipt", "check", what, "--key", key,
                                     "--package", package, NULL)
                         : scene_run(NULL, &output, "receipt", "check", what, "--key", key, NULL);
    assert_says(status, wanted, output, words);
}

static char *text_of(const char *path)
{
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* Writes the text with `from` turned into `to`, checks, and puts it back. */
static void assert_altered(const char *path, const char *from, const char *to, const char *words)
{
    g_autofree char *text = text_of(path);
    g_autoptr(GString) changed = g_string_new(text);
    assert_int_equal(g_string_replace(changed, from, to, 1), 1);
    assert_true(g_file_set_contents(path, changed->str, -1, NULL));
    assert_check(path, NULL, 2, words);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_check(path, NULL, 0, "unaltered");
}

static void receipts_are_checked_without_the_archive(void **state)
{
    Keeping *keeping = *state;
    assert_check(folder, NULL, 0, "10 files are unaltered");
    assert_check(folder, keeping->fixture->package, 0, "1 packages are as the receipts say");
    g_autofree char *text = text_of(first);
    assert_non_null(strstr(text, keeping->fixture->dossier->id));
    assert_null(strstr(text, "龚杉榕")); /* nobody is named */
    assert_null(strstr(text, "11010519491231002X"));
}

static void what_was_altered_is_named(void **state)
{
    assert_altered(first, "\"version\": 1", "\"version\": 7", "altered is ");
    assert_altered(first, "\"pages\": ", "\"pages\": 1", "altered is counts");
    assert_altered(first, "\"outcome\": \"accepted\"", "\"outcome\": \"returned\"",
                   "altered is outcome");
    assert_altered(first, "\"number\": 1,", "\"number\": 2,", "altered after it was signed");
    assert_altered(page, "已入库保管", "未入库保管", "does not show what was signed");
}

static void a_changed_byte_of_the_package_is_named(void **state)
{
    Keeping *keeping = *state;
    const char *package = keeping->fixture->package;
    g_autofree char *image =
        fixture_path(keeping->fixture, "representations/access/data/1-1-001.jpg");
    g_autofree char *manifest = g_build_filename(package, "manifest-sha256.txt", NULL);
    g_autofree char *surplus = g_build_filename(package, "data", "more.txt", NULL);
    keeping_flip(image);
    assert_check(folder, package, 1, "1-1-001.jpg' was altered");
    keeping_flip(image);
    keeping_flip(manifest);
    assert_check(folder, package, 1, "'manifest-sha256.txt'");
    keeping_flip(manifest);
    assert_true(g_file_set_contents(surplus, "x", 1, NULL));
    assert_check(folder, package, 1, "more.txt");
    assert_int_equal(g_unlink(surplus), 0);
    assert_check(folder, package, 0, "as the receipts say");
    g_autofree char *former = g_build_filename(keeping->scene->folder, "former", NULL);
    assert_true(
        da_retrieve(keeping->archive, keeping->db, keeping->fixture->dossier->id, 1, former, NULL));
    assert_check(first, former, 0, "as the receipts say");
    assert_check(first, package, 1, "its digest, which is the package's");
}

static void a_receipt_that_was_taken_out_shows(void **state)
{
    static const char *const out[] = {"receipt-000003.json", "receipt-000003.html"};
    g_autofree char *aside = g_build_filename(folder, "aside", NULL);
    assert_int_equal(g_mkdir(aside, 0755), 0);
    for (guint i = 0; i < G_N_ELEMENTS(out); i++) {
        g_autofree char *from = g_build_filename(folder, out[i], NULL);
        g_autofree char *to = g_build_filename(aside, out[i], NULL);
        assert_int_equal(g_rename(from, to), 0);
    }
    assert_check(folder, NULL, 1, "No. 3 is missing");
    for (guint i = 0; i < G_N_ELEMENTS(out); i++) {
        g_autofree char *from = g_build_filename(folder, out[i], NULL);
        g_autofree char *to = g_build_filename(aside, out[i], NULL);
        assert_int_equal(g_rename(to, from), 0);
    }
    assert_check(folder, NULL, 0, "unaltered");
}

static void another_key_and_no_receipt_are_refused(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *other = g_build_filename(keeping->scene->folder, "other.key", NULL);
    g_autofree char *public = g_strconcat(other, ".pub", NULL);
    g_autofree char *output = NULL;
    assert_int_equal(scene_run(NULL, NULL, "receipt", "key", other, NULL), 0);
    int status = scene_run(NULL, &output, "receipt", "check", first, "--key", public, NULL);
    assert_says(status, 2, output, "key");
    assert_check(keeping->scene->dir, NULL, 2, "no signed document");
    assert_check(key, NULL, 2, "none of ours");
    assert_check("/no/such", NULL, 2, "/no/such");
}

static void the_archive_writes_those_of_a_dossier_or_one(void **state)
{
    Keeping *keeping = *state;
    const char *dir = keeping->scene->dir;
    static const struct {
        const char *of;
        int status;
        const char *words;
    } cases[] = {{"2", 0, "1 receipts"},
                 {"99", 2, "no record 99"},
                 {"nobody", 2, "no receipt of dossier nobody"},
                 {"00000000-0000-4000-8000-000000000000", 2, "no receipt of dossier"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *to = g_strdup_printf("%s/some-%u", keeping->scene->folder, i);
        g_autofree char *output = NULL;
        int status = scene_run(NULL, &output, "receipt", "write", cases[i].of, "--archive", dir,
                               "--out", to, NULL);
        assert_says(status, cases[i].status, output, cases[i].words);
    }
    g_autofree char *all = g_build_filename(keeping->scene->folder, "all", NULL);
    g_autofree char *output = NULL;
    int status = scene_run(NULL, &output, "receipt", "write", keeping->fixture->dossier->id,
                           "--archive", dir, "--out", all, NULL);
    assert_says(status, 0, output, "5 receipts");
    assert_int_equal(scene_run(NULL, NULL, "receipt", "write", "--out", all, NULL), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_are_checked_without_the_archive),
        cmocka_unit_test(what_was_altered_is_named),
        cmocka_unit_test(a_changed_byte_of_the_package_is_named),
        cmocka_unit_test(a_receipt_that_was_taken_out_shows),
        cmocka_unit_test(another_key_and_no_receipt_are_refused),
        cmocka_unit_test(the_archive_writes_those_of_a_dossier_or_one),
    };
    return cmocka_run_group_tests_name("receipt", tests, begin, end);
}
