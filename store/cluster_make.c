#include "cluster.h"

#include "server.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/staging.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#define SETTINGS "/dangan/cluster/postgresql.conf"
#define PASSAGE_OWNER "local all " DA_CLUSTER_OWNER " peer map=dangan\n"
#define PASSAGE                                                                                    \
    PASSAGE_OWNER "local " DA_CLUSTER_DATABASE " " DA_CLUSTER_READER " peer map=dangan\n"
#define RELOAD_STEP_MS 20
#define BUFFERS_PART 16
#define BUFFERS_MIN_MB 128
#define BUFFERS_MAX_MB 4096
#define RELOAD_MS 10000

static gboolean give(const char *path, mode_t mode, const DaServerUser *user, GError **error)
{
    if (chmod(path, mode) == 0 && (!user->change || lchown(path, user->uid, user->gid) == 0))
        return TRUE;
    return da_error_set_errno(error, errno, "cannot give '%s' to user '%s'", path, user->name);
}

static gboolean make_folder(const char *path, const DaServerUser *user, GError **error)
{
    return da_dir_make(path, error) && give(path, 0700, user, error);
}

static gboolean write_setting(const char *data, const char *name, const char *text,
                              const DaServerUser *user, GError **error)
{
    g_autofree char *path = g_build_filename(data, name, NULL);
    return da_file_write(path, text, strlen(text), error) && give(path, 0600, user, error);
}

/* Who may connect, pg_hba.conf last: it says that both are there. Root may always: who is root could become the owner anyway. */
static gboolean write_passage(const char *data, const DaServerUser *user, GError **error)
{
    static const char *const roles[] = {DA_CLUSTER_OWNER, DA_CLUSTER_READER};
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        g_string_append_printf(names, "dangan root %s\ndangan \"%s\" %s\n", roles[i], user->name,
                               roles[i]);
    return write_setting(data, "pg_ident.conf", names->str, user, error) &&
           write_setting(data, "pg_hba.conf", PASSAGE, user, error);
}

/* A part of the machine's memory: what is searched should not come from the disk each time. Memory that is not used is not taken. */
static guint shared_buffers_mb(void)
{
    gint64 pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    gint64 memory_mb = pages > 0 && size > 0 ? pages * size >> 20 : 0;
    return (guint)CLAMP(memory_mb / BUFFERS_PART, BUFFERS_MIN_MB, BUFFERS_MAX_MB);
}

static gboolean write_settings(const char *data, const DaServerUser *user, GError **error)
{
    g_autoptr(GBytes) settings = g_resources_lookup_data(SETTINGS, 0, error);
    if (!settings)
        return FALSE;
    /* The bytes of a resource end with a NUL that their size does not count. */
    g_autofree char *text =
        g_strdup_printf("%s\n# A sixteenth of the memory that the machine had.\n"
                        "shared_buffers = %uMB\n",
                        (const char *)g_bytes_get_data(settings, NULL), shared_buffers_mb());
    return write_setting(data, "postgresql.conf", text, user, error) &&
           write_passage(data, user, error);
}

/* Order by code point either way; C.UTF-8 knows letters beyond ASCII. */
static const char *locale_argument(void)
{
    locale_t known = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    if (known == (locale_t)0)
        return "--locale=C";
    freelocale(known);
    return "--locale=C.UTF-8";
}

static gboolean run_initdb(int data, int log, const DaServerUser *user, GError **error)
{
    g_autofree char *program = da_server_program("initdb", NULL, error);
    const char *const argv[] = {program,
                                "-D",
                                DA_SERVER_FOLDER,
                                "-U",
                                "dangan",
                                "-A",
                                "peer",
                                "--encoding=UTF8",
                                locale_argument(),
                                "--no-sync", /* the staging commit is durable */
                                "--data-checksums",
                                NULL};
    return program && da_server_run(argv, user, data, log, error);
}

static gboolean fill(const char *data, const char *log_path, const DaServerUser *user,
                     GError **error)
{
    da_autofd int folder = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    da_autofd int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (folder < 0 || log < 0)
        return da_error_set_errno(error, errno, "cannot make the database in '%s'", data);
    if (!run_initdb(folder, log, user, error)) {
        g_prefix_error(error, "cannot make the database (see '%s'): ", log_path);
        return FALSE;
    }
    return write_settings(data, user, error);
}

gboolean da_cluster_make(const char *dir, GError **error)
{
    g_autofree char *pg = g_build_filename(dir, "pg", NULL);
    g_autofree char *data = g_build_filename(pg, "data", NULL);
    g_autofree char *run = g_build_filename(pg, "run", NULL);
    g_autofree char *logs = g_build_filename(pg, "log", NULL);
    g_autofree char *log_path = g_build_filename(logs, "initdb.log", NULL);
    g_auto(DaServerUser) user = {0};
    if (!da_server_user(pg, &user, error) || !make_folder(pg, &user, error) ||
        !make_folder(run, &user, error) || !make_folder(logs, &user, error))
        return FALSE;
    da_fault_point("archive.folders");
    if (g_file_test(data, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autoptr(DaStaging) staging = da_staging_new(data, error);
    if (!staging || !give(da_staging_path(staging), 0700, &user, error) ||
        !fill(da_staging_path(staging), log_path, &user, error))
        return FALSE;
    da_fault_point("archive.initdb");
    return da_staging_commit(staging, FALSE, error);
}

/* --- the reader of a cluster that was made before there was one ------------------------------------------------------ */

/* The server reads its files some time after it was told to. */
static gboolean wait_for_reader(int run, GError **error)
{
    for (int waited_ms = 0;; waited_ms += RELOAD_STEP_MS) {
        g_autoptr(GError) refused = NULL;
        g_autoptr(PGconn) reader =
            da_cluster_connect(run, DA_CLUSTER_DATABASE, DA_CLUSTER_READER, &refused);
        if (reader)
            return TRUE;
        if (waited_ms >= RELOAD_MS) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return FALSE;
        }
        g_usleep(RELOAD_STEP_MS * 1000);
    }
}

gboolean da_cluster_admit_reader(const char *dir, int run, PGconn *db, GError **error)
{
    g_autofree char *pg = g_build_filename(dir, "pg", NULL);
    g_autofree char *data = g_build_filename(pg, "data", NULL);
    g_autofree char *path = g_build_filename(data, "pg_hba.conf", NULL);
    g_autofree char *passage = NULL;
    if (!g_file_get_contents(path, &passage, NULL, NULL) || strcmp(passage, PASSAGE_OWNER) != 0)
        return TRUE;
    g_auto(DaServerUser) user = {0};
    return da_server_user(pg, &user, error) && write_passage(data, &user, error) &&
           da_db_run(db, error, "SELECT pg_reload_conf()", NULL) && wait_for_reader(run, error);
}
