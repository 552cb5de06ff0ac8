#include "migrate.h"
#include "scene.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static void init_twice_finds_the_same_server(void **state)
{
    G_GNUC_UNUSED g_autoptr(DaArchive) first = scene_init(*state);
    int pid = scene_pid(*state);
    assert_true(pid > 0);
    g_autoptr(DaArchive) second = scene_init(*state);
    assert_int_equal(scene_pid(*state), pid);
    g_autoptr(PGconn) db = scene_connect(second);
    g_autofree char *newest = g_strdup_printf("%u", da_migrate_newest());
    assert_ask(db, "SELECT max(version) FROM schema_version", newest);
    assert_ask(db, "SHOW listen_addresses", "");
    assert_ask(db, "SHOW fsync", "on");
    assert_ask(db, "SHOW data_checksums", "on");
    assert_ask(db, "SHOW server_encoding", "UTF8");
    assert_ask(db, "SHOW log_min_error_statement", "panic");
}

static void the_server_outlives_the_program_and_its_terminal(void **state)
{
    Scene *scene = *state;
    assert_int_equal(scene_run(NULL, NULL, "archive", "init", scene->dir, NULL), 0);
    int pid = scene_pid(scene);
    assert_true(pid > 0);
    assert_int_equal(getsid(pid) == getsid(0), 0);
    assert_int_equal(scene_run(NULL, NULL, "archive", "start", scene->dir, NULL), 0);
    assert_int_equal(scene_pid(scene), pid);
    assert_int_equal(scene_run(NULL, NULL, "archive", "stop", scene->dir, NULL), 0);
    assert_int_equal(scene_pid(scene), 0);
    assert_int_equal(scene_run(NULL, NULL, "archive", "stop", scene->dir, NULL), 0);
    assert_int_equal(scene_run(NULL, NULL, "archive", "status", scene->dir, "--json", NULL), 0);
}

static void an_init_killed_anywhere_is_finished_by_the_next(void **state)
{
    static const char *const points[] = {"archive.folders", "archive.initdb", "archive.database",
                                         "migrate.applied", "archive.schema"};
    Scene *scene = *state;
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autofree char *fault = g_strdup_printf("kill:%s", points[i]);
        assert_int_equal(scene_run(fault, NULL, "archive", "init", scene->dir, NULL), -SIGKILL);
        g_autoptr(GError) error = NULL;
        assert_null(da_archive_open(scene->dir, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
        g_autofree char *output = NULL;
        if (scene_run(NULL, &output, "archive", "init", scene->dir, NULL) != 0)
            fail_msg("%s: %s", points[i], output);
        assert_int_equal(scene_run(NULL, NULL, "archive", "stop", scene->dir, NULL), 0);
        assert_true(da_tree_remove(scene->dir, NULL));
    }
}

static void what_is_no_archive_is_said(void **state)
{
    Scene *scene = *state;
    g_autofree char *file = g_build_filename(scene->folder, "thesis.doc", NULL);
    assert_true(g_file_set_contents(file, "text", -1, NULL));
    g_autoptr(GError) open_error = NULL, init_error = NULL, file_error = NULL, status_error = NULL;
    DaArchiveStatus status;
    assert_null(da_archive_open(scene->folder, &open_error));
    assert_true(g_error_matches(open_error, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_null(da_archive_init(scene->folder, &init_error));
    assert_true(g_error_matches(init_error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_non_null(strstr(init_error->message, "thesis.doc"));
    assert_null(da_archive_init(file, &file_error));
    assert_non_null(file_error);
    assert_false(da_archive_status(scene->folder, &status, &status_error));
    da_archive_status_clear(&status);
    assert_false(da_archive_stop(scene->folder, NULL));
}

static char *pid_file(const Scene *scene)
{
    return g_build_filename(scene->dir, "pg", "data", "postmaster.pid", NULL);
}

static void a_killed_server_is_started_again(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaArchive) archive = scene_init(scene);
    int pid = scene_pid(scene);
    kill(pid, SIGKILL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaArchive) again = da_archive_open(scene->dir, &error);
    if (!again)
        fail_msg("%s", error->message);
    assert_int_not_equal(scene_pid(scene), pid);
    G_GNUC_UNUSED g_autoptr(PGconn) db =
        scene_connect(archive); /* opened before the crash, good after it */
}

/* The number in the file belongs to another program of the same user by now: this PostgreSQL alone would refuse. */
static void a_stale_pid_file_with_a_number_in_use_is_no_server(void **state)
{
    Scene *scene = *state;
    {
        G_GNUC_UNUSED g_autoptr(DaArchive) archive = scene_init(scene);
    }
    assert_true(da_archive_stop(scene->dir, NULL));
    g_autofree char *path = pid_file(scene), *data = g_path_get_dirname(path);
    struct stat found;
    assert_int_equal(stat(data, &found), 0);
    pid_t other = fork();
    if (other == 0) {
        if (geteuid() == 0 && (setgid(found.st_gid) != 0 || setuid(found.st_uid) != 0))
            _exit(1);
        pause();
        _exit(0);
    }
    g_usleep(100000);
    g_autofree char *text = g_strdup_printf("%d\n/elsewhere\n1\n5432\n../run\n", (int)other);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    (void)!chown(path, found.st_uid, found.st_gid);
    assert_int_equal(scene_pid(scene), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaArchive) again = da_archive_open(scene->dir, &error);
    int alive = kill(other, 0);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    if (!again)
        fail_msg("%s", error->message);
    assert_int_equal(alive, 0);
    assert_true(scene_pid(scene) > 0);
}

static void two_starts_at_once_make_one_server(void **state)
{
    Scene *scene = *state;
    {
        G_GNUC_UNUSED g_autoptr(DaArchive) archive = scene_init(scene);
    }
    assert_true(da_archive_stop(scene->dir, NULL));
    const char *const argv[] = {g_getenv("DANGAN_BIN"), "archive", "start", scene->dir, NULL};
    GPid pids[4];
    for (guint i = 0; i < G_N_ELEMENTS(pids); i++)
        assert_true(g_spawn_async(NULL, (char **)(gpointer)argv, NULL,
                                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                                  NULL, &pids[i], NULL));
    for (guint i = 0; i < G_N_ELEMENTS(pids); i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        assert_int_equal(status, 0);
    }
    g_autofree char *log = g_build_filename(scene->dir, "pg", "log", "server.log", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(log, &text, NULL, NULL));
    g_auto(GStrv) starts = g_strsplit(text, "starting PostgreSQL", -1);
    assert_int_equal(g_strv_length(starts) - 1, 2); /* by init, by one of the four */
}

/* Longer than a socket path may be, than PostgreSQL's own limit of 1024, and closed to the server's user on the way. */
static void a_long_and_closed_path_is_no_obstacle(void **state)
{
    Scene *scene = *state;
    g_autofree char *part = g_strnfill(200, 'x');
    g_autofree char *dir =
        g_build_filename(scene->folder, part, part, part, part, part, part, part, "档案", NULL);
    assert_true(da_dir_make(dir, NULL));
    assert_int_equal(chmod(scene->folder, 0700), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaArchive) archive = da_archive_init(dir, &error);
    if (archive) {
        g_autoptr(PGconn) db = scene_connect(archive);
        assert_ask(db, "SELECT 1", "1");
    }
    assert_true(da_archive_stop(dir, NULL));
    if (!archive)
        fail_msg("%s", error->message);
}

static void an_ordinary_user_runs_it_as_itself(void **state)
{
    Scene *scene = *state;
    const char *const look[] = {
        "runuser", "-u", "nobody", "--", "test", "-x", g_getenv("DANGAN_BIN"), NULL};
    int reachable = -1;
    if (geteuid() != 0 ||
        !g_spawn_sync(NULL, (char **)(gpointer)look, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                      NULL, &reachable, NULL) ||
        reachable != 0) {
        print_message("# needs root, and a build folder that others can enter\n");
        skip();
    }
    g_autofree char *home = g_build_filename(scene->folder, "home", NULL);
    g_autofree char *dir = g_build_filename(home, "archive", NULL);
    assert_int_equal(chmod(scene->folder, 0755), 0);
    assert_int_equal(g_mkdir(home, 0755), 0);
    assert_int_equal(chown(home, 65534, 65534), 0);
    static const char *const actions[] = {"init", "start", "status", "stop"};
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        const char *const argv[] = {"runuser", "-u",       "nobody", "--", g_getenv("DANGAN_BIN"),
                                    "archive", actions[i], dir,      NULL};
        g_autofree char *output = NULL, *said = NULL;
        int status = -1;
        assert_true(g_spawn_sync(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
                                 NULL, &output, &said, &status, NULL));
        if (status != 0) {
            da_archive_stop(dir, NULL);
            fail_msg("%s: %s", actions[i], said);
        }
        if (i == 1) { /* root in somebody else's archive */
            g_autoptr(GError) error = NULL;
            g_autoptr(DaArchive) archive = da_archive_open(dir, &error);
            assert_non_null(archive);
            g_clear_pointer(&archive, da_archive_free);
        }
    }
}

static void settings_are_kept_and_checked(void **state)
{
    Scene *scene = *state;
    {
        g_autoptr(DaArchive) archive = scene_init(scene);
        assert_null(da_config_text(da_archive_config(archive), "district"));
    }
    g_autoptr(GError) error = NULL;
    assert_true(da_archive_configure(scene->dir, "district", "310104", NULL));
    assert_true(da_archive_configure(scene->dir, "session-minutes", "5", NULL));
    assert_false(da_archive_configure(scene->dir, "session-minutes", "soon", &error));
    assert_false(da_archive_configure(scene->dir, "distict", "1", NULL));
    g_autoptr(DaArchive) archive = da_archive_open(scene->dir, NULL);
    assert_string_equal(da_config_text(da_archive_config(archive), "district"), "310104");
    assert_int_equal(da_config_integer(da_archive_config(archive), "session-minutes"), 5);
    g_autofree char *path = g_build_filename(scene->dir, "dangan.conf", NULL), *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, "# How long a session lasts"));
}

static void a_schema_of_a_newer_program_is_left_alone(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    assert_true(da_db_run(db, NULL, "INSERT INTO schema_version VALUES (9999, 'later')", NULL));
    g_autoptr(GError) error = NULL;
    assert_null(da_archive_open(scene->dir, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
}

static void nothing_of_a_statement_reaches_the_log(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    static const char secret[] = "SECRETNAME";
    g_autoptr(GError) error = NULL;
    assert_false(da_db_run(db, &error, "SELECT $1::integer", secret, NULL));
    assert_false(da_db_run(db, NULL, "SELECT * FROM \"SECRETNAME\"", NULL));
    const char *insert = "INSERT INTO account VALUES ($1, '', '')";
    assert_true(da_db_run(db, NULL, insert, secret, NULL));
    g_autoptr(GError) twice = NULL;
    assert_false(da_db_run(db, &twice, insert, secret, NULL));
    assert_true(g_error_matches(twice, DA_ERROR, DA_ERROR_CONFLICT));
    assert_null(strstr(twice->message, secret));
    g_autofree char *log = g_build_filename(scene->dir, "pg", "log", "server.log", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(log, &text, NULL, NULL));
    assert_null(strstr(text, secret));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(init_twice_finds_the_same_server),
        CASE(the_server_outlives_the_program_and_its_terminal),
        CASE(an_init_killed_anywhere_is_finished_by_the_next),
        CASE(what_is_no_archive_is_said),
        CASE(a_killed_server_is_started_again),
        CASE(a_stale_pid_file_with_a_number_in_use_is_no_server),
        CASE(two_starts_at_once_make_one_server),
        CASE(a_long_and_closed_path_is_no_obstacle),
        CASE(an_ordinary_user_runs_it_as_itself),
        CASE(settings_are_kept_and_checked),
        CASE(a_schema_of_a_newer_program_is_left_alone),
        CASE(nothing_of_a_statement_reaches_the_log),
    };
    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
