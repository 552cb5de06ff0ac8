#include <dangan/account.h>

#include "password.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <string.h>

#define ACCOUNT_NAME_MIN 2
#define ACCOUNT_NAME_MAX 64
#define PASSWORD_MIN 8
#define PASSWORD_MAX_BYTES 1024

static gboolean check_name(const char *name, GError **error)
{
    gsize length = strlen(name);
    gsize allowed =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (length < ACCOUNT_NAME_MIN || length > ACCOUNT_NAME_MAX || allowed != length)
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot use this account name: wanted are %d to %d of letters, digits, "
                            "'.', '_' and '-'",
                            ACCOUNT_NAME_MIN, ACCOUNT_NAME_MAX);
    return TRUE;
}

static gboolean check_password(const char *password, GError **error)
{
    if (!g_utf8_validate(password, -1, NULL) || strlen(password) > PASSWORD_MAX_BYTES)
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot use this password: it is longer than %d bytes or not UTF-8",
                            PASSWORD_MAX_BYTES);
    if (g_utf8_strlen(password, -1) < PASSWORD_MIN)
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot use this password: it is shorter than %d characters",
                            PASSWORD_MIN);
    return TRUE;
}

static gboolean not_found(const char *name, GError **error)
{
    return da_error_set(error, DA_ERROR_NOT_FOUND, "there is no account '%s'", name);
}

gboolean da_account_add(PGconn *db, const char *name, const char *password, GError **error)
{
    DaPassword kept;
    if (!check_name(name, error) || !check_password(password, error) ||
        !da_password_make(password, &kept, error))
        return FALSE;
    g_autoptr(PGresult) added =
        da_db_query(db, error,
                    "INSERT INTO account (name, salt, password) VALUES ($1, $2::bytea, $3::bytea) "
                    "ON CONFLICT (name) DO NOTHING RETURNING name",
                    name, kept.salt, kept.digest, NULL);
    if (added == NULL)
        return FALSE;
    return PQntuples(added) == 1 ||
           da_error_set(error, DA_ERROR_CONFLICT, "there is an account '%s' already", name);
}

/* A new password ends the sessions of the old one. */
gboolean da_account_set_password(PGconn *db, const char *name, const char *password, GError **error)
{
    DaPassword kept;
    if (!check_password(password, error) || !da_password_make(password, &kept, error))
        return FALSE;
    g_autoptr(PGresult) changed = da_db_query(
        db, error,
        "WITH changed AS (UPDATE account SET salt = $2::bytea, password = $3::bytea, failures = 0, "
        "locked_until = NULL WHERE name = $1 RETURNING name), "
        "ended AS (DELETE FROM session WHERE account IN (SELECT name FROM changed)) "
        "SELECT name FROM changed",
        name, kept.salt, kept.digest, NULL);
    if (changed == NULL)
        return FALSE;
    return PQntuples(changed) == 1 || not_found(name, error);
}

gboolean da_account_remove(PGconn *db, const char *name, GError **error)
{
    g_autoptr(PGresult) removed =
        da_db_query(db, error, "DELETE FROM account WHERE name = $1 RETURNING name", name, NULL);
    if (removed == NULL)
        return FALSE;
    return PQntuples(removed) == 1 || not_found(name, error);
}

GPtrArray *da_account_list(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error, "SELECT name FROM account ORDER BY name", NULL);
    if (rows == NULL)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < PQntuples(rows); i++)
        g_ptr_array_add(names, g_strdup(da_db_text(rows, i, "name")));
    return names;
}
