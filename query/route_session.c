#include "routes.h"

#include <dangan/account.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <string.h>

#define LOGIN_WAIT_MS 3000

static char *cookie_of(const char *token)
{
    return g_strdup_printf(DA_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s", token,
                           *token == '\0' ? "; Max-Age=0" : "");
}

static DaHttpResponse *described(guint status, const char *account, guint minutes)
{
    return da_http_json(
        status, json_pack("{s:s,s:i}", "account", account, "session_minutes", (int)minutes));
}

/* null = all. */
static json_t *districts_json(const DaCall *call)
{
    json_t *districts = call->districts == NULL ? json_null() : json_array();
    for (guint i = 0; call->districts != NULL && call->districts[i] != NULL; i++)
        json_array_append_new(districts, json_string(call->districts[i]));
    return districts;
}

static DaHttpResponse *begin(DaCall *call, const char *name, const char *password, GError **error)
{
    PGconn *db = da_pool_take(call->service->pool, error);
    if (db == NULL)
        return NULL;
    guint minutes = call->service->session_minutes;
    g_autoptr(GError) failed = NULL;
    g_autofree char *token = da_session_begin(db, name, password, minutes, &failed);
    da_pool_give(call->service->pool, db);
    /* What was typed as a name may be a password: it is not kept. */
    if (failed != NULL && !da_route_audit(call, "login refused", "", NULL, NULL, error))
        return NULL;
    if (g_error_matches(failed, DA_ERROR, DA_ERROR_DENIED))
        return da_http_error(401, "login", failed->message);
    if (g_error_matches(failed, DA_ERROR, DA_ERROR_LIMIT))
        return da_http_error(429, "locked", failed->message);
    if (token == NULL) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return NULL;
    }
    call->account = name;
    if (!da_route_audit(call, "login", "", NULL, NULL, error))
        return NULL;
    g_autofree char *cookie = cookie_of(token);
    return da_http_add(described(201, name, minutes), "Set-Cookie", cookie);
}

DaHttpResponse *da_route_session_begin(DaCall *call, GError **error)
{
    const GByteArray *body = call->request->body;
    const char *name = NULL, *password = NULL;
    g_autoptr(json_t) login =
        json_loadb((const char *)body->data, body->len, JSON_REJECT_DUPLICATES, NULL);
    if (login == NULL ||
        json_unpack(login, "{s:s,s:s!}", "name", &name, "password", &password) != 0) {
        da_error_set(error, DA_ERROR_INPUT,
                     "cannot read the login: wanted is {\"name\", \"password\"}");
        return NULL;
    }
    if (!da_slots_take(&call->service->logins, LOGIN_WAIT_MS))
        return da_route_busy("too many people log in at this moment; try again");
    DaHttpResponse *response = begin(call, name, password, error);
    da_slots_give(&call->service->logins);
    return response;
}

DaHttpResponse *da_route_session_get(DaCall *call, GError **error)
{
    return da_http_json(200, json_pack("{s:s,s:i,s:o}", "account", call->account, "session_minutes",
                                       (int)call->service->session_minutes, "districts",
                                       districts_json(call)));
}

/* The images of the session leave the browser with it. */
DaHttpResponse *da_route_session_end(DaCall *call, GError **error)
{
    if (!da_session_end(call->db, da_http_cookie(call->request, DA_COOKIE), error) ||
        !da_route_audit(call, "logout", "", NULL, NULL, error))
        return NULL;
    g_autofree char *cookie = cookie_of("");
    DaHttpResponse *response = da_http_add(da_http_empty(204), "Set-Cookie", cookie);
    return da_http_add(response, "Clear-Site-Data", "\"cache\"");
}
