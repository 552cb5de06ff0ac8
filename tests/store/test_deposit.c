#include "fixture.h"
#include "scene.h"

#include <dangan/bag.h>
#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/text.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cmocka.h>

static void set_text(Fixture *fixture, const char *words)
{
    g_autoptr(GError) error = NULL;
    DaPage *page = fixture_page(fixture, 0, 0);
    g_autoptr(DaPageText) text = da_page_text_new(page->width_px, page->height_px, "tesseract 5");
    DaLine *line = da_page_text_add(text);
    line->text = g_strdup(words);
    line->confidence = 0.9;
    const double quad[4][2] = {{10, 10}, {110, 10}, {110, 30}, {10, 30}};
    memcpy(line->quad, quad, sizeof quad);
    DaWord *word = da_line_add_word(line);
    *word = (DaWord){g_strdup(words), 10, 10, 100, 20, 0.9};
    g_autoptr(GBytes) alto = da_page_text_to_alto(text, "page.jpg", &error);
    assert_non_null(alto);
    fixture_page_bytes(fixture, page, DA_FILE_OCR, alto, "xml");
}

static Fixture *package_with_text(const char *words)
{
    Fixture *fixture = fixture_new();
    set_text(fixture, words);
    fixture_write(fixture);
    return fixture;
}

static gboolean deposit(DaArchive *archive, PGconn *db, const Fixture *fixture,
                        DaDepositResult *result, GError **error)
{
    const DaDepositOptions options = {.district = "310104", .profile = fixture->profile};
    return da_deposit(archive, db, fixture->package, &options, result, error);
}

static void must_deposit(DaArchive *archive, PGconn *db, const Fixture *fixture,
                         DaDepositResult *result)
{
    g_autoptr(GError) error = NULL;
    if (!deposit(archive, db, fixture, result, &error))
        fail_msg("%s", error->message);
}

/* Where nobody asks what it came to. */
static void must_keep(DaArchive *archive, PGconn *db, const Fixture *fixture)
{
    DaDepositResult result;
    must_deposit(archive, db, fixture, &result);
    da_deposit_result_clear(&result);
}

static char *profiles(void)
{
    return g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
}

static int run_deposit(const Scene *scene, const Fixture *fixture, const char *fault, char **output)
{
    g_autofree char *folder = profiles();
    return scene_run(fault, output, "deposit", "--archive", scene->dir, "--district", "310104",
                     "--profile-dir", folder, fixture->package, NULL);
}

static guint count_files(const char *folder)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    guint n = names ? 0 : 1;
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *below = g_build_filename(folder, names->pdata[i], NULL);
        n += g_file_test(below, G_FILE_TEST_IS_DIR) ? count_files(below) : 1;
    }
    return n;
}

static guint objects_on_disk(const Scene *scene)
{
    g_autofree char *folder = g_build_filename(scene->dir, "objects", NULL);
    return count_files(folder);
}

#define OBJECTS                                                                                    \
    "(SELECT * FROM object o WHERE NOT EXISTS (SELECT FROM record r WHERE r.sha256 = o.sha256))"

/* All rows but times and the log, as one text. */
static char *rows_of(PGconn *db)
{
    static const char *const tables[] = {
        OBJECTS,   "dossier",   "(SELECT to_jsonb(v) - 'deposited_at' FROM dossier_version v)",
        "page",    "material",  "page_text",
        "finding", "person_key"};
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

static void a_package_becomes_a_version(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("调整工资审批表1985");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    DaDepositResult result;
    must_deposit(archive, db, fixture, &result);
    assert_false(result.unchanged);
    assert_int_equal(result.version, 1);
    assert_int_equal(result.pages, 3);
    assert_string_equal(result.dossier_id, fixture->dossier->id);
    assert_int_equal(result.receipt, 1);
    assert_int_equal(result.objects_new + 1, objects_on_disk(*state)); /* its record */
    assert_ask(
        db,
        "SELECT district || name || id_number || version || pages || pages_content FROM dossier",
        "310104龚杉榕11010519491231002X132");
    assert_ask(db, "SELECT string_agg(stem, ' ' ORDER BY position) FROM page",
               "1-1-001 1-1-002 9-1-1-001");
    assert_ask(db, "SELECT text FROM page_text WHERE bigrams @@ '''工资'' & ''1985'''::tsquery",
               "调整工资审批表1985");
    assert_ask(db, "SELECT count(*) FROM person_key WHERE kind = 'name' AND key = '龚杉榕'", "1");
    assert_ask(db, "SELECT length(min(id)) FROM page", "22");
    assert_ask(
        db, "SELECT count(*) FROM page WHERE access_type = 'image/jpeg' AND access_bytes > 0", "3");
    da_deposit_result_clear(&result);
}

static void the_manifest_gives_the_package_back(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autoptr(DaObjectStore) store = da_object_store_open(((Scene *)*state)->dir, NULL);
    DaDepositResult result;
    must_deposit(archive, db, fixture, &result);
    g_autofree char *digest = scene_ask(db, "SELECT manifest FROM dossier_version");
    g_autoptr(GBytes) bytes = da_object_read(store, digest, NULL);
    assert_non_null(bytes);
    g_autoptr(json_t) inventory =
        json_loadb(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0, NULL);
    json_t *files =
        json_object_get(json_object_get(json_object_get(inventory, "versions"), "v1"), "state");
    const char *sha256;
    json_t *paths, *path;
    size_t i, n = 0;
    json_object_foreach(files, sha256, paths)
    {
        g_autoptr(GBytes) kept = da_object_read(store, sha256, NULL);
        json_array_foreach(paths, i, path)
        {
            g_autofree char *place =
                g_build_filename(fixture->package, json_string_value(path), NULL);
            g_autoptr(GBytes) original = fixture_read(place);
            assert_true(g_bytes_equal(kept, original));
            n++;
        }
    }
    assert_int_equal(n, count_files(fixture->package));
    da_deposit_result_clear(&result);
}

static void the_same_package_again_changes_nothing(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    DaDepositResult result;
    must_keep(archive, db, fixture);
    g_autofree char *before = rows_of(db);
    must_deposit(archive, db, fixture, &result);
    assert_true(result.unchanged);
    assert_int_equal(result.version, 1);
    da_deposit_result_clear(&result);
    g_autofree char *after = rows_of(db);
    assert_string_equal(before, after);
    assert_ask(db, "SELECT string_agg(unchanged::text, ' ' ORDER BY number) FROM deposit_log",
               "false true");
}

static void rewrite(Fixture *fixture)
{
    assert_true(da_tree_remove(fixture->package, NULL));
    fixture_write(fixture);
}

static void a_changed_package_of_the_same_person_is_a_new_version(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("旧文");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    DaDepositResult result;
    must_keep(archive, db, fixture);
    set_text(fixture, "新文");
    rewrite(fixture);
    must_deposit(archive, db, fixture, &result);
    assert_int_equal(result.version, 2);
    assert_true(result.objects_new < result.files);
    da_deposit_result_clear(&result);
    assert_ask(db, "SELECT string_agg(text, ' ') FROM page_text", "新文");
    assert_ask(db, "SELECT count(*) FROM page", "6");
    assert_ask(db, "SELECT version FROM dossier", "2");
}

static void another_person_of_the_same_id_is_refused(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    must_keep(archive, db, fixture);
    da_dossier_set(fixture->dossier, DA_FIELD_ID_NUMBER, "440524188001010014", DA_ORIGIN_LIST,
                   NULL);
    da_dossier_set(fixture->dossier, DA_FIELD_BIRTH, "1880-01-01", DA_ORIGIN_LIST, NULL);
    da_dossier_set(fixture->dossier, DA_FIELD_SEX, "男", DA_ORIGIN_LIST, NULL);
    rewrite(fixture);
    assert_false(deposit(archive, db, fixture, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_null(strstr(error->message, "440524"));
    da_deposit_result_clear(&result);
    assert_ask(db, "SELECT count(*) FROM dossier_version", "1");
}

/* The same person in a package of its own. */
static Fixture *another_package(const char *number)
{
    Fixture *fixture = fixture_new();
    g_autofree char *parent = g_path_get_dirname(fixture->package);
    g_free(fixture->dossier->id);
    fixture->dossier->id = g_strdup("0f9d3a54-6c1e-4d7b-8a02-5b7a1f0c9e11");
    g_free(fixture->package);
    fixture->package = g_build_filename(parent, fixture->dossier->id, NULL);
    da_dossier_set(fixture->dossier, DA_FIELD_ID_NUMBER, number, DA_ORIGIN_LIST, NULL);
    fixture_write(fixture);
    return fixture;
}

static void a_person_who_has_a_dossier_is_a_finding(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    const char *number = da_dossier_get(fixture->dossier, DA_FIELD_ID_NUMBER);
    g_autoptr(Fixture) other = another_package(number);
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    must_keep(archive, db, fixture);
    assert_false(deposit(archive, db, other, &result, &error));
    assert_int_equal(error->code, DA_ERROR_INPUT);
    assert_int_equal(fixture_count(result.verification, "PKG-009"), 1);
    assert_non_null(strstr(error->message, fixture->dossier->id));
    assert_null(strstr(error->message, number));
    da_deposit_result_clear(&result);
    assert_ask(db, "SELECT count(*) FROM dossier_version", "1");
}

static void a_package_joins_a_dossier_that_is_named(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    const char *number = da_dossier_get(fixture->dossier, DA_FIELD_ID_NUMBER);
    g_autoptr(Fixture) other = another_package(number);
    g_autoptr(Fixture) stranger = another_package("440524188001010014");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    DaDepositResult result;
    must_keep(archive, db, fixture);
    DaDepositOptions options = {
        .district = "310104", .profile = fixture->profile, .dossier = fixture->dossier->id};
    g_autoptr(GError) error = NULL;
    if (!da_deposit(archive, db, other->package, &options, &result, &error))
        fail_msg("%s", error->message);
    assert_string_equal(result.dossier_id, fixture->dossier->id);
    assert_int_equal(result.version, 2);
    da_deposit_result_clear(&result);
    assert_ask(db, "SELECT count(*) || ' ' || max(version) FROM dossier", "1 2");
    assert_false(da_deposit(archive, db, stranger->package, &options, &result, &error));
    da_deposit_result_clear(&result);
    g_clear_error(&error);
    options.dossier = other->dossier->id;
    assert_false(da_deposit(archive, db, other->package, &options, &result, &error));
    assert_int_equal(error->code, DA_ERROR_NOT_FOUND);
    da_deposit_result_clear(&result);
}

static void a_damaged_package_leaves_nothing(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autofree char *page = fixture_path(fixture, "representations/access/data/1-1-001.jpg");
    fixture_put(page, "broken", 6);
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    assert_false(deposit(archive, db, fixture, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_non_null(result.verification);
    assert_true(result.verification->findings->len > 0);
    da_deposit_result_clear(&result);
    assert_int_equal(objects_on_disk(*state), 0);
    assert_ask(db, "SELECT count(*) FROM dossier", "0");
    g_autofree char *output = NULL;
    assert_int_equal(run_deposit(*state, fixture, NULL, &output), 3);
    assert_non_null(strstr(output, "1 failed"));
}

static void without_a_district_it_says_so(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    const char *const wrong[] = {NULL, "", "3101", "徐汇区"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const DaDepositOptions options = {.district = wrong[i], .profile = fixture->profile};
        g_autoptr(GError) error = NULL;
        DaDepositResult result;
        assert_false(da_deposit(archive, db, fixture->package, &options, &result, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
        da_deposit_result_clear(&result);
    }
}

/* Points of docs/faults.md, and once more at a later passage where there are several. */
static GPtrArray *points_of(const char *prefix)
{
    g_autofree char *path =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "docs", "faults.md", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *points = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) cells = g_strsplit(lines[i], "`", 3);
        if (g_strv_length(cells) == 3 && g_str_has_prefix(cells[1], prefix))
            g_ptr_array_add(points, g_strdup(cells[1]));
    }
    assert_true(points->len > 0);
    g_ptr_array_add(points, g_strdup("deposit.copied:5"));
    g_ptr_array_add(points, g_strdup("deposit.renaming:7"));
    return points;
}

/* The undisturbed deposit of the same package in an archive beside it says what must be there. */
static void killed_anywhere_the_same_deposit_again_completes_it(void **state)
{
    g_autoptr(GPtrArray) points = points_of("deposit.");
    g_autoptr(Fixture) fixture = package_with_text("调整工资审批表");
    g_autofree char *wanted = NULL;
    guint wanted_objects = 0;
    {
        g_autoptr(DaArchive) archive = scene_init(*state);
        g_autoptr(PGconn) db = scene_connect(archive);
        g_autofree char *output = NULL;
        if (run_deposit(*state, fixture, NULL, &output) != 0)
            fail_msg("undisturbed: %s", output);
        wanted = rows_of(db);
        wanted_objects = objects_on_disk(*state);
    }
    for (guint i = 0; i < points->len; i++) {
        const char *point = points->pdata[i];
        void *inner = NULL;
        scene_begin(&inner);
        g_autoptr(DaArchive) archive = scene_init(inner);
        g_autofree char *fault = g_strdup_printf("kill:%s", point);
        assert_int_equal(run_deposit(inner, fixture, fault, NULL), -SIGKILL);
        g_autofree char *output = NULL;
        if (run_deposit(inner, fixture, NULL, &output) != 0)
            fail_msg("%s: %s", point, output);
        g_autoptr(PGconn) db = scene_connect(archive);
        g_autofree char *rows = rows_of(db);
        if (strcmp(rows, wanted) != 0)
            fail_msg("%s: rows differ:\n%s\nwanted:\n%s", point, rows, wanted);
        /* a record whose transaction did not commit stays behind, unless the same second makes it again */
        guint leaves = objects_on_disk(inner) - wanted_objects;
        assert_true(leaves == 0 || (leaves == 1 && !strcmp(point, "deposit.rows")));
        g_clear_pointer(&db, PQfinish);
        assert_int_equal(scene_end(&inner), 0);
    }
}

static void two_at_once_make_one_version(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autofree char *folder = profiles();
    const Scene *scene = *state;
    const char *const argv[] = {g_getenv("DANGAN_BIN"), "deposit", "--archive",     scene->dir,
                                "--district",           "310104",  "--profile-dir", folder,
                                fixture->package,       NULL};
    GPid pids[2];
    for (guint i = 0; i < 2; i++)
        assert_true(g_spawn_async(NULL, (char **)(gpointer)argv, NULL,
                                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                      G_SPAWN_STDERR_TO_DEV_NULL,
                                  NULL, NULL, &pids[i], NULL));
    for (guint i = 0; i < 2; i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        assert_int_equal(status, 0);
    }
    g_autoptr(PGconn) db = scene_connect(archive);
    assert_ask(db, "SELECT count(*) FROM dossier_version", "1");
    assert_ask(db, "SELECT string_agg(unchanged::text, ' ' ORDER BY number) FROM deposit_log",
               "false true");
}

static void a_database_that_goes_away_is_said(void **state)
{
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(*state);
    g_autoptr(PGconn) db = scene_connect(archive);
    assert_true(da_archive_stop(((Scene *)*state)->dir, NULL));
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    assert_false(deposit(archive, db, fixture, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DATABASE));
    da_deposit_result_clear(&result);
    g_autofree char *output = NULL;
    assert_int_equal(run_deposit(*state, fixture, NULL, &output), 0); /* starts it */
}

static void objects_that_cannot_be_written_leave_no_row(void **state)
{
    Scene *scene = *state;
    g_autoptr(Fixture) fixture = package_with_text("工龄");
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    static const char *const folders[] = {"staging", "objects"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *place = g_build_filename(scene->dir, folders[i], NULL);
        if (mount("tmpfs", place, "tmpfs", i ? MS_RDONLY : 0, i ? NULL : "size=16k") != 0) {
            print_message("# no small file system here\n");
            skip();
        }
        g_autoptr(GError) error = NULL;
        DaDepositResult result;
        gboolean done = deposit(archive, db, fixture, &result, &error);
        da_deposit_result_clear(&result);
        umount2(place, MNT_DETACH);
        assert_false(done);
        print_message("# %s: %s\n", folders[i], error->message);
        assert_int_equal(da_error_exit_status(error), 4);
        assert_ask(db, "SELECT count(*) FROM dossier", "0");
    }
    must_keep(archive, db, fixture);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(a_package_becomes_a_version),
        CASE(the_manifest_gives_the_package_back),
        CASE(the_same_package_again_changes_nothing),
        CASE(a_changed_package_of_the_same_person_is_a_new_version),
        CASE(another_person_of_the_same_id_is_refused),
        CASE(a_person_who_has_a_dossier_is_a_finding),
        CASE(a_package_joins_a_dossier_that_is_named),
        CASE(a_damaged_package_leaves_nothing),
        CASE(without_a_district_it_says_so),
        CASE(killed_anywhere_the_same_deposit_again_completes_it),
        CASE(two_at_once_make_one_version),
        CASE(a_database_that_goes_away_is_said),
        CASE(objects_that_cannot_be_written_leave_no_row),
    };
    return cmocka_run_group_tests_name("deposit", tests, NULL, NULL);
}
