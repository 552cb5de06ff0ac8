#include <dangan/audit.h>

#include "archive_key.h"
#include "audit_entry.h"
#include "cursor.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/sign.h>
#include <dangan/signed.h>
#include <string.h>

/* --- an entry -------------------------------------------------------------------------------------------------------- */

json_t *da_audit_entry_json(const DaAuditEntry *entry, guint64 number, const char *at,
                            const char *former)
{
    return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s*, s:s, s:I}", "account", entry->account,
                     "action", entry->action, "at", at, "detail", entry->detail, "district",
                     entry->district, "dossier", entry->dossier, "former", former, "number",
                     (json_int_t)number);
}

char *da_audit_entry_digest(const json_t *entry)
{
    char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
    DaDigest digest = da_digest_bytes(text, strlen(text));
    free(text);
    return g_strdup(digest.hex);
}

/* --- appending ------------------------------------------------------------------------------------------------------- */

static char *now_text(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    return g_strdup_printf("%s.%03dZ", seconds, g_date_time_get_microsecond(now) / 1000);
}

/* The last entry of the district, which nobody else appends to until the transaction ends. */
static gboolean take_head(PGconn *db, const char *district, guint64 *number, char **digest,
                          GError **error)
{
    g_autoptr(PGresult) held =
        da_db_query(db, error, "SELECT pg_advisory_xact_lock(hashtextextended('audit ' || $1, 0))",
                    district, NULL);
    g_autoptr(PGresult) head =
        held ? da_db_query(db, error,
                           "SELECT number, digest FROM audit WHERE district = $1"
                           " ORDER BY number DESC LIMIT 1",
                           district, NULL)
             : NULL;
    if (!head)
        return FALSE;
    *number = PQntuples(head) ? (guint64)da_db_integer(head, 0, "number") : 0;
    *digest = g_strdup(PQntuples(head) ? da_db_text(head, 0, "digest") : "");
    return TRUE;
}

/* The entries of one district become rows, each with the digest of the one before. */
static gboolean link_district(PGconn *db, const char *district, const DaAuditEntry *entries,
                              guint n, const char *at, json_t *rows, GError **error)
{
    guint64 number = 0;
    g_autofree char *former = NULL;
    if (!take_head(db, district, &number, &former, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        if (strcmp(entries[i].district, district) != 0)
            continue;
        json_t *row = da_audit_entry_json(&entries[i], ++number, at, former);
        if (!row)
            return da_error_set(error, DA_ERROR_INPUT, "an entry of the audit is not in UTF-8");
        char *digest = da_audit_entry_digest(row);
        json_object_set_new(row, "digest", json_string(digest));
        json_array_append_new(rows, row);
        g_free(former);
        former = digest;
    }
    return TRUE;
}

static gint by_text(gconstpointer a, gconstpointer b, gpointer data)
{
    return strcmp(a, b);
}

/* In one order, so that two who append to several districts do not wait for each other crosswise. */
static gboolean link_all(PGconn *db, const DaAuditEntry *entries, guint n, json_t *rows,
                         GError **error)
{
    g_autofree char *at = now_text();
    g_autoptr(GTree) districts = g_tree_new_full(by_text, NULL, NULL, NULL);
    for (guint i = 0; i < n; i++)
        g_tree_insert(districts, (gpointer)entries[i].district, (gpointer)entries[i].district);
    for (GTreeNode *node = g_tree_node_first(districts); node; node = g_tree_node_next(node))
        if (!link_district(db, g_tree_node_key(node), entries, n, at, rows, error))
            return FALSE;
    return TRUE;
}

gboolean da_audit_append(PGconn *db, const DaAuditEntry *entries, guint n, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    if (!transaction || !link_all(db, entries, n, rows, error))
        return FALSE;
    char *text = json_dumps(rows, JSON_COMPACT);
    gboolean written = da_db_run(
        db, error, "INSERT INTO audit SELECT * FROM json_populate_recordset(NULL::audit, $1::json)",
        text, NULL);
    free(text);
    return written && da_transaction_commit(transaction, error);
}

/* --- checkpoints ----------------------------------------------------------------------------------------------------- */

#define HEADS                                                                                      \
    "SELECT coalesce(json_agg(json_build_object('district', district, 'number', number, 'digest'," \
    " digest) ORDER BY district), '[]') AS heads FROM (SELECT DISTINCT ON (district) * FROM audit" \
    " ORDER BY district, number DESC) AS last"

/* The first record makes the key; there may be none yet. */
static DaSignKey *load_key(DaArchive *archive, PGconn *db, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(PGresult) held =
        transaction ? da_db_query(db, error,
                                  "SELECT pg_advisory_xact_lock(hashtext('dangan records'))", NULL)
                    : NULL;
    return held && da_archive_key_make(archive, error) ? da_archive_key_load(archive, error) : NULL;
}

char *da_audit_checkpoint(DaArchive *archive, PGconn *db, GError **error)
{
    g_autoptr(DaSignKey) key = load_key(archive, db, error);
    g_autoptr(PGresult) rows = key ? da_db_query(db, error, HEADS, NULL) : NULL;
    if (!rows)
        return NULL;
    g_autofree char *fingerprint = da_sign_key_fingerprint(key);
    const char *custodian = da_config_text(da_archive_config(archive), "custodian");
    g_autofree char *fallback = g_strdup_printf("archive %.16s", fingerprint);
    g_autoptr(json_t) document =
        json_pack("{s:s, s:s, s:o}", "kind", DA_AUDIT_CHECKPOINT, "archive", fingerprint,
                  "districts", json_loads(da_db_text(rows, 0, "heads"), 0, NULL));
    return da_signed_text(document, custodian ? custodian : fallback, key, error);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static json_t *entry_of(const PGresult *rows, int row)
{
    const DaAuditEntry entry = {.district = da_db_text(rows, row, "district"),
                                .account = da_db_text(rows, row, "account"),
                                .action = da_db_text(rows, row, "action"),
                                .dossier = da_db_text(rows, row, "dossier"),
                                .detail = da_db_text(rows, row, "detail")};
    return da_audit_entry_json(&entry, (guint64)da_db_integer(rows, row, "number"),
                               da_db_text(rows, row, "at"), da_db_text(rows, row, "former"));
}

/* " AND <column> = '…'"; "" when there is no value. The caller owns it. */
static char *condition(PGconn *db, const char *column, const char *compares, const char *value)
{
    char *quoted = value ? PQescapeLiteral(db, value, strlen(value)) : NULL;
    char *text = quoted ? g_strconcat(" AND ", column, compares, quoted, NULL) : g_strdup("");
    PQfreemem(quoted);
    return text;
}

/* A cursor takes no parameters. */
static char *question_of(PGconn *db, const DaAuditFilter *filter)
{
    g_autofree char *day =
        g_strdup_printf("left(at, %u)", filter->to ? (guint)strlen(filter->to) : 0);
    g_autofree char *district = condition(db, "district", " = ", filter->district),
                    *account = condition(db, "account", " = ", filter->account),
                    *dossier = condition(db, "dossier::text", " = ", filter->dossier),
                    *from = condition(db, "at", " >= ", filter->from),
                    *to = condition(db, day, " <= ", filter->to);
    return g_strconcat("SELECT * FROM audit WHERE true", district, account, dossier, from, to,
                       " ORDER BY district, number", NULL);
}

gboolean da_audit_read(PGconn *db, const DaAuditFilter *filter,
                       gboolean (*take)(const json_t *entry, gpointer data, GError **error),
                       gpointer data, GError **error)
{
    g_autofree char *question = question_of(db, filter);
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(DaCursor) cursor = transaction ? da_cursor_open(db, question, error) : NULL;
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !da_cursor_next(cursor, &rows, &row, error))
            return FALSE;
        if (!rows)
            break;
        g_autoptr(json_t) entry = entry_of(rows, row);
        json_object_set_new(entry, "digest", json_string(da_db_text(rows, row, "digest")));
        if (!take(entry, data, error))
            return FALSE;
    } while (rows);
    return TRUE;
}
