#include "migrate.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <gio/gio.h>
#include <stdlib.h>

#define FOLDER "/dangan/sql"

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return da_name_compare(*(const char *const *)a, *(const char *const *)b);
}

/* "0001_holdings.sql", … in order; the number is the version. */
static GPtrArray *texts(void)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) found =
        g_resources_enumerate_children(FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    for (guint i = 0; found && found[i]; i++)
        g_ptr_array_add(names, g_strdup(found[i]));
    g_ptr_array_sort(names, compare_names);
    return names;
}

static guint number_of(const char *name)
{
    return (guint)strtoul(name, NULL, 10);
}

guint da_migrate_newest(void)
{
    g_autoptr(GPtrArray) names = texts();
    return names->len > 0 ? number_of(names->pdata[names->len - 1]) : 0;
}

gboolean da_migrate_version(PGconn *db, guint *version, GError **error)
{
    g_autoptr(PGresult) there = da_db_query(
        db, error, "SELECT to_regclass('public.schema_version') IS NOT NULL AS there", NULL);
    if (!there)
        return FALSE;
    *version = 0;
    if (!da_db_boolean(there, 0, "there"))
        return TRUE;
    g_autoptr(PGresult) newest =
        da_db_query(db, error, "SELECT max(version) AS version FROM schema_version", NULL);
    if (!newest)
        return FALSE;
    *version = (guint)da_db_integer(newest, 0, "version");
    return TRUE;
}

/* One text in the transaction that is open. */
static gboolean apply(PGconn *db, const char *name, GError **error)
{
    g_autofree char *path = g_build_path("/", FOLDER, name, NULL);
    g_autoptr(GBytes) sql = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
    if (!sql)
        return FALSE;
    /* The bytes of a resource end with a NUL that their size does not count. */
    if (!da_db_script(db, g_bytes_get_data(sql, NULL), error)) {
        g_prefix_error(error, "schema '%s': ", name);
        return FALSE;
    }
    g_autofree char *number = g_strdup_printf("%u", number_of(name));
    return da_db_run(db, error, "INSERT INTO schema_version (version, name) VALUES ($1, $2)",
                     number, name, NULL);
}

static gboolean lock_and_apply(PGconn *db, const char *name, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    guint version = 0;
    if (!transaction ||
        !da_db_run(db, error, "SELECT pg_advisory_xact_lock(hashtext('dangan schema'))", NULL) ||
        !da_db_run(db, error,
                   "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY,"
                   " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
                   NULL) ||
        !da_migrate_version(db, &version, error))
        return FALSE;
    if (version < number_of(name) && !apply(db, name, error))
        return FALSE;
    da_fault_point("migrate.applied");
    return da_transaction_commit(transaction, error);
}

gboolean da_migrate(PGconn *db, GError **error)
{
    g_autoptr(GPtrArray) names = texts();
    guint version = 0;
    if (!da_migrate_version(db, &version, error))
        return FALSE;
    if (version > da_migrate_newest())
        return da_error_set(
            error, DA_ERROR_CONFLICT,
            "the archive's schema is %u, this program knows %u; use the newer program", version,
            da_migrate_newest());
    for (guint i = 0; i < names->len; i++)
        if (number_of(names->pdata[i]) > version && !lock_and_apply(db, names->pdata[i], error))
            return FALSE;
    return TRUE;
}
