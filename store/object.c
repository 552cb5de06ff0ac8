#include <dangan/object.h>

#include "object_place.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

DaObjectStore *da_object_store_open(const char *dir, GError **error)
{
    g_autoptr(DaObjectStore) store = g_new0(DaObjectStore, 1);
    store->objects_fd = store->staging_fd = -1;
    store->objects = g_build_filename(dir, "objects", NULL);
    store->staging = g_build_filename(dir, "staging", NULL);
    store->objects_fd = open(store->objects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    store->staging_fd = open(store->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->objects_fd >= 0 && store->staging_fd >= 0)
        return g_steal_pointer(&store);
    da_error_set_errno(error, errno, "cannot open the objects of archive '%s'", dir);
    return NULL;
}

void da_object_store_free(DaObjectStore *store)
{
    if (!store)
        return;
    da_fd_clear(&store->objects_fd);
    da_fd_clear(&store->staging_fd);
    g_free(store->objects);
    g_free(store->staging);
    g_free(store);
}

DaObjectPlace da_object_place(const char *sha256)
{
    DaObjectPlace place;
    g_snprintf(place.first, sizeof place.first, "%.2s", sha256);
    g_snprintf(place.folder, sizeof place.folder, "%.2s/%.2s", sha256, sha256 + 2);
    g_snprintf(place.path, sizeof place.path, "%s/%s", place.folder, sha256);
    return place;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

gboolean da_object_has(DaObjectStore *store, const char *sha256)
{
    if (!da_digest_is_valid(sha256))
        return FALSE;
    DaObjectPlace place = da_object_place(sha256);
    struct stat found;
    return fstatat(store->objects_fd, place.path, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(found.st_mode);
}

int da_object_open(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error)
{
    if (!da_digest_is_valid(sha256)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "there is no object '%s': this is no digest",
                     sha256);
        return -1;
    }
    DaObjectPlace place = da_object_place(sha256);
    struct stat found;
    da_autofd int fd =
        openat(store->objects_fd, place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0) {
        da_error_set_errno(error, errno, "cannot open object '%s'", sha256);
        return -1;
    }
    if (size_bytes)
        *size_bytes = (guint64)found.st_size;
    int opened = fd;
    fd = -1;
    return opened;
}

GBytes *da_object_read(DaObjectStore *store, const char *sha256, GError **error)
{
    da_autofd int fd = da_object_open(store, sha256, NULL, error);
    if (fd < 0)
        return NULL;
    DaObjectPlace place = da_object_place(sha256);
    g_autofree char *path = g_build_filename(store->objects, place.path, NULL);
    g_autoptr(GBytes) bytes = da_file_read(path, DA_OBJECT_MAX_BYTES, error);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    DaDigest digest = da_digest_bytes(data, size);
    if (g_str_equal(digest.hex, sha256))
        return g_steal_pointer(&bytes);
    da_error_set(error, DA_ERROR_DISK,
                 "object '%s' is damaged: its digest is now %s; bring it back from a copy", sha256,
                 digest.hex);
    return NULL;
}
