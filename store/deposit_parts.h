/*
 * The parts of a deposit: the files of a package, the manifest object, the rows.
 */
#pragma once

#include <dangan/bag.h>
#include <dangan/deposit.h>
#include <dangan/digest.h>
#include <dangan/object.h>
#include <dangan/record.h>

typedef struct {
    DaArchive *archive;  /* borrowed, as all that follows */
    PGconn *db;
    const char *package; /* its folder */
    const char *package_id; /* its own id; the dossier's is dossier->id */
    gboolean joins;      /* the dossier was named by whoever deposits */
    const char *district;
    const char *batch; /* NULL = of none */
    guint number;      /* of the package in it */
    const DaProfile *profile;   /* NULL when rows are made again */
    const char *judged_by;      /* its name and version */
    const char *digest;         /* of the package */
    const DaDossier *dossier;
    const GPtrArray *files; /* DaBagEntry *: all files of the package */
    guint64 bytes;          /* of them */
    guint version;
    const char *manifest; /* digest of the manifest object */
    guint64 manifest_bytes;
    json_t *findings; /* array of da_finding_to_json(); an object too, unless there are none */
    char findings_sha256[DA_DIGEST_HEX + 1]; /* "" = none */
    guint64 findings_bytes;
} DaDepositing;

/* The district that a package is for; borrowed from one of the arguments (`wanted` may be NULL). NULL with DA_ERROR_USAGE when nothing says
 * it. */
const char *da_deposit_district(const DaArchive *archive, const char *wanted, const DaDossier *dossier, GError **error);

/* Every file of the package with path, digest and size, sorted by path: listed payload, listed tag files, the tag manifest
 * itself (whose digest is `digest`), and tag files that nothing lists. The caller owns the array. */
GPtrArray *da_deposit_files(const char *package, const char *digest, GError **error);
/* Bytes of all of them. */
guint64 da_deposit_bytes(const GPtrArray *files);
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
/* Writes them, as what follows from `record`, in the transaction that is open. `result` learns what was new. */
gboolean da_deposit_rows_write(const DaDepositing *depositing, const DaDepositRows *rows,
                               const DaRecord *record, DaDepositResult *result, GError **error);

/* A row of deposit_log. */
gboolean da_deposit_log(PGconn *db, const char *dossier, guint version, const char *digest,
                        gboolean unchanged, GError **error);

/* Materials, pages and text of the dossier as arrays of JSON objects, one a row, members named as columns. */
json_t *da_deposit_materials(const DaDepositing *depositing);
json_t *da_deposit_pages(const DaDepositing *depositing);
json_t *da_deposit_texts(const DaDepositing *depositing, GError **error);
/* Keys of the person, in the same form. */
json_t *da_deposit_keys(const DaDepositing *depositing);
