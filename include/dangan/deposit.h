/*
 * Deposit: a verified package becomes a dossier version.
 *
 * verify → stage objects → durable → one transaction (dossier, version, materials, pages, text, person keys, findings, receipt). That
 * commit is the deposit. Depositing the same package digest again changes nothing and says so (it brings back
 * objects that have gone); a changed package of the same id
 * and the same person (ID number, or where neither has one the name) is a new version; the same id with another person is
 * refused. A person who has a dossier under another id is a finding of the profile's rule `person-received`, which refuses the package where the
 * rule is an error; where the package continues that dossier, its id must be named. Two deposits of one dossier wait for each other; whoever is killed leaves objects without rows at most, and the
 * same deposit again finds them.
 *
 * The manifest of a version is an object too: JSON in the shape of an OCFL 1.1 inventory with the path and digest of every
 * file of the package, tag files included; so the package can be put together again as it came. An object's place follows from its
 * digest, so the inventory's `manifest` block is left out. The member `dangan` holds package digest, district and profile.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/verify.h>

typedef struct {
    const char *district; /* GB/T 2260; NULL = that holds the dossier, else dossier.xml, else the archive's setting */
    const char *dossier;  /* id of a dossier that the package continues, whatever its own id; NULL = that of its own id, or a new one */
    const DaProfile *profile;
    const char *batch;    /* the handover batch (dangan/intake.h) whose package `number` it is; NULL = of none */
    guint number;
    GTimer *verify_timer; /* may be NULL; stopped: goes on during verification, to count its time apart */
} DaDepositOptions;

typedef struct {
    char *dossier_id;
    guint version;
    gboolean unchanged;   /* this package digest was there already */
    guint pages;
    guint64 objects_new, bytes_new; /* that no deposit had brought before, the manifest of this version among them */
    guint64 objects_mended;         /* of an unchanged package: that had gone from the archive, and are there again */
    guint64 files, bytes;           /* of the package */
    guint64 receipt;                /* number of the record of this deposit (dangan/record.h), or of the one that it repeats */
    DaVerification *verification; /* always set when the package could be verified */
} DaDepositResult;

/* The id of a page in URLs: 22 characters of base64url from package id, version and stem, so that addresses survive a reindex.
 * The caller owns it. */
char *da_page_id(const char *dossier_id, guint version, const char *stem);

/* Deposits one package. A package that verification does not accept is DA_ERROR_INPUT, and `result->verification` has the
 * findings. DA_ERROR_CONFLICT when the id belongs to another person, or to a dossier of
 * another district (dangan/transfer.h) or one that was destroyed (dangan/destroy.h), DA_ERROR_USAGE when nothing says which district it is for.
 * `result` is set in any case, and cleared by the caller with da_deposit_result_clear(). */
gboolean da_deposit(DaArchive *archive, PGconn *db, const char *package, const DaDepositOptions *options,
                    DaDepositResult *result, GError **error);
/* The same for a package that was verified by the profile; `verification` is taken. */
gboolean da_deposit_verified(DaArchive *archive, PGconn *db, const char *package, const DaDepositOptions *options,
                             DaVerification *verification, DaDepositResult *result, GError **error);
void da_deposit_result_clear(DaDepositResult *result);
