#include "scene.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/record.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOSSIER "5e0d1c5c-3f0e-4b51-9a1e-0b6a3f3f1a10"

static void add_dossier(PGconn *db)
{
    assert_true(da_db_run(db, NULL,
                          "INSERT INTO dossier (id, district, version, name, materials, pages,"
                          " pages_content) VALUES ('" DOSSIER "', '310104', 1, '张三', 0, 0, 0)",
                          NULL));
}

static DaRecord *append(DaArchive *archive, PGconn *db, const char *kind, const char *text,
                        GError **error)
{
    g_autoptr(json_t) body = json_pack("{s:s?}", "text", text);
    DaRecordDraft draft = {.kind = kind, .district = "310104", .dossier = DOSSIER, .body = body};
    return da_record_append(archive, db, &draft, error);
}

static DaRecord *remark(DaArchive *archive, PGconn *db, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, &error);
    DaRecord *record = append(archive, db, "remark", text, &error);
    if (!record || !da_transaction_commit(transaction, &error))
        fail_msg("%s", error->message);
    return record;
}

static GBytes *object_of(const Scene *scene, const char *sha256)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(scene->dir, NULL);
    GBytes *bytes = da_object_read(store, sha256, NULL);
    assert_non_null(bytes);
    return bytes;
}

static void records_are_a_chain_of_signed_objects(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    g_autoptr(DaRecord) first = remark(archive, db, "卷内第三页为复印件");
    g_autoptr(DaRecord) second = remark(archive, db, "已电话核实");
    assert_int_equal(first->number, 1);
    assert_string_equal(first->former, "");
    assert_int_equal(second->number, 2);
    assert_string_equal(second->former, first->sha256);
    assert_string_equal(second->archive, first->fingerprint);
    assert_ask(db, "SELECT string_agg(text, '; ' ORDER BY record) FROM remark",
               "卷内第三页为复印件; 已电话核实");
    g_autoptr(GBytes) text = object_of(*state, second->sha256);
    assert_true(da_record_is(text));
    g_autoptr(DaRecord) read = da_record_parse(text, NULL, NULL);
    assert_non_null(read);
    assert_string_equal(read->dossier, DOSSIER);
    assert_string_equal(json_string_value(json_object_get(read->body, "text")), "已电话核实");
}

static void a_record_that_cannot_be_applied_is_none(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    static const struct {
        const char *kind, *text;
        DaErrorCode code;
    } cases[] = {
        {"remark", NULL, DA_ERROR_INPUT},
        {"prophecy", "明年", DA_ERROR_USAGE},
        {"remark", "\xff\xfe", DA_ERROR_INPUT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaTransaction) transaction = da_transaction_begin(db, NULL);
        assert_non_null(transaction);
        assert_null(append(archive, db, cases[i].kind, cases[i].text, &error));
        assert_int_equal(error->code, cases[i].code);
    }
    assert_ask(db, "SELECT count(*) FROM record", "0");
    g_autoptr(DaRecord) next = remark(archive, db, "好");
    assert_int_equal(next->number, 1);
}

static void without_a_commit_it_leaves_a_leaf(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    g_autoptr(DaRecord) first = remark(archive, db, "一");
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, NULL);
    g_autoptr(DaRecord) leaf = append(archive, db, "remark", "二", NULL);
    assert_non_null(leaf);
    g_clear_pointer(&transaction, da_transaction_free);
    assert_ask(db, "SELECT count(*) FROM record", "1");
    g_autoptr(DaRecord) second = remark(archive, db, "三");
    assert_int_equal(second->number, 2);
    assert_int_equal(leaf->number, 2);
    assert_string_equal(second->former, first->sha256);
    assert_ask(db, "SELECT string_agg(text, ' ' ORDER BY record) FROM remark", "一 三");
}

static gpointer remark_some(gpointer data)
{
    DaArchive *archive = data;
    g_autoptr(PGconn) db = scene_connect(archive);
    for (guint i = 0; i < 5; i++)
        da_record_free(remark(archive, db, "同时"));
    return NULL;
}

static void several_at_once_make_one_chain(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    GThread *threads[4];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("remark", remark_some, archive);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    assert_ask(db, "SELECT count(*) || ' ' || max(number) FROM record", "20 20");
}

static void an_altered_record_is_refused(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    g_autoptr(DaRecord) first = remark(archive, db, "原样");
    g_autoptr(GBytes) text = object_of(*state, first->sha256);
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    g_autofree char *changed = g_strndup(data, size);
    strstr(changed, "310104")[0] = '4';
    g_autoptr(GBytes) other = g_bytes_new(changed, size);
    g_autoptr(GBytes) half = g_bytes_new(data, size / 2);
    g_autoptr(GError) altered = NULL, truncated = NULL;
    assert_null(da_record_parse(other, NULL, &altered));
    assert_null(da_record_parse(half, NULL, &truncated));
    assert_int_equal(altered->code, DA_ERROR_INPUT);
    assert_int_equal(truncated->code, DA_ERROR_INPUT);
}

static void an_index_takes_records_in_their_order_alone(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    g_autoptr(DaRecord) first = remark(archive, db, "一");
    g_autoptr(DaRecord) second = remark(archive, db, "二");
    assert_true(da_db_script(db, "DELETE FROM remark; DELETE FROM record", NULL));
    g_autoptr(GError) error = NULL;
    assert_false(da_record_replay(archive, db, second, 1, &error));
    assert_int_equal(error->code, DA_ERROR_CONFLICT);
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, NULL);
    assert_true(da_record_replay(archive, db, first, 1, NULL));
    assert_true(da_record_replay(archive, db, second, 1, NULL));
    assert_true(da_transaction_commit(transaction, NULL));
    assert_ask(db, "SELECT string_agg(text, ' ' ORDER BY record) FROM remark", "一 二");
}

static void without_its_key_no_chain_goes_on(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    da_record_free(remark(archive, db, "一"));
    g_autofree char *keys = g_build_filename(scene->dir, "keys", NULL);
    assert_true(da_tree_remove(keys, NULL));
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTransaction) transaction G_GNUC_UNUSED = da_transaction_begin(db, NULL);
    assert_null(append(archive, db, "remark", "二", &error));
    assert_int_equal(error->code, DA_ERROR_NOT_FOUND);
    assert_non_null(strstr(error->message, "backup"));
}

static void the_key_can_be_of_sm2(void **state)
{
    Scene *scene = *state;
    da_archive_free(scene_init(scene));
    assert_true(da_archive_configure(scene->dir, "signature", "sm2", NULL));
    assert_true(da_archive_configure(scene->dir, "custodian", "某区档案馆", NULL));
    g_autoptr(DaArchive) archive = da_archive_open(scene->dir, NULL);
    g_autoptr(PGconn) db = scene_connect(archive);
    add_dossier(db);
    g_autoptr(DaRecord) first = remark(archive, db, "一");
    assert_string_equal(first->signed_by, "某区档案馆");
    g_autoptr(GBytes) text = object_of(scene, first->sha256);
    assert_non_null(strstr(g_bytes_get_data(text, NULL), "SM2-SM3"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(records_are_a_chain_of_signed_objects),
        CASE(a_record_that_cannot_be_applied_is_none),
        CASE(without_a_commit_it_leaves_a_leaf),
        CASE(several_at_once_make_one_chain),
        CASE(an_altered_record_is_refused),
        CASE(an_index_takes_records_in_their_order_alone),
        CASE(without_its_key_no_chain_goes_on),
        CASE(the_key_can_be_of_sm2),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
