#include "keeping.h"

#include <dangan/backup.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/fsck.h>
#include <dangan/retrieve.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define MASTER "SELECT master_sha256 FROM page WHERE stem = '1-1-001' LIMIT 1"

static gboolean backup(Keeping *keeping, const char *to, DaBackupResult *result, GError **error)
{
    const DaBackupOptions options = {.keep = 2};
    return da_backup(keeping->archive, to, &options, result, error);
}

static void must_back_up(Keeping *keeping, DaBackupResult *result)
{
    g_autoptr(GError) error = NULL;
    if (!backup(keeping, keeping->copy, result, &error))
        fail_msg("%s", error->message);
}

static void assert_same_folders(const char *a, const char *b)
{
    g_autofree char *command = g_strdup_printf("diff -r '%s' '%s'", a, b);
    assert_int_equal(system(command), 0);
}

/* --- backup ------------------------------------------------------------------------------------------------------------ */

static void the_second_backup_copies_what_is_new(void **state)
{
    Keeping *keeping = *state;
    g_auto(DaBackupResult) first = {0}, second = {0}, third = {0};
    must_back_up(keeping, &first);
    assert_true(first.copied > 10);
    assert_int_equal(first.copied, first.objects);
    g_autofree char *sha256 = scene_ask(keeping->db, MASTER);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    g_autofree char *copy = keeping_object_path(keeping->copy, sha256);
    struct stat there, here, folder;
    assert_int_equal(stat(path, &here), 0);
    assert_int_equal(stat(copy, &there), 0);
    assert_int_equal(stat(keeping->copy, &folder), 0);
    assert_true(here.st_ino != there.st_ino && there.st_nlink == 1);
    assert_int_equal(there.st_mode & 0777, 0444);
    assert_int_equal(folder.st_mode & 0777, 0700);
    must_back_up(keeping, &second);
    assert_int_equal(second.copied, 0);
    da_record_free(keeping_remark(keeping, "四"));
    must_back_up(keeping, &third);
    assert_int_equal(third.copied, 1);
}

static void some_of_the_latest_dumps_are_kept(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *dumps = g_build_filename(keeping->copy, "database", NULL);
    static const char *const older[] = {"2020-01-01T00-00-00Z.dump", "2021-01-01T00-00-00Z.dump"};
    for (guint i = 0; i < G_N_ELEMENTS(older); i++) {
        g_autofree char *path = g_build_filename(dumps, older[i], NULL);
        assert_true(g_file_set_contents(path, "old", 3, NULL));
    }
    g_auto(DaBackupResult) result = {0};
    must_back_up(keeping, &result);
    g_autoptr(GPtrArray) names = da_dir_list(dumps, NULL);
    assert_int_equal(names->len, 2);
    assert_true(g_str_has_suffix(result.dump, names->pdata[1]));
}

static void a_damaged_object_is_named_and_the_rest_is_done(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *sha256 = scene_ask(keeping->db, MASTER);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    g_autofree char *copy = keeping_object_path(keeping->copy, sha256);
    assert_int_equal(g_unlink(copy), 0);
    keeping_flip(path);
    g_auto(DaBackupResult) damaged = {0}, mended = {0};
    must_back_up(keeping, &damaged);
    assert_int_equal(damaged.failed, 1);
    assert_true(g_str_has_prefix(damaged.faults->pdata[0], sha256));
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    assert_int_equal(scene_run(NULL, NULL, "archive", "backup", keeping->scene->dir, "--to",
                               keeping->copy, NULL),
                     3);
    keeping_flip(path);
    assert_int_equal(truncate(path, 0) || chmod(path, 0444), 0); /* of another size */
    must_back_up(keeping, &mended);
    assert_int_equal(mended.failed, 1);
}

static void a_copy_of_another_size_is_replaced(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *sha256 = scene_ask(keeping->db, "SELECT access_sha256 FROM page LIMIT 1");
    g_autofree char *copy = keeping_object_path(keeping->copy, sha256);
    assert_int_equal(truncate(copy, 5), 0);
    g_auto(DaBackupResult) result = {0};
    must_back_up(keeping, &result);
    assert_int_equal(result.copied, 1);
    struct stat found;
    assert_int_equal(stat(copy, &found), 0);
    assert_true(found.st_size > 5);
}

static void a_wrong_place_is_refused(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *inside = g_build_filename(keeping->scene->dir, "objects", "backup", NULL);
    g_autofree char *foreign = g_build_filename(keeping->scene->folder, "foreign", NULL);
    g_autofree char *letter = g_build_filename(foreign, "letter.txt", NULL);
    g_mkdir(foreign, 0755);
    g_file_set_contents(letter, "x", 1, NULL);
    const struct {
        const char *to;
        DaErrorCode code;
    } cases[] = {{inside, DA_ERROR_USAGE},
                 {keeping->scene->dir, DA_ERROR_USAGE},
                 {keeping->scene->folder, DA_ERROR_USAGE},
                 {foreign, DA_ERROR_CONFLICT}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(DaBackupResult) result = {0};
        assert_false(backup(keeping, cases[i].to, &result, &error));
        if (!g_error_matches(error, DA_ERROR, (gint)cases[i].code))
            fail_msg("%s: %s", cases[i].to, error->message);
    }
    assert_int_equal(scene_run(NULL, NULL, "archive", "backup", keeping->scene->dir, NULL), 2);
}

/* An archive that has lost its last records must not overwrite the backup that has them. */
static void an_archive_that_lost_records_is_refused(void **state)
{
    Keeping *keeping = *state;
    assert_true(da_db_script(keeping->db,
                             "CREATE TEMP TABLE k AS SELECT * FROM record ORDER BY number DESC"
                             " LIMIT 1; CREATE TEMP TABLE r AS SELECT * FROM remark ORDER BY record"
                             " DESC LIMIT 1; DELETE FROM remark WHERE record = (SELECT record FROM"
                             " r); DELETE FROM record WHERE number = (SELECT number FROM k)",
                             NULL));
    g_autoptr(GError) error = NULL;
    g_auto(DaBackupResult) result = {0};
    assert_false(backup(keeping, keeping->copy, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_true(da_db_script(keeping->db,
                             "INSERT INTO record SELECT * FROM k; INSERT INTO remark"
                             " SELECT * FROM r; DROP TABLE k, r",
                             NULL));
}

static void killed_anywhere_a_backup_goes_on(void **state)
{
    Keeping *keeping = *state;
    static const char *const points[] = {"backup.dumped", "deposit.synced", "deposit.renaming:7",
                                         "backup.batch", "backup.copied"};
    g_autofree char *to = g_build_filename(keeping->scene->folder, "killed", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autofree char *fault = g_strdup_printf("kill:%s", points[i]);
        int status =
            scene_run(fault, NULL, "archive", "backup", keeping->scene->dir, "--to", to, NULL);
        if (status != -SIGKILL)
            fail_msg("%s: %d", points[i], status);
        g_autofree char *note = g_build_filename(to, "backup.json", NULL);
        assert_false(g_file_test(note, G_FILE_TEST_EXISTS));
        g_autofree char *objects = g_build_filename(to, "objects", NULL);
        if (!strcmp(points[i], "backup.batch"))
            assert_true(
                da_tree_remove(objects, NULL)); /* so that the next point has something to copy */
    }
    assert_int_equal(
        scene_run(NULL, NULL, "archive", "backup", keeping->scene->dir, "--to", to, NULL), 0);
    g_autofree char *a = g_build_filename(keeping->scene->dir, "objects", NULL);
    g_autofree char *b = g_build_filename(to, "objects", NULL);
    assert_same_folders(a, b);
}

/* --- restore ----------------------------------------------------------------------------------------------------------- */

static char *package_of(DaArchive *archive, PGconn *db, const char *id, const char *folder)
{
    char *path = g_build_filename(folder, id, NULL);
    g_autoptr(GError) error = NULL;
    if (!da_retrieve(archive, db, id, 1, path, &error))
        fail_msg("%s", error->message);
    return path;
}

static void killed_anywhere_a_restore_goes_on(void **state)
{
    Keeping *keeping = *state;
    static const char *const points[] = {"archive.initdb", "restore.database", "backup.batch",
                                         "restore.objects"};
    g_autofree char *dir = g_build_filename(keeping->scene->folder, "restored", NULL);
    g_auto(DaBackupResult) result = {0};
    must_back_up(keeping, &result);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autofree char *fault = g_strdup_printf("kill:%s", points[i]);
        g_autofree char *said = NULL;
        int status = scene_run(fault, NULL, "archive", "restore", keeping->copy, dir, NULL);
        if (status != -SIGKILL)
            fail_msg("%s: %d", points[i], status);
        assert_int_equal(scene_run(NULL, &said, "fsck", "--archive", dir, NULL), 2);
        assert_non_null(strstr(said, "dangan archive restore"));
    }
    g_autofree char *output = NULL;
    int status = scene_run(NULL, &output, "archive", "restore", keeping->copy, dir, NULL);
    da_archive_stop(dir, NULL);
    if (status != 0)
        fail_msg("%d: %s", status, output);
    assert_true(da_tree_remove(dir, NULL));
}

static void a_lost_archive_comes_back_whole(void **state)
{
    Keeping *keeping = *state;
    const char *id = keeping->fixture->dossier->id;
    g_autofree char *before = keeping_holdings(keeping->db);
    g_autofree char *first = g_build_filename(keeping->scene->folder, "before", NULL);
    g_autofree char *second = g_build_filename(keeping->scene->folder, "after", NULL);
    g_autofree char *linked = package_of(keeping->archive, keeping->db, id, first);
    g_autofree char *apart = g_build_filename(keeping->scene->folder, "apart", NULL);
    assert_true(da_tree_copy(linked, apart, NULL));
    g_auto(DaBackupResult) result = {0};
    must_back_up(keeping, &result);
    g_clear_pointer(&keeping->db, PQfinish);
    g_clear_pointer(&keeping->archive, da_archive_free);
    assert_true(da_archive_stop(keeping->scene->dir, NULL));
    assert_true(da_tree_remove(keeping->scene->dir, NULL));

    g_autofree char *output = NULL;
    if (scene_run(NULL, &output, "archive", "restore", keeping->copy, keeping->scene->dir, NULL))
        fail_msg("%s", output);
    keeping->archive = da_archive_open(keeping->scene->dir, NULL);
    keeping->db = scene_connect(keeping->archive);
    g_autofree char *after = keeping_holdings(keeping->db);
    assert_string_equal(before, after);
    g_autofree char *again = package_of(keeping->archive, keeping->db, id, second);
    assert_same_folders(apart, again);
    assert_int_equal(scene_run(NULL, NULL, "fsck", "--archive", keeping->scene->dir, NULL), 0);
    assert_int_equal(scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir, NULL), 0);
    da_record_free(keeping_remark(keeping, "恢复以后")); /* keys came back too: the chain goes on */
    assert_int_equal(
        scene_run(NULL, NULL, "archive", "restore", keeping->copy, keeping->scene->dir, NULL), 2);
}

static void a_damaged_dump_is_refused(void **state)
{
    Keeping *keeping = *state;
    g_auto(DaBackupResult) result = {0};
    must_back_up(keeping, &result);
    g_autofree char *dump = g_build_filename(keeping->copy, result.dump, NULL);
    g_autofree char *dir = g_build_filename(keeping->scene->folder, "of-damaged", NULL);
    keeping_flip(dump);
    g_autofree char *output = NULL;
    assert_int_equal(scene_run(NULL, &output, "archive", "restore", keeping->copy, dir, NULL), 4);
    da_archive_stop(dir, NULL);
    assert_non_null(strstr(output, "is damaged"));
    assert_int_equal(scene_run(NULL, NULL, "archive", "restore", keeping->scene->folder, dir, NULL),
                     2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_backup_copies_what_is_new),
        cmocka_unit_test(some_of_the_latest_dumps_are_kept),
        cmocka_unit_test(a_copy_of_another_size_is_replaced),
        cmocka_unit_test(a_wrong_place_is_refused),
        cmocka_unit_test(an_archive_that_lost_records_is_refused),
        cmocka_unit_test(killed_anywhere_a_backup_goes_on),
        cmocka_unit_test(killed_anywhere_a_restore_goes_on),
        cmocka_unit_test(a_lost_archive_comes_back_whole),
        cmocka_unit_test(a_damaged_dump_is_refused),
        cmocka_unit_test(
            a_damaged_object_is_named_and_the_rest_is_done), /* last: it stays damaged */
    };
    return cmocka_run_group_tests_name("backup", tests, keeping_begin, keeping_end);
}
