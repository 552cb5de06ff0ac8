#include "object_event.h"

#include <dangan/db.h>

gboolean da_object_event(PGconn *db, const char *sha256, const char *event, const char *detail,
                         GError **error)
{
    return da_db_run(db, error,
                     "INSERT INTO object_event (operator, sha256, event, detail)"
                     " VALUES ($1, $2, $3, $4)",
                     g_get_user_name(), sha256, event, detail ? detail : DA_DB_NULL, NULL);
}

char *da_object_damage_keep(PGconn *db, const char *sha256, gboolean missing, const char *detail,
                            GError **error)
{
    const char *state = missing ? "missing" : "damaged";
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(PGresult) kept =
        transaction
            ? da_db_query(db, error,
                          "INSERT INTO object_damage AS d (sha256, state, detail)"
                          " VALUES ($1, $2, $3) ON CONFLICT (sha256) DO UPDATE SET state ="
                          " excluded.state, detail = excluded.detail RETURNING xmax = 0 AS fresh,"
                          " to_char(found_at AT TIME ZONE 'UTC',"
                          " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS found_at",
                          sha256, state, detail, NULL)
            : NULL;
    if (!kept ||
        (da_db_boolean(kept, 0, "fresh") && !da_object_event(db, sha256, state, detail, error)) ||
        !da_transaction_commit(transaction, error))
        return NULL;
    return g_strdup(da_db_text(kept, 0, "found_at"));
}

gboolean da_object_damage_settle(PGconn *db, const char *sha256, const char *event, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    return transaction && da_object_event(db, sha256, event, NULL, error) &&
           da_db_run(db, error, "DELETE FROM object_damage WHERE sha256 = $1", sha256, NULL) &&
           da_transaction_commit(transaction, error);
}
