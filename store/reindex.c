#include <dangan/reindex.h>

#include "archive_unfinished.h"
#include "cursor.h"
#include "record_find.h"
#include "reindex_destroyed.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/object.h>
#include <string.h>

/* What is not about the holdings, and no record could give back. */
#define KEPT                                                                                       \
    "'schema_version', 'account', 'session', 'deposit_log', 'fixity_round', 'object_damage',"      \
    " 'object_event', 'district', 'scope_key', 'index_rules', 'batch_check', 'audit'"

typedef struct {
    DaArchive *archive;
    PGconn *db;
    DaObjectStore *store;
    const DaReindexOptions *options;
    DaReindexResult *result;
    GHashTable *destroyed; /* dossier → digest of the list of what it consisted of */
} Reindex;

static gboolean goes_on(const Reindex *reindex, GError **error)
{
    const volatile sig_atomic_t *stop = reindex->options->stop;
    return !stop || !*stop ||
           da_error_set(error, DA_ERROR_CANCELLED, "stopped; the database is as it was before");
}

/* --- the records among the objects ----------------------------------------------------------------------------------- */

static gboolean keep_found(Reindex *reindex, const DaRecord *record, const DaObjectEntry *entry,
                           GError **error)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, entry->size_bytes);
    g_autofree char *since = g_strdup_printf("%" G_GINT64_FORMAT, entry->since_us);
    return da_db_run(reindex->db, error, "INSERT INTO found_record VALUES ($1, $2, $3, $4, $5, $6)",
                     record->sha256, number, record->former, record->at, since, bytes, NULL);
}

static gboolean look_at(Reindex *reindex, const DaObjectEntry *entry, GError **error)
{
    g_autoptr(DaRecord) record = entry->sha256 ? da_record_find(reindex->store, entry) : NULL;
    reindex->result->objects++;
    return goes_on(reindex, error) && (!record || (keep_found(reindex, record, entry, error) &&
                                                   da_reindex_note(reindex->db, record, error)));
}

static gboolean find_records(Reindex *reindex, GError **error)
{
    g_autoptr(DaObjectList) list = da_object_list_begin(reindex->store, NULL, error);
    if (!list ||
        !da_db_run(reindex->db, error,
                   "CREATE TEMPORARY TABLE found_record (sha256 text PRIMARY KEY,"
                   " number bigint, former text, at text, since bigint, bytes bigint)"
                   " ON COMMIT DROP",
                   NULL) ||
        !da_reindex_begin(reindex->db, error))
        return FALSE;
    g_autoptr(GError) problem = NULL;
    const DaObjectEntry *entry;
    while ((entry = da_object_list_next(list, &problem)))
        if (!look_at(reindex, entry, error))
            return FALSE;
    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    da_fault_point("reindex.scanned");
    return TRUE;
}

/* --- their order ------------------------------------------------------------------------------------------------------- */

/* From the last record back to the first. Of several last ones the latest made counts: the others' transactions did not commit, else their
 * successor would name them. */
static gboolean make_chain(Reindex *reindex, GError **error)
{
    return da_db_run(reindex->db, error,
                     "CREATE TEMPORARY TABLE chain ON COMMIT DROP AS WITH RECURSIVE back AS ("
                     "(SELECT * FROM found_record ORDER BY number DESC, at DESC, since DESC,"
                     " sha256 LIMIT 1)"
                     " UNION ALL SELECT f.* FROM found_record f JOIN back b"
                     " ON f.sha256 = b.former AND f.number = b.number - 1)"
                     " SELECT * FROM back",
                     NULL);
}

static gboolean check_chain(Reindex *reindex, GError **error)
{
    g_autoptr(PGresult) ends = da_db_query(
        reindex->db, error,
        "SELECT number, former, (SELECT count(*) FROM chain) AS records,"
        " (SELECT count(*) FROM found_record) AS found FROM chain ORDER BY number LIMIT 1",
        NULL);
    if (!ends)
        return FALSE;
    if (PQntuples(ends) == 0)
        return TRUE;
    guint64 first = (guint64)da_db_integer(ends, 0, "number");
    reindex->result->records = (guint64)da_db_integer(ends, 0, "records");
    reindex->result->aside = (guint64)da_db_integer(ends, 0, "found") - reindex->result->records;
    return first == 1 ||
           da_error_set(error, DA_ERROR_DISK,
                        "record %" G_GUINT64_FORMAT
                        " is missing or damaged: record %" G_GUINT64_FORMAT
                        " names object '%s'; bring it back from a backup and run the same command "
                        "again",
                        first - 1, first, da_db_text(ends, 0, "former"));
}

/* --- the rows ---------------------------------------------------------------------------------------------------------- */

/* Tables as they are in this schema: a new one is about the holdings unless it is named above. Without triggers: what refers to a row goes with
 * it. */
static gboolean empty_tables(PGconn *db, GError **error)
{
    g_autoptr(PGresult) tables =
        da_db_query(db, error,
                    "SELECT format('DELETE FROM %I', relname) AS statement FROM pg_class"
                    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                    " AND NOT relispartition AND relname NOT IN (" KEPT ")",
                    NULL);
    if (!tables || !da_db_run(db, error, "SET LOCAL session_replication_role = replica", NULL))
        return FALSE;
    for (int i = 0; i < PQntuples(tables); i++)
        if (!da_db_run(db, error, da_db_text(tables, i, "statement"), NULL))
            return FALSE;
    return da_db_run(db, error, "SET LOCAL session_replication_role = origin", NULL);
}

static gboolean keep_checks(PGconn *db, GError **error)
{
    return da_db_run(db, error,
                     "CREATE TEMPORARY TABLE kept_check ON COMMIT DROP AS"
                     " SELECT sha256, checked_at FROM object WHERE checked_at IS NOT NULL",
                     NULL);
}

static gboolean bring_back_checks(PGconn *db, GError **error)
{
    return da_db_run(db, error,
                     "UPDATE object o SET checked_at = k.checked_at FROM kept_check k"
                     " WHERE k.sha256 = o.sha256",
                     NULL) &&
           da_db_run(db, error,
                     "DELETE FROM object_damage d WHERE NOT EXISTS"
                     " (SELECT FROM object o WHERE o.sha256 = d.sha256)",
                     NULL);
}

static gboolean replay_one(Reindex *reindex, const DaRecord *record, guint64 bytes, GError **error)
{
    const char *listing =
        record->dossier ? g_hash_table_lookup(reindex->destroyed, record->dossier) : NULL;
    gboolean alone = FALSE;
    if (!listing)
        return da_record_replay(reindex->archive, reindex->db, record, bytes, error);
    return da_record_replay_destroyed(reindex->archive, reindex->db, record, bytes, &alone,
                                      error) &&
           (!alone || strcmp(record->kind, "deposit") != 0 ||
            da_reindex_bring(reindex->db, reindex->store, record, listing, error));
}

static gboolean replay(Reindex *reindex, const PGresult *rows, int row, GError **error)
{
    const char *sha256 = da_db_text(rows, row, "sha256");
    guint64 bytes = (guint64)da_db_integer(rows, row, "bytes");
    g_autoptr(GBytes) text = da_object_read(reindex->store, sha256, error);
    g_autoptr(DaRecord) record = text ? da_record_parse(text, NULL, error) : NULL;
    if (!record || !replay_one(reindex, record, bytes, error)) {
        g_prefix_error(error, "record %s: ", da_db_text(rows, row, "number"));
        return FALSE;
    }
    da_fault_point("reindex.replayed");
    da_progress_add(reindex->options->progress, 1);
    return TRUE;
}

static gboolean replay_all(Reindex *reindex, GError **error)
{
    g_autoptr(DaCursor) cursor = da_cursor_open(
        reindex->db, "SELECT number, sha256, bytes FROM chain ORDER BY number", error);
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !goes_on(reindex, error) || !da_cursor_next(cursor, &rows, &row, error) ||
            (rows && !replay(reindex, rows, row, error)))
            return FALSE;
    } while (rows);
    return TRUE;
}

static gboolean count(Reindex *reindex, GError **error)
{
    g_autoptr(PGresult) n = da_db_query(reindex->db, error,
                                        "SELECT (SELECT count(*) FROM dossier) AS dossiers,"
                                        " (SELECT count(*) FROM dossier_version) AS versions",
                                        NULL);
    if (!n)
        return FALSE;
    reindex->result->dossiers = (guint64)da_db_integer(n, 0, "dossiers");
    reindex->result->versions = (guint64)da_db_integer(n, 0, "versions");
    return TRUE;
}

static gboolean replace_rows(Reindex *reindex, GError **error)
{
    PGconn *db = reindex->db;
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    if (!transaction || !find_records(reindex, error) || !make_chain(reindex, error) ||
        !check_chain(reindex, error) ||
        !da_reindex_destroyed(reindex->db, reindex->destroyed, error))
        return FALSE;
    da_progress_total(reindex->options->progress, reindex->result->records);
    return keep_checks(db, error) && empty_tables(db, error) && replay_all(reindex, error) &&
           da_reindex_drop(reindex->db, reindex->store, error) && bring_back_checks(db, error) &&
           count(reindex, error) && da_transaction_commit(transaction, error);
}

/* Nobody brings objects or makes records meanwhile: what came after the look through the objects would be lost. */
static gboolean rebuild(Reindex *reindex, GError **error)
{
    g_auto(DaTurn) turn = {NULL};
    if (!da_turn_own_objects(&turn, reindex->db, error) ||
        !da_db_run(reindex->db, error, "SELECT pg_advisory_lock(hashtext('dangan records'))", NULL))
        return FALSE;
    gboolean replaced = replace_rows(reindex, error);
    da_fault_point("reindex.committed");
    da_db_run(reindex->db, NULL, "SELECT pg_advisory_unlock(hashtext('dangan records'))", NULL);
    /* The planner knows nothing of rows that have just come. */
    return replaced && da_db_run(reindex->db, error, "ANALYZE", NULL);
}

static DaArchive *open_or_make(const char *dir, gboolean *made, GError **error)
{
    g_autofree char *command = g_strdup_printf("dangan reindex --archive '%s'", dir);
    *made = da_archive_is_unfinished(dir, "reindex") || da_archive_has_objects_alone(dir);
    if (!*made)
        return da_archive_open(dir, error);
    return da_archive_unfinished(dir, "reindex", command, error) ? da_archive_make(dir, error)
                                                                 : NULL;
}

gboolean da_reindex(const char *dir, const DaReindexOptions *options, DaReindexResult *result,
                    GError **error)
{
    *result = (DaReindexResult){0};
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    g_autoptr(DaArchive) archive = open_or_make(absolute, &result->made, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    g_autoptr(DaObjectStore) store = db ? da_object_store_open(absolute, error) : NULL;
    g_autoptr(GHashTable) destroyed =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Reindex reindex = {.archive = archive,
                       .db = db,
                       .store = store,
                       .options = options,
                       .result = result,
                       .destroyed = destroyed};
    return store && rebuild(&reindex, error) &&
           (!result->made || da_archive_finished(absolute, error));
}
