/* For those who run the machine. */
#include "routes.h"

#include <dangan/db.h>
#include <dangan/handle/json.h>
#include <string.h>

static DaHttpResponse *well(void)
{
    return da_http_json(200, json_pack("{s:s}", "status", "ok"));
}

DaHttpResponse *da_route_health(DaCall *call, GError **error)
{
    return well();
}

DaHttpResponse *da_route_ready(DaCall *call, GError **error)
{
    PGconn *db = da_pool_take(call->service->pool, error);
    if (db == NULL)
        return NULL;
    gboolean answers = da_db_run(db, error, "SELECT 1", NULL);
    da_pool_give(call->service->pool, db);
    return answers ? well() : NULL;
}

DaHttpResponse *da_route_metrics(DaCall *call, GError **error)
{
    char *text = da_metrics_text(call->service->metrics);
    return da_http_bytes(200, "text/plain; version=0.0.4; charset=utf-8",
                         g_bytes_new_take(text, strlen(text)));
}
