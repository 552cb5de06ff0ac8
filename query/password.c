#include "password.h"

#include <dangan/error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define SCRYPT_N (G_GUINT64_CONSTANT(1) << 15)
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_MEMORY                                                                              \
    ((guint64)64 << 20) /* 128 * N * r is 32 MiB, and OpenSSL counts a little more */

void da_password_hex(const guint8 *bytes, gsize size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    *text++ = '\\';
    *text++ = 'x';
    for (gsize i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

static gboolean salt_bytes(const char *text, guint8 *bytes)
{
    if (strlen(text) != 2 + 2 * DA_PASSWORD_SALT_BYTES)
        return FALSE;
    for (gsize i = 0; i < DA_PASSWORD_SALT_BYTES; i++) {
        int high = g_ascii_xdigit_value(text[2 + 2 * i]),
            low = g_ascii_xdigit_value(text[3 + 2 * i]);
        if (high < 0 || low < 0)
            return FALSE;
        bytes[i] = (guint8)(high << 4 | low);
    }
    return TRUE;
}

static gboolean digest_of(const char *password, const guint8 *salt, char *digest, GError **error)
{
    guint8 key[DA_PASSWORD_DIGEST_BYTES];
    if (EVP_PBE_scrypt(password, strlen(password), salt, DA_PASSWORD_SALT_BYTES, SCRYPT_N, SCRYPT_R,
                       SCRYPT_P, SCRYPT_MEMORY, key, sizeof key) != 1)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot compute the digest of a password");
    da_password_hex(key, sizeof key, digest);
    OPENSSL_cleanse(key, sizeof key);
    return TRUE;
}

gboolean da_password_make(const char *password, DaPassword *kept, GError **error)
{
    guint8 salt[DA_PASSWORD_SALT_BYTES];
    if (RAND_bytes(salt, sizeof salt) != 1)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot get random bytes");
    da_password_hex(salt, sizeof salt, kept->salt);
    return digest_of(password, salt, kept->digest, error);
}

gboolean da_password_check(const char *password, const char *salt, const char *digest,
                           GError **error)
{
    guint8 bytes[DA_PASSWORD_SALT_BYTES] = {0};
    gboolean known = salt != NULL && digest != NULL && salt_bytes(salt, bytes);
    DaPassword computed = {0};
    if (!digest_of(password, bytes, computed.digest, error))
        return FALSE;
    gsize size = strlen(computed.digest);
    gboolean usable = known && strlen(digest) == size;
    /* Without an account as many bytes are compared. */
    gboolean equal = CRYPTO_memcmp(computed.digest, usable ? digest : computed.digest, size) == 0;
    return usable && equal;
}
