#include "hash.h"

#include <dangan/error.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((gsize)256 << 10)

static const struct {
    const char *name;
    const EVP_MD *(*digest)(void);
    guint digits;
} hashes[DA_HASH_N] = {
    [DA_HASH_MD5] = {"md5", EVP_md5, 32},          [DA_HASH_SHA1] = {"sha1", EVP_sha1, 40},
    [DA_HASH_SHA224] = {"sha224", EVP_sha224, 56}, [DA_HASH_SHA256] = {"sha256", EVP_sha256, 64},
    [DA_HASH_SHA384] = {"sha384", EVP_sha384, 96}, [DA_HASH_SHA512] = {"sha512", EVP_sha512, 128},
};

typedef struct {
    EVP_MD_CTX *context[DA_HASH_N];
} Hashing;

const char *da_hash_name(DaHash hash)
{
    return hashes[hash].name;
}

guint da_hash_digits(DaHash hash)
{
    return hashes[hash].digits;
}

DaHash da_hash_by_name(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "-", -1);
    g_autofree char *plain = g_strjoinv("", parts);
    DaHash hash = 0;
    while (hash < DA_HASH_N && g_ascii_strcasecmp(hashes[hash].name, plain))
        hash++;
    return hash;
}

static void begin(Hashing *hashing, guint wanted)
{
    for (DaHash hash = 0; hash < DA_HASH_N; hash++) {
        if (!(wanted & 1u << hash))
            continue;
        hashing->context[hash] = EVP_MD_CTX_new();
        g_assert(hashing->context[hash] &&
                 EVP_DigestInit_ex(hashing->context[hash], hashes[hash].digest(), NULL));
    }
}

static void update(Hashing *hashing, const void *data, gsize size)
{
    for (DaHash hash = 0; hash < DA_HASH_N; hash++)
        if (hashing->context[hash])
            g_assert(EVP_DigestUpdate(hashing->context[hash], data, size));
}

static char *hex_of(const guint8 *bytes, guint n)
{
    GString *hex = g_string_sized_new(2 * (gsize)n);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(hex, "%02x", bytes[i]);
    return g_string_free(hex, FALSE);
}

static void finish(Hashing *hashing, char *hex[DA_HASH_N])
{
    for (DaHash hash = 0; hash < DA_HASH_N; hash++) {
        guint8 bytes[EVP_MAX_MD_SIZE];
        guint n = 0;
        hex[hash] = NULL;
        if (!hashing->context[hash])
            continue;
        g_assert(EVP_DigestFinal_ex(hashing->context[hash], bytes, &n));
        hex[hash] = hex_of(bytes, n);
        EVP_MD_CTX_free(hashing->context[hash]);
    }
}

void da_hash_bytes(const void *data, gsize size, guint wanted, char *hex[DA_HASH_N])
{
    Hashing hashing = {0};
    begin(&hashing, wanted);
    update(&hashing, data, size);
    finish(&hashing, hex);
}

static gboolean read_pieces(Hashing *hashing, int file, const char *path, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE);
    for (;;) {
        gssize n = read(file, piece, PIECE);
        if (n == 0)
            return TRUE;
        if (n > 0)
            update(hashing, piece, (gsize)n);
        else if (errno != EINTR)
            return da_error_set_errno(error, errno, "cannot read '%s'", path);
    }
}

gboolean da_hash_file(const char *path, guint wanted, char *hex[DA_HASH_N], GError **error)
{
    Hashing hashing = {0};
    memset(hex, 0, DA_HASH_N * sizeof *hex);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return da_error_set_errno(error, errno, "cannot open '%s'", path);
    begin(&hashing, wanted);
    gboolean done = read_pieces(&hashing, file, path, error);
    close(file);
    finish(&hashing, hex);
    for (DaHash hash = 0; hash < DA_HASH_N && !done; hash++)
        g_clear_pointer(&hex[hash], g_free);
    return done;
}
