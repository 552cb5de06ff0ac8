#include "object_place.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* A stage is a folder staging/<uuid>, locked as long as its process lives. */
struct DaObjectStage {
    DaObjectStore *store; /* borrowed */
    char *name, *path;
    int fd;
    GHashTable *objects; /* sha256 → size (guint64 *), all that were asked for */
    GPtrArray *fresh;    /* sha256 of those that lie in the stage */
};

/* --- begin and end --------------------------------------------------------------------------------------------------- */

static int open_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Nobody's: whoever made it is dead. */
static void sweep(DaObjectStore *store)
{
    g_autoptr(GPtrArray) names = da_dir_list(store->staging, NULL);
    for (guint i = 0; names && i < names->len; i++) {
        da_autofd int fd = open_folder(store->staging_fd, names->pdata[i]);
        g_autofree char *path = g_build_filename(store->staging, names->pdata[i], NULL);
        if (fd < 0 ? errno == ENOTDIR : flock(fd, LOCK_EX | LOCK_NB) == 0)
            da_tree_remove(path, NULL);
    }
}

static gboolean make_folder(DaObjectStage *stage, GError **error)
{
    /* One at a time: between its making and its locking a folder would look like nobody's. */
    da_autofd int gate = open(stage->store->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (gate >= 0 && flock(gate, LOCK_EX) == 0) {
        sweep(stage->store);
        if (mkdirat(stage->store->staging_fd, stage->name, 0755) == 0)
            stage->fd = open_folder(stage->store->staging_fd, stage->name);
        if (stage->fd >= 0 && flock(stage->fd, LOCK_EX) == 0)
            return TRUE;
    }
    return da_error_set_errno(error, errno, "cannot make folder '%s'", stage->path);
}

DaObjectStage *da_object_stage_begin(DaObjectStore *store, GError **error)
{
    g_autoptr(DaObjectStage) stage = g_new0(DaObjectStage, 1);
    stage->store = store;
    stage->fd = -1;
    stage->name = g_uuid_string_random();
    stage->path = g_build_filename(store->staging, stage->name, NULL);
    stage->objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    stage->fresh = g_ptr_array_new_with_free_func(g_free);
    return make_folder(stage, error) ? g_steal_pointer(&stage) : NULL;
}

void da_object_stage_free(DaObjectStage *stage)
{
    if (!stage)
        return;
    if (stage->fd >= 0)
        da_tree_remove(stage->path, NULL);
    da_fd_clear(&stage->fd);
    g_hash_table_unref(stage->objects);
    g_ptr_array_unref(stage->fresh);
    g_free(stage->name);
    g_free(stage->path);
    g_free(stage);
}

/* --- filling --------------------------------------------------------------------------------------------------------- */

static void remember(DaObjectStage *stage, const char *sha256, guint64 size, gboolean fresh)
{
    guint64 *kept = g_new(guint64, 1);
    *kept = size;
    g_hash_table_insert(stage->objects, g_strdup(sha256), kept);
    if (fresh)
        g_ptr_array_add(stage->fresh, g_strdup(sha256));
}

static gboolean check(const char *what, const char *wanted, const DaDigest *found, GError **error)
{
    return g_str_equal(wanted, found->hex) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "'%s' is not the file that was recorded: digest %s, recorded %s", what,
                        found->hex, wanted);
}

/* An object that is there is trusted no more than a new one: the deposit will say that these bytes are kept. */
static gboolean check_kept(DaObjectStage *stage, const char *sha256, GError **error)
{
    DaObjectPlace place = da_object_place(sha256);
    g_autofree char *path = g_build_filename(stage->store->objects, place.path, NULL);
    DaDigest digest;
    guint64 size = 0;
    if (!da_digest_file(path, &digest, &size, error))
        return FALSE;
    if (!g_str_equal(digest.hex, sha256))
        return da_error_set(
            error, DA_ERROR_DISK,
            "object '%s' is damaged: its digest is now %s; bring it back from a copy", sha256,
            digest.hex);
    remember(stage, sha256, size, FALSE);
    return TRUE;
}

static gboolean seal(DaObjectStage *stage, const char *path, const char *sha256, GError **error)
{
    struct stat found;
    if (chmod(path, 0444) != 0 || stat(path, &found) != 0)
        return da_error_set_errno(error, errno, "cannot store object '%s'", sha256);
    remember(stage, sha256, (guint64)found.st_size, TRUE);
    return TRUE;
}

static gboolean is_asked_for(DaObjectStage *stage, const char *sha256)
{
    g_assert(da_digest_is_valid(sha256));
    return g_hash_table_contains(stage->objects, sha256);
}

gboolean da_object_stage_file(DaObjectStage *stage, const char *path, const char *sha256,
                              GError **error)
{
    DaDigest digest;
    g_autofree char *shown = g_filename_display_name(path);
    if (is_asked_for(stage, sha256) || da_object_has(stage->store, sha256))
        return da_digest_file(path, &digest, NULL, error) && check(shown, sha256, &digest, error) &&
               (is_asked_for(stage, sha256) || check_kept(stage, sha256, error));
    g_autofree char *place = g_build_filename(stage->path, sha256, NULL);
    /* The copy is what is kept, so the copy is what is looked at. */
    return da_file_copy(path, place, error) && da_digest_file(place, &digest, NULL, error) &&
           check(shown, sha256, &digest, error) && seal(stage, place, sha256, error);
}

static gboolean write_new(const char *path, const void *data, gsize size)
{
    da_autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    const char *rest = data;
    while (fd >= 0 && size > 0) {
        ssize_t n = write(fd, rest, size);
        if (n < 0 && errno != EINTR)
            return FALSE;
        rest += MAX(n, 0);
        size -= (gsize)MAX(n, 0);
    }
    return fd >= 0 && da_fd_close(&fd);
}

gboolean da_object_stage_bytes(DaObjectStage *stage, const void *data, gsize size,
                               const char *sha256, GError **error)
{
    DaDigest digest = da_digest_bytes(data, size);
    if (!check("an object", sha256, &digest, error))
        return FALSE;
    if (is_asked_for(stage, sha256))
        return TRUE;
    if (da_object_has(stage->store, sha256))
        return check_kept(stage, sha256, error);
    g_autofree char *place = g_build_filename(stage->path, sha256, NULL);
    if (!write_new(place, data, size))
        return da_error_set_errno(error, errno, "cannot store object '%s'", sha256);
    return seal(stage, place, sha256, error);
}

/* --- commit ---------------------------------------------------------------------------------------------------------- */

static gboolean fail(GError **error, const char *sha256)
{
    return da_error_set_errno(error, errno, "cannot put object '%s' in place", sha256);
}

/* mkdir that marks the parent as changed when it made something. */
static gboolean make_in(int objects, const char *folder, const char *parent, GHashTable *touched)
{
    if (mkdirat(objects, folder, 0755) != 0)
        return errno == EEXIST;
    g_hash_table_add(touched, g_strdup(parent));
    return TRUE;
}

/* Where another deposit was faster, its file stays: it has the same bytes. */
static gboolean move(DaObjectStage *stage, const char *sha256, const char *path, gboolean *moved)
{
    int objects = stage->store->objects_fd;
    *moved = renameat2(stage->fd, sha256, objects, path, RENAME_NOREPLACE) == 0;
    if (!*moved && errno == EINVAL) /* file systems that do not know the flag */
        *moved = renameat(stage->fd, sha256, objects, path) == 0;
    return *moved || errno == EEXIST;
}

static gboolean put_in_place(DaObjectStage *stage, const char *sha256, GHashTable *touched,
                             gboolean *moved, GError **error)
{
    DaObjectPlace place = da_object_place(sha256);
    int objects = stage->store->objects_fd;
    if (!make_in(objects, place.first, ".", touched) ||
        !make_in(objects, place.folder, place.first, touched) ||
        !move(stage, sha256, place.path, moved))
        return fail(error, sha256);
    da_fault_point("deposit.renaming");
    return TRUE;
}

static gboolean sync_folders(DaObjectStore *store, GHashTable *touched, GError **error)
{
    GHashTableIter iter;
    gpointer folder;
    g_hash_table_iter_init(&iter, touched);
    while (g_hash_table_iter_next(&iter, &folder, NULL)) {
        da_autofd int fd = open_folder(store->objects_fd, folder);
        if (fd < 0 || fsync(fd) != 0)
            return da_error_set_errno(error, errno, "cannot sync folder '%s/%s'", store->objects,
                                      (const char *)folder);
    }
    return TRUE;
}

/* The folders of all objects, also of those that were there: who put them may have died before it synced. */
static GHashTable *folders_of(DaObjectStage *stage)
{
    GHashTable *touched = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer sha256;
    g_hash_table_iter_init(&iter, stage->objects);
    while (g_hash_table_iter_next(&iter, &sha256, NULL))
        g_hash_table_add(touched, g_strdup(da_object_place(sha256).folder));
    return touched;
}

gboolean da_object_stage_commit(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes,
                                GError **error)
{
    guint64 objects = 0, bytes = 0;
    if (syncfs(stage->fd) != 0)
        return da_error_set_errno(error, errno, "cannot make '%s' durable", stage->path);
    da_fault_point("deposit.synced");
    g_autoptr(GHashTable) touched = folders_of(stage);
    for (guint i = 0; i < stage->fresh->len; i++) {
        const char *sha256 = stage->fresh->pdata[i];
        gboolean moved = FALSE;
        if (!put_in_place(stage, sha256, touched, &moved, error))
            return FALSE;
        objects += moved;
        bytes += moved ? *(guint64 *)g_hash_table_lookup(stage->objects, sha256) : 0;
    }
    if (!sync_folders(stage->store, touched, error))
        return FALSE;
    da_fault_point("deposit.renamed");
    if (new_objects)
        *new_objects = objects;
    if (new_bytes)
        *new_bytes = bytes;
    return TRUE;
}
