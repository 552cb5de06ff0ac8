#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/outfile.h>
#include <dangan/sign.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_KEY_BYTES ((gsize)64 << 10)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)

struct DaSignKey {
    EVP_PKEY *key;
    DaSignAlgorithm algorithm;
    gboolean is_private;
};

static const struct {
    const char *name, *openssl, *digest;
} algorithms[DA_SIGN_N] = {
    [DA_SIGN_ED25519] = {"Ed25519", "ED25519", NULL},
    [DA_SIGN_SM2] = {"SM2-SM3", "SM2", "SM3"},
};

/* Who signs, as SM2 hashes it in, where nothing else is agreed. Source: GM/T 0009-2012 §10. */
static const char sm2_identity[] = "1234567812345678";

const char *da_sign_algorithm_name(DaSignAlgorithm algorithm)
{
    return algorithms[algorithm].name;
}

DaSignAlgorithm da_sign_algorithm_by_name(const char *name)
{
    DaSignAlgorithm i = 0;
    while (i < DA_SIGN_N && g_ascii_strcasecmp(name, algorithms[i].name) &&
           g_ascii_strcasecmp(name, algorithms[i].openssl))
        i++;
    return i;
}

/* --- keys ---------------------------------------------------------------------------------------------------------------- */

/* Takes the reference. NULL when the key is of no known algorithm. */
static DaSignKey *wrap(EVP_PKEY *taken, gboolean is_private)
{
    g_autoptr(EVP_PKEY) key = taken;
    DaSignAlgorithm algorithm = 0;
    while (key && algorithm < DA_SIGN_N && !EVP_PKEY_is_a(key, algorithms[algorithm].openssl))
        algorithm++;
    if (!key || algorithm == DA_SIGN_N)
        return NULL;
    DaSignKey *wrapped = g_new0(DaSignKey, 1);
    wrapped->key = g_steal_pointer(&key);
    wrapped->algorithm = algorithm;
    wrapped->is_private = is_private;
    return wrapped;
}

void da_sign_key_free(DaSignKey *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->key);
    g_free(key);
}

static gboolean write_pem(const char *path, BIO *pem, mode_t mode, GError **error)
{
    g_autoptr(DaOutFile) file = da_outfile_new(path, FALSE, error);
    char *text = NULL;
    long size = BIO_get_mem_data(pem, &text);
    if (!file)
        return FALSE;
    if (fchmod(da_outfile_fd(file), mode))
        return da_error_set_errno(error, errno, "cannot protect '%s'", path);
    return da_outfile_write(file, text, (gsize)size, error) && da_outfile_commit(file, error);
}

gboolean da_sign_key_make(const char *path, DaSignAlgorithm algorithm, GError **error)
{
    g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
    g_autoptr(EVP_PKEY) key = EVP_PKEY_Q_keygen(NULL, NULL, algorithms[algorithm].openssl);
    g_autoptr(BIO) secret = BIO_new(BIO_s_secmem());
    g_autoptr(BIO) public = BIO_new(BIO_s_mem());
    if (!key || !secret || !public ||
        !PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) ||
        !PEM_write_bio_PUBKEY(public, key))
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot make a key: OpenSSL has no %s",
                            algorithms[algorithm].name);
    if (g_file_test(public_path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already",
                            public_path);
    return write_pem(path, secret, 0600, error) && write_pem(public_path, public, 0644, error);
}

static gboolean refuse_open_file(const char *path, GError **error)
{
    struct stat found;
    if (stat(path, &found))
        return da_error_set_errno(error, errno, "cannot read key '%s'", path);
    return !(found.st_mode & 077) ||
           da_error_set(error, DA_ERROR_DENIED,
                        "key '%s' can be read by others than its owner: chmod 600 it", path);
}

static BIO *open_pem(const char *path, GBytes **bytes, GError **error)
{
    *bytes = da_file_read(path, MAX_KEY_BYTES, error);
    return *bytes ? BIO_new_mem_buf(g_bytes_get_data(*bytes, NULL), (int)g_bytes_get_size(*bytes))
                  : NULL;
}

/* A key with a passphrase would make OpenSSL ask on the terminal; unattended runs have none. */
static int no_passphrase(char *buffer, int size, int writing, void *data)
{
    return -1;
}

DaSignKey *da_sign_key_load(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    if (!refuse_open_file(path, error))
        return NULL;
    g_autoptr(BIO) pem = open_pem(path, &bytes, error);
    if (!pem)
        return NULL;
    DaSignKey *key = wrap(PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL), TRUE);
    if (!key)
        da_error_set(error, DA_ERROR_INPUT,
                     "'%s' is no private key for signing (PEM, Ed25519 or SM2, without passphrase)",
                     path);
    return key;
}

DaSignKey *da_sign_key_load_public(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(BIO) pem = open_pem(path, &bytes, error);
    if (!pem)
        return NULL;
    DaSignKey *key = wrap(PEM_read_bio_PUBKEY(pem, NULL, no_passphrase, NULL), FALSE);
    if (!key && BIO_reset(pem) == 1)
        key = wrap(PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL), FALSE);
    if (!key)
        da_error_set(error, DA_ERROR_INPUT, "'%s' is no key (PEM, Ed25519 or SM2)", path);
    return key;
}

DaSignKey *da_sign_key_from_text(const char *text, GError **error)
{
    gsize size = 0;
    g_autofree guchar *der = g_base64_decode(text, &size);
    const unsigned char *at = der;
    DaSignKey *key =
        size && size <= MAX_KEY_BYTES ? wrap(d2i_PUBKEY(NULL, &at, (long)size), FALSE) : NULL;
    if (!key)
        da_error_set(error, DA_ERROR_INPUT, "the public key cannot be read");
    return key;
}

DaSignAlgorithm da_sign_key_algorithm(const DaSignKey *key)
{
    return key->algorithm;
}

static GBytes *public_der(const DaSignKey *key)
{
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key->key, &der);
    g_assert(size > 0);
    GBytes *bytes = g_bytes_new(der, (gsize)size);
    OPENSSL_free(der);
    return bytes;
}

char *da_sign_key_text(const DaSignKey *key)
{
    g_autoptr(GBytes) der = public_der(key);
    return g_base64_encode(g_bytes_get_data(der, NULL), g_bytes_get_size(der));
}

char *da_sign_key_fingerprint(const DaSignKey *key)
{
    g_autoptr(GBytes) der = public_der(key);
    return g_strdup(da_digest_bytes(g_bytes_get_data(der, NULL), g_bytes_get_size(der)).hex);
}

/* --- signatures ---------------------------------------------------------------------------------------------------------- */

/* OpenSSL 3.0 takes the identity only after the beginning. */
static gboolean set_identity(const DaSignKey *key, EVP_PKEY_CTX *context)
{
    return key->algorithm != DA_SIGN_SM2 ||
           EVP_PKEY_CTX_set1_id(context, sm2_identity, sizeof sm2_identity - 1) == 1;
}

char *da_sign_bytes(const DaSignKey *key, const void *data, gsize size, GError **error)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    size_t length = 0;
    if (!key->is_private) {
        da_error_set(error, DA_ERROR_INPUT, "cannot sign with a public key");
        return NULL;
    }
    if (EVP_DigestSignInit_ex(context, &inner, algorithms[key->algorithm].digest, NULL, NULL,
                              key->key, NULL) == 1 &&
        set_identity(key, inner) && EVP_DigestSign(context, NULL, &length, data, size) == 1) {
        g_autofree guchar *raw = g_malloc(length);
        if (EVP_DigestSign(context, raw, &length, data, size) == 1)
            return g_base64_encode(raw, length);
    }
    da_error_set(error, DA_ERROR_SYSTEM, "OpenSSL cannot sign with %s",
                 algorithms[key->algorithm].name);
    return NULL;
}

/* Base64 has several texts for some bytes; only the one that encoding gives is taken. */
static guchar *decode(const char *text, gsize *size)
{
    g_autofree guchar *raw = g_base64_decode(text, size);
    g_autofree char *again = g_base64_encode(raw, *size);
    return *size && !strcmp(again, text) ? g_steal_pointer(&raw) : NULL;
}

gboolean da_sign_fits(const DaSignKey *key, const void *data, gsize size, const char *signature)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    gsize length = 0;
    g_autofree guchar *raw = decode(signature, &length);
    return raw &&
           EVP_DigestVerifyInit_ex(context, &inner, algorithms[key->algorithm].digest, NULL, NULL,
                                   key->key, NULL) == 1 &&
           set_identity(key, inner) && EVP_DigestVerify(context, raw, length, data, size) == 1;
}
