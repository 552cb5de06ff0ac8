/* What follows from the records of a batch, and what is removed when its packages are decided. */
#include "intake_parts.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/retrieve.h>
#include <string.h>

static char *number_text(guint64 number)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, number);
}

/* Runs a statement whose parameters are batch, district, number of the record and its packages (JSON). */
static gboolean write_packages(const DaRecordApplying *applying, const DaRecord *record,
                               const char *sql, GError **error)
{
    const char *batch = da_record_text(record, "batch");
    const json_t *packages = json_object_get(record->body, "packages");
    g_autofree char *number = number_text(record->number);
    if (!batch || !record->district || !json_is_array(packages))
        return da_error_set(error, DA_ERROR_INPUT, "a record of a batch wants batch and packages");
    char *rows = json_dumps(packages, JSON_COMPACT);
    gboolean done =
        da_db_run(applying->db, error, sql, batch, record->district, number, rows, NULL);
    free(rows);
    return done;
}

/* --- arrival --------------------------------------------------------------------------------------------------------- */

static gboolean write_batch(const DaRecordApplying *applying, const DaRecord *record,
                            GError **error)
{
    const char *enterprise = da_record_text(record, "enterprise");
    const char *code = da_record_text(record, "enterprise_code");
    const char *batch = da_record_text(record, "batch");
    g_autofree char *number = number_text(record->number);
    g_autofree char *list_errors =
        number_text((guint64)json_integer_value(json_object_get(record->body, "list_errors")));
    return da_db_run(applying->db, error,
                     "INSERT INTO batch (id, district, enterprise, enterprise_code, list_errors,"
                     " arrival, arrived_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     batch ? batch : DA_DB_NULL, record->district ? record->district : DA_DB_NULL,
                     enterprise ? enterprise : DA_DB_NULL, code ? code : DA_DB_NULL, list_errors,
                     number, record->at, NULL);
}

/* {"sha256", "bytes"} of one; NULL without an error when it is not there. */
static json_t *object_row(DaObjectStore *store, const char *sha256, GError **error)
{
    guint64 size = 0;
    g_autoptr(GError) problem = NULL;
    if (da_object_size(store, sha256, &size, &problem))
        return json_pack("{s:s, s:I}", "sha256", sha256, "bytes", (json_int_t)size);
    if (!g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND))
        g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

/* All objects of a package, its listing too. Of a package that was returned since then nothing may be there any more. */
static json_t *object_rows(DaObjectStore *store, const char *listing, gboolean live, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    if (!live && !da_object_has(store, listing))
        return g_steal_pointer(&rows);
    g_autoptr(json_t) state = da_retrieve_state(store, listing, error);
    if (!state)
        return NULL;
    json_object_set_new(state, listing, json_null());
    const char *sha256;
    json_t *paths;
    json_object_foreach(state, sha256, paths)
    {
        g_autoptr(GError) problem = NULL;
        json_t *row = object_row(store, sha256, &problem);
        if (problem) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return NULL;
        }
        if (!row && live) {
            da_error_set(error, DA_ERROR_CONFLICT,
                         "object '%s' was removed while the batch was received; run the same "
                         "command again",
                         sha256);
            return NULL;
        }
        if (row)
            json_array_append_new(rows, row);
    }
    return g_steal_pointer(&rows);
}

static gboolean write_objects(const DaRecordApplying *applying, const DaRecord *record,
                              DaObjectStore *store, const json_t *package, GError **error)
{
    const char *listing = json_string_value(json_object_get(package, "listing"));
    g_autofree char *number =
        number_text((guint64)json_integer_value(json_object_get(package, "number")));
    if (!listing || !da_digest_is_valid(listing))
        return da_error_set(error, DA_ERROR_INPUT, "a package of the arrival has no listing");
    g_autoptr(json_t) rows = object_rows(store, listing, applying->prepared != NULL, error);
    if (!rows)
        return FALSE;
    char *text = json_dumps(rows, JSON_COMPACT);
    gboolean done =
        da_db_run(applying->db, error,
                  "INSERT INTO batch_object (batch, number, district, sha256, bytes)"
                  " SELECT $1, $2::integer, $3, sha256, bytes FROM json_to_recordset("
                  "$4::json) AS row (sha256 text, bytes bigint)",
                  da_record_text(record, "batch"), number, record->district, text, NULL);
    free(text);
    return done;
}

gboolean da_intake_apply_arrival(const DaRecordApplying *applying, const DaRecord *record,
                                 GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(applying->archive), error);
    if (!store || !write_batch(applying, record, error) ||
        !write_packages(applying, record,
                        "INSERT INTO batch_package (batch, number, district, package,"
                        " package_digest, listing, archival_number, pages, files, bytes)"
                        " SELECT $1, number, $2, package, digest, listing, archival_number, pages,"
                        " files, bytes FROM json_to_recordset($4::json) AS row (number integer,"
                        " package uuid, digest text, listing text, archival_number text,"
                        " pages integer, files integer, bytes bigint) WHERE $3::bigint > 0",
                        error))
        return FALSE;
    const json_t *packages = json_object_get(record->body, "packages");
    for (gsize i = 0; i < json_array_size(packages); i++)
        if (!write_objects(applying, record, store, json_array_get(packages, i), error))
            return FALSE;
    return TRUE;
}

/* --- decisions ------------------------------------------------------------------------------------------------------- */

/* The signed verdicts that it rests on are objects. */
static gboolean write_verdicts(const DaRecordApplying *applying, const DaRecord *record,
                               GError **error)
{
    const json_t *verdicts = json_object_get(record->body, "verdicts");
    if (!json_array_size(verdicts))
        return TRUE;
    char *rows = json_dumps(verdicts, JSON_COMPACT);
    gboolean done = da_db_run(applying->db, error,
                              "INSERT INTO object (sha256, bytes) SELECT sha256, bytes FROM"
                              " json_to_recordset($1::json) AS row (sha256 text, bytes bigint)"
                              " ON CONFLICT DO NOTHING",
                              rows, NULL);
    free(rows);
    return done;
}

gboolean da_intake_apply_acceptance(const DaRecordApplying *applying, const DaRecord *record,
                                    GError **error)
{
    return write_verdicts(applying, record, error) &&
           write_packages(applying, record,
                          "UPDATE batch_package p SET state = 'accepted', decision = $3,"
                          " dossier = row.dossier, version = row.version FROM json_to_recordset("
                          "$4::json) AS row (number integer, dossier uuid, version integer)"
                          " WHERE p.batch = $1 AND p.district = $2 AND p.number = row.number",
                          error);
}

gboolean da_intake_apply_return(const DaRecordApplying *applying, const DaRecord *record,
                                GError **error)
{
    return write_packages(applying, record,
                          "UPDATE batch_package p SET state = 'returned', decision = $3"
                          " FROM json_to_recordset($4::json) AS row (number integer)"
                          " WHERE p.batch = $1 AND p.district = $2 AND p.number = row.number",
                          error);
}

gboolean da_intake_note_deposit(PGconn *db, const DaRecord *record, GError **error)
{
    const char *batch = da_record_text(record, "batch");
    g_autofree char *version =
        number_text((guint64)json_integer_value(json_object_get(record->body, "version")));
    g_autofree char *row =
        number_text((guint64)json_integer_value(json_object_get(record->body, "number")));
    return !batch ||
           da_db_run(db, error,
                     "UPDATE batch_package SET state = 'accepted', dossier = $1, version = $2"
                     " WHERE batch = $3 AND number = $4 AND package_digest = $5",
                     record->dossier, version, batch, row, da_record_text(record, "package_digest"),
                     NULL);
}

/* --- what is removed ------------------------------------------------------------------------------------------------- */

/* Objects of decided packages that neither a dossier, nor a record, nor a package that waits names. */
#define UNWANTED                                                                                   \
    "SELECT DISTINCT gone.sha256, gone.bytes FROM batch_object gone"                               \
    " JOIN batch_package p USING (batch, number)"                                                  \
    " WHERE p.batch = $1 AND p.decision IS NOT NULL"                                               \
    " AND NOT EXISTS (SELECT FROM held_object o WHERE o.sha256 = gone.sha256)"                     \
    " ORDER BY gone.sha256"

static gboolean remove_objects(DaObjectStore *store, const PGresult *rows, DaReturnResult *result,
                               GError **error)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        g_autoptr(GError) problem = NULL;
        da_fault_point("return.removing");
        if (da_object_remove(store, da_db_text(rows, row, "sha256"), &problem)) {
            result->objects_removed++;
            result->bytes_removed += (guint64)da_db_integer(rows, row, "bytes");
        } else if (!g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    return TRUE;
}

/* Objects before rows: who is killed between them finds the rows again and goes on. */
static gboolean remove_rows(PGconn *db, const char *batch, GError **error)
{
    return da_db_run(db, error,
                     "DELETE FROM batch_check c USING batch_package p WHERE p.batch = $1"
                     " AND p.decision IS NOT NULL AND c.package_digest = p.package_digest",
                     batch, NULL) &&
           da_db_run(db, error,
                     "DELETE FROM batch_object gone USING batch_package p WHERE p.batch = $1"
                     " AND p.decision IS NOT NULL AND gone.batch = p.batch"
                     " AND gone.number = p.number",
                     batch, NULL);
}

gboolean da_intake_purge(DaArchive *archive, PGconn *db, const char *batch, DaReturnResult *result,
                         GError **error)
{
    g_auto(DaTurn) turn = {0};
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    if (!store || !da_turn_own_objects(&turn, db, error))
        return FALSE;
    g_autoptr(PGresult) rows = da_db_query(db, error, UNWANTED, batch, NULL);
    if (!rows || !remove_objects(store, rows, result, error))
        return FALSE;
    da_fault_point("return.removed");
    return remove_rows(db, batch, error);
}
