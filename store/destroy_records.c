/* The rows that follow from a destruction. */
#include "destroy_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>

/* Every table with rows about a dossier, those first that others do not refer to. */
static const char *const tables[] = {"person_key",     "page_text", "finding",  "page",
                                     "material",       "remark",    "location", "hold",
                                     "life_event",     "retention", "disposal", "deposit_log",
                                     "dossier_version"};

/* Runs a statement whose parameters are number of the record, district and its packages (JSON). */
static gboolean write_packages(const DaRecordApplying *applying, const DaRecord *record,
                               const char *sql, GError **error)
{
    const json_t *packages = json_object_get(record->body, "packages");
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    if (!record->district || !json_array_size(packages))
        return da_error_set(error, DA_ERROR_INPUT, "it does not say which dossiers");
    char *rows = json_dumps(packages, JSON_COMPACT);
    gboolean done = da_db_run(applying->db, error, sql, number, record->district, rows, NULL);
    free(rows);
    return done;
}

/* Of a dossier that was destroyed since, no proposal stands. */
gboolean da_destroy_apply_disposal(const DaRecordApplying *applying, const DaRecord *record,
                                   GError **error)
{
    return write_packages(
        applying, record,
        "INSERT INTO disposal (dossier, district, record, account, version)"
        " SELECT d.id, d.district, r.number, r.operator, row.version FROM record r,"
        " json_to_recordset($3::json) AS row (dossier uuid, version integer)"
        " JOIN dossier d ON d.id = row.dossier WHERE r.number = $1"
        " AND d.district = $2",
        error);
}

gboolean da_destroy_apply_withdrawal(const DaRecordApplying *applying, const DaRecord *record,
                                     GError **error)
{
    g_autofree char *proposal = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(record->body, "proposal")));
    return da_db_run(applying->db, error, "DELETE FROM disposal WHERE record = $1", proposal, NULL);
}

/* --- destruction ----------------------------------------------------------------------------------------------------- */

static gboolean remove_rows(PGconn *db, const char *number, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql =
            g_strdup_printf("DELETE FROM %s USING destroyed d WHERE d.record = $1"
                            " AND d.dossier = %s.dossier",
                            tables[i], tables[i]);
        if (!da_db_run(db, error, sql, number, NULL))
            return FALSE;
    }
    return da_db_run(db, error,
                     "DELETE FROM dossier USING destroyed d WHERE d.record = $1"
                     " AND d.dossier = dossier.id",
                     number, NULL);
}

/* The list is an object that stays, so it has a row. */
static gboolean write_objects(const DaRecordApplying *applying, const DaRecord *record,
                              const char *number, GError **error)
{
    const char *listing = da_record_text(record, "listing");
    guint64 size = 0;
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(applying->archive), error);
    g_autoptr(json_t) dossiers =
        store && listing ? da_destroy_listing_read(store, listing, error) : NULL;
    if (!dossiers || !da_object_size(store, listing, &size, error))
        return FALSE;
    g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, size);
    char *text = json_dumps(dossiers, JSON_COMPACT);
    gboolean done =
        da_db_run(applying->db, error,
                  "INSERT INTO object (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                  listing, bytes, NULL) &&
        da_db_run(applying->db, error,
                  "INSERT INTO destroyed_object (sha256, record, district)"
                  " SELECT DISTINCT object ->> 0, $1::bigint, $2 FROM json_each($3::json) AS"
                  " dossier (id, versions), json_each(versions) AS version (number, objects),"
                  " json_array_elements(objects) AS object",
                  number, record->district, text, NULL);
    free(text);
    return done;
}

gboolean da_destroy_apply_destruction(const DaRecordApplying *applying, const DaRecord *record,
                                      GError **error)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO destroyed (dossier, district, record, proposal)"
                        " SELECT dossier, $2, $1, %" JSON_INTEGER_FORMAT
                        " FROM json_to_recordset($3::json) AS row (dossier uuid)",
                        json_integer_value(json_object_get(record->body, "proposal")));
    return write_packages(applying, record, sql, error) &&
           write_objects(applying, record, number, error) &&
           remove_rows(applying->db, number, error);
}
