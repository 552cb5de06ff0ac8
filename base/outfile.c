#include "place.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/outfile.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct DaOutFile {
    DaPlace place;
    char *path;
    int fd;
    guint64 size_bytes;
    gboolean replace, committed;
};

static gboolean refuse_existing(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
}

DaOutFile *da_outfile_new(const char *path, gboolean replace, GError **error)
{
    g_auto(DaPlace) place = {.dir = -1};
    struct stat found;
    if (!da_place_open(&place, path, error))
        return NULL;
    if (!replace && fstatat(place.dir, place.name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
        refuse_existing(path, error);
        return NULL;
    }
    if (unlinkat(place.dir, place.part, 0) != 0 && errno != ENOENT) {
        da_place_fail(error, errno, "begin", path);
        return NULL;
    }
    int fd =
        openat(place.dir, place.part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        da_place_fail(error, errno, "begin", path);
        return NULL;
    }
    DaOutFile *file = g_new0(DaOutFile, 1);
    file->place = place;
    place = (DaPlace){.dir = -1};
    file->path = g_strdup(path);
    file->fd = fd;
    file->replace = replace;
    return file;
}

int da_outfile_fd(const DaOutFile *file)
{
    return file->fd;
}

gboolean da_outfile_write(DaOutFile *file, const void *data, gsize size, GError **error)
{
    const char *next = data;
    while (size > 0) {
        gssize written = write(file->fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return da_place_fail(error, errno, "write", file->path);
        next += written;
        size -= (gsize)written;
        file->size_bytes += (guint64)written;
    }
    return TRUE;
}

guint64 da_outfile_size(const DaOutFile *file)
{
    return file->size_bytes;
}

gboolean da_outfile_commit(DaOutFile *file, GError **error)
{
    const DaPlace *place = &file->place;
    if (fsync(file->fd) != 0 || !da_fd_close(&file->fd))
        return da_place_fail(error, errno, "make durable", file->path);
    unsigned flags = file->replace ? 0 : RENAME_NOREPLACE;
    if (renameat2(place->dir, place->part, place->dir, place->name, flags) != 0)
        return errno == EEXIST ? refuse_existing(file->path, error)
                               : da_place_fail(error, errno, "put in place", file->path);
    file->committed = TRUE;
    return fsync(place->dir) == 0 || da_place_fail(error, errno, "sync the folder of", file->path);
}

void da_outfile_free(DaOutFile *file)
{
    if (!file)
        return;
    da_fd_clear(&file->fd);
    if (!file->committed)
        unlinkat(file->place.dir, file->place.part, 0);
    da_place_clear(&file->place);
    g_free(file->path);
    g_free(file);
}
