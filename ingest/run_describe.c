#include "run.h"

#include <dangan/describe.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/table.h>
#include <string.h>

#define DATES_FOLDER "dates"
#define DRAFTS_FOLDER "drafts"
#define DRAFT_SUFFIX "-draft.csv"

/* --- pages -------------------------------------------------------------------------------------------------------------- */

static void page_free(gpointer data)
{
    da_page_description_free(data);
}

static DaSide *side_at(const DaRunDossier *dossier, guint i)
{
    return g_array_index(dossier->sides, DaRunSide, i).side;
}

GPtrArray *da_run_read_pages(const DaRun *run, const DaRunDossier *dossier, GError **error)
{
    g_autoptr(GPtrArray) pages = g_ptr_array_new_with_free_func(page_free);
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaSide *side = side_at(dossier, i);
        g_autoptr(DaPageText) text =
            side && !side->page->blank ? da_side_load_text(side, error) : NULL;
        if (side && !side->page->blank && !text)
            return NULL;
        g_ptr_array_add(pages, text ? da_describe_page(text, run->profile) : NULL);
    }
    return g_steal_pointer(&pages);
}

static GPtrArray *pages_of_sides(const DaRunDossier *dossier)
{
    GPtrArray *sides = g_ptr_array_new();
    for (guint i = 0; i < dossier->sides->len; i++)
        g_ptr_array_add(sides, side_at(dossier, i)->page);
    return sides;
}

void da_run_describe(const DaRun *run, DaRunDossier *source, DaDossier *dossier, GPtrArray *pages)
{
    g_autofree char *subject = da_name_text(source->source->name);
    g_autoptr(GPtrArray) sides = pages_of_sides(source);
    da_describe_collect(dossier, pages, sides);
    da_describe_findings(dossier, pages, sides, run->profile, subject, source->source->findings);
    g_autoptr(GPtrArray) conflicts = da_conflicts_find(dossier, run->profile);
    json_decref(source->dates);
    source->dates = da_conflicts_to_json(dossier, conflicts);
}

/* --- the date tables ------------------------------------------------------------------------------------------------------ */

static gboolean write_table(const DaRun *run, const json_t *entry, GError **error)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    g_autofree char *folder = g_build_filename(run->options->out, DATES_FOLDER, NULL);
    g_autofree char *html_name = g_strconcat(id, ".html", NULL);
    g_autofree char *json_name = g_strconcat(id, ".json", NULL);
    g_autofree char *html_path = g_build_filename(folder, html_name, NULL);
    g_autofree char *json_path = g_build_filename(folder, json_name, NULL);
    g_autofree char *images = g_strconcat("../.dangan/", id, NULL);
    g_autofree char *html = da_conflicts_html(entry, images);
    g_autofree char *json = json_dumps(json_object_get(entry, "dates"), JSON_INDENT(1));
    return da_dir_make(folder, error) && da_file_write(html_path, html, strlen(html), error) &&
           da_file_write(json_path, json, strlen(json), error);
}

gboolean da_run_write_dates(const DaRun *run, GError **error)
{
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        if (json_array_size(json_object_get(dossier->entry, "dates")) &&
            !write_table(run, dossier->entry, error))
            return FALSE;
    }
    return TRUE;
}

/* --- a draft catalogue -------------------------------------------------------------------------------------------------------- */

static char *cell(const DaMaterial *material, const DaScheme *scheme, const char *field)
{
    if (!strcmp(field, "class")) {
        const DaClass *class = da_scheme_class(scheme, material->class_code);
        return g_strdup(class ? class->printed : material->class_code);
    }
    if (!strcmp(field, "sequence"))
        return g_strdup_printf("%u", material->sequence);
    if (!strcmp(field, "title"))
        return g_strdup(material->title);
    if (!strcmp(field, "copies"))
        return g_strdup_printf("%u", material->copies);
    if (!strcmp(field, "pages"))
        return g_strdup_printf("%u", material->pages_claimed);
    if (!strcmp(field, "note"))
        return g_strdup(material->note ? material->note : "");
    g_autofree char *formed = da_date_format(material->formed);
    g_auto(GStrv) parts = g_strsplit(formed, "-", -1);
    guint n = g_strv_length(parts);
    if (!strcmp(field, "formed"))
        return g_strjoinv("", parts);
    guint part = !strcmp(field, "year") ? 0 : !strcmp(field, "month") ? 1 : 2;
    return g_strdup(part < n ? parts[part] : "");
}

/* The date stands in its one column; three columns for its parts are another way to write it. */
static gboolean is_drafted(const DaListForm *form, const DaColumn *column)
{
    static const char *const parts[] = {"year", "month", "day", "number", NULL};
    for (guint c = 0; c < form->columns->len; c++)
        if (!strcmp(((const DaColumn *)form->columns->pdata[c])->field, "formed"))
            return !g_strv_contains(parts, column->field);
    return strcmp(column->field, "number") != 0;
}

static GPtrArray *new_row(GPtrArray *rows)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(rows, row);
    return row;
}

static gboolean write_draft(const DaRun *run, const GPtrArray *materials, const char *path,
                            GError **error)
{
    const DaListForm *form = run->profile->catalogue;
    const DaScheme *scheme =
        da_profile_scheme(run->profile, da_config_text(run->batch->config, "scheme"));
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    GPtrArray *head = new_row(rows);
    for (guint i = 0; i < materials->len; i++)
        new_row(rows);
    for (guint c = 0; c < form->columns->len; c++) {
        const DaColumn *column = form->columns->pdata[c];
        if (!is_drafted(form, column))
            continue;
        g_ptr_array_add(head, g_strdup(column->header));
        for (guint i = 0; i < materials->len; i++)
            g_ptr_array_add(rows->pdata[i + 1], cell(materials->pdata[i], scheme, column->field));
    }
    return da_table_write_csv(path, rows, error);
}

/* OUT/drafts/<folder>/目录-draft.csv, relative to OUT. */
static char *draft_path(const DaRun *run, const DaRunDossier *dossier)
{
    g_autofree char *name = g_strconcat(run->profile->catalogue->file, DRAFT_SUFFIX, NULL);
    return g_build_filename(DRAFTS_FOLDER, dossier->source->name, name, NULL);
}

gboolean da_run_packages_draft(const DaRun *run, const DaRunDossier *dossier)
{
    return dossier->source->no_catalogue && run->options->draft_catalogue;
}

/* One message, the one that the missing catalogue has already. */
void da_run_tell_draft(const DaRun *run, DaRunDossier *dossier)
{
    DaFinding *finding = dossier->source->no_catalogue;
    const char *form = run->profile->catalogue->file;
    g_autofree char *path = draft_path(run, dossier);
    g_autofree char *shown = g_filename_display_name(path);
    gboolean packaged = da_run_packages_draft(run, dossier);
    da_finding_set(&finding->message,
                   "the folder has no catalogue; a draft lies in the output as '%s'%s: correct it "
                   "and put it into the folder as '%s.csv'",
                   shown, packaged ? ", and the package is marked as a draft" : "", form);
    da_finding_set(&finding->message_zh,
                   "案卷没有目录：草稿已写入输出文件夹“%s”%s，请核对改正后以“%s.csv”放入案卷",
                   shown, packaged ? "，包已标为草稿" : "", form);
    g_clear_pointer(&finding->mend, g_free);
    g_clear_pointer(&finding->mend_zh, g_free);
    if (packaged)
        finding->severity = DA_SEVERITY_WARNING;
}

/* Stems of scans that say where they belong; NULL = these do not. */
static GPtrArray *stems_of(const DaRunDossier *dossier)
{
    if (!dossier->source->named)
        return NULL;
    GPtrArray *stems = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaRunSide *side = &g_array_index(dossier->sides, DaRunSide, i);
        char *stem = g_path_get_basename(g_array_index(dossier->scans, DaRunScan, side->scan).path);
        *strrchr(stem, '.') = 0;
        g_ptr_array_add(stems, stem);
    }
    return stems;
}

static gboolean is_whole(const DaRunDossier *dossier)
{
    for (guint i = 0; i < dossier->sides->len; i++)
        if (!side_at(dossier, i))
            return FALSE;
    return TRUE;
}

static GPtrArray *draft(const DaRun *run, const DaRunDossier *dossier, GError **error)
{
    g_autoptr(GPtrArray) pages = da_run_read_pages(run, dossier, error);
    if (!pages)
        return NULL;
    g_autoptr(GPtrArray) sides = pages_of_sides(dossier);
    g_autoptr(GPtrArray) stems = stems_of(dossier);
    return da_draft_catalogue(pages, sides, stems, run->profile,
                              da_config_text(run->batch->config, "scheme"));
}

/* Nothing to draft from: the plain message stands, and nothing is packaged. */
static void tell_none(const DaRun *run, DaRunDossier *dossier)
{
    DaFinding *finding = dossier->source->no_catalogue;
    const char *form = run->profile->catalogue->file;
    da_finding_set(&finding->message,
                   "the folder has no catalogue, and its pages give no draft; make '%s.xlsx' or "
                   "'%s.csv' in it",
                   form, form);
    da_finding_set(&finding->message_zh,
                   "案卷没有目录，页面也不足以拟出草稿：请编制 %s.xlsx 或 %s.csv", form, form);
    finding->severity = DA_SEVERITY_ERROR;
}

gboolean da_run_draft(const DaRun *run, DaRunDossier *dossier, GError **error)
{
    if (!is_whole(dossier))
        return TRUE;
    g_autoptr(GPtrArray) materials = draft(run, dossier, error);
    if (!materials)
        return FALSE;
    if (materials->len == 0) {
        tell_none(run, dossier);
        return TRUE;
    }
    g_autofree char *relative = draft_path(run, dossier);
    g_autofree char *path = g_build_filename(run->options->out, relative, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    if (!da_dir_make(folder, error) || !write_draft(run, materials, path, error))
        return FALSE;
    da_run_tell_draft(run, dossier);
    if (da_run_packages_draft(run, dossier))
        dossier->source->materials = g_steal_pointer(&materials);
    return TRUE;
}
