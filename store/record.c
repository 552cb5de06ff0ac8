#include "archive_key.h"
#include "record_kinds.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/signed.h>
#include <string.h>

void da_record_free(DaRecord *record)
{
    if (!record)
        return;
    char *const texts[] = {record->sha256,        record->former,   record->kind,
                           record->archive,       record->district, record->dossier,
                           record->operator_name, record->at,       record->signed_by,
                           record->fingerprint};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    json_decref(record->body);
    g_free(record);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static char *dup_member(const json_t *document, const char *name)
{
    return g_strdup(json_string_value(json_object_get(document, name)));
}

/* What any record must say of itself. */
static gboolean is_whole(const DaRecord *record)
{
    gboolean first = record->number == 1;
    return record->number > 0 && record->former && record->kind && record->archive &&
           record->operator_name && json_is_object(record->body) &&
           (first ? *record->former == '\0' : da_digest_is_valid(record->former)) &&
           (!record->dossier || g_uuid_string_is_valid(record->dossier));
}

DaRecord *da_record_parse(GBytes *text, const DaSignKey *expected, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    g_autoptr(DaSigned) checked = da_signed_check(data, size, expected, error);
    if (!checked)
        return NULL;
    const json_t *document = checked->document;
    g_autoptr(DaRecord) record = g_new0(DaRecord, 1);
    DaDigest digest = da_digest_bytes(data, size);
    record->sha256 = g_strdup(digest.hex);
    record->number = (guint64)json_integer_value(json_object_get(document, "number"));
    record->former = dup_member(document, "former");
    record->kind = dup_member(document, "kind");
    record->archive = dup_member(document, "archive");
    record->operator_name = dup_member(document, "operator");
    record->district = dup_member(document, "district");
    record->dossier = dup_member(document, "dossier");
    record->signed_by = g_strdup(checked->signed_by);
    record->at = g_strdup(checked->signed_at);
    record->fingerprint = g_strdup(checked->fingerprint);
    record->body = json_incref(json_object_get(document, "body"));
    if (is_whole(record))
        return g_steal_pointer(&record);
    da_error_set(error, DA_ERROR_INPUT, "the document is signed, but no record of an archive");
    return NULL;
}

gboolean da_record_is(GBytes *text)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    if (size == 0 || size > DA_RECORD_MAX_BYTES || *data != '{')
        return FALSE;
    g_autoptr(json_t) envelope = json_loadb(data, size, 0, NULL);
    const json_t *mark = json_object_get(json_object_get(envelope, "document"), "dangan");
    return !g_strcmp0(json_string_value(mark), "record");
}

/* --- the chain ------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint64 number; /* 0 = there is no record yet */
    char *sha256;   /* "" then */
    char *archive;  /* NULL then */
} Head;

static void head_clear(Head *head)
{
    g_free(head->sha256);
    g_free(head->archive);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Head, head_clear)

/* Held until the transaction ends: the next number is known only when this one is there or is not. */
static gboolean take_head(PGconn *db, Head *head, GError **error)
{
    g_autoptr(PGresult) held =
        da_db_query(db, error, "SELECT pg_advisory_xact_lock(hashtext('dangan records'))", NULL);
    g_autoptr(PGresult) last = held ? da_db_query(db, error,
                                                  "SELECT number, sha256, archive FROM record"
                                                  " ORDER BY number DESC LIMIT 1",
                                                  NULL)
                                    : NULL;
    if (!last)
        return FALSE;
    gboolean any = PQntuples(last) > 0;
    head->number = any ? (guint64)da_db_integer(last, 0, "number") : 0;
    head->sha256 = g_strdup(any ? da_db_text(last, 0, "sha256") : "");
    head->archive = any ? g_strdup(da_db_text(last, 0, "archive")) : NULL;
    return TRUE;
}

static const char *or_null(const char *text)
{
    return text && *text ? text : DA_DB_NULL;
}

static gboolean write_row(PGconn *db, const DaRecord *record, guint64 bytes, GError **error)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
    return da_db_run(db, error,
                     "INSERT INTO object (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                     record->sha256, size, NULL) &&
           da_db_run(db, error,
                     "INSERT INTO record (number, sha256, former, archive, kind, at, operator,"
                     " district, dossier) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     number, record->sha256, or_null(record->former), record->archive, record->kind,
                     record->at, record->operator_name, or_null(record->district),
                     or_null(record->dossier), NULL);
}

static gboolean apply(const DaRecordApplying *applying, const DaRecord *record, guint64 bytes,
                      gboolean rows_are_there, GError **error)
{
    const DaRecordKind *kind = da_record_kind_find(record->kind);
    if (!kind)
        return da_error_set(error, DA_ERROR_USAGE,
                            "record %" G_GUINT64_FORMAT
                            " is of kind '%s', which this program does not know; use a newer one",
                            record->number, record->kind);
    return write_row(applying->db, record, bytes, error) &&
           (rows_are_there || kind->apply(applying, record, error));
}

static gboolean replay(DaArchive *archive, PGconn *db, const DaRecord *record, guint64 bytes,
                       gboolean alone, GError **error)
{
    g_auto(Head) head = {0};
    if (!take_head(db, &head, error))
        return FALSE;
    if (record->number != head.number + 1 || strcmp(record->former, head.sha256) != 0)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "record %" G_GUINT64_FORMAT " does not follow record %" G_GUINT64_FORMAT
                            " of the index",
                            record->number, head.number);
    const DaRecordApplying applying = {.archive = archive, .db = db};
    return apply(&applying, record, bytes, alone, error);
}

gboolean da_record_replay(DaArchive *archive, PGconn *db, const DaRecord *record, guint64 bytes,
                          GError **error)
{
    return replay(archive, db, record, bytes, FALSE, error);
}

gboolean da_record_replay_destroyed(DaArchive *archive, PGconn *db, const DaRecord *record,
                                    guint64 bytes, gboolean *alone, GError **error)
{
    const DaRecordKind *kind = da_record_kind_find(record->kind);
    *alone = kind && kind->of_dossier;
    return replay(archive, db, record, bytes, *alone, error);
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static void set_text(json_t *document, const char *member, const char *text)
{
    if (text)
        json_object_set_new(document, member, json_string(text));
}

static json_t *document_of(const DaRecordDraft *draft, const Head *head, const DaSignKey *key)
{
    g_autofree char *fingerprint = da_sign_key_fingerprint(key);
    json_t *document = json_pack(
        "{s:s, s:s, s:I, s:s, s:s, s:s, s:O}", "dangan", "record", "kind", draft->kind, "number",
        (json_int_t)(head->number + 1), "former", head->sha256, "archive",
        head->archive ? head->archive : fingerprint, "operator",
        draft->operator_name ? draft->operator_name : g_get_user_name(), "body", draft->body);
    set_text(document, "district", draft->district);
    set_text(document, "dossier", draft->dossier);
    return document;
}

static GBytes *sign(const DaArchive *archive, const DaRecordDraft *draft, const Head *head,
                    GError **error)
{
    if (head->number == 0 && !da_archive_key_make(archive, error))
        return NULL;
    g_autoptr(DaSignKey) key = da_archive_key_load(archive, error);
    g_autoptr(json_t) document = key ? document_of(draft, head, key) : NULL;
    if (key && !document)
        da_error_set(error, DA_ERROR_INPUT, "a record of kind '%s' has a text that is no UTF-8",
                     draft->kind);
    if (!document)
        return NULL;
    const char *custodian = da_config_text(da_archive_config(archive), "custodian");
    g_autofree char *fallback =
        g_strdup_printf("archive %.16s", json_string_value(json_object_get(document, "archive")));
    char *text = da_signed_text(document, custodian ? custodian : fallback, key, error);
    return text ? g_bytes_new_take(text, strlen(text)) : NULL;
}

static gboolean keep(DaArchive *archive, GBytes *text, const char *sha256, GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(text, &size);
    return stage && da_object_stage_bytes(stage, data, size, sha256, error) &&
           da_object_stage_commit(stage, NULL, NULL, error);
}

DaRecord *da_record_append(DaArchive *archive, PGconn *db, const DaRecordDraft *draft,
                           GError **error)
{
    g_auto(Head) head = {0};
    g_autoptr(GBytes) text =
        take_head(db, &head, error) ? sign(archive, draft, &head, error) : NULL;
    g_autoptr(DaRecord) record = text ? da_record_parse(text, NULL, error) : NULL;
    if (!record || !keep(archive, text, record->sha256, error))
        return NULL;
    da_fault_point("record.kept");
    const DaRecordApplying applying = {.archive = archive, .db = db, .prepared = draft->prepared};
    if (apply(&applying, record, g_bytes_get_size(text), draft->rows_are_there, error))
        return g_steal_pointer(&record);
    return NULL;
}

guint64 da_record_commit(DaArchive *archive, PGconn *db, const DaRecordDraft *draft, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(DaRecord) record = transaction ? da_record_append(archive, db, draft, error) : NULL;
    return record && da_transaction_commit(transaction, error) ? record->number : 0;
}
