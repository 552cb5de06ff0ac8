#include "pool.h"

#include "slots.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/scope.h>
#include <poll.h>

#define WAIT_MS 2000
/* A statement of a search or a page that runs longer holds up the counter and one of few connections. */
#define SESSION_SETTINGS                                                                           \
    "SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'"

struct DaPool {
    DaArchive *archive; /* borrowed */
    DaSlots places;
    GAsyncQueue *idle; /* PGconn * */
};

DaPool *da_pool_new(DaArchive *archive, guint connections)
{
    DaPool *pool = g_new0(DaPool, 1);
    pool->archive = archive;
    da_slots_init(&pool->places, connections);
    pool->idle = g_async_queue_new_full((GDestroyNotify)PQfinish);
    return pool;
}

void da_pool_free(DaPool *pool)
{
    g_async_queue_unref(pool->idle);
    da_slots_clear(&pool->places);
    g_free(pool);
}

/* The server says nothing to an idle connection unless it ends it. */
static gboolean is_alive(PGconn *db)
{
    struct pollfd look = {.fd = PQsocket(db), .events = POLLIN};
    return PQstatus(db) == CONNECTION_OK && look.fd >= 0 && poll(&look, 1, 0) == 0;
}

static PGconn *connect_anew(DaPool *pool, GError **error)
{
    g_autoptr(PGconn) db = da_archive_connect_reader(pool->archive, error);
    if (db == NULL || !da_db_script(db, SESSION_SETTINGS, error))
        return NULL;
    return g_steal_pointer(&db);
}

PGconn *da_pool_take(DaPool *pool, GError **error)
{
    if (!da_slots_take(&pool->places, WAIT_MS)) {
        da_error_set(error, DA_ERROR_DATABASE, "all database connections are in use");
        return NULL;
    }
    for (PGconn *db = g_async_queue_try_pop(pool->idle); db != NULL;
         db = g_async_queue_try_pop(pool->idle)) {
        if (is_alive(db))
            return db;
        PQfinish(db);
    }
    PGconn *db = connect_anew(pool, error);
    if (db == NULL)
        da_slots_give(&pool->places);
    return db;
}

void da_pool_give(DaPool *pool, PGconn *db)
{
    if (db == NULL)
        return;
    /* The next one to take it starts with no scope. */
    if (PQstatus(db) == CONNECTION_OK && PQtransactionStatus(db) == PQTRANS_IDLE &&
        da_scope_clear(db, NULL))
        g_async_queue_push(pool->idle, db);
    else
        PQfinish(db);
    da_slots_give(&pool->places);
}
