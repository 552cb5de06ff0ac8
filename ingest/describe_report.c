#include "describe_parts.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

/* --- JSON -------------------------------------------------------------------------------------------------------------- */

static const DaPage *page_of(const DaMaterial *material, const char *stem)
{
    for (guint i = 0; material && i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        if (!g_strcmp0(page->stem, stem))
            return page;
    }
    return NULL;
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static void add_material(json_t *row, const DaMaterial *material)
{
    g_autofree char *formed = da_date_format(material->formed);
    json_object_set_new(row, "class", json_string(material->class_code));
    json_object_set_new(row, "sequence", json_integer(material->sequence));
    json_object_set_new(row, "title", json_string(material->title));
    json_object_set_new(row, "formed", text_or_null(formed));
}

static void add_image(json_t *row, const DaPage *page)
{
    const char *path = page->file[DA_FILE_ACCESS].path;
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;
    json_object_set_new(row, "image", text_or_null(name));
    json_object_set_new(row, "image_width_px", json_integer(page->width_px));
    json_object_set_new(row, "image_height_px", json_integer(page->height_px));
}

static json_t *row_to_json(const DaConflictRow *row)
{
    const DaClaim *claim = row->claim;
    g_autofree char *date = da_date_format(claim->date);
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:b, s:o, s:s, s:i, s:i, s:i, s:i}", "standing",
        da_claim_standing_name(row->standing), "text", claim->text, "date", text_or_null(date),
        "doubtful", (int)claim->doubtful, "confidence",
        isnan(claim->confidence) ? json_null() : json_real(claim->confidence), "stem", claim->stem,
        "x_px", claim->x_px, "y_px", claim->y_px, "w_px", claim->w_px, "h_px", claim->h_px);
    const DaPage *page = page_of(row->material, claim->stem);
    if (row->material)
        add_material(object, row->material);
    if (page)
        add_image(object, page);
    return object;
}

json_t *da_conflicts_to_json(const DaDossier *dossier, const GPtrArray *conflicts)
{
    json_t *array = json_array();
    for (guint i = 0; i < conflicts->len; i++) {
        const DaConflict *conflict = conflicts->pdata[i];
        const char *source = dossier->field[conflict->field].source;
        json_t *rows = json_array();
        for (guint k = 0; k < conflict->rows->len; k++)
            json_array_append_new(rows, row_to_json(conflict->rows->pdata[k]));
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "field",
                                               da_field_name(conflict->field), "label_zh",
                                               da_field_label_zh(conflict->field), "standing",
                                               da_claim_standing_name(conflict->standing), "listed",
                                               text_or_null(conflict->listed), "listed_source",
                                               text_or_null(conflict->listed ? source : NULL),
                                               "rows", rows));
    }
    return array;
}

/* --- HTML -------------------------------------------------------------------------------------------------------------- */

/* A crop on screen: so wide and high at most, with so much around the date that its label is seen. */
#define CROP_WIDTH_PX 440.0
#define CROP_HEIGHT_PX 88.0
#define AROUND_LEFT_HEIGHTS 6.0
#define AROUND_HEIGHTS 1.0

static void add_text(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text ? text : "", -1);
    g_string_append(out, escaped);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static double number_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static void add_number(GString *out, const char *format, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(text, sizeof text, format, value));
}

static void add_head(GString *out, const json_t *dossier)
{
    g_autoptr(GBytes) css =
        g_resources_lookup_data("/dangan/ingest/report.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_autoptr(GBytes) own =
        g_resources_lookup_data("/dangan/ingest/dates.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<meta "
                         "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<title>日期对照表</title>\n<style>");
    if (css)
        g_string_append_len(out, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
    if (own)
        g_string_append_len(out, g_bytes_get_data(own, NULL), (gssize)g_bytes_get_size(own));
    g_string_append(out, "</style>\n<h1>日期对照表<small>date conflict table</small></h1>\n<p "
                         "class=\"meta\"><b>");
    add_text(out, text_of(dossier, "name"));
    g_string_append(out, "</b> · ");
    add_text(out, text_of(dossier, "archival_number"));
    g_string_append(out, " · ");
    add_text(out, text_of(dossier, "folder"));
    g_string_append(
        out,
        "</p>\n<p class=\"note\">各表所载时间由程序识别，逐处列出原文位置，供人核对；程序不作认定。"
        "<span class=\"en\">Dates as recognized on the forms, each with its place. The "
        "program decides nothing.</span></p>\n");
}

static const char *standing_label(const char *standing)
{
    static const char *const labels[][2] = {{"agrees", "一致 agrees"},
                                            {"differs", "月日不同 month or day"},
                                            {"conflicts", "年份冲突 conflict"},
                                            {"unread", "未比对 not compared"}};
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
        if (!g_strcmp0(standing, labels[i][0]))
            return labels[i][1];
    return "";
}

static void add_length(GString *out, const char *property, double px)
{
    g_string_append_printf(out, "%s:", property);
    add_number(out, "%.1f", px);
    g_string_append(out, "px;");
}

/* The page's image, moved and scaled so that the place shows; the mark lies over the date. */
static void add_crop(GString *out, const json_t *row, const char *images)
{
    const char *image = text_of(row, "image");
    double x = number_of(row, "x_px"), y = number_of(row, "y_px"), w = number_of(row, "w_px"),
           h = number_of(row, "h_px"), width = number_of(row, "image_width_px");
    if (!image || w <= 0 || h <= 0 || width <= 0)
        return;
    double left = MAX(x - AROUND_LEFT_HEIGHTS * h, 0), top = MAX(y - AROUND_HEIGHTS * h, 0);
    double right = MIN(x + w + AROUND_HEIGHTS * h, width), bottom = y + h + AROUND_HEIGHTS * h;
    double scale = MIN(CROP_WIDTH_PX / (right - left), CROP_HEIGHT_PX / (bottom - top));
    g_autofree char *path = g_build_path("/", images, image, NULL);
    g_autofree char *link = g_uri_escape_string(path, "/", TRUE);
    g_string_append_printf(out, "<a class=\"crop\" href=\"%s\" style=\"", link);
    add_length(out, "width", (right - left) * scale);
    add_length(out, "height", (bottom - top) * scale);
    g_string_append_printf(out, "\"><img loading=\"lazy\" alt=\"\" src=\"%s\" style=\"", link);
    add_length(out, "width", width * scale);
    add_length(out, "left", -left * scale);
    add_length(out, "top", -top * scale);
    g_string_append(out, "\"><i style=\"");
    add_length(out, "left", (x - left) * scale);
    add_length(out, "top", (y - top) * scale);
    add_length(out, "width", w * scale);
    add_length(out, "height", h * scale);
    g_string_append(out, "\"></i></a>");
}

static void add_row(GString *out, const json_t *row, const char *images)
{
    const json_t *confidence = json_object_get(row, "confidence");
    g_string_append_printf(out, "<tr class=\"%s\"><td>", text_of(row, "standing"));
    add_text(out, text_of(row, "title"));
    g_string_append(out, "<small>");
    add_text(out, text_of(row, "stem"));
    if (text_of(row, "formed")) {
        g_string_append(out, " · 形成 ");
        add_text(out, text_of(row, "formed"));
    }
    g_string_append(out, "</small></td><td class=\"date\"><b>");
    add_text(out, text_of(row, "date") ? text_of(row, "date") : "—");
    g_string_append(out, "</b><small>");
    add_text(out, text_of(row, "text"));
    g_string_append_printf(out, "</small></td><td class=\"standing\">%s<small>",
                           standing_label(text_of(row, "standing")));
    if (json_is_number(confidence)) {
        g_string_append(out, "识别 ");
        add_number(out, "%.0f", 100 * json_number_value(confidence));
        g_string_append(out, " %");
    }
    if (json_is_true(json_object_get(row, "doubtful")))
        g_string_append(out, " · 存疑 doubtful");
    g_string_append(out, "</small></td><td>");
    add_crop(out, row, images);
    g_string_append(out, "</td></tr>\n");
}

static void add_listed(GString *out, const json_t *conflict)
{
    if (!text_of(conflict, "listed"))
        return;
    g_string_append(out, "<tr class=\"listed\"><td>移交清单<small>handover list ");
    add_text(out, text_of(conflict, "listed_source"));
    g_string_append(out, "</small></td><td class=\"date\"><b>");
    add_text(out, text_of(conflict, "listed"));
    g_string_append(out, "</b></td><td></td><td></td></tr>\n");
}

static void add_conflict(GString *out, const json_t *conflict, const char *images)
{
    size_t i;
    json_t *row;
    g_string_append_printf(out, "<section class=\"%s\"><h2>", text_of(conflict, "standing"));
    add_text(out, text_of(conflict, "label_zh"));
    g_string_append_printf(
        out,
        "<small>%s</small><span>%s</span></h2>\n<table>\n<thead><tr><th>材料 form</th>"
        "<th>日期 date</th><th>比对 compared</th><th>原文 place</th></tr></thead>\n<tbody>\n",
        text_of(conflict, "field"), standing_label(text_of(conflict, "standing")));
    add_listed(out, conflict);
    json_array_foreach(json_object_get(conflict, "rows"), i, row) add_row(out, row, images);
    g_string_append(out, "</tbody></table></section>\n");
}

char *da_conflicts_html(const json_t *dossier, const char *images)
{
    GString *out = g_string_new(NULL);
    size_t i;
    json_t *conflict;
    add_head(out, dossier);
    json_array_foreach(json_object_get(dossier, "dates"), i, conflict)
        add_conflict(out, conflict, images);
    return g_string_free(out, FALSE);
}
