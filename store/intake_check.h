/*
 * The automatic rules on a package that waits. What they said is kept, so that an acceptance that was killed need not look at every page
 * again.
 */
#pragma once

#include "intake_parts.h"

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const DaProfile *profile;
    char *profile_digest;
    GHashTable *persons; /* ID number → package id, of this batch */
    gboolean checked;    /* the last one was looked at in this run */
} DaIntakeCheck;

void da_intake_check_init(DaIntakeCheck *check, DaArchive *archive, PGconn *db,
                          const DaProfile *profile);
void da_intake_check_clear(DaIntakeCheck *check);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaIntakeCheck, da_intake_check_clear)

/* Puts the package together in the folder `path` and looks at it, unless that was done by the same profile. The caller owns the
 * verification: findings, and whether they refuse it. NULL when the machine fails, or what the archive kept is not what came (DA_ERROR_DISK). */
DaVerification *da_intake_check(DaIntakeCheck *check, const DaIntakePackage *package, const char *district,
                                const char *path, GError **error);
/* Was the person received before, or with another package of the batch? `*finding` (the caller's) is NULL when not. */
gboolean da_intake_find_person(DaIntakeCheck *check, const DaDossier *dossier, DaFinding **finding, GError **error);
/* The same of an accepted package in the folder `path`: one more finding of it. Asked each time: the archive goes on between one run and the
 * next. */
gboolean da_intake_check_person(DaIntakeCheck *check, DaVerification *verification, const char *path, GError **error);
