/*
 * A thin edge around libmicrohttpd: requests and responses as plain values, and everything refused that the library lets pass.
 *
 * libmicrohttpd 0.9.75 accepts two Host headers, Transfer-Encoding beside Content-Length, a NUL in the target and blanks
 * before the colon; here these are 400. Targets are taken in origin form only and decoded once. Bodies need a
 * Content-Length and end at DA_HTTP_MAX_BODY. Bare line feeds, folded headers and a NUL that cuts a value short are past by
 * the time anybody can look: nginx in front refuses those.
 *
 * Thread rule: the handler runs in a thread of its own for each connection, several at a time.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#define DA_HTTP_MAX_BODY ((gsize)64 << 10)
#define DA_HTTP_MAX_HEADERS ((gsize)32 << 10) /* request line and headers of one request */
#define DA_HTTP_MAX_PARAMETERS 16u
#define DA_HTTP_IDLE_SECONDS 15u

struct MHD_Connection;

typedef struct {
    const char *method; /* borrowed from the library */
    char *path;         /* decoded; begins with `/`, safe below a folder */
    char *target;       /* as it came */
    GHashTable *query;  /* decoded; the first of two equal names counts */
    GByteArray *body;
    const char *route; /* what stands in the log instead of the path; set by the handler */
    gboolean quiet;    /* one of very many: no line in the log; set by the handler */
    char *note;        /* why it failed, for the log; set by the handler; NULL */
    struct MHD_Connection *connection;
    gpointer server;
    gint64 began_us;
    guint status;
    gboolean started, refused;
} DaHttpRequest;

/* Borrowed; NULL = not there. */
const char *da_http_query(const DaHttpRequest *request, const char *name);
const char *da_http_header(const DaHttpRequest *request, const char *name);
const char *da_http_cookie(const DaHttpRequest *request, const char *name);

typedef struct DaHttpResponse DaHttpResponse;

/* Takes the reference of `body`; `type` is static. */
DaHttpResponse *da_http_bytes(guint status, const char *type, GBytes *body);
/* Delivered by sendfile; takes the descriptor. */
DaHttpResponse *da_http_file(const char *type, int fd, guint64 size_bytes);
/* Takes the reference of `value`. */
DaHttpResponse *da_http_json(guint status, json_t *value);
/* {"error": {"code", "message"}} */
DaHttpResponse *da_http_error(guint status, const char *code, const char *message);
/* Without a body: status 204, 303 or 304. */
DaHttpResponse *da_http_empty(guint status);
/* Adds a header (the values may be temporary); returns `response`. A Cache-Control set here replaces `no-store`. */
DaHttpResponse *da_http_add(DaHttpResponse *response, const char *name, const char *value);
guint da_http_status(const DaHttpResponse *response);
/* Bytes of the body. */
gsize da_http_size(const DaHttpResponse *response);
/* From here on it can be sent any number of times, by several threads, and nothing is added to it. FALSE for a file. */
gboolean da_http_keep(DaHttpResponse *response);
DaHttpResponse *da_http_response_ref(DaHttpResponse *response);
void da_http_response_free(DaHttpResponse *response);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaHttpResponse, da_http_response_free)

/* Never returns NULL. */
typedef DaHttpResponse *(*DaHttpHandler)(DaHttpRequest *request, gpointer data);

typedef struct DaHttpServer DaHttpServer;

#define DA_HTTP_UNIX "unix:"

/* Listens on a loopback address ("127.0.0.1:8080", "[::1]:8080", "localhost:0") or a socket in the file system ("unix:/run/dangan.sock", for
 * its owner and group, removed at the end). DA_ERROR_USAGE for another address. */
DaHttpServer *da_http_start(const char *listen, guint connections, DaHttpHandler handler,
                            gpointer data, GError **error);
/* "http://127.0.0.1:8080/" or "unix:/run/dangan.sock"; borrowed. */
const char *da_http_address(const DaHttpServer *server);
/* Stops accepting, waits up to `seconds` for requests that run, closes. */
void da_http_stop(DaHttpServer *server, guint seconds);
