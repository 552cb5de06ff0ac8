#include <dangan/transfer.h>

#include "custody_parts.h"
#include "leaving.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/identity.h>
#include <dangan/record.h>
#include <string.h>

static char *text_of(guint64 number)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, number);
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

#define CANNOT_GO                                                                                  \
    "SELECT * FROM (SELECT d.id AS dossier, CASE"                                                  \
    " WHEN d.district = $2 THEN 'it is in that district already'"                                  \
    " WHEN EXISTS (SELECT FROM hold h WHERE h.dossier = d.id AND h.released IS NULL)"              \
    " THEN 'a hold stands on it'"                                                                  \
    " WHEN EXISTS (SELECT FROM disposal p WHERE p.dossier = d.id)"                                 \
    " THEN 'its destruction is proposed'"                                                          \
    " WHEN s.slip IS NOT NULL THEN format('it is under way with slip No. %s', s.slip)"             \
    " END AS why FROM dossier d LEFT JOIN (transfer_dossier t JOIN transfer s ON s.slip = t.slip"  \
    " AND s.receipt IS NULL AND s.withdrawn IS NULL) ON t.dossier = d.id"                          \
    " WHERE d.id = ANY ($1::uuid[])) AS asked WHERE why IS NOT NULL ORDER BY dossier"

guint64 da_transfer_send(DaArchive *archive, PGconn *db, char **dossiers,
                         const DaTransferOptions *options, GError **error)
{
    g_auto(DaLeaving) leaving = {0};
    guint n = g_strv_length(dossiers);
    if (n == 0 || n > DA_TRANSFER_DOSSIERS_MAX) {
        da_error_set(error, DA_ERROR_USAGE, "a slip is for 1 to %u dossiers",
                     DA_TRANSFER_DOSSIERS_MAX);
        return 0;
    }
    if (!options->to) {
        da_error_set(error, DA_ERROR_USAGE, "say the district that they go to");
        return 0;
    }
    if (!da_district_check(options->to, error) ||
        !da_custody_check_note("the reason", options->reason, TRUE, error) ||
        !da_leaving_take(&leaving, db, dossiers, error) ||
        !da_leaving_check(&leaving, db, CANNOT_GO, options->to, "these cannot be sent", error))
        return 0;
    const char *from = da_leaving_district(&leaving, error);
    if (!from)
        return 0;
    json_t *body = da_leaving_body(&leaving);
    json_object_update_new(body, json_pack("{s:s, s:s, s:s}", "from", from, "to", options->to,
                                           "reason", options->reason));
    return da_leaving_record(&leaving, archive, db, "transfer", from, options->by, body, error);
}

/* --- settling -------------------------------------------------------------------------------------------------------- */

typedef struct {
    char *number, *from, *to, *sha256;
    char **dossiers; /* in the order of the slip */
} Slip;

static void slip_clear(Slip *slip)
{
    char *const texts[] = {slip->number, slip->from, slip->to, slip->sha256};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(slip->dossiers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slip, slip_clear)

#define OF_SLIP                                                                                    \
    "SELECT s.district, s.to_district, s.receipt, s.withdrawn, r.sha256,"                          \
    " (SELECT string_agg(dossier::text, ',' ORDER BY number) FROM transfer_dossier t"              \
    " WHERE t.slip = s.slip) AS dossiers FROM transfer s JOIN record r ON r.number = s.slip"       \
    " WHERE s.slip = $1"

static gboolean is_open(const PGresult *rows, guint64 number, GError **error)
{
    const char *receipt = da_db_text(rows, 0, "receipt"),
               *withdrawn = da_db_text(rows, 0, "withdrawn");
    if (receipt)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "slip No. %" G_GUINT64_FORMAT " is settled: receipt No. %s", number,
                            receipt);
    return !withdrawn || da_error_set(error, DA_ERROR_CONFLICT,
                                      "slip No. %" G_GUINT64_FORMAT " was withdrawn with No. %s",
                                      number, withdrawn);
}

static gboolean load_slip(PGconn *db, guint64 number, Slip *slip, GError **error)
{
    slip->number = text_of(number);
    g_autoptr(PGresult) rows = da_db_query(db, error, OF_SLIP, slip->number, NULL);
    if (!rows)
        return FALSE;
    if (PQntuples(rows) == 0)
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "there is no transfer slip No. %" G_GUINT64_FORMAT, number);
    slip->from = g_strdup(da_db_text(rows, 0, "district"));
    slip->to = g_strdup(da_db_text(rows, 0, "to_district"));
    slip->sha256 = g_strdup(da_db_text(rows, 0, "sha256"));
    slip->dossiers = g_strsplit(da_db_text(rows, 0, "dossiers"), ",", -1);
    return is_open(rows, number, error);
}

/* Reads the slip once more when its dossiers are held: it may have been settled meanwhile. */
static gboolean take_slip(PGconn *db, guint64 number, Slip *slip, DaLeaving *leaving,
                          GError **error)
{
    g_auto(Slip) before = {0};
    return load_slip(db, number, &before, error) &&
           da_leaving_take(leaving, db, before.dossiers, error) &&
           load_slip(db, number, slip, error);
}

guint64 da_transfer_receive(DaArchive *archive, PGconn *db, guint64 number, const char *by,
                            GError **error)
{
    g_auto(Slip) slip = {0};
    g_auto(DaLeaving) leaving = {0};
    if (!take_slip(db, number, &slip, &leaving, error))
        return 0;
    json_t *body = da_leaving_body(&leaving);
    json_object_update_new(body,
                           json_pack("{s:I, s:s, s:s, s:s}", "slip", (json_int_t)number,
                                     "slip_digest", slip.sha256, "from", slip.from, "to", slip.to));
    return da_leaving_record(&leaving, archive, db, "transfer-receipt", slip.to, by, body, error);
}

guint64 da_transfer_withdraw(DaArchive *archive, PGconn *db, guint64 number, const char *reason,
                             const char *by, GError **error)
{
    g_auto(Slip) slip = {0};
    g_auto(DaLeaving) leaving = {0};
    if (!da_custody_check_note("the reason", reason, TRUE, error) ||
        !take_slip(db, number, &slip, &leaving, error))
        return 0;
    json_t *body = json_pack("{s:I, s:s, s:s, s:s, s:s}", "slip", (json_int_t)number, "slip_digest",
                             slip.sha256, "from", slip.from, "to", slip.to, "reason", reason);
    return da_leaving_record(&leaving, archive, db, "transfer-withdrawal", slip.from, by, body,
                             error);
}

/* --- what is under way ----------------------------------------------------------------------------------------------- */

#define LISTED                                                                                     \
    "SELECT coalesce(json_agg(json_build_object('slip', s.slip, 'at', r.at, 'by', r.operator,"     \
    " 'from', s.district, 'to', s.to_district, 'dossiers', (SELECT count(*) FROM"                  \
    " transfer_dossier t WHERE t.slip = s.slip), 'state', CASE WHEN s.receipt IS NOT NULL THEN"    \
    " 'received' WHEN s.withdrawn IS NOT NULL THEN 'withdrawn' ELSE 'sent' END, 'settled_at',"     \
    " e.at, 'overdue', e.at IS NULL AND r.at < now() - make_interval(days => $2::integer))"        \
    " ORDER BY s.slip), '[]') AS list FROM transfer s JOIN record r ON r.number = s.slip"          \
    " LEFT JOIN record e ON e.number = coalesce(s.receipt, s.withdrawn)"                           \
    " WHERE NOT $1::boolean OR e.number IS NULL"

json_t *da_transfer_list(PGconn *db, gboolean open, GError **error)
{
    g_autofree char *days = g_strdup_printf("%u", DA_TRANSFER_DAYS);
    g_autoptr(PGresult) rows = da_db_query(db, error, LISTED, open ? "t" : "f", days, NULL);
    return rows ? json_loads(da_db_text(rows, 0, "list"), 0, NULL) : NULL;
}
