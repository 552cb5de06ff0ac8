#include "run_html.h"

#include <dangan/finding.h>
#include <gio/gio.h>
#include <string.h>

/* So many dossiers with findings stand open when the report is opened; the others are one click away. */
#define OPEN_DOSSIERS 12
/* … and so many findings about the batch as a whole. */
#define OPEN_FINDINGS 20

/* Everything that comes from lists, files and catalogues goes through here. */
static void add_text(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text ? text : "", -1);
    g_string_append(out, escaped);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int number_of(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

static void add_resource(GString *out, const char *path)
{
    g_autoptr(GBytes) bytes = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    if (bytes)
        g_string_append_len(out, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
}

/* In single quotes: JSON is full of double ones, and there are many pages. */
static void add_json_attribute(GString *out, const char *name, json_t *value)
{
    g_autofree char *text = json_dumps(value, JSON_COMPACT);
    g_autofree char *safe = g_markup_escape_text(text, -1);
    g_autoptr(GString) value_text = g_string_new(safe);
    g_string_replace(value_text, "&quot;", "\"", 0);
    g_string_append_printf(out, " %s='%s'", name, value_text->str);
    json_decref(value);
}

/* --- head ----------------------------------------------------------------------------------------------------------- */

static void add_head(GString *out)
{
    g_string_append(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\">\n<meta "
        "name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>数字化报告</title>\n<style>");
    add_resource(out, "/dangan/ingest/report.css");
    g_string_append(out, "</style></head>\n<body>\n");
}

static void add_count(GString *out, int count, const char *label, const char *kind)
{
    g_string_append_printf(out, "<div class=\"%s\"><b>%d</b><span>%s</span></div>\n",
                           count ? kind : "", count, label);
}

static void add_summary(GString *out, const json_t *report)
{
    g_string_append(out, "<h1>数字化报告<small>ingest report</small></h1>\n<p class=\"meta\">");
    add_text(out, text_of(report, "time"));
    g_string_append(out, " · ");
    add_text(out, text_of(report, "profile"));
    g_string_append_c(out, ' ');
    add_text(out, text_of(report, "profile_version"));
    g_string_append(out, " · OCR ");
    add_text(out, text_of(report, "ocr_engine"));
    g_string_append(out, "</p>\n");
    if (json_is_true(json_object_get(report, "stopped")))
        g_string_append(out,
                        "<p class=\"stopped\">未完成：再次运行同一命令继续。Stopped: run the same "
                        "command again.</p>\n");
    g_string_append(out, "<div class=\"counts\">\n");
    add_count(out, number_of(report, "packaged"), "已成包 packaged", "good");
    add_count(out, number_of(report, "unchanged"), "未变 unchanged", "good");
    add_count(out, number_of(report, "not_packaged"), "未成包 not packaged", "bad");
    add_count(out, number_of(report, "sides"), "面 sides", "");
    add_count(out, number_of(report, "blank_sides"), "空白面 blank", "");
    add_count(out, number_of(report, "failed_sides"), "失败面 failed", "bad");
    add_count(out, number_of(report, "warnings"), "警告 warnings", "warn");
    g_string_append(out, "</div>\n");
}

static void add_bar(GString *out)
{
    g_string_append(
        out, "<div class=\"bar\"><span id=\"edits\"></span><label>更正人 <small>by</small> <input "
             "id=\"by\" autocomplete=\"name\"></label><button id=\"save\">保存更正 <small>save "
             "corrections.csv</small></button><span "
             "class=\"hint\">点击页面更正；保存后放入批次文件夹再运行。 "
             "Click a page to set it right; put the saved file into the batch and run "
             "again.</span></div>\n");
}

/* --- pages ---------------------------------------------------------------------------------------------------------- */

static json_t *copy_of(const json_t *object, const char *name)
{
    return json_incref(json_object_get(object, name));
}

/* What report.js needs to know of a page. */
static json_t *page_data(const json_t *page)
{
    const json_t *measures = json_object_get(page, "measures"),
                 *corrects = json_object_get(page, "corrects");
    return json_pack(
        "{s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:b, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "stem",
        copy_of(page, "stem"), "place", copy_of(corrects, "scan"), "place_frame",
        copy_of(corrects, "frame"), "access", copy_of(page, "access"), "turn",
        copy_of(page, "turn_cw_deg"), "measured_turn", copy_of(measures, "turn_cw_deg"),
        "measured_blank", (int)json_is_true(json_object_get(measures, "blank")), "crop",
        copy_of(page, "crop"), "width", copy_of(page, "width_px"), "height",
        copy_of(page, "height_px"), "level_width", copy_of(page, "level_width_px"), "level_height",
        copy_of(page, "level_height_px"), "corrections",
        json_array_size(json_object_get(page, "corrections")) ? copy_of(page, "corrections")
                                                              : NULL);
}

static void add_page_facts(GString *out, const json_t *page)
{
    const json_t *skew = json_object_get(page, "skew_cw_deg");
    g_string_append(out, "<span>");
    if (json_is_true(json_object_get(page, "blank")))
        g_string_append(out, "空白 blank");
    else if (json_is_number(skew))
        g_string_append_printf(out, "%+.2f°", json_number_value(skew));
    if (number_of(page, "turn_cw_deg"))
        g_string_append_printf(out, " · ↻ %d°", number_of(page, "turn_cw_deg"));
    if (json_array_size(json_object_get(page, "corrections")))
        g_string_append(out, " · ✎ 已更正 corrected");
    g_string_append(out, "</span><span>");
    add_text(out, text_of(page, "scan"));
    if (number_of(page, "frame") > 1)
        g_string_append_printf(out, " #%d", number_of(page, "frame"));
    g_string_append(out, "</span>");
}

static void add_picture(GString *out, const json_t *page)
{
    const char *what =
        json_is_true(json_object_get(page, "failed")) ? "无法处理<br>failed" : "未处理<br>not done";
    if (!text_of(page, "thumbnail")) {
        g_string_append_printf(out, "<div class=\"none\">%s</div>", what);
        return;
    }
    g_string_append(out, "<a href=\"");
    add_text(out, text_of(page, "access"));
    g_string_append(out, "\"><img loading=\"lazy\" alt=\"");
    add_text(out, text_of(page, "stem"));
    g_string_append(out, "\" src=\"");
    add_text(out, text_of(page, "thumbnail"));
    g_string_append(out, "\"></a>");
}

/* All that the desk needs to know of a side stands at one of its pictures (`whole`); the others say which side it is. */
static void add_page_place(GString *out, const json_t *page, gboolean whole)
{
    const json_t *corrects = json_object_get(page, "corrects");
    if (whole)
        add_json_attribute(out, "data-page", page_data(page));
    else
        add_json_attribute(
            out, "data-at",
            json_pack("[o, o]", copy_of(corrects, "scan"), copy_of(corrects, "frame")));
}

static void add_page(GString *out, const json_t *page, gboolean whole)
{
    g_string_append_printf(out, "<figure class=\"%s\"",
                           json_is_true(json_object_get(page, "blank")) ? "blank" : "");
    if (text_of(page, "thumbnail"))
        add_page_place(out, page, whole);
    g_string_append_c(out, '>');
    add_picture(out, page);
    g_string_append(out, "<figcaption><b>");
    add_text(out, text_of(page, "stem"));
    g_string_append(out, "</b>");
    add_page_facts(out, page);
    g_string_append(out, "</figcaption></figure>\n");
}

/* --- findings -------------------------------------------------------------------------------------------------------- */

static void add_line(GString *out, const char *class, const char *text)
{
    if (!text)
        return;
    g_string_append_printf(out, "<span class=\"%s\">", class);
    add_text(out, text);
    g_string_append(out, "</span>");
}

static void add_english(GString *out, const json_t *finding)
{
    const char *message = text_of(finding, "message"), *mend = text_of(finding, "mend");
    if (!g_strcmp0(text_of(finding, "message_zh"), message))
        message = NULL;
    g_autofree char *both = message && mend ? g_strdup_printf("%s; %s", message, mend) : NULL;
    add_line(out, "en", both ? both : message ? message : mend);
}

static void add_place(GString *out, const json_t *finding)
{
    const char *file = text_of(finding, "file");
    int row = number_of(finding, "row");
    if (!file && !row)
        return;
    g_string_append(out, "<span class=\"where\">");
    add_text(out, file);
    if (row)
        g_string_append_printf(out, " 第 %d 行 row %d", row, row);
    g_string_append(out, "</span> ");
}

/* "adf.tif#3" or "scan0001.jpg": how a finding names a side that has no stem. */
static gboolean is_named(const json_t *page, const char *file)
{
    const char *scan = text_of(page, "scan");
    gsize length = scan ? strlen(scan) : 0;
    if (!file || !scan || strncmp(file, scan, length))
        return FALSE;
    return file[length] == '\0' ||
           (file[length] == '#' && atoi(file + length + 1) == number_of(page, "frame"));
}

static void add_other(GString *out, const char *other, const json_t *pages)
{
    size_t i;
    json_t *page;
    json_array_foreach(pages, i, page)
    {
        if (!other || (g_strcmp0(other, text_of(page, "stem")) && !is_named(page, other)))
            continue;
        add_page(out, page, FALSE);
        return;
    }
}

/* `pages` of the dossier, for the picture of another page that it speaks of; NULL = none. */
static void add_finding(GString *out, const json_t *finding, const json_t *pages)
{
    DaSeverity severity = DA_SEVERITY_INFO;
    da_severity_by_name(text_of(finding, "severity"), &severity);
    g_string_append_printf(out, "<div class=\"finding %s\" data-rule=\"",
                           da_severity_name(severity));
    add_text(out, text_of(finding, "rule"));
    g_string_append(out, "\"><div class=\"rule\">");
    add_text(out, text_of(finding, "rule"));
    g_string_append_printf(out, "<small>%s %s</small></div><div>", da_severity_label_zh(severity),
                           da_severity_name(severity));
    add_place(out, finding);
    add_text(out, text_of(finding, "message_zh") ? text_of(finding, "message_zh")
                                                 : text_of(finding, "message"));
    add_line(out, "mend", text_of(finding, "mend_zh"));
    add_english(out, finding);
    add_other(out, text_of(finding, "other"), pages);
    g_string_append(out, "</div></div>\n");
}

static gboolean is_about(const json_t *finding, const json_t *page)
{
    const char *stem = text_of(finding, "page");
    return stem ? !g_strcmp0(stem, text_of(page, "stem"))
                : is_named(page, text_of(finding, "file"));
}

/* The page with all that was found about it, beside its picture. */
static void add_page_findings(GString *out, const json_t *page, const json_t *dossier,
                              gboolean *taken)
{
    const json_t *findings = json_object_get(dossier, "findings");
    size_t i;
    json_t *finding;
    gboolean begun = FALSE;
    json_array_foreach(findings, i, finding)
    {
        if (taken[i] || !is_about(finding, page))
            continue;
        if (!begun) {
            g_string_append(out, "<div class=\"page-findings\">");
            add_page(out, page, FALSE);
            g_string_append(out, "<div>");
        }
        begun = taken[i] = TRUE;
        add_finding(out, finding, json_object_get(dossier, "pages"));
    }
    if (begun)
        g_string_append(out, "</div></div>\n");
}

/* --- dossiers ---------------------------------------------------------------------------------------------------------- */

static void add_dossier_data(GString *out, const json_t *dossier)
{
    add_json_attribute(out, "data-dossier",
                       json_pack("{s:o*, s:o*}", "folder", copy_of(dossier, "folder"), "materials",
                                 copy_of(dossier, "materials")));
}

static void add_dossier_title(GString *out, const json_t *dossier)
{
    const char *state = text_of(dossier, "state");
    gboolean bad = !g_strcmp0(state, "not packaged");
    g_string_append(out, "<b>");
    add_text(out, text_of(dossier, "name") ? text_of(dossier, "name") : text_of(dossier, "folder"));
    g_string_append(out, "</b> <small>");
    add_text(out, text_of(dossier, "archival_number"));
    if (text_of(dossier, "name")) {
        g_string_append(out, " · ");
        add_text(out, text_of(dossier, "folder"));
    }
    g_string_append_printf(out, "</small><span class=\"state %s\">%s %s</span>",
                           bad ? "bad" : "good",
                           bad                             ? "未成包"
                           : !g_strcmp0(state, "packaged") ? "已成包"
                                                           : "未变",
                           state);
}

static int severity_rank(const json_t *finding)
{
    DaSeverity severity = DA_SEVERITY_INFO;
    da_severity_by_name(text_of(finding, "severity"), &severity);
    return severity;
}

/* Where forms disagree on a date, the table of all claims is a page of its own. */
static void add_dates(GString *out, const json_t *dossier)
{
    if (!json_array_size(json_object_get(dossier, "dates")))
        return;
    g_string_append_printf(out,
                           "<p class=\"dates\"><a href=\"dates/%s.html\">日期对照表 <small>date "
                           "conflict table</small></a></p>\n",
                           text_of(dossier, "id"));
}

static void add_dossier_findings(GString *out, const json_t *dossier, gboolean open)
{
    const json_t *findings = json_object_get(dossier, "findings");
    g_autofree gboolean *taken = g_new0(gboolean, json_array_size(findings) + 1);
    size_t i;
    json_t *item;
    g_string_append_printf(out, "<details class=\"person\"%s data-folder=\"", open ? " open" : "");
    add_text(out, text_of(dossier, "folder"));
    g_string_append(out, "\"><summary>");
    add_dossier_title(out, dossier);
    g_string_append_printf(out, "<span class=\"number\">%zu</span></summary>\n",
                           json_array_size(findings));
    add_dates(out, dossier);
    json_array_foreach(json_object_get(dossier, "pages"), i, item)
        add_page_findings(out, item, dossier, taken);
    for (int rank = DA_SEVERITY_FATAL; rank >= DA_SEVERITY_INFO; rank--)
        json_array_foreach(findings, i, item) if (!taken[i] && severity_rank(item) == rank)
            add_finding(out, item, NULL);
    g_string_append(out, "</details>\n");
}

static void add_dossier(GString *out, const json_t *dossier, gboolean open)
{
    size_t i;
    json_t *page;
    g_string_append_printf(out, "<details class=\"dossier\"%s", open ? " open" : "");
    add_dossier_data(out, dossier);
    g_string_append(out, "><summary>");
    add_dossier_title(out, dossier);
    g_string_append_printf(out,
                           "<small class=\"meta\">%d 面 sides, %d 空白 blank · "
                           "%s</small></summary>\n",
                           number_of(dossier, "sides"), number_of(dossier, "blank_sides"),
                           text_of(dossier, "id"));
    add_dates(out, dossier);
    g_string_append(out, "<div class=\"pages\">\n");
    json_array_foreach(json_object_get(dossier, "pages"), i, page) add_page(out, page, TRUE);
    g_string_append(out, "</div></details>\n");
}

/* --- the report ---------------------------------------------------------------------------------------------------------- */

static void count_rules(GHashTable *rules, GPtrArray *order, const json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach(findings, i, finding)
    {
        const char *rule = text_of(finding, "rule");
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(rules, rule));
        if (!count)
            g_ptr_array_add(order, (gpointer)rule);
        g_hash_table_insert(rules, (gpointer)rule, GUINT_TO_POINTER(count + 1));
    }
}

/* One button a rule: only its findings stay. */
static void add_chips(GString *out, const json_t *report)
{
    g_autoptr(GHashTable) rules = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    size_t i;
    json_t *dossier;
    count_rules(rules, order, json_object_get(report, "findings"));
    json_array_foreach(json_object_get(report, "dossiers"), i, dossier)
        count_rules(rules, order, json_object_get(dossier, "findings"));
    if (order->len < 2)
        return;
    g_string_append(out, "<p class=\"chips\">");
    for (guint r = 0; r < order->len; r++) {
        g_string_append(out, "<button aria-pressed=\"false\" data-rule=\"");
        add_text(out, order->pdata[r]);
        g_string_append(out, "\">");
        add_text(out, order->pdata[r]);
        g_string_append_printf(out, " <small>%u</small></button> ",
                               GPOINTER_TO_UINT(g_hash_table_lookup(rules, order->pdata[r])));
    }
    g_string_append(out, "</p>\n");
}

/* Few stand open; a list with every row wrong is one click away. */
static void add_batch_findings(GString *out, const json_t *findings)
{
    size_t i, count = json_array_size(findings);
    json_t *finding;
    if (count > OPEN_FINDINGS)
        g_string_append_printf(out,
                               "<details class=\"person\"><summary><b>批次 <small>the "
                               "batch</small></b><span "
                               "class=\"number\">%zu</span></summary>\n",
                               count);
    json_array_foreach(findings, i, finding) add_finding(out, finding, NULL);
    if (count > OPEN_FINDINGS)
        g_string_append(out, "</details>\n");
}

/* On top: the short list for a person. */
static void add_person_list(GString *out, const json_t *report)
{
    size_t i;
    json_t *item;
    guint dossiers = 0;
    const json_t *of_batch = json_object_get(report, "findings");
    g_string_append(out, "<h2>需要人工处理<small>for a person</small></h2>\n");
    add_chips(out, report);
    add_batch_findings(out, of_batch);
    json_array_foreach(json_object_get(report, "dossiers"), i, item)
    {
        if (json_array_size(json_object_get(item, "findings")))
            add_dossier_findings(out, item, dossiers++ < OPEN_DOSSIERS);
    }
    if (!dossiers && !json_array_size(of_batch))
        g_string_append(out, "<p class=\"calm\">没有需要处理的问题。Nothing needs a person.</p>\n");
}

char *da_report_html(const json_t *report)
{
    GString *out = g_string_new(NULL);
    const json_t *dossiers = json_object_get(report, "dossiers");
    size_t i;
    json_t *dossier;
    add_head(out);
    add_summary(out, report);
    add_bar(out);
    add_person_list(out, report);
    g_string_append(out, "<h2>全部页面<small>all pages</small></h2>\n");
    json_array_foreach(dossiers, i, dossier)
        add_dossier(out, dossier, json_array_size(dossiers) <= OPEN_DOSSIERS);
    add_resource(out, "/dangan/ingest/report-desk.html");
    g_string_append(out, "<script>\n");
    add_resource(out, "/dangan/ingest/report.js");
    g_string_append(out, "</script>\n</body>\n</html>\n");
    return g_string_free(out, FALSE);
}
