/*
 * Whether a person has a dossier in the archive already: the rule of check `person-received` (PKG-009), which no one can ask who has
 * only the package.
 */
#pragma once

#include <dangan/finding.h>
#include <dangan/handle/pg.h>
#include <dangan/profile.h>

/* The name of the person's turn (turn.h); NULL = the dossier names no ID number. The caller owns it. */
char *da_received_turn(const DaDossier *dossier);
/* Looks for another dossier of the person by ID number, in the forms of 18 and of 15 digits. `*finding` (the caller's) is NULL when there is
 * none, or the profile does not ask. */
gboolean da_received_find(PGconn *db, const DaProfile *profile, const DaDossier *dossier,
                          DaFinding **finding, GError **error);
/* The ID number in its form of 18 where it has one; NULL = none. The caller owns it. */
char *da_received_number(const char *text);
