#include "place.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/lock.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

/* A killed holder's workers have inherited the lock and die a moment after it. */
#define DYING_MS 3000
#define DYING_STEP_MS 20

struct DaLock {
    int fd;
};

static pid_t read_holder(int fd)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static gboolean holder_is_dead(int fd)
{
    pid_t holder = read_holder(fd);
    return holder > 0 && kill(holder, 0) != 0 && errno == ESRCH;
}

/* FALSE with errno. */
static gboolean lock_file(int fd)
{
    for (int waited_ms = 0;; waited_ms += DYING_STEP_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TRUE;
        if (errno != EWOULDBLOCK)
            return FALSE;
        if (waited_ms >= DYING_MS || !holder_is_dead(fd)) {
            errno = EWOULDBLOCK;
            return FALSE;
        }
        g_usleep(DYING_STEP_MS * 1000);
    }
}

/* The number serves only the message of the next who wants the lock. */
static gboolean write_holder(int fd)
{
    char text[32];
    int length = g_snprintf(text, sizeof text, "%d\n", (int)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (gsize)length, 0) == length;
}

static DaLock *refuse(int fd, const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    da_error_set(error, DA_ERROR_CONFLICT, "'%s' is held by process %d; wait until it has ended",
                 shown, (int)read_holder(fd));
    return NULL;
}

DaLock *da_lock_take(const char *path, GError **error)
{
    da_autofd int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    if (fd < 0) {
        da_place_fail(error, errno, "open lock", path);
        return NULL;
    }
    if (!lock_file(fd)) {
        if (errno == EWOULDBLOCK)
            return refuse(fd, path, error);
        da_place_fail(error, errno, "lock", path);
        return NULL;
    }
    errno = ENOSPC; /* a short write sets none */
    if (!write_holder(fd)) {
        da_place_fail(error, errno, "write lock", path);
        return NULL;
    }
    DaLock *lock = g_new0(DaLock, 1);
    lock->fd = fd;
    fd = -1;
    return lock;
}

void da_lock_free(DaLock *lock)
{
    if (lock == NULL)
        return;
    close(lock->fd);
    g_free(lock);
}
