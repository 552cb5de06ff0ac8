/*
 * Audit: who looked at what, logged in, took something out. Append-only; each entry holds the digest of the former one of its district.
 *
 * The digest is SHA-256 over the entry as JSON without blanks and with sorted members (RFC 8785):
 *
 *     {"account", "action", "at", "detail"?, "district", "dossier"?, "former", "number"}
 *
 * An entry that was changed, removed or put in shows by that; entries that were cut off at the end show against a checkpoint: a signed document
 * (dangan/signed.h) with the last number and digest of each district, to be kept where whoever can write here cannot.
 *
 *     "document": {"kind": "audit-checkpoint", "archive": "fingerprint", "districts": [{"district", "number", "digest"}], "signed_by", "signed_at"}
 *
 * Nothing of a person but the dossier's id stands in an entry.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <jansson.h>

typedef struct {
    const char *district; /* "" = of none */
    const char *account;  /* "" = nobody known */
    const char *action;   /* "look", "login" … */
    const char *dossier;  /* UUID; NULL */
    const char *detail;   /* JSON object; NULL */
} DaAuditEntry;

/* Appends all of them or none, in a transaction of its own, as of now. Those who append to one district wait for each other. */
gboolean da_audit_append(PGconn *db, const DaAuditEntry *entries, guint n, GError **error);

/* --- checking ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint64 entries, districts;
    guint checkpoints;
    GPtrArray *problems; /* char *: a sentence each, that names district and entry; the first hundred of a district */
} DaAuditResult;

void da_audit_result_clear(DaAuditResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaAuditResult, da_audit_result_clear)

/* Computes every chain again and holds it against checkpoints (documents, json_t *; NULL = none). `result` is set in any case and cleared by
 * the caller; FALSE only when the machine fails. */
gboolean da_audit_verify(PGconn *db, const GPtrArray *checkpoints, DaProgress *progress, DaAuditResult *result, GError **error);

/* A checkpoint as it is now, signed with the archive's key. The caller owns it. */
char *da_audit_checkpoint(DaArchive *archive, PGconn *db, GError **error);

/* --- reading ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *district, *account, *dossier; /* NULL = all */
    const char *from, *to;                    /* of `at`, as far as given: "2026-03"; NULL = all */
} DaAuditFilter;

/* Calls `take` with each entry (its members as above, and "digest") in the order of districts and numbers; FALSE from it ends the reading with its
 * error. */
gboolean da_audit_read(PGconn *db, const DaAuditFilter *filter, gboolean (*take)(const json_t *entry, gpointer data, GError **error),
                       gpointer data, GError **error);
