/*
 * pg_dump and pg_restore, run as ourselves over the archive's socket.
 */
#pragma once

#include <dangan/handle/pg.h>

/* Writes the database as of `snapshot` (pg_export_snapshot()) to `path`, durably and whole. `version`: of the server, "15". */
gboolean da_dump_write(int run, const char *version, const char *snapshot, const char *path, GError **error);
/* Fills the empty database in one transaction. */
gboolean da_dump_read(int run, const char *version, const char *path, GError **error);
/* TRUE when pg_restore can read its table of contents. */
gboolean da_dump_check(const char *version, const char *path, GError **error);
