#include <dangan/account.h>

#include "account_row.h"
#include "password.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/identity.h>
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

/* "{310104,310115}"; NULL with error when one is no code: a quote in it would be another text. */
static char *array_of(const char *const *districts, GError **error)
{
    for (guint i = 0; districts[i] != NULL; i++)
        if (!da_district_check(districts[i], error))
            return NULL;
    if (districts[0] == NULL) {
        da_error_set(error, DA_ERROR_USAGE, "an account sees one district at least");
        return NULL;
    }
    g_autofree char *list = g_strjoinv(",", (char **)districts);
    return g_strdup_printf("{%s}", list);
}

gboolean da_account_set_districts(PGconn *db, const char *name, const char *const *districts,
                                  GError **error)
{
    g_autofree char *array = districts == NULL ? NULL : array_of(districts, error);
    if (districts != NULL && array == NULL)
        return FALSE;
    g_autoptr(PGresult) changed = da_db_query(
        db, error, "UPDATE account SET districts = $2::text[] WHERE name = $1 RETURNING name", name,
        array == NULL ? DA_DB_NULL : array, NULL);
    if (changed == NULL)
        return FALSE;
    return PQntuples(changed) == 1 || not_found(name, error);
}

void da_account_free(DaAccount *account)
{
    if (account == NULL)
        return;
    g_free(account->name);
    g_strfreev(account->districts);
    g_free(account);
}

DaAccount *da_account_of(const PGresult *rows, int row)
{
    const char *districts = da_db_text(rows, row, "districts");
    DaAccount *account = g_new0(DaAccount, 1);
    account->name = g_strdup(da_db_text(rows, row, "name"));
    account->districts = districts == NULL ? NULL : g_strsplit(districts, ",", -1);
    return account;
}

GPtrArray *da_account_list(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT name, array_to_string(districts, ',') AS districts FROM account"
                    " ORDER BY name",
                    NULL);
    if (rows == NULL)
        return NULL;
    GPtrArray *accounts = g_ptr_array_new_with_free_func((GDestroyNotify)da_account_free);
    for (int i = 0; i < PQntuples(rows); i++)
        g_ptr_array_add(accounts, da_account_of(rows, i));
    return accounts;
}
