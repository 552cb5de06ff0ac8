/*
 * Destruction of dossiers (销毁), by two people. Three records:
 *
 *     disposal             one person proposes
 *     disposal-withdrawal  it is not to be after all
 *     destruction          another person confirms: the dossiers are gone
 *
 * A dossier can be destroyed when somebody has decided how long it is kept and that time is over, no hold stands on it and it is not under way
 * (dangan/custody.h, dangan/transfer.h), both at the proposal and at the confirmation, and when no version came in between.
 *
 * What stays: the records of its life, which name nobody, and with the destruction a list of the digests of all that was destroyed. What goes:
 * every row about the dossier, then every object that nothing else names, from the archive at once and from a copy with its next backup.
 * `reindex` makes the same again.
 * Source: 档案法 (2020) 第三十一条 (鉴定、销毁); two people: 机关档案管理规定 (2018) 第七十条 (监销).
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <jansson.h>
#include <signal.h>

#define DA_DESTROY_DOSSIERS_MAX 500u /* of one proposal */

/* Each makes one record and gives its number; 0 with error. `account` is who does it, whoever calls has made sure of that. */

/* All of the dossiers (NULL-terminated, UUIDs) or none; all of one district. DA_ERROR_CONFLICT names those that must stay, and why. */
guint64 da_destroy_propose(DaArchive *archive, PGconn *db, char **dossiers, const char *account, const char *reason, GError **error);
/* By whoever. DA_ERROR_NOT_FOUND when no such proposal stands. */
guint64 da_destroy_withdraw(DaArchive *archive, PGconn *db, guint64 proposal, const char *account, const char *reason, GError **error);

typedef struct {
    const char *account;
    DaProgress *progress;              /* manifests of other dossiers that are looked at; NULL */
    const volatile sig_atomic_t *stop; /* NULL; ends with DA_ERROR_CANCELLED, and the same confirmation goes on */
} DaDestroyOptions;

typedef struct {
    guint64 record;
    gboolean unchanged; /* it was confirmed before; what was left of the objects is removed */
    guint dossiers;
    guint64 objects_removed, bytes_removed, objects_kept; /* kept: other dossiers or records name them too */
} DaDestroyResult;

/* DA_ERROR_DENIED when `account` is who proposed it, DA_ERROR_CONFLICT when one of the dossiers must stay now, DA_ERROR_DISK when a manifest cannot be
 * read: what is to be destroyed is not known then. Reads the manifest of every other dossier, so that nothing they use is removed. */
gboolean da_destroy_confirm(DaArchive *archive, PGconn *db, guint64 proposal, const DaDestroyOptions *options,
                            DaDestroyResult *result, GError **error);

/* {"due": [{"dossier", "district", "archival_number" or null, "until"}], "proposals": [{"record", "at", "account", "dossiers"}],
 *  "destroyed": [{"record", "at", "dossiers"}]}: time is over and nothing keeps it; stand; done. The caller owns it. */
json_t *da_destroy_list(PGconn *db, GError **error);
