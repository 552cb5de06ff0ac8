#include "remark.h"

#include <dangan/db.h>
#include <dangan/error.h>

gboolean da_remark_apply(const DaRecordApplying *applying, const DaRecord *record, GError **error)
{
    const char *text = da_record_text(record, "text");
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    if (!text || !record->dossier || !record->district)
        return da_error_set(error, DA_ERROR_INPUT, "a remark wants a dossier and a text");
    return da_db_run(applying->db, error,
                     "INSERT INTO remark (record, dossier, district, text)"
                     " VALUES ($1, $2, $3, $4)",
                     number, record->dossier, record->district, text, NULL);
}
