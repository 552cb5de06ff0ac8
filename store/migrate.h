/*
 * The schema of the database, by the numbered texts of schemas/sql: forward only, each in one transaction.
 */
#pragma once

#include <dangan/handle/pg.h>

/* Brings the schema up to date. Two at once wait for each other. DA_ERROR_CONFLICT when the database was made by a newer
 * program. */
gboolean da_migrate(PGconn *db, GError **error);
/* The schema's version; 0 = there is none yet. */
gboolean da_migrate_version(PGconn *db, guint *version, GError **error);
/* The version that this program brings. */
guint da_migrate_newest(void);
