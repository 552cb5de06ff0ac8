/*
 * One dossier as the reading room shows it: the person, and the catalogue as classes, materials and pages.
 */
#pragma once

#include <dangan/dossier.h>
#include <dangan/handle/pg.h>
#include <dangan/profile.h>
#include <jansson.h>

/* The current version of a dossier (`id` is its UUID). */
typedef struct {
    char *id, *district, *version, *deposited, *descriptive_sha256;
} DaDossierRow;

void da_dossier_row_clear(DaDossierRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaDossierRow, da_dossier_row_clear)

/* DA_ERROR_NOT_FOUND when there is none, also for an id that is no UUID. */
gboolean da_dossier_row_load(PGconn *db, const char *id, DaDossierRow *row, GError **error);

/* docs/api.md, "GET dossiers/{id}". `profile` names the classes; NULL = codes only. */
json_t *da_dossier_json(PGconn *db, const DaDossierRow *row, const DaDossier *dossier,
                        const DaProfile *profile, GError **error);
