#include "run.h"

#include <gio/gio.h>
#include <string.h>

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

static void add_head(GString *out)
{
    g_autoptr(GBytes) css =
        g_resources_lookup_data("/dangan/ingest/report.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_string_append(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>数字化报告</title>\n<style>");
    if (css)
        g_string_append_len(out, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
    g_string_append(out, "</style>\n");
}

static void add_count(GString *out, int count, const char *label)
{
    g_string_append_printf(out, "<div><b>%d</b><span>%s</span></div>\n", count, label);
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
    if (json_is_true(json_object_get(report, "stopped")))
        g_string_append(out, " · <strong>未完成：再次运行同一命令继续 · stopped: run the same "
                             "command again</strong>");
    g_string_append(out, "</p>\n<div class=\"counts\">\n");
    add_count(out, number_of(report, "packaged"), "已成包 packaged");
    add_count(out, number_of(report, "unchanged"), "未变 unchanged");
    add_count(out, number_of(report, "not_packaged"), "未成包 not packaged");
    add_count(out, number_of(report, "sides"), "面 sides");
    add_count(out, number_of(report, "blank_sides"), "空白面 blank");
    add_count(out, number_of(report, "warnings"), "警告 warnings");
    g_string_append(out, "</div>\n");
}

/* --- findings -------------------------------------------------------------------------------------------------------- */

static void add_place(GString *out, const json_t *finding)
{
    g_string_append(out, "<span class=\"where\">");
    add_text(out, text_of(finding, "subject"));
    if (text_of(finding, "file")) {
        g_string_append(out, " / ");
        add_text(out, text_of(finding, "file"));
    }
    if (number_of(finding, "row"))
        g_string_append_printf(out, " · 第 %d 行 row %d", number_of(finding, "row"),
                               number_of(finding, "row"));
    if (text_of(finding, "page")) {
        g_string_append(out, " · ");
        add_text(out, text_of(finding, "page"));
    }
    g_string_append(out, "</span> ");
}

static void add_line(GString *out, const char *class, const char *text)
{
    if (!text)
        return;
    g_string_append_printf(out, "<span class=\"%s\">", class);
    add_text(out, text);
    g_string_append(out, "</span>");
}

static void add_finding(GString *out, const json_t *finding)
{
    DaSeverity severity = DA_SEVERITY_INFO;
    da_severity_by_name(text_of(finding, "severity"), &severity);
    g_string_append_printf(out, "<div class=\"finding %s\"><div class=\"rule\">",
                           da_severity_name(severity));
    add_text(out, text_of(finding, "rule"));
    g_string_append_printf(out, "<small>%s %s</small></div><div>", da_severity_label_zh(severity),
                           da_severity_name(severity));
    add_place(out, finding);
    add_text(out, text_of(finding, "message_zh") ? text_of(finding, "message_zh")
                                                 : text_of(finding, "message"));
    if (g_strcmp0(text_of(finding, "message_zh"), text_of(finding, "message")))
        add_line(out, "en", text_of(finding, "message"));
    add_line(out, "mend", text_of(finding, "mend_zh"));
    g_string_append(out, "</div></div>\n");
}

static guint add_findings(GString *out, const json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach(findings, i, finding) add_finding(out, finding);
    return (guint)json_array_size(findings);
}

/* On top: the short list for a person. */
static void add_all_findings(GString *out, const json_t *report)
{
    size_t i;
    json_t *dossier;
    g_string_append(out, "<h2>需要人工处理<small>for a person</small></h2>\n");
    guint n = add_findings(out, json_object_get(report, "findings"));
    json_array_foreach(json_object_get(report, "dossiers"), i, dossier) n +=
        add_findings(out, json_object_get(dossier, "findings"));
    if (!n)
        g_string_append(out, "<p class=\"calm\">没有需要处理的问题。Nothing needs a person.</p>\n");
}

/* --- dossiers ---------------------------------------------------------------------------------------------------------- */

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
    g_string_append(out, "</span><span>");
    add_text(out, text_of(page, "scan"));
    g_string_append_printf(out, " #%d</span>", number_of(page, "frame"));
}

static void add_page(GString *out, const json_t *page, const char *id)
{
    gboolean failed = json_is_true(json_object_get(page, "failed"));
    g_string_append_printf(out, "<figure class=\"%s\">",
                           json_is_true(json_object_get(page, "blank")) ? "blank" : "");
    if (failed)
        g_string_append(out, "<div class=\"none\">无法读取<br>unreadable</div>");
    else
        g_string_append_printf(out, "<img loading=\"lazy\" alt=\"\" src=\".dangan/%s/%s\">", id,
                               text_of(page, "thumbnail"));
    g_string_append(out, "<figcaption><b>");
    add_text(out, text_of(page, "stem"));
    g_string_append(out, "</b>");
    add_page_facts(out, page);
    g_string_append(out, "</figcaption></figure>\n");
}

static void add_dossier(GString *out, const json_t *dossier)
{
    const char *state = text_of(dossier, "state"), *id = text_of(dossier, "id");
    gboolean bad = !strcmp(state, "not packaged");
    size_t i;
    json_t *page;
    g_string_append_printf(out,
                           "<section class=\"dossier\"><span class=\"state %s\">%s %s</span><h2>",
                           bad ? "bad" : "good",
                           bad                          ? "未成包"
                           : !strcmp(state, "packaged") ? "已成包"
                                                        : "未变",
                           state);
    add_text(out, text_of(dossier, "name") ? text_of(dossier, "name") : text_of(dossier, "folder"));
    g_string_append(out, "<small>");
    add_text(out, text_of(dossier, "archival_number"));
    g_string_append(out, " · ");
    add_text(out, text_of(dossier, "folder"));
    g_string_append_printf(out,
                           " · %d 面 sides, %d 空白 blank</small></h2>\n<p "
                           "class=\"meta\">%s",
                           number_of(dossier, "sides"), number_of(dossier, "blank_sides"), id);
    if (json_array_size(json_object_get(dossier, "dates")))
        g_string_append_printf(
            out, " · <a href=\"dates/%s.html\">日期对照表 date conflict table</a>", id);
    g_string_append(out, "</p>\n<div class=\"pages\">\n");
    json_array_foreach(json_object_get(dossier, "pages"), i, page) add_page(out, page, id);
    g_string_append(out, "</div></section>\n");
}

char *da_report_html(const json_t *report)
{
    GString *out = g_string_new(NULL);
    size_t i;
    json_t *dossier;
    add_head(out);
    add_summary(out, report);
    add_all_findings(out, report);
    g_string_append(out, "<h2>卷<small>dossiers</small></h2>\n");
    json_array_foreach(json_object_get(report, "dossiers"), i, dossier) add_dossier(out, dossier);
    return g_string_free(out, FALSE);
}
