#include "keeping.h"

#include <dangan/custody.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/reindex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOBODY "00000000-0000-4000-8000-000000000000"

static const char *id_of(const Keeping *keeping)
{
    return keeping->fixture->dossier->id;
}

static const char *text(const json_t *custody, const char *member)
{
    return json_string_value(json_object_get(custody, member));
}

static void places_have_one_form(void **state)
{
    static const struct {
        const char *typed, *place;
    } cases[] = {{"2-B-3-1-4-17", "2-B-3-1-4-17"},
                 {" 02 - b -３-1-04- 017 ", "2-B-3-1-4-17"},
                 {"0-0-0-0-0-0", "0-0-0-0-0-0"},
                 {"2-B-3-1-4", NULL},
                 {"2-B-3-1-4-17-1", NULL},
                 {"2-B--1-4-17", NULL},
                 {"库-B-3-1-4-17", NULL},
                 {"2-B-3-1-4-123456789", NULL},
                 {"", NULL},
                 {"\xff-1-1-1-1-1", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *place = da_custody_place_parse(cases[i].typed, &error);
        if (g_strcmp0(place, cases[i].place) != 0)
            fail_msg("'%s' became '%s'", cases[i].typed, place ? place : "nothing");
        if (!place)
            assert_int_equal(error->code, DA_ERROR_USAGE);
    }
}

static void what_was_recorded_last_is_where_it_lies(void **state)
{
    Keeping *keeping = *state;
    assert_true(da_custody_locate(keeping->archive, keeping->db, id_of(keeping), "1-A-1-1-1-1",
                                  "甲", NULL));
    assert_true(da_custody_locate(keeping->archive, keeping->db, id_of(keeping), "2-b-3-1-4-17",
                                  "乙", NULL));
    g_autoptr(json_t) custody = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_string_equal(text(custody, "place"), "2-B-3-1-4-17");
    assert_true(json_is_null(json_object_get(custody, "life")));
    const json_t *records = json_object_get(custody, "records");
    const json_t *last = json_array_get(records, json_array_size(records) - 1);
    assert_string_equal(text(last, "kind"), "location");
    assert_string_equal(text(last, "by"), "乙");
}

static void holds_stand_until_they_are_released(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(GError) none = NULL, reason = NULL;
    assert_false(
        da_custody_release(keeping->archive, keeping->db, id_of(keeping), "结案", NULL, &none));
    assert_int_equal(none->code, DA_ERROR_CONFLICT);
    assert_false(da_custody_hold(keeping->archive, keeping->db, id_of(keeping), "", NULL, &reason));
    assert_int_equal(reason->code, DA_ERROR_USAGE);
    assert_true(da_custody_hold(keeping->archive, keeping->db, id_of(keeping), "诉讼", NULL, NULL));
    assert_true(da_custody_hold(keeping->archive, keeping->db, id_of(keeping), "审计", NULL, NULL));
    g_autoptr(json_t) held = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_int_equal(json_array_size(json_object_get(held, "holds")), 2);
    assert_true(
        da_custody_release(keeping->archive, keeping->db, id_of(keeping), "结案", NULL, NULL));
    g_autoptr(json_t) free_again = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_int_equal(json_array_size(json_object_get(free_again, "holds")), 0);
    assert_ask(keeping->db, "SELECT count(*) FROM hold WHERE released IS NOT NULL", "2");
}

static void what_became_of_a_person_can_be_put_right(void **state)
{
    Keeping *keeping = *state;
    DaArchive *archive = keeping->archive;
    const char *id = id_of(keeping);
    g_autoptr(GError) date = NULL, event = NULL, nobody = NULL, malformed = NULL;
    assert_true(
        da_custody_life(archive, keeping->db, id, "died", "2026年3月2日", "社区告知", NULL, NULL));
    g_autoptr(json_t) dead = da_custody_of(keeping->db, id, NULL);
    assert_string_equal(text(json_object_get(dead, "life"), "event"), "died");
    assert_string_equal(text(json_object_get(dead, "life"), "date"), "2026-03-02");
    assert_true(
        da_custody_life(archive, keeping->db, id, "corrected", NULL, "同名误记", NULL, NULL));
    g_autoptr(json_t) alive = da_custody_of(keeping->db, id, NULL);
    assert_string_equal(text(json_object_get(alive, "life"), "event"), "corrected");
    assert_false(da_custody_life(archive, keeping->db, id, "died", "yesterday", NULL, NULL, &date));
    assert_false(da_custody_life(archive, keeping->db, id, "retired", NULL, NULL, NULL, &event));
    assert_int_equal(event->code, DA_ERROR_USAGE);
    assert_false(da_custody_life(archive, keeping->db, NOBODY, "died", NULL, NULL, NULL, &nobody));
    assert_int_equal(nobody->code, DA_ERROR_NOT_FOUND);
    assert_null(da_custody_of(keeping->db, "nobody'; --", &malformed));
    assert_int_equal(malformed->code, DA_ERROR_NOT_FOUND);
}

static void an_index_that_is_made_anew_has_all_of_it(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = keeping_holdings(keeping->db);
    const DaReindexOptions options = {0};
    DaReindexResult result;
    assert_non_null(strstr(wanted, "2-B-3-1-4-17"));
    assert_true(da_reindex(keeping->scene->dir, &options, &result, NULL));
    g_autofree char *now = keeping_holdings(keeping->db);
    assert_string_equal(now, wanted);
}

static void the_program_records_and_shows(void **state)
{
    Keeping *keeping = *state;
    const char *dir = keeping->scene->dir, *id = id_of(keeping);
    g_autofree char *moved = NULL, *shown = NULL;
    assert_int_equal(scene_run(NULL, &moved, "custody", "moved", id, "--note", "迁往外地",
                               "--archive", dir, NULL),
                     0);
    assert_non_null(strstr(moved, "recorded as number"));
    assert_int_equal(
        scene_run(NULL, &shown, "custody", "show", id, "--archive", dir, "--json", NULL), 0);
    assert_non_null(strstr(shown, "迁往外地"));
    assert_int_equal(scene_run(NULL, NULL, "custody", "locate", id, "3", "--archive", dir, NULL),
                     2);
    assert_int_equal(scene_run(NULL, NULL, "custody", "locate", id, "--archive", dir, NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "custody", "hold", id, "--archive", dir, NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "custody", "show", NOBODY, "--archive", dir, NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "custody", "burn", id, "--archive", dir, NULL), 2);
    assert_true(scene_run("kill:record.kept", NULL, "custody", "hold", id, "--reason", "审计",
                          "--archive", dir, NULL) < 0);
    assert_ask(keeping->db, "SELECT count(*) FROM hold WHERE released IS NULL", "0");
    assert_int_equal(
        scene_run(NULL, NULL, "custody", "hold", id, "--reason", "审计", "--archive", dir, NULL),
        0);
    assert_ask(keeping->db, "SELECT count(*) FROM hold WHERE released IS NULL", "1");
}

/* As the rule of the profile found them; of the current version alone. */
static void missing_materials_are_listed(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *path = g_build_filename(keeping->scene->folder, "missing.csv", NULL);
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    g_autofree char *before = NULL, *list = NULL, *other = NULL;
    const char *dir = keeping->scene->dir;
    assert_true(da_db_script(
        keeping->db,
        "DELETE FROM finding WHERE rule = 'CAT-009'; INSERT INTO finding (dossier, version, number,"
        " rule, severity, body, district) SELECT id, v, 900 + v, 'CAT-009', 'warning',"
        " json_build_object('rule', 'CAT-009', 'wanted', '退休审批表' || v), district"
        " FROM dossier, (VALUES (1), (2)) AS versions (v)",
        NULL));
    assert_int_equal(scene_run(NULL, &before, "missing", "--archive", dir, "--out", path,
                               "--profile-dir", profiles, NULL),
                     0);
    assert_non_null(strstr(before, "1 missing materials"));
    assert_true(g_file_get_contents(path, &list, NULL, NULL));
    assert_non_null(strstr(list, "退休审批表2"));
    assert_null(strstr(list, "退休审批表1"));
    assert_non_null(strstr(list, "龚杉榕"));
    assert_int_equal(scene_run(NULL, &other, "missing", "--archive", dir, "--out", path,
                               "--district", "310199", "--profile-dir", profiles, NULL),
                     0);
    assert_non_null(strstr(other, "0 missing materials"));
    assert_int_equal(scene_run(NULL, NULL, "missing", "--archive", dir, NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "missing", "--archive", dir, "--out", path, "--profile",
                               "bagit", "--profile-dir", profiles, NULL),
                     2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_have_one_form),
        cmocka_unit_test(what_was_recorded_last_is_where_it_lies),
        cmocka_unit_test(holds_stand_until_they_are_released),
        cmocka_unit_test(what_became_of_a_person_can_be_put_right),
        cmocka_unit_test(an_index_that_is_made_anew_has_all_of_it),
        cmocka_unit_test(the_program_records_and_shows),
        cmocka_unit_test(missing_materials_are_listed),
    };
    return cmocka_run_group_tests_name("custody", tests, keeping_begin, keeping_end);
}
