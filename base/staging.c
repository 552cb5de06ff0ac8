#include "place.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/staging.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct DaStaging {
    DaPlace place;
    char *final_path;
    char *path;
    gboolean committed;
};

DaStaging *da_staging_new(const char *final_path, GError **error)
{
    g_auto(DaPlace) place = {.dir = -1};
    if (!da_place_open(&place, final_path, error))
        return NULL;
    g_autofree char *path = g_build_filename(place.folder, place.part, NULL);
    if (!da_tree_remove(path, error))
        return NULL;
    if (mkdirat(place.dir, place.part, 0755) != 0) {
        da_place_fail(error, errno, "make folder", path);
        return NULL;
    }
    DaStaging *staging = g_new0(DaStaging, 1);
    staging->place = place;
    place = (DaPlace){.dir = -1};
    staging->final_path = g_strdup(final_path);
    staging->path = g_steal_pointer(&path);
    return staging;
}

const char *da_staging_path(const DaStaging *staging)
{
    return staging->path;
}

static gboolean make_durable(const DaStaging *staging, GError **error)
{
    da_autofd int fd = openat(staging->place.dir, staging->place.part,
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return (fd >= 0 && syncfs(fd) == 0) ||
           da_place_fail(error, errno, "make durable", staging->final_path);
}

static gboolean move(const DaPlace *place, unsigned flags)
{
    return renameat2(place->dir, place->part, place->dir, place->name, flags) == 0;
}

static gboolean put_in_place(const DaStaging *staging, gboolean replace, GError **error)
{
    if (replace && move(&staging->place, RENAME_EXCHANGE))
        return TRUE;
    if (replace && errno != ENOENT)
        return da_place_fail(error, errno, "replace", staging->final_path);
    if (move(&staging->place, RENAME_NOREPLACE))
        return TRUE;
    if (errno != EEXIST)
        return da_place_fail(error, errno, "put in place", staging->final_path);
    g_autofree char *shown = g_filename_display_name(staging->final_path);
    return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
}

gboolean da_staging_commit(DaStaging *staging, gboolean replace, GError **error)
{
    if (!make_durable(staging, error) || !put_in_place(staging, replace, error))
        return FALSE;
    staging->committed = TRUE;
    if (fsync(staging->place.dir) != 0)
        return da_place_fail(error, errno, "sync the folder of", staging->final_path);
    /* What was exchanged out has our old name now. The new folder stands; should this not succeed, the next staging of the
     * same name tries again. */
    if (replace)
        da_tree_remove(staging->path, NULL);
    return TRUE;
}

void da_staging_free(DaStaging *staging)
{
    if (staging == NULL)
        return;
    if (!staging->committed)
        da_tree_remove(staging->path, NULL);
    da_place_clear(&staging->place);
    g_free(staging->final_path);
    g_free(staging->path);
    g_free(staging);
}
