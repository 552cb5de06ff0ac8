#include "redo.h"
#include "remark.h"
#include "run.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/lock.h>
#include <string.h>

#define STATE_FOLDER ".dangan"
#define PAGE_SECONDS 120
#define PAGE_MEMORY_BYTES ((guint64)2 << 30)

void da_ingest_summary_clear(DaIngestSummary *summary)
{
    g_clear_pointer(&summary->ocr_engine, g_free);
    g_clear_pointer(&summary->ocr_note, g_free);
    g_clear_pointer(&summary->report_html, g_free);
}

static json_t *done_json(const DaIngestSummary *s)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i}", "sides_inspected", (int)s->sides_inspected,
                     "sides_imaged", (int)s->sides_imaged, "sides_read", (int)s->sides_read,
                     "sides_kept", (int)s->sides_kept, "packages_written", (int)s->packaged);
}

json_t *da_ingest_summary_to_json(const DaIngestSummary *s)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s?, s:s?, s:s?, s:o}", "dossiers",
                     (int)s->dossiers, "packaged", (int)s->packaged, "unchanged", (int)s->unchanged,
                     "not_packaged", (int)s->failed, "sides", (int)s->sides, "blank_sides",
                     (int)s->blank_sides, "failed_sides", (int)s->failed_sides, "warnings",
                     (int)s->warnings, "ocr_engine", s->ocr_engine, "ocr_note", s->ocr_note,
                     "report", s->report_html, "done", done_json(s));
}

gboolean da_run_may_package(const DaRunDossier *dossier)
{
    for (guint i = 0; i < dossier->source->findings->len; i++) {
        const DaFinding *finding = g_ptr_array_index(dossier->source->findings, i);
        if (finding->severity >= DA_SEVERITY_ERROR)
            return FALSE;
    }
    return dossier->source->materials != NULL;
}

DaFinding *da_run_report(const DaRun *run, DaRunDossier *dossier, const char *check,
                         DaSeverity severity)
{
    g_autofree char *subject = da_name_text(dossier->source->name);
    const DaRule *rule = da_profile_rule(run->profile, check);
    DaFinding *finding =
        rule ? da_rule_finding(rule, subject) : da_finding_new(check, severity, subject);
    finding->severity = severity;
    g_ptr_array_add(dossier->source->findings, finding);
    return finding;
}

char *da_run_side_file(const DaRunDossier *dossier, const DaRunSide *side)
{
    const DaRunScan *scan = &g_array_index(dossier->scans, DaRunScan, side->scan);
    g_autofree char *base = g_path_get_basename(scan->path);
    g_autofree char *name = da_name_text(base);
    return scan->container ? g_strdup_printf("%s#%u", name, side->frame) : g_steal_pointer(&name);
}

DaFinding *da_run_report_side(const DaRun *run, DaRunDossier *dossier, const DaRunSide *side,
                              const char *check, DaSeverity severity)
{
    DaFinding *finding = da_run_report(run, dossier, check, severity);
    finding->page = side->side ? g_strdup(side->side->page->stem) : NULL;
    if (!finding->page)
        finding->file = da_run_side_file(dossier, side);
    return finding;
}

void da_run_refuse(const DaRun *run, DaRunDossier *dossier, const DaSideCorrection *correction,
                   const char *why, const char *why_zh)
{
    g_autofree char *subject = da_name_text(dossier->source->name);
    da_correction_refuse(dossier->source->findings, run->profile, subject, correction->file,
                         correction->row, why, why_zh);
}

/* --- what a run holds ------------------------------------------------------------------------------------------------- */

static void run_scan_clear(gpointer data)
{
    DaRunScan *scan = data;
    g_free(scan->path);
    g_free(scan->sha256);
}

static void run_side_clear(gpointer data)
{
    da_side_free(((DaRunSide *)data)->side);
}

static void run_dossier_free(gpointer data)
{
    DaRunDossier *dossier = data;
    g_free(dossier->package);
    g_free(dossier->state_dir);
    g_array_unref(dossier->scans);
    g_array_unref(dossier->sides);
    g_free(dossier->key);
    g_free(dossier->digest);
    json_decref(dossier->dates);
    json_decref(dossier->entry);
    g_free(dossier);
}

static void run_clear(DaRun *run)
{
    g_clear_pointer(&run->redo, da_redo_free);
    g_clear_pointer(&run->dossiers, g_ptr_array_unref);
    g_clear_pointer(&run->opened, g_hash_table_unref);
    g_clear_pointer(&run->ids, da_ids_free);
    g_clear_pointer(&run->batch, da_batch_free);
    g_clear_pointer(&run->profile, da_profile_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaRun, run_clear)

static DaRunDossier *run_dossier_new(const DaRun *run, DaBatchDossier *source)
{
    DaRunDossier *dossier = g_new0(DaRunDossier, 1);
    dossier->source = source;
    dossier->read_findings = source->findings->len;
    dossier->id = da_ids_get(run->ids, source->name);
    dossier->package = g_build_filename(run->options->out, dossier->id->id, NULL);
    dossier->state_dir = g_build_filename(run->options->out, STATE_FOLDER, dossier->id->id, NULL);
    dossier->scans = g_array_new(FALSE, TRUE, sizeof(DaRunScan));
    g_array_set_clear_func(dossier->scans, run_scan_clear);
    dossier->sides = g_array_new(FALSE, TRUE, sizeof(DaRunSide));
    g_array_set_clear_func(dossier->sides, run_side_clear);
    for (guint i = 0; i < source->scans->len; i++) {
        const char *path = g_ptr_array_index(source->scans, i);
        const DaRunScan *known = da_run_opened(run, path);
        DaRunScan scan = {.path = g_strdup(path)};
        if (known) {
            scan.frames = known->frames;
            scan.container = known->container;
            scan.sha256 = g_strdup(known->sha256);
        }
        g_array_append_val(dossier->scans, scan);
    }
    return dossier;
}

/* --- beginning ----------------------------------------------------------------------------------------------------------- */

static gboolean read_input(DaRun *run, GError **error)
{
    const DaIngestOptions *options = run->options;
    g_autofree char *conf = g_build_filename(options->batch, "batch.conf", NULL);
    g_autoptr(DaConfig) config = da_config_load(conf, "batch", da_batch_settings, error);
    if (!config || !da_config_override(config, options->overrides, error))
        return FALSE;
    const char *profile = options->profile ? options->profile : da_config_text(config, "profile");
    run->profile = da_profile_load(profile, options->profile_dir, error);
    if (!run->profile)
        return FALSE;
    run->opened = options->opened ? g_hash_table_ref(options->opened) : da_ingest_opened_new();
    run->batch = da_batch_read(options->batch, g_steal_pointer(&config), run->profile, error);
    return run->batch != NULL;
}

static gboolean find_engine(DaRun *run, GError **error)
{
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new(run->options->ocr, error);
    if (!recognizer)
        return FALSE;
    run->summary->ocr_engine = g_strdup(da_recognizer_name(recognizer));
    run->summary->ocr_note = g_strdup(da_recognizer_note(recognizer));
    run->engine = run->summary->ocr_engine;
    return TRUE;
}

/* What is not whole yet does not belong to this run. */
static void leave_unfinished(const DaRun *run)
{
    const DaIngestOptions *options = run->options;
    GPtrArray *dossiers = run->batch->dossiers, *stacks = run->batch->stacks;
    for (guint i = dossiers->len; options->whole && i > 0; i--) {
        const DaBatchDossier *dossier = g_ptr_array_index(dossiers, i - 1);
        if (!options->whole(dossier->path, options->whole_data))
            g_ptr_array_remove_index(dossiers, i - 1);
    }
    for (guint i = stacks->len; options->whole && i > 0; i--)
        if (!options->whole(g_ptr_array_index(stacks, i - 1), options->whole_data))
            g_ptr_array_remove_index(stacks, i - 1);
}

/* Rows whose folder may still come. */
static void forget_waiting_rows(DaBatch *batch)
{
    for (guint i = batch->findings->len; i > 0; i--) {
        const DaFinding *finding = g_ptr_array_index(batch->findings, i - 1);
        if (finding->row > 0 && !strcmp(finding->rule, "LST-003"))
            g_ptr_array_remove_index(batch->findings, i - 1);
    }
}

static gboolean prepare_output(DaRun *run, DaLock **lock, GError **error)
{
    g_autofree char *state = g_build_filename(run->options->out, STATE_FOLDER, NULL);
    g_autofree char *lock_path = g_build_filename(state, "lock", NULL);
    if (!da_dir_make(state, error) || !(*lock = da_lock_take(lock_path, error)))
        return FALSE;
    run->ids = da_ids_load(run->options->out, error);
    if (!run->ids)
        return FALSE;
    leave_unfinished(run);
    if (!da_run_split_stacks(run, error))
        return FALSE;
    da_batch_match(run->batch, run->profile);
    if (run->options->whole)
        forget_waiting_rows(run->batch);
    for (guint i = 0; i < run->batch->dossiers->len; i++)
        g_ptr_array_add(run->dossiers,
                        run_dossier_new(run, g_ptr_array_index(run->batch->dossiers, i)));
    run->redo = da_redo_new(run->options->redo, run, error);
    return run->redo && da_ids_save(run->ids, error);
}

/* --- end ------------------------------------------------------------------------------------------------------------------ */

static void count_findings(DaIngestSummary *summary, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++)
        summary->warnings +=
            ((const DaFinding *)g_ptr_array_index(findings, i))->severity == DA_SEVERITY_WARNING;
}

static void sum_up(DaRun *run)
{
    DaIngestSummary *summary = run->summary;
    summary->dossiers = run->dossiers->len;
    count_findings(summary, run->batch->findings);
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        summary->packaged += dossier->state == DA_RUN_PACKAGED;
        summary->unchanged += dossier->state == DA_RUN_UNCHANGED;
        summary->failed += dossier->state == DA_RUN_BLOCKED;
        summary->sides += (guint)json_integer_value(json_object_get(dossier->entry, "sides"));
        summary->blank_sides +=
            (guint)json_integer_value(json_object_get(dossier->entry, "blank_sides"));
        summary->failed_sides +=
            (guint)json_integer_value(json_object_get(dossier->entry, "failed_sides"));
        count_findings(summary, dossier->source->findings);
    }
    summary->report_html = g_build_filename(run->options->out, "ingest-report.html", NULL);
}

static gboolean batch_is_whole(const DaRun *run)
{
    for (guint i = 0; i < run->batch->findings->len; i++) {
        const DaFinding *finding = g_ptr_array_index(run->batch->findings, i);
        if (finding->severity >= DA_SEVERITY_ERROR)
            return FALSE;
    }
    return run->summary->failed == 0;
}

/* Folders are mostly named by ID number, and what is shown may be kept as a log: the middle of such a number is hidden. */
static void hide_id_numbers(char *line)
{
    for (char *p = line; *p;) {
        size_t digits = strspn(p, "0123456789Xx");
        if (digits == 18)
            memset(p + 6, '*', 8);
        p += digits ? digits : 1;
    }
}

GHashTable *da_ingest_told_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)g_hash_table_unref);
}

/* `key` = the dossier, "" = the batch. What was said of it in the run before is not said again until it changes. */
static void tell_findings(const DaRun *run, const char *key, const GPtrArray *findings)
{
    GHashTable *told = run->options->told;
    GHashTable *before = told ? g_hash_table_lookup(told, key) : NULL;
    g_autoptr(GHashTable) now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = g_ptr_array_index(findings, i);
        if (finding->severity < DA_SEVERITY_WARNING)
            continue;
        g_autofree char *line = da_finding_line(finding, run->options->chinese);
        hide_id_numbers(line);
        if (!before || !g_hash_table_contains(before, line))
            da_progress_line(run->options->progress, "%s", line);
        g_hash_table_add(now, g_steal_pointer(&line));
    }
    if (told)
        g_hash_table_replace(told, g_strdup(key), g_steal_pointer(&now));
}

void da_run_close_dossier(const DaRun *run, DaRunDossier *dossier)
{
    const GPtrArray *materials = dossier->source->materials;
    if (!dossier->entry)
        dossier->entry = da_run_entry(run, dossier);
    tell_findings(run, dossier->id->id, dossier->source->findings);
    dossier->closed = TRUE;
    /* Memory is for the dossiers at work, not for all that were. */
    g_array_set_size(dossier->sides, 0);
    for (guint i = 0; materials && i < materials->len; i++)
        g_ptr_array_set_size(((DaMaterial *)g_ptr_array_index(materials, i))->pages, 0);
}

static void close_dossiers(DaRun *run)
{
    for (guint i = 0; i < run->dossiers->len; i++) {
        DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        if (!dossier->closed)
            da_run_close_dossier(run, dossier);
    }
    da_run_report_twins(run);
    tell_findings(run, "", run->batch->findings);
}

static DaIngestOptions with_standards(const DaIngestOptions *options)
{
    DaIngestOptions complete = *options;
    complete.jobs = options->jobs ? options->jobs : g_get_num_processors();
    complete.page_seconds = options->page_seconds ? options->page_seconds : PAGE_SECONDS;
    complete.page_memory_bytes =
        options->page_memory_bytes ? options->page_memory_bytes : PAGE_MEMORY_BYTES;
    return complete;
}

gboolean da_ingest_run(const DaIngestOptions *given, DaIngestSummary *summary, GError **error)
{
    const DaIngestOptions complete = with_standards(given), *options = &complete;
    g_autoptr(DaLock) lock = NULL;
    g_autoptr(GPtrArray) dossiers = g_ptr_array_new_with_free_func(run_dossier_free);
    g_auto(DaRun)
        run = {.options = options, .summary = summary, .dossiers = g_ptr_array_ref(dossiers)};
    *summary = (DaIngestSummary){0};
    if (!read_input(&run, error) || !find_engine(&run, error) ||
        !prepare_output(&run, &lock, error))
        return FALSE;
    g_autoptr(GError) ended = NULL;
    gboolean reached = da_run_open_scans(&run, &ended) && da_run_process_sides(&run, &ended);
    close_dossiers(&run);
    sum_up(&run);
    g_autoptr(GError) unwritten = NULL;
    if (!da_run_write_reports(&run, !reached, &unwritten) && reached) {
        g_propagate_error(error, g_steal_pointer(&unwritten));
        return FALSE;
    }
    if (!reached) {
        g_propagate_error(error, g_steal_pointer(&ended));
        return FALSE;
    }
    if (batch_is_whole(&run))
        return TRUE;
    if (summary->failed == 0)
        return da_error_set(
            error, DA_ERROR_PART,
            "every dossier was packaged, but the lists of the batch have errors; see '%s'",
            summary->report_html);
    return da_error_set(error, DA_ERROR_PART, "%u of %u dossiers were not packaged; see '%s'",
                        summary->failed, summary->dossiers, summary->report_html);
}
