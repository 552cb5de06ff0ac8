#include "posix.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define PIECE_BYTES ((gsize)256 << 10)

/* A folder staging/<uuid>, locked as long as its process lives. */
typedef struct {
    DaObjectStage stage;
    DaObjectPosix *posix; /* borrowed */
    char *name, *path;
    int fd;
    GArray *fresh; /* Fresh: what lies in the stage */
} Stage;

typedef struct {
    char sha256[DA_DIGEST_HEX + 1];
    guint64 size_bytes;
} Fresh;

/* Whatever fails in the archive's own folders is the machine's failure: the next deposit would meet it as well. `tried` is "cannot …". */
static gboolean fail(GError **error, int reason, const char *tried, const char *what)
{
    gboolean denied = reason == EACCES || reason == EPERM || reason == EROFS;
    da_error_set_errno(error, reason, "%s '%s'%s", tried, what,
                       denied ? " (the archive's folders must be writable for who runs this)" : "");
    if (error)
        (*error)->code = DA_ERROR_DISK;
    return FALSE;
}

/* --- begin and end --------------------------------------------------------------------------------------------------- */

/* Nobody's: whoever made it is dead. */
static void sweep(DaObjectPosix *posix)
{
    g_autoptr(GPtrArray) names = da_dir_list(posix->staging, NULL);
    for (guint i = 0; names && i < names->len; i++) {
        da_autofd int fd = da_object_posix_folder(posix->staging_fd, names->pdata[i]);
        g_autofree char *path = g_build_filename(posix->staging, names->pdata[i], NULL);
        if (fd < 0 ? errno == ENOTDIR : flock(fd, LOCK_EX | LOCK_NB) == 0)
            da_tree_remove(path, NULL);
    }
}

static gboolean make_folder(Stage *stage, GError **error)
{
    /* One at a time: between its making and its locking a folder would look like nobody's. */
    da_autofd int gate = open(stage->posix->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (gate >= 0 && flock(gate, LOCK_EX) == 0) {
        sweep(stage->posix);
        if (mkdirat(stage->posix->staging_fd, stage->name, 0755) == 0)
            stage->fd = da_object_posix_folder(stage->posix->staging_fd, stage->name);
        if (stage->fd >= 0 && flock(stage->fd, LOCK_EX) == 0)
            return TRUE;
    }
    return fail(error, errno, "cannot make folder", stage->path);
}

DaObjectStage *da_object_posix_stage_begin(DaObjectStore *store, GError **error)
{
    Stage *stage = g_new0(Stage, 1);
    stage->posix = (DaObjectPosix *)store;
    stage->fd = -1;
    stage->name = g_uuid_string_random();
    stage->path = g_build_filename(stage->posix->staging, stage->name, NULL);
    stage->fresh = g_array_new(FALSE, FALSE, sizeof(Fresh));
    if (make_folder(stage, error))
        return &stage->stage;
    da_object_posix_stage_free(&stage->stage);
    return NULL;
}

void da_object_posix_stage_free(DaObjectStage *base)
{
    Stage *stage = (Stage *)base;
    if (stage->fd >= 0)
        da_tree_remove(stage->path, NULL);
    da_fd_clear(&stage->fd);
    g_array_unref(stage->fresh);
    g_free(stage->name);
    g_free(stage->path);
    g_free(stage);
}

/* --- filling --------------------------------------------------------------------------------------------------------- */

static void remember(Stage *stage, const char *sha256, guint64 size_bytes)
{
    Fresh fresh = {.size_bytes = size_bytes};
    g_strlcpy(fresh.sha256, sha256, sizeof fresh.sha256);
    g_mutex_lock(&stage->stage.lock);
    g_array_append_val(stage->fresh, fresh);
    g_mutex_unlock(&stage->stage.lock);
}

static gboolean fail_to_store(GError **error, const char *sha256)
{
    return fail(error, errno, "cannot store object", sha256);
}

static gboolean write_all(int fd, const char *data, gsize size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return FALSE;
        data += MAX(n, 0);
        size -= (gsize)MAX(n, 0);
    }
    return TRUE;
}

static gboolean make_in(int objects, const char *folder)
{
    return mkdirat(objects, folder, 0755) == 0 || errno == EEXIST;
}

/* Read-only from the beginning: nobody but who holds this descriptor ever writes it. Its place is made ready as well, so that the
 * threads share that work too: while an archive is young, nearly every object needs two new folders. */
static int make_file(Stage *stage, const char *sha256)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    int objects = stage->posix->objects_fd;
    if (!make_in(objects, place.first) || !make_in(objects, place.folder))
        return -1;
    return openat(stage->fd, sha256, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
}

/* The disk may begin with it; the commit waits for it. */
static void begin_writing(int fd)
{
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static gboolean seal(Stage *stage, int *fd, const char *sha256, guint64 size, GError **error)
{
    begin_writing(*fd);
    /* The umask may have taken bits away. */
    if (fchmod(*fd, 0444) != 0 || !da_fd_close(fd))
        return fail_to_store(error, sha256);
    remember(stage, sha256, size);
    da_fault_point("deposit.copied");
    return TRUE;
}

typedef struct {
    DaDigest digest;
    guint64 size;
} Copied;

/* Reads once: what is digested is what is written. `to` is -1 when the bytes are there already. FALSE with errno. */
static gboolean copy_and_digest(int from, int to, Copied *copied)
{
    g_autoptr(DaDigesting) digesting = da_digesting_new();
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    for (ssize_t n = 1; n != 0;) {
        n = read(from, piece, PIECE_BYTES);
        if (n < 0 && errno != EINTR)
            return FALSE;
        if (n <= 0)
            continue;
        da_digesting_add(digesting, piece, (gsize)n);
        copied->size += (guint64)n;
        if (to >= 0 && !write_all(to, piece, (gsize)n))
            return FALSE;
        da_fault_point("deposit.copying");
    }
    copied->digest = da_digesting_end(digesting);
    return TRUE;
}

/* Shared blocks part as soon as either file is written to; a hard link would let whoever has the package change the object. */
static gboolean fill(int from, int to, Copied *copied)
{
    return ioctl(to, FICLONE, from) == 0 ? copy_and_digest(to, -1, copied)
                                         : copy_and_digest(from, to, copied);
}

static gboolean bring(Stage *stage, int from, const char *path, const char *sha256, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    Copied copied = {0};
    da_autofd int to = make_file(stage, sha256);
    if (to < 0)
        return fail_to_store(error, sha256);
    if (!fill(from, to, &copied))
        return fail(error, errno, "cannot copy into the archive", shown);
    return da_object_is_recorded(shown, sha256, &copied.digest, error) &&
           seal(stage, &to, sha256, copied.size, error);
}

gboolean da_object_posix_stage_file(DaObjectStage *base, const char *path, const char *sha256,
                                    GError **error)
{
    Stage *stage = (Stage *)base;
    da_autofd int from = da_file_open(path, NULL, error);
    if (from >= 0 && bring(stage, from, path, sha256, error))
        return TRUE;
    unlinkat(stage->fd, sha256, 0);
    return FALSE;
}

static gboolean bring_bytes(Stage *stage, const void *data, gsize size, const char *sha256,
                            GError **error)
{
    da_autofd int to = make_file(stage, sha256);
    if (to < 0 || !write_all(to, data, size))
        return fail_to_store(error, sha256);
    return seal(stage, &to, sha256, size, error);
}

gboolean da_object_posix_stage_bytes(DaObjectStage *base, const void *data, gsize size,
                                     const char *sha256, GError **error)
{
    Stage *stage = (Stage *)base;
    if (bring_bytes(stage, data, size, sha256, error))
        return TRUE;
    unlinkat(stage->fd, sha256, 0);
    return FALSE;
}

/* --- commit ---------------------------------------------------------------------------------------------------------- */

/* Where another deposit was faster, its file stays: it has the same bytes. */
static gboolean move(Stage *stage, const char *sha256, const char *path, gboolean *moved)
{
    int objects = stage->posix->objects_fd;
    *moved = renameat2(stage->fd, sha256, objects, path, RENAME_NOREPLACE) == 0;
    if (!*moved && errno == EINVAL) /* file systems that do not know the flag */
        *moved = renameat(stage->fd, sha256, objects, path) == 0;
    return *moved || errno == EEXIST;
}

static gboolean put_in_place(Stage *stage, const char *sha256, gboolean *moved, GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    if (!move(stage, sha256, place.path, moved))
        return fail(error, errno, "cannot put in place object", sha256);
    da_fault_point("deposit.renaming");
    return TRUE;
}

/* Everything on this file system: files and names in one go, also those of objects that were there already (who put them may
 * have died before it synced). A dossier's objects lie in as many folders as there are objects; to sync each of them
 * takes many times longer. */
static gboolean make_durable(int fd, const char *path, GError **error)
{
    return syncfs(fd) == 0 || fail(error, errno, "cannot make durable what lies in", path);
}

gboolean da_object_posix_stage_commit(DaObjectStage *base, guint64 *new_objects, guint64 *new_bytes,
                                      GError **error)
{
    Stage *stage = (Stage *)base;
    if (!make_durable(stage->fd, stage->path, error))
        return FALSE;
    da_fault_point("deposit.synced");
    for (guint i = 0; i < stage->fresh->len; i++) {
        const Fresh *fresh = &g_array_index(stage->fresh, Fresh, i);
        gboolean moved = FALSE;
        if (!put_in_place(stage, fresh->sha256, &moved, error))
            return FALSE;
        *new_objects += moved;
        *new_bytes += moved ? fresh->size_bytes : 0;
    }
    da_fault_point("deposit.named");
    if (!make_durable(stage->posix->objects_fd, stage->posix->objects, error))
        return FALSE;
    da_fault_point("deposit.renamed");
    return TRUE;
}
