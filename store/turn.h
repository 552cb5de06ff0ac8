/*
 * Turns: who works on one thing waits for who works on it already, over all processes. A turn is a lock of the database, named by a text,
 * and ends when it is cleared or with its connection. Taking it again on the same connection is allowed.
 */
#pragma once

#include <dangan/handle/pg.h>

typedef struct {
    PGconn *db; /* NULL = not held */
    char *name;
    gboolean shared;
} DaTurn;

/* Waits until it is free. `name` is a dossier's id, "person …", "batch …"; whoever needs several takes them in this order: batch,
 * dossier, person, objects. */
gboolean da_turn_take(DaTurn *turn, PGconn *db, const char *name, GError **error);

/* Objects lie in place before a row names them: who brings them shares this turn from before he looks what is there until his rows
 * are committed, and who removes objects has it alone. */
gboolean da_turn_share_objects(DaTurn *turn, PGconn *db, GError **error);
gboolean da_turn_own_objects(DaTurn *turn, PGconn *db, GError **error);

void da_turn_clear(DaTurn *turn);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaTurn, da_turn_clear)
