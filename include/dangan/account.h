/*
 * Accounts and sessions. Passwords are kept as scrypt (RFC 7914, N=2^15, r=8, p=1, 16 bytes of salt).
 */
#pragma once

#include <dangan/handle/pg.h>
#include <glib.h>

/* Adds an account; name 2 to 64 of letters, digits, `.`, `_`, `-`; password at least 8 characters. DA_ERROR_CONFLICT when
 * the name is taken. */
gboolean da_account_add(PGconn *db, const char *name, const char *password, GError **error);
/* Ends the sessions of the account and its waiting. DA_ERROR_NOT_FOUND. */
gboolean da_account_set_password(PGconn *db, const char *name, const char *password, GError **error);
/* Ends its sessions too. DA_ERROR_NOT_FOUND. */
gboolean da_account_remove(PGconn *db, const char *name, GError **error);
/* Which districts it sees (GB/T 2260 codes, NULL-terminated; NULL = all). Counts from the next request on. DA_ERROR_NOT_FOUND, and
 * DA_ERROR_USAGE for what is no code. */
gboolean da_account_set_districts(PGconn *db, const char *name, const char *const *districts, GError **error);

typedef struct {
    char *name;
    char **districts; /* NULL = all */
} DaAccount;

void da_account_free(DaAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaAccount, da_account_free)

/* All in the order of names (DaAccount *); the caller owns the array. */
GPtrArray *da_account_list(PGconn *db, GError **error);

/* Is it the password of the account? Errors and waiting as of da_session_begin(). */
gboolean da_account_check(PGconn *db, const char *name, const char *password, GError **error);

/* Checks a password in the same time whether or not the account exists: DA_ERROR_DENIED when it or the name is wrong. After 5
 * failures in a row the account waits 15 minutes: DA_ERROR_LIMIT says until when. Returns a new session token (256 bits, base64url; only its
 * digest is stored) that lasts `minutes`; the caller owns it. Takes 32 MiB and about 0.1 s. */
char *da_session_begin(PGconn *db, const char *name, const char *password, guint minutes, GError **error);
/* The account of a live session, NULL (without an error) when there is none; prolongs it. The caller owns it. */
DaAccount *da_session_account(PGconn *db, const char *token, guint minutes, GError **error);
gboolean da_session_end(PGconn *db, const char *token, GError **error);
