#include "routes.h"

#include <dangan/account.h>
#include <dangan/error.h>
#include <dangan/scope.h>
#include <string.h>

#define API "/api/v1/"
#define REST "/…"

const DaRoute da_routes[] = {
    {"POST", API "session", TRUE, da_route_session_begin},
    {"GET", API "session", FALSE, da_route_session_get},
    {"DELETE", API "session", FALSE, da_route_session_end},
    {"GET", API "search", FALSE, da_route_search},
    {"GET", API "dossiers/{id}", FALSE, da_route_dossier},
    {"POST", API "dossiers/{id}/open", FALSE, da_route_open},
    {"GET", API "dossiers/{id}/hits", FALSE, da_route_hits},
    {"GET", API "pages/{page}/access", FALSE, da_route_access},
    {"GET", API "pages/{page}/master", FALSE, da_route_master},
    {"GET", API "pages/{page}/thumbnail", FALSE, da_route_thumbnail},
    {"GET", API "pages/{page}/text", FALSE, da_route_text},
    {"GET", "/iiif/{capability}/…", TRUE, da_route_iiif},
    {"GET", "/healthz", TRUE, da_route_health},
    {"GET", "/readyz", TRUE, da_route_ready},
    {"GET", "/metrics", TRUE, da_route_metrics},
};
const guint da_routes_n = G_N_ELEMENTS(da_routes);

static const DaRoute static_files = {"GET", "(file)", TRUE, da_route_file};

/* --- matching ------------------------------------------------------------------------------------------------------ */

/* TRUE when `path` has the form of `pattern`; `argument` (the caller's) is what stands for `{…}`. */
static gboolean matches(const char *pattern, const char *path, char **argument)
{
    const char *open = strchr(pattern, '{');
    if (open == NULL)
        return strcmp(pattern, path) == 0;
    gsize before = (gsize)(open - pattern);
    const char *after = strchr(open, '}') + 1;
    if (strncmp(pattern, path, before) != 0)
        return FALSE;
    const char *end = strchrnul(path + before, '/');
    gboolean more = strcmp(after, REST) == 0;
    if (end == path + before || (more ? !*end || !end[1] : strcmp(end, after) != 0))
        return FALSE;
    *argument = g_strndup(path + before, (gsize)(end - path) - before);
    return TRUE;
}

static gboolean is_method(const DaRoute *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* NULL when no line fits; `allowed` collects the methods of lines whose pattern fits. */
static const DaRoute *find(const char *method, const char *path, char **argument, GString *allowed)
{
    for (guint i = 0; i < da_routes_n; i++) {
        g_autofree char *found = NULL;
        if (!matches(da_routes[i].pattern, path, &found))
            continue;
        if (is_method(&da_routes[i], method)) {
            *argument = g_steal_pointer(&found);
            return &da_routes[i];
        }
        g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? ", " : "", da_routes[i].method);
    }
    gboolean is_file =
        allowed->len == 0 && !g_str_has_prefix(path, "/api/") && !g_str_has_prefix(path, "/iiif/");
    if (is_file && !is_method(&static_files, method))
        g_string_append(allowed, "GET");
    return is_file && is_method(&static_files, method) ? &static_files : NULL;
}

/* --- failures ------------------------------------------------------------------------------------------------------ */

static const char *const code_names[] = {
    [DA_ERROR_USAGE] = "usage",   [DA_ERROR_INPUT] = "input",
    [DA_ERROR_LIMIT] = "limit",   [DA_ERROR_NOT_FOUND] = "not_found",
    [DA_ERROR_DENIED] = "denied", [DA_ERROR_CONFLICT] = "conflict",
    [DA_ERROR_PART] = "part",     [DA_ERROR_CANCELLED] = "cancelled",
    [DA_ERROR_DISK] = "disk",     [DA_ERROR_DATABASE] = "database",
    [DA_ERROR_SYSTEM] = "system",
};

DaHttpResponse *da_route_busy(const char *message)
{
    return da_http_add(da_http_error(503, "busy", message), "Retry-After", "2");
}

/* Failures of the machine are told to the log in full and to the reader in one sentence: their words name files and servers. */
static DaHttpResponse *failure(DaHttpRequest *request, const GError *error)
{
    guint status = da_error_http_status(error);
    gboolean ours = error->domain == DA_ERROR && (gsize)error->code < G_N_ELEMENTS(code_names);
    const char *code = ours ? code_names[error->code] : "system";
    if (status < 500)
        return da_http_error(status, code, error->message);
    request->note = g_strdelimit(g_strdup(error->message), "\"\n", ' ');
    if (status == 503)
        return da_http_add(da_http_error(status, code, "the archive cannot answer now; try again"),
                           "Retry-After", "2");
    return da_http_error(status, code, "the archive could not do this; its log says why");
}

gboolean da_route_audit(const DaCall *call, const char *action, const char *district,
                        const char *dossier, const char *page, GError **error)
{
    g_autofree char *detail = page ? g_strdup_printf("{\"page\":\"%s\"}", page) : NULL;
    const DaAuditEntry entry = {.district = district,
                                .account = call->account ? call->account : "",
                                .action = action,
                                .dossier = dossier,
                                .detail = detail};
    return da_audit_queue_put(call->service->audit, &entry, error);
}

static DaHttpResponse *no_session(void)
{
    return da_http_error(401, "no_session", "there is no session; log in");
}

/* --- what a call has to pass ------------------------------------------------------------------------------------------ */

/* A page of another site can make a browser send a form here, but neither this header nor our own origin. */
static gboolean is_forged(const DaHttpRequest *request)
{
    if (g_strcmp0(da_http_header(request, "X-Dangan"), "1") != 0)
        return TRUE;
    const char *origin = da_http_header(request, "Origin");
    if (origin == NULL)
        return FALSE;
    const char *host = da_http_header(request, "Host");
    const char *name = strstr(origin, "://");
    return host == NULL || name == NULL || g_ascii_strcasecmp(name + 3, host) != 0;
}

static DaHttpResponse *with_session(DaCall *call, DaRouteHandler handler, GError **error)
{
    const char *token = da_http_cookie(call->request, DA_COOKIE);
    if (token == NULL)
        return no_session();
    g_autoptr(GError) failed = NULL;
    g_autoptr(DaAccount) account =
        da_session_account(call->db, token, call->service->session_minutes, &failed);
    if (account == NULL && failed == NULL)
        return no_session();
    if (failed != NULL) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return NULL;
    }
    if (!da_scope_set(call->service->archive, call->db, (const char *const *)account->districts,
                      error))
        return NULL;
    call->account = account->name;
    call->districts = account->districts;
    DaHttpResponse *response = handler(call, error);
    call->account = NULL;
    call->districts = NULL;
    return response;
}

DaHttpResponse *da_route_in_session(DaCall *call, DaRouteHandler handler, GError **error)
{
    call->db = da_pool_take(call->service->pool, error);
    if (call->db == NULL)
        return NULL;
    DaHttpResponse *response = with_session(call, handler, error);
    da_pool_give(call->service->pool, call->db);
    call->db = NULL;
    return response;
}

static DaHttpResponse *run(DaCall *call, const DaRoute *route, GError **error)
{
    gboolean changes = !is_method(route, "GET");
    if (changes && is_forged(call->request))
        return da_http_error(403, "forged", "the request does not come from the reading room");
    return route->open ? route->handler(call, error)
                       : da_route_in_session(call, route->handler, error);
}

static DaHttpResponse *answer(DaHttpRequest *request, DaService *service)
{
    g_autofree char *argument = NULL;
    g_autoptr(GString) allowed = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    const DaRoute *route = find(request->method, request->path, &argument, allowed);
    if (route == NULL && allowed->len > 0)
        return da_http_add(da_http_error(405, "method", "this address has no such method"), "Allow",
                           allowed->str);
    if (route == NULL)
        return da_http_error(404, "not_found", "there is no such address");
    request->route = route->pattern;
    DaCall call = {.service = service, .request = request, .argument = argument};
    DaHttpResponse *response = run(&call, route, &error);
    return response != NULL ? response : failure(request, error);
}

DaHttpResponse *da_routes_answer(DaHttpRequest *request, gpointer data)
{
    DaService *service = data;
    gint64 began_us = g_get_monotonic_time();
    DaHttpResponse *response = answer(request, service);
    da_metrics_note(service->metrics, request->route, da_http_status(response),
                    (double)(g_get_monotonic_time() - began_us) / G_USEC_PER_SEC);
    return response;
}
