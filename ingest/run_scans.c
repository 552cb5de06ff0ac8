#include "remark.h"
#include "run.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/split.h>
#include <dangan/worker.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A scan that cannot be opened in this time hangs. */
#define OPEN_SECONDS 120
#define OPEN_MEMORY_BYTES ((guint64)4 << 30)

/* --- what was opened before ------------------------------------------------------------------------------------------- */

static void opened_free(gpointer data)
{
    DaRunScan *scan = data;
    g_free(scan->path);
    g_free(scan->sha256);
    g_free(scan->as_of);
    g_free(scan);
}

GHashTable *da_ingest_opened_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, opened_free);
}

static char *state_of(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return NULL;
    return g_strdup_printf("%llu %lld %lld.%09ld %lld.%09ld", (unsigned long long)about.st_ino,
                           (long long)about.st_size, (long long)about.st_mtim.tv_sec,
                           about.st_mtim.tv_nsec, (long long)about.st_ctim.tv_sec,
                           about.st_ctim.tv_nsec);
}

const DaRunScan *da_run_opened(const DaRun *run, const char *path)
{
    const DaRunScan *scan = g_hash_table_lookup(run->opened, path);
    g_autofree char *now = scan ? state_of(path) : NULL;
    return now && !g_strcmp0(scan->as_of, now) ? scan : NULL;
}

void da_run_note_opened(const DaRun *run, const DaRunScan *from)
{
    DaRunScan *scan = g_new0(DaRunScan, 1);
    *scan = *from;
    scan->path = g_strdup(from->path);
    scan->sha256 = g_strdup(from->sha256);
    scan->as_of = state_of(from->path);
    g_hash_table_replace(run->opened, scan->path, scan);
}

/* --- opening ------------------------------------------------------------------------------------------------------------ */

static DaRunScan *scan_of(const DaRun *run, const char *job, DaRunDossier **dossier)
{
    guint d = 0, s = 0;
    sscanf(job, "%u %u", &d, &s);
    *dossier = g_ptr_array_index(run->dossiers, d);
    return &g_array_index((*dossier)->scans, DaRunScan, s);
}

static char *next_scan(gpointer data)
{
    DaRun *run = data;
    for (; run->next_dossier < run->dossiers->len; run->next_dossier++, run->next_item = 0) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, run->next_dossier);
        for (; run->next_item < dossier->scans->len; run->next_item++)
            if (!g_array_index(dossier->scans, DaRunScan, run->next_item).sha256)
                return g_strdup_printf("%u %u", run->next_dossier, run->next_item++);
    }
    return NULL;
}

/* In the worker: "frames container digest". */
static char *open_scan(const char *job, gpointer data, GError **error)
{
    DaRunDossier *dossier;
    const DaRunScan *scan = scan_of(data, job, &dossier);
    DaDigest digest;
    g_autofree char *name = g_path_get_basename(scan->path);
    da_fault_point_of("scan.open", name);
    g_autoptr(DaScanFile) file = da_scan_file_open(scan->path, error);
    if (!file || !da_digest_file(scan->path, &digest, NULL, error))
        return NULL;
    return g_strdup_printf("%u %d %s", da_scan_file_frames(file), da_scan_file_is_container(file),
                           digest.hex);
}

static void report_unreadable(DaRun *run, DaRunDossier *dossier, const DaRunScan *scan,
                              const GError *why)
{
    DaFinding *finding = da_run_report(run, dossier, "image-decodes", DA_SEVERITY_FATAL);
    g_autofree char *base = g_path_get_basename(scan->path);
    finding->file = da_name_text(base);
    da_finding_set(&finding->message, "cannot be read: %s", why->message);
    da_finding_set(&finding->message_zh, "无法读取：%s", why->message);
}

static gboolean is_replaced(const DaRunDossier *dossier, const DaRunScan *scan)
{
    static const char *const single[] = {".jpg", ".jpeg", ".png", NULL};
    const char *dot = strrchr(scan->path, '.');
    gboolean one_page = FALSE;
    for (guint i = 0; single[i] && dot; i++)
        one_page |= !g_ascii_strcasecmp(dot, single[i]);
    return one_page && da_correction_of(dossier->source, scan->path, 1, DA_CORRECT_REPLACE);
}

static gboolean scan_opened(const char *job, DaWorkerOutcome outcome, const char *answer,
                            const GError *job_error, gpointer data, GError **error)
{
    DaRun *run = data;
    DaRunDossier *dossier;
    DaRunScan *scan = scan_of(run, job, &dossier);
    char sha256[DA_DIGEST_HEX + 1];
    int container = 0;
    if (outcome == DA_WORKER_DONE &&
        sscanf(answer, "%u %d %64s", &scan->frames, &container, sha256) == 3) {
        scan->container = container != 0;
        scan->sha256 = g_strdup(sha256);
        da_run_note_opened(run, scan);
        return TRUE;
    }
    scan->frames = 0;
    if (g_error_matches(job_error, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    }
    /* A bad scan that was made again is no loss. */
    if (!is_replaced(dossier, scan))
        report_unreadable(run, dossier, scan, job_error);
    return TRUE;
}

/* A side that was scanned again under another name keeps its place. */
static void replace(const DaRunDossier *dossier, DaRunSide *side)
{
    const DaRunScan *scan = &g_array_index(dossier->scans, DaRunScan, side->scan);
    const DaSideCorrection *correction =
        da_correction_of(dossier->source, scan->path, side->frame, DA_CORRECT_REPLACE);
    for (guint s = 0; correction && s < dossier->scans->len; s++) {
        const DaRunScan *other = &g_array_index(dossier->scans, DaRunScan, s);
        g_autofree char *base = g_path_get_basename(other->path);
        g_autofree char *name = da_name_text(base);
        if (strcmp(name, correction->other))
            continue;
        side->scan = s;
        side->frame = correction->number;
    }
}

/* The corrections name files and pages; only now it is known how many pages there are. */
static void check_corrections(const DaRun *run, DaRunDossier *dossier)
{
    const GPtrArray *corrections = dossier->source->corrections;
    for (guint i = 0; i < corrections->len; i++) {
        const DaSideCorrection *correction = corrections->pdata[i];
        for (guint s = 0; s < dossier->scans->len; s++) {
            const DaRunScan *scan = &g_array_index(dossier->scans, DaRunScan, s);
            g_autofree char *base = g_path_get_basename(scan->path);
            g_autofree char *name = da_name_text(base);
            gboolean target =
                !strcmp(name, correction->scan) && correction->frame > MAX(scan->frames, 1);
            gboolean source =
                !g_strcmp0(name, correction->other) && correction->number > MAX(scan->frames, 1);
            if (!target && !source)
                continue;
            g_autofree char *why = g_strdup_printf("'%s' has no page %u", name,
                                                   target ? correction->frame : correction->number);
            g_autofree char *why_zh = g_strdup_printf(
                "“%s”没有第 %u 页", name, target ? correction->frame : correction->number);
            da_run_refuse(run, dossier, correction, why, why_zh);
        }
    }
}

static void add_side(DaRunDossier *dossier, guint scan, guint frame, const char *name)
{
    DaRunSide side = {
        .scan = scan, .frame = frame, .place = scan, .place_frame = frame, .name = name};
    if (da_correction_is_replacement(dossier->source,
                                     g_array_index(dossier->scans, DaRunScan, scan).path))
        return;
    replace(dossier, &side);
    side.failed = g_array_index(dossier->scans, DaRunScan, side.scan).frames < side.frame;
    g_array_append_val(dossier->sides, side);
    dossier->pending += !side.failed;
}

static void add_scan(DaRunDossier *dossier, guint scan)
{
    guint frames = g_array_index(dossier->scans, DaRunScan, scan).frames;
    for (guint frame = 1; frame <= MAX(frames, 1); frame++)
        add_side(dossier, scan, frame, NULL);
}

static void list_sides(DaRunDossier *dossier)
{
    const GArray *parts = dossier->source->parts;
    for (guint i = 0; parts && i < parts->len; i++) {
        const DaBatchPart *part = &g_array_index(parts, DaBatchPart, i);
        if (part->frame == 0)
            add_scan(dossier, part->scan);
        else
            add_side(dossier, part->scan, part->frame, part->name);
    }
    for (guint s = 0; !parts && s < dossier->scans->len; s++)
        add_scan(dossier, s);
}

gboolean da_run_open_scans(DaRun *run, GError **error)
{
    DaWorkerPool pool = {.processes = run->options->jobs,
                         .memory_bytes = OPEN_MEMORY_BYTES,
                         .seconds = OPEN_SECONDS,
                         .stop = run->options->stop,
                         .next = next_scan,
                         .work = open_scan,
                         .done = scan_opened,
                         .data = run};
    run->next_dossier = run->next_item = 0;
    if (!da_workers_run(&pool, error))
        return FALSE;
    for (guint i = 0; i < run->dossiers->len; i++) {
        check_corrections(run, g_ptr_array_index(run->dossiers, i));
        list_sides(g_ptr_array_index(run->dossiers, i));
    }
    return TRUE;
}
