#include "capability.h"

#include <dangan/error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define UUID_BYTES 16u
#define UUID_TEXT 36u
#define MARK_BYTES 16u
#define BYTES (sizeof(gint64) + UUID_BYTES + MARK_BYTES)

typedef struct {
    guint8 expiry[sizeof(gint64)];
    guint8 dossier[UUID_BYTES];
    guint8 mark[MARK_BYTES];
} Capability;
G_STATIC_ASSERT(sizeof(Capability) == BYTES);

gboolean da_capability_key_make(DaCapabilityKey *key, GError **error)
{
    return RAND_bytes(key->bytes, sizeof key->bytes) == 1 ||
           da_error_set(error, DA_ERROR_SYSTEM, "cannot get random bytes");
}

/* --- ids ------------------------------------------------------------------------------------------------------------- */

static gboolean pack_uuid(const char *text, guint8 bytes[UUID_BYTES])
{
    guint n = 0;
    if (!g_uuid_string_is_valid(text))
        return FALSE;
    for (const char *p = text; *p && n < UUID_BYTES; p += 2) {
        if (*p == '-')
            p++;
        bytes[n++] = (guint8)(g_ascii_xdigit_value(p[0]) << 4 | g_ascii_xdigit_value(p[1]));
    }
    return n == UUID_BYTES;
}

static char *unpack_uuid(const guint8 bytes[UUID_BYTES])
{
    GString *text = g_string_sized_new(UUID_TEXT);
    for (guint i = 0; i < UUID_BYTES; i++)
        g_string_append_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                               bytes[i]);
    return g_string_free(text, FALSE);
}

/* --- marks ----------------------------------------------------------------------------------------------------------- */

static gboolean make_mark(const DaCapabilityKey *key, const char *token,
                          const Capability *capability, guint8 mark[MARK_BYTES])
{
    guint8 sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_byte_array_append(text, (const guint8 *)capability, G_STRUCT_OFFSET(Capability, mark));
    g_byte_array_append(text, (const guint8 *)token, (guint)strlen(token));
    if (!HMAC(EVP_sha256(), key->bytes, sizeof key->bytes, text->data, text->len, sum, &length))
        return FALSE;
    memcpy(mark, sum, MARK_BYTES);
    return TRUE;
}

char *da_capability_make(const DaCapabilityKey *key, const char *token, const char *dossier,
                         gint64 until_s)
{
    Capability capability;
    gint64 expiry = GINT64_TO_BE(until_s);
    memcpy(capability.expiry, &expiry, sizeof expiry);
    if (!pack_uuid(dossier, capability.dossier) ||
        !make_mark(key, token, &capability, capability.mark))
        return NULL;
    char *text = g_base64_encode((const guint8 *)&capability, sizeof capability);
    g_strdelimit(text, "+", '-');
    g_strdelimit(text, "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

/* --- checking -------------------------------------------------------------------------------------------------------- */

/* FALSE for another length and characters: a decoder would leave some out. */
static gboolean decode(const char *text, Capability *capability)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strlen(text) != DA_CAPABILITY_TEXT || strspn(text, letters) != DA_CAPABILITY_TEXT)
        return FALSE;
    g_autofree char *usual = g_strconcat(text, "==", NULL);
    g_strdelimit(usual, "-", '+');
    g_strdelimit(usual, "_", '/');
    gsize size = 0;
    g_autofree guint8 *bytes = g_base64_decode(usual, &size);
    if (size != sizeof *capability)
        return FALSE;
    memcpy(capability, bytes, size);
    return TRUE;
}

char *da_capability_check(const DaCapabilityKey *key, const char *token, const char *capability,
                          gint64 now_s)
{
    Capability given;
    guint8 mark[MARK_BYTES];
    gint64 expiry = 0;
    if (!decode(capability, &given) || !make_mark(key, token, &given, mark) ||
        CRYPTO_memcmp(mark, given.mark, MARK_BYTES) != 0)
        return NULL;
    memcpy(&expiry, given.expiry, sizeof expiry);
    return GINT64_FROM_BE(expiry) > now_s ? unpack_uuid(given.dossier) : NULL;
}
