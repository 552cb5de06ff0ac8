#include "keeping.h"

#include <dangan/backup.h>
#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void deposit(Keeping *keeping)
{
    const DaDepositOptions options = {.district = "310104", .profile = keeping->fixture->profile};
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    if (!da_deposit(keeping->archive, keeping->db, keeping->fixture->package, &options, &result,
                    &error))
        fail_msg("%s: %s", error->message,
                 result.verification && result.verification->findings->len
                     ? ((DaFinding *)result.verification->findings->pdata[0])->message
                     : "");
    da_deposit_result_clear(&result);
}

DaRecord *keeping_remark(Keeping *keeping, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = json_pack("{s:s}", "text", text);
    const DaRecordDraft draft = {.kind = "remark",
                                 .district = "310104",
                                 .dossier = keeping->fixture->dossier->id,
                                 .body = body};
    g_autoptr(DaTransaction) transaction = da_transaction_begin(keeping->db, &error);
    DaRecord *record = da_record_append(keeping->archive, keeping->db, &draft, &error);
    if (!record || !da_transaction_commit(transaction, &error))
        fail_msg("%s", error->message);
    return record;
}

int keeping_begin(void **state)
{
    Keeping *keeping = g_new0(Keeping, 1);
    void *scene = NULL;
    scene_begin(&scene);
    keeping->scene = scene;
    keeping->copy = g_build_filename(keeping->scene->folder, "copy", NULL);
    keeping->archive = scene_init(keeping->scene);
    keeping->db = scene_connect(keeping->archive);
    keeping->fixture = fixture_new();
    fixture_write(keeping->fixture);
    deposit(keeping);
    da_dossier_set(keeping->fixture->dossier, DA_FIELD_NOTE, "补记", DA_ORIGIN_PERSON, "test");
    DaMaterial *material = keeping->fixture->dossier->materials->pdata[1];
    fixture_add_page(keeping->fixture, material, 7);
    material->pages_claimed++;
    assert_true(da_tree_remove(keeping->fixture->package, NULL));
    fixture_write(keeping->fixture);
    deposit(keeping);
    assert_ask(keeping->db, "SELECT count(*) > 0 FROM finding", "t");
    static const char *const remarks[] = {"一", "二", "三"};
    for (guint i = 0; i < G_N_ELEMENTS(remarks); i++)
        da_record_free(keeping_remark(keeping, remarks[i]));
    *state = keeping;
    return 0;
}

int keeping_end(void **state)
{
    Keeping *keeping = *state;
    void *scene = keeping->scene;
    g_clear_pointer(&keeping->db, PQfinish);
    g_clear_pointer(&keeping->archive, da_archive_free);
    fixture_free(keeping->fixture);
    g_free(keeping->copy);
    g_free(keeping);
    return scene_end(&scene);
}

char *keeping_object_path(const char *dir, const char *sha256)
{
    return g_strdup_printf("%s/objects/%.2s/%.2s/%s", dir, sha256, sha256 + 2, sha256);
}

void keeping_flip(const char *path)
{
    guchar byte = 0;
    assert_int_equal(chmod(path, 0644), 0);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, 100), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, 100), 1);
    close(fd);
    assert_int_equal(chmod(path, 0444), 0);
}

void keeping_backup(Keeping *keeping)
{
    const DaBackupOptions options = {0};
    g_autoptr(GError) error = NULL;
    g_auto(DaBackupResult) result = {0};
    if (!da_backup(keeping->archive, keeping->copy, &options, &result, &error))
        fail_msg("%s", error->message);
    assert_int_equal(result.failed, 0);
}

char *keeping_holdings(PGconn *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) tables = da_db_query(
        db, &error,
        "SELECT format('SELECT coalesce(string_agg(t::text, E''\\n'' ORDER BY t::text), '''')"
        " FROM %s t', CASE relname WHEN 'object' THEN '(SELECT sha256, bytes FROM object)' WHEN "
        "'district' THEN '(SELECT code FROM district)' ELSE"
        " quote_ident(relname) END) AS query, relname FROM pg_class WHERE relnamespace ="
        " 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT"
        " IN ('schema_version', 'account', 'session', 'deposit_log', 'fixity_round',"
        " 'object_damage', 'object_event', 'scope_key', 'index_rules', 'batch_check', 'audit') ORDER BY relname",
        NULL);
    if (!tables)
        fail_msg("%s", error->message);
    GString *all = g_string_new(NULL);
    for (int i = 0; i < PQntuples(tables); i++) {
        g_autofree char *rows = scene_ask(db, da_db_text(tables, i, "query"));
        g_string_append_printf(all, "%s\n%s\n", da_db_text(tables, i, "relname"), rows);
    }
    return g_string_free(all, FALSE);
}
