#include "cursor.h"

#include <dangan/db.h>

#define PIECE "2000"

struct DaCursor {
    PGconn *db;
    char *fetch;
    PGresult *rows;
    int next;
    gboolean ended;
};

DaCursor *da_cursor_open(PGconn *db, const char *query, GError **error)
{
    static gint made;
    g_autofree char *name = g_strdup_printf("dangan_%d", g_atomic_int_add(&made, 1));
    g_autofree char *declare = g_strdup_printf("DECLARE %s NO SCROLL CURSOR FOR %s", name, query);
    if (!da_db_run(db, error, declare, NULL))
        return NULL;
    DaCursor *cursor = g_new0(DaCursor, 1);
    cursor->db = db;
    cursor->fetch = g_strdup_printf("FETCH " PIECE " FROM %s", name);
    return cursor;
}

gboolean da_cursor_next(DaCursor *cursor, const PGresult **rows, int *row, GError **error)
{
    if (!cursor->ended && (!cursor->rows || cursor->next >= PQntuples(cursor->rows))) {
        g_clear_pointer(&cursor->rows, PQclear);
        cursor->rows = da_db_query(cursor->db, error, cursor->fetch, NULL);
        if (!cursor->rows)
            return FALSE;
        cursor->next = 0;
        cursor->ended = PQntuples(cursor->rows) == 0;
    }
    *rows = cursor->ended ? NULL : cursor->rows;
    *row = cursor->next++;
    return TRUE;
}

/* The cursor itself ends with the transaction. */
void da_cursor_free(DaCursor *cursor)
{
    if (!cursor)
        return;
    PQclear(cursor->rows);
    g_free(cursor->fetch);
    g_free(cursor);
}
