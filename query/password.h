/*
 * Passwords as scrypt (RFC 7914, N=2^15, r=8, p=1), in the text form of PostgreSQL's bytea ("\x…").
 */
#pragma once

#include <glib.h>

#define DA_PASSWORD_SALT_BYTES 16
#define DA_PASSWORD_DIGEST_BYTES 32

typedef struct {
    char salt[2 + 2 * DA_PASSWORD_SALT_BYTES + 1];
    char digest[2 + 2 * DA_PASSWORD_DIGEST_BYTES + 1];
} DaPassword;

/* A fresh salt and the digest of `password` under it. */
gboolean da_password_make(const char *password, DaPassword *kept, GError **error);
/* Whether `password` is the one of `salt` and `digest`; both NULL = no account: the same work, then FALSE. Constant time
 * in what it compares. FALSE with `error` when the digest cannot be computed. */
gboolean da_password_check(const char *password, const char *salt, const char *digest,
                           GError **error);
/* "\x…" of `size` bytes; `text` holds 2 * size + 3. */
void da_password_hex(const guint8 *bytes, gsize size, char *text);
