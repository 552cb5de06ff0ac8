#include "custody_records.h"

#include <dangan/db.h>
#include <dangan/error.h>

/* Number of the record as a parameter. The caller owns it; NULL with error when the record lacks what every one of these has. */
static char *number_of(const DaRecord *record, const char *needed, GError **error)
{
    if (record->dossier && record->district && (!needed || da_record_text(record, needed)))
        return g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    da_error_set(error, DA_ERROR_INPUT, "a record of kind '%s' does not say of what", record->kind);
    return NULL;
}

static const char *text_or_null(const DaRecord *record, const char *member)
{
    const char *text = da_record_text(record, member);
    return text ? text : DA_DB_NULL;
}

gboolean da_custody_apply_location(const DaRecordApplying *applying, const DaRecord *record,
                                   GError **error)
{
    g_autofree char *number = number_of(record, "place", error);
    return number && da_db_run(applying->db, error,
                               "INSERT INTO location (dossier, district, record, place)"
                               " VALUES ($1, $2, $3, $4) ON CONFLICT (dossier) DO UPDATE"
                               " SET record = excluded.record, place = excluded.place",
                               record->dossier, record->district, number,
                               da_record_text(record, "place"), NULL);
}

gboolean da_custody_apply_hold(const DaRecordApplying *applying, const DaRecord *record,
                               GError **error)
{
    g_autofree char *number = number_of(record, "reason", error);
    return number && da_db_run(applying->db, error,
                               "INSERT INTO hold (record, dossier, district, reason)"
                               " VALUES ($1, $2, $3, $4)",
                               number, record->dossier, record->district,
                               da_record_text(record, "reason"), NULL);
}

gboolean da_custody_apply_release(const DaRecordApplying *applying, const DaRecord *record,
                                  GError **error)
{
    g_autofree char *number = number_of(record, NULL, error);
    return number &&
           da_db_run(applying->db, error,
                     "UPDATE hold SET released = $1 WHERE dossier = $2 AND released IS NULL",
                     number, record->dossier, NULL);
}

gboolean da_custody_apply_life(const DaRecordApplying *applying, const DaRecord *record,
                               GError **error)
{
    g_autofree char *number = number_of(record, "event", error);
    return number &&
           da_db_run(applying->db, error,
                     "INSERT INTO life_event (record, dossier, district, event, date, note)"
                     " VALUES ($1, $2, $3, $4, $5, $6)",
                     number, record->dossier, record->district, da_record_text(record, "event"),
                     text_or_null(record, "date"), text_or_null(record, "note"), NULL);
}

gboolean da_custody_apply_retention(const DaRecordApplying *applying, const DaRecord *record,
                                    GError **error)
{
    g_autofree char *number = number_of(record, "basis", error);
    return number &&
           da_db_run(applying->db, error,
                     "INSERT INTO retention (dossier, district, record, until, basis)"
                     " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (dossier) DO UPDATE SET"
                     " record = excluded.record, until = excluded.until, basis = excluded.basis",
                     record->dossier, record->district, number, text_or_null(record, "until"),
                     da_record_text(record, "basis"), NULL);
}
