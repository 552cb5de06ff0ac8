#include "posix.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LEVELS 3 /* objects/, ab/, cd/ */
#define WRITABLE (S_IWUSR | S_IWGRP | S_IWOTH)

/* A folder that is being walked: its names in the order of their bytes, and the next of them. Below objects/ab/cd/ lie some sixteen
 * names for every million objects, so that one folder of each level is little. */
typedef struct {
    GPtrArray *names;
    guint next;
    char *path; /* relative to objects/; "" at the top */
} Level;

typedef struct {
    DaObjectList list;
    DaObjectPosix *posix;          /* borrowed */
    char after[DA_DIGEST_HEX + 1]; /* "" = from the first */
    Level level[LEVELS];
    guint depth; /* levels open */
    char *where;
    DaObjectEntry entry;
} Walk;

static void close_level(Walk *walk)
{
    Level *level = &walk->level[--walk->depth];
    g_clear_pointer(&level->names, g_ptr_array_unref);
    g_clear_pointer(&level->path, g_free);
}

static gint compare_bytes(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean open_level(Walk *walk, const char *path, GError **error)
{
    g_autofree char *place = g_build_filename(walk->posix->objects, path, NULL);
    GPtrArray *names = da_dir_list(place, error);
    if (!names)
        return FALSE;
    g_ptr_array_sort(names, compare_bytes);
    walk->level[walk->depth++] = (Level){names, 0, g_strdup(path)};
    return TRUE;
}

DaObjectList *da_object_posix_list_begin(DaObjectStore *store, const char *after, GError **error)
{
    Walk *walk = g_new0(Walk, 1);
    walk->posix = (DaObjectPosix *)store;
    g_strlcpy(walk->after, after ? after : "", sizeof walk->after);
    if (open_level(walk, "", error))
        return &walk->list;
    da_object_posix_list_free(&walk->list);
    return NULL;
}

void da_object_posix_list_free(DaObjectList *list)
{
    Walk *walk = (Walk *)list;
    while (walk->depth > 0)
        close_level(walk);
    g_free(walk->where);
    g_free(walk);
}

/* A folder of two digits: the one at this depth of the way to a digest. */
static gboolean is_folder_name(const char *name)
{
    return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

/* All below it was listed before. */
static gboolean is_behind(const Walk *walk, const char *name)
{
    const char *part = walk->after + 2 * (walk->depth - 1);
    if (!*walk->after)
        return FALSE;
    if (walk->depth == LEVELS)
        return strcmp(name, walk->after) <= 0;
    /* The folders above it are those of `after`, or none of them was behind. */
    const char *above = walk->level[walk->depth - 1].path;
    gboolean on_the_way = walk->depth == 1 || strncmp(above, walk->after, 2) == 0;
    return on_the_way && strncmp(name, part, 2) < 0;
}

static gboolean lies_in_place(const Walk *walk, const char *name)
{
    const char *folder = walk->level[LEVELS - 1].path;
    return walk->depth == LEVELS && da_digest_is_valid(name) &&
           g_str_equal(da_object_posix_place(name).folder, folder);
}

static const char *kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? "a file"
           : S_ISLNK(mode) ? "a link"
           : S_ISDIR(mode) ? "a folder"
                           : "a device, FIFO or socket";
}

static gint64 time_of(const struct timespec *time)
{
    return (gint64)time->tv_sec * G_USEC_PER_SEC + time->tv_nsec / 1000;
}

static const DaObjectEntry *give(Walk *walk, const char *name, const char *path,
                                 const struct stat *found)
{
    g_free(walk->where);
    walk->where = g_build_filename("objects", path, NULL);
    gboolean is_object = S_ISREG(found->st_mode) && lies_in_place(walk, name);
    walk->entry =
        (DaObjectEntry){.sha256 = is_object ? name : NULL,
                        .where = walk->where,
                        .size_bytes = (guint64)found->st_size,
                        .since_us = MAX(time_of(&found->st_mtim), time_of(&found->st_ctim)),
                        .writable = (found->st_mode & WRITABLE) != 0,
                        .what = kind_of(found->st_mode)};
    return &walk->entry;
}

const DaObjectEntry *da_object_posix_list_next(DaObjectList *list, GError **error)
{
    Walk *walk = (Walk *)list;
    while (walk->depth > 0) {
        Level *level = &walk->level[walk->depth - 1];
        if (level->next == level->names->len) {
            close_level(walk);
            continue;
        }
        const char *name = level->names->pdata[level->next++];
        g_autofree char *path =
            *level->path ? g_build_filename(level->path, name, NULL) : g_strdup(name);
        struct stat found;
        if (is_behind(walk, name))
            continue;
        if (fstatat(walk->posix->objects_fd, path, &found, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) /* it went meanwhile */
                continue;
            da_error_set_errno(error, errno, "cannot look at 'objects/%s'", path);
            return NULL;
        }
        if (!S_ISDIR(found.st_mode) || walk->depth == LEVELS || !is_folder_name(name))
            return give(walk, name, path, &found);
        if (!open_level(walk, path, error))
            return NULL;
    }
    return NULL;
}
