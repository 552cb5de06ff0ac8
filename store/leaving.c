#include "leaving.h"

#include "receipt_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/finding.h>
#include <dangan/handle/json.h>
#include <dangan/record.h>
#include <string.h>

/* What cannot go is named up to here. */
#define TOLD_MAX 5

#define ROWS                                                                                       \
    "SELECT w.number, w.dossier, d.district, d.archival_number, d.pages_content AS pages,"         \
    " v.version, v.package_digest AS digest, v.files, v.bytes FROM unnest($1::uuid[]) WITH"        \
    " ORDINALITY AS w (dossier, number) LEFT JOIN dossier d ON d.id = w.dossier"                   \
    " LEFT JOIN dossier_version v ON v.dossier = d.id AND v.version = d.version"                   \
    " ORDER BY w.number"

static void clear_turn(gpointer turn)
{
    da_turn_clear(turn);
}

void da_leaving_clear(DaLeaving *leaving)
{
    g_clear_pointer(&leaving->rows, PQclear);
    g_clear_pointer(&leaving->ids, g_free);
    g_clear_pointer(&leaving->turns, g_array_unref);
}

static int by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, each once; NULL with error. Borrowed texts. */
static GPtrArray *sorted(char **dossiers, GError **error)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; dossiers[i]; i++)
        g_ptr_array_add(order, dossiers[i]);
    g_ptr_array_sort(order, by_text);
    for (guint i = 0; i < order->len; i++) {
        if (!g_uuid_string_is_valid(order->pdata[i])) {
            da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no dossier '%s'",
                         (const char *)order->pdata[i]);
            return NULL;
        }
        if (i && !strcmp(order->pdata[i], order->pdata[i - 1])) {
            da_error_set(error, DA_ERROR_USAGE, "dossier '%s' is named twice",
                         (const char *)order->pdata[i]);
            return NULL;
        }
    }
    return g_steal_pointer(&order);
}

/* In one order, so that two who want the same ones do not wait for each other crosswise. */
static gboolean take_turns(DaLeaving *leaving, PGconn *db, const GPtrArray *order, GError **error)
{
    leaving->turns = g_array_new(FALSE, TRUE, sizeof(DaTurn));
    g_array_set_clear_func(leaving->turns, clear_turn);
    for (guint i = 0; i < order->len; i++) {
        DaTurn turn = {0};
        if (!da_turn_take(&turn, db, order->pdata[i], error))
            return FALSE;
        g_array_append_val(leaving->turns, turn);
    }
    return TRUE;
}

gboolean da_leaving_take(DaLeaving *leaving, PGconn *db, char **dossiers, GError **error)
{
    *leaving = (DaLeaving){0};
    g_autoptr(GPtrArray) order = sorted(dossiers, error);
    g_autofree char *list = g_strjoinv(",", dossiers);
    leaving->ids = g_strdup_printf("{%s}", list);
    if (!order || !take_turns(leaving, db, order, error) ||
        !(leaving->rows = da_db_query(db, error, ROWS, leaving->ids, NULL)))
        return FALSE;
    for (int row = 0; row < PQntuples(leaving->rows); row++)
        if (!da_db_text(leaving->rows, row, "district"))
            return da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no dossier '%s'",
                                da_db_text(leaving->rows, row, "dossier"));
    return TRUE;
}

const char *da_leaving_district(const DaLeaving *leaving, GError **error)
{
    const char *district = da_db_text(leaving->rows, 0, "district");
    for (int row = 1; row < PQntuples(leaving->rows); row++)
        if (strcmp(district, da_db_text(leaving->rows, row, "district")) != 0) {
            da_error_set(error, DA_ERROR_USAGE,
                         "these dossiers are of districts %s and %s; take those of one district at "
                         "a time",
                         district, da_db_text(leaving->rows, row, "district"));
            return NULL;
        }
    return district;
}

gboolean da_leaving_check(const DaLeaving *leaving, PGconn *db, const char *question,
                          const char *parameter, const char *what, GError **error)
{
    g_autoptr(PGresult) blocked = da_db_query(db, error, question, leaving->ids, parameter, NULL);
    if (!blocked || PQntuples(blocked) == 0)
        return blocked != NULL;
    g_autoptr(GString) words = g_string_new(NULL);
    int n = PQntuples(blocked);
    for (int row = 0; row < MIN(n, TOLD_MAX); row++)
        g_string_append_printf(words, "%s'%s': %s", row ? "; " : "",
                               da_db_text(blocked, row, "dossier"),
                               da_db_text(blocked, row, "why"));
    if (n > TOLD_MAX)
        g_string_append_printf(words, "; and %d more", n - TOLD_MAX);
    return da_error_set(error, DA_ERROR_CONFLICT, "%s: %s", what, words->str);
}

static json_t *row_of(const PGresult *rows, int row, guint64 *files, guint64 *bytes, guint64 *pages)
{
    const char *archival = da_db_text(rows, row, "archival_number");
    json_t *package =
        json_pack("{s:i, s:s, s:s, s:i, s:s, s:i, s:I, s:I}", "number", row + 1, "package",
                  da_db_text(rows, row, "dossier"), "dossier", da_db_text(rows, row, "dossier"),
                  "version", (int)da_db_integer(rows, row, "version"), "digest",
                  da_db_text(rows, row, "digest"), "pages", (int)da_db_integer(rows, row, "pages"),
                  "files", (json_int_t)da_db_integer(rows, row, "files"), "bytes",
                  (json_int_t)da_db_integer(rows, row, "bytes"));
    g_autofree char *masked = da_finding_mask(archival);
    if (masked)
        json_object_set_new(package, "archival_number", json_string(masked));
    *files += (guint64)da_db_integer(rows, row, "files");
    *bytes += (guint64)da_db_integer(rows, row, "bytes");
    *pages += (guint64)da_db_integer(rows, row, "pages");
    return package;
}

json_t *da_leaving_body(const DaLeaving *leaving)
{
    json_t *packages = json_array();
    guint64 files = 0, bytes = 0, pages = 0;
    for (int row = 0; row < PQntuples(leaving->rows); row++)
        json_array_append_new(packages, row_of(leaving->rows, row, &files, &bytes, &pages));
    return json_pack("{s:{s:i, s:I, s:I, s:I}, s:o}", "counts", "packages",
                     PQntuples(leaving->rows), "files", (json_int_t)files, "bytes",
                     (json_int_t)bytes, "pages", (json_int_t)pages, "packages", packages);
}

guint64 da_leaving_record(const DaLeaving *leaving, DaArchive *archive, PGconn *db,
                          const char *kind, const char *district, const char *by, json_t *body,
                          GError **error)
{
    g_autoptr(json_t) owned = body;
    if (!owned) {
        da_error_set(error, DA_ERROR_USAGE, "the reason is not in UTF-8");
        return 0;
    }
    da_receipt_seal(owned);
    const DaRecordDraft draft = {
        .kind = kind,
        .district = district,
        .dossier = PQntuples(leaving->rows) == 1 ? da_db_text(leaving->rows, 0, "dossier") : NULL,
        .operator_name = by,
        .body = owned};
    return da_record_commit(archive, db, &draft, error);
}
