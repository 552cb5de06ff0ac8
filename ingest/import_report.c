#include "import_parts.h"
#include "outcome.h"

#include <dangan/error.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

static const char *const state_names[] = {[DA_IMPORT_REFUSED] = "not packaged",
                                          [DA_IMPORT_PACKAGED] = "packaged",
                                          [DA_IMPORT_UNCHANGED] = "unchanged"};

/* --- JSON --------------------------------------------------------------------------------------------------------------------- */

/* Nothing here names a person, a file or a folder. */
static json_t *page_json(const DaPage *page)
{
    return json_pack("{s:s, s:b, s:i, s:i, s:i, s:o}", "stem", page->stem, "blank",
                     (int)page->blank, "dpi", (int)page->dpi, "width_px", (int)page->width_px,
                     "height_px", (int)page->height_px, "ocr_confidence",
                     isfinite(page->ocr_confidence) ? json_real(page->ocr_confidence)
                                                    : json_null());
}

static json_t *pages_json(const DaImportDelivery *delivery)
{
    json_t *array = json_array();
    for (guint i = 0; delivery->pages && i < delivery->pages->len; i++) {
        const json_t *facts = delivery->facts->pdata[i];
        json_t *object = page_json(delivery->pages->pdata[i]);
        json_object_set_new(object, "failed", json_boolean(!facts));
        if (facts)
            json_object_set(object, "thumbnail", json_object_get(facts, "thumbnail"));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *da_import_entry(const DaImport *run, const DaImportDelivery *delivery)
{
    const DaExchange *exchange = delivery->exchange;
    const DaDossier *dossier = exchange ? exchange->dossier : NULL;
    g_autofree char *base = g_path_get_basename(delivery->path);
    g_autofree char *folder = g_filename_display_name(base);
    guint sides = dossier ? da_dossier_sides(dossier) : 0;
    guint content = dossier ? da_dossier_sides_with_content(dossier) : 0;
    return json_pack("{s:s, s:s, s:s?, s:i, s:i, s:o, s:o}", "id", delivery->id->id, "folder",
                     folder, "name", dossier ? da_dossier_get(dossier, DA_FIELD_NAME) : NULL,
                     "sides", (int)sides, "blank_sides", (int)(sides - content), "pages",
                     pages_json(delivery), "findings",
                     exchange ? da_report_findings(exchange->findings, 0) : json_array());
}

GBytes *da_import_redacted(const DaImport *run, const DaImportDelivery *delivery)
{
    json_t *pages = json_array();
    for (guint i = 0; i < delivery->pages->len; i++)
        json_array_append_new(pages, page_json(delivery->pages->pdata[i]));
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "software", "dangan " DANGAN_VERSION, "source",
        "GB/T 33870-2017 exchange", "created", delivery->id->created, "profile", run->profile->name,
        "profile_version", run->profile->version, "ocr_engine", run->engine, "pages", pages,
        "findings", da_report_redacted_findings(delivery->exchange->findings));
    char *text = da_report_text(object);
    return g_bytes_new_take(text, strlen(text));
}

static json_t *whole_report(const DaImport *run, gboolean stopped)
{
    json_t *dossiers = json_array();
    for (guint i = 0; i < run->deliveries->len; i++) {
        const DaImportDelivery *delivery = run->deliveries->pdata[i];
        json_t *entry =
            delivery->entry ? json_copy(delivery->entry) : da_import_entry(run, delivery);
        json_object_set_new(entry, "state", json_string(state_names[delivery->state]));
        json_array_append_new(dossiers, entry);
    }
    const DaImportSummary *s = run->summary;
    json_t *report = da_report_new(run->profile, stopped);
    json_t *summary =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "ocr_engine", run->engine, "packaged",
                  (int)s->packaged, "unchanged", (int)s->unchanged, "not_packaged", (int)s->failed,
                  "sides", (int)s->sides, "blank_sides", (int)s->blank_sides, "warnings",
                  (int)s->warnings, "dossiers", dossiers);
    json_object_update(report, summary);
    json_decref(summary);
    return report;
}

/* --- HTML --------------------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int number_of(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

/* Everything that comes from a delivery goes through here. */
static void add_text(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text ? text : "", -1);
    g_string_append(out, escaped);
}

static void add_span(GString *out, const char *class, const char *text)
{
    if (!text)
        return;
    g_string_append_printf(out, "<span class=\"%s\">", class);
    add_text(out, text);
    g_string_append(out, "</span>");
}

static void add_head(GString *out, const json_t *report)
{
    static const struct {
        const char *name, *label;
    } counts[] = {{"packaged", "已成包 packaged"},         {"unchanged", "未变 unchanged"},
                  {"not_packaged", "未成包 not packaged"}, {"sides", "面 sides"},
                  {"blank_sides", "空白面 blank"},         {"warnings", "问题 findings"}};
    g_autoptr(GBytes) css =
        g_resources_lookup_data("/dangan/ingest/report.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<meta "
                         "name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<title>导入报告</title>\n<style>");
    if (css)
        g_string_append_len(out, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
    g_string_append(out, "</style>\n<h1>导入报告<small>import report</small></h1>\n<p "
                         "class=\"meta\">GB/T 33870-2017 · ");
    add_text(out, text_of(report, "time"));
    g_string_append(out, " · ");
    add_text(out, text_of(report, "profile"));
    g_string_append_c(out, ' ');
    add_text(out, text_of(report, "profile_version"));
    g_string_append(out, " · OCR ");
    add_text(out, text_of(report, "ocr_engine"));
    if (json_is_true(json_object_get(report, "stopped")))
        g_string_append(out, " · <strong>未完成：再次运行同一命令继续 · stopped: run the same "
                             "command again</strong>");
    g_string_append(out, "</p>\n<div class=\"counts\">\n");
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        g_string_append_printf(out, "<div><b>%d</b><span>%s</span></div>\n",
                               number_of(report, counts[i].name), counts[i].label);
    g_string_append(out, "</div>\n");
}

static void add_values(GString *out, const json_t *finding)
{
    if (!text_of(finding, "found") && !text_of(finding, "wanted"))
        return;
    g_string_append(out, "<span class=\"mend\">");
    if (text_of(finding, "found")) {
        g_string_append(out, "实际 found: ");
        add_text(out, text_of(finding, "found"));
    }
    if (text_of(finding, "wanted")) {
        g_string_append(out, " · 应为 wanted: ");
        add_text(out, text_of(finding, "wanted"));
    }
    g_string_append(out, "</span>");
}

static void add_finding(GString *out, const json_t *finding)
{
    DaSeverity severity = DA_SEVERITY_INFO;
    da_severity_by_name(text_of(finding, "severity"), &severity);
    g_string_append_printf(out, "<div class=\"finding %s\"><div class=\"rule\">",
                           da_severity_name(severity));
    add_text(out, text_of(finding, "rule"));
    g_string_append_printf(out, "<small>%s %s</small></div><div><span class=\"where\">",
                           da_severity_label_zh(severity), da_severity_name(severity));
    add_text(out, text_of(finding, "file"));
    if (number_of(finding, "row"))
        g_string_append_printf(out, " · 第 %d 行 line %d", number_of(finding, "row"),
                               number_of(finding, "row"));
    if (text_of(finding, "page")) {
        g_string_append(out, " · ");
        add_text(out, text_of(finding, "page"));
    }
    g_string_append(out, "</span> ");
    add_text(out, text_of(finding, "message_zh"));
    add_span(out, "en", text_of(finding, "message"));
    add_values(out, finding);
    add_span(out, "mend", text_of(finding, "mend_zh"));
    g_string_append(out, "</div></div>\n");
}

static void add_page(GString *out, const json_t *page, const char *id)
{
    gboolean blank = json_is_true(json_object_get(page, "blank"));
    g_string_append_printf(out, "<figure class=\"%s\">", blank ? "blank" : "");
    if (json_is_true(json_object_get(page, "failed")))
        g_string_append(out, "<div class=\"none\">无法读取<br>unreadable</div>");
    else
        g_string_append_printf(out, "<img loading=\"lazy\" alt=\"\" src=\".dangan/%s/%s\">", id,
                               text_of(page, "thumbnail"));
    g_string_append(out, "<figcaption><b>");
    add_text(out, text_of(page, "stem"));
    g_string_append_printf(out, "</b><span>%s%d dpi</span></figcaption></figure>\n",
                           blank ? "空白 blank · " : "", number_of(page, "dpi"));
}

/* What needs a person stands first and open; the pages of a delivery are folded away where many deliveries are listed. */
static void add_dossier(GString *out, const json_t *dossier)
{
    const char *state = text_of(dossier, "state"), *id = text_of(dossier, "id");
    gboolean bad = !strcmp(state, state_names[DA_IMPORT_REFUSED]);
    size_t i;
    json_t *item;
    g_string_append_printf(out,
                           "<section class=\"dossier\"><span class=\"state %s\">%s %s</span><h2>",
                           bad ? "bad" : "good",
                           bad                                               ? "未成包"
                           : !strcmp(state, state_names[DA_IMPORT_PACKAGED]) ? "已成包"
                                                                             : "未变",
                           state);
    add_text(out, text_of(dossier, "name") ? text_of(dossier, "name") : "—");
    g_string_append(out, "<small>");
    add_text(out, text_of(dossier, "folder"));
    g_string_append_printf(out,
                           " · %d 面 sides, %d 空白 blank</small></h2>\n<p class=\"meta\">%s</p>\n",
                           number_of(dossier, "sides"), number_of(dossier, "blank_sides"), id);
    json_array_foreach(json_object_get(dossier, "findings"), i, item) add_finding(out, item);
    if (!json_array_size(json_object_get(dossier, "findings")))
        g_string_append(out, "<p class=\"calm\">符合交换格式。The form is kept.</p>\n");
    if (json_array_size(json_object_get(dossier, "pages"))) {
        g_string_append(out, "<details><summary>图像 images</summary><div class=\"pages\">\n");
        json_array_foreach(json_object_get(dossier, "pages"), i, item) add_page(out, item, id);
        g_string_append(out, "</div></details>");
    }
    g_string_append(out, "</section>\n");
}

static char *report_html(const json_t *report)
{
    GString *out = g_string_new(NULL);
    const json_t *dossiers = json_object_get(report, "dossiers");
    add_head(out, report);
    g_string_append(out, "<h2>交付<small>deliveries; what did not become a package comes "
                         "first</small></h2>\n");
    for (gboolean refused = TRUE; refused >= FALSE; refused--) {
        size_t i;
        json_t *dossier;
        json_array_foreach(dossiers, i, dossier)
        {
            gboolean bad = !strcmp(text_of(dossier, "state"), state_names[DA_IMPORT_REFUSED]);
            if (bad == refused)
                add_dossier(out, dossier);
        }
    }
    return g_string_free(out, FALSE);
}

/* --- files ---------------------------------------------------------------------------------------------------------------------- */

/* The exchange form has no 档号. */
static gboolean write_delivery(const DaImport *run, GError **error)
{
    g_autoptr(GPtrArray) rows = da_delivery_rows_new();
    for (guint i = 0; i < run->deliveries->len; i++) {
        const DaImportDelivery *delivery = run->deliveries->pdata[i];
        if (delivery->state != DA_IMPORT_REFUSED &&
            !da_delivery_rows_add(rows, delivery->id->id, NULL, delivery->package, delivery->digest,
                                  error))
            return FALSE;
    }
    return da_delivery_rows_write(rows, run->options->out, error);
}

gboolean da_import_write_reports(const DaImport *run, gboolean stopped, GError **error)
{
    json_t *report = whole_report(run, stopped);
    g_autofree char *html = report_html(report);
    g_autofree char *text = da_report_text(report);
    return write_delivery(run, error) &&
           da_report_write(run->options->out, "import-report.json", text, error) &&
           da_report_write(run->options->out, "import-report.html", html, error);
}
