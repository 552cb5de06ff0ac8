#include <dangan/destroy.h>

#include "custody_parts.h"
#include "destroy_parts.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/record.h>
#include <string.h>

/* $2 = the proposal that is confirmed, 0 = one is made. */
#define MUST_STAY                                                                                  \
    "SELECT * FROM (SELECT d.id AS dossier, CASE"                                                  \
    " WHEN EXISTS (SELECT FROM hold h WHERE h.dossier = d.id AND h.released IS NULL)"              \
    " THEN 'a hold stands on it'"                                                                  \
    " WHEN EXISTS (SELECT FROM transfer_dossier t JOIN transfer s USING (slip) WHERE t.dossier ="  \
    " d.id AND s.receipt IS NULL AND s.withdrawn IS NULL) THEN 'it is under way'"                  \
    " WHEN r.dossier IS NULL THEN"                                                                 \
    " 'nobody has decided how long it is kept (dangan custody retain)'"                            \
    " WHEN r.until IS NULL THEN 'it is kept permanently'"                                          \
    " WHEN left(to_char(now(), 'YYYY-MM-DD'), length(r.until)) <= r.until"                         \
    " THEN format('it is kept until %s', r.until)"                                                 \
    " WHEN p.record <> $2::bigint THEN format('proposal No. %s stands', p.record)"                 \
    " WHEN p.version <> d.version THEN 'a version came after the proposal; propose it again'"      \
    " END AS why FROM dossier d LEFT JOIN retention r ON r.dossier = d.id"                         \
    " LEFT JOIN disposal p ON p.dossier = d.id WHERE d.id = ANY ($1::uuid[])) AS asked"            \
    " WHERE why IS NOT NULL ORDER BY dossier"

/* --- the first person ------------------------------------------------------------------------------------------------ */

guint64 da_destroy_propose(DaArchive *archive, PGconn *db, char **dossiers, const char *account,
                           const char *reason, GError **error)
{
    g_auto(DaLeaving) leaving = {0};
    guint n = g_strv_length(dossiers);
    if (n == 0 || n > DA_DESTROY_DOSSIERS_MAX) {
        da_error_set(error, DA_ERROR_USAGE, "a proposal is for 1 to %u dossiers",
                     DA_DESTROY_DOSSIERS_MAX);
        return 0;
    }
    if (!da_custody_check_note("the reason", reason, TRUE, error) ||
        !da_leaving_take(&leaving, db, dossiers, error) ||
        !da_leaving_check(&leaving, db, MUST_STAY, "0", "these must stay", error))
        return 0;
    const char *district = da_leaving_district(&leaving, error);
    if (!district)
        return 0;
    json_t *body = da_leaving_body(&leaving);
    json_object_set_new(body, "reason", json_string(reason));
    return da_leaving_record(&leaving, archive, db, "disposal", district, account, body, error);
}

/* --- a proposal that stands ------------------------------------------------------------------------------------------ */

typedef struct {
    char *number, *account, *sha256;
    char **dossiers; /* NULL = none stands */
} Proposal;

static void proposal_clear(Proposal *proposal)
{
    g_free(proposal->number);
    g_free(proposal->account);
    g_free(proposal->sha256);
    g_strfreev(proposal->dossiers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Proposal, proposal_clear)

static gboolean load(PGconn *db, guint64 number, Proposal *proposal, GError **error)
{
    proposal->number = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT p.account, r.sha256, string_agg(p.dossier::text, ',' ORDER BY"
                    " p.dossier) AS dossiers FROM disposal p JOIN record r ON r.number = p.record"
                    " WHERE p.record = $1 GROUP BY p.account, r.sha256",
                    proposal->number, NULL);
    if (!rows || PQntuples(rows) == 0)
        return rows != NULL;
    proposal->account = g_strdup(da_db_text(rows, 0, "account"));
    proposal->sha256 = g_strdup(da_db_text(rows, 0, "sha256"));
    proposal->dossiers = g_strsplit(da_db_text(rows, 0, "dossiers"), ",", -1);
    return TRUE;
}

static gboolean stands(const Proposal *proposal, GError **error)
{
    return proposal->dossiers ||
           da_error_set(error, DA_ERROR_NOT_FOUND, "no proposal No. %s to destroy anything stands",
                        proposal->number);
}

/* Reads it once more when its dossiers are held: it may have been decided meanwhile. */
static gboolean take(PGconn *db, guint64 number, Proposal *proposal, DaLeaving *leaving,
                     GError **error)
{
    g_auto(Proposal) before = {0};
    return load(db, number, &before, error) && stands(&before, error) &&
           da_leaving_take(leaving, db, before.dossiers, error) &&
           load(db, number, proposal, error) && stands(proposal, error);
}

guint64 da_destroy_withdraw(DaArchive *archive, PGconn *db, guint64 number, const char *account,
                            const char *reason, GError **error)
{
    g_auto(Proposal) proposal = {0};
    g_auto(DaLeaving) leaving = {0};
    if (!da_custody_check_note("the reason", reason, TRUE, error) ||
        !take(db, number, &proposal, &leaving, error))
        return 0;
    json_t *body = json_pack("{s:I, s:s, s:s}", "proposal", (json_int_t)number, "proposal_digest",
                             proposal.sha256, "reason", reason);
    return da_leaving_record(&leaving, archive, db, "disposal-withdrawal",
                             da_db_text(leaving.rows, 0, "district"), account, body, error);
}

/* --- the second person ----------------------------------------------------------------------------------------------- */

static gboolean are_two(const Proposal *proposal, const char *account, GError **error)
{
    return g_ascii_strcasecmp(proposal->account, account) != 0 ||
           da_error_set(error, DA_ERROR_DENIED, "'%s' has proposed it: another person must confirm",
                        proposal->account);
}

/* The list of what goes becomes an object that stays. */
static gboolean keep_listing(PGconn *db, DaObjectStore *store, const DaLeaving *leaving,
                             DaDigest *digest, GError **error)
{
    g_autoptr(json_t) listing = da_destroy_listing(db, store, leaving, error);
    if (!listing)
        return FALSE;
    char *text = json_dumps(listing, JSON_COMPACT | JSON_SORT_KEYS);
    gsize size = strlen(text);
    *digest = da_digest_bytes(text, size);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(store, error);
    gboolean kept = stage && da_object_stage_bytes(stage, text, size, digest->hex, error) &&
                    da_object_stage_commit(stage, NULL, NULL, error);
    free(text);
    return kept;
}

static guint64 destroy(DaArchive *archive, PGconn *db, const Proposal *proposal,
                       const DaLeaving *leaving, const char *account, GError **error)
{
    DaDigest listing;
    g_auto(DaTurn) objects = {0};
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    if (!store || !da_turn_share_objects(&objects, db, error) ||
        !keep_listing(db, store, leaving, &listing, error))
        return 0;
    json_t *body = da_leaving_body(leaving);
    json_object_update_new(body, json_pack("{s:I, s:s, s:s, s:s, s:s}", "proposal",
                                           (json_int_t)g_ascii_strtoull(proposal->number, NULL, 10),
                                           "proposal_digest", proposal->sha256, "proposed_by",
                                           proposal->account, "confirmed_by", account, "listing",
                                           listing.hex));
    da_fault_point("destroy.recording");
    return da_leaving_record(leaving, archive, db, "destruction",
                             da_db_text(leaving->rows, 0, "district"), account, body, error);
}

static gboolean confirm(DaArchive *archive, PGconn *db, guint64 number, const char *account,
                        DaDestroyResult *result, GError **error)
{
    g_auto(Proposal) proposal = {0};
    g_auto(DaLeaving) leaving = {0};
    if (!take(db, number, &proposal, &leaving, error) || !are_two(&proposal, account, error) ||
        !da_leaving_check(&leaving, db, MUST_STAY, proposal.number, "these must stay", error))
        return FALSE;
    result->dossiers = (guint)PQntuples(leaving.rows);
    result->record = destroy(archive, db, &proposal, &leaving, account, error);
    return result->record != 0;
}

/* What was confirmed before: its record and how many it were; 0 = it was not. */
static gboolean find_confirmed(PGconn *db, guint64 number, DaDestroyResult *result, GError **error)
{
    g_autofree char *proposal = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    g_autoptr(PGresult) done = da_db_query(db, error,
                                           "SELECT coalesce(max(record), 0) AS record, count(*) AS"
                                           " dossiers FROM destroyed WHERE proposal = $1",
                                           proposal, NULL);
    if (!done)
        return FALSE;
    result->record = (guint64)da_db_integer(done, 0, "record");
    result->dossiers = (guint)da_db_integer(done, 0, "dossiers");
    result->unchanged = result->record != 0;
    return TRUE;
}

gboolean da_destroy_confirm(DaArchive *archive, PGconn *db, guint64 proposal,
                            const DaDestroyOptions *options, DaDestroyResult *result,
                            GError **error)
{
    *result = (DaDestroyResult){0};
    if (!find_confirmed(db, proposal, result, error) ||
        (!result->unchanged && !confirm(archive, db, proposal, options->account, result, error)))
        return FALSE;
    da_fault_point("destroy.recorded");
    return da_destroy_purge(archive, db, result->record, options, result, error);
}

/* --- what there is --------------------------------------------------------------------------------------------------- */

#define LISTED                                                                                     \
    "SELECT json_build_object('due', (SELECT coalesce(json_agg(json_build_object('dossier', d.id," \
    " 'district', d.district, 'archival_number', d.archival_number, 'until', r.until) ORDER BY"    \
    " r.until, d.id), '[]') FROM retention r JOIN dossier d ON d.id = r.dossier WHERE"             \
    " left(to_char(now(), 'YYYY-MM-DD'), length(r.until)) > r.until AND NOT EXISTS (SELECT FROM"   \
    " hold h WHERE h.dossier = d.id AND h.released IS NULL) AND NOT EXISTS (SELECT FROM disposal"  \
    " p WHERE p.dossier = d.id)), 'proposals', (SELECT coalesce(json_agg(json_build_object("       \
    "'record', p.record, 'at', e.at, 'account', p.account, 'dossiers', p.n) ORDER BY p.record),"   \
    " '[]') FROM (SELECT record, account, count(*) AS n FROM disposal GROUP BY 1, 2) AS p"         \
    " JOIN record e ON e.number = p.record), 'destroyed', (SELECT coalesce(json_agg("              \
    "json_build_object('record', g.record, 'at', e.at, 'dossiers', g.n) ORDER BY g.record), '[]')" \
    " FROM (SELECT record, count(*) AS n FROM destroyed GROUP BY 1) AS g JOIN record e"            \
    " ON e.number = g.record)) AS list"

json_t *da_destroy_list(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(db, error, LISTED, NULL);
    return rows ? json_loads(da_db_text(rows, 0, "list"), 0, NULL) : NULL;
}
