#include "migrate.h"
#include "scene.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void empty_the_database(PGconn *db)
{
    assert_true(da_db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", NULL));
}

static gpointer migrate(gpointer data)
{
    g_autoptr(PGconn) db = data;
    g_autoptr(GError) error = NULL;
    return g_strdup(da_migrate(db, &error) ? "" : error->message);
}

static void several_at_once_make_one_schema(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    empty_the_database(db);
    GThread *threads[4];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("migrate", migrate, scene_connect(archive));
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autofree char *said = g_thread_join(threads[i]);
        assert_string_equal(said, "");
    }
    guint version = 0;
    assert_true(da_migrate_version(db, &version, NULL));
    assert_int_equal(version, da_migrate_newest());
    assert_ask(db, "SELECT count(*) = max(version) FROM schema_version", "t");
}

static void a_step_that_fails_leaves_nothing(void **state)
{
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    empty_the_database(db);
    /* The last table of the first step is in the way. */
    assert_true(da_db_run(db, NULL, "CREATE TABLE session (x integer)", NULL));
    g_autoptr(GError) error = NULL;
    assert_false(da_migrate(db, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DATABASE));
    assert_ask(db, "SELECT to_regclass('dossier') IS NULL", "t");
    assert_true(da_db_run(db, NULL, "DROP TABLE session", NULL));
    assert_true(da_migrate(db, NULL));
    assert_true(da_migrate(db, NULL)); /* nothing to do */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(several_at_once_make_one_schema),
        CASE(a_step_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
