/*
 * A temporary folder with an archive in it, and the program itself for what must be killed. The cluster is stopped by scene_end, and
 * at the end of the test program where a test did not come so far.
 */
#pragma once

#include <dangan/archive.h>

typedef struct {
    char *folder;
    char *dir; /* folder/archive */
} Scene;

/* cmocka setup and teardown; *state is the Scene. */
int scene_begin(void **state);
int scene_end(void **state);

DaArchive *scene_init(const Scene *scene);
PGconn *scene_connect(const DaArchive *archive);
/* Runs the program with NULL-ended arguments; `fault` is DANGAN_FAULT (NULL = none). Returns its exit status, or minus the signal that
 * ended it. What it wrote goes to `output` (may be NULL; the caller's). */
int scene_run(const char *fault, char **output, const char *first, ...) G_GNUC_NULL_TERMINATED;
/* The same with a line on its standard input. */
int scene_type(const char *line, const char *fault, char **output, const char *first, ...) G_GNUC_NULL_TERMINATED;
int scene_pid(const Scene *scene);
/* The first cell of a query; the caller owns it. */
char *scene_ask(PGconn *db, const char *sql);
#define assert_ask(db, sql, wanted)                                                                \
    do {                                                                                           \
        g_autofree char *said = scene_ask(db, sql);                                                \
        assert_string_equal(said, wanted);                                                         \
    } while (0)
