#include "keeping.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/fsck.h>
#include <dangan/object.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- what fsck says ---------------------------------------------------------------------------------------------------- */

static void collect(const DaFsckProblem *problem, gpointer data)
{
    g_string_append_printf(data, "%s%s ", da_fsck_kind_name(problem->kind),
                           problem->mended ? "+" : "");
    assert_true(*problem->detail != '\0');
}

/* The kinds in the order of telling, "" = no problem; the caller owns it. */
static char *fsck_with(Keeping *keeping, DaFsckOptions options, DaFsckResult *result)
{
    GString *said = g_string_new(NULL);
    DaFsckResult unused;
    g_autoptr(GError) error = NULL;
    options.second_copy = keeping->copy;
    options.tell = collect;
    options.tell_data = said;
    if (!da_fsck(keeping->archive, keeping->db, &options, result ? result : &unused, &error))
        fail_msg("%s", error->message);
    return g_strchomp(g_string_free(said, FALSE));
}

static void assert_fsck(Keeping *keeping, const char *label, const char *wanted)
{
    g_autofree char *said = fsck_with(keeping, (DaFsckOptions){0}, NULL);
    if (strcmp(said, wanted) != 0)
        fail_msg("%s: fsck says '%s', wanted '%s'", label, said, wanted);
}

/* --- damages and their undoing ----------------------------------------------------------------------------------------- */

/* SQL as the owner of the database could run it, behind the program's back. */
static void sql(Keeping *keeping, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *all = g_strdup_printf("SET session_replication_role = replica; %s;"
                                           " SET session_replication_role = origin",
                                           text);
    if (!da_db_script(keeping->db, all, &error))
        fail_msg("%s: %s", text, error->message);
}

static char *path_of(Keeping *keeping, const char *query)
{
    g_autofree char *sha256 = scene_ask(keeping->db, query);
    return keeping_object_path(keeping->scene->dir, sha256);
}

#define MANIFEST "SELECT manifest FROM dossier_version ORDER BY version LIMIT 1"
#define PAGE "SELECT master_sha256 FROM page WHERE stem = '1-1-001' LIMIT 1"
/* 1 and 2 are deposits, 3 to 5 remarks. */
#define RECORD(n) "SELECT sha256 FROM record WHERE number = " #n

typedef enum { FLIP, DELETE, EMPTY, WRITABLE, FOLDER, LINK } Harm;

static void harm(const char *path, Harm kind)
{
    switch (kind) {
    case FLIP:
        keeping_flip(path);
        break;
    case DELETE:
    case FOLDER:
    case LINK:
        assert_int_equal(g_unlink(path), 0);
        break;
    case EMPTY:
        assert_int_equal(truncate(path, 0), 0);
        break;
    case WRITABLE:
        assert_int_equal(chmod(path, 0644), 0);
        break;
    }
    if (kind == FOLDER)
        assert_int_equal(g_mkdir(path, 0755), 0);
    if (kind == LINK)
        assert_int_equal(symlink("/etc/hostname", path), 0);
}

static void damaged_objects_are_found_and_come_back(void **state)
{
    Keeping *keeping = *state;
    static const struct {
        const char *label, *query;
        Harm harm;
        const char *found, *repaired, *after;
    } cases[] = {
        {"a page that is gone", PAGE, DELETE, "object-missing", "object-missing+", ""},
        {"a page that is empty", PAGE, EMPTY, "object-size", "object-size+", ""},
        {"a page that can be written", PAGE, WRITABLE, "object-mode", "object-mode+", ""},
        {"a folder in its place", PAGE, FOLDER, "foreign object-missing", "foreign object-missing+",
         ""},
        {"a link in its place", PAGE, LINK, "foreign object-missing", "foreign object-missing+",
         ""},
        {"a manifest that is gone", MANIFEST, DELETE, "object-missing", "object-missing+", ""},
        {"a manifest with a flipped bit", MANIFEST, FLIP, "manifest-damaged", "manifest-damaged",
         "manifest-damaged"},
        {"a record with a flipped bit", RECORD(4), FLIP, "record-damaged", "record-damaged",
         "record-damaged"},
        {"a record out of the middle", RECORD(4), DELETE, "object-missing", "object-missing+", ""},
        {"the last record", RECORD(5), DELETE, "object-missing", "object-missing+", ""},
    };
    assert_fsck(keeping, "untouched", "");
    keeping_backup(keeping);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = path_of(keeping, cases[i].query);
        harm(path, cases[i].harm);
        assert_fsck(keeping, cases[i].label, cases[i].found);
        g_autofree char *repaired = fsck_with(keeping, (DaFsckOptions){.repair = TRUE}, NULL);
        if (strcmp(repaired, cases[i].repaired) != 0)
            fail_msg("%s: repair says '%s'", cases[i].label, repaired);
        assert_fsck(keeping, cases[i].label, cases[i].after);
        if (cases[i].harm == FLIP)
            keeping_flip(path);
        assert_fsck(keeping, cases[i].label, "");
    }
    assert_ask(keeping->db, "SELECT count(*) FROM object_damage", "0");
    assert_ask(keeping->db, "SELECT count(*) > 6 FROM object_event WHERE event = 'repaired'", "t");
}

static void a_second_copy_that_is_damaged_as_well_is_said(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *sha256 = scene_ask(keeping->db, PAGE);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    g_autofree char *copy = keeping_object_path(keeping->copy, sha256);
    g_autofree char *kept = g_build_filename(keeping->scene->folder, "kept", NULL);
    assert_int_equal(g_rename(path, kept), 0);
    keeping_flip(copy);
    g_autofree char *said = fsck_with(keeping, (DaFsckOptions){.repair = TRUE}, NULL);
    assert_string_equal(said, "object-missing");
    keeping_flip(copy);
    assert_int_equal(g_rename(kept, path), 0);
    assert_fsck(keeping, "brought back", "");
    sql(keeping, "DELETE FROM object_damage");
}

/* Rows changed behind our back; `undo` makes them as they were. */
static void rows_that_lie_are_found(void **state)
{
    Keeping *keeping = *state;
    static const struct {
        const char *label, *change, *found, *undo;
    } cases[] = {
        {"an object row without more",
         "CREATE TEMP TABLE k AS SELECT * FROM object WHERE sha256 = (" PAGE ");"
         " DELETE FROM object WHERE sha256 = (" PAGE ")",
         "row-broken", "INSERT INTO object SELECT * FROM k; DROP TABLE k"},
        {"a size", "UPDATE object SET bytes = bytes + 1 WHERE sha256 = (" PAGE ")",
         "manifest-differs", "UPDATE object SET bytes = bytes - 1 WHERE sha256 = (" PAGE ")"},
        {"another manifest",
         "UPDATE dossier_version a SET manifest = b.manifest FROM dossier_version b"
         " WHERE a.version = 1 AND b.version = 2;"
         " UPDATE dossier_version SET files = files + 1 WHERE version = 2",
         "manifest-damaged manifest-differs", NULL},
        {"a former record", "UPDATE record SET former = sha256 WHERE number = 5",
         "chain-broken record-differs",
         "UPDATE record a SET former = b.sha256 FROM record b WHERE a.number = 5 AND b.number = 4"},
        {"who made a record", "UPDATE record SET operator = 'somebody' WHERE number = 4",
         "record-differs", NULL},
        {"a row out of the middle",
         "CREATE TEMP TABLE k AS SELECT * FROM record WHERE number = 4;"
         " DELETE FROM record WHERE number = 4",
         "row-broken row-broken chain-broken", "INSERT INTO record SELECT * FROM k; DROP TABLE k"},
    };
    g_autofree char *operator_name = scene_ask(keeping->db, "SELECT operator FROM record LIMIT 1");
    g_autofree char *manifest = scene_ask(keeping->db, MANIFEST);
    g_autofree char *operator_back =
        g_strdup_printf("UPDATE record SET operator = '%s'", operator_name);
    g_autofree char *manifest_back =
        g_strdup_printf("UPDATE dossier_version SET manifest = '%s' WHERE version = 1; UPDATE"
                        " dossier_version SET files = files - 1 WHERE version = 2",
                        manifest);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        sql(keeping, cases[i].change);
        g_autofree char *said = fsck_with(keeping, (DaFsckOptions){0}, NULL);
        if (!g_str_has_prefix(said, cases[i].found))
            fail_msg("%s: fsck says '%s', wanted '%s'", cases[i].label, said, cases[i].found);
        sql(keeping, cases[i].undo ? cases[i].undo : i == 2 ? manifest_back : operator_back);
        assert_fsck(keeping, cases[i].label, "");
    }
}

/* --- objects without rows ---------------------------------------------------------------------------------------------- */

static char *put_object(Keeping *keeping, const char *text)
{
    DaDigest digest = da_digest_bytes(text, strlen(text));
    g_autoptr(DaObjectStore) store = da_object_store_open(keeping->scene->dir, NULL);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(store, NULL);
    assert_true(da_object_stage_bytes(stage, text, strlen(text), digest.hex, NULL));
    assert_true(da_object_stage_commit(stage, NULL, NULL, NULL));
    return keeping_object_path(keeping->scene->dir, digest.hex);
}

static void leftovers_are_swept_when_they_are_old(void **state)
{
    Keeping *keeping = *state;
    DaFsckResult result;
    g_autofree char *path = put_object(keeping, "of a deposit that died");
    g_autofree char *young = fsck_with(keeping, (DaFsckOptions){.sweep = TRUE}, &result);
    assert_string_equal(young, "");
    assert_int_equal(result.young, 1);
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    /* Only the clock could make its name old. */
    const DaFsckOptions any_age = {.sweep = TRUE, .any_age = TRUE};
    g_autofree char *old = fsck_with(keeping, any_age, &result);
    assert_string_equal(old, "leftover");
    assert_int_equal(result.swept, 1);
    assert_int_equal(result.swept_bytes, strlen("of a deposit that died"));
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_ask(keeping->db,
               "SELECT count(*) || max(detail) FROM object_event WHERE event = 'swept'",
               "122 bytes");
    assert_fsck(keeping, "swept", "");
}

/* Where rows were lost, objects without rows may be all that is left. */
static void nothing_is_swept_where_rows_may_have_been_lost(void **state)
{
    Keeping *keeping = *state;
    DaFsckResult result;
    const DaFsckOptions any_age = {.sweep = TRUE, .any_age = TRUE};
    g_autofree char *path = put_object(keeping, "another");
    static const struct {
        const char *label, *change, *found;
    } cases[] = {
        {"the last record",
         "DELETE FROM remark WHERE record = 5; DELETE FROM object WHERE sha256 ="
         " (" RECORD(5) "); DELETE FROM record WHERE number = 5",
         "record-unfinished"},
        {"the last two",
         "DELETE FROM remark WHERE record = 4; DELETE FROM object WHERE sha256 ="
         " (" RECORD(4) "); DELETE FROM record WHERE number = 4",
         "record-lost"},
        {"all that is held",
         "DELETE FROM finding; DELETE FROM page_text; DELETE FROM page;"
         " DELETE FROM material; DELETE FROM remark; DELETE FROM record;"
         " DELETE FROM dossier_version; DELETE FROM object",
         "record-lost"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        sql(keeping, cases[i].change);
        g_autofree char *said = fsck_with(keeping, any_age, &result);
        if (!strstr(said, cases[i].found) || !result.sweep_refused || result.swept > 0)
            fail_msg("%s: fsck says '%s'", cases[i].label, said);
        assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    }
}

static void foreign_things_are_named_where_they_lie(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *objects = g_build_filename(keeping->scene->dir, "objects", NULL);
    static const char *const places[] = {"note.txt", "zz", "00/ff", "00/00/deeper", "00/00/\xff.x"};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename(objects, places[i], NULL);
        g_autofree char *folder = g_path_get_dirname(path);
        g_mkdir_with_parents(folder, 0755);
        assert_true(g_file_set_contents(path, "x", 1, NULL));
        assert_fsck(keeping, places[i], "foreign");
        assert_int_equal(g_unlink(path), 0);
    }
}

static void the_program_says_what_to_do(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *path = path_of(keeping, PAGE);
    g_autofree char *text = NULL, *json = NULL, *clean = NULL;
    harm(path, DELETE);
    assert_int_equal(scene_run(NULL, &text, "fsck", "--archive", keeping->scene->dir, NULL), 1);
    assert_non_null(strstr(text, "object-missing"));
    assert_non_null(strstr(text, "bring the object back"));
    assert_int_equal(
        scene_run(NULL, &json, "fsck", "--archive", keeping->scene->dir, "--json", NULL), 1);
    assert_non_null(strstr(json, "\"mend\": \"bring the object back"));
    g_autofree char *repaired = fsck_with(keeping, (DaFsckOptions){.repair = TRUE}, NULL);
    assert_string_equal(repaired, "object-missing+");
    assert_int_equal(scene_run(NULL, &clean, "fsck", "--archive", keeping->scene->dir, NULL), 0);
    assert_int_equal(scene_run(NULL, NULL, "fsck", NULL), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_objects_are_found_and_come_back),
        cmocka_unit_test(a_second_copy_that_is_damaged_as_well_is_said),
        cmocka_unit_test(rows_that_lie_are_found),
        cmocka_unit_test(leftovers_are_swept_when_they_are_old),
        cmocka_unit_test(foreign_things_are_named_where_they_lie),
        cmocka_unit_test(the_program_says_what_to_do),
        cmocka_unit_test(nothing_is_swept_where_rows_may_have_been_lost), /* last: rows are lost */
    };
    return cmocka_run_group_tests_name("fsck", tests, keeping_begin, keeping_end);
}
