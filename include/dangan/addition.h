/*
 * Supplementary materials (零散材料) for a dossier that the archive holds: the package of its current version and a later package of
 * the same person become the next version (dangan/supplement.h says how they are joined), deposited like any other.
 *
 * The later package must be accepted by the profile, and so must the whole. The same later package again changes nothing and says so. Two
 * additions to one dossier wait for each other; whoever is killed leaves a folder below DIR/staging, which the next deposit removes.
 */
#pragma once

#include <dangan/deposit.h>

typedef struct {
    const char *dossier;      /* id; NULL = the one that has the same ID number, or where the package has none the same name and birth */
    const char *by;           /* who adds them */
    const char *from;         /* 移交单位; NULL = not said */
    const DaProfile *profile; /* that judges */
} DaAdditionOptions;

/* Adds the materials of `package`. `result` is that of the deposit of the new version; `unchanged` when they were there already. Its
 * `verification` is that of the later package where that one is refused. DA_ERROR_NOT_FOUND when there is no such dossier, DA_ERROR_CONFLICT when there are several of this person,
 * when it is another person's or is not held here any more, DA_ERROR_INPUT when a package is not accepted. `result` is set in any case, and cleared by the caller. */
gboolean da_addition_deposit(DaArchive *archive, PGconn *db, const char *package, const DaAdditionOptions *options,
                             DaDepositResult *result, GError **error);
