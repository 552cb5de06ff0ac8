#include <dangan/archive.h>

#include "archive_paths.h"
#include "cluster.h"
#include "migrate.h"

#include <dangan/db.h>
#include <dangan/handle/fd.h>

gboolean da_archive_stop(const char *dir, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    g_autofree char *cluster = g_build_filename(absolute, "pg", "data", NULL);
    /* Also what a killed init has left running can be stopped. */
    return (g_file_test(cluster, G_FILE_TEST_IS_DIR) || da_archive_check(absolute, error)) &&
           da_cluster_stop(absolute, error);
}

static gboolean count(PGconn *db, DaArchiveStatus *status, GError **error)
{
    g_autoptr(PGresult) counts =
        da_db_query(db, error,
                    "SELECT (SELECT count(*) FROM dossier) AS dossiers,"
                    " (SELECT coalesce(sum(pages), 0) FROM dossier) AS pages,"
                    " (SELECT coalesce(sum(objects_new), 0) FROM dossier_version) AS objects,"
                    " (SELECT coalesce(sum(bytes_new), 0) FROM dossier_version) AS bytes",
                    NULL);
    if (!counts)
        return FALSE;
    status->dossiers = (guint64)da_db_integer(counts, 0, "dossiers");
    status->pages = (guint64)da_db_integer(counts, 0, "pages");
    status->objects = (guint64)da_db_integer(counts, 0, "objects");
    status->bytes = (guint64)da_db_integer(counts, 0, "bytes");
    return TRUE;
}

static gboolean ask(const char *dir, DaArchiveStatus *status, GError **error)
{
    da_autofd int run = da_cluster_run_folder(dir, error);
    g_autoptr(PGconn) db =
        run < 0 ? NULL : da_cluster_connect(run, DA_CLUSTER_DATABASE, DA_CLUSTER_OWNER, error);
    if (!db || !da_migrate_version(db, &status->schema_version, error))
        return FALSE;
    status->server_version = g_strdup(PQparameterStatus(db, "server_version"));
    /* The counts are of tables that this program knows. */
    return status->schema_version != da_migrate_newest() || count(db, status, error);
}

gboolean da_archive_status(const char *dir, DaArchiveStatus *status, GError **error)
{
    *status = (DaArchiveStatus){0};
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    if (!da_archive_check(absolute, error) || !da_cluster_find(absolute, &status->pid, error))
        return FALSE;
    status->running = status->pid != 0;
    status->socket_dir = g_build_filename(absolute, "pg", "run", NULL);
    return !status->running || ask(absolute, status, error);
}

void da_archive_status_clear(DaArchiveStatus *status)
{
    g_clear_pointer(&status->socket_dir, g_free);
    g_clear_pointer(&status->server_version, g_free);
}
