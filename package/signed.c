#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/signed.h>
#include <string.h>

static char *bytes_to_sign(const json_t *document)
{
    return json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
}

/* The one form of the file. */
static char *file_text(json_t *document, const DaSignKey *key, const char *value)
{
    g_autofree char *fingerprint = da_sign_key_fingerprint(key);
    g_autofree char *public_key = da_sign_key_text(key);
    g_autoptr(json_t) envelope =
        json_pack("{s:O, s:{s:s, s:s, s:s, s:s}}", "document", document, "signature", "algorithm",
                  da_sign_algorithm_name(da_sign_key_algorithm(key)), "key", fingerprint,
                  "public_key", public_key, "value", value);
    g_autofree char *text = json_dumps(envelope, JSON_INDENT(2));
    return g_strconcat(text, "\n", NULL);
}

static char *now(void)
{
    g_autoptr(GDateTime) time = g_date_time_new_now_utc();
    return g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
}

char *da_signed_text(json_t *document, const char *signed_by, const DaSignKey *key, GError **error)
{
    g_autofree char *time = now();
    json_object_set_new(document, "signed_by", json_string(signed_by));
    json_object_set_new(document, "signed_at", json_string(time));
    g_autofree char *bytes = bytes_to_sign(document);
    if (!bytes || !json_is_string(json_object_get(document, "signed_by"))) {
        da_error_set(error, DA_ERROR_INPUT, "cannot sign: a text is no valid UTF-8");
        return NULL;
    }
    g_autofree char *value = da_sign_bytes(key, bytes, strlen(bytes), error);
    return value ? file_text(document, key, value) : NULL;
}

/* --- checking ---------------------------------------------------------------------------------------------------------------- */

void da_signed_free(DaSigned *document)
{
    if (!document)
        return;
    json_decref(document->document);
    g_free(document->kind);
    g_free(document->signed_by);
    g_free(document->signed_at);
    g_free(document->fingerprint);
    g_free(document);
}

static json_t *parse(const char *text, gsize size, GError **error)
{
    json_error_t fault;
    json_t *envelope = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
    if (!envelope)
        da_error_set(error, DA_ERROR_INPUT,
                     "the document is not whole, or none of ours: line %d: %s", fault.line,
                     fault.text);
    return envelope;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* The key that the file names: it must be what its fingerprint and algorithm say. */
static DaSignKey *key_of(const json_t *signature, GError **error)
{
    const char *text = text_of(signature, "public_key");
    g_autoptr(DaSignKey) key = text ? da_sign_key_from_text(text, error) : NULL;
    if (!key)
        return NULL;
    g_autofree char *fingerprint = da_sign_key_fingerprint(key);
    const char *algorithm = da_sign_algorithm_name(da_sign_key_algorithm(key));
    if (!g_strcmp0(text_of(signature, "key"), fingerprint) &&
        !g_strcmp0(text_of(signature, "algorithm"), algorithm))
        return g_steal_pointer(&key);
    da_error_set(error, DA_ERROR_INPUT, "its key is not the one that it names");
    return NULL;
}

static gboolean is_expected(const DaSignKey *key, const DaSignKey *expected, GError **error)
{
    if (!expected)
        return TRUE;
    g_autofree char *found = da_sign_key_fingerprint(key);
    g_autofree char *wanted = da_sign_key_fingerprint(expected);
    return !strcmp(found, wanted) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "the document was signed with another key: %s, wanted %s", found, wanted);
}

static gboolean is_unaltered(const json_t *envelope, const char *text, gsize size,
                             const DaSignKey *key, GError **error)
{
    const char *value = text_of(json_object_get(envelope, "signature"), "value");
    json_t *document = json_object_get(envelope, "document");
    g_autofree char *bytes = bytes_to_sign(document);
    if (!value || !bytes || !da_sign_fits(key, bytes, strlen(bytes), value))
        return da_error_set(error, DA_ERROR_INPUT,
                            "the document was altered after it was signed: its signature does not "
                            "fit what it says");
    g_autofree char *whole = file_text(document, key, value);
    return (strlen(whole) == size && !memcmp(whole, text, size)) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "what the document says is what was signed, but the file was written "
                        "anew or something stands beside it; ask for the file as it was made");
}

DaSigned *da_signed_check(const char *text, gsize size, const DaSignKey *expected, GError **error)
{
    g_autoptr(json_t) envelope = parse(text, size, error);
    if (!envelope)
        return NULL;
    json_t *document = json_object_get(envelope, "document");
    const json_t *signature = json_object_get(envelope, "signature");
    if (!json_is_object(document) || !json_is_object(signature) ||
        !text_of(signature, "public_key")) {
        da_error_set(error, DA_ERROR_INPUT,
                     "it is no signed document: no document or no signature");
        return NULL;
    }
    g_autoptr(DaSignKey) key = key_of(signature, error);
    if (!key || !is_expected(key, expected, error) ||
        !is_unaltered(envelope, text, size, key, error))
        return NULL;
    DaSigned *checked = g_new0(DaSigned, 1);
    checked->document = json_incref(document);
    checked->kind = g_strdup(text_of(document, "kind"));
    checked->signed_by = g_strdup(text_of(document, "signed_by"));
    checked->signed_at = g_strdup(text_of(document, "signed_at"));
    checked->fingerprint = da_sign_key_fingerprint(key);
    checked->algorithm = da_sign_key_algorithm(key);
    return checked;
}
