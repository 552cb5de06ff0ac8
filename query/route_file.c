#include "routes.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <string.h>
#include <sys/stat.h>

#define VENDOR "/vendor/"

static const struct {
    const char *extension, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
};

static const char *type_of(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(path, types[i].extension))
            return types[i].type;
    return NULL;
}

/* The path of a request is safe below a folder (http_request.c). */
static char *place_of(const DaService *service, const char *path)
{
    if (strcmp(path, "/") == 0)
        return g_build_filename(service->web, "index.html", NULL);
    if (g_str_has_prefix(path, VENDOR))
        return g_build_filename(service->vendor, path + strlen(VENDOR), NULL);
    return g_build_filename(service->web, path + 1, NULL);
}

static char *tag_of(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return g_strdup("\"0\"");
    return g_strdup_printf("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x\"",
                           (gint64)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec,
                           (gint64)status.st_size);
}

DaHttpResponse *da_route_file(DaCall *call, GError **error)
{
    g_autofree char *place = place_of(call->service, call->request->path);
    const char *type = type_of(place);
    guint64 size = 0;
    da_autofd int fd = type == NULL ? -1 : da_file_open(place, &size, NULL);
    if (fd < 0) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such address");
        return NULL;
    }
    g_autofree char *tag = tag_of(fd);
    DaHttpResponse *response = NULL;
    if (g_strcmp0(da_http_header(call->request, "If-None-Match"), tag) == 0) {
        response = da_http_empty(304);
    } else {
        response = da_http_file(type, fd, size);
        fd = -1;
    }
    da_http_add(response, "Cache-Control", "no-cache");
    return da_http_add(response, "ETag", tag);
}
