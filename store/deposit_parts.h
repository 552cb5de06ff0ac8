/*
 * The parts of a deposit: the files of a package, the manifest object, the rows.
 */
#pragma once

#include <dangan/bag.h>
#include <dangan/deposit.h>
#include <dangan/object.h>

typedef struct {
    PGconn *db;          /* borrowed, as all that follows */
    const char *package; /* its folder */
    const char *package_id; /* its own id; the dossier's is dossier->id */
    gboolean joins;      /* the dossier was named by whoever deposits */
    const char *district;
    const DaProfile *profile;
    const DaVerification *verification;
    const DaDossier *dossier;
    const GPtrArray *files; /* DaBagEntry *: all files of the package */
    guint version;
    const char *manifest; /* digest of the manifest object */
    guint64 manifest_bytes;
} DaDepositing;

/* Every file of the package with path, digest and size, sorted by path: listed payload, listed tag files, the tag manifest
 * itself (whose digest is `digest`), and tag files that nothing lists. The caller owns the array. */
GPtrArray *da_deposit_files(const char *package, const char *digest, GError **error);
gboolean da_deposit_stage_files(const DaDepositing *depositing, DaObjectStage *stage,
                                GError **error);
/* The manifest of the version, the same bytes for the same package, version and district. The caller owns it. */
GBytes *da_deposit_manifest(const DaDepositing *depositing);

/* Brings back objects of a version that is there already, where a row names one that has gone: `mended` counts them. */
gboolean da_deposit_mend(DaDepositing *depositing, const char *dir, guint64 *mended, GError **error);

/* Everything that the transaction writes, read from the package before it begins. */
typedef struct DaDepositRows DaDepositRows;
DaDepositRows *da_deposit_rows_read(const DaDepositing *depositing, GError **error);
void da_deposit_rows_free(DaDepositRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaDepositRows, da_deposit_rows_free)
/* Writes them in the transaction that is open. `result` learns what was new. */
gboolean da_deposit_rows_write(const DaDepositing *depositing, const DaDepositRows *rows,
                               DaDepositResult *result, GError **error);

/* A row of deposit_log. */
gboolean da_deposit_log(PGconn *db, const char *dossier, guint version, const char *digest,
                        gboolean unchanged, GError **error);

/* Materials, pages and text of the dossier as arrays of JSON objects, one a row, members named as columns. */
json_t *da_deposit_materials(const DaDepositing *depositing);
json_t *da_deposit_pages(const DaDepositing *depositing);
json_t *da_deposit_texts(const DaDepositing *depositing, GError **error);
/* Keys of the person, in the same form. */
json_t *da_deposit_keys(const DaDepositing *depositing);
