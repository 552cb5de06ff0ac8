#include "deal.h"
#include "run.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>

static void set_from_config(const DaRun *run, DaDossier *dossier, DaField field, const char *key)
{
    const char *value = da_config_text(run->batch->config, key);
    if (value && !da_dossier_get(dossier, field))
        da_dossier_set(dossier, field, value, DA_ORIGIN_BATCH, key);
}

static DaDossier *make_dossier(const DaRun *run, DaRunDossier *source)
{
    const DaConfig *config = run->batch->config;
    const DaHandoverRow *row = source->source->row;
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_strdup(source->id->id);
    for (DaField f = 0; row && f < DA_FIELD_N; f++)
        da_dossier_set(dossier, f, row->field[f].text, row->field[f].origin, row->field[f].source);
    set_from_config(run, dossier, DA_FIELD_EMPLOYER, "enterprise");
    set_from_config(run, dossier, DA_FIELD_EMPLOYER_CODE, "enterprise-code");
    set_from_config(run, dossier, DA_FIELD_EMPLOYER_PARENT, "enterprise-parent");
    dossier->district = g_strdup(da_config_text(config, "district"));
    dossier->profile_name = g_strdup(run->profile->name);
    dossier->profile_version = g_strdup(run->profile->version);
    dossier->scheme =
        g_strdup(da_profile_scheme(run->profile, da_config_text(config, "scheme"))->name);
    dossier->created = g_strdup(source->id->created);
    dossier->operator_name = g_strdup(da_config_text(config, "operator"));
    dossier->scanner = g_strdup(da_config_text(config, "scanner"));
    return dossier;
}

/* What a person said of the side goes with its page, and says where it is dealt to. */
static void note_corrections(const DaRun *run, DaRunDossier *dossier, const DaRunSide *side)
{
    const char *path = g_array_index(dossier->scans, DaRunScan, side->place).path;
    for (DaCorrectKind kind = 0; kind < DA_CORRECT_N; kind++) {
        const DaSideCorrection *correction =
            da_correction_of(dossier->source, path, side->place_frame, kind);
        if (!correction)
            continue;
        if (kind == DA_CORRECT_MATERIAL)
            side->side->material = correction;
        if (kind == DA_CORRECT_ORDER)
            side->side->order = correction;
        if (kind == DA_CORRECT_CROP && side->side->crop_refused)
            da_run_refuse(run, dossier, correction, "the crop lies outside of the page",
                          "裁切范围在页面之外");
        else
            da_page_add_correction(side->side->page, da_correct_name(kind), correction->value,
                                   correction->by, correction->at);
    }
}

static gboolean assign(const DaRun *run, DaRunDossier *dossier, const GPtrArray *pages)
{
    g_autoptr(GPtrArray) sides = g_ptr_array_new();
    g_autoptr(GPtrArray) scans = g_ptr_array_new();
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaRunSide *side = &g_array_index(dossier->sides, DaRunSide, i);
        const DaRunScan *scan = &g_array_index(dossier->scans, DaRunScan, side->scan);
        if (scan->container) {
            side->side->page->container_sha256 = g_strdup(scan->sha256);
            side->side->page->container_frame = side->frame;
        }
        note_corrections(run, dossier, side);
        g_ptr_array_add(sides, side->side);
        const char *path = g_array_index(dossier->scans, DaRunScan, side->place).path;
        g_ptr_array_add(scans, (char *)(side->name ? side->name : path));
    }
    return da_assign_sides(dossier->source, sides, scans, pages, run->profile);
}

static gboolean write_altos(DaRunDossier *dossier, GError **error)
{
    for (guint i = 0; i < dossier->sides->len; i++)
        if (!da_side_write_alto(g_array_index(dossier->sides, DaRunSide, i).side, error))
            return FALSE;
    return TRUE;
}

/* They are links to what lies in the package now. */
static void remove_altos(DaRunDossier *dossier)
{
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaPageFile *file =
            &g_array_index(dossier->sides, DaRunSide, i).side->page->file[DA_FILE_OCR];
        if (file->path)
            da_tree_remove(file->path, NULL);
    }
}

static gboolean is_about_the_dossier(const GError *error)
{
    return g_error_matches(error, DA_ERROR, DA_ERROR_INPUT) ||
           g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT);
}

gboolean da_run_package(DaRun *run, DaRunDossier *source, GError **error)
{
    g_autoptr(GPtrArray) pages = da_run_read_pages(run, source, error);
    if (!pages)
        return FALSE;
    if (!assign(run, source, pages))
        return TRUE;
    da_run_report_doubts(run, source);
    g_autoptr(GError) wrong = NULL;
    g_autoptr(DaDossier) dossier = make_dossier(run, source);
    g_ptr_array_unref(dossier->materials);
    dossier->materials = g_ptr_array_ref(source->source->materials);
    dossier->draft = source->source->no_catalogue != NULL;
    da_run_describe(run, source, dossier, pages);
    g_autoptr(GBytes) redacted = da_run_redacted(run, source);
    gboolean replace = g_file_test(source->package, G_FILE_TEST_EXISTS);
    gboolean written = write_altos(source, &wrong) &&
                       da_package_write(dossier, run->profile, redacted, source->package, replace,
                                        &source->digest, &wrong);
    remove_altos(source);
    if (written) {
        source->state = DA_RUN_PACKAGED;
        return TRUE;
    }
    if (!is_about_the_dossier(wrong)) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    DaFinding *finding = da_run_report(run, source, "dossier-schema", DA_SEVERITY_ERROR);
    da_finding_set(&finding->message, "%s", wrong->message);
    da_finding_set(&finding->message_zh, "%s", wrong->message);
    return TRUE;
}
