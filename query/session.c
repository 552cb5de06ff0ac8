#include <dangan/account.h>

#include "account_row.h"
#include "password.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define TOKEN_BYTES 32
#define TOKEN_TEXT 43 /* base64url of 32 bytes without padding */
#define DIGEST_BYTES 32
#define TO_TEXT(x) #x
#define SQL_NUMBER(x) TO_TEXT(x)
#define MAX_FAILURES 5
#define LOCK_MINUTES 15
#define NAME_MAX_BYTES 64
#define PASSWORD_MAX_BYTES 1024

typedef char TokenDigest[2 + 2 * DIGEST_BYTES + 1];

static gboolean digest_token(const char *token, TokenDigest digest, GError **error)
{
    guint8 bytes[EVP_MAX_MD_SIZE];
    if (EVP_Digest(token, strlen(token), bytes, NULL, EVP_sha256(), NULL) != 1)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot compute the digest of a session");
    da_password_hex(bytes, DIGEST_BYTES, digest);
    return TRUE;
}

static char *new_token(GError **error)
{
    guint8 bytes[TOKEN_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        da_error_set(error, DA_ERROR_SYSTEM, "cannot get random bytes");
        return NULL;
    }
    g_autofree char *token = g_base64_encode(bytes, sizeof bytes);
    g_strdelimit(token, "+", '-');
    g_strdelimit(token, "/", '_');
    token[TOKEN_TEXT] = '\0';
    return g_steal_pointer(&token);
}

/* --- login --------------------------------------------------------------------------------------------------------- */

/* The attempt is counted before the password is looked at: many at the same time are not more than five. */
static PGresult *count_attempt(PGconn *db, const char *name, GError **error)
{
    return da_db_query(db, error,
                       "UPDATE account SET "
                       "failures = CASE WHEN locked_until <= now() THEN 1 ELSE failures + 1 END, "
                       "locked_until = CASE WHEN locked_until IS NULL AND failures + 1 "
                       ">= " SQL_NUMBER(MAX_FAILURES) " THEN now() + interval '" SQL_NUMBER(
                           LOCK_MINUTES) " minutes' END "
                                         "WHERE name = $1 AND (locked_until IS NULL OR "
                                         "locked_until <= now()) "
                                         "RETURNING salt, password",
                       name, NULL);
}

static gboolean refuse(PGconn *db, const char *name, GError **error)
{
    g_autoptr(PGresult) locked = da_db_query(
        db, error,
        "SELECT to_char(locked_until AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
        "AS until FROM account WHERE name = $1 AND locked_until > now()",
        name, NULL);
    if (locked == NULL)
        return FALSE;
    if (PQntuples(locked) == 0)
        return da_error_set(error, DA_ERROR_DENIED, "the name or the password is wrong");
    return da_error_set(error, DA_ERROR_LIMIT,
                        "the account waits until %s after %d wrong passwords",
                        da_db_text(locked, 0, "until"), MAX_FAILURES);
}

static gboolean check_login(PGconn *db, const char *name, const char *password, GError **error)
{
    g_autoptr(PGresult) account = count_attempt(db, name, error);
    if (account == NULL)
        return FALSE;
    gboolean known = PQntuples(account) == 1;
    g_autoptr(GError) failure = NULL;
    if (da_password_check(password, known ? da_db_text(account, 0, "salt") : NULL,
                          known ? da_db_text(account, 0, "password") : NULL, &failure))
        return TRUE;
    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return refuse(db, name, error);
}

gboolean da_account_check(PGconn *db, const char *name, const char *password, GError **error)
{
    if (strlen(name) > NAME_MAX_BYTES || strlen(password) > PASSWORD_MAX_BYTES ||
        !g_utf8_validate(name, -1, NULL))
        return da_error_set(error, DA_ERROR_DENIED, "the name or the password is wrong");
    return check_login(db, name, password, error) &&
           da_db_run(db, error,
                     "UPDATE account SET failures = 0, locked_until = NULL WHERE name = $1", name,
                     NULL);
}

/* Sessions that have ended are swept by those that begin. */
static gboolean store(PGconn *db, const char *name, const char *token, guint minutes,
                      GError **error)
{
    TokenDigest digest;
    g_autofree char *length = g_strdup_printf("%u minutes", minutes);
    return digest_token(token, digest, error) &&
           da_db_run(db, error,
                     "WITH swept AS (DELETE FROM session WHERE expires_at <= now()) "
                     "INSERT INTO session (token_digest, account, expires_at) "
                     "SELECT $2::bytea, name, now() + $3::interval FROM account WHERE name = $1",
                     name, digest, length, NULL);
}

char *da_session_begin(PGconn *db, const char *name, const char *password, guint minutes,
                       GError **error)
{
    if (!da_account_check(db, name, password, error))
        return NULL;
    g_autofree char *token = new_token(error);
    if (token == NULL || !store(db, name, token, minutes, error))
        return NULL;
    return g_steal_pointer(&token);
}

/* --- a live session --------------------------------------------------------------------------------------------------- */

/* Prolonged once a minute, so that a page full of images does not write a row for each. */
static gboolean prolong(PGconn *db, const char *digest, const char *length, GError **error)
{
    return da_db_run(db, error,
                     "UPDATE session SET expires_at = now() + $2::interval WHERE token_digest = "
                     "$1::bytea AND expires_at > now()",
                     digest, length, NULL);
}

DaAccount *da_session_account(PGconn *db, const char *token, guint minutes, GError **error)
{
    TokenDigest digest;
    if (strlen(token) != TOKEN_TEXT || !digest_token(token, digest, error))
        return NULL;
    g_autofree char *length = g_strdup_printf("%u minutes", minutes);
    g_autoptr(PGresult) found = da_db_query(
        db, error,
        "SELECT a.name, array_to_string(a.districts, ',') AS districts, "
        "s.expires_at < now() + $2::interval - interval '1 minute' AS due FROM session s "
        "JOIN account a ON a.name = s.account "
        "WHERE s.token_digest = $1::bytea AND s.expires_at > now()",
        digest, length, NULL);
    if (found == NULL || PQntuples(found) == 0)
        return NULL;
    if (da_db_boolean(found, 0, "due") && !prolong(db, digest, length, error))
        return NULL;
    return da_account_of(found, 0);
}

gboolean da_session_end(PGconn *db, const char *token, GError **error)
{
    TokenDigest digest;
    return digest_token(token, digest, error) &&
           da_db_run(db, error, "DELETE FROM session WHERE token_digest = $1::bytea", digest, NULL);
}
