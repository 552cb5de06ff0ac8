#include "outcome.h"
#include "redo.h"
#include "remark.h"
#include "run.h"

#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/worker.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Raised when the same input would make another package. */
#define PACKAGE_STEP "package-1"
#define KEPT_MAX_BYTES ((gsize)64 << 20)

/* --- what was done before ------------------------------------------------------------------------------------------------ */

static void append_value(GString *text, const char *value)
{
    g_string_append_printf(text, "%s\x1f", value ? value : "");
}

static char *describe_input(const DaRun *run, const DaRunDossier *dossier)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const DaHandoverRow *row = dossier->source->row;
    for (guint f = 0; row && f < DA_FIELD_N; f++) {
        append_value(text, row->field[f].text);
        append_value(text, row->field[f].source);
    }
    const GPtrArray *materials = dossier->source->materials;
    for (guint i = 0; materials && i < materials->len; i++) {
        const DaMaterial *m = g_ptr_array_index(materials, i);
        g_autofree char *formed = da_date_format(m->formed);
        g_string_append_printf(text, "%s %u %u %u %u %s\x1f", m->class_code, m->sequence, m->copies,
                               m->pages_claimed, m->row, formed);
        append_value(text, m->title);
        append_value(text, m->note);
    }
    for (const DaSetting *s = da_batch_settings; s->key; s++)
        append_value(text, da_config_text(run->batch->config, s->key));
    const GArray *parts = dossier->source->parts;
    for (guint i = 0; parts && i < parts->len; i++) {
        const DaBatchPart *part = &g_array_index(parts, DaBatchPart, i);
        g_string_append_printf(text, "%u %u ", part->scan, part->frame);
        append_value(text, part->name);
    }
    for (guint i = 0; i < dossier->scans->len; i++) {
        const DaRunScan *scan = &g_array_index(dossier->scans, DaRunScan, i);
        g_autofree char *base = g_path_get_basename(scan->path);
        struct stat about = {0};
        stat(scan->path, &about);
        g_string_append_printf(text, "%s %s %" G_GINT64_FORMAT "\x1f",
                               dossier->source->named ? base : "", scan->sha256 ? scan->sha256 : "",
                               (gint64)about.st_mtime);
    }
    for (guint i = 0; i < dossier->source->corrections->len; i++) {
        const DaSideCorrection *c = dossier->source->corrections->pdata[i];
        g_string_append_printf(text, "%s %u %s %s %s %s\x1f", c->scan, c->frame,
                               da_correct_name(c->kind), c->value ? c->value : c->other, c->by,
                               c->at);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void set_key(const DaRun *run, DaRunDossier *dossier)
{
    g_autofree char *input = describe_input(run, dossier);
    DaDigest profile = da_digest_bytes(g_bytes_get_data(run->profile->xml, NULL),
                                       g_bytes_get_size(run->profile->xml));
    DaDigest key =
        da_digest_key(PACKAGE_STEP, DANGAN_VERSION, profile.hex, run->engine, input, NULL);
    dossier->key = g_strdup(key.hex);
}

static char *kept_path(const DaRunDossier *dossier)
{
    return g_build_filename(dossier->state_dir, "package.json", NULL);
}

/* What the earlier run found; what the batch itself shows was found again just now. */
static void take_findings(DaRunDossier *dossier, const json_t *kept)
{
    size_t i;
    json_t *object;
    json_array_foreach(kept, i, object)
    {
        DaFinding *finding = da_finding_from_json(object, NULL);
        if (finding)
            g_ptr_array_add(dossier->source->findings, finding);
    }
}

/* TRUE when the package of an earlier run was made from the same input and lies there as it was. */
static gboolean is_unchanged(DaRunDossier *dossier)
{
    g_autofree char *path = kept_path(dossier);
    g_autoptr(GBytes) bytes = da_file_read(path, KEPT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    json_t *kept = data ? json_loadb(data, size, 0, NULL) : NULL;
    const char *key = json_string_value(json_object_get(kept, "key"));
    const char *digest = json_string_value(json_object_get(kept, "digest"));
    g_autofree char *now = da_bag_digest(dossier->package, NULL);
    gboolean unchanged = key && digest && now && !strcmp(key, dossier->key) && !strcmp(now, digest);
    if (unchanged) {
        dossier->state = DA_RUN_UNCHANGED;
        dossier->digest = g_strdup(digest);
        dossier->entry = json_incref(json_object_get(kept, "entry"));
        take_findings(dossier, json_object_get(kept, "findings"));
    }
    json_decref(kept);
    return unchanged;
}

static gboolean keep(const DaRunDossier *dossier, GError **error)
{
    g_autofree char *path = kept_path(dossier);
    json_t *kept = json_pack("{s:s, s:s, s:O, s:o}", "key", dossier->key, "digest", dossier->digest,
                             "entry", dossier->entry, "findings",
                             da_report_findings(dossier->source->findings, dossier->read_findings));
    g_autofree char *text = json_dumps(kept, JSON_COMPACT);
    json_decref(kept);
    return da_file_write(path, text, strlen(text), error);
}

/* --- sides in workers ----------------------------------------------------------------------------------------------------- */

typedef struct {
    const DaRun *run;
    DaRecognizer *inspector, *recognizer;
} Desk;

static gpointer enter(gpointer data, GError **error)
{
    Desk *desk = g_new0(Desk, 1);
    desk->run = data;
    desk->recognizer = da_recognizer_new(desk->run->options->ocr, error);
    if (!desk->recognizer)
        return NULL;
    /* The turn is found by reading, always with the best engine there is: what shall be read by another one, or not at all, lies
     * the same way. */
    desk->inspector = da_recognizer_new("auto", NULL);
    if (desk->inspector &&
        !strcmp(da_recognizer_name(desk->inspector), da_recognizer_name(desk->recognizer))) {
        da_recognizer_free(desk->inspector);
        desk->inspector = desk->recognizer;
    }
    return desk;
}

static DaRunSide *side_of(const DaRun *run, const char *text, DaRunDossier **dossier,
                          DaSideJob *job)
{
    guint d = 0, s = 0;
    sscanf(text, "%u %u", &d, &s);
    *dossier = g_ptr_array_index(run->dossiers, d);
    DaRunSide *side = &g_array_index((*dossier)->sides, DaRunSide, s);
    const DaRunScan *scan = &g_array_index((*dossier)->scans, DaRunScan, side->scan);
    const DaRunScan *place = &g_array_index((*dossier)->scans, DaRunScan, side->place);
    const DaBatchDossier *source = (*dossier)->source;
    *job = (DaSideJob){
        .scan = scan->path,
        .frame = side->frame,
        .state = (*dossier)->state_dir,
        .format = run->profile->access_lossless ? DA_IMAGE_PNG : DA_IMAGE_JPEG,
        .quality = run->profile->access_quality,
        .assumed_dpi = run->profile->assumed_dpi,
        .redo = da_redo_wants(run->redo, *dossier, side),
        .turn = da_correction_of(source, place->path, side->place_frame, DA_CORRECT_TURN),
        .crop = da_correction_of(source, place->path, side->place_frame, DA_CORRECT_CROP),
        .blank = da_correction_of(source, place->path, side->place_frame, DA_CORRECT_BLANK)};
    return side;
}

static char *work(const char *text, gpointer entered, GError **error)
{
    Desk *desk = entered;
    DaRunDossier *dossier;
    DaSideJob job;
    side_of(desk->run, text, &dossier, &job);
    return da_side_work(&job, desk->inspector, desk->recognizer, error);
}

static char *next_side(gpointer data)
{
    DaRun *run = data;
    for (; run->next_dossier < run->dossiers->len; run->next_dossier++, run->next_item = 0) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, run->next_dossier);
        while (dossier->state == DA_RUN_BLOCKED && run->next_item < dossier->sides->len) {
            guint item = run->next_item++;
            if (!g_array_index(dossier->sides, DaRunSide, item).failed)
                return g_strdup_printf("%u %u", run->next_dossier, item);
        }
    }
    return NULL;
}

static void report_failed(DaRun *run, DaRunDossier *dossier, const DaRunSide *side,
                          const GError *why)
{
    DaFinding *finding = da_run_report_side(run, dossier, side, "image-decodes", DA_SEVERITY_FATAL);
    da_finding_set(&finding->message, "%s", why->message);
    da_finding_set(&finding->message_zh, "%s", why->message);
}

static void say_finished(const DaRun *run, const DaRunDossier *dossier)
{
    gboolean packaged = dossier->state == DA_RUN_PACKAGED;
    GHashTable *told = run->options->told;
    if (!packaged && told && g_hash_table_contains(told, dossier->id->id))
        return; /* an earlier run said so */
    if (run->options->chinese)
        da_progress_line(run->options->progress, "%s %s：%u 面", dossier->id->id,
                         packaged ? "已成包" : "未成包", dossier->sides->len);
    else
        da_progress_line(run->options->progress, "%s %s: %u sides", dossier->id->id,
                         packaged ? "packaged" : "not packaged", dossier->sides->len);
}

static gboolean finish_dossier(DaRun *run, DaRunDossier *dossier, GError **error)
{
    if (dossier->source->no_catalogue && !da_run_draft(run, dossier, error))
        return FALSE;
    if (dossier->key && da_run_may_package(dossier) && !da_run_package(run, dossier, error))
        return FALSE;
    da_run_report_doubts(run, dossier);
    say_finished(run, dossier);
    da_run_close_dossier(run, dossier);
    return dossier->state != DA_RUN_PACKAGED || keep(dossier, error);
}

/* What was found from an earlier run says nothing about the speed of this one. */
static void count_steps(DaRun *run, const DaSide *side)
{
    DaIngestSummary *summary = run->summary;
    gboolean kept = side && !side->inspected && !side->imaged && !side->read;
    if (side) {
        summary->sides_inspected += side->inspected;
        summary->sides_imaged += side->imaged;
        summary->sides_read += side->read;
    }
    summary->sides_kept += kept;
    if (kept)
        da_progress_skip(run->options->progress, 1);
    else
        da_progress_add(run->options->progress, 1);
}

/* A full disk or a missing engine is not the page's fault. */
static gboolean ends_the_run(const GError *job_error)
{
    return g_error_matches(job_error, DA_ERROR, DA_ERROR_DISK) ||
           g_error_matches(job_error, DA_ERROR, DA_ERROR_DENIED);
}

static gboolean side_done(const char *text, DaWorkerOutcome outcome, const char *answer,
                          const GError *job_error, gpointer data, GError **error)
{
    DaRun *run = data;
    DaRunDossier *dossier;
    DaSideJob job;
    DaRunSide *side = side_of(run, text, &dossier, &job);
    if (outcome == DA_WORKER_DONE) {
        side->side = da_side_from_answer(answer, &job, error);
        if (!side->side)
            return FALSE;
    } else if (ends_the_run(job_error)) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    } else {
        side->failed = TRUE;
        report_failed(run, dossier, side, job_error);
    }
    count_steps(run, side->side);
    da_fault_point("ingest.side");
    return --dossier->pending > 0 || finish_dossier(run, dossier, error);
}

/* --- the pass --------------------------------------------------------------------------------------------------------------- */

static gboolean is_complete(const DaRun *run, const DaRunDossier *dossier)
{
    for (guint i = 0; i < dossier->sides->len; i++)
        if (g_array_index(dossier->sides, DaRunSide, i).failed)
            return FALSE;
    return da_run_may_package(dossier) ||
           (da_run_packages_draft(run, dossier) && !da_remark_any_error(dossier->source->findings));
}

/* Keys of all dossiers; those that are done already are counted. The ids are durable before a package begins. */
static gboolean prepare(DaRun *run, GError **error)
{
    guint64 total = 0;
    for (guint i = 0; i < run->dossiers->len; i++) {
        DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        if (da_run_packages_draft(run, dossier))
            da_run_tell_draft(run, dossier);
        if (is_complete(run, dossier))
            set_key(run, dossier);
        total += dossier->pending;
        if (dossier->key && !da_redo_any(run->redo, dossier) && is_unchanged(dossier)) {
            run->summary->sides_kept += dossier->sides->len;
            da_progress_skip(run->options->progress, dossier->sides->len);
            continue;
        }
        if (dossier->key)
            da_ids_begin(dossier->id, dossier->key);
        if (!da_dir_make(dossier->state_dir, error))
            return FALSE;
    }
    da_progress_total(run->options->progress, total);
    return da_run_check_disk(run, error) && da_ids_save(run->ids, error);
}

gboolean da_run_process_sides(DaRun *run, GError **error)
{
    const DaIngestOptions *options = run->options;
    DaWorkerPool pool = {.processes = options->jobs,
                         .memory_bytes = options->page_memory_bytes,
                         .seconds = options->page_seconds,
                         .stop = options->stop,
                         .next = next_side,
                         .enter = enter,
                         .work = work,
                         .done = side_done,
                         .data = run};
    run->next_dossier = run->next_item = 0;
    return prepare(run, error) && da_workers_run(&pool, error);
}
