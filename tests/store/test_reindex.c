#include "keeping.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/reindex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reindex(Keeping *keeping, DaReindexResult *result)
{
    const DaReindexOptions options = {0};
    g_autoptr(GError) error = NULL;
    if (!da_reindex(keeping->scene->dir, &options, result, &error))
        fail_msg("%s", error->message);
}

static void assert_holdings(Keeping *keeping, const char *label, const char *wanted)
{
    g_autofree char *now = keeping_holdings(keeping->db);
    if (strcmp(now, wanted) != 0)
        fail_msg("%s: the rows are\n%s\nnot\n%s", label, now, wanted);
}

static void rows_that_were_lost_or_changed_come_back(void **state)
{
    Keeping *keeping = *state;
    static const char *const changes[] = {
        "SELECT",
        "UPDATE dossier SET name = '另一人'",
        "DELETE FROM remark; DELETE FROM page_text; DELETE FROM finding",
        "TRUNCATE record, object, dossier CASCADE",
        "INSERT INTO remark SELECT 1, dossier, district, '无中生有' FROM remark LIMIT 1",
    };
    g_autofree char *wanted = keeping_holdings(keeping->db);
    assert_non_null(strstr(wanted, "补记") ? wanted : strstr(wanted, "三"));
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *sql = g_strdup_printf("SET session_replication_role = replica; %s;"
                                               " SET session_replication_role = origin",
                                               changes[i]);
        DaReindexResult result;
        assert_true(da_db_script(keeping->db, sql, NULL));
        reindex(keeping, &result);
        assert_int_equal(result.records, 5);
        assert_int_equal(result.dossiers, 1);
        assert_int_equal(result.versions, 2);
        assert_false(result.made);
        assert_holdings(keeping, changes[i], wanted);
    }
}

static void a_new_database_equals_the_one_that_is_gone(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = keeping_holdings(keeping->db);
    g_autofree char *pg = g_build_filename(keeping->scene->dir, "pg", NULL);
    g_clear_pointer(&keeping->db, PQfinish);
    assert_int_equal(scene_run(NULL, NULL, "archive", "stop", keeping->scene->dir, NULL), 0);
    assert_true(da_tree_remove(pg, NULL));
    g_autofree char *output = NULL;
    assert_int_equal(scene_run(NULL, &output, "reindex", "--archive", keeping->scene->dir, NULL),
                     0);
    assert_non_null(strstr(output, "5 records"));
    da_archive_free(keeping->archive); /* it holds the folder that is gone */
    keeping->archive = da_archive_open(keeping->scene->dir, NULL);
    assert_non_null(keeping->archive);
    keeping->db = scene_connect(keeping->archive);
    assert_holdings(keeping, "without pg/", wanted);
}

static void killed_anywhere_it_leaves_the_old_rows_or_the_new_ones(void **state)
{
    Keeping *keeping = *state;
    static const char *const points[] = {"kill:reindex.scanned", "kill:reindex.replayed:3",
                                         "kill:reindex.committed"};
    g_autofree char *wanted = keeping_holdings(keeping->db);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        assert_int_equal(
            scene_run(points[i], NULL, "reindex", "--archive", keeping->scene->dir, NULL),
            -SIGKILL);
        assert_holdings(keeping, points[i], wanted);
    }
}

static void a_missing_or_damaged_record_is_named_and_nothing_is_changed(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = keeping_holdings(keeping->db);
    g_autofree char *sha256 = scene_ask(keeping->db, "SELECT sha256 FROM record WHERE number = 3");
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    keeping_flip(path);
    const DaReindexOptions options = {0};
    DaReindexResult result;
    g_autoptr(GError) error = NULL;
    assert_false(da_reindex(keeping->scene->dir, &options, &result, &error));
    assert_int_equal(error->code, DA_ERROR_DISK);
    assert_non_null(strstr(error->message, "record 3 is missing or damaged"));
    assert_non_null(strstr(error->message, sha256));
    assert_holdings(keeping, "refused", wanted);
    keeping_flip(path);
}

static void a_record_of_an_operation_that_died_is_put_aside(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(DaRecord) last = NULL;
    assert_true(da_db_run(keeping->db, NULL, "BEGIN", NULL));
    g_autoptr(json_t) body = json_pack("{s:s}", "text", "未了");
    const DaRecordDraft draft = {.kind = "remark",
                                 .district = "310104",
                                 .dossier = keeping->fixture->dossier->id,
                                 .body = body};
    last = da_record_append(keeping->archive, keeping->db, &draft, NULL);
    assert_non_null(last);
    assert_true(da_db_run(keeping->db, NULL, "ROLLBACK", NULL));
    g_autoptr(DaRecord) made = keeping_remark(keeping, "四");
    assert_int_equal(made->number, last->number);
    g_autoptr(DaRecord) after = keeping_remark(keeping, "五");
    assert_int_equal(after->number, last->number + 1);
    g_autofree char *wanted = keeping_holdings(keeping->db);
    DaReindexResult result;
    reindex(keeping, &result);
    assert_int_equal(result.aside, 1);
    assert_holdings(keeping, "aside", wanted);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_were_lost_or_changed_come_back),
        cmocka_unit_test(killed_anywhere_it_leaves_the_old_rows_or_the_new_ones),
        cmocka_unit_test(a_missing_or_damaged_record_is_named_and_nothing_is_changed),
        cmocka_unit_test(a_new_database_equals_the_one_that_is_gone),
        cmocka_unit_test(a_record_of_an_operation_that_died_is_put_aside),
    };
    return cmocka_run_group_tests_name("reindex", tests, keeping_begin, keeping_end);
}
