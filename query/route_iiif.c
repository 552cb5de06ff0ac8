/* Images as IIIF Image API 3.0, level 2, below a capability. */
#include "iiif_render.h"
#include "routes.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/handle/json.h>
#include <dangan/image.h>
#include <dangan/scope.h>
#include <string.h>
#include <unistd.h>

#define CONTEXT "http://iiif.io/api/image/3/context.json"
#define TYPE_INFO "application/ld+json;profile=\"" CONTEXT "\""
#define MASTER_SUFFIX "_master"
#define CAPABILITY_MINUTES 15
#define SEGMENTS_MAX 8
#define LEVEL "<http://iiif.io/api/image/3/level2.json>;rel=\"profile\""

/* {capability}/{page}[_master][/info.json | /{region}/{size}/{rotation}/{file}] */
typedef struct {
    char **segments;
    char *page;
    gboolean master;
    const DaPageInfo *info;
    const char *sha256;
    guint width_px, height_px;
} Image;

static void image_clear(Image *image)
{
    g_strfreev(image->segments);
    g_free(image->page);
    da_page_info_release(image->info);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Image, image_clear)

/* --- what may be fetched --------------------------------------------------------------------------------------------- */

static DaHttpResponse *closed(const char *message)
{
    return da_http_error(403, "capability", message);
}

/* The database is asked once for each page, not for each tile. */
static const DaPageInfo *find_page(DaCall *call, const char *page, GError **error)
{
    DaService *service = call->service;
    const DaPageInfo *info = da_page_infos_get(service->pages, page);
    if (info)
        return info;
    PGconn *db = da_pool_take(service->pool, error);
    if (!db)
        return NULL;
    if (da_scope_set(service->archive, db, NULL, error))
        info = da_page_infos_load(service->pages, db, page, error);
    da_pool_give(service->pool, db);
    return info;
}

static gboolean find_image(DaCall *call, const char *dossier, Image *image, GError **error)
{
    const char *name = image->segments[1];
    image->master = g_str_has_suffix(name, MASTER_SUFFIX);
    image->page = g_strndup(name, strlen(name) - (image->master ? strlen(MASTER_SUFFIX) : 0));
    image->info = find_page(call, image->page, error);
    if (!image->info)
        return FALSE;
    const DaPageInfo *info = image->info;
    image->sha256 = image->master ? info->master_sha256 : info->access_sha256;
    image->width_px = image->master ? info->master_width_px : info->width_px;
    image->height_px = image->master ? info->master_height_px : info->height_px;
    return (!strcmp(info->dossier, dossier) && image->sha256 && image->width_px &&
            image->height_px) ||
           da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such page");
}

/* Viewers of other origins may read it; without the cookie, which they do not get, it shows nothing. */
DaHttpResponse *da_route_for_viewers(DaHttpResponse *response)
{
    return da_http_add(response, "Access-Control-Allow-Origin", "*");
}

/* --- info.json ------------------------------------------------------------------------------------------------------- */

/* As the browser knows it; behind nginx by what that passes on. */
char *da_route_iiif_base(const DaCall *call)
{
    const char *scheme = da_http_header(call->request, "X-Forwarded-Proto");
    return g_strdup_printf("%s://%s/iiif/%s", g_strcmp0(scheme, "https") ? "http" : "https",
                           da_http_header(call->request, "Host"), call->argument);
}

static char *address_of(const DaCall *call, const Image *image)
{
    g_autofree char *base = da_route_iiif_base(call);
    return g_strdup_printf("%s/%s", base, image->segments[1]);
}

static void put_levels(json_t *info, const Image *image)
{
    json_t *sizes = json_array(), *factors = json_array();
    guint width = image->width_px, height = image->height_px, factor = 1;
    for (;;) {
        json_array_append_new(factors, json_integer(factor));
        json_array_insert_new(sizes, 0,
                              json_pack("{s:i, s:i}", "width", (int)width, "height", (int)height));
        if (MAX(width, height) <= DA_PYRAMID_TILE_PX)
            break;
        width = (width + 1) / 2;
        height = (height + 1) / 2;
        factor *= 2;
    }
    json_object_set_new(info, "sizes", sizes);
    json_object_set_new(info, "tiles",
                        json_pack("[{s:i, s:i, s:o}]", "width", (int)DA_PYRAMID_TILE_PX, "height",
                                  (int)DA_PYRAMID_TILE_PX, "scaleFactors", factors));
}

static DaHttpResponse *describe(const DaCall *call, const Image *image)
{
    g_autofree char *id = address_of(call, image);
    const char *accept = da_http_header(call->request, "Accept");
    gboolean plain = accept && strstr(accept, "application/json") && !strstr(accept, "ld+json");
    g_autoptr(json_t) info =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:[ss], s:[s]}", "@context", CONTEXT, "id",
                  id, "type", "ImageService3", "protocol", "http://iiif.io/api/image", "profile",
                  "level2", "width", (int)image->width_px, "height", (int)image->height_px,
                  "extraQualities", "gray", "bitonal", "extraFeatures", "mirroring");
    put_levels(info, image);
    char *text = json_dumps(info, JSON_COMPACT);
    return da_route_for_viewers(da_http_bytes(200, plain ? "application/json" : TYPE_INFO,
                                              g_bytes_new_take(text, strlen(text))));
}

/* "/{page}/{region}/…": what an image is called, whoever asks. */
static const char *name_of(const DaCall *call)
{
    return call->request->path + strlen("/iiif/") + strlen(call->argument);
}

/* --- images ---------------------------------------------------------------------------------------------------------- */

static DaHttpResponse *bytes_of(GBytes *bytes, const DaIiifRequest *request)
{
    return bytes ? da_http_bytes(200, request->png ? "image/png" : "image/jpeg", bytes) : NULL;
}

static DaHttpResponse *render_master(DaCall *call, const Image *image, const DaIiifRequest *request,
                                     GError **error)
{
    g_autoptr(GBytes) stored = da_object_read(call->service->objects, image->sha256, error);
    g_autoptr(Pix) pixels = stored ? da_image_decode(stored, error) : NULL;
    return pixels ? bytes_of(da_iiif_render(pixels, request, error), request) : NULL;
}

/* As it lies in the file of the pyramid, without a decoder. */
static DaHttpResponse *send_tile(const DaPyramid *pyramid, const DaIiifRequest *request,
                                 GError **error)
{
    guint64 offset = 0;
    gsize bytes = 0;
    if (!da_iiif_is_tile(pyramid, request, &offset, &bytes))
        return NULL;
    /* One read, and one write with the headers: less for the system to do than a descriptor that is sent and closed. */
    GBytes *jpeg = da_pyramid_tile_bytes(pyramid, offset, bytes, error);
    return jpeg ? da_http_bytes(200, "image/jpeg", jpeg) : NULL;
}

static DaHttpResponse *render_access(DaCall *call, const Image *image, const DaIiifRequest *request,
                                     GError **error)
{
    DaTiles *tiles = call->service->tiles;
    g_autoptr(DaPyramid) pyramid = da_tiles_get(tiles, image->sha256);
    if (!pyramid)
        pyramid = da_tiles_make(tiles, call->service->objects, image->sha256, error);
    DaHttpResponse *tile = pyramid ? send_tile(pyramid, request, error) : NULL;
    if (!pyramid || tile)
        return tile;
    return bytes_of(da_iiif_render_pyramid(pyramid, request, error), request);
}

/* A tile of a pyramid that is there costs no slot. */
static DaHttpResponse *answer(DaCall *call, const Image *image, const DaIiifRequest *request,
                              GError **error)
{
    DaHttpResponse *response = NULL;
    if (!image->master) {
        g_autoptr(DaPyramid) pyramid = da_tiles_get(call->service->tiles, image->sha256);
        g_autoptr(GError) failed = NULL;
        response = pyramid ? send_tile(pyramid, request, &failed) : NULL;
        if (response || failed) {
            if (failed)
                g_propagate_error(error, g_steal_pointer(&failed));
            return response;
        }
    }
    if (!da_slots_take(&call->service->decoding, DA_DECODE_WAIT_MS))
        return da_route_decode_busy();
    response = image->master ? render_master(call, image, request, error)
                             : render_access(call, image, request, error);
    da_slots_give(&call->service->decoding);
    return response;
}

/* What a viewer asks for it asks for again. */
static void keep(DaCall *call, const Image *image, const char *tag, DaHttpResponse *response)
{
    da_tile_answers_put(call->service->answers, name_of(call), image->info->dossier, tag, response);
}

static DaHttpResponse *deliver(DaCall *call, const Image *image, GError **error)
{
    DaIiifRequest request;
    char **segments = image->segments;
    g_autoptr(GError) wrong = NULL;
    if (!da_iiif_request_parse(segments[2], segments[3], segments[4], segments[5], image->width_px,
                               image->height_px, &request, &wrong))
        return da_http_error(request.unsupported ? 501 : 400, "iiif", wrong->message);
    g_autofree char *canonical =
        da_iiif_request_canonical(&request, image->width_px, image->height_px);
    g_autofree char *tag = g_strdup_printf("\"%s-%s\"", image->sha256, canonical);
    DaHttpResponse *response = da_route_unchanged(call, tag);
    if (response)
        return response;
    response = answer(call, image, &request, error);
    if (!response || da_http_status(response) != 200)
        return response;
    /* From {region}/{size}/{rotation}/, whatever the capability is: the answer is sent to others too. */
    g_autofree char *link = g_strdup_printf("<../../../%s>;rel=\"canonical\", " LEVEL, canonical);
    da_http_add(da_route_for_viewers(da_route_tagged(response, tag)), "Link", link);
    if (!image->master)
        keep(call, image, tag, response);
    return response;
}

/* --- the route ------------------------------------------------------------------------------------------------------- */

static DaHttpResponse *to_info(const Image *image)
{
    g_autofree char *info =
        g_strdup_printf("/iiif/%s/%s/info.json", image->segments[0], image->segments[1]);
    return da_http_add(da_http_empty(303), "Location", info);
}

static DaHttpResponse *dispatch(DaCall *call, const Image *image, GError **error)
{
    guint n = g_strv_length(image->segments);
    if (n == 2)
        return to_info(image);
    if (n == 3 && !strcmp(image->segments[2], "info.json"))
        return describe(call, image);
    if (n == 6)
        return deliver(call, image, error);
    return da_http_error(400, "iiif",
                         "wanted is {page}/info.json or {page}/{region}/{size}/{rotation}/{file}");
}

char **da_route_segments(const DaCall *call)
{
    return g_strsplit(call->request->path + strlen("/iiif/"), "/", SEGMENTS_MAX);
}

char *da_route_capability(const DaCall *call)
{
    const char *token = da_http_cookie(call->request, DA_COOKIE);
    return token ? da_capability_check(&call->service->capability_key, token, call->argument,
                                       g_get_real_time() / G_USEC_PER_SEC)
                 : NULL;
}

static DaHttpResponse *answer_open(DaCall *call, const char *dossier, GError **error)
{
    g_auto(Image) image = {.segments = da_route_segments(call)};
    if (da_route_is_document(image.segments))
        return da_route_in_session(call, da_route_document, error);
    return find_image(call, dossier, &image, error) ? dispatch(call, &image, error) : NULL;
}

/* One that was sent before; NULL = there is none. */
static DaHttpResponse *answer_again(DaCall *call, const char *dossier)
{
    gboolean unchanged = FALSE;
    DaHttpResponse *kept =
        da_tile_answers_get(call->service->answers, name_of(call), dossier,
                            da_http_header(call->request, "If-None-Match"), &unchanged);
    if (unchanged)
        kept = da_route_tagged(da_http_empty(304), da_http_header(call->request, "If-None-Match"));
    call->request->quiet = kept != NULL;
    return kept;
}

DaHttpResponse *da_route_iiif(DaCall *call, GError **error)
{
    if (!da_http_cookie(call->request, DA_COOKIE))
        return da_http_error(401, "no_session", "there is no session; log in");
    g_autofree char *dossier = da_route_capability(call);
    if (!dossier)
        return closed("the dossier is not open here, or not any more; open it again");
    DaHttpResponse *again = answer_again(call, dossier);
    return again ? again : answer_open(call, dossier, error);
}

DaHttpResponse *da_route_open(DaCall *call, GError **error)
{
    g_auto(DaDossierRow) row = {0};
    gint64 until = g_get_real_time() / G_USEC_PER_SEC + CAPABILITY_MINUTES * 60;
    if (!da_dossier_row_load(call->db, call->argument, &row, error) ||
        !da_route_audit(call, "open", row.district, row.id, NULL, error))
        return NULL;
    g_autofree char *capability = da_capability_make(
        &call->service->capability_key, da_http_cookie(call->request, DA_COOKIE), row.id, until);
    g_autoptr(GDateTime) end = g_date_time_new_from_unix_utc(until);
    g_autofree char *text = g_date_time_format_iso8601(end);
    return capability ? da_http_json(201, json_pack("{s:s, s:s, s:s}", "dossier", row.id,
                                                    "capability", capability, "until", text))
                      : NULL;
}
