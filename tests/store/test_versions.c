#include "keeping.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/versions.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void versions_are_listed_oldest_first(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(json_t) list = da_versions_list(keeping->db, keeping->fixture->dossier->id, NULL);
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *version = json_array_get(list, i);
        assert_int_equal(json_integer_value(json_object_get(version, "version")), i + 1);
        assert_int_equal(json_integer_value(json_object_get(version, "pages")), 3 + i);
        assert_int_equal(json_is_true(json_object_get(version, "current")), i == 1);
        assert_string_equal(json_string_value(json_object_get(version, "why")), "deposit");
        assert_int_equal(json_integer_value(json_object_get(version, "record")), i + 1);
        assert_int_equal(strlen(json_string_value(json_object_get(version, "package_digest"))), 64);
    }
}

static json_t *compare(Keeping *keeping, guint first, guint second)
{
    g_autoptr(GError) error = NULL;
    json_t *comparison = da_versions_compare(keeping->archive, keeping->db,
                                             keeping->fixture->dossier->id, first, second, &error);
    if (!comparison)
        fail_msg("%s", error->message);
    return comparison;
}

static size_t count(const json_t *comparison, const char *part, const char *list)
{
    return json_array_size(json_object_get(json_object_get(comparison, part), list));
}

static void a_comparison_says_what_changed_either_way(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(json_t) forth = compare(keeping, 1, 2), back = compare(keeping, 2, 1);
    g_autoptr(json_t) same = compare(keeping, 2, 2);
    const json_t *note = json_array_get(json_object_get(forth, "person"), 0);
    assert_int_equal(json_array_size(json_object_get(forth, "person")), 1);
    assert_string_equal(json_string_value(json_object_get(note, "field")), "note");
    assert_true(json_is_null(json_object_get(note, "first")));
    assert_string_equal(json_string_value(json_object_get(note, "second")), "补记");
    assert_int_equal(count(forth, "pages", "added"), 1);
    assert_int_equal(count(forth, "pages", "removed"), 0);
    assert_int_equal(count(back, "pages", "removed"), 1);
    assert_int_equal(count(forth, "materials", "added"), 0);
    assert_int_equal(count(forth, "materials", "changed"), 1); /* its number of pages */
    const json_t *pages = json_object_get(forth, "pages");
    assert_int_equal(json_integer_value(json_object_get(pages, "same")), 3);
    assert_int_equal(count(same, "pages", "added") + count(same, "materials", "changed") +
                         json_array_size(json_object_get(same, "person")),
                     0);
}

static void what_is_not_there_is_said(void **state)
{
    Keeping *keeping = *state;
    const char *id = keeping->fixture->dossier->id;
    g_autoptr(GError) dossier = NULL, version = NULL;
    assert_null(da_versions_list(keeping->db, "00000000-0000-4000-8000-000000000000", &dossier));
    assert_true(g_error_matches(dossier, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_null(da_versions_compare(keeping->archive, keeping->db, id, 1, 3, &version));
    assert_true(g_error_matches(version, DA_ERROR, DA_ERROR_NOT_FOUND));
    const char *dir = keeping->scene->dir;
    assert_int_equal(scene_run(NULL, NULL, "versions", "--archive", dir, "nobody", NULL), 2);
    assert_int_equal(
        scene_run(NULL, NULL, "versions", "--archive", dir, id, "--compare", "1", "x", NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "versions", "--archive", dir, id, "--compare", NULL), 2);
}

/* The second package still lies where it was made, the first is made again from its version. */
static void any_version_comes_back_byte_for_byte(void **state)
{
    Keeping *keeping = *state;
    const char *id = keeping->fixture->dossier->id, *dir = keeping->scene->dir;
    g_autofree char *newest = g_build_filename(keeping->scene->folder, "newest", NULL);
    g_autofree char *first = g_build_filename(keeping->scene->folder, "first", id, NULL);
    g_autofree char *above = g_path_get_dirname(first);
    assert_true(da_dir_make(above, NULL));
    assert_int_equal(scene_run(NULL, NULL, "export", id, "--archive", dir, "--as", "package",
                               "--out", newest, NULL),
                     0);
    g_autofree char *differ =
        g_strdup_printf("diff -r '%s' '%s'", newest, keeping->fixture->package);
    assert_int_equal(system(differ), 0);
    assert_int_equal(scene_run(NULL, NULL, "export", id, "--archive", dir, "--as", "package",
                               "--version", "1", "--out", first, NULL),
                     0);
    /* Its own manifests say that every byte is there, and the tag manifest has the digest of the deposit. */
    g_autofree char *check = g_strdup_printf(
        "cd '%s' && sha256sum --quiet -c manifest-sha256.txt tagmanifest-sha256.txt", first);
    assert_int_equal(system(check), 0);
    g_autofree char *tag = g_build_filename(first, "tagmanifest-sha256.txt", NULL);
    DaDigest digest;
    assert_true(da_digest_file(tag, &digest, NULL, NULL));
    assert_ask(keeping->db, "SELECT package_digest FROM dossier_version WHERE version = 1",
               digest.hex);
    assert_int_equal(scene_run(NULL, NULL, "export", id, "--archive", dir, "--as", "package",
                               "--version", "9", "--out", first, NULL),
                     2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_listed_oldest_first),
        cmocka_unit_test(a_comparison_says_what_changed_either_way),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(any_version_comes_back_byte_for_byte),
    };
    return cmocka_run_group_tests_name("versions", tests, keeping_begin, keeping_end);
}
