#include "http_parts.h"

#include <dangan/handle/fd.h>
#include <string.h>

struct DaHttpResponse {
    gint references;
    struct MHD_Response *native; /* of one that is kept; NULL = made when it is sent */
    guint status;
    const char *type; /* NULL = no body */
    GBytes *body;
    int fd; /* -1 = none */
    guint64 size_bytes;
    GPtrArray *headers; /* name, value, name, value, … */
    gboolean cacheable;
};

/* On every answer. The reading room loads nothing from elsewhere and runs nothing inline. */
static const char *const security[][2] = {
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

static DaHttpResponse *response_new(guint status, const char *type)
{
    DaHttpResponse *response = g_new0(DaHttpResponse, 1);
    response->references = 1;
    response->status = status;
    response->type = type;
    response->fd = -1;
    response->headers = g_ptr_array_new_with_free_func(g_free);
    return response;
}

DaHttpResponse *da_http_bytes(guint status, const char *type, GBytes *body)
{
    DaHttpResponse *response = response_new(status, type);
    response->body = body;
    return response;
}

DaHttpResponse *da_http_file(const char *type, int fd, guint64 size_bytes)
{
    DaHttpResponse *response = response_new(200, type);
    response->fd = fd;
    response->size_bytes = size_bytes;
    return response;
}

DaHttpResponse *da_http_json(guint status, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    return da_http_bytes(status, "application/json; charset=utf-8",
                         g_bytes_new_take(text, strlen(text)));
}

DaHttpResponse *da_http_error(guint status, const char *code, const char *message)
{
    return da_http_json(status,
                        json_pack("{s:{s:s,s:s}}", "error", "code", code, "message", message));
}

DaHttpResponse *da_http_empty(guint status)
{
    return response_new(status, NULL);
}

DaHttpResponse *da_http_add(DaHttpResponse *response, const char *name, const char *value)
{
    if (strcmp(name, "Cache-Control") == 0)
        response->cacheable = TRUE;
    g_ptr_array_add(response->headers, g_strdup(name));
    g_ptr_array_add(response->headers, g_strdup(value));
    return response;
}

DaHttpResponse *da_http_response_ref(DaHttpResponse *response)
{
    g_atomic_int_inc(&response->references);
    return response;
}

void da_http_response_free(DaHttpResponse *response)
{
    if (!g_atomic_int_dec_and_test(&response->references))
        return;
    if (response->native != NULL)
        MHD_destroy_response(response->native);
    if (response->body != NULL)
        g_bytes_unref(response->body);
    da_fd_close(&response->fd);
    g_ptr_array_unref(response->headers);
    g_free(response);
}

gsize da_http_size(const DaHttpResponse *response)
{
    return response->body == NULL ? response->size_bytes : g_bytes_get_size(response->body);
}

guint da_http_status(const DaHttpResponse *response)
{
    return response->status;
}

static void release_bytes(void *data)
{
    g_bytes_unref(data);
}

/* The library closes the descriptor. */
static struct MHD_Response *native_of_file(DaHttpResponse *response)
{
    struct MHD_Response *native = MHD_create_response_from_fd64(response->size_bytes, response->fd);
    if (native != NULL)
        response->fd = -1;
    return native;
}

static struct MHD_Response *native_of(DaHttpResponse *response)
{
    if (response->fd >= 0)
        return native_of_file(response);
    gsize size = 0;
    const void *data = response->body == NULL ? NULL : g_bytes_get_data(response->body, &size);
    if (size == 0)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer_with_free_callback_cls(size, (void *)data, release_bytes,
                                                                  g_bytes_ref(response->body));
}

static struct MHD_Response *native_with_headers(DaHttpResponse *response)
{
    struct MHD_Response *native = native_of(response);
    if (native == NULL)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(security); i++)
        MHD_add_response_header(native, security[i][0], security[i][1]);
    if (response->type != NULL)
        MHD_add_response_header(native, "Content-Type", response->type);
    if (!response->cacheable)
        MHD_add_response_header(native, "Cache-Control", "no-store");
    for (guint i = 0; i + 1 < response->headers->len; i += 2)
        MHD_add_response_header(native, response->headers->pdata[i],
                                response->headers->pdata[i + 1]);
    return native;
}

gboolean da_http_keep(DaHttpResponse *response)
{
    if (response->fd < 0 && response->native == NULL)
        response->native = native_with_headers(response);
    return response->native != NULL;
}

enum MHD_Result da_http_response_queue(DaHttpResponse *response, struct MHD_Connection *connection)
{
    if (response->native != NULL)
        return MHD_queue_response(connection, response->status, response->native);
    struct MHD_Response *native = native_with_headers(response);
    if (native == NULL)
        return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(connection, response->status, native);
    MHD_destroy_response(native);
    return queued;
}
