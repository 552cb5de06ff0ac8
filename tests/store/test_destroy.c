#include "keeping.h"

#include <dangan/custody.h>
#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/destroy.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/reindex.h>
#include <dangan/transfer.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DISTRICT "310104"
#define NOBODY "00000000-0000-4000-8000-000000000000"
#define PASSWORD "correct horse"

/* --- dossiers that can be destroyed ------------------------------------------------------------------------------------ */

static void deposit(const Keeping *keeping, Fixture *fixture)
{
    const DaDepositOptions options = {.district = DISTRICT, .profile = fixture->profile};
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    if (!da_deposit(keeping->archive, keeping->db, fixture->package, &options, &result, &error))
        fail_msg("%s: %s", error->message,
                 result.verification && result.verification->findings->len
                     ? ((DaFinding *)result.verification->findings->pdata[0])->message
                     : "");
    da_deposit_result_clear(&result);
}

/* A number of an invented man who was born on 12 March 1949, by GB 11643-1999. The caller owns it. */
static char *invented_number(guint sequence)
{
    static const guint weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    g_autofree char *digits = g_strdup_printf("11010519490312%03u", 2 * sequence + 1);
    guint sum = 0;
    for (guint i = 0; i < G_N_ELEMENTS(weights); i++)
        sum += (guint)(digits[i] - '0') * weights[i];
    return g_strdup_printf("%s%c", digits, "10X98765432"[sum % 11]);
}

/* Another person's, whose time is over. Its pages look like those of everybody else's, so it shares objects with them. */
static Fixture *expired(const Keeping *keeping)
{
    static guint made;
    Fixture *fixture = fixture_new();
    g_autofree char *name = g_strdup_printf("欧阳建%c", 'A' + (char)(made % 26));
    g_autofree char *number = invented_number(made++);
    const struct {
        DaField field;
        const char *value;
    } person[] = {{DA_FIELD_NAME, name},
                  {DA_FIELD_ID_NUMBER, number},
                  {DA_FIELD_SEX, "男"},
                  {DA_FIELD_BIRTH, "1949-03-12"}};
    for (guint i = 0; i < G_N_ELEMENTS(person); i++)
        da_dossier_set(fixture->dossier, person[i].field, person[i].value, DA_ORIGIN_PERSON,
                       "test");
    fixture_write(fixture);
    deposit(keeping, fixture);
    assert_true(da_custody_retain(keeping->archive, keeping->db, fixture->dossier->id, "2020",
                                  "本市保管期限表", NULL, NULL));
    return fixture;
}

static guint64 propose(const Keeping *keeping, const Fixture *fixture, const char *account,
                       GError **error)
{
    char *dossiers[] = {fixture->dossier->id, NULL};
    return da_destroy_propose(keeping->archive, keeping->db, dossiers, account, "期满", error);
}

static gboolean confirm(const Keeping *keeping, guint64 proposal, const char *account,
                        DaDestroyResult *result, GError **error)
{
    const DaDestroyOptions options = {.account = account};
    return da_destroy_confirm(keeping->archive, keeping->db, proposal, &options, result, error);
}

/* Proposed and confirmed. */
static void destroy(const Keeping *keeping, const Fixture *fixture, DaDestroyResult *result)
{
    g_autoptr(GError) error = NULL;
    guint64 proposal = propose(keeping, fixture, "wang", &error);
    if (!proposal || !confirm(keeping, proposal, "li", result, &error))
        fail_msg("%s", error->message);
}

/* Tables with rows about the dossier; "" = none. */
static char *remains(PGconn *db, const char *dossier)
{
    g_autoptr(PGresult) columns = da_db_query(
        db, NULL,
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE (a.attname = 'dossier' OR (c.relname = 'dossier' AND a.attname = 'id'))"
        " AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND NOT c.relispartition AND c.relname NOT IN ('record', 'destroyed',"
        " 'transfer_dossier', 'batch_package') ORDER BY 1",
        NULL);
    GString *found = g_string_new(NULL);
    assert_true(PQntuples(columns) >= 13);
    for (int i = 0; i < PQntuples(columns); i++) {
        const char *name = da_db_text(columns, i, "relname");
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s WHERE %s = '%s'", name,
                                               da_db_text(columns, i, "attname"), dossier);
        g_autofree char *n = scene_ask(db, sql);
        if (strcmp(n, "0") != 0)
            g_string_append_printf(found, "%s ", name);
    }
    return g_string_free(found, FALSE);
}

static void assert_no_remains(const Keeping *keeping, const char *dossier)
{
    g_autofree char *found = remains(keeping->db, dossier);
    assert_string_equal(found, "");
    assert_ask(keeping->db,
               "SELECT count(*) FROM destroyed_object d WHERE NOT EXISTS (SELECT FROM object o"
               " WHERE o.sha256 = d.sha256) AND d.sha256 IN (SELECT access_sha256 FROM page)",
               "0");
    assert_int_equal(scene_run(NULL, NULL, "fsck", "--archive", keeping->scene->dir, NULL), 0);
}

/* --- tests --------------------------------------------------------------------------------------------------------------- */

static void it_stays_as_long_as_anything_keeps_it(void **state)
{
    const Keeping *keeping = *state;
    DaArchive *archive = keeping->archive;
    PGconn *db = keeping->db;
    char *id = keeping->fixture->dossier->id, *dossiers[] = {id, NULL};
    static const struct {
        const char *until, *why;
    } kept[] = {{NULL, "nobody has decided"}, {"permanent", "permanently"}, {"2999", "until 2999"}};
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        g_autoptr(GError) error = NULL;
        assert_true(!kept[i].until ||
                    da_custody_retain(archive, db, id, kept[i].until, "期限表", NULL, NULL));
        assert_false(propose(keeping, keeping->fixture, "wang", &error));
        assert_int_equal(error->code, DA_ERROR_CONFLICT);
        assert_non_null(strstr(error->message, kept[i].why));
    }
    g_autoptr(GError) held = NULL, way = NULL, sent = NULL, twice = NULL, reason = NULL;
    assert_true(da_custody_retain(archive, db, id, "2020-06", "期限表", NULL, NULL));
    assert_true(da_custody_hold(archive, db, id, "诉讼", NULL, NULL));
    assert_false(propose(keeping, keeping->fixture, "wang", &held));
    assert_non_null(strstr(held->message, "hold"));
    assert_true(da_custody_release(archive, db, id, "结案", NULL, NULL));
    const DaTransferOptions to = {.to = "310115", .reason = "迁入"};
    guint64 slip = da_transfer_send(archive, db, dossiers, &to, NULL);
    assert_false(propose(keeping, keeping->fixture, "wang", &way));
    assert_non_null(strstr(way->message, "under way"));
    assert_true(da_transfer_withdraw(archive, db, slip, "不转", NULL, NULL));
    guint64 proposal = propose(keeping, keeping->fixture, "wang", NULL);
    assert_true(proposal);
    assert_false(propose(keeping, keeping->fixture, "li", &twice));
    assert_int_equal(twice->code, DA_ERROR_CONFLICT);
    assert_false(da_transfer_send(archive, db, dossiers, &to, &sent));
    assert_non_null(strstr(sent->message, "destruction is proposed"));
    assert_false(da_destroy_withdraw(archive, db, proposal, "li", "", &reason));
    assert_true(da_destroy_withdraw(archive, db, proposal, "li", "暂缓", NULL));
    assert_ask(db, "SELECT count(*) FROM disposal", "0");
    assert_true(da_custody_retain(archive, db, id, "permanent", "期限表", NULL, NULL));
}

static void one_person_is_not_enough(void **state)
{
    const Keeping *keeping = *state;
    static const char *const same[] = {"wang", "WANG"};
    g_autoptr(Fixture) fixture = expired(keeping);
    DaDestroyResult result;
    guint64 proposal = propose(keeping, fixture, "wang", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(confirm(keeping, proposal, same[i], &result, &error));
        assert_int_equal(error->code, DA_ERROR_DENIED);
    }
    g_autoptr(GError) nobody = NULL, hold = NULL, later = NULL;
    assert_false(confirm(keeping, 1, "li", &result, &nobody));
    assert_int_equal(nobody->code, DA_ERROR_NOT_FOUND);
    assert_true(
        da_custody_hold(keeping->archive, keeping->db, fixture->dossier->id, "诉讼", NULL, NULL));
    assert_false(confirm(keeping, proposal, "li", &result, &hold));
    assert_int_equal(hold->code, DA_ERROR_CONFLICT);
    assert_true(da_custody_release(keeping->archive, keeping->db, fixture->dossier->id, "结案",
                                   NULL, NULL));
    fixture_add_page(fixture, fixture->dossier->materials->pdata[1], 8);
    ((DaMaterial *)fixture->dossier->materials->pdata[1])->pages_claimed++;
    assert_true(da_tree_remove(fixture->package, NULL));
    fixture_write(fixture);
    deposit(keeping, fixture);
    assert_false(confirm(keeping, proposal, "li", &result, &later));
    assert_non_null(strstr(later->message, "a version came"));
    assert_true(da_destroy_withdraw(keeping->archive, keeping->db, proposal, "wang", "再议", NULL));
    destroy(keeping, fixture, &result);
    assert_no_remains(keeping, fixture->dossier->id);
}

static void nothing_is_left_but_records_and_what_others_name(void **state)
{
    const Keeping *keeping = *state;
    g_autoptr(Fixture) fixture = expired(keeping);
    const char *id = fixture->dossier->id;
    g_autofree char *sql = g_strdup_printf("SELECT descriptive FROM dossier_version WHERE dossier ="
                                           " '%s'",
                                           id);
    g_autofree char *own = scene_ask(keeping->db, sql);
    keeping_backup(*state);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, own);
    g_autofree char *copy = keeping_object_path(keeping->copy, own);
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS) && g_file_test(copy, G_FILE_TEST_EXISTS));
    g_autofree char *tiles =
        g_build_filename(keeping->scene->dir, DA_ARCHIVE_TILES, own, NULL);
    g_autofree char *cache = g_path_get_dirname(tiles);
    assert_int_equal(g_mkdir_with_parents(cache, 0700), 0);
    assert_true(g_file_set_contents(tiles, "tiles", -1, NULL));
    DaDestroyResult result;
    destroy(keeping, fixture, &result);
    assert_false(g_file_test(tiles, G_FILE_TEST_EXISTS));
    assert_int_equal(result.dossiers, 1);
    assert_true(result.objects_removed >= 5 && result.objects_kept >= 2 && result.bytes_removed);
    assert_no_remains(keeping, id);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_int_equal(scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir, NULL), 0);
    keeping_backup(*state);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    /* the same again says so, and what was sent again is not the same dossier */
    g_autofree char *last = scene_ask(keeping->db, "SELECT max(proposal) FROM destroyed");
    g_autoptr(GError) error = NULL;
    guint64 before = result.record;
    assert_true(confirm(keeping, g_ascii_strtoull(last, NULL, 10), "li", &result, NULL));
    assert_true(result.unchanged);
    assert_int_equal(result.record, before);
    assert_int_equal(result.objects_removed, 0);
    const DaDepositOptions options = {.district = DISTRICT, .profile = fixture->profile};
    DaDepositResult deposited;
    assert_false(
        da_deposit(keeping->archive, keeping->db, fixture->package, &options, &deposited, &error));
    assert_int_equal(error->code, DA_ERROR_CONFLICT);
    assert_non_null(strstr(error->message, "was destroyed"));
    da_deposit_result_clear(&deposited);
}

static void an_index_that_is_made_anew_knows_what_was_destroyed(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = keeping_holdings(keeping->db);
    const DaReindexOptions options = {0};
    DaReindexResult result;
    g_autoptr(GError) error = NULL;
    assert_non_null(strstr(wanted, "destroyed"));
    if (!da_reindex(keeping->scene->dir, &options, &result, &error))
        fail_msg("%s", error->message);
    g_autofree char *now = keeping_holdings(keeping->db);
    assert_string_equal(now, wanted);
}

static void what_cannot_be_read_is_not_destroyed(void **state)
{
    const Keeping *keeping = *state;
    g_autoptr(Fixture) fixture = expired(keeping);
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = g_strdup_printf("SELECT manifest FROM dossier_version WHERE dossier ="
                                           " '%s'",
                                           fixture->dossier->id);
    g_autofree char *manifest = scene_ask(keeping->db, sql);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, manifest);
    guint64 proposal = propose(keeping, fixture, "wang", NULL);
    DaDestroyResult result;
    keeping_flip(path);
    assert_false(confirm(keeping, proposal, "li", &result, &error));
    assert_int_equal(error->code, DA_ERROR_DISK);
    keeping_flip(path);
    assert_true(confirm(keeping, proposal, "li", &result, NULL));
    assert_no_remains(keeping, fixture->dossier->id);
}

/* --- by the program ------------------------------------------------------------------------------------------------------ */

static int destroy_as(const Keeping *keeping, const char *fault, const char *account,
                      const char *action, const char *what, char **output)
{
    return scene_type(PASSWORD, fault, output, "destroy", action, what, "--as", account, "--reason",
                      "期满", "--archive", keeping->scene->dir, NULL);
}

/* Objects of the last destruction that are still held; a file is there exactly where a row is. */
static guint kept_of_last(const Keeping *keeping)
{
    guint kept = 0;
    g_autoptr(PGresult) rows =
        da_db_query(keeping->db, NULL,
                    "SELECT d.sha256, o.sha256 IS NOT NULL AS held FROM destroyed_object d"
                    " LEFT JOIN object o USING (sha256) WHERE d.record ="
                    " (SELECT max(record) FROM destroyed)",
                    NULL);
    assert_true(PQntuples(rows) > 0);
    for (int row = 0; row < PQntuples(rows); row++) {
        g_autofree char *path =
            keeping_object_path(keeping->scene->dir, da_db_text(rows, row, "sha256"));
        gboolean held = da_db_boolean(rows, row, "held");
        assert_int_equal(g_file_test(path, G_FILE_TEST_EXISTS), held);
        kept += held;
    }
    return kept;
}

static void killed_anywhere_the_same_confirmation_completes_it(void **state)
{
    static const struct {
        const char *fault;
        gboolean gone; /* it is destroyed then */
    } points[] = {{"kill:destroy.recording", FALSE},
                  {"kill:record.kept", FALSE},
                  {"kill:destroy.recorded", TRUE},
                  {"kill:destroy.removing:3", TRUE},
                  {"kill:destroy.removed", TRUE}};
    const Keeping *keeping = *state;
    const char *dir = keeping->scene->dir;
    guint kept = kept_of_last(keeping);
    assert_true(kept > 0);
    assert_int_equal(
        scene_type(PASSWORD, NULL, NULL, "user", "add", "wang", "--archive", dir, NULL), 0);
    assert_int_equal(scene_type(PASSWORD, NULL, NULL, "user", "add", "li", "--archive", dir, NULL),
                     0);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autoptr(Fixture) fixture = expired(keeping);
        const char *id = fixture->dossier->id;
        g_autofree char *output = NULL;
        g_autofree char *there =
            g_strdup_printf("SELECT count(*) FROM dossier WHERE id = '%s'", id);
        assert_int_equal(destroy_as(keeping, NULL, "wang", "propose", id, NULL), 0);
        g_autofree char *proposal = scene_ask(keeping->db, "SELECT max(record) FROM disposal");
        assert_int_equal(destroy_as(keeping, points[i].fault, "li", "confirm", proposal, NULL),
                         -SIGKILL);
        assert_ask(keeping->db, there, points[i].gone ? "0" : "1");
        if (destroy_as(keeping, NULL, "li", "confirm", proposal, &output) != 0)
            fail_msg("%s: %s", points[i].fault, output);
        assert_no_remains(keeping, id);
        assert_int_equal(kept_of_last(keeping), kept);
    }
}

static void the_program_asks_who_it_is(void **state)
{
    const Keeping *keeping = *state;
    const char *dir = keeping->scene->dir;
    g_autoptr(Fixture) fixture = expired(keeping);
    const char *id = fixture->dossier->id;
    g_autofree char *page = g_build_filename(keeping->scene->folder, "list.json", NULL);
    g_autofree char *html_path = g_build_filename(keeping->scene->folder, "list.html", NULL);
    g_autofree char *listed = NULL, *done = NULL, *html = NULL;
    assert_true(scene_type("wrong password", NULL, NULL, "destroy", "propose", id, "--as", "wang",
                           "--reason", "期满", "--archive", dir, NULL) > 0);
    assert_true(destroy_as(keeping, NULL, "nobody", "propose", id, NULL) > 0);
    assert_int_equal(scene_type(PASSWORD, NULL, NULL, "destroy", "propose", id, "--reason", "期满",
                                "--archive", dir, NULL),
                     2);
    assert_ask(keeping->db, "SELECT count(*) FROM disposal", "0");
    assert_int_equal(scene_run(NULL, &listed, "destroy", "list", "--archive", dir, NULL), 0);
    assert_non_null(strstr(listed, id));
    assert_int_equal(destroy_as(keeping, NULL, "wang", "propose", id, NULL), 0);
    g_autofree char *proposal = scene_ask(keeping->db, "SELECT max(record) FROM disposal");
    assert_true(destroy_as(keeping, NULL, "wang", "confirm", proposal, NULL) > 0);
    assert_int_equal(scene_type(PASSWORD, NULL, &done, "destroy", "confirm", proposal, "--as", "li",
                                "--archive", dir, "--receipt", page, NULL),
                     0);
    assert_non_null(strstr(done, "1 dossiers destroyed"));
    assert_true(g_file_get_contents(html_path, &html, NULL, NULL));
    assert_non_null(strstr(html, "档案销毁清册"));
    assert_null(strstr(html, "欧阳"));
    assert_int_equal(scene_run(NULL, NULL, "receipt", "check", page, NULL), 0);
    static const char *const wrong[] = {"confirm", "propose", "withdraw", "burn"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(
            scene_type(PASSWORD, NULL, NULL, "destroy", wrong[i], "--archive", dir, NULL), 2);
    assert_true(destroy_as(keeping, NULL, "li", "confirm", "x", NULL) == 2);
    assert_true(destroy_as(keeping, NULL, "li", "propose", NOBODY, NULL) == 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stays_as_long_as_anything_keeps_it),
        cmocka_unit_test(one_person_is_not_enough),
        cmocka_unit_test(nothing_is_left_but_records_and_what_others_name),
        cmocka_unit_test(what_cannot_be_read_is_not_destroyed),
        cmocka_unit_test(killed_anywhere_the_same_confirmation_completes_it),
        cmocka_unit_test(the_program_asks_who_it_is),
        cmocka_unit_test(an_index_that_is_made_anew_knows_what_was_destroyed),
    };
    return cmocka_run_group_tests_name("destroy", tests, keeping_begin, keeping_end);
}
