#include "cluster.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <fcntl.h>

static const char *const keywords[] = {"host",
                                       "port",
                                       "dbname",
                                       "user",
                                       "client_encoding",
                                       "sslmode",
                                       "gssencmode",
                                       "connect_timeout",
                                       "application_name",
                                       NULL};

/* All that the environment (PGSSLMODE, …) could change is said. */
typedef struct {
    char host[32];
    const char *values[G_N_ELEMENTS(keywords)];
} Target;

static void aim(Target *target, int run, const char *database, const char *role)
{
    g_snprintf(target->host, sizeof target->host, "/proc/self/fd/%d", run);
    const char *const values[] = {target->host, "5432",    database, role,     "UTF8",
                                  "disable",    "disable", "30",     "dangan", NULL};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        target->values[i] = values[i];
}

int da_cluster_run_folder(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "pg", "run", NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        da_error_set_errno(error, errno, "cannot open the database's socket folder '%s'", path);
    return fd;
}

gboolean da_cluster_answers(int run)
{
    Target target;
    aim(&target, run, "postgres", DA_CLUSTER_OWNER);
    return PQpingParams(keywords, target.values, 0) == PQPING_OK;
}

/* Notices would go to stderr, and a library does not print. */
static void ignore_notice(void *data, const char *text)
{
}

PGconn *da_cluster_connect(int run, const char *database, const char *role, GError **error)
{
    Target target;
    aim(&target, run, database, role);
    g_autoptr(PGconn) db = PQconnectdbParams(keywords, target.values, 0);
    if (PQstatus(db) != CONNECTION_OK) {
        g_autofree char *reason = g_strdup(PQerrorMessage(db));
        g_strstrip(g_strdelimit(reason, "\n", ' '));
        da_error_set(error, DA_ERROR_DATABASE, "cannot connect to the archive's database: %s",
                     reason);
        return NULL;
    }
    PQsetNoticeProcessor(db, ignore_notice, NULL);
    return g_steal_pointer(&db);
}

gboolean da_cluster_make_database(int run, GError **error)
{
    g_autoptr(PGconn) db = da_cluster_connect(run, "postgres", DA_CLUSTER_OWNER, error);
    /* Two may want it at once; the lock ends with the connection. */
    if (!db || !da_db_run(db, error, "SELECT pg_advisory_lock(hashtext('dangan database'))", NULL))
        return FALSE;
    g_autoptr(PGresult) there = da_db_query(
        db, error, "SELECT 1 FROM pg_database WHERE datname = $1", DA_CLUSTER_DATABASE, NULL);
    if (!there)
        return FALSE;
    /* Of the database, so that no dump brings it: tables of its own would be a way to look into rows before row security has judged them. */
    return (PQntuples(there) > 0 ||
            da_db_run(db, error, "CREATE DATABASE " DA_CLUSTER_DATABASE, NULL)) &&
           da_db_run(db, error, "REVOKE TEMPORARY ON DATABASE " DA_CLUSTER_DATABASE " FROM PUBLIC",
                     NULL);
}
