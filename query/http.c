#include "http_parts.h"

#include <dangan/error.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct DaHttpServer {
    struct MHD_Daemon *daemon;
    DaHttpHandler handler;
    gpointer data;
    char *address;
    GMutex mutex; /* for who waits at the end */
    GCond quiet;
    gint running, ending; /* atomic */
};

/* --- one request ------------------------------------------------------------------------------------------------- */

static void *begin_request(void *data, const char *target, struct MHD_Connection *connection)
{
    return da_http_request_new(target, connection, data);
}

static void begin_one(DaHttpServer *server)
{
    g_atomic_int_inc(&server->running);
}

static void end_one(DaHttpServer *server)
{
    if (!g_atomic_int_dec_and_test(&server->running) || !g_atomic_int_get(&server->ending))
        return;
    g_mutex_lock(&server->mutex);
    g_cond_broadcast(&server->quiet);
    g_mutex_unlock(&server->mutex);
}

static enum MHD_Result answer(DaHttpRequest *request, DaHttpResponse *response)
{
    request->status = da_http_status(response);
    enum MHD_Result queued = da_http_response_queue(response, request->connection);
    da_http_response_free(response);
    return queued;
}

/* The library calls three times and more: with the headers, with each piece of the body, at its end. */
static enum MHD_Result take_request(void *data, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version,
                                    const char *upload_data, size_t *upload_data_size,
                                    void **context)
{
    DaHttpServer *server = data;
    DaHttpRequest *request = *context;
    if (!request->started) {
        request->started = TRUE;
        request->method = method;
        begin_one(server);
        DaHttpResponse *refusal = da_http_request_check(request, url, version);
        request->refused = refusal != NULL;
        return refusal == NULL ? MHD_YES : answer(request, refusal);
    }
    if (request->refused)
        return MHD_NO;
    if (*upload_data_size > 0) {
        if (request->body->len + *upload_data_size > DA_HTTP_MAX_BODY)
            return MHD_NO;
        g_byte_array_append(request->body, (const guint8 *)upload_data, (guint)*upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    return answer(request, server->handler(request, server->data));
}

/* The log says which kind of thing was asked and how it went; what was asked for (ids, names, words) is in no log. */
static void log_request(const DaHttpRequest *request)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "DELETE", NULL};
    gboolean named = request->method != NULL && g_strv_contains(known, request->method);
    char at[sizeof "2026-03-02T09:00:00Z"];
    struct tm now;
    time_t seconds = time(NULL);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &now));
    double ms = (double)(g_get_monotonic_time() - request->began_us) / 1000.0;
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "time=%s method=%s route=%s status=%u ms=%.1f", at,
                           named ? request->method : "-", request->route ? request->route : "-",
                           request->status, ms);
    if (request->note != NULL)
        g_string_append_printf(line, " error=\"%s\"", request->note);
    g_string_append_c(line, '\n');
    /* In one piece, past the lock of stdio, for which all connections would wait. */
    if (write(STDERR_FILENO, line->str, line->len) < 0)
        return; /* nobody reads the log */
}

static void end_request(void *data, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
    DaHttpRequest *request = *context;
    if (request == NULL)
        return;
    if (request->started) {
        if (!request->quiet)
            log_request(request);
        end_one(data);
    }
    da_http_request_free(request);
    *context = NULL;
}

/* --- the server ------------------------------------------------------------------------------------------------------- */

static struct MHD_Daemon *start_daemon(DaHttpServer *server, int fd, guint connections)
{
    return MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC, 0, NULL, NULL,
        take_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        connections, MHD_OPTION_CONNECTION_TIMEOUT, DA_HTTP_IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, DA_HTTP_MAX_HEADERS, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, begin_request, server, MHD_OPTION_NOTIFY_COMPLETED,
        end_request, server, MHD_OPTION_END);
}

static void server_free(DaHttpServer *server)
{
    g_mutex_clear(&server->mutex);
    g_cond_clear(&server->quiet);
    g_free(server->address);
    g_free(server);
}

DaHttpServer *da_http_start(const char *listen, guint connections, DaHttpHandler handler,
                            gpointer data, GError **error)
{
    g_autofree char *address = NULL;
    int fd = da_http_listen(listen, &address, error);
    if (fd < 0)
        return NULL;
    DaHttpServer *server = g_new0(DaHttpServer, 1);
    server->handler = handler;
    server->data = data;
    server->address = g_steal_pointer(&address);
    g_mutex_init(&server->mutex);
    g_cond_init(&server->quiet);
    server->daemon = start_daemon(server, fd, connections);
    if (server->daemon != NULL)
        return server;
    close(fd);
    server_free(server);
    da_error_set(error, DA_ERROR_SYSTEM, "cannot start the HTTP server on '%s'", listen);
    return NULL;
}

const char *da_http_address(const DaHttpServer *server)
{
    return server->address;
}

static void wait_until_quiet(DaHttpServer *server, guint seconds)
{
    gint64 until = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;
    g_mutex_lock(&server->mutex);
    g_atomic_int_set(&server->ending, 1);
    while (g_atomic_int_get(&server->running) > 0 &&
           g_cond_wait_until(&server->quiet, &server->mutex, until))
        ;
    g_mutex_unlock(&server->mutex);
}

void da_http_stop(DaHttpServer *server, guint seconds)
{
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    if (g_str_has_prefix(server->address, DA_HTTP_UNIX))
        unlink(server->address + strlen(DA_HTTP_UNIX));
    wait_until_quiet(server, seconds);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}
