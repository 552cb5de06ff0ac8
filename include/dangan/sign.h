/*
 * Signatures: keys in files, and bytes signed with them. Ed25519 (RFC 8032) by default; SM2 with SM3 (GB/T 32918, GB/T 32905) where a
 * site must use them. Everything else of a signed document: dangan/signed.h.
 *
 * A private key is a PEM file (PKCS #8) that only its owner may read; its public key lies beside it as `<name>.pub` and is given to those
 * who check. A key is known by its fingerprint: SHA-256 over the public key as DER (SubjectPublicKeyInfo).
 * Thread rule: a key may be used by several threads at once, but freed by one.
 */
#pragma once

#include <glib.h>

typedef enum { DA_SIGN_ED25519, DA_SIGN_SM2, DA_SIGN_N } DaSignAlgorithm;

/* "Ed25519", "SM2-SM3". */
const char *da_sign_algorithm_name(DaSignAlgorithm algorithm);
/* By that name or "sm2", whatever the case; DA_SIGN_N = there is none. */
DaSignAlgorithm da_sign_algorithm_by_name(const char *name);

typedef struct DaSignKey DaSignKey;

/* Makes a key: `path` (mode 0600) and `path`.pub. DA_ERROR_CONFLICT when one of them exists: a key is never overwritten. */
gboolean da_sign_key_make(const char *path, DaSignAlgorithm algorithm, GError **error);
/* A private key. DA_ERROR_DENIED when group or others may read the file, DA_ERROR_INPUT when it is no key of a known algorithm. */
DaSignKey *da_sign_key_load(const char *path, GError **error);
/* A public key, out of its own file or that of the private key. */
DaSignKey *da_sign_key_load_public(const char *path, GError **error);
/* A public key out of da_sign_key_text(). */
DaSignKey *da_sign_key_from_text(const char *text, GError **error);
void da_sign_key_free(DaSignKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSignKey, da_sign_key_free)

DaSignAlgorithm da_sign_key_algorithm(const DaSignKey *key);
/* The public key as base64 of its DER. The caller owns it. */
char *da_sign_key_text(const DaSignKey *key);
/* 64 hexadecimal digits. The caller owns it. */
char *da_sign_key_fingerprint(const DaSignKey *key);

/* Base64 of the signature over `data`. The caller owns it. DA_ERROR_INPUT when the key is a public one. */
char *da_sign_bytes(const DaSignKey *key, const void *data, gsize size, GError **error);
/* TRUE when `signature` was made over just these bytes with the private key of `key`. */
gboolean da_sign_fits(const DaSignKey *key, const void *data, gsize size, const char *signature);
