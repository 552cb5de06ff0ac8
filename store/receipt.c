#include "receipt_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/receipt.h>
#include <dangan/signed_page.h>
#include <string.h>

/* --- checking -------------------------------------------------------------------------------------------------------- */

/* The members that every record has, whatever its kind; no digest among the parts speaks of them. */
#define OTHER_MEMBERS                                                                              \
    "kind, number, former, archive, operator, district, dossier, signed_by, signed_at"

/* Where the signature does not fit: which part it is. NULL = that cannot be told. The caller owns it. */
static char *altered_part(GBytes *file)
{
    g_autofree char *text = da_signed_page_document(file);
    g_autoptr(json_t) envelope = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *body = json_object_get(json_object_get(envelope, "document"), "body");
    if (!json_object_get(body, "parts"))
        return NULL;
    char *altered = da_receipt_altered(body);
    return altered ? altered
                   : g_strdup("the signature, or one of " OTHER_MEMBERS
                              "; what it says of packages and counts is as it was signed");
}

DaSigned *da_receipt_check(GBytes *file, const DaSignKey *expected, GError **error)
{
    g_autoptr(GError) problem = NULL;
    DaSigned *checked = da_signed_page_check(file, expected, da_receipt_html, &problem);
    if (checked)
        return checked;
    g_autofree char *altered =
        strstr(problem->message, "altered after it was signed") ? altered_part(file) : NULL;
    da_error_set(error, (DaErrorCode)problem->code, "%s%s%s", problem->message,
                 altered ? "; altered is " : "", altered ? altered : "");
    return NULL;
}

/* --- in the archive -------------------------------------------------------------------------------------------------- */

char *da_receipt_load(DaArchive *archive, PGconn *db, guint64 number, GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    g_autoptr(PGresult) row =
        da_db_query(db, error, "SELECT sha256 FROM record WHERE number = $1", text, NULL);
    if (!row)
        return NULL;
    if (!PQntuples(row)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no record %s", text);
        return NULL;
    }
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(GBytes) bytes =
        store ? da_object_read(store, da_db_text(row, 0, "sha256"), error) : NULL;
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data ? g_strndup(data, size) : NULL;
}

static PGresult *query_numbers(PGconn *db, const char *dossier, GError **error)
{
    return dossier
               ? da_db_query(db, error,
                             "SELECT number FROM record WHERE dossier = $1::uuid ORDER BY number",
                             dossier, NULL)
               : da_db_query(db, error, "SELECT number FROM record ORDER BY number", NULL);
}

GArray *da_receipt_numbers(PGconn *db, const char *dossier, GError **error)
{
    gboolean can_be = !dossier || g_uuid_string_is_valid(dossier);
    g_autoptr(PGresult) rows = can_be ? query_numbers(db, dossier, error) : NULL;
    if (can_be && !rows)
        return NULL;
    if (!rows || !PQntuples(rows)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no receipt%s%s",
                     dossier ? " of dossier " : "", dossier ? dossier : "");
        return NULL;
    }
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (int row = 0; row < PQntuples(rows); row++) {
        guint64 number = (guint64)da_db_integer(rows, row, "number");
        g_array_append_val(numbers, number);
    }
    return numbers;
}
