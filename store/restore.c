#include "archive_unfinished.h"
#include "backup_parts.h"
#include "cluster.h"
#include "dump.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --- the place ------------------------------------------------------------------------------------------------------- */

static gboolean make_place(const char *from, const char *dir, GError **error)
{
    g_autofree char *above = g_path_get_dirname(dir);
    g_autofree char *command = g_strdup_printf("dangan archive restore '%s' '%s'", from, dir);
    if (da_archive_is_unfinished(dir, "restore"))
        return TRUE;
    g_autoptr(GPtrArray) names =
        g_file_test(dir, G_FILE_TEST_EXISTS) ? da_dir_list(dir, error) : g_ptr_array_new();
    if (!names)
        return FALSE;
    if (names->len > 0)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "cannot restore to '%s': it is not empty; give a new folder", dir);
    if (!da_dir_make(above, error))
        return FALSE;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return da_error_set_errno(error, errno, "cannot make folder '%s'", dir);
    return da_archive_unfinished(dir, "restore", command, error);
}

/* --- the database ---------------------------------------------------------------------------------------------------- */

static gboolean check_dump(const char *path, const DaBackupNote *note, GError **error)
{
    DaDigest digest;
    return da_digest_file(path, &digest, NULL, error) &&
           (g_str_equal(digest.hex, note->dump_sha256) ||
            da_error_set(error, DA_ERROR_DISK,
                         "'%s' is damaged: its digest is not the one that backup.json names; "
                         "restore from another backup",
                         path));
}

/* An empty database in place of the one that `archive init` makes: roles, which belong to the cluster, are there from then on. */
static gboolean empty_database(int run, GError **error)
{
    g_autoptr(PGconn) db = da_cluster_connect(run, "postgres", DA_CLUSTER_OWNER, error);
    return db &&
           da_db_run(db, error, "DROP DATABASE IF EXISTS " DA_CLUSTER_DATABASE " WITH (FORCE)",
                     NULL) &&
           da_cluster_make_database(run, error);
}

static gboolean fill_database(const char *from, const char *dir, const DaBackupNote *note,
                              GError **error)
{
    g_autofree char *path = g_build_filename(from, note->dump, NULL);
    da_autofd int run = da_cluster_run_folder(dir, error);
    if (run < 0 || !check_dump(path, note, error) || !empty_database(run, error))
        return FALSE;
    g_autoptr(PGconn) db = da_cluster_connect(run, DA_CLUSTER_DATABASE, DA_CLUSTER_OWNER, error);
    g_autofree char *version = g_strdup_printf("%d", db ? PQserverVersion(db) / 10000 : 0);
    da_fault_point("restore.database");
    return db && da_dump_read(run, version, path, error);
}

/* --- the objects ----------------------------------------------------------------------------------------------------- */

static gboolean bring_objects(const DaArchive *archive, const char *from,
                              const DaBackupOptions *options, DaBackupResult *result,
                              GError **error)
{
    g_autoptr(PGconn) db = da_archive_connect(archive, error);
    g_autoptr(DaTransaction) transaction = db ? da_transaction_begin(db, error) : NULL;
    return transaction &&
           da_backup_bring(db, from, da_archive_dir(archive), options, result, error);
}

static gboolean restore(const char *from, const char *dir, const DaBackupNote *note,
                        const DaBackupOptions *options, DaBackupResult *result, GError **error)
{
    result->dump = g_strdup(note->dump);
    g_autoptr(DaArchive) archive = da_archive_make(dir, error);
    if (!archive || !fill_database(from, dir, note, error) ||
        !bring_objects(archive, from, options, result, error))
        return FALSE;
    da_fault_point("restore.objects");
    return da_backup_bring_settings(from, dir, error) && da_archive_finished(dir, error);
}

gboolean da_restore(const char *from, const char *dir, const DaBackupOptions *options,
                    DaBackupResult *result, GError **error)
{
    *result = (DaBackupResult){.faults = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *source = g_canonicalize_filename(from, NULL);
    g_autofree char *target = g_canonicalize_filename(dir, NULL);
    g_auto(DaBackupNote) note = {0};
    if (!da_backup_note_read(source, &note, error)) {
        g_prefix_error(error, "'%s' is no whole backup: ", source);
        return FALSE;
    }
    return make_place(source, target, error) &&
           restore(source, target, &note, options, result, error);
}
