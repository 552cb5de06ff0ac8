#include "text_box.h"
#include "xmlout.h"

#include <dangan/error.h>
#include <dangan/text.h>
#include <math.h>
#include <string.h>

#define ALTO_NAMESPACE "http://www.loc.gov/standards/alto/ns-v4#"

/* Tenths of a pixel are finer than any engine measures; a locale's comma never appears. */
static char *number_text(double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    double tenths = round(value * 10) / 10;
    g_ascii_formatd(buffer, sizeof buffer, tenths == round(tenths) ? "%.0f" : "%.1f",
                    isfinite(tenths) ? tenths : 0);
    return g_strdup(buffer);
}

static void write_number(DaXmlOut *out, const char *name, double value)
{
    g_autofree char *text = number_text(value);
    da_xmlout_attribute(out, name, text);
}

static void write_box(DaXmlOut *out, DaBox box)
{
    write_number(out, "HPOS", box.left);
    write_number(out, "VPOS", box.top);
    write_number(out, "WIDTH", fmax(box.right - box.left, 0));
    write_number(out, "HEIGHT", fmax(box.bottom - box.top, 0));
}

static void write_shape(DaXmlOut *out, const double quad[4][2])
{
    g_autoptr(GString) points = g_string_new(NULL);
    for (int i = 0; i < 4; i++) {
        g_autofree char *x = number_text(quad[i][0]);
        g_autofree char *y = number_text(quad[i][1]);
        g_string_append_printf(points, "%s%s,%s", i > 0 ? " " : "", x, y);
    }
    da_xmlout_open(out, "Shape");
    da_xmlout_open(out, "Polygon");
    da_xmlout_attribute(out, "POINTS", points->str);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

static void write_string(DaXmlOut *out, const char *text, DaBox box, double confidence)
{
    da_xmlout_open(out, "String");
    da_xmlout_attribute(out, "CONTENT", text ? text : "");
    write_box(out, box);
    if (isfinite(confidence)) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(buffer, sizeof buffer, "%.3f", CLAMP(confidence, 0, 1));
        da_xmlout_attribute(out, "WC", buffer);
    }
    da_xmlout_close(out);
}

/* Steps over `word` in the line's text; TRUE when a blank stands before it. A word that is not there (an engine's words and
 * line need not agree) leaves the place as it was. */
static gboolean blank_before(const char **place, const char *word)
{
    const char *found = word && *word && *place ? strstr(*place, word) : NULL;
    if (!found)
        return FALSE;
    gboolean blank = found > *place && g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(found)));
    *place = found + strlen(word);
    return blank;
}

static void write_words(DaXmlOut *out, const DaLine *line)
{
    const char *place = line->text;
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = g_ptr_array_index(line->words, i);
        if (blank_before(&place, word->text) && i > 0) {
            da_xmlout_open(out, "SP");
            da_xmlout_close(out);
        }
        write_string(out, word->text, da_box_of_word(word), word->confidence);
    }
}

static void write_line(DaXmlOut *out, const DaLine *line, guint number)
{
    DaBox box = da_box_of_quad(line->quad);
    da_xmlout_open(out, "TextLine");
    da_xmlout_attributef(out, "ID", "line_%u", number);
    write_box(out, box);
    if (line->kind != DA_LINE_TEXT)
        da_xmlout_attributef(out, "TAGREFS", "kind_%s", da_line_kind_name(line->kind));
    if (line->vertical)
        da_xmlout_attribute(out, "BASEDIRECTION", "ttb");
    write_shape(out, line->quad);
    if (line->words->len > 0)
        write_words(out, line);
    else
        write_string(out, line->text, box, line->confidence);
    da_xmlout_close(out);
}

static void write_block(DaXmlOut *out, const DaPageText *text)
{
    if (text->lines->len == 0)
        return;
    DaBox all = DA_BOX_NOTHING;
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = g_ptr_array_index(text->lines, i);
        all = da_box_join(all, da_box_of_quad(line->quad));
    }
    da_xmlout_open(out, "TextBlock");
    da_xmlout_attribute(out, "ID", "block_1");
    write_box(out, all);
    for (guint i = 0; i < text->lines->len; i++)
        write_line(out, g_ptr_array_index(text->lines, i), i + 1);
    da_xmlout_close(out);
}

/* "tesseract 5.3.0 chi_sim" is name, version and settings; "none" is no step at all. */
static void write_processing(DaXmlOut *out, const char *engine)
{
    if (!engine || g_str_equal(engine, "none"))
        return;
    g_auto(GStrv) part = g_strsplit(engine, " ", 3);
    guint parts = g_strv_length(part);
    da_xmlout_open(out, "Processing");
    da_xmlout_attribute(out, "ID", "processing_1");
    da_xmlout_element(out, "processingCategory", "contentGeneration");
    da_xmlout_element(out, "processingStepSettings", parts > 2 ? part[2] : NULL);
    da_xmlout_open(out, "processingSoftware");
    da_xmlout_element(out, "softwareName", parts > 0 ? part[0] : "");
    da_xmlout_element(out, "softwareVersion", parts > 1 ? part[1] : NULL);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

static void write_description(DaXmlOut *out, const DaPageText *text, const char *image_name)
{
    da_xmlout_open(out, "Description");
    da_xmlout_element(out, "MeasurementUnit", "pixel");
    da_xmlout_open(out, "sourceImageInformation");
    da_xmlout_element(out, "fileName", image_name);
    da_xmlout_close(out);
    write_processing(out, text->engine);
    da_xmlout_close(out);
}

static gboolean has_kind(const DaPageText *text, DaLineKind kind)
{
    for (guint i = 0; i < text->lines->len; i++)
        if (((const DaLine *)g_ptr_array_index(text->lines, i))->kind == kind)
            return TRUE;
    return FALSE;
}

/* What lines refer to that are no plain text. */
static void write_tags(DaXmlOut *out, const DaPageText *text)
{
    if (!has_kind(text, DA_LINE_RED_HEAD) && !has_kind(text, DA_LINE_SEAL))
        return;
    da_xmlout_open(out, "Tags");
    for (DaLineKind kind = DA_LINE_RED_HEAD; kind < DA_LINE_KINDS; kind++) {
        if (!has_kind(text, kind))
            continue;
        da_xmlout_open(out, "OtherTag");
        da_xmlout_attributef(out, "ID", "kind_%s", da_line_kind_name(kind));
        da_xmlout_attribute(out, "TYPE", "line-kind");
        da_xmlout_attribute(out, "LABEL", da_line_kind_name(kind));
        da_xmlout_close(out);
    }
    da_xmlout_close(out);
}

GBytes *da_page_text_to_alto(const DaPageText *text, const char *image_name, GError **error)
{
    if (text->width_px == 0 || text->height_px == 0) {
        da_error_set(error, DA_ERROR_INPUT, "cannot write ALTO for '%s': the page has no size",
                     image_name);
        return NULL;
    }
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    da_xmlout_open(out, "alto");
    da_xmlout_attribute(out, "xmlns", ALTO_NAMESPACE);
    da_xmlout_attribute(out, "SCHEMAVERSION", "4.4");
    write_description(out, text, image_name);
    write_tags(out, text);
    da_xmlout_open(out, "Layout");
    da_xmlout_open(out, "Page");
    da_xmlout_attribute(out, "ID", "page_1");
    da_xmlout_attribute(out, "PHYSICAL_IMG_NR", "1");
    da_xmlout_attributef(out, "WIDTH", "%u", text->width_px);
    da_xmlout_attributef(out, "HEIGHT", "%u", text->height_px);
    da_xmlout_open(out, "PrintSpace");
    write_box(out, (DaBox){0, 0, text->width_px, text->height_px});
    write_block(out, text);
    return da_xmlout_finish(out);
}
