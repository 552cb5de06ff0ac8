/*
 * Database connections of the service: a reader's (da_archive_connect_reader), which see nothing until they are given a scope. Made when needed, kept when idle, never more than a fixed number.
 *
 * A connection whose server has gone is noticed when it is taken and replaced, so a restart of the database costs the
 * requests that run at that moment and no others.
 */
#pragma once

#include <dangan/archive.h>

typedef struct DaPool DaPool;

DaPool *da_pool_new(DaArchive *archive, guint connections);
/* All connections must have been given back. */
void da_pool_free(DaPool *pool);
/* Waits a little for a free one. DA_ERROR_DATABASE when there is none or the server cannot be reached. */
PGconn *da_pool_take(DaPool *pool, GError **error);
/* Takes the connection back; one that is broken or inside a transaction is closed. NULL is allowed. */
void da_pool_give(DaPool *pool, PGconn *db);
