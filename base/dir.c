#include "place.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

gboolean da_dir_make(const char *path, GError **error)
{
    if (g_mkdir_with_parents(path, 0755) == 0)
        return TRUE;
    int reason = errno;
    if (reason != EEXIST && reason != ENOTDIR)
        return da_place_fail(error, reason, "make folder", path);
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set(
        error, DA_ERROR_CONFLICT,
        "cannot make folder '%s': a file has this name or that of a folder above it", shown);
}

gboolean da_dir_sync(const char *path, GError **error)
{
    da_autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (fd >= 0 && fsync(fd) == 0) || da_place_fail(error, errno, "sync folder", path);
}

/* All names of an open folder; takes the descriptor. NULL with errno. */
static GPtrArray *names_in(int fd)
{
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int reason = errno;
        close(fd);
        errno = reason;
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    errno = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
        errno = 0; /* tells the end from a failure */
    }
    int reason = errno;
    closedir(dir);
    errno = reason;
    return reason == 0 ? g_steal_pointer(&names) : NULL;
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
    return da_name_compare(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *da_dir_list(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(GPtrArray) names = fd < 0 ? NULL : names_in(fd);
    if (names == NULL) {
        da_place_fail(error, errno, "list folder", path);
        return NULL;
    }
    g_ptr_array_sort(names, compare_entries);
    return g_steal_pointer(&names);
}

static gboolean remove_at(int parent, const char *name);

static gboolean empty_dir(int parent, const char *name)
{
    da_autofd int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int listed = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    g_autoptr(GPtrArray) names = listed < 0 ? NULL : names_in(listed);
    if (names == NULL)
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        if (!remove_at(fd, names->pdata[i]))
            return FALSE;
    }
    return TRUE;
}

/* FALSE with errno. A name that is gone is success. */
static gboolean remove_at(int parent, const char *name)
{
    /* A folder answers EISDIR, on some file systems EPERM; the folder's own failure then says which it was. */
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return TRUE;
    int reason = errno;
    if (reason != EISDIR && reason != EPERM)
        return FALSE;
    if (!empty_dir(parent, name)) {
        if (errno == ENOTDIR)
            errno = reason;
        return FALSE;
    }
    return unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

gboolean da_tree_remove(const char *path, GError **error)
{
    g_autofree char *plain = g_strdup(path);
    for (gsize length = strlen(plain); length > 1 && plain[length - 1] == '/'; length--)
        plain[length - 1] = '\0'; /* "link/" would be what it points to */
    return remove_at(AT_FDCWD, plain) || da_place_fail(error, errno, "remove", path);
}

static gboolean copy_below(const char *from, const char *to, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(from, error);
    if (names == NULL || !da_dir_make(to, error))
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *source = g_build_filename(from, names->pdata[i], NULL);
        g_autofree char *target = g_build_filename(to, names->pdata[i], NULL);
        if (!da_tree_copy(source, target, error))
            return FALSE;
    }
    return TRUE;
}

gboolean da_tree_copy(const char *from, const char *to, GError **error)
{
    struct stat found;
    if (lstat(from, &found) != 0)
        return da_place_fail(error, errno, "look at", from);
    if (S_ISDIR(found.st_mode))
        return copy_below(from, to, error);
    if (S_ISREG(found.st_mode))
        return da_file_copy(from, to, error);
    g_autofree char *shown = g_filename_display_name(from);
    return da_error_set(error, DA_ERROR_INPUT, "cannot copy '%s': it is no file and no folder",
                        shown);
}
