#include "routes.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/image.h>
#include <dangan/text.h>
#include <string.h>

#define MASTER_QUALITY 85u
#define PAGE_ID_MAX 128
/* Long enough for a sitting; the images go with the session anyway (Clear-Site-Data). */
#define KEPT_BY_THE_READER "private, max-age=3600, immutable"

/* Digest and type of one of the files of a page; DA_ERROR_NOT_FOUND names neither page nor person. `action` is what the audit calls it; NULL =
 * nothing can be read from it. */
static gboolean find_file(DaCall *call, const char *action, const char *digest_column,
                          const char *type_column, char **sha256, char **type, GError **error)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT district, dossier, %s AS sha256, %s AS type FROM page WHERE id = $1", digest_column,
        type_column);
    g_autoptr(PGresult) found = NULL;
    if (strlen(call->argument) <= PAGE_ID_MAX) {
        found = da_db_query(call->db, error, sql, call->argument, NULL);
        if (found == NULL)
            return FALSE;
    }
    if (found == NULL || PQntuples(found) == 0 || da_db_text(found, 0, "sha256") == NULL)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such page");
    *sha256 = g_strdup(da_db_text(found, 0, "sha256"));
    *type = g_strdup(da_db_text(found, 0, "type"));
    return !action || da_route_audit(call, action, da_db_text(found, 0, "district"),
                                     da_db_text(found, 0, "dossier"), call->argument, error);
}

static char *tag_of(const char *sha256, const char *derivative)
{
    return g_strdup_printf("\"%s%s\"", sha256, derivative);
}

DaHttpResponse *da_route_tagged(DaHttpResponse *response, const char *tag)
{
    da_http_add(response, "Cache-Control", KEPT_BY_THE_READER);
    return da_http_add(response, "ETag", tag);
}

DaHttpResponse *da_route_unchanged(const DaCall *call, const char *tag)
{
    const char *has = da_http_header(call->request, "If-None-Match");
    return g_strcmp0(has, tag) == 0 ? da_route_tagged(da_http_empty(304), tag) : NULL;
}

DaHttpResponse *da_route_decode_busy(void)
{
    return da_route_busy("too many images are being decoded at this moment; try again");
}

static const char *shown_type(const char *type)
{
    static const char *const known[] = {"image/jpeg", "image/png"};
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_strcmp0(type, known[i]) == 0)
            return known[i];
    return NULL;
}

static DaHttpResponse *as_stored(DaCall *call, const char *sha256, const char *type,
                                 const char *tag, GError **error)
{
    guint64 size = 0;
    int fd = da_object_open(call->service->objects, sha256, &size, error);
    return fd < 0 ? NULL : da_route_tagged(da_http_file(type, fd, size), tag);
}

static GBytes *decode_to_jpeg(DaCall *call, const char *sha256, GError **error)
{
    g_autoptr(GBytes) stored = da_object_read(call->service->objects, sha256, error);
    g_autoptr(Pix) pix = stored == NULL ? NULL : da_image_decode(stored, error);
    return pix == NULL ? NULL : da_image_encode_jpeg(pix, MASTER_QUALITY, error);
}

static DaHttpResponse *decoded(DaCall *call, const char *sha256, const char *tag, GError **error)
{
    if (!da_slots_take(&call->service->decoding, DA_DECODE_WAIT_MS))
        return da_route_decode_busy();
    GBytes *jpeg = decode_to_jpeg(call, sha256, error);
    da_slots_give(&call->service->decoding);
    return jpeg == NULL ? NULL : da_route_tagged(da_http_bytes(200, "image/jpeg", jpeg), tag);
}

static DaHttpResponse *image(DaCall *call, const char *action, const char *digest_column,
                             const char *type_column, GError **error)
{
    g_autofree char *sha256 = NULL, *type = NULL;
    if (!find_file(call, action, digest_column, type_column, &sha256, &type, error))
        return NULL;
    const char *shown = shown_type(type);
    g_autofree char *tag = tag_of(sha256, shown == NULL ? "-jpeg" : "");
    DaHttpResponse *known = da_route_unchanged(call, tag);
    if (known != NULL)
        return known;
    return shown == NULL ? decoded(call, sha256, tag, error)
                         : as_stored(call, sha256, shown, tag, error);
}

DaHttpResponse *da_route_access(DaCall *call, GError **error)
{
    return image(call, "image", "access_sha256", "access_type", error);
}

DaHttpResponse *da_route_master(DaCall *call, GError **error)
{
    return image(call, "master", "master_sha256", "master_type", error);
}

static GBytes *make_thumbnail(DaCall *call, const char *sha256, GError **error)
{
    g_autoptr(GBytes) stored = da_object_read(call->service->objects, sha256, error);
    GBytes *jpeg = stored == NULL ? NULL : da_thumbnail_make(stored, error);
    if (jpeg != NULL)
        da_cache_put(call->service->thumbnails, sha256, jpeg);
    return jpeg;
}

DaHttpResponse *da_route_thumbnail(DaCall *call, GError **error)
{
    g_autofree char *sha256 = NULL, *type = NULL;
    if (!find_file(call, NULL, "COALESCE(access_sha256, master_sha256)", "''", &sha256, &type,
                   error))
        return NULL;
    g_autofree char *tag = tag_of(sha256, "-thumbnail");
    DaHttpResponse *known = da_route_unchanged(call, tag);
    if (known != NULL)
        return known;
    GBytes *jpeg = da_cache_get(call->service->thumbnails, sha256);
    if (jpeg == NULL) {
        if (!da_slots_take(&call->service->decoding, DA_DECODE_WAIT_MS))
            return da_route_decode_busy();
        jpeg = make_thumbnail(call, sha256, error);
        da_slots_give(&call->service->decoding);
    }
    return jpeg == NULL ? NULL : da_route_tagged(da_http_bytes(200, "image/jpeg", jpeg), tag);
}

DaHttpResponse *da_route_text(DaCall *call, GError **error)
{
    g_autofree char *sha256 = NULL, *type = NULL;
    if (!find_file(call, "text", "ocr_sha256", "ocr_type", &sha256, &type, error))
        return NULL;
    g_autofree char *tag = tag_of(sha256, "-json");
    DaHttpResponse *known = da_route_unchanged(call, tag);
    if (known != NULL)
        return known;
    g_autoptr(GBytes) alto = da_object_read(call->service->objects, sha256, error);
    g_autoptr(DaPageText) text = alto == NULL ? NULL : da_page_text_from_alto(alto, error);
    return text == NULL ? NULL
                        : da_route_tagged(da_http_json(200, da_page_text_to_json(text)), tag);
}
