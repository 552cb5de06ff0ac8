/*
 * Rows of any number, in pieces: a server-side cursor in the transaction that is open.
 */
#pragma once

#include <dangan/handle/pg.h>

typedef struct DaCursor DaCursor;

/* `query` is a SELECT without parameters. NULL with error. */
DaCursor *da_cursor_open(PGconn *db, const char *query, GError **error);
/* The next row: `*row` of `*rows`, borrowed until the next call; `*rows` NULL = that was the last one. */
gboolean da_cursor_next(DaCursor *cursor, const PGresult **rows, int *row, GError **error);
void da_cursor_free(DaCursor *cursor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaCursor, da_cursor_free)
