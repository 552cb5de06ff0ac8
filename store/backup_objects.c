#include "backup_parts.h"
#include "cursor.h"
#include "object/posix.h"
#include "repair.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Made durable together; killed in between, so much is copied again. */
#define BATCH_OBJECTS 500
#define BATCH_BYTES ((guint64)512 << 20)
#define FAULTS_TOLD 100
#define KEY_MAX_BYTES ((gsize)1 << 20)

typedef struct {
    const char *from, *to;
    DaObjectStore *source, *target;
    DaObjectStage *stage; /* NULL = nothing is in it */
    GPtrArray *staged;    /* char * */
    guint64 staged_bytes;
    DaCursor *cursor;
    DaObjectList *list;
    const PGresult *rows;
    int row;
    const DaObjectEntry *found;
    const DaBackupOptions *options;
    DaBackupResult *result;
} Bring;

static void bring_clear(Bring *bring)
{
    g_clear_pointer(&bring->stage, da_object_stage_free);
    g_clear_pointer(&bring->list, da_object_list_free);
    g_clear_pointer(&bring->source, da_object_store_free);
    g_clear_pointer(&bring->target, da_object_store_free);
    g_clear_pointer(&bring->staged, g_ptr_array_unref);
    g_clear_pointer(&bring->cursor, da_cursor_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bring, bring_clear)

static void fail(Bring *bring, const char *sha256, const char *why)
{
    bring->result->failed++;
    if (bring->result->faults->len < FAULTS_TOLD)
        g_ptr_array_add(bring->result->faults, g_strdup_printf("%s: %s", sha256, why));
    da_progress_line(bring->options->progress, "FAILED %s: %s", sha256, why);
}

/* --- a batch --------------------------------------------------------------------------------------------------------- */

/* From the disk, not from memory: it was made durable, so its pages can be dropped. */
static gboolean check_copy(Bring *bring, const char *sha256, GError **error)
{
    guint64 size = 0;
    DaDigest digest;
    da_autofd int fd = da_object_open(bring->target, sha256, &size, error);
    if (fd < 0)
        return FALSE;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!da_digest_fd(fd, &digest, NULL))
        return da_error_set_errno(error, errno, "cannot read the copy of object '%s'", sha256);
    return g_str_equal(digest.hex, sha256) ||
           da_error_set(error, DA_ERROR_DISK,
                        "object '%s' was copied and reads differently; the disk of '%s' fails",
                        sha256, bring->to);
}

static gboolean commit(Bring *bring, GError **error)
{
    guint64 objects = 0, bytes = 0;
    if (!bring->stage)
        return TRUE;
    if (!da_object_stage_commit(bring->stage, &objects, &bytes, error))
        return FALSE;
    da_fault_point("backup.batch");
    for (guint i = 0; i < bring->staged->len; i++)
        if (!check_copy(bring, bring->staged->pdata[i], error))
            return FALSE;
    bring->result->copied += objects;
    bring->result->copied_bytes += bytes;
    g_clear_pointer(&bring->stage, da_object_stage_free);
    g_ptr_array_set_size(bring->staged, 0);
    bring->staged_bytes = 0;
    return TRUE;
}

static gboolean stage(Bring *bring, const char *sha256, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    if (!bring->stage)
        bring->stage = da_object_stage_begin(bring->target, error);
    if (!bring->stage || !da_object_stage_bytes(bring->stage, data, size, sha256, error))
        return FALSE;
    g_ptr_array_add(bring->staged, g_strdup(sha256));
    bring->staged_bytes += size;
    return (bring->staged->len < BATCH_OBJECTS && bring->staged_bytes < BATCH_BYTES) ||
           commit(bring, error);
}

/* --- one object ------------------------------------------------------------------------------------------------------ */

/* A fault of this object alone is told, and the rest goes on. */
static gboolean copy(Bring *bring, const char *sha256, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) bytes = da_object_read(bring->source, sha256, &problem);
    if (bytes)
        return stage(bring, sha256, bytes, error);
    if (problem->code != DA_ERROR_DISK && problem->code != DA_ERROR_NOT_FOUND &&
        problem->code != DA_ERROR_INPUT) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    fail(bring, sha256, problem->message);
    return TRUE;
}

static gboolean replace(Bring *bring, const char *sha256, GError **error)
{
    DaRepair outcome;
    if (!da_repair(bring->to, bring->from, sha256, &outcome, error))
        return FALSE;
    bring->result->copied += outcome == DA_REPAIR_DONE;
    if (outcome != DA_REPAIR_DONE)
        fail(bring, sha256, "damaged here, and there is no whole one to replace it");
    return TRUE;
}

static gboolean take(Bring *bring, gboolean there, GError **error)
{
    const char *sha256 = da_db_text(bring->rows, bring->row, "sha256");
    guint64 bytes = (guint64)da_db_integer(bring->rows, bring->row, "bytes");
    bring->result->objects++;
    bring->result->bytes += bytes;
    da_progress_add(bring->options->progress, 1);
    if (!there)
        return copy(bring, sha256, error);
    return bring->found->size_bytes == bytes || replace(bring, sha256, error);
}

/* --- all ------------------------------------------------------------------------------------------------------------- */

static gboolean next_row(Bring *bring, GError **error)
{
    return da_cursor_next(bring->cursor, &bring->rows, &bring->row, error);
}

static gboolean next_found(Bring *bring, GError **error)
{
    g_autoptr(GError) problem = NULL;
    do
        bring->found = da_object_list_next(bring->list, &problem);
    while (bring->found && !bring->found->sha256);
    if (!problem)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* Rows and copies are two streams in the order of digests. */
static gboolean step(Bring *bring, GError **error)
{
    const volatile sig_atomic_t *stop = bring->options->stop;
    int order = !bring->rows ? 1
                : !bring->found
                    ? -1
                    : strcmp(da_db_text(bring->rows, bring->row, "sha256"), bring->found->sha256);
    if (stop && *stop)
        return da_error_set(error, DA_ERROR_CANCELLED, "stopped; the same command goes on");
    bring->result->surplus += order > 0;
    return (order > 0 || (take(bring, order == 0, error) && next_row(bring, error))) &&
           (order < 0 || next_found(bring, error));
}

/* What was destroyed goes from the copy as well. */
#define DESTROYED                                                                                  \
    "SELECT DISTINCT sha256 FROM destroyed_object d WHERE NOT EXISTS"                              \
    " (SELECT FROM held_object o WHERE o.sha256 = d.sha256)"

static gboolean remove_destroyed(Bring *bring, PGconn *db, GError **error)
{
    g_autoptr(DaCursor) cursor = da_cursor_open(db, DESTROYED, error);
    const PGresult *rows = NULL;
    int row = 0;
    do {
        g_autoptr(GError) problem = NULL;
        if (!cursor || !da_cursor_next(cursor, &rows, &row, error))
            return FALSE;
        if (rows && da_object_remove(bring->target, da_db_text(rows, row, "sha256"), &problem))
            bring->result->destroyed++;
        if (problem && !g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    } while (rows);
    return TRUE;
}

static gboolean begin(Bring *bring, PGconn *db, GError **error)
{
    g_autoptr(PGresult) n = da_db_query(db, error, "SELECT count(*) AS n FROM held_object", NULL);
    if (!n)
        return FALSE;
    da_progress_total(bring->options->progress, (guint64)da_db_integer(n, 0, "n"));
    bring->source = da_object_store_open(bring->from, error);
    bring->target = bring->source ? da_object_store_open(bring->to, error) : NULL;
    if (!bring->target || !remove_destroyed(bring, db, error))
        return FALSE;
    bring->list = da_object_list_begin(bring->target, NULL, error);
    bring->cursor =
        bring->list
            ? da_cursor_open(db, "SELECT sha256, bytes FROM held_object ORDER BY sha256", error)
            : NULL;
    return bring->cursor && next_row(bring, error) && next_found(bring, error);
}

gboolean da_backup_bring(PGconn *db, const char *from, const char *to,
                         const DaBackupOptions *options, DaBackupResult *result, GError **error)
{
    g_auto(Bring) bring = {.from = from,
                           .to = to,
                           .staged = g_ptr_array_new_with_free_func(g_free),
                           .options = options,
                           .result = result};
    if (!begin(&bring, db, error))
        return FALSE;
    while (bring.rows || bring.found)
        if (!step(&bring, error))
            return FALSE;
    return commit(&bring, error);
}

/* --- settings and keys ----------------------------------------------------------------------------------------------- */

static gboolean bring_file(const char *from, const char *to, const char *name, mode_t mode,
                           GError **error)
{
    g_autofree char *source = g_build_filename(from, name, NULL);
    g_autofree char *target = g_build_filename(to, name, NULL);
    if (!g_file_test(source, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autoptr(GBytes) bytes = da_file_read(source, KEY_MAX_BYTES, error);
    gsize size = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    mode_t before = umask(0777 & ~mode);
    gboolean written = bytes && da_file_write(target, data, size, error);
    umask(before);
    return written;
}

gboolean da_backup_bring_settings(const char *from, const char *to, GError **error)
{
    g_autofree char *source = g_build_filename(from, "keys", NULL);
    g_autofree char *target = g_build_filename(to, "keys", NULL);
    if (!bring_file(from, to, "dangan.conf", 0644, error))
        return FALSE;
    if (!g_file_test(source, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autoptr(GPtrArray) names = da_dir_list(source, error);
    if (!names || !da_dir_make(target, error))
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        mode_t mode = g_str_has_suffix(name, ".pub") ? 0644 : 0600;
        if (!bring_file(source, target, name, mode, error))
            return FALSE;
    }
    return da_dir_sync(to, error);
}
