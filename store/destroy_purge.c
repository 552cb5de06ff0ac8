/* The objects of dossiers that were destroyed. */
#include "cursor.h"
#include "destroy_parts.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/retrieve.h>
#include <glib/gstdio.h>

typedef struct {
    PGconn *db;
    const char *dir; /* of the archive */
    DaObjectStore *store;
    GHashTable *doomed; /* digests; those that something names are taken out */
    const DaDestroyOptions *options;
    DaDestroyResult *result;
} Purge;

static gboolean goes_on(const Purge *purge, GError **error)
{
    return !purge->options->stop || !*purge->options->stop ||
           da_error_set(error, DA_ERROR_CANCELLED,
                        "stopped: the dossiers are destroyed, their objects are still there; the "
                        "same command goes on");
}

/* --- what others name ------------------------------------------------------------------------------------------------ */

static gboolean spare_version(Purge *purge, const PGresult *rows, int row, GError **error)
{
    g_autoptr(json_t) objects = da_destroy_version(purge->store, rows, row, error);
    if (!objects)
        return FALSE;
    const char *sha256;
    json_t *paths;
    json_object_foreach(objects, sha256, paths) g_hash_table_remove(purge->doomed, sha256);
    da_progress_add(purge->options->progress, 1);
    return goes_on(purge, error);
}

/* Versions that came with a record behind `after`. */
static gboolean spare_versions(Purge *purge, guint64 after, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(purge->db, error);
    g_autofree char *question = g_strdup_printf(
        "SELECT v.manifest, r.sha256 FROM dossier_version v JOIN record r ON r.number = v.record"
        " WHERE v.record > %" G_GUINT64_FORMAT " ORDER BY v.record",
        after);
    g_autoptr(DaCursor) cursor = transaction ? da_cursor_open(purge->db, question, error) : NULL;
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !da_cursor_next(cursor, &rows, &row, error) ||
            (rows && !spare_version(purge, rows, row, error)))
            return FALSE;
    } while (rows);
    g_clear_pointer(&cursor, da_cursor_free);
    return da_transaction_commit(transaction, error);
}

/* What records are, and what packages that wait name. (What else the bodies of records name is made after the packages, and in none.) */
#define NAMED                                                                                      \
    "SELECT sha256 FROM record UNION ALL SELECT sha256 FROM batch_object UNION ALL"                \
    " SELECT listing FROM batch_package WHERE state = 'received'"

static gboolean spare_named(Purge *purge, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(purge->db, error);
    g_autoptr(DaCursor) cursor = transaction ? da_cursor_open(purge->db, NAMED, error) : NULL;
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !da_cursor_next(cursor, &rows, &row, error))
            return FALSE;
        if (rows)
            g_hash_table_remove(purge->doomed, da_db_text(rows, row, "sha256"));
    } while (rows);
    g_clear_pointer(&cursor, da_cursor_free);
    return da_transaction_commit(transaction, error);
}

/* --- removing -------------------------------------------------------------------------------------------------------- */

/* Rows before files: a row never names an object that is not there. Whoever is killed in between finds the digests again. That nothing refers
 * to them is known by now; looking for references once more, object by object, would read all pages each time. */
static gboolean remove_rows(Purge *purge, GError **error)
{
    g_autofree char **digests = (char **)g_hash_table_get_keys_as_array(purge->doomed, NULL);
    g_autofree char *list = g_strjoinv(",", digests);
    g_autofree char *array = g_strdup_printf("{%s}", list);
    g_autoptr(DaTransaction) transaction = da_transaction_begin(purge->db, error);
    g_autoptr(PGresult) gone = NULL;
    if (transaction &&
        da_db_run(purge->db, error, "SET LOCAL session_replication_role = replica", NULL) &&
        da_db_run(purge->db, error, "DELETE FROM object_damage WHERE sha256 = ANY ($1::text[])",
                  array, NULL))
        gone = da_db_query(purge->db, error,
                           "WITH gone AS (DELETE FROM object WHERE sha256 = ANY ($1::text[])"
                           " RETURNING bytes) SELECT count(*) AS objects,"
                           " coalesce(sum(bytes), 0) AS bytes FROM gone",
                           array, NULL);
    if (!gone || !da_transaction_commit(transaction, error))
        return FALSE;
    purge->result->objects_removed = (guint64)da_db_integer(gone, 0, "objects");
    purge->result->bytes_removed = (guint64)da_db_integer(gone, 0, "bytes");
    return TRUE;
}

/* Made of the object for those who read it. */
static void remove_tiles(const Purge *purge, const char *sha256)
{
    g_autofree char *path = g_build_filename(purge->dir, DA_ARCHIVE_TILES, sha256, NULL);
    g_unlink(path);
}

static gboolean remove_files(Purge *purge, GError **error)
{
    GHashTableIter iter;
    gpointer sha256;
    g_hash_table_iter_init(&iter, purge->doomed);
    while (g_hash_table_iter_next(&iter, &sha256, NULL)) {
        g_autoptr(GError) problem = NULL;
        da_fault_point("destroy.removing");
        remove_tiles(purge, sha256);
        if (!da_object_remove(purge->store, sha256, &problem) &&
            !g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    da_fault_point("destroy.removed");
    return TRUE;
}

/* Nobody brings objects now; what came since the first look is looked at as well. */
static gboolean remove_doomed(Purge *purge, guint64 seen, GError **error)
{
    g_auto(DaTurn) turn = {0};
    guint before = g_hash_table_size(purge->doomed);
    if (!da_turn_own_objects(&turn, purge->db, error) || !spare_versions(purge, seen, error) ||
        !spare_named(purge, error))
        return FALSE;
    purge->result->objects_kept += before - g_hash_table_size(purge->doomed);
    return remove_rows(purge, error) && remove_files(purge, error);
}

static gboolean load_doomed(Purge *purge, guint64 record, guint64 *last, GError **error)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record);
    g_autoptr(PGresult) rows = da_db_query(
        purge->db, error, "SELECT sha256 FROM destroyed_object WHERE record = $1", number, NULL);
    g_autoptr(PGresult) counts =
        rows ? da_db_query(purge->db, error,
                           "SELECT (SELECT count(*) FROM dossier_version) AS versions,"
                           " (SELECT max(number) FROM record) AS last",
                           NULL)
             : NULL;
    if (!counts)
        return FALSE;
    for (int row = 0; row < PQntuples(rows); row++)
        g_hash_table_add(purge->doomed, g_strdup(da_db_text(rows, row, "sha256")));
    *last = (guint64)da_db_integer(counts, 0, "last");
    da_progress_total(purge->options->progress, (guint64)da_db_integer(counts, 0, "versions"));
    return TRUE;
}

gboolean da_destroy_purge(DaArchive *archive, PGconn *db, guint64 record,
                          const DaDestroyOptions *options, DaDestroyResult *result, GError **error)
{
    g_autoptr(GHashTable) doomed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    Purge purge = {.db = db,
                   .dir = da_archive_dir(archive),
                   .store = store,
                   .doomed = doomed,
                   .options = options,
                   .result = result};
    guint64 last = 0;
    if (!store || !load_doomed(&purge, record, &last, error))
        return FALSE;
    guint all = g_hash_table_size(doomed);
    if (!spare_versions(&purge, 0, error))
        return FALSE;
    result->objects_kept = all - g_hash_table_size(doomed);
    return remove_doomed(&purge, last, error);
}
