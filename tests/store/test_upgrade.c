#include "keeping.h"
#include "migrate.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/reindex.h>
#include <glib/gstdio.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The schema that brought them, and keys of more kinds. */
#define PARTITIONS 5

/* What was there before there were records. */
static char *first_holdings(PGconn *db)
{
    static const char *const tables[] = {
        "(SELECT to_jsonb(v) - 'record' FROM dossier_version v)",
        "dossier",
        "material",
        "page",
        "page_text",
        "person_key",
        "finding",
        "(SELECT to_jsonb(l) - 'at' FROM deposit_log l)",
    };
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = g_strdup_printf(
            "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM %s t",
            tables[i]);
        g_autofree char *rows = scene_ask(db, sql);
        g_string_append_printf(all, "%s\n%s\n", tables[i], rows);
    }
    return g_string_free(all, FALSE);
}

static void run(PGconn *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    if (!da_db_script(db, sql, &error))
        fail_msg("%s", error->message);
}

/* The schema as the program of that version made it, from the same files: they never change. */
static void make_schema(PGconn *db, guint version)
{
    run(db, "CREATE TABLE schema_version (version integer PRIMARY KEY, name text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())");
    g_autofree char *folder =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "sql", NULL);
    for (guint i = 1; i <= version; i++) {
        g_autofree char *pattern = g_strdup_printf("%s/%04u_*.sql", folder, i);
        glob_t found;
        g_autofree char *text = NULL;
        assert_int_equal(glob(pattern, 0, NULL, &found), 0);
        assert_int_equal(found.gl_pathc, 1);
        assert_true(g_file_get_contents(found.gl_pathv[0], &text, NULL, NULL));
        globfree(&found);
        run(db, text);
        g_autofree char *row =
            g_strdup_printf("INSERT INTO schema_version VALUES (%u, 'as it was')", i);
        run(db, row);
    }
}

/* The rows of the archive in the tables and columns of an earlier program; what it did not know goes, records too. */
static void become(Keeping *keeping, guint version)
{
    run(keeping->db, "DROP SCHEMA IF EXISTS later CASCADE; ALTER SCHEMA public RENAME TO later;"
                     " CREATE SCHEMA public");
    make_schema(keeping->db, version);
    if (version >= PARTITIONS)
        run(keeping->db, "SELECT open_district(code) FROM later.district");
    run(keeping->db,
        "SET session_replication_role = replica;"
        " DO $do$ DECLARE step record; BEGIN FOR step IN"
        " SELECT p.table_name, string_agg(quote_ident(p.column_name), ', ') AS columns"
        " FROM information_schema.columns p JOIN information_schema.columns l ON l.table_schema ="
        " 'later' AND l.table_name = p.table_name AND l.column_name = p.column_name"
        " WHERE p.table_schema = 'public' AND p.table_name NOT IN ('schema_version', 'person_key',"
        " 'district', 'scope_key', 'index_rules', 'record', 'remark', 'held_object') AND "
        "p.column_name"
        " <> 'record' GROUP BY p.table_name"
        " LOOP EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM"
        " later.%I', step.table_name, step.columns, step.columns, step.table_name);"
        " END LOOP; END $do$;"
        " DELETE FROM object o USING later.record r WHERE r.sha256 = o.sha256;"
        " SET session_replication_role = origin");
    g_autoptr(PGresult) records =
        da_db_query(keeping->db, NULL, "SELECT sha256 FROM later.record", NULL);
    for (int i = 0; i < PQntuples(records); i++) {
        g_autofree char *path =
            keeping_object_path(keeping->scene->dir, da_db_text(records, i, "sha256"));
        assert_int_equal(g_unlink(path), 0);
    }
    run(keeping->db, "DROP SCHEMA later CASCADE");
}

static void open_again(Keeping *keeping)
{
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&keeping->db, PQfinish);
    g_clear_pointer(&keeping->archive, da_archive_free);
    keeping->archive = da_archive_open(keeping->scene->dir, &error);
    if (!keeping->archive)
        fail_msg("%s", error->message);
    keeping->db = scene_connect(keeping->archive);
}

static void archives_of_each_earlier_schema_keep_what_they_hold(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *wanted = first_holdings(keeping->db);
    assert_true(da_migrate_newest() > 1);
    for (guint version = 1; version < da_migrate_newest(); version++) {
        become(keeping, version);
        open_again(keeping);
        g_autofree char *now = first_holdings(keeping->db);
        if (strcmp(now, wanted) != 0)
            fail_msg("from schema %u: the rows are\n%s\nnot\n%s", version, now, wanted);
        assert_ask(keeping->db, "SELECT count(*) FROM dossier_version WHERE record IS NULL", "0");
        assert_ask(keeping->db, "SELECT count(*) FROM record WHERE kind = 'deposit'", "2");
        g_autofree char *all = keeping_holdings(keeping->db);
        const DaReindexOptions options = {0};
        DaReindexResult result;
        assert_true(da_reindex(keeping->scene->dir, &options, &result, NULL));
        g_autofree char *rebuilt = keeping_holdings(keeping->db);
        if (strcmp(rebuilt, all) != 0)
            fail_msg("schema %u, made anew: the rows are\n%s\nnot\n%s", version, rebuilt, all);
        assert_int_equal(scene_run(NULL, NULL, "fsck", "--archive", keeping->scene->dir, NULL), 0);
    }
}

static void an_upgrade_that_was_killed_goes_on(void **state)
{
    Keeping *keeping = *state;
    static const char *const points[] = {"kill:migrate.applied", "kill:record.kept",
                                         "kill:record.kept:2"};
    g_autofree char *wanted = first_holdings(keeping->db);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        become(keeping, 1);
        assert_true(scene_run(points[i], NULL, "versions", keeping->fixture->dossier->id,
                              "--archive", keeping->scene->dir, NULL) < 0);
        open_again(keeping);
        g_autofree char *now = first_holdings(keeping->db);
        if (strcmp(now, wanted) != 0)
            fail_msg("%s: the rows are\n%s\nnot\n%s", points[i], now, wanted);
        assert_ask(keeping->db,
                   "SELECT string_agg(record::text, ' ' ORDER BY version)"
                   " FROM dossier_version",
                   "1 2");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_each_earlier_schema_keep_what_they_hold),
        cmocka_unit_test(an_upgrade_that_was_killed_goes_on),
    };
    return cmocka_run_group_tests_name("upgrade", tests, keeping_begin, keeping_end);
}
