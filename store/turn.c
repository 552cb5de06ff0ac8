#include "turn.h"

#include <dangan/db.h>

#define OBJECTS "dangan objects"

static void hold(DaTurn *turn, PGconn *db, const char *name, gboolean shared)
{
    *turn = (DaTurn){.db = db, .name = g_strdup(name), .shared = shared};
}

gboolean da_turn_take(DaTurn *turn, PGconn *db, const char *name, GError **error)
{
    if (!da_db_run(db, error, "SELECT pg_advisory_lock(hashtextextended($1, 0))", name, NULL))
        return FALSE;
    hold(turn, db, name, FALSE);
    return TRUE;
}

gboolean da_turn_share_objects(DaTurn *turn, PGconn *db, GError **error)
{
    if (!da_db_run(db, error, "SELECT pg_advisory_lock_shared(hashtextextended($1, 0))", OBJECTS,
                   NULL))
        return FALSE;
    hold(turn, db, OBJECTS, TRUE);
    return TRUE;
}

gboolean da_turn_own_objects(DaTurn *turn, PGconn *db, GError **error)
{
    return da_turn_take(turn, db, OBJECTS, error);
}

void da_turn_clear(DaTurn *turn)
{
    if (turn->db)
        da_db_run(turn->db, NULL,
                  turn->shared ? "SELECT pg_advisory_unlock_shared(hashtextextended($1, 0))"
                               : "SELECT pg_advisory_unlock(hashtextextended($1, 0))",
                  turn->name, NULL);
    turn->db = NULL;
    g_clear_pointer(&turn->name, g_free);
}
