#include "posix.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define PIECE_BYTES ((gsize)1 << 20)

static DaObjectPosix *posix_of(DaObjectStore *store)
{
    return (DaObjectPosix *)store;
}

DaObjectPlace da_object_posix_place(const char *sha256)
{
    DaObjectPlace place;
    g_snprintf(place.first, sizeof place.first, "%.2s", sha256);
    g_snprintf(place.folder, sizeof place.folder, "%.2s/%.2s", sha256, sha256 + 2);
    g_snprintf(place.path, sizeof place.path, "%s/%s", place.folder, sha256);
    return place;
}

int da_object_posix_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean fail(GError **error, int reason, const char *what, const char *sha256)
{
    return da_error_set_errno(error, reason, "cannot %s object '%s'", what, sha256);
}

static int open_object(DaObjectStore *store, const char *sha256, guint64 *size_bytes,
                       GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    struct stat found;
    da_autofd int fd = openat(posix_of(store)->objects_fd, place.path,
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0) {
        fail(error, errno, "open", sha256);
        return -1;
    }
    if (!S_ISREG(found.st_mode)) {
        da_error_set(error, DA_ERROR_DISK, "object '%s' is damaged: it is no file", sha256);
        return -1;
    }
    if (size_bytes)
        *size_bytes = (guint64)found.st_size;
    int opened = fd;
    fd = -1;
    return opened;
}

static gboolean size_of(DaObjectStore *store, const char *sha256, guint64 *size_bytes,
                        GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    struct stat found;
    if (fstatat(posix_of(store)->objects_fd, place.path, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(error, errno, "look at", sha256);
    if (!S_ISREG(found.st_mode))
        return da_error_set(error, DA_ERROR_DISK, "object '%s' is damaged: it is no file", sha256);
    *size_bytes = (guint64)found.st_size;
    return TRUE;
}

static gboolean stream(DaObjectStore *store, const char *sha256, DaObjectSink sink, gpointer data,
                       GError **error)
{
    guint64 size = 0;
    da_autofd int fd = open_object(store, sha256, &size, error);
    if (fd < 0)
        return FALSE;
    gsize room = (gsize)CLAMP(size, 1, PIECE_BYTES);
    g_autofree char *piece = g_malloc(room);
    for (;;) {
        ssize_t n = read(fd, piece, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(error, errno, "read", sha256);
        if (n == 0)
            return TRUE;
        if (!sink(piece, (gsize)n, data, error))
            return FALSE;
    }
}

static gboolean place_at(DaObjectStore *store, const char *sha256, const char *path, GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    g_autofree char *from = g_build_filename(posix_of(store)->objects, place.path, NULL);
    return da_file_link_or_copy(from, path, error);
}

/* --- removing -------------------------------------------------------------------------------------------------------- */

static gboolean remove_object(DaObjectStore *store, const char *sha256, GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    da_autofd int folder = da_object_posix_folder(posix_of(store)->objects_fd, place.folder);
    if (folder < 0 || unlinkat(folder, sha256, 0) != 0)
        return fail(error, errno, "remove", sha256);
    return fsync(folder) == 0 || fail(error, errno, "remove", sha256);
}

/* --- the store ------------------------------------------------------------------------------------------------------- */

static void free_store(DaObjectStore *store)
{
    DaObjectPosix *posix = posix_of(store);
    da_fd_clear(&posix->objects_fd);
    da_fd_clear(&posix->staging_fd);
    g_free(posix->objects);
    g_free(posix->staging);
    g_free(posix);
}

static const DaObjectBackend backend = {
    .free = free_store,
    .stage_begin = da_object_posix_stage_begin,
    .stage_file = da_object_posix_stage_file,
    .stage_bytes = da_object_posix_stage_bytes,
    .stage_commit = da_object_posix_stage_commit,
    .stage_free = da_object_posix_stage_free,
    .size = size_of,
    .open = open_object,
    .stream = stream,
    .place_at = place_at,
    .list_begin = da_object_posix_list_begin,
    .list_next = da_object_posix_list_next,
    .list_free = da_object_posix_list_free,
    .remove = remove_object,
};

DaObjectStore *da_object_posix_open(const char *dir, GError **error)
{
    DaObjectPosix *posix = g_new0(DaObjectPosix, 1);
    posix->store.backend = &backend;
    posix->objects = g_build_filename(dir, "objects", NULL);
    posix->staging = g_build_filename(dir, "staging", NULL);
    posix->objects_fd = open(posix->objects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int reason = errno;
    posix->staging_fd = open(posix->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (posix->objects_fd >= 0 && posix->staging_fd >= 0)
        return &posix->store;
    da_error_set_errno(error, posix->objects_fd < 0 ? reason : errno,
                       "cannot open the objects of archive '%s'", dir);
    free_store(&posix->store);
    return NULL;
}
