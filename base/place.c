#include "place.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

gboolean da_place_fail(GError **error, int errnum, const char *verb, const char *path)
{
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set_errno(error, errnum, "cannot %s '%s'", verb, shown);
}

gboolean da_place_open(DaPlace *place, const char *path, GError **error)
{
    *place = (DaPlace){.dir = -1};
    g_autofree char *plain = g_strdup(path);
    for (gsize length = strlen(plain); length > 1 && plain[length - 1] == '/'; length--)
        plain[length - 1] = '\0';
    g_autofree char *folder = g_path_get_dirname(plain);
    g_autofree char *name = g_path_get_basename(plain);
    if (*plain == '\0' || strcmp(name, "/") == 0 || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return da_error_set(error, DA_ERROR_USAGE, "'%s' is not a name for a file or folder", path);
    place->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->dir < 0)
        return da_place_fail(error, errno, "open folder", folder);
    place->part = g_strdup_printf(".%s.part", name);
    place->folder = g_steal_pointer(&folder);
    place->name = g_steal_pointer(&name);
    return TRUE;
}

void da_place_clear(DaPlace *place)
{
    da_fd_clear(&place->dir);
    g_clear_pointer(&place->folder, g_free);
    g_clear_pointer(&place->name, g_free);
    g_clear_pointer(&place->part, g_free);
}
