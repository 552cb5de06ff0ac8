#include "http_parts.h"

#include <dangan/file.h>
#include <string.h>

const char *da_http_query(const DaHttpRequest *request, const char *name)
{
    return g_hash_table_lookup(request->query, name);
}

const char *da_http_header(const DaHttpRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *da_http_cookie(const DaHttpRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, name);
}

DaHttpRequest *da_http_request_new(const char *target, struct MHD_Connection *connection,
                                   gpointer server)
{
    DaHttpRequest *request = g_new0(DaHttpRequest, 1);
    request->target = g_strdup(target);
    request->query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    request->body = g_byte_array_new();
    request->connection = connection;
    request->server = server;
    request->began_us = g_get_monotonic_time();
    return request;
}

void da_http_request_free(DaHttpRequest *request)
{
    g_free(request->target);
    g_free(request->path);
    g_free(request->note);
    g_hash_table_unref(request->query);
    g_byte_array_unref(request->body);
    g_free(request);
}

/* --- target ------------------------------------------------------------------------------------------------------- */

/* Percent-decodes a piece; NULL for a broken escape, a NUL or text that is not UTF-8. */
static char *decode(const char *text, gsize length, gboolean plus_is_blank)
{
    g_autoptr(GString) out = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= length || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2]))
                return NULL;
            c = (char)(g_ascii_xdigit_value(text[i + 1]) << 4 | g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        g_string_append_c(out, c);
    }
    return g_utf8_validate(out->str, (gssize)out->len, NULL) ? g_strdup(out->str) : NULL;
}

static gboolean is_encoded_slash(const char *text, gsize length)
{
    g_autofree char *lower = g_ascii_strdown(text, (gssize)length);
    return strstr(lower, "%2f") != NULL;
}

static gboolean take_path(DaHttpRequest *request, gsize length)
{
    const char *target = request->target;
    if (target[0] != '/' || is_encoded_slash(target, length))
        return FALSE;
    request->path = decode(target, length, FALSE);
    return request->path != NULL &&
           (request->path[1] == '\0' || da_path_is_safe(request->path + 1));
}

static gboolean take_parameter(DaHttpRequest *request, const char *pair)
{
    const char *equals = strchrnul(pair, '=');
    g_autofree char *name = decode(pair, (gsize)(equals - pair), TRUE);
    const char *value = *equals == '\0' ? equals : equals + 1;
    g_autofree char *decoded = decode(value, strlen(value), TRUE);
    if (name == NULL || decoded == NULL)
        return FALSE;
    if (!g_hash_table_contains(request->query, name))
        g_hash_table_insert(request->query, g_steal_pointer(&name), g_steal_pointer(&decoded));
    return TRUE;
}

static gboolean take_target(DaHttpRequest *request)
{
    const char *mark = strchrnul(request->target, '?');
    if (!take_path(request, (gsize)(mark - request->target)))
        return FALSE;
    if (*mark == '\0')
        return TRUE;
    g_auto(GStrv) pairs = g_strsplit(mark + 1, "&", DA_HTTP_MAX_PARAMETERS + 1);
    if (g_strv_length(pairs) > DA_HTTP_MAX_PARAMETERS)
        return FALSE;
    for (guint i = 0; pairs[i] != NULL; i++)
        if (*pairs[i] != '\0' && !take_parameter(request, pairs[i]))
            return FALSE;
    return TRUE;
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

typedef struct {
    guint hosts, lengths, encodings;
    gboolean malformed;
    const char *length;
} Headers;

#define TOKEN_SIGNS "!#$%&'*+-.^_`|~"

/* Source: RFC 9110 §5.6.2. */
static gboolean is_token(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isalnum(name[i]) && memchr(TOKEN_SIGNS, name[i], strlen(TOKEN_SIGNS)) == NULL)
            return FALSE;
    return size > 0;
}

static enum MHD_Result look_at_header(void *data, enum MHD_ValueKind kind, const char *name,
                                      size_t name_size, const char *value, size_t value_size)
{
    Headers *headers = data;
    if (!is_token(name, name_size)) {
        headers->malformed = TRUE;
        return MHD_NO;
    }
    if (g_ascii_strcasecmp(name, "Host") == 0)
        headers->hosts++;
    if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0)
        headers->encodings++;
    if (g_ascii_strcasecmp(name, "Content-Length") == 0) {
        headers->lengths++;
        headers->length = value;
    }
    return MHD_YES;
}

/* The library ends the target at a NUL and cannot be asked for its length. Target and version lie in one buffer with a blank
 * between, so a shorter target shows in their distance. */
static gboolean is_cut(const DaHttpRequest *request, const char *url, const char *version)
{
    return version != url + strlen(request->target) + 1;
}

static DaHttpResponse *refuse(const char *message)
{
    return da_http_error(400, "bad_request", message);
}

DaHttpResponse *da_http_request_check(DaHttpRequest *request, const char *url, const char *version)
{
    if (is_cut(request, url, version))
        return refuse("the request line is malformed");
    Headers headers = {0};
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, look_at_header, &headers);
    if (headers.malformed)
        return refuse("a header is malformed");
    if (headers.hosts > 1)
        return refuse("there is more than one Host header");
    if (headers.encodings > 0)
        return refuse("Transfer-Encoding is not accepted; send Content-Length");
    guint64 length = 0;
    if (headers.lengths > 1 ||
        (headers.lengths == 1 &&
         !g_ascii_string_to_unsigned(headers.length, 10, 0, G_MAXINT64, &length, NULL)))
        return refuse("Content-Length is malformed");
    if (length > DA_HTTP_MAX_BODY)
        return da_http_error(413, "limit", "the body is larger than 64 KiB");
    return take_target(request) ? NULL : refuse("the target of the request is malformed");
}
