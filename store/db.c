#include <dangan/db.h>
#include <dangan/error.h>
#include <stdarg.h>
#include <string.h>

#define PARAMETERS_MAX 20

/* An object of its own: the linker may put equal literals at one address. */
static const char null_marker[1];
const char *const DA_DB_NULL = null_marker;

struct DaTransaction {
    PGconn *db; /* borrowed */
    gboolean open;
};

static gboolean is_conflict(const char *state)
{
    static const char *const states[] = {
        "40001", /* serialization_failure */
        "40P01", /* deadlock_detected */
        "23505", /* unique_violation */
    };
    for (guint i = 0; state && i < G_N_ELEMENTS(states); i++)
        if (!strcmp(state, states[i]))
            return TRUE;
    return FALSE;
}

/* Only the server's first line: its details quote rows, and rows hold names. */
static gboolean fail(PGconn *db, const PGresult *result, GError **error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (words && state)
        return da_error_set(error, is_conflict(state) ? DA_ERROR_CONFLICT : DA_ERROR_DATABASE,
                            "the database says: %s (%s)", words, state);
    g_autofree char *reason = g_strdup(PQerrorMessage(db));
    g_strstrip(g_strdelimit(reason, "\n", ' '));
    return da_error_set(error, DA_ERROR_DATABASE, "the connection to the database is lost: %s",
                        reason);
}

static PGresult *judge(PGconn *db, PGresult *result, GError **error)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    fail(db, result, error);
    PQclear(result);
    return NULL;
}

static PGresult *query(PGconn *db, GError **error, const char *sql, va_list list)
{
    const char *values[PARAMETERS_MAX];
    int n = 0;
    for (const char *value = va_arg(list, const char *); value;
         value = va_arg(list, const char *)) {
        g_assert(n < PARAMETERS_MAX);
        values[n++] = value == DA_DB_NULL ? NULL : value;
    }
    return judge(db, PQexecParams(db, sql, n, NULL, values, NULL, NULL, 0), error);
}

PGresult *da_db_query(PGconn *db, GError **error, const char *sql, ...)
{
    va_list list;
    va_start(list, sql);
    PGresult *result = query(db, error, sql, list);
    va_end(list);
    return result;
}

gboolean da_db_run(PGconn *db, GError **error, const char *sql, ...)
{
    va_list list;
    va_start(list, sql);
    g_autoptr(PGresult) result = query(db, error, sql, list);
    va_end(list);
    return result != NULL;
}

gboolean da_db_script(PGconn *db, const char *sql, GError **error)
{
    g_autoptr(PGresult) result = judge(db, PQexec(db, sql), error);
    return result != NULL;
}

/* --- cells ---------------------------------------------------------------------------------------------------------- */

const char *da_db_text(const PGresult *result, int row, const char *column)
{
    int number = PQfnumber(result, column);
    g_assert(number >= 0 && row >= 0 && row < PQntuples(result));
    return PQgetisnull(result, row, number) ? NULL : PQgetvalue(result, row, number);
}

gint64 da_db_integer(const PGresult *result, int row, const char *column)
{
    const char *text = da_db_text(result, row, column);
    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

gboolean da_db_boolean(const PGresult *result, int row, const char *column)
{
    return g_strcmp0(da_db_text(result, row, column), "t") == 0;
}

/* --- transactions --------------------------------------------------------------------------------------------------- */

DaTransaction *da_transaction_begin(PGconn *db, GError **error)
{
    if (!da_db_run(db, error, "BEGIN", NULL))
        return NULL;
    DaTransaction *transaction = g_new0(DaTransaction, 1);
    transaction->db = db;
    transaction->open = TRUE;
    return transaction;
}

gboolean da_transaction_commit(DaTransaction *transaction, GError **error)
{
    g_autoptr(PGresult) result = da_db_query(transaction->db, error, "COMMIT", NULL);
    if (!result)
        return FALSE;
    transaction->open = FALSE;
    /* After a failed statement COMMIT succeeds, and what it did is a rollback. */
    return !strcmp(PQcmdStatus(result), "COMMIT") ||
           da_error_set(error, DA_ERROR_DATABASE,
                        "the transaction was rolled back: a statement in it had failed");
}

void da_transaction_free(DaTransaction *transaction)
{
    if (!transaction)
        return;
    if (transaction->open)
        da_db_run(transaction->db, NULL, "ROLLBACK", NULL);
    g_free(transaction);
}
