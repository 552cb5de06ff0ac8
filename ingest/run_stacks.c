#include "run.h"
#include "stack.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/split.h>
#include <dangan/worker.h>
#include <stdio.h>
#include <string.h>

/* Raised when other sheets would be found. */
#define SHEETS_STEP "sheets-1"
#define SHEETS_FOLDER "sheets"
#define FILE_SECONDS 120
#define FILE_MEMORY_BYTES ((guint64)4 << 30)
/* Sides of one file that one job looks at: enough to open the file but rarely, few enough for all workers. */
#define SIDES_A_JOB 16
#define KEPT_MAX_BYTES ((gsize)16 << 20)
/* Half of it is enough for the codes, and JPEG gives halves cheaply. */
#define HALF_DPI 250
#define ASSUMED_DPI 300
#define TWO "!"

typedef struct {
    DaRunScan scan;
    DaStack *stack;     /* borrowed */
    guint from;         /* its first side in the stack */
    json_t *sheets;     /* {"3": payload}: by page; TWO for a page with two */
    json_t *blanks;     /* {"4": true or false} */
    gboolean looked_at; /* an earlier run knows */
    gboolean changed;   /* this run knows more */
} StackFile;

typedef struct {
    DaRun *run;
    GPtrArray *stacks; /* DaStack * */
    DaStack *loose;    /* of single images beside the folders; borrowed from `stacks` */
    GArray *files;     /* StackFile */
    guint next, next_side;
} Stacks;

static void file_clear(gpointer data)
{
    StackFile *file = data;
    g_free(file->scan.path);
    g_free(file->scan.sha256);
    json_decref(file->sheets);
    json_decref(file->blanks);
}

static StackFile *file_at(const Stacks *stacks, guint i)
{
    return &g_array_index(stacks->files, StackFile, i);
}

/* --- where sheets may be ------------------------------------------------------------------------------------------------ */

static void add_file(Stacks *stacks, DaStack *stack, const char *path)
{
    StackFile file = {.scan.path = g_strdup(path),
                      .stack = stack,
                      .sheets = json_object(),
                      .blanks = json_object()};
    g_array_append_val(stacks->files, file);
}

static gboolean is_image(const char *path)
{
    return g_str_has_suffix(path, "g") ||
           g_str_has_suffix(path, "G"); /* jpg, jpeg, png: the batch has looked at the rest */
}

static DaStack *add_stack(Stacks *stacks, const char *name, const char *folder)
{
    g_ptr_array_add(stacks->stacks, da_stack_new(name, folder));
    return g_ptr_array_index(stacks->stacks, stacks->stacks->len - 1);
}

static gboolean has_catalogue(const DaRun *run, const DaBatchDossier *dossier)
{
    g_autoptr(GError) two = NULL;
    g_autofree char *path = da_list_find(dossier->path, run->profile->catalogue, &two);
    return path || two;
}

/* Beside the folders each container is a stack of its own: a sheet that is missing must not give its sides to the dossier before.
 * Single images there are one stack together. */
static void list_files(Stacks *stacks)
{
    const DaBatch *batch = stacks->run->batch;
    const char *where = da_config_text(batch->config, "separators");
    gboolean never = !strcmp(where, "never");
    g_autofree char *base = g_path_get_basename(batch->path);
    stacks->loose = add_stack(stacks, base, NULL);
    for (guint i = 0; i < batch->stacks->len; i++) {
        const char *path = g_ptr_array_index(batch->stacks, i);
        g_autofree char *name = g_path_get_basename(path);
        add_file(stacks, is_image(path) ? stacks->loose : add_stack(stacks, name, NULL), path);
        file_at(stacks, stacks->files->len - 1)->looked_at = never;
    }
    for (guint i = 0; !never && i < batch->dossiers->len; i++) {
        const DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (strcmp(where, "always") && has_catalogue(stacks->run, dossier))
            continue;
        DaStack *stack = add_stack(stacks, dossier->name, dossier->name);
        for (guint s = 0; s < dossier->scans->len; s++)
            add_file(stacks, stack, g_ptr_array_index(dossier->scans, s));
    }
}

/* --- what is kept --------------------------------------------------------------------------------------------------------- */

static char *kept_path(const Stacks *stacks, const StackFile *file)
{
    g_autofree char *name = g_strconcat(file->scan.sha256, ".json", NULL);
    return g_build_filename(stacks->run->options->out, ".dangan", SHEETS_FOLDER, name, NULL);
}

static void recall(const Stacks *stacks, StackFile *file)
{
    if (file->looked_at)
        return;
    g_autofree char *path = kept_path(stacks, file);
    g_autoptr(GBytes) bytes = da_file_read(path, KEPT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    g_autoptr(json_t) kept = data ? json_loadb(data, size, 0, NULL) : NULL;
    const char *step = json_string_value(json_object_get(kept, "step"));
    json_t *sheets = json_object_get(kept, "sheets"), *blanks = json_object_get(kept, "blanks");
    if (!step || strcmp(step, SHEETS_STEP) || !json_is_object(sheets) || !json_is_object(blanks))
        return;
    json_object_update(file->sheets, sheets);
    json_object_update(file->blanks, blanks);
    file->looked_at = TRUE;
}

static gboolean keep(const Stacks *stacks, GError **error)
{
    g_autofree char *folder =
        g_build_filename(stacks->run->options->out, ".dangan", SHEETS_FOLDER, NULL);
    if (!da_dir_make(folder, error))
        return FALSE;
    for (guint i = 0; i < stacks->files->len; i++) {
        const StackFile *file = file_at(stacks, i);
        if (!file->changed)
            continue;
        g_autofree char *path = kept_path(stacks, file);
        g_autoptr(json_t) kept = json_pack("{s:s, s:O, s:O}", "step", SHEETS_STEP, "sheets",
                                           file->sheets, "blanks", file->blanks);
        g_autofree char *text = json_dumps(kept, JSON_COMPACT | JSON_SORT_KEYS);
        if (!da_file_write(path, text, strlen(text), error))
            return FALSE;
    }
    return TRUE;
}

/* --- workers ---------------------------------------------------------------------------------------------------------------- */

static gboolean run_pool(Stacks *stacks, char *(*next)(gpointer),
                         char *(*work)(const char *, gpointer, GError **),
                         gboolean (*done)(const char *, DaWorkerOutcome, const char *,
                                          const GError *, gpointer, GError **),
                         GError **error)
{
    const DaWorkerPool pool = {.processes = stacks->run->options->jobs,
                               .memory_bytes = FILE_MEMORY_BYTES,
                               .seconds = FILE_SECONDS,
                               .stop = stacks->run->options->stop,
                               .next = next,
                               .work = work,
                               .done = done,
                               .data = stacks};
    stacks->next = stacks->next_side = 0;
    return da_workers_run(&pool, error);
}

static StackFile *file_of(const Stacks *stacks, const char *job, guint *from, guint *to)
{
    guint i = 0;
    *from = *to = 0;
    sscanf(job, "%u %u %u", &i, from, to);
    return file_at(stacks, i);
}

static char *next_file(gpointer data)
{
    Stacks *stacks = data;
    for (; stacks->next < stacks->files->len; stacks->next++) {
        StackFile *file = file_at(stacks, stacks->next);
        const DaRunScan *known = da_run_opened(stacks->run, file->scan.path);
        if (!known)
            return g_strdup_printf("%u", stacks->next++);
        file->scan.frames = known->frames;
        file->scan.container = known->container;
        file->scan.sha256 = g_strdup(known->sha256);
        recall(stacks, file);
    }
    return NULL;
}

/* "frames container digest" */
static char *open_file(const char *job, gpointer data, GError **error)
{
    guint from, to;
    const StackFile *file = file_of(data, job, &from, &to);
    DaDigest digest;
    g_autoptr(DaScanFile) scan = da_scan_file_open(file->scan.path, error);
    if (!scan || !da_digest_file(file->scan.path, &digest, NULL, error))
        return NULL;
    return g_strdup_printf("%u %d %s", da_scan_file_frames(scan), da_scan_file_is_container(scan),
                           digest.hex);
}

/* What cannot be opened here is told by the pass that opens all scans; beside the folders nobody else would tell. */
static void tell_unreadable(const Stacks *stacks, const StackFile *file, const GError *why)
{
    if (file->stack->folder || file->stack == stacks->loose)
        return;
    const DaRule *rule = da_profile_rule(stacks->run->profile, "image-decodes");
    DaFinding *finding =
        rule ? da_rule_finding(rule, file->stack->name)
             : da_finding_new("image-decodes", DA_SEVERITY_FATAL, file->stack->name);
    finding->severity = DA_SEVERITY_FATAL;
    da_finding_set(&finding->message, "cannot be read: %s", why->message);
    da_finding_set(&finding->message_zh, "无法读取：%s", why->message);
    g_ptr_array_add(stacks->run->batch->findings, finding);
}

static gboolean file_opened(const char *job, DaWorkerOutcome outcome, const char *answer,
                            const GError *job_error, gpointer data, GError **error)
{
    Stacks *stacks = data;
    guint from, to;
    StackFile *file = file_of(stacks, job, &from, &to);
    char sha256[DA_DIGEST_HEX + 1];
    int container = 0;
    if (outcome == DA_WORKER_DONE &&
        sscanf(answer, "%u %d %64s", &file->scan.frames, &container, sha256) == 3) {
        file->scan.container = container != 0;
        file->scan.sha256 = g_strdup(sha256);
        da_run_note_opened(stacks->run, &file->scan);
        recall(stacks, file);
        return TRUE;
    }
    file->scan.frames = 0;
    if (g_error_matches(job_error, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    }
    tell_unreadable(stacks, file, job_error);
    return TRUE;
}

/* --- sheets ------------------------------------------------------------------------------------------------------------------ */

static char *next_sides(gpointer data)
{
    Stacks *stacks = data;
    for (; stacks->next < stacks->files->len; stacks->next++, stacks->next_side = 0) {
        const StackFile *file = file_at(stacks, stacks->next);
        guint from = stacks->next_side + 1;
        if (file->looked_at || from > file->scan.frames)
            continue;
        stacks->next_side = MIN(stacks->next_side + SIDES_A_JOB, file->scan.frames);
        return g_strdup_printf("%u %u %u", stacks->next, from, stacks->next_side);
    }
    return NULL;
}

static Pix *decode_side(DaScanFile *scan, guint frame, guint *dpi)
{
    DaImageInfo info;
    g_autoptr(GBytes) master = da_scan_file_master(scan, frame, dpi, NULL);
    if (!master || !da_image_probe(master, &info, NULL))
        return NULL;
    *dpi = info.dpi_x ? info.dpi_x : *dpi ? *dpi : ASSUMED_DPI;
    guint denominator = *dpi >= HALF_DPI ? 2 : 1;
    *dpi /= denominator;
    return da_image_decode_reduced(master, denominator, NULL);
}

/* {"3": payload}. A side that cannot be decoded is no sheet; the pass over all sides tells of it. */
static char *read_sheets(const char *job, gpointer data, GError **error)
{
    guint from, to;
    const StackFile *file = file_of(data, job, &from, &to);
    g_autoptr(DaScanFile) scan = da_scan_file_open(file->scan.path, error);
    if (!scan)
        return NULL;
    g_autoptr(json_t) found = json_object();
    for (guint frame = from; frame <= to; frame++) {
        guint dpi = 0;
        gboolean two = FALSE;
        g_autoptr(Pix) pix = decode_side(scan, frame, &dpi);
        g_autoptr(DaSeparator) sheet = pix ? da_separator_read(pix, &two) : NULL;
        g_autofree char *payload = sheet ? da_separator_payload(sheet->kind, sheet->text) : NULL;
        g_autofree char *key = g_strdup_printf("%u", frame);
        if (payload || two)
            json_object_set_new(found, key, json_string(payload ? payload : TWO));
    }
    return json_dumps(found, JSON_COMPACT);
}

static gboolean sheets_read(const char *job, DaWorkerOutcome outcome, const char *answer,
                            const GError *job_error, gpointer data, GError **error)
{
    guint from, to;
    StackFile *file = file_of(data, job, &from, &to);
    g_autoptr(json_t) found = outcome == DA_WORKER_DONE ? json_loads(answer, 0, NULL) : NULL;
    if (found)
        json_object_update(file->sheets, found);
    file->changed = TRUE;
    return TRUE;
}

/* --- backs of sheets ------------------------------------------------------------------------------------------------------- */

static void fill_stacks(Stacks *stacks)
{
    for (guint i = 0; i < stacks->files->len; i++) {
        StackFile *file = file_at(stacks, i);
        if (!file->stack->folder && file->scan.frames == 1 && !file->scan.container)
            file->stack = stacks->loose;
        file->from = file->stack->sides->len;
        if (file->scan.frames == 0 && !file->stack->folder && file->stack != stacks->loose)
            continue; /* told already, and nobody's */
        for (guint frame = 1; frame <= MAX(file->scan.frames, 1); frame++) {
            g_autofree char *key = g_strdup_printf("%u", frame);
            const char *payload = json_string_value(json_object_get(file->sheets, key));
            DaStackSide side = {.path = file->scan.path,
                                .frame = frame,
                                .sheet = payload ? da_separator_parse(payload) : NULL,
                                .two = payload && !strcmp(payload, TWO)};
            g_array_append_val(file->stack->sides, side);
        }
    }
}

static char *next_blank(gpointer data)
{
    Stacks *stacks = data;
    for (; stacks->next < stacks->files->len; stacks->next++, stacks->next_side = 0) {
        const StackFile *file = file_at(stacks, stacks->next);
        while (stacks->next_side < file->scan.frames) {
            guint frame = ++stacks->next_side;
            g_autofree char *key = g_strdup_printf("%u", frame);
            if (da_stack_asks_blank(file->stack, file->from + frame - 1) &&
                !json_object_get(file->blanks, key))
                return g_strdup_printf("%u %u", stacks->next, frame);
        }
    }
    return NULL;
}

static char *look_blank(const char *job, gpointer data, GError **error)
{
    guint frame, to, dpi = 0;
    const StackFile *file = file_of(data, job, &frame, &to);
    DaMeasure measure;
    g_autoptr(DaScanFile) scan = da_scan_file_open(file->scan.path, error);
    g_autoptr(GBytes) master = scan ? da_scan_file_master(scan, frame, &dpi, error) : NULL;
    g_autoptr(Pix) pix = master ? da_image_decode(master, error) : NULL;
    if (!pix)
        return NULL;
    dpi = pixGetXRes(pix) > 0 ? (guint)pixGetXRes(pix) : dpi ? dpi : ASSUMED_DPI;
    return da_measure_page(pix, dpi, &measure, error) ? g_strdup(measure.blank ? "1" : "0") : NULL;
}

static gboolean blank_looked(const char *job, DaWorkerOutcome outcome, const char *answer,
                             const GError *job_error, gpointer data, GError **error)
{
    guint frame, to;
    StackFile *file = file_of(data, job, &frame, &to);
    g_autofree char *key = g_strdup_printf("%u", frame);
    json_object_set_new(file->blanks, key,
                        json_boolean(outcome == DA_WORKER_DONE && !strcmp(answer, "1")));
    file->changed = TRUE;
    return TRUE;
}

static void fill_blanks(const Stacks *stacks)
{
    for (guint i = 0; i < stacks->files->len; i++) {
        const StackFile *file = file_at(stacks, i);
        const char *key;
        json_t *blank;
        json_object_foreach(file->blanks, key, blank)
        {
            guint side = file->from + (guint)g_ascii_strtoull(key, NULL, 10) - 1;
            if (side < file->stack->sides->len)
                g_array_index(file->stack->sides, DaStackSide, side).blank = json_is_true(blank);
        }
    }
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

static gboolean look_at_files(Stacks *stacks, GError **error)
{
    if (!run_pool(stacks, next_file, open_file, file_opened, error) ||
        !run_pool(stacks, next_sides, read_sheets, sheets_read, error))
        return FALSE;
    fill_stacks(stacks);
    if (!run_pool(stacks, next_blank, look_blank, blank_looked, error))
        return FALSE;
    fill_blanks(stacks);
    return keep(stacks, error);
}

static void stack_free(gpointer data)
{
    DaStack *stack = data;
    for (guint i = 0; i < stack->sides->len; i++)
        da_separator_free(g_array_index(stack->sides, DaStackSide, i).sheet);
    da_stack_free(stack);
}

gboolean da_run_split_stacks(DaRun *run, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(stack_free);
    g_autoptr(GArray) files = g_array_new(FALSE, TRUE, sizeof(StackFile));
    g_array_set_clear_func(files, file_clear);
    Stacks stacks = {.run = run, .stacks = list, .files = files};
    list_files(&stacks);
    if (files->len == 0)
        return TRUE;
    if (!look_at_files(&stacks, error))
        return FALSE;
    for (guint i = 0; i < list->len; i++)
        da_stack_deal(g_ptr_array_index(list, i), run->batch, run->profile);
    return TRUE;
}
