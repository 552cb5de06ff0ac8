/*
 * Statements against PostgreSQL: parameters always apart from SQL, failures as GError with SQLSTATE and the server's words.
 *
 * Error texts hold the server's words without its details, which would quote rows.
 * SQL texts of the schema lie in schemas/sql; short queries stand beside the code that reads their columns.
 */
#pragma once

#include <dangan/handle/pg.h>

/* Runs one statement with text parameters (NULL-terminated list of const char *, at most 20; use DA_DB_NULL for SQL NULL).
 * Returns the result (rows or none), or NULL with DA_ERROR_DATABASE; serialization failures and deadlocks are
 * DA_ERROR_CONFLICT, a unique violation too. The caller clears it. */
PGresult *da_db_query(PGconn *db, GError **error, const char *sql, ...) G_GNUC_NULL_TERMINATED;
extern const char *const DA_DB_NULL;

/* The same for statements without a result. */
gboolean da_db_run(PGconn *db, GError **error, const char *sql, ...) G_GNUC_NULL_TERMINATED;

/* Runs a text of schemas/sql: several statements, no parameters. Outside a transaction they are one. */
gboolean da_db_script(PGconn *db, const char *sql, GError **error);

/* Cells; text borrowed from the result, NULL for SQL NULL (integer 0, boolean FALSE). A column or row that is not there is a
 * programming error. */
const char *da_db_text(const PGresult *result, int row, const char *column);
gint64 da_db_integer(const PGresult *result, int row, const char *column);
gboolean da_db_boolean(const PGresult *result, int row, const char *column);

/* A transaction that rolls back when it is freed without a commit. */
typedef struct DaTransaction DaTransaction;
DaTransaction *da_transaction_begin(PGconn *db, GError **error);
gboolean da_transaction_commit(DaTransaction *transaction, GError **error);
void da_transaction_free(DaTransaction *transaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaTransaction, da_transaction_free)
