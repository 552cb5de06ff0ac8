#include "object_walk.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define LEVELS 3 /* objects/, ab/, cd/ */

typedef struct {
    int fd;
    GPtrArray *names; /* sorted by bytes */
    guint next;
    char path[2 * NAME_MAX]; /* "", "ab/", "ab/cd/" */
} Level;

struct DaObjectWalk {
    char *objects;
    Level level[LEVELS];
    guint depth; /* levels that are open */
    DaFound found;
};

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NULL with errno. */
static GPtrArray *list(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir)
        return NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    errno = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
        errno = 0; /* tells the end from a failure */
    }
    int reason = errno;
    closedir(dir);
    g_ptr_array_sort(names, compare_names);
    errno = reason;
    return reason == 0 ? g_steal_pointer(&names) : NULL;
}

static gboolean fail(const DaObjectWalk *walk, const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set_errno(error, errno, "cannot look through '%s/%s'", walk->objects, shown);
}

/* Takes the descriptor. */
static gboolean enter(DaObjectWalk *walk, int fd, const char *path, GError **error)
{
    Level *level = &walk->level[walk->depth++];
    level->fd = fd;
    level->next = 0;
    g_strlcpy(level->path, path, sizeof level->path);
    level->names = fd < 0 ? NULL : list(fd);
    return level->names || fail(walk, path, error);
}

static void leave(DaObjectWalk *walk)
{
    Level *level = &walk->level[--walk->depth];
    g_clear_pointer(&level->names, g_ptr_array_unref);
    da_fd_clear(&level->fd);
}

DaObjectWalk *da_object_walk_new(const char *objects, GError **error)
{
    g_autoptr(DaObjectWalk) walk = g_new0(DaObjectWalk, 1);
    walk->objects = g_strdup(objects);
    int fd = open(objects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return enter(walk, fd, "", error) ? g_steal_pointer(&walk) : NULL;
}

void da_object_walk_free(DaObjectWalk *walk)
{
    if (!walk)
        return;
    while (walk->depth > 0)
        leave(walk);
    g_free(walk->objects);
    g_free(walk);
}

static gboolean is_folder_name(const char *name)
{
    return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

static gboolean is_in_its_place(const char *path, const char *name)
{
    return da_digest_is_valid(name) && strlen(path) == 6 && !strncmp(path, name, 2) &&
           !strncmp(path + 3, name + 2, 2);
}

static void set_found(DaObjectWalk *walk, const Level *level, const char *name)
{
    DaFound *found = &walk->found;
    g_snprintf(found->path, sizeof found->path, "%s%s", level->path, name);
    gboolean object = S_ISREG(found->stat.st_mode) && is_in_its_place(level->path, name);
    found->kind = object ? DA_FOUND_OBJECT : DA_FOUND_FOREIGN;
    found->sha256 = object ? found->path + strlen(level->path) : NULL;
}

/* Goes down into a folder of the layout; anything else is found. `*any` = there is something to give. */
static gboolean look_at(DaObjectWalk *walk, const char *name, gboolean *any, GError **error)
{
    const Level *level = &walk->level[walk->depth - 1];
    char below[2 * NAME_MAX];
    g_snprintf(below, sizeof below, "%s%s/", level->path, name);
    if (fstatat(level->fd, name, &walk->found.stat, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || fail(walk, below, error); /* swept while we look */
    if (S_ISDIR(walk->found.stat.st_mode) && is_folder_name(name) && walk->depth < LEVELS)
        return enter(walk,
                     openat(level->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                     below, error);
    set_found(walk, level, name);
    *any = TRUE;
    return TRUE;
}

gboolean da_object_walk_next(DaObjectWalk *walk, const DaFound **found, GError **error)
{
    gboolean any = FALSE;
    while (walk->depth > 0 && !any) {
        Level *level = &walk->level[walk->depth - 1];
        if (level->next >= level->names->len)
            leave(walk);
        else if (!look_at(walk, level->names->pdata[level->next++], &any, error))
            return FALSE;
    }
    *found = any ? &walk->found : NULL;
    return TRUE;
}
