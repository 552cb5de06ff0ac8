#include "backup_parts.h"
#include "cluster.h"
#include "dump.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/lock.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define KEEP 7
#define DUMPS "database"

typedef struct {
    DaArchive *archive;
    PGconn *db; /* in the snapshot */
    const char *to;
    DaBackupNote note;
    char *snapshot;
} Backup;

static void backup_clear(Backup *backup)
{
    g_clear_pointer(&backup->db, PQfinish);
    g_free(backup->snapshot);
    da_backup_note_clear(&backup->note);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Backup, backup_clear)

void da_backup_result_clear(DaBackupResult *result)
{
    g_clear_pointer(&result->faults, g_ptr_array_unref);
    g_clear_pointer(&result->dump, g_free);
}

/* --- the place ------------------------------------------------------------------------------------------------------- */

static gboolean is_inside(const char *path, const char *folder)
{
    gsize length = strlen(folder);
    return !strncmp(path, folder, length) && (path[length] == '/' || path[length] == '\0');
}

/* What an interrupted backup may have left, and a whole one has. */
static gboolean check_content(const char *to, GError **error)
{
    static const char *const ours[] = {"backup.json", ".backup.json.part", "database", "objects",
                                       "staging",     "keys",              "lock",     "damaged",
                                       "dangan.conf", ".dangan.conf.part", NULL};
    g_autoptr(GPtrArray) names = da_dir_list(to, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *shown = g_filename_display_name(names->pdata[i]);
        if (!g_strv_contains(ours, names->pdata[i]))
            return da_error_set(error, DA_ERROR_CONFLICT,
                                "cannot back up to '%s': it holds '%s'; give a new or empty folder",
                                to, shown);
    }
    return names != NULL;
}

static gboolean make_place(const char *dir, const char *to, GError **error)
{
    g_autofree char *above = g_path_get_dirname(to);
    if (is_inside(to, dir) || is_inside(dir, to))
        return da_error_set(error, DA_ERROR_USAGE,
                            "a backup of '%s' cannot lie in '%s': give a folder on another disk",
                            dir, to);
    if (!da_dir_make(above, error))
        return FALSE;
    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        return da_error_set_errno(error, errno, "cannot make folder '%s'", to);
    if (!check_content(to, error))
        return FALSE;
    static const char *const parts[] = {DUMPS, "objects", "staging"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(to, parts[i], NULL);
        if (!da_dir_make(path, error))
            return FALSE;
    }
    return TRUE;
}

/* --- the snapshot ---------------------------------------------------------------------------------------------------- */

static gboolean take_snapshot(Backup *backup, GError **error)
{
    backup->db = da_archive_connect(backup->archive, error);
    if (!backup->db ||
        !da_db_run(backup->db, error, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL))
        return FALSE;
    g_autoptr(PGresult) rows = da_db_query(
        backup->db, error,
        "SELECT pg_export_snapshot() AS snapshot, to_char(now() AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS made, number, sha256, archive"
        " FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM record ORDER BY number DESC LIMIT 1) AS"
        " last ON true",
        NULL);
    if (!rows)
        return FALSE;
    backup->snapshot = g_strdup(da_db_text(rows, 0, "snapshot"));
    backup->note.made = g_strdup(da_db_text(rows, 0, "made"));
    backup->note.record = (guint64)da_db_integer(rows, 0, "number");
    backup->note.record_sha256 = g_strdup(da_db_text(rows, 0, "sha256"));
    backup->note.archive = g_strdup(da_db_text(rows, 0, "archive"));
    return TRUE;
}

/* A record that the last backup had must still be there: else the archive has lost something, and must not lose it in the backup too. */
static gboolean check_former(const Backup *backup, GError **error)
{
    g_autoptr(GError) none = NULL;
    g_auto(DaBackupNote) former = {0};
    if (!da_backup_note_read(backup->to, &former, &none)) {
        if (g_error_matches(none, DA_ERROR, DA_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&none));
        return FALSE;
    }
    if (former.record == 0)
        return TRUE;
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, former.record);
    g_autoptr(PGresult) same = da_db_query(
        backup->db, error, "SELECT 1 FROM record WHERE number = $1 AND sha256 = $2", number,
        former.record_sha256 ? former.record_sha256 : "", NULL);
    if (!same)
        return FALSE;
    return PQntuples(same) > 0 ||
           da_error_set(error, DA_ERROR_CONFLICT,
                        "the backup in '%s' of %s ends with record %" G_GUINT64_FORMAT
                        ", which this archive has not got: it belongs to another archive, or records "
                        "were lost since; run dangan fsck, or back up to another folder",
                        backup->to, former.made ? former.made : "?", former.record);
}

/* --- the database ---------------------------------------------------------------------------------------------------- */

static gboolean dump(Backup *backup, GError **error)
{
    da_autofd int run = da_cluster_run_folder(da_archive_dir(backup->archive), error);
    g_autofree char *version =
        g_strdup_printf("%d", backup->db ? PQserverVersion(backup->db) / 10000 : 0);
    g_autofree char *name = g_strdelimit(g_strdup(backup->note.made), ":", '-');
    backup->note.dump = g_strdup_printf(DUMPS "/%s.dump", name);
    g_autofree char *path = g_build_filename(backup->to, backup->note.dump, NULL);
    DaDigest digest;
    if (run < 0 || !da_dump_write(run, version, backup->snapshot, path, error) ||
        !da_dump_check(version, path, error) || !da_digest_file(path, &digest, NULL, error))
        return FALSE;
    backup->note.dump_sha256 = g_strdup(digest.hex);
    da_fault_point("backup.dumped");
    return TRUE;
}

/* Names are times: the last are the newest. */
static gboolean remove_old_dumps(const char *to, guint keep, GError **error)
{
    g_autofree char *folder = g_build_filename(to, DUMPS, NULL);
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    for (guint i = 0; names && i + keep < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        if (!da_tree_remove(path, error))
            return FALSE;
    }
    return names != NULL;
}

/* --- the backup ------------------------------------------------------------------------------------------------------ */

static gboolean run(Backup *backup, const DaBackupOptions *options, DaBackupResult *result,
                    GError **error)
{
    const char *dir = da_archive_dir(backup->archive);
    if (!take_snapshot(backup, error) || !check_former(backup, error) || !dump(backup, error) ||
        !da_backup_bring(backup->db, dir, backup->to, options, result, error) ||
        !da_backup_bring_settings(dir, backup->to, error))
        return FALSE;
    backup->note.objects = result->objects;
    backup->note.bytes = result->bytes;
    result->dump = g_strdup(backup->note.dump);
    da_fault_point("backup.copied");
    return da_backup_note_write(backup->to, &backup->note, error) &&
           remove_old_dumps(backup->to, options->keep ? options->keep : KEEP, error);
}

gboolean da_backup(DaArchive *archive, const char *to, const DaBackupOptions *options,
                   DaBackupResult *result, GError **error)
{
    *result = (DaBackupResult){.faults = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *absolute = g_canonicalize_filename(to, NULL);
    g_autofree char *lock_path = g_build_filename(absolute, "lock", NULL);
    if (!make_place(da_archive_dir(archive), absolute, error))
        return FALSE;
    g_autoptr(DaLock) lock = da_lock_take(lock_path, error);
    g_autoptr(PGconn) turns = lock ? da_archive_connect(archive, error) : NULL;
    g_auto(DaTurn) turn = {NULL};
    g_auto(Backup) backup = {.archive = archive, .to = absolute};
    return turns && da_turn_share_objects(&turn, turns, error) &&
           run(&backup, options, result, error);
}
