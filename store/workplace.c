#include "workplace.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

struct DaWorkplace {
    char *path;
    int fd; /* locked as long as it is in use */
};

/* Sweeping holds the same gate: between its making and its locking a folder would look like nobody's. */
static gboolean make(DaWorkplace *place, const char *staging)
{
    da_autofd int gate = open(staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (gate < 0 || flock(gate, LOCK_EX) != 0 || mkdir(place->path, 0700) != 0)
        return FALSE;
    place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return place->fd >= 0 && flock(place->fd, LOCK_EX) == 0;
}

DaWorkplace *da_workplace_new(const char *dir, GError **error)
{
    g_autoptr(DaWorkplace) place = g_new0(DaWorkplace, 1);
    g_autofree char *staging = g_build_filename(dir, "staging", NULL);
    g_autofree char *name = g_uuid_string_random();
    place->path = g_build_filename(staging, name, NULL);
    place->fd = -1;
    if (make(place, staging))
        return g_steal_pointer(&place);
    da_error_set_errno(error, errno, "cannot make folder '%s'", place->path);
    return NULL;
}

const char *da_workplace_path(const DaWorkplace *place)
{
    return place->path;
}

void da_workplace_free(DaWorkplace *place)
{
    if (!place)
        return;
    if (place->fd >= 0)
        da_tree_remove(place->path, NULL);
    da_fd_clear(&place->fd);
    g_free(place->path);
    g_free(place);
}
