#include "outcome.h"
#include "remark.h"
#include "run.h"
#include "run_html.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <math.h>
#include <string.h>

static const char *const state_names[] = {[DA_RUN_BLOCKED] = "not packaged",
                                          [DA_RUN_PACKAGED] = "packaged",
                                          [DA_RUN_UNCHANGED] = "unchanged"};

/* --- sides and findings ---------------------------------------------------------------------------------------------- */

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Nothing here names a person, a file or a folder. */
static json_t *side_json(const DaPage *page)
{
    return json_pack("{s:s?, s:b, s:i, s:o, s:o, s:b, s:i, s:i, s:i, s:o}", "stem", page->stem,
                     "blank", (int)page->blank, "turn_cw_deg", page->turn_cw_deg, "turn_confidence",
                     real_or_null(page->turn_confidence), "skew_cw_deg",
                     real_or_null(page->skew_cw_deg), "resampled", (int)page->resampled, "dpi",
                     (int)page->dpi, "width_px", (int)page->width_px, "height_px",
                     (int)page->height_px, "ocr_confidence", real_or_null(page->ocr_confidence));
}

static char *name_of(const DaRunDossier *dossier, guint scan)
{
    g_autofree char *base =
        g_path_get_basename(g_array_index(dossier->scans, DaRunScan, scan).path);
    return da_name_text(base);
}

/* A file of the work state, relative to OUT. */
static json_t *state_file(const DaRunDossier *dossier, const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *relative = g_strdup_printf(".dangan/%s/%s", dossier->id->id, base);
    return json_string(relative);
}

/* As a corrections file has it: dossier.xml names no files, so a scan that replaces is not in `value`. */
static char *value_of(const DaSideCorrection *correction)
{
    if (correction->value)
        return g_strdup(correction->value);
    return correction->number > 1 ? g_strdup_printf("%s#%u", correction->other, correction->number)
                                  : g_strdup(correction->other);
}

/* Corrections speak of the side by the scan whose place it has. */
static json_t *corrections_json(const DaRunDossier *dossier, const DaRunSide *side)
{
    const char *path = g_array_index(dossier->scans, DaRunScan, side->place).path;
    json_t *array = json_array();
    for (DaCorrectKind kind = 0; kind < DA_CORRECT_N; kind++) {
        const DaSideCorrection *c =
            da_correction_of(dossier->source, path, side->place_frame, kind);
        if (!c)
            continue;
        g_autofree char *value = value_of(c);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:b}", "what",
                                               da_correct_name(kind), "value", value, "by", c->by,
                                               "at", c->at, "file", c->file, "row", (int)c->row,
                                               "in_batch", (int)c->in_batch));
    }
    return array;
}

/* Fingerprints are for the program: 3.5 kB a page that nobody reads. */
static json_t *measures_json(const DaSide *side)
{
    json_t *measures = json_copy(side->inspection);
    json_object_del(measures, "fingerprint");
    return measures;
}

static void add_result(json_t *object, const DaRunDossier *dossier, const DaSide *side)
{
    static const char *const taken[] = {"crop", "level_width_px", "level_height_px"};
    for (guint i = 0; i < G_N_ELEMENTS(taken); i++)
        json_object_set(object, taken[i], json_object_get(side->lay, taken[i]));
    json_object_set_new(object, "measures", measures_json(side));
    json_object_set(object, "ms", side->ms);
    json_object_set_new(object, "thumbnail", state_file(dossier, side->thumbnail));
    json_object_set_new(object, "access",
                        state_file(dossier, side->page->file[DA_FILE_ACCESS].path));
    json_object_set_new(object, "master_sha256",
                        json_string(side->page->file[DA_FILE_MASTER].sha256));
}

static json_t *sides_json(const DaRunDossier *dossier)
{
    json_t *array = json_array();
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaRunSide *side = &g_array_index(dossier->sides, DaRunSide, i);
        g_autofree char *scan = name_of(dossier, side->scan);
        g_autofree char *place = name_of(dossier, side->place);
        json_t *object = side->side ? side_json(side->side->page) : json_object();
        json_object_set_new(object, "scan", json_string(scan));
        json_object_set_new(object, "frame", json_integer(side->frame));
        json_object_set_new(
            object, "corrects",
            json_pack("{s:s, s:i}", "scan", place, "frame", (int)side->place_frame));
        json_object_set_new(object, "failed", json_boolean(side->failed));
        json_object_set_new(object, "pending", json_boolean(!side->side && !side->failed));
        json_object_set_new(object, "corrections", corrections_json(dossier, side));
        if (side->side)
            add_result(object, dossier, side->side);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *materials_json(const DaRunDossier *dossier)
{
    const GPtrArray *materials = dossier->source->materials;
    json_t *array = json_array();
    for (guint i = 0; materials && i < materials->len; i++) {
        const DaMaterial *m = g_ptr_array_index(materials, i);
        g_autofree char *code = g_strdup_printf("%s-%u", m->class_code, m->sequence);
        json_array_append_new(array, json_pack("{s:s, s:s?, s:i}", "code", code, "title", m->title,
                                               "pages_claimed", (int)m->pages_claimed));
    }
    return array;
}

static void count_sides(const DaRunDossier *dossier, int *blank, int *failed)
{
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaRunSide *side = &g_array_index(dossier->sides, DaRunSide, i);
        *failed += side->failed;
        *blank += side->side && side->side->page->blank;
    }
}

json_t *da_run_entry(const DaRun *run, const DaRunDossier *dossier)
{
    int blank = 0, failed = 0;
    count_sides(dossier, &blank, &failed);
    g_autofree char *folder = da_name_text(dossier->source->name);
    const DaHandoverRow *row = dossier->source->row;
    return json_pack("{s:s, s:s, s:s?, s:s?, s:i, s:i, s:i, s:o, s:o, s:O*}", "id", dossier->id->id,
                     "folder", folder, "name", row ? row->field[DA_FIELD_NAME].text : NULL,
                     "archival_number", row ? row->field[DA_FIELD_ARCHIVAL_NUMBER].text : NULL,
                     "sides", (int)dossier->sides->len, "blank_sides", blank, "failed_sides",
                     failed, "materials", materials_json(dossier), "pages", sides_json(dossier),
                     "dates", dossier->dates);
}

GBytes *da_run_redacted(const DaRun *run, const DaRunDossier *dossier)
{
    json_t *pages = json_array();
    for (guint i = 0; i < dossier->sides->len; i++)
        json_array_append_new(pages,
                              side_json(g_array_index(dossier->sides, DaRunSide, i).side->page));
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "software", "dangan " DANGAN_VERSION,
                  "created", dossier->id->created, "profile", run->profile->name, "profile_version",
                  run->profile->version, "ocr_engine", run->engine, "pages", pages, "findings",
                  da_report_redacted_findings(dossier->source->findings));
    char *text = da_report_text(object);
    return g_bytes_new_take(text, strlen(text));
}

/* --- the report ------------------------------------------------------------------------------------------------------------ */

static gboolean write_delivery(const DaRun *run, GError **error)
{
    g_autoptr(GPtrArray) rows = da_delivery_rows_new();
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        const DaHandoverRow *row = dossier->source->row;
        if (dossier->state != DA_RUN_BLOCKED &&
            !da_delivery_rows_add(rows, dossier->id->id,
                                  row ? row->field[DA_FIELD_ARCHIVAL_NUMBER].text : NULL,
                                  dossier->package, dossier->digest, error))
            return FALSE;
    }
    return da_delivery_rows_write(rows, run->options->out, error);
}

static json_t *whole_report(const DaRun *run, gboolean stopped)
{
    json_t *dossiers = json_array();
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        json_object_set_new(dossier->entry, "state", json_string(state_names[dossier->state]));
        json_object_set_new(dossier->entry, "findings",
                            da_report_findings(dossier->source->findings, 0));
        json_array_append(dossiers, dossier->entry);
    }
    json_t *report = da_report_new(run->profile, stopped);
    json_t *summary = da_ingest_summary_to_json(run->summary);
    json_object_del(summary, "report");
    json_object_set_new(summary, "dossier_count", json_integer((json_int_t)run->dossiers->len));
    json_object_del(summary, "dossiers");
    json_object_update(report, summary);
    json_decref(summary);
    json_object_set_new(report, "findings", da_report_findings(run->batch->findings, 0));
    json_object_set_new(report, "dossiers", dossiers);
    return report;
}

gboolean da_run_write_reports(const DaRun *run, gboolean stopped, GError **error)
{
    json_t *report = whole_report(run, stopped);
    g_autofree char *html = da_report_html(report);
    g_autofree char *text = da_report_text(report);
    return write_delivery(run, error) && da_run_write_dates(run, error) &&
           da_report_write(run->options->out, "ingest-report.json", text, error) &&
           da_report_write(run->options->out, "ingest-report.html", html, error);
}
