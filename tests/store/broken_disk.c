#include "broken_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gint failing = BROKEN_NONE, reason, lasting, passages, struck; /* atomic */

void broken_disk_begin(BrokenCall call, guint nth, int failure, gboolean lasts)
{
    g_atomic_int_set(&passages, (gint)nth);
    g_atomic_int_set(&reason, failure);
    g_atomic_int_set(&lasting, lasts);
    g_atomic_int_set(&struck, FALSE);
    g_atomic_int_set(&failing, (gint)call);
}

gboolean broken_disk_end(void)
{
    g_atomic_int_set(&failing, BROKEN_NONE);
    return g_atomic_int_get(&struck);
}

const char *broken_disk_name(BrokenCall call)
{
    static const char *const names[BROKEN_N] = {"none",  "create", "read",   "write",
                                                "close", "mode",   "folder", "rename",
                                                "sync",  "remove", "short"};
    return names[call];
}

/* TRUE with errno when this call is to fail. */
static gboolean fails(BrokenCall call)
{
    if (g_atomic_int_get(&failing) != (gint)call)
        return FALSE;
    gint left = g_atomic_int_add(&passages, -1) - 1;
    if (left > 0 || (left < 0 && !g_atomic_int_get(&lasting)))
        return FALSE;
    g_atomic_int_set(&struck, TRUE);
    errno = g_atomic_int_get(&reason);
    return TRUE;
}

static gboolean is_file(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

static size_t shortened(size_t size)
{
    if (g_atomic_int_get(&failing) != BROKEN_SHORT || size < 2)
        return size;
    g_atomic_int_set(&struck, TRUE);
    return size / 2;
}

/* --- in place of the C library's ------------------------------------------------------------------------------------- */

#define WRAP(type, name, parameters, call, arguments)                                              \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(call) ? -1 : __real_##name arguments;                                         \
    }

WRAP(int, fchmod, (int fd, mode_t mode), BROKEN_MODE, (fd, mode))
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode), BROKEN_FOLDER, (dir, name, mode))
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     BROKEN_RENAME, (a, from, b, to, flags))
WRAP(int, fsync, (int fd), BROKEN_SYNC, (fd))
WRAP(int, syncfs, (int fd), BROKEN_SYNC, (fd))
WRAP(int, unlinkat, (int dir, const char *name, int flags), BROKEN_REMOVE, (dir, name, flags))

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __real_openat64(int dir, const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *path, int flags, mode_t mode);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

/* `mode` is whatever lies there when the caller gave none; then nobody looks at it. */
int __wrap_open64(const char *path, int flags, mode_t mode)
{
    return flags & O_CREAT && fails(BROKEN_CREATE) ? -1 : __real_open64(path, flags, mode);
}

int __wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
    return flags & O_CREAT && fails(BROKEN_CREATE) ? -1 : __real_openat64(dir, path, flags, mode);
}

int __wrap_close(int fd)
{
    gboolean counts = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY && is_file(fd);
    int closed = __real_close(fd);
    return counts && fails(BROKEN_CLOSE) ? -1 : closed;
}

ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
    gboolean counts = is_file(fd);
    if (counts && fails(BROKEN_READ))
        return -1;
    return __real_read(fd, buffer, counts ? shortened(size) : size);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    gboolean counts = is_file(fd);
    if (counts && fails(BROKEN_WRITE))
        return -1;
    return __real_write(fd, data, counts ? shortened(size) : size);
}
