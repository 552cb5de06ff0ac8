/*
 * Dossiers that are to leave where they are: whether they can, and what a record says of them.
 */
#pragma once

#include "turn.h"

#include <dangan/archive.h>
#include <jansson.h>

/* All of them are held: nobody else changes them meanwhile. */
typedef struct {
    GArray *turns;  /* DaTurn */
    char *ids;      /* "{…,…}", for a statement */
    PGresult *rows; /* of each in the order it was named: number, dossier, district, digest, version, archival_number, pages, files, bytes */
} DaLeaving;

/* Takes the dossiers (NULL-terminated) and looks at them. DA_ERROR_USAGE for one that is named twice, DA_ERROR_NOT_FOUND for one that is
 * not there. */
gboolean da_leaving_take(DaLeaving *leaving, PGconn *db, char **dossiers, GError **error);
void da_leaving_clear(DaLeaving *leaving);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaLeaving, da_leaving_clear)

/* The one district that holds all of them; NULL with DA_ERROR_USAGE when there are several. Borrowed. */
const char *da_leaving_district(const DaLeaving *leaving, GError **error);

/* Asks `question` of them, a statement with $1 = the ids and $2 = `parameter`, that gives dossier and why (text) of each that cannot
 * go: DA_ERROR_CONFLICT names the first ones with `what`. */
gboolean da_leaving_check(const DaLeaving *leaving, PGconn *db, const char *question, const char *parameter, const char *what,
                          GError **error);

/* Makes the record about them in a transaction of its own, and gives its number; 0 with error. Takes the body; NULL = it was not in UTF-8. */
guint64 da_leaving_record(const DaLeaving *leaving, DaArchive *archive, PGconn *db, const char *kind, const char *district,
                          const char *by, json_t *body, GError **error);

/* {"counts": {"packages", "files", "bytes", "pages"}, "packages": […]}, as in a receipt. The caller owns it. */
json_t *da_leaving_body(const DaLeaving *leaving);
