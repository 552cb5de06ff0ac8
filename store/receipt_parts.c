#include "receipt_parts.h"

#include <dangan/digest.h>
#include <dangan/handle/json.h>
#include <glib.h>
#include <string.h>

#define PARTS "parts"
#define MEMBER_HEX 16
/* A receipt has thousands of rows; that one of them was altered by chance and fits is one in four thousand millions. */
#define ROW_HEX 8

static char *digest_of(const json_t *value, gsize hex)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    DaDigest digest = da_digest_bytes(text, strlen(text));
    free(text);
    return g_strndup(digest.hex, hex);
}

static json_t *part_of(const json_t *value)
{
    if (!json_is_array(value)) {
        g_autofree char *digest = digest_of(value, MEMBER_HEX);
        return json_string(digest);
    }
    json_t *rows = json_array();
    for (gsize i = 0; i < json_array_size(value); i++) {
        g_autofree char *digest = digest_of(json_array_get(value, i), ROW_HEX);
        json_array_append_new(rows, json_string(digest));
    }
    return rows;
}

void da_receipt_seal(json_t *body)
{
    json_t *parts = json_object();
    const char *name;
    json_t *value;
    json_object_set_new(body, "program", json_string("dangan " DANGAN_VERSION));
    json_object_foreach(body, name, value) json_object_set_new(parts, name, part_of(value));
    json_object_set_new(body, PARTS, parts);
}

/* --- what was altered ------------------------------------------------------------------------------------------------ */

static const char *name_of_row(const json_t *row)
{
    static const char *const names[] = {"package", "list", "rule"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = json_string_value(json_object_get(row, names[i]));
        if (text)
            return text;
    }
    return "";
}

static char *altered_row(const char *name, const json_t *rows, const json_t *digests)
{
    if (json_array_size(rows) != json_array_size(digests))
        return g_strdup_printf("%s: %" G_GSIZE_FORMAT " rows, signed were %" G_GSIZE_FORMAT, name,
                               json_array_size(rows), json_array_size(digests));
    for (gsize i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        g_autofree char *digest = digest_of(row, ROW_HEX);
        if (g_strcmp0(digest, json_string_value(json_array_get(digests, i))) != 0)
            return g_strdup_printf("%s, row %" G_GSIZE_FORMAT " (%s)", name, i + 1,
                                   name_of_row(row));
    }
    return NULL;
}

static char *altered_part(const char *name, const json_t *value, const json_t *part)
{
    if (!value)
        return g_strdup_printf("%s: it was taken out", name);
    if (json_is_array(value))
        return altered_row(name, value, part);
    g_autofree char *digest = digest_of(value, MEMBER_HEX);
    return g_strcmp0(digest, json_string_value(part)) ? g_strdup(name) : NULL;
}

char *da_receipt_altered(const json_t *body)
{
    json_t *parts = json_object_get(body, PARTS);
    const char *name;
    json_t *part;
    json_object_foreach(parts, name, part)
    {
        char *altered = altered_part(name, json_object_get(body, name), part);
        if (altered)
            return altered;
    }
    json_t *value;
    json_object_foreach(
        (json_t *)body, name,
        value) if (parts && strcmp(name, PARTS) != 0 &&
                   !json_object_get(parts, name)) return g_strdup_printf("%s: it was put in", name);
    return NULL;
}
