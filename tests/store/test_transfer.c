#include "keeping.h"

#include <dangan/custody.h>
#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/reindex.h>
#include <dangan/scope.h>
#include <dangan/transfer.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FROM "310104"
#define TO "310115"
#define NOBODY "00000000-0000-4000-8000-000000000000"

static const char *id_of(const Keeping *keeping)
{
    return keeping->fixture->dossier->id;
}

static guint64 send_to(const Keeping *keeping, const char *to, const char *reason, GError **error)
{
    char *dossiers[] = {keeping->fixture->dossier->id, NULL};
    const DaTransferOptions options = {.to = to, .reason = reason, .by = "甲"};
    return da_transfer_send(keeping->archive, keeping->db, dossiers, &options, error);
}

static guint64 sent(const Keeping *keeping, const char *to)
{
    g_autoptr(GError) error = NULL;
    guint64 slip = send_to(keeping, to, "户籍迁入", &error);
    if (!slip)
        fail_msg("%s", error->message);
    return slip;
}

static guint64 received(const Keeping *keeping, guint64 slip)
{
    g_autoptr(GError) error = NULL;
    guint64 receipt = da_transfer_receive(keeping->archive, keeping->db, slip, "乙", &error);
    if (!receipt)
        fail_msg("%s", error->message);
    return receipt;
}

/* Rows about the dossier that say another district, by table; "" = none. */
static char *strays(PGconn *db, const char *district)
{
    g_autoptr(PGresult) tables = da_db_query(
        db, NULL,
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname ="
        " 'dossier' JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = 'district' WHERE"
        " c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT"
        " c.relispartition AND c.relname NOT IN ('record', 'transfer_dossier', 'batch_package')"
        " ORDER BY 1",
        NULL);
    GString *found = g_string_new(NULL);
    assert_true(PQntuples(tables) >= 10);
    for (int i = 0; i < PQntuples(tables); i++) {
        const char *name = da_db_text(tables, i, "relname");
        g_autofree char *sql =
            g_strdup_printf("SELECT count(*) FROM %s WHERE district <> '%s'", name, district);
        g_autofree char *n = scene_ask(db, sql);
        if (strcmp(n, "0") != 0)
            g_string_append_printf(found, "%s %s; ", name, n);
    }
    return g_string_free(found, FALSE);
}

/* What a clerk of the district finds. */
static char *seen_by(const Keeping *keeping, const char *district)
{
    const char *const scope[] = {district, NULL};
    g_autoptr(PGconn) reader = da_archive_connect_reader(keeping->archive, NULL);
    assert_true(da_scope_set(keeping->archive, reader, scope, NULL));
    return scene_ask(reader, "SELECT (SELECT count(*) FROM dossier)::text || (SELECT count(*) > 0"
                             " FROM person_key)::text || (SELECT count(*) > 0 FROM page)::text");
}

static void assert_seen(const Keeping *keeping, const char *district, const char *wanted)
{
    g_autofree char *seen = seen_by(keeping, district);
    assert_string_equal(seen, wanted);
}

static void it_is_the_senders_until_the_receipt(void **state)
{
    const Keeping *keeping = *state;
    g_autoptr(GError) again = NULL, settled = NULL;
    assert_true(da_db_script(keeping->db,
                             "INSERT INTO page_text SELECT id, dossier, district, '工资',"
                             " '工资'::tsvector FROM page WHERE version = 2 LIMIT 1"
                             " ON CONFLICT DO NOTHING",
                             NULL));
    assert_true(da_custody_locate(keeping->archive, keeping->db, id_of(keeping), "1-A-1-1-1-1",
                                  NULL, NULL));
    guint64 slip = sent(keeping, TO);
    assert_seen(keeping, FROM, "1truetrue");
    assert_seen(keeping, TO, "0falsefalse");
    g_autoptr(json_t) way = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(way, "under_way"), "to")),
                        TO);
    assert_false(send_to(keeping, "310106", "再转", &again));
    assert_int_equal(again->code, DA_ERROR_CONFLICT);
    assert_non_null(strstr(again->message, "under way"));
    received(keeping, slip);
    assert_seen(keeping, FROM, "0falsefalse");
    assert_seen(keeping, TO, "1truetrue");
    g_autofree char *left = strays(keeping->db, TO);
    assert_string_equal(left, "");
    assert_ask(keeping->db, "SELECT count(*) FROM page_text_" TO, "1");
    g_autoptr(json_t) there = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_string_equal(json_string_value(json_object_get(there, "district")), TO);
    assert_true(json_is_null(json_object_get(there, "place")));
    assert_true(json_is_null(json_object_get(there, "under_way")));
    assert_false(da_transfer_receive(keeping->archive, keeping->db, slip, NULL, &settled));
    assert_int_equal(settled->code, DA_ERROR_CONFLICT);
    assert_true(da_db_script(keeping->db, "DELETE FROM page_text", NULL));
    received(keeping, sent(keeping, FROM));
}

static void what_cannot_go_is_named_with_the_reason(void **state)
{
    const Keeping *keeping = *state;
    const struct {
        const char *to, *reason;
        int code;
    } cases[] = {{FROM, "同区", DA_ERROR_CONFLICT},  {"3101", "短码", DA_ERROR_USAGE},
                 {"31011x", "错码", DA_ERROR_USAGE}, {NULL, "无码", DA_ERROR_USAGE},
                 {TO, "", DA_ERROR_USAGE},           {TO, NULL, DA_ERROR_USAGE},
                 {TO, "\xff", DA_ERROR_USAGE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(send_to(keeping, cases[i].to, cases[i].reason, &error));
        assert_int_equal(error->code, cases[i].code);
    }
    char *id = keeping->fixture->dossier->id;
    char *const lists[][3] = {{(char *)"nobody", NULL},
                              {(char *)NOBODY, NULL},
                              {id, id, NULL},
                              {id, (char *)NOBODY, NULL},
                              {NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;
        const DaTransferOptions options = {.to = TO, .reason = "迁入"};
        assert_false(
            da_transfer_send(keeping->archive, keeping->db, (char **)lists[i], &options, &error));
        assert_int_equal(error->code,
                         i == 0 || i == 1 || i == 3 ? DA_ERROR_NOT_FOUND : DA_ERROR_USAGE);
    }
    g_autoptr(GError) held = NULL;
    assert_true(da_custody_hold(keeping->archive, keeping->db, id, "诉讼", NULL, NULL));
    assert_false(send_to(keeping, TO, "迁入", &held));
    assert_int_equal(held->code, DA_ERROR_CONFLICT);
    assert_non_null(strstr(held->message, "hold"));
    assert_true(da_custody_release(keeping->archive, keeping->db, id, "结案", NULL, NULL));
    assert_ask(keeping->db,
               "SELECT count(*) FROM transfer WHERE receipt IS NULL AND withdrawn IS NULL", "0");
}

static void a_slip_can_be_withdrawn(void **state)
{
    const Keeping *keeping = *state;
    g_autoptr(GError) reason = NULL, twice = NULL, late = NULL, nobody = NULL;
    guint64 slip = sent(keeping, TO);
    assert_false(da_transfer_withdraw(keeping->archive, keeping->db, slip, NULL, NULL, &reason));
    assert_int_equal(reason->code, DA_ERROR_USAGE);
    assert_true(da_transfer_withdraw(keeping->archive, keeping->db, slip, "填错", NULL, NULL));
    assert_false(da_transfer_withdraw(keeping->archive, keeping->db, slip, "填错", NULL, &twice));
    assert_int_equal(twice->code, DA_ERROR_CONFLICT);
    assert_false(da_transfer_receive(keeping->archive, keeping->db, slip, NULL, &late));
    assert_int_equal(late->code, DA_ERROR_CONFLICT);
    assert_false(da_transfer_receive(keeping->archive, keeping->db, 1, NULL, &nobody));
    assert_int_equal(nobody->code, DA_ERROR_NOT_FOUND);
    assert_ask(keeping->db, "SELECT DISTINCT district FROM dossier", FROM);
}

static void the_sender_is_told_what_is_overdue(void **state)
{
    const Keeping *keeping = *state;
    guint64 slip = sent(keeping, TO);
    g_autoptr(json_t) fresh = da_transfer_list(keeping->db, TRUE, NULL);
    assert_int_equal(json_array_size(fresh), 1);
    assert_false(json_is_true(json_object_get(json_array_get(fresh, 0), "overdue")));
    g_autofree char *at = scene_ask(keeping->db, "SELECT max(at) FROM record WHERE kind ="
                                                 " 'transfer'");
    assert_true(da_db_script(keeping->db,
                             "UPDATE record SET at = at - interval '31 days' WHERE number ="
                             " (SELECT max(slip) FROM transfer)",
                             NULL));
    g_autofree char *output = NULL;
    assert_int_equal(scene_run(NULL, &output, "transfer", "list", "--open", "--archive",
                               keeping->scene->dir, NULL),
                     0);
    assert_non_null(strstr(output, "overdue"));
    g_autofree char *back = g_strdup_printf(
        "UPDATE record SET at = '%s' WHERE number = (SELECT max(slip) FROM transfer)", at);
    assert_true(da_db_script(keeping->db, back, NULL));
    assert_true(da_transfer_withdraw(keeping->archive, keeping->db, slip, "撤销", NULL, NULL));
    g_autoptr(json_t) none = da_transfer_list(keeping->db, TRUE, NULL);
    g_autoptr(json_t) all = da_transfer_list(keeping->db, FALSE, NULL);
    assert_int_equal(json_array_size(none), 0);
    assert_true(json_array_size(all) >= 2);
}

/* A later version goes where the dossier is; who says another district is told. */
static void a_deposit_does_not_move_it(void **state)
{
    Keeping *keeping = *state;
    Fixture *fixture = keeping->fixture;
    const DaDepositOptions elsewhere = {.district = FROM, .profile = fixture->profile},
                           wherever = {.profile = fixture->profile};
    received(keeping, sent(keeping, TO));
    fixture_add_page(fixture, fixture->dossier->materials->pdata[0], 9);
    ((DaMaterial *)fixture->dossier->materials->pdata[0])->pages_claimed++;
    assert_true(da_tree_remove(fixture->package, NULL));
    fixture_write(fixture);
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    assert_false(
        da_deposit(keeping->archive, keeping->db, fixture->package, &elsewhere, &result, &error));
    assert_int_equal(error->code, DA_ERROR_CONFLICT);
    assert_non_null(strstr(error->message, "held by district " TO));
    da_deposit_result_clear(&result);
    g_clear_error(&error);
    assert_true(da_archive_configure(keeping->scene->dir, "district", FROM, NULL));
    g_clear_pointer(&keeping->db, PQfinish);
    g_clear_pointer(&keeping->archive, da_archive_free);
    keeping->archive = da_archive_open(keeping->scene->dir, NULL);
    keeping->db = scene_connect(keeping->archive);
    if (!da_deposit(keeping->archive, keeping->db, fixture->package, &wherever, &result, &error))
        fail_msg("%s", error->message);
    assert_int_equal(result.version, 3);
    da_deposit_result_clear(&result);
    g_autofree char *left = strays(keeping->db, TO);
    assert_string_equal(left, "");
}

static void how_long_it_is_kept_is_decided_and_can_be_changed(void **state)
{
    const Keeping *keeping = *state;
    static const struct {
        const char *until, *basis;
        gboolean good;
    } cases[] = {{"2031", "本市保管期限表", TRUE},      {"permanent", "知名人士", TRUE},
                 {"2031年6月", "本市保管期限表", TRUE}, {"soon", "本市保管期限表", FALSE},
                 {NULL, "本市保管期限表", FALSE},       {"2031", NULL, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        guint64 record = da_custody_retain(keeping->archive, keeping->db, id_of(keeping),
                                           cases[i].until, cases[i].basis, NULL, &error);
        if (!record != !cases[i].good)
            fail_msg("%s", error ? error->message : "was taken");
    }
    g_autoptr(json_t) custody = da_custody_of(keeping->db, id_of(keeping), NULL);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(custody, "retention"), "until")),
        "2031-06");
}

static void an_index_that_is_made_anew_has_all_of_it(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = keeping_holdings(keeping->db);
    const DaReindexOptions options = {0};
    DaReindexResult result;
    g_autoptr(GError) error = NULL;
    if (!da_reindex(keeping->scene->dir, &options, &result, &error))
        fail_msg("%s", error->message);
    g_autofree char *now = keeping_holdings(keeping->db);
    assert_string_equal(now, wanted);
}

static void the_program_writes_slip_and_receipt(void **state)
{
    const Keeping *keeping = *state;
    const char *dir = keeping->scene->dir, *id = id_of(keeping);
    g_autofree char *slip = g_build_filename(keeping->scene->folder, "slip.json", NULL);
    g_autofree char *page = g_build_filename(keeping->scene->folder, "slip.html", NULL);
    g_autofree char *receipt = g_build_filename(keeping->scene->folder, "receipt.json", NULL);
    g_autofree char *output = NULL, *html = NULL, *checked = NULL;
    assert_int_equal(scene_run("kill:record.kept", NULL, "transfer", "send", id, "--to", FROM,
                               "--reason", "回迁", "--archive", dir, NULL),
                     -SIGKILL);
    assert_ask(keeping->db,
               "SELECT count(*) FROM transfer WHERE receipt IS NULL AND withdrawn IS NULL", "0");
    assert_int_equal(scene_run(NULL, NULL, "transfer", "send", id, "--to", FROM, "--reason", "回迁",
                               "--archive", dir, "--receipt", slip, NULL),
                     0);
    assert_true(g_file_get_contents(page, &html, NULL, NULL));
    assert_non_null(strstr(html, "人事档案转递单"));
    assert_non_null(strstr(html, "Return slip"));
    assert_null(strstr(html, "龚杉榕"));
    g_autofree char *number = scene_ask(keeping->db, "SELECT max(slip) FROM transfer");
    assert_int_equal(
        scene_run("kill:record.kept", NULL, "transfer", "receive", number, "--archive", dir, NULL),
        -SIGKILL);
    assert_ask(keeping->db, "SELECT district FROM dossier", TO);
    assert_int_equal(scene_run(NULL, &output, "transfer", "receive", number, "--archive", dir,
                               "--receipt", receipt, NULL),
                     0);
    assert_ask(keeping->db, "SELECT district FROM dossier", FROM);
    assert_int_equal(scene_run(NULL, &checked, "receipt", "check", slip, receipt, NULL), 0);
    static const char *const wrong[][4] = {{"send", NULL},         {"receive", "x", NULL},
                                           {"receive", "0", NULL}, {"receive", "1", "2", NULL},
                                           {"list", "1", NULL},    {"burn", "1", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(scene_run(NULL, NULL, "transfer", "--archive", dir, wrong[i][0],
                                   wrong[i][1], wrong[i][1] ? wrong[i][2] : NULL, NULL),
                         2);
    assert_int_equal(scene_run(NULL, NULL, "transfer", "list", NULL), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_senders_until_the_receipt),
        cmocka_unit_test(what_cannot_go_is_named_with_the_reason),
        cmocka_unit_test(a_slip_can_be_withdrawn),
        cmocka_unit_test(the_sender_is_told_what_is_overdue),
        cmocka_unit_test(how_long_it_is_kept_is_decided_and_can_be_changed),
        cmocka_unit_test(a_deposit_does_not_move_it),
        cmocka_unit_test(an_index_that_is_made_anew_has_all_of_it),
        cmocka_unit_test(the_program_writes_slip_and_receipt),
    };
    return cmocka_run_group_tests_name("transfer", tests, keeping_begin, keeping_end);
}
