#include "fixity_read.h"

#include "object/posix.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct DaReaders {
    int objects;
    GThreadPool *pool;
    GAsyncQueue *done;
    gint called_off;
};

/* Damage is what only this object has. */
static DaReadOutcome judge(int reason)
{
    switch (reason) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP: /* a link in its place */
    case EISDIR:
    case ENXIO:
        return DA_READ_MISSING;
    case EIO:
    case EUCLEAN:
    case EBADMSG: /* the file system's own checksum */
        return DA_READ_DAMAGED;
    default:
        return DA_READ_FAILED;
    }
}

/* Only a regular file is opened for reading; -1 with errno. */
static int open_object(const DaReaders *readers, const char *sha256)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    struct stat found;
    da_autofd int fd = openat(readers->objects, place.path,
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0)
        return -1;
    if (!S_ISREG(found.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

/* Its pages leave the cache afterwards: the next check reads the disk again, and a round through all does not push out what people look at. */
static void read_object(const DaReaders *readers, DaReading *reading)
{
    da_autofd int fd = open_object(readers, reading->sha256);
    if (fd >= 0)
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (fd < 0 || !da_digest_fd(fd, &reading->found, &reading->bytes)) {
        reading->reason = errno;
        reading->outcome = judge(reading->reason);
        return;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    gboolean whole = g_str_equal(reading->found.hex, reading->sha256);
    reading->outcome = whole ? DA_READ_WHOLE : DA_READ_DAMAGED;
}

static void work(gpointer data, gpointer user_data)
{
    DaReading *reading = data;
    DaReaders *readers = user_data;
    if (g_atomic_int_get(&readers->called_off))
        reading->outcome = DA_READ_LEFT_OUT;
    else
        read_object(readers, reading);
    g_async_queue_push(readers->done, reading);
}

DaReaders *da_readers_new(const char *objects, guint jobs, GError **error)
{
    g_autoptr(DaReaders) readers = g_new0(DaReaders, 1);
    g_autoptr(GError) problem = NULL;
    readers->done = g_async_queue_new_full(g_free);
    readers->objects = open(objects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readers->objects < 0) {
        da_error_set_errno(error, errno, "cannot open '%s'", objects);
        return NULL;
    }
    readers->pool = g_thread_pool_new(work, readers, (int)jobs, TRUE, &problem);
    if (!readers->pool) {
        da_error_set(error, DA_ERROR_SYSTEM, "cannot make threads: %s", problem->message);
        return NULL;
    }
    return g_steal_pointer(&readers);
}

void da_readers_add(DaReaders *readers, DaReading *reading)
{
    g_thread_pool_push(readers->pool, reading, NULL);
}

DaReading *da_readers_next(DaReaders *readers)
{
    return g_async_queue_pop(readers->done);
}

void da_readers_call_off(DaReaders *readers)
{
    g_atomic_int_set(&readers->called_off, TRUE);
}

void da_readers_free(DaReaders *readers)
{
    if (!readers)
        return;
    da_readers_call_off(readers);
    if (readers->pool)
        g_thread_pool_free(readers->pool, FALSE, TRUE);
    g_async_queue_unref(readers->done);
    da_fd_clear(&readers->objects);
    g_free(readers);
}
