#include "scene.h"

#include <dangan/db.h>
#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

static GPtrArray *left; /* archive folders whose cluster may still run */

static void stop_all(void)
{
    for (guint i = 0; i < left->len; i++)
        da_archive_stop(left->pdata[i], NULL);
    g_ptr_array_unref(left);
}

int scene_begin(void **state)
{
    Scene *scene = g_new0(Scene, 1);
    scene->folder = g_dir_make_tmp("dangan-store-XXXXXX", NULL);
    scene->dir = g_build_filename(scene->folder, "archive", NULL);
    if (!left) {
        left = g_ptr_array_new_with_free_func(g_free);
        atexit(stop_all);
    }
    g_ptr_array_add(left, g_strdup(scene->dir));
    *state = scene;
    return 0;
}

int scene_end(void **state)
{
    Scene *scene = *state;
    da_archive_stop(scene->dir, NULL);
    gboolean removed = da_tree_remove(scene->folder, NULL);
    g_free(scene->folder);
    g_free(scene->dir);
    g_free(scene);
    return removed ? 0 : -1;
}

DaArchive *scene_init(const Scene *scene)
{
    g_autoptr(GError) error = NULL;
    DaArchive *archive = da_archive_init(scene->dir, &error);
    if (!archive)
        fail_msg("%s", error->message);
    return archive;
}

PGconn *scene_connect(const DaArchive *archive)
{
    g_autoptr(GError) error = NULL;
    PGconn *db = da_archive_connect(archive, &error);
    if (!db)
        fail_msg("%s", error->message);
    return db;
}

/* `first` and the words behind it are added to `argv`, which ends with them. */
static int run(GPtrArray *argv, const char *fault, char **output, const char *first, va_list list)
{
    for (const char *word = first; word; word = va_arg(list, const char *))
        g_ptr_array_add(argv, (gpointer)word);
    g_ptr_array_add(argv, NULL);
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "DANGAN_LANG", "en", TRUE);
    if (fault)
        environment = g_environ_setenv(environment, "DANGAN_FAULT", fault, TRUE);
    g_autofree char *said = NULL, *complained = NULL;
    int status = 0;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(NULL, (char **)argv->pdata, environment, G_SPAWN_SEARCH_PATH, NULL, NULL,
                      &said, &complained, &status, &error))
        fail_msg("%s", error->message);
    if (output)
        *output = g_strconcat(said, complained, NULL);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int scene_run(const char *fault, char **output, const char *first, ...)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer)g_getenv("DANGAN_BIN"));
    va_list list;
    va_start(list, first);
    int status = run(argv, fault, output, first, list);
    va_end(list);
    return status;
}

int scene_type(const char *line, const char *fault, char **output, const char *first, ...)
{
    static const char *const shell[] = {"sh", "-c", "exec \"$@\" <<.\n$TYPED\n.\n", "sh"};
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(shell); i++)
        g_ptr_array_add(argv, (gpointer)shell[i]);
    g_ptr_array_add(argv, (gpointer)g_getenv("DANGAN_BIN"));
    g_setenv("TYPED", line, TRUE);
    va_list list;
    va_start(list, first);
    int status = run(argv, fault, output, first, list);
    va_end(list);
    return status;
}

int scene_pid(const Scene *scene)
{
    DaArchiveStatus status;
    int pid = da_archive_status(scene->dir, &status, NULL) ? status.pid : -1;
    da_archive_status_clear(&status);
    return pid;
}

char *scene_ask(PGconn *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) result = da_db_query(db, &error, sql, NULL);
    if (!result)
        fail_msg("%s: %s", sql, error->message);
    return g_strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
}
