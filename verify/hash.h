/*
 * The digests that bags of all versions use, several at once over one reading of a file. Source: RFC 8493 §2.4 (md5, sha1, sha256,
 * sha512), with sha224 and sha384 as older bags have them.
 */
#pragma once

#include <glib.h>

typedef enum {
    DA_HASH_MD5,
    DA_HASH_SHA1,
    DA_HASH_SHA224,
    DA_HASH_SHA256,
    DA_HASH_SHA384,
    DA_HASH_SHA512,
    DA_HASH_N
} DaHash;

/* "md5", "sha1" …: as manifest names write them. */
const char *da_hash_name(DaHash hash);
/* DA_HASH_N when there is none of this name; case and a dash ("SHA-256") do not matter. */
DaHash da_hash_by_name(const char *name);
/* Hexadecimal digits of a digest. */
guint da_hash_digits(DaHash hash);

/* Digests of a file, lower-case hexadecimal; `wanted` has a bit (1 << DaHash) for each. The caller owns the texts in `hex`; those that are
 * not wanted are NULL. */
gboolean da_hash_file(const char *path, guint wanted, char *hex[DA_HASH_N], GError **error);
void da_hash_bytes(const void *data, gsize size, guint wanted, char *hex[DA_HASH_N]);
