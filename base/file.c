#include "place.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static int open_regular(const char *path, struct stat *found, GError **error)
{
    da_autofd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno != ENXIO) { /* ENXIO: a socket */
        da_place_fail(error, errno, "open", path);
        return -1;
    }
    if (fd >= 0 && fstat(fd, found) != 0) {
        da_place_fail(error, errno, "look at", path);
        return -1;
    }
    if (fd < 0 || !S_ISREG(found->st_mode)) {
        g_autofree char *shown = g_filename_display_name(path);
        da_error_set(error, DA_ERROR_INPUT, "cannot open '%s': it is not a regular file", shown);
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

int da_file_open(const char *path, guint64 *size_bytes, GError **error)
{
    struct stat found;
    int fd = open_regular(path, &found, error);
    if (fd >= 0 && size_bytes != NULL)
        *size_bytes = (guint64)found.st_size;
    return fd;
}

/* Fills `buffer` as far as the file goes; -1 with errno. */
static gssize read_full(int fd, char *buffer, gsize wanted)
{
    gsize got = 0;
    while (got < wanted) {
        ssize_t n = read(fd, buffer + got, wanted - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (gsize)n;
    }
    return (gssize)got;
}

static GBytes *refuse_size(const char *path, gsize max_bytes, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    da_error_set(error, DA_ERROR_LIMIT,
                 "cannot read '%s': it is larger than %" G_GSIZE_FORMAT " bytes", shown, max_bytes);
    return NULL;
}

GBytes *da_file_read(const char *path, gsize max_bytes, GError **error)
{
    guint64 size = 0;
    da_autofd int fd = da_file_open(path, &size, error);
    if (fd < 0)
        return NULL;
    if (size > max_bytes || size >= G_MAXSSIZE)
        return refuse_size(path, max_bytes, error);
    /* One byte more than the file has shows that it grew meanwhile: then it is not the file that was looked at. */
    g_autofree char *buffer = g_try_malloc(size + 1);
    gssize got = buffer == NULL ? -1 : read_full(fd, buffer, size + 1);
    if (got < 0) {
        da_place_fail(error, buffer == NULL ? ENOMEM : errno, "read", path);
        return NULL;
    }
    if ((guint64)got > size) {
        g_autofree char *shown = g_filename_display_name(path);
        da_error_set(error, DA_ERROR_INPUT, "cannot read '%s': it grew while it was read", shown);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&buffer), (gsize)got);
}

static gboolean write_full(int fd, const char *data, gsize size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        size -= (gsize)n;
    }
    return TRUE;
}

/* Opens and locks the place's part, emptied. Another writer may have renamed it away while we waited for the lock: then what
 * we hold is the final file, and must not be touched. */
static int open_part(const DaPlace *place)
{
    for (;;) {
        da_autofd int fd = openat(place->dir, place->part,
                                  O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
        struct stat held, named;
        if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &held) != 0)
            return -1;
        if (fstatat(place->dir, place->part, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
            held.st_ino != named.st_ino)
            continue;
        if (ftruncate(fd, 0) != 0)
            return -1;
        int opened = fd;
        fd = -1;
        return opened;
    }
}

static gboolean keep_mode(const DaPlace *place, int fd)
{
    struct stat old;
    if (fstatat(place->dir, place->name, &old, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT;
    return !S_ISREG(old.st_mode) || fchmod(fd, old.st_mode & 07777) == 0;
}

static gboolean write_part(const DaPlace *place, int *fd, const void *data, gsize size)
{
    /* The rename comes before the close: the lock is on the descriptor. All that close could report, fsync has. */
    return keep_mode(place, *fd) && write_full(*fd, data, size) && fsync(*fd) == 0 &&
           renameat(place->dir, place->part, place->dir, place->name) == 0 && da_fd_close(fd);
}

gboolean da_file_write(const char *path, const void *data, gsize size, GError **error)
{
    g_auto(DaPlace) place = {.dir = -1};
    if (!da_place_open(&place, path, error))
        return FALSE;
    da_autofd int fd = open_part(&place);
    if (fd < 0)
        return da_place_fail(error, errno, "write", path);
    if (!write_part(&place, &fd, data, size)) {
        int reason = errno;
        if (fd >= 0)
            unlinkat(place.dir, place.part, 0);
        return da_place_fail(error, reason, "write", path);
    }
    return fsync(place.dir) == 0 || da_place_fail(error, errno, "sync the folder of", path);
}

/* Shares the blocks where the file system can, else lets the kernel copy. FALSE with errno. */
static gboolean copy_content(int from, int to)
{
    if (ioctl(to, FICLONE, from) == 0)
        return TRUE;
    for (;;) {
        ssize_t n = sendfile(to, from, NULL, G_MAXINT32);
        if (n == 0)
            return TRUE;
        if (n < 0 && errno != EINTR)
            return FALSE;
    }
}

static gboolean conflict(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
}

gboolean da_file_copy(const char *from, const char *to, GError **error)
{
    da_autofd int in = da_file_open(from, NULL, error);
    if (in < 0)
        return FALSE;
    da_autofd int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (out < 0)
        return errno == EEXIST ? conflict(to, error) : da_place_fail(error, errno, "make", to);
    if (copy_content(in, out) && da_fd_close(&out))
        return TRUE;
    int reason = errno;
    unlink(to);
    return da_place_fail(error, reason, "write", to);
}

gboolean da_file_link_or_copy(const char *from, const char *to, GError **error)
{
    da_autofd int in = da_file_open(from, NULL, error);
    if (in < 0)
        return FALSE;
    if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0)
        return TRUE;
    switch (errno) {
    case EEXIST:
        return conflict(to, error);
    case EXDEV:  /* another file system */
    case EPERM:  /* no links here, or protected_hardlinks */
    case EMLINK: /* too many names */
    case EOPNOTSUPP:
        return da_file_copy(from, to, error);
    default:
        return da_place_fail(error, errno, "make", to);
    }
}
