#include "scene.h"

#include <dangan/audit.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOSSIER "0f8fad5b-d9cb-469f-a165-70867728950e"
#define THREADS 4u
#define EACH 25u

typedef struct {
    void *scene;
    DaArchive *archive;
    PGconn *db;
} Audit;

static int begin(void **state)
{
    Audit *audit = g_new0(Audit, 1);
    scene_begin(&audit->scene);
    audit->archive = scene_init(audit->scene);
    audit->db = scene_connect(audit->archive);
    *state = audit;
    return 0;
}

static int end(void **state)
{
    Audit *audit = *state;
    PQfinish(audit->db);
    da_archive_free(audit->archive);
    int status = scene_end(&audit->scene);
    g_free(audit);
    return status;
}

static const char *dir_of(const Audit *audit)
{
    return ((const Scene *)audit->scene)->dir;
}

static void append(const Audit *audit, const char *district, guint n)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < n; i++) {
        const DaAuditEntry entries[] = {
            {.district = district, .account = "wang", .action = "look", .dossier = DOSSIER},
            {.district = "", .account = "wang", .action = "search", .detail = "{\"n\":1}"}};
        if (!da_audit_append(audit->db, entries, G_N_ELEMENTS(entries), &error))
            fail_msg("%s", error->message);
    }
}

static char *problems_with(const Audit *audit, const GPtrArray *checkpoints)
{
    g_auto(DaAuditResult) result = {0};
    g_autoptr(GError) error = NULL;
    if (!da_audit_verify(audit->db, checkpoints, NULL, &result, &error))
        fail_msg("%s", error->message);
    g_ptr_array_add(result.problems, NULL);
    return g_strjoinv("; ", (char **)result.problems->pdata);
}

static void assert_problems(const Audit *audit, const char *wanted)
{
    g_autofree char *told = problems_with(audit, NULL);
    assert_string_equal(told, wanted);
}

/* As somebody would who owns the database; undone by `back`. */
static void tamper(const Audit *audit, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *script =
        g_strdup_printf("ALTER TABLE audit DISABLE TRIGGER audit_append_only; %s;"
                        " ALTER TABLE audit ENABLE TRIGGER audit_append_only",
                        sql);
    if (!da_db_script(audit->db, script, &error))
        fail_msg("%s", error->message);
}

/* --- tests ----------------------------------------------------------------------------------------------------------- */

static void entries_are_chained_in_their_district(void **state)
{
    const Audit *audit = *state;
    append(audit, "310104", 10);
    append(audit, "310115", 5);
    assert_problems(audit, "");
    assert_ask(audit->db,
               "SELECT string_agg(district || ':' || n, ' ' ORDER BY district) FROM (SELECT"
               " district, max(number) AS n FROM audit GROUP BY 1) AS ends",
               ":15 310104:10 310115:5");
    assert_ask(audit->db, "SELECT count(*) FROM audit WHERE former = ''", "3");
    const DaAuditEntry wrong = {.district = "310104", .account = "\xff", .action = "look"};
    g_autoptr(GError) error = NULL;
    assert_false(da_audit_append(audit->db, &wrong, 1, &error));
    assert_int_equal(error->code, DA_ERROR_INPUT);
    assert_problems(audit, "");
}

static void entries_are_not_changed_by_mistake(void **state)
{
    const Audit *audit = *state;
    static const char *const changes[] = {"UPDATE audit SET account = 'li'", "DELETE FROM audit",
                                          "TRUNCATE audit"};
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++)
        assert_false(da_db_script(audit->db, changes[i], NULL));
}

static void what_was_done_to_the_chain_is_named(void **state)
{
    const Audit *audit = *state;
    static const struct {
        const char *sql, *wanted;
    } cases[] = {
        {"UPDATE audit SET account = 'li' WHERE district = '310104' AND number = 4",
         "district '310104': entry 4 was changed"},
        {"UPDATE audit SET dossier = NULL WHERE district = '310104' AND number = 1",
         "district '310104': entry 1 was changed"},
        {"UPDATE audit SET detail = '{\"n\":2}' WHERE district = '' AND number = 2",
         "district '': entry 2 was changed"},
        {"DELETE FROM audit WHERE district = '310104' AND number BETWEEN 3 AND 5",
         "district '310104': entries 3 to 5 are missing"},
        {"DELETE FROM audit WHERE district = '310104' AND number < 3",
         "district '310104': entries 1 to 2 are missing"},
        {"DELETE FROM audit WHERE district = '310104' AND number = 5; UPDATE audit SET number ="
         " number - 1 WHERE district = '310104' AND number > 5",
         "district '310104': entry 5 does not follow the one before it; district '310104': entry 5"
         " was changed; district '310104': entry 6 was changed; district '310104': entry 7 was"
         " changed; district '310104': entry 8 was changed; district '310104': entry 9 was"
         " changed"},
        {"UPDATE audit SET digest = repeat('0', 64) WHERE district = '310104' AND number = 10",
         "district '310104': entry 10 was changed"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(da_db_script(audit->db, "CREATE TABLE kept AS SELECT * FROM audit", NULL));
        tamper(audit, cases[i].sql);
        assert_problems(audit, cases[i].wanted);
        tamper(audit, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
        assert_problems(audit, "");
    }
}

/* A whole chain that somebody has computed anew is whole by itself. */
static void a_checkpoint_sees_what_was_cut_off_or_made_anew(void **state)
{
    const Audit *audit = *state;
    const char *dir = dir_of(audit);
    g_autofree char *path =
        g_build_filename(((const Scene *)audit->scene)->folder, "point.json", NULL);
    g_autofree char *key = g_build_filename(dir, "keys", "archive.key.pub", NULL);
    g_autofree char *whole = NULL, *cut = NULL, *anew = NULL, *alone = NULL;
    assert_int_equal(
        scene_run(NULL, NULL, "audit", "checkpoint", "--archive", dir, "--out", path, NULL), 0);
    append(audit, "310104", 1);
    assert_int_equal(scene_run(NULL, &whole, "audit", "verify", "--archive", dir, "--checkpoint",
                               path, "--key", key, NULL),
                     0);
    assert_non_null(strstr(whole, "0 problems"));
    assert_true(da_db_script(audit->db, "CREATE TABLE kept AS SELECT * FROM audit", NULL));
    tamper(audit, "DELETE FROM audit WHERE district = '310104' AND number > 7");
    assert_int_equal(scene_run(NULL, &alone, "audit", "verify", "--archive", dir, NULL), 0);
    assert_int_equal(
        scene_run(NULL, &cut, "audit", "verify", "--archive", dir, "--checkpoint", path, NULL), 1);
    assert_non_null(strstr(cut, "it ends with entry 7"));
    append(audit, "310104", 5);
    assert_int_equal(
        scene_run(NULL, &anew, "audit", "verify", "--archive", dir, "--checkpoint", path, NULL), 1);
    assert_non_null(strstr(anew, "entry 10 is not the one that a checkpoint has seen"));
    tamper(audit, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
}

typedef struct {
    const Audit *audit;
    gboolean good;
} Writer;

static gpointer write_some(gpointer data)
{
    Writer *writer = data;
    g_autoptr(PGconn) db = da_archive_connect(writer->audit->archive, NULL);
    static const DaAuditEntry entries[] = {
        {.district = "310115", .account = "li", .action = "look"},
        {.district = "310104", .account = "li", .action = "look"}};
    writer->good = TRUE;
    for (guint i = 0; i < EACH; i++)
        writer->good = writer->good && da_audit_append(db, entries, G_N_ELEMENTS(entries), NULL);
    return NULL;
}

static void many_at_once_make_one_chain(void **state)
{
    const Audit *audit = *state;
    GThread *threads[THREADS];
    Writer writers[THREADS];
    for (guint i = 0; i < THREADS; i++) {
        writers[i] = (Writer){.audit = audit};
        threads[i] = g_thread_new("writer", write_some, &writers[i]);
    }
    for (guint i = 0; i < THREADS; i++) {
        g_thread_join(threads[i]);
        assert_true(writers[i].good);
    }
    assert_problems(audit, "");
    assert_ask(audit->db, "SELECT count(*) FROM audit WHERE account = 'li'", "200");
}

static void the_program_exports_and_refuses(void **state)
{
    const Audit *audit = *state;
    const char *dir = dir_of(audit), *folder = ((const Scene *)audit->scene)->folder;
    g_autofree char *path = g_build_filename(folder, "entries.jsonl", NULL);
    g_autofree char *text = NULL, *json = NULL;
    assert_int_equal(scene_run(NULL, NULL, "audit", "export", "--archive", dir, "--account", "wang",
                               "--dossier", DOSSIER, "--from", "2020", "--to", "2999-01", "--out",
                               path, NULL),
                     0);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    assert_int_equal(g_strv_length(lines), 16);
    assert_non_null(strstr(lines[0], "\"digest\""));
    assert_int_equal(scene_run(NULL, &json, "audit", "verify", "--archive", dir, "--json", NULL),
                     0);
    g_autoptr(json_t) verified = json_loads(json, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(verified, "problems")), 0);
    static const char *const wrong[][4] = {{"export", NULL},
                                           {"checkpoint", NULL},
                                           {"burn", NULL},
                                           {"verify", "--checkpoint", "/nonexistent", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(scene_run(NULL, NULL, "audit", "--archive", dir, wrong[i][0], wrong[i][1],
                                   wrong[i][1] ? wrong[i][2] : NULL, NULL),
                         2);
    assert_int_equal(
        scene_run(NULL, NULL, "audit", "export", "--archive", dir, "--out", path, NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "audit", "verify", NULL), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_chained_in_their_district),
        cmocka_unit_test(entries_are_not_changed_by_mistake),
        cmocka_unit_test(what_was_done_to_the_chain_is_named),
        cmocka_unit_test(a_checkpoint_sees_what_was_cut_off_or_made_anew),
        cmocka_unit_test(many_at_once_make_one_chain),
        cmocka_unit_test(the_program_exports_and_refuses),
    };
    return cmocka_run_group_tests_name("audit", tests, begin, end);
}
