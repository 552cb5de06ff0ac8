/*
 * What was found of single objects: damages that stand, and the history (schemas/sql, fixity).
 */
#pragma once

#include <dangan/handle/pg.h>

/* A line of the history: "damaged", "missing", "repaired", "whole", "swept". `detail` may be NULL. */
gboolean da_object_event(PGconn *db, const char *sha256, const char *event, const char *detail,
                         GError **error);
/* A damage stands from now on; found for the first time, it goes into the history. Returns since when (RFC 3339; the caller's). */
char *da_object_damage_keep(PGconn *db, const char *sha256, gboolean missing, const char *detail,
                            GError **error);
/* It stands no longer; `event` is "repaired" or "whole". */
gboolean da_object_damage_settle(PGconn *db, const char *sha256, const char *event, GError **error);
