/*
 * What a reader's connection (da_archive_connect_reader) may see: the districts of its scope. Row-level security holds every statement to
 * it, whoever wrote the statement.
 *
 * A scope is the setting `dangan.scope`: districts with a mark that only the program can make, so a statement that sets another
 * one sees nothing at all.
 */
#pragma once

#include <dangan/archive.h>

/* From now on `db` sees these districts (NULL-terminated GB/T 2260 codes; NULL = all that the archive has). DA_ERROR_USAGE for what is no
 * code. */
gboolean da_scope_set(const DaArchive *archive, PGconn *db, const char *const *districts, GError **error);
/* `db` sees nothing. */
gboolean da_scope_clear(PGconn *db, GError **error);
