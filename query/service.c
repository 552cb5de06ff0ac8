#include <dangan/service.h>

#include "routes.h"

#include <dangan/datadir.h>
#include <dangan/error.h>

#define CONNECTIONS 64
#define DATABASE_CONNECTIONS 12
#define LOGINS 2
#define THUMBNAIL_BYTES ((gsize)48 << 20)
#define TILE_ANSWER_BYTES ((gsize)64 << 20)
#define MANIFEST_BYTES ((gsize)16 << 20)
#define TILE_BYTES_OF_A_MB ((guint64)1 << 20)
#define STOP_SECONDS 10

static void profile_free(gpointer profile)
{
    if (profile != NULL)
        da_profile_free(profile);
}

static void service_free(DaService *service)
{
    if (service->pool != NULL)
        da_pool_free(service->pool);
    da_audit_queue_free(service->audit);
    da_metrics_free(service->metrics);
    if (service->objects != NULL)
        da_object_store_free(service->objects);
    da_cache_free(service->thumbnails);
    da_cache_free(service->manifests);
    da_tiles_free(service->tiles);
    da_tile_answers_free(service->answers);
    da_page_infos_free(service->pages);
    da_slots_clear(&service->decoding);
    da_slots_clear(&service->logins);
    g_hash_table_unref(service->profiles);
    g_mutex_clear(&service->mutex);
    g_free(service->web);
    g_free(service->vendor);
    g_free(service);
}

static DaService *service_new(DaArchive *archive)
{
    DaService *service = g_new0(DaService, 1);
    service->archive = archive;
    service->session_minutes =
        (guint)da_config_integer(da_archive_config(archive), "session-minutes");
    service->web = da_datadir_path("web", NULL);
    service->vendor = da_datadir_path("vendor", NULL);
    service->thumbnails = da_cache_new(THUMBNAIL_BYTES);
    service->manifests = da_cache_new(MANIFEST_BYTES);
    service->pages = da_page_infos_new();
    service->answers = da_tile_answers_new(TILE_ANSWER_BYTES);
    service->audit = da_audit_queue_new(archive);
    service->metrics = da_metrics_new();
    service->profiles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, profile_free);
    g_mutex_init(&service->mutex);
    da_slots_init(&service->decoding, MAX(1, g_get_num_processors()));
    da_slots_init(&service->logins, LOGINS);
    return service;
}

static gboolean check_reading_room(const DaService *service, GError **error)
{
    g_autofree char *index = g_build_filename(service->web, "index.html", NULL);
    g_autofree char *viewer =
        g_build_filename(service->vendor, "openseadragon", "openseadragon.min.js", NULL);
    const char *const needed[] = {index, viewer};
    for (guint i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!g_file_test(needed[i], G_FILE_TEST_IS_REGULAR))
            return da_error_set(error, DA_ERROR_NOT_FOUND,
                                "cannot serve the reading room: there is no '%s'; run "
                                "script/bootstrap, or name the data folder in DANGAN_DATADIR",
                                needed[i]);
    return TRUE;
}

/* What cannot be made without an archive that can be written. */
static gboolean open_images(DaService *service, GError **error)
{
    const char *dir = da_archive_dir(service->archive);
    gint64 megabytes = da_config_integer(da_archive_config(service->archive), "tile-cache-mb");
    service->objects = da_object_store_open(dir, error);
    service->tiles =
        service->objects ? da_tiles_new(dir, (guint64)megabytes * TILE_BYTES_OF_A_MB, error) : NULL;
    return service->tiles && da_capability_key_make(&service->capability_key, error);
}

DaService *da_service_start(DaArchive *archive, const char *listen, GError **error)
{
    DaService *service = service_new(archive);
    service->pool = da_pool_new(archive, DATABASE_CONNECTIONS);
    if (open_images(service, error) && check_reading_room(service, error))
        service->http = da_http_start(listen, CONNECTIONS, da_routes_answer, service, error);
    if (service->http != NULL)
        return service;
    service_free(service);
    return NULL;
}

const char *da_service_address(const DaService *service)
{
    return da_http_address(service->http);
}

void da_service_stop(DaService *service)
{
    da_http_stop(service->http, STOP_SECONDS);
    service_free(service);
}
