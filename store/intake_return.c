#include "intake_check.h"
#include "intake_parts.h"
#include "receipt_parts.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <string.h>

/* Findings in a receipt; more are counted. */
#define FINDINGS_MAX 5000u

static const DaIntakePackage *find(const GPtrArray *waiting, const char *id)
{
    for (guint i = 0; i < waiting->len; i++)
        if (!g_ascii_strcasecmp(((const DaIntakePackage *)waiting->pdata[i])->package, id))
            return waiting->pdata[i];
    return NULL;
}

/* Those that are named, else all; borrowed from `waiting`. */
static GPtrArray *choose(const GPtrArray *waiting, char **ids, const char *batch, GError **error)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    for (guint i = 0; !ids && i < waiting->len; i++)
        g_ptr_array_add(chosen, waiting->pdata[i]);
    for (guint i = 0; ids && ids[i]; i++) {
        const DaIntakePackage *package = find(waiting, ids[i]);
        if (!package) {
            da_error_set(error, DA_ERROR_NOT_FOUND, "no package '%s' waits in batch '%s'", ids[i],
                         batch);
            return NULL;
        }
        if (!g_ptr_array_find(chosen, package, NULL))
            g_ptr_array_add(chosen, (gpointer)package);
    }
    return g_steal_pointer(&chosen);
}

/* --- what was found -------------------------------------------------------------------------------------------------- */

static void add_findings(json_t *findings, guint *left_out, const PGresult *row)
{
    g_autoptr(json_t) kept = json_loads(da_db_text(row, 0, "findings"), 0, NULL);
    for (gsize i = 0; i < json_array_size(kept); i++) {
        g_autoptr(DaFinding) finding = da_finding_from_json(json_array_get(kept, i), NULL);
        if (!finding)
            continue;
        if (json_array_size(findings) < FINDINGS_MAX)
            json_array_append_new(findings, da_finding_to_public_json(finding));
        else
            (*left_out)++;
    }
}

static gboolean put_findings(PGconn *db, const GPtrArray *chosen, json_t *body, GError **error)
{
    json_t *findings = json_array();
    guint left_out = 0, checked = 0;
    json_object_set_new(body, "findings", findings);
    for (guint i = 0; i < chosen->len; i++) {
        g_autoptr(PGresult) row =
            da_db_query(db, error, "SELECT findings FROM batch_check WHERE package_digest = $1",
                        ((const DaIntakePackage *)chosen->pdata[i])->digest, NULL);
        if (!row)
            return FALSE;
        checked += PQntuples(row) > 0;
        if (PQntuples(row))
            add_findings(findings, &left_out, row);
    }
    json_object_set_new(body, "findings_left_out", json_integer(left_out));
    json_object_set_new(body, "checked", json_integer(checked));
    return TRUE;
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static json_t *body_of(PGconn *db, const DaIntake *batch, const GPtrArray *chosen,
                       const char *reason, GError **error)
{
    g_autoptr(json_t) body =
        json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "batch", batch->id, "outcome", "returned",
                  "reason", reason, "arrival", (json_int_t)batch->arrival, "counts",
                  da_intake_counts(chosen), "packages", da_intake_rows(chosen));
    if (!body) {
        da_error_set(error, DA_ERROR_USAGE, "the reason is no UTF-8");
        return NULL;
    }
    if (batch->enterprise)
        json_object_set_new(body, "enterprise", json_string(batch->enterprise));
    if (!put_findings(db, chosen, body, error))
        return NULL;
    da_receipt_seal(body);
    return g_steal_pointer(&body);
}

/* Decided already. What a killed run did not remove is removed. */
static gboolean settle_unchanged(DaArchive *archive, PGconn *db, const DaIntake *batch,
                                 DaReturnResult *result, GError **error)
{
    if (!batch->returned)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "nothing of batch '%s' can be returned: it is %s; a dossier leaves the "
                            "archive by transfer or destruction",
                            batch->id, batch->state);
    result->unchanged = TRUE;
    result->record = batch->decision;
    return da_intake_purge(archive, db, batch->id, result, error);
}

/* The ids name packages that were returned before: the same answer again. */
static gboolean are_returned(PGconn *db, const char *batch, char **ids, gboolean *returned,
                             GError **error)
{
    *returned = ids && ids[0];
    for (guint i = 0; *returned && ids[i]; i++) {
        g_autoptr(PGresult) row =
            da_db_query(db, error,
                        "SELECT 1 FROM batch_package WHERE batch = $1 AND package::text = lower($2)"
                        " AND state = 'returned'",
                        batch, ids[i], NULL);
        if (!row)
            return FALSE;
        *returned = PQntuples(row) > 0;
    }
    return TRUE;
}

static gboolean return_in_turn(DaArchive *archive, PGconn *db, const char *id, char **packages,
                               const char *reason, DaReturnResult *result, GError **error)
{
    g_autoptr(DaIntake) batch = da_intake_find(db, id, error);
    g_autoptr(GPtrArray) waiting =
        batch ? da_intake_packages(db, id, DA_INTAKE_WAITING, error) : NULL;
    gboolean returned = FALSE;
    if (!waiting || !are_returned(db, id, packages, &returned, error))
        return FALSE;
    if (!waiting->len || returned)
        return settle_unchanged(archive, db, batch, result, error);
    g_autoptr(GPtrArray) chosen = choose(waiting, packages, id, error);
    g_autoptr(json_t) body = chosen ? body_of(db, batch, chosen, reason, error) : NULL;
    if (!body)
        return FALSE;
    da_fault_point("return.recording");
    if (!da_intake_record(archive, db, "return", batch, body, &result->record, error))
        return FALSE;
    da_fault_point("return.recorded");
    result->returned = chosen->len;
    return da_intake_purge(archive, db, id, result, error);
}

gboolean da_intake_return(DaArchive *archive, PGconn *db, const char *id, char **packages,
                          const char *reason, DaReturnResult *result, GError **error)
{
    g_auto(DaTurn) turn = {0};
    g_autofree char *name = da_intake_turn(id);
    *result = (DaReturnResult){0};
    if (!reason || !*reason || !g_utf8_validate(reason, -1, NULL))
        return da_error_set(error, DA_ERROR_USAGE,
                            "a batch is returned for a reason: give --reason TEXT");
    return da_turn_take(&turn, db, name, error) &&
           return_in_turn(archive, db, id, packages, reason, result, error);
}
