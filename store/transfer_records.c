#include "transfer_records.h"

#include <dangan/db.h>
#include <dangan/error.h>

static char *text_of(guint64 number)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, number);
}

/* The slip that a record settles, as a parameter. The caller owns it. */
static char *slip_of(const DaRecord *record)
{
    return text_of((guint64)json_integer_value(json_object_get(record->body, "slip")));
}

gboolean da_transfer_apply_slip(const DaRecordApplying *applying, const DaRecord *record,
                                GError **error)
{
    const char *to = da_record_text(record, "to"), *reason = da_record_text(record, "reason");
    const json_t *packages = json_object_get(record->body, "packages");
    g_autofree char *number = text_of(record->number);
    if (!record->district || !to || !reason || !json_array_size(packages))
        return da_error_set(error, DA_ERROR_INPUT, "it does not say what is sent where");
    char *rows = json_dumps(packages, JSON_COMPACT);
    gboolean done = da_db_run(applying->db, error,
                              "INSERT INTO transfer (slip, district, to_district, reason)"
                              " VALUES ($1, $2, $3, $4)",
                              number, record->district, to, reason, NULL) &&
                    da_db_run(applying->db, error,
                              "INSERT INTO transfer_dossier (slip, number, dossier, district)"
                              " SELECT $1, number, dossier, $2 FROM json_to_recordset($3::json)"
                              " AS row (number integer, dossier uuid)",
                              number, record->district, rows, NULL);
    free(rows);
    return done;
}

/* Every row about them follows by the references to the dossier. */
gboolean da_transfer_apply_receipt(const DaRecordApplying *applying, const DaRecord *record,
                                   GError **error)
{
    const char *to = da_record_text(record, "to");
    g_autofree char *number = text_of(record->number), *slip = slip_of(record);
    if (!to)
        return da_error_set(error, DA_ERROR_INPUT, "it does not say who received");
    return da_db_run(applying->db, error, "SELECT open_district($1)", to, NULL) &&
           da_db_run(applying->db, error, "UPDATE transfer SET receipt = $1 WHERE slip = $2",
                     number, slip, NULL) &&
           da_db_run(applying->db, error,
                     "DELETE FROM location USING transfer_dossier t WHERE t.slip = $1"
                     " AND location.dossier = t.dossier",
                     slip, NULL) &&
           da_db_run(applying->db, error,
                     "UPDATE dossier SET district = $1 FROM transfer_dossier t"
                     " WHERE t.slip = $2 AND dossier.id = t.dossier",
                     to, slip, NULL);
}

gboolean da_transfer_apply_withdrawal(const DaRecordApplying *applying, const DaRecord *record,
                                      GError **error)
{
    g_autofree char *number = text_of(record->number), *slip = slip_of(record);
    return da_db_run(applying->db, error, "UPDATE transfer SET withdrawn = $1 WHERE slip = $2",
                     number, slip, NULL);
}
