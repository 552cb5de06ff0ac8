#include "scans.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/split.h>
#include <dangan/worker.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_SECONDS 3600
#define WORKER_MEMORY_BYTES ((guint64)4 << 30)

typedef struct {
    const DaScanVerb *verb;
    char **files;
    guint next, shown;
    const char *engine;
    gboolean json, failed;
    char **answers; /* by file: lines of JSON, "" = failed; NULL = not yet */
} Looking;

typedef struct {
    const Looking *looking;
    DaRecognizer *recognizer;
} Desk;

static char *next_file(gpointer data)
{
    Looking *looking = data;
    return looking->files[looking->next] ? g_strdup_printf("%u", looking->next++) : NULL;
}

static gpointer enter(gpointer data, GError **error)
{
    Desk *desk = g_new0(Desk, 1);
    desk->looking = data;
    desk->recognizer = da_recognizer_new(desk->looking->engine, error);
    if (desk->recognizer)
        return desk;
    g_free(desk);
    return NULL;
}

static gboolean append_side(GString *lines, DaScanFile *scan, guint frame, const char *file,
                            const Desk *desk, GError **error)
{
    guint dpi = 0;
    g_autoptr(GBytes) master = da_scan_file_master(scan, frame, &dpi, error);
    g_autoptr(json_t) side =
        master ? desk->looking->verb->look(master, dpi, desk->recognizer, error) : NULL;
    if (!side)
        return FALSE;
    g_autofree char *name = g_filename_display_name(file);
    g_autoptr(json_t) object = json_pack("{s:s, s:i}", "file", name, "page", (int)frame);
    json_object_update(object, side);
    g_autofree char *line = json_dumps(object, JSON_COMPACT);
    g_string_append_printf(lines, "%s\n", line);
    return TRUE;
}

static char *look_at_file(const char *job, gpointer entered, GError **error)
{
    const Desk *desk = entered;
    const char *file = desk->looking->files[atoi(job)];
    g_autoptr(DaScanFile) scan = da_scan_file_open(file, error);
    g_autoptr(GString) lines = g_string_new(NULL);
    if (!scan)
        return NULL;
    for (guint frame = 1; frame <= da_scan_file_frames(scan); frame++) {
        if (append_side(lines, scan, frame, file, desk, error))
            continue;
        g_prefix_error(error, "page %u: ", frame);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&lines), FALSE);
}

static void show(const Looking *looking, const char *answer)
{
    if (looking->json) {
        fputs(answer, stdout);
        return;
    }
    g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
    for (guint i = 0; lines[i] && *lines[i]; i++) {
        g_autoptr(json_t) side = json_loads(lines[i], 0, NULL);
        looking->verb->print(side);
    }
}

static gboolean file_done(const char *job, DaWorkerOutcome outcome, const char *answer,
                          const GError *job_error, gpointer data, GError **error)
{
    Looking *looking = data;
    int at = atoi(job);
    if (outcome != DA_WORKER_DONE) {
        fprintf(stderr, "dangan %s: %s: %s\n", looking->verb->verb, looking->files[at],
                job_error->message);
        looking->failed = TRUE;
    }
    looking->answers[at] = g_strdup(answer ? answer : "");
    for (; looking->files[looking->shown] && looking->answers[looking->shown]; looking->shown++)
        show(looking, looking->answers[looking->shown]);
    fflush(stdout);
    return TRUE;
}

static int look_at_all(Looking *looking, guint jobs)
{
    guint n = g_strv_length(looking->files);
    g_auto(GStrv) answers = g_new0(char *, n + 1);
    DaWorkerPool pool = {.processes = CLAMP(jobs ? jobs : g_get_num_processors(), 1, n),
                         .memory_bytes = WORKER_MEMORY_BYTES,
                         .seconds = FILE_SECONDS,
                         .stop = da_cli_stop_flag(),
                         .next = next_file,
                         .enter = enter,
                         .work = look_at_file,
                         .done = file_done,
                         .data = looking};
    g_autoptr(GError) error = NULL;
    looking->answers = answers;
    gboolean ran = da_workers_run(&pool, &error);
    looking->answers = NULL;
    if (!ran)
        return da_cli_fail(looking->verb->verb, error);
    return looking->failed ? 3 : 0;
}

/* Whether there is such an engine; and which one serves where "auto" could not take the best. Closed again before workers fork. */
static gboolean tell_engine(const Looking *looking, GError **error)
{
    g_autoptr(DaRecognizer) known = da_recognizer_new(looking->engine, error);
    if (known && da_recognizer_note(known))
        fprintf(stderr, "dangan %s: reading with %s: %s\n", looking->verb->verb,
                da_recognizer_name(known), da_recognizer_note(known));
    return known != NULL;
}

int da_cli_look_at_scans(const DaScanVerb *verb, int argc, char **argv)
{
    g_autofree char *engine = g_strdup(verb->engine);
    gboolean json = FALSE;
    int jobs = 0;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "one JSON object a side, one a line", NULL},
        {"engine", 0, 0, G_OPTION_ARG_STRING, &engine, DA_RECOGNIZER_CHOICE, "NAME"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "worker processes (default: one a core)", "N"},
        {NULL}};
    g_autoptr(GError) error = NULL;
    if (!da_cli_parse(&argc, &argv, entries, "FILE…", verb->about, verb->example, &error))
        return da_cli_fail(verb->verb, error);
    if (argc < 2 || jobs < 0 || jobs > (int)DA_WORKERS_MAX) {
        da_error_set(&error, DA_ERROR_USAGE, "%s; see dangan %s --help",
                     argc < 2 ? "name at least one image" : "--jobs is out of range", verb->verb);
        return da_cli_fail(verb->verb, error);
    }
    Looking looking = {.verb = verb, .files = argv + 1, .engine = engine, .json = json};
    return tell_engine(&looking, &error) ? look_at_all(&looking, (guint)jobs)
                                         : da_cli_fail(verb->verb, error);
}
