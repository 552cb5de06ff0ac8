#include <dangan/archive.h>

#include "archive_paths.h"
#include "archive_scope.h"
#include "archive_unfinished.h"
#include "cluster.h"
#include "deposit_adopt.h"
#include "index.h"
#include "migrate.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GROUP "archive"

struct DaArchive {
    char *dir;
    DaConfig *config;
    int run; /* names the socket folder to libpq */
    char *scope_key;
};

const DaSetting da_archive_settings[] = {
    {.key = "district",
     .type = DA_SETTING_TEXT,
     .help = "District that holds deposits which do not name one (GB/T 2260 code)"},
    {.key = "profile",
     .type = DA_SETTING_TEXT,
     .standard = "soe-retiree",
     .help = "Profile that judges deposits, by name or path"},
    {.key = "custodian",
     .type = DA_SETTING_TEXT,
     .help = "Name of the unit that keeps the archive (保管单位), as its receipts are signed"},
    {.key = "signature",
     .type = DA_SETTING_CHOICE,
     .standard = "ed25519",
     .choices = "ed25519|sm2",
     .help = "Kind of the key that signs records; counts until the first of them"},
    {.key = "verdict-key",
     .type = DA_SETTING_TEXT,
     .help = "File of the public key that must have signed verdicts on handover batches"},
    {.key = "second-copy",
     .type = DA_SETTING_TEXT,
     .help =
         "Folder with a second copy of the objects, as archive backup makes one: fixity and fsck "
         "repair from it"},
    {.key = "fixity-days",
     .type = DA_SETTING_INTEGER,
     .standard = "365",
     .min = 1,
     .max = 3650,
     .unit = "days",
     .help = "How long an object may go without a fixity check before it is overdue"},
    {.key = "listen",
     .type = DA_SETTING_TEXT,
     .standard = "127.0.0.1:8080",
     .help = "Address and port of the reading room, or unix:PATH"},
    {.key = "session-minutes",
     .type = DA_SETTING_INTEGER,
     .standard = "30",
     .min = 1,
     .max = 1440,
     .unit = "minutes",
     .help = "How long a session lasts without a request"},
    {.key = "tile-cache-mb",
     .type = DA_SETTING_INTEGER,
     .standard = "4096",
     .min = 16,
     .max = 1048576,
     .unit = "MB",
     .help = "What tiles of page images may take in cache/, which can be deleted at any time"},
    {.key = NULL},
};

char *da_archive_settings_path(const char *dir)
{
    return g_build_filename(dir, "dangan.conf", NULL);
}

/* --- settings -------------------------------------------------------------------------------------------------------- */

static gboolean set_key(GKeyFile *file, const char *path, const char *key, const char *value,
                        GError **error)
{
    g_autoptr(GError) wrong = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, &wrong))
        return da_error_set(error, DA_ERROR_INPUT, "cannot use settings '%s': %s", path,
                            wrong->message);
    g_key_file_set_string(file, GROUP, key, value);
    return TRUE;
}

gboolean da_archive_configure(const char *dir, const char *key, const char *value, GError **error)
{
    g_autofree char *path = da_archive_settings_path(dir);
    g_autoptr(DaConfig) config = da_config_load(path, GROUP, da_archive_settings, error);
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!config || !da_config_set(config, key, value, error) ||
        !set_key(file, path, key, value, error))
        return FALSE;
    gsize size = 0;
    g_autofree char *text = g_key_file_to_data(file, &size, NULL);
    return da_file_write(path, text, size, error);
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

gboolean da_archive_check(const char *dir, GError **error)
{
    g_autofree char *settings = da_archive_settings_path(dir);
    g_autofree char *cluster = g_build_filename(dir, "pg", NULL);
    g_autofree char *unfinished = da_archive_unfinished_command(dir);
    if (unfinished)
        return da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "archive '%s' is not complete: its database is being made anew; run: %s", dir,
            unfinished);
    if (da_archive_has_objects_alone(dir))
        return da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "'%s' holds objects and no database; dangan reindex --archive '%s' makes "
            "the database from them, dangan archive restore brings back a backup",
            dir, dir);
    if (g_file_test(settings, G_FILE_TEST_EXISTS) && g_file_test(cluster, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (g_file_test(cluster, G_FILE_TEST_IS_DIR))
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "archive '%s' is not complete; run dangan archive init on it again",
                            dir);
    return da_error_set(error, DA_ERROR_NOT_FOUND,
                        "'%s' is no archive; make one with dangan archive init", dir);
}

static DaArchive *archive_new(const char *dir, GError **error)
{
    g_autofree char *settings = da_archive_settings_path(dir);
    g_autoptr(DaArchive) archive = g_new0(DaArchive, 1);
    archive->dir = g_strdup(dir);
    archive->run = -1;
    archive->config = da_config_load(settings, GROUP, da_archive_settings, error);
    if (!archive->config || !da_cluster_start(dir, error))
        return NULL;
    archive->run = da_cluster_run_folder(dir, error);
    return archive->run < 0 ? NULL : g_steal_pointer(&archive);
}

static char *read_scope_key(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(db, error, "SELECT key FROM scope_key", NULL);
    if (rows && PQntuples(rows) == 1)
        return g_strdup(da_db_text(rows, 0, "key"));
    if (rows)
        da_error_set(error, DA_ERROR_DATABASE, "the archive has no key for scopes");
    return NULL;
}

static gboolean bring_up_to_date(DaArchive *archive, DaProgress *progress, GError **error)
{
    g_autoptr(PGconn) db = da_archive_connect(archive, error);
    if (!db || !da_migrate(db, error) || !da_deposit_adopt(archive, db, error) ||
        !da_cluster_admit_reader(archive->dir, archive->run, db, error) ||
        !da_index_refresh(db, progress, error))
        return FALSE;
    archive->scope_key = read_scope_key(db, error);
    return archive->scope_key != NULL;
}

DaArchive *da_archive_open_shown(const char *dir, DaProgress *progress, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    if (!da_archive_check(absolute, error))
        return NULL;
    g_autoptr(DaArchive) archive = archive_new(absolute, error);
    return archive && bring_up_to_date(archive, progress, error) ? g_steal_pointer(&archive) : NULL;
}

DaArchive *da_archive_open(const char *dir, GError **error)
{
    return da_archive_open_shown(dir, NULL, error);
}

void da_archive_free(DaArchive *archive)
{
    if (!archive)
        return;
    da_fd_clear(&archive->run);
    g_clear_pointer(&archive->config, da_config_free);
    g_free(archive->scope_key);
    g_free(archive->dir);
    g_free(archive);
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

/* What a killed init may have left. */
static gboolean is_ours(const char *name)
{
    static const char *const ours[] = {"objects", "staging",    "pg",
                                       "damaged", "lock",       "dangan.conf",
                                       "keys",    ".keys.part", ".dangan.conf.part"};
    for (guint i = 0; i < G_N_ELEMENTS(ours); i++)
        if (!strcmp(name, ours[i]))
            return TRUE;
    return FALSE;
}

static gboolean check_content(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(dir, error);
    for (guint i = 0; names && i < names->len; i++) {
        if (is_ours(names->pdata[i]))
            continue;
        g_autofree char *shown = g_filename_display_name(names->pdata[i]);
        return da_error_set(
            error, DA_ERROR_CONFLICT,
            "cannot make an archive in '%s': it holds '%s'; give a new or empty folder", dir,
            shown);
    }
    return names != NULL;
}

/* The archive's own folder is closed to others only where we make it. */
static gboolean make_own_folder(const char *dir, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(dir);
    if (g_file_test(dir, G_FILE_TEST_EXISTS))
        return check_content(dir, error);
    if (!da_dir_make(parent, error))
        return FALSE;
    return mkdir(dir, 0700) == 0 || errno == EEXIST ||
           da_error_set_errno(error, errno, "cannot make folder '%s'", dir);
}

static gboolean make_parts(const char *dir, GError **error)
{
    g_autoptr(DaLock) lock = da_cluster_lock(dir, error);
    g_autofree char *objects = g_build_filename(dir, "objects", NULL);
    g_autofree char *staging = g_build_filename(dir, "staging", NULL);
    return lock && da_dir_make(objects, error) && da_dir_make(staging, error) &&
           da_cluster_make(dir, error);
}

static gboolean complete(DaArchive *archive, GError **error)
{
    if (!da_cluster_make_database(archive->run, error))
        return FALSE;
    da_fault_point("archive.database");
    if (!bring_up_to_date(archive, NULL, error))
        return FALSE;
    da_fault_point("archive.schema");
    g_autofree char *sample = da_config_sample(GROUP, da_archive_settings);
    g_autofree char *settings = da_archive_settings_path(archive->dir);
    return g_file_test(settings, G_FILE_TEST_EXISTS) ||
           da_file_write(settings, sample, strlen(sample), error);
}

DaArchive *da_archive_make(const char *dir, GError **error)
{
    if (!make_parts(dir, error))
        return NULL;
    g_autoptr(DaArchive) archive = archive_new(dir, error);
    return archive && complete(archive, error) ? g_steal_pointer(&archive) : NULL;
}

DaArchive *da_archive_init(const char *dir, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    g_autoptr(GError) reason = NULL;
    gboolean complete_already = da_archive_check(absolute, &reason);
    g_autofree char *unfinished = da_archive_unfinished_command(absolute);
    /* An empty database beside full objects would hide them. */
    if (!complete_already && (unfinished || da_archive_has_objects_alone(absolute))) {
        da_error_set(error, DA_ERROR_CONFLICT, "%s", reason->message);
        return NULL;
    }
    if (!complete_already && !make_own_folder(absolute, error))
        return NULL;
    return da_archive_make(absolute, error);
}

/* --- use ------------------------------------------------------------------------------------------------------------- */

const char *da_archive_dir(const DaArchive *archive)
{
    return archive->dir;
}

const DaConfig *da_archive_config(const DaArchive *archive)
{
    return archive->config;
}

PGconn *da_archive_connect(const DaArchive *archive, GError **error)
{
    return da_cluster_connect(archive->run, DA_CLUSTER_DATABASE, DA_CLUSTER_OWNER, error);
}

PGconn *da_archive_connect_reader(const DaArchive *archive, GError **error)
{
    return da_cluster_connect(archive->run, DA_CLUSTER_DATABASE, DA_CLUSTER_READER, error);
}

const char *da_archive_scope_key(const DaArchive *archive)
{
    return archive->scope_key;
}
