/*
 * SHA-256 (FIPS 180-4) through OpenSSL, as 64 lower-case hexadecimal digits.
 */
#pragma once

#include <glib.h>

#define DA_DIGEST_HEX 64

typedef struct {
    char hex[DA_DIGEST_HEX + 1];
} DaDigest;

/* Digest of a buffer. */
DaDigest da_digest_bytes(const void *data, gsize size);

/* Digest of what comes in pieces. */
typedef struct DaDigesting DaDigesting;
DaDigesting *da_digesting_new(void);
void da_digesting_add(DaDigesting *digesting, const void *data, gsize size);
/* Of all that was added; afterwards nothing more can be. */
DaDigest da_digesting_end(DaDigesting *digesting);
void da_digesting_free(DaDigesting *digesting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaDigesting, da_digesting_free)

/* Digest of a file, read in pieces; `size_bytes` (may be NULL) receives how many were read. */
gboolean da_digest_file(const char *path, DaDigest *digest, guint64 *size_bytes, GError **error);

/* The same for an open file, from where it stands; FALSE with errno. */
gboolean da_digest_fd(int fd, DaDigest *digest, guint64 *size_bytes);

/* A digest over several strings that cannot run into each other: each counts with its length. NULL-terminated list.
 * Serves as the key of kept work: input digest, settings, version of the step. */
DaDigest da_digest_key(const char *first, ...) G_GNUC_NULL_TERMINATED;

/* TRUE when `hex` is 64 lower-case hexadecimal digits. */
gboolean da_digest_is_valid(const char *hex);
