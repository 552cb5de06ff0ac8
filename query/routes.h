/*
 * The table of routes: method and pattern → handler, and what every call has to pass before.
 *
 * Each line of the table stands in docs/api.md (a test compares). A pattern holds at most one `{argument}`, a whole
 * segment of the path; `/…` at its end stands for anything that follows.
 */
#pragma once

#include "audit_queue.h"
#include "cache.h"
#include "capability.h"
#include "dossier_json.h"
#include "http.h"
#include "metrics.h"
#include "page_info.h"
#include "pool.h"
#include "slots.h"
#include "thumbnail.h"
#include "tile_answers.h"
#include "tiles.h"

#include <dangan/object.h>
#include <dangan/profile.h>
#include <dangan/service.h>

#define DA_COOKIE "dangan"

struct DaService {
    DaArchive *archive; /* borrowed */
    DaObjectStore *objects;
    DaPool *pool;
    DaAuditQueue *audit;
    DaMetrics *metrics;
    DaCache *thumbnails, *manifests;
    DaTiles *tiles;
    DaTileAnswers *answers;
    DaPageInfos *pages;
    DaCapabilityKey capability_key;
    DaSlots decoding; /* images being decoded */
    DaSlots logins;   /* passwords being looked at: 32 MiB each */
    guint session_minutes;
    char *web, *vendor;   /* folders of static files */
    GMutex mutex;         /* guards profiles */
    GHashTable *profiles; /* name → DaProfile *, or NULL for one that is not there */
    DaHttpServer *http;
};

typedef struct {
    DaService *service;
    DaHttpRequest *request;
    PGconn *db;           /* NULL where the route needs no session */
    const char *account;  /* likewise */
    char *const *districts; /* that the account sees; NULL = all */
    const char *argument; /* what stands in the place of `{…}`; NULL */
} DaCall;

/* NULL with `error` becomes the JSON error of its code. */
typedef DaHttpResponse *(*DaRouteHandler)(DaCall *call, GError **error);

typedef struct {
    const char *method;
    const char *pattern;
    gboolean open; /* answers without a session */
    DaRouteHandler handler;
} DaRoute;

extern const DaRoute da_routes[];
extern const guint da_routes_n;

/* A DaHttpHandler; `data` is the DaService. */
DaHttpResponse *da_routes_answer(DaHttpRequest *request, gpointer data);

/* Calls the handler with the database and the account of the live session; else the answer is 401. */
DaHttpResponse *da_route_in_session(DaCall *call, DaRouteHandler handler, GError **error);

/* A dossier as docs/api.md has it, within the scope of the session. The caller owns it. */
json_t *da_route_dossier_json(DaCall *call, const char *id, GError **error);

/* Of an address below a capability: "http://host/iiif/{capability}", the dossier that the capability is good for (NULL = it is not, or there is
 * no cookie), and capability and all that follows. The caller owns each. */
char *da_route_iiif_base(const DaCall *call);
char *da_route_capability(const DaCall *call);
char **da_route_segments(const DaCall *call);
DaHttpResponse *da_route_for_viewers(DaHttpResponse *response);
/* Is it a document, and not an image? */
gboolean da_route_is_document(char **segments);
DaHttpResponse *da_route_document(DaCall *call, GError **error);

/* Answer for work that found no free slot: 503 with Retry-After. */
DaHttpResponse *da_route_busy(const char *message);

/* An entry of the audit about this call, durable when it returns; what it stands for is done after it, or not at all. `dossier` and `page` NULL = none. */
gboolean da_route_audit(const DaCall *call, const char *action, const char *district, const char *dossier, const char *page,
                        GError **error);

/* Images are decoded in bounded slots; who waits longer is told so. */
#define DA_DECODE_WAIT_MS 2000
DaHttpResponse *da_route_decode_busy(void);
/* What the browser may keep, under this tag; and 304 when it has it already, else NULL. */
DaHttpResponse *da_route_tagged(DaHttpResponse *response, const char *tag);
DaHttpResponse *da_route_unchanged(const DaCall *call, const char *tag);

DaHttpResponse *da_route_session_begin(DaCall *call, GError **error);
DaHttpResponse *da_route_session_get(DaCall *call, GError **error);
DaHttpResponse *da_route_session_end(DaCall *call, GError **error);
DaHttpResponse *da_route_search(DaCall *call, GError **error);
DaHttpResponse *da_route_dossier(DaCall *call, GError **error);
DaHttpResponse *da_route_open(DaCall *call, GError **error);
DaHttpResponse *da_route_iiif(DaCall *call, GError **error);
DaHttpResponse *da_route_hits(DaCall *call, GError **error);
DaHttpResponse *da_route_access(DaCall *call, GError **error);
DaHttpResponse *da_route_master(DaCall *call, GError **error);
DaHttpResponse *da_route_thumbnail(DaCall *call, GError **error);
DaHttpResponse *da_route_text(DaCall *call, GError **error);
DaHttpResponse *da_route_health(DaCall *call, GError **error);
DaHttpResponse *da_route_ready(DaCall *call, GError **error);
DaHttpResponse *da_route_metrics(DaCall *call, GError **error);
/* The reading room and its libraries: everything that no pattern names. */
DaHttpResponse *da_route_file(DaCall *call, GError **error);
