#include "place.h"

#include <dangan/digest.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#define PIECE_BYTES (256 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

/* OpenSSL fails here only without memory or without its own SHA-256; as with g_malloc, the program cannot go on. */
static void must(int success)
{
    if (success != 1)
        g_error("SHA-256 is not available in OpenSSL");
}

static EVP_MD_CTX *begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    return context;
}

static DaDigest finish(EVP_MD_CTX *context)
{
    unsigned char raw[DA_DIGEST_HEX / 2];
    must(EVP_DigestFinal_ex(context, raw, NULL));
    DaDigest digest = {""};
    for (gsize i = 0; i < sizeof raw; i++) {
        digest.hex[2 * i] = "0123456789abcdef"[raw[i] >> 4];
        digest.hex[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
    }
    return digest;
}

/* The context itself: there is nothing else to keep. */
DaDigesting *da_digesting_new(void)
{
    return (DaDigesting *)begin();
}

void da_digesting_add(DaDigesting *digesting, const void *data, gsize size)
{
    must(EVP_DigestUpdate((EVP_MD_CTX *)digesting, data, size));
}

DaDigest da_digesting_end(DaDigesting *digesting)
{
    return finish((EVP_MD_CTX *)digesting);
}

void da_digesting_free(DaDigesting *digesting)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)digesting);
}

DaDigest da_digest_bytes(const void *data, gsize size)
{
    g_autoptr(EVP_MD_CTX) context = begin();
    must(EVP_DigestUpdate(context, data, size));
    return finish(context);
}

gboolean da_digest_fd(int fd, DaDigest *digest, guint64 *size_bytes)
{
    g_autoptr(EVP_MD_CTX) context = begin();
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    guint64 total = 0;
    for (ssize_t n = 1; n != 0;) {
        n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno != EINTR)
            return FALSE;
        if (n > 0) {
            must(EVP_DigestUpdate(context, piece, (gsize)n));
            total += (guint64)n;
        }
    }
    *digest = finish(context);
    if (size_bytes != NULL)
        *size_bytes = total;
    return TRUE;
}

gboolean da_digest_file(const char *path, DaDigest *digest, guint64 *size_bytes, GError **error)
{
    da_autofd int fd = da_file_open(path, NULL, error);
    return fd >= 0 && (da_digest_fd(fd, digest, size_bytes) ||
                       da_place_fail(error, errno, "read", path));
}

DaDigest da_digest_key(const char *first, ...)
{
    g_autoptr(EVP_MD_CTX) context = begin();
    va_list args;
    va_start(args, first);
    for (const char *part = first; part != NULL; part = va_arg(args, const char *)) {
        guint64 length = GUINT64_TO_LE((guint64)strlen(part));
        must(EVP_DigestUpdate(context, &length, sizeof length));
        must(EVP_DigestUpdate(context, part, strlen(part)));
    }
    va_end(args);
    return finish(context);
}

gboolean da_digest_is_valid(const char *hex)
{
    return strlen(hex) == DA_DIGEST_HEX && strspn(hex, "0123456789abcdef") == DA_DIGEST_HEX;
}
