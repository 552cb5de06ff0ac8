#include "text_box.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <dangan/text.h>
#include <math.h>
#include <string.h>

/* A0 at 1200 dpi is 56,000 px long. */
#define ALTO_MAX_SIDE_PX 100000

static const char *const read_namespaces[] = {
    "http://www.loc.gov/standards/alto/ns-v2#",
    "http://www.loc.gov/standards/alto/ns-v3#",
    "http://www.loc.gov/standards/alto/ns-v4#",
};

static gboolean is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && g_str_equal((const char *)node->name, name);
}

/* The node after `node` in document order, not leaving `top`. */
static xmlNode *next_node(xmlNode *node, const xmlNode *top)
{
    if (node->children && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

static xmlNode *next_element(xmlNode *from, const xmlNode *top, const char *name)
{
    xmlNode *node = next_node(from, top);
    while (node && !is_element(node, name))
        node = next_node(node, top);
    return node;
}

/* A number attribute; `missing` when it is not there or no finite number. */
static double number_of(xmlNode *node, const char *name, double missing)
{
    g_autoptr(DaXmlChar) text = xmlGetNoNsProp(node, BAD_CAST name);
    if (!text)
        return missing;
    char *end = NULL;
    double value = g_ascii_strtod((const char *)text, &end);
    return end != (const char *)text && *end == '\0' && isfinite(value) ? value : missing;
}

static char *element_text(xmlNode *top, const char *name)
{
    xmlNode *node = next_element(top, top, name);
    g_autoptr(DaXmlChar) text = node ? xmlNodeGetContent(node) : NULL;
    return text ? g_strstrip(g_strdup((const char *)text)) : NULL;
}

/* "10,20 30,40" and the older "10,20,30,40" alike. */
static gboolean read_polygon(xmlNode *line, double quad[4][2])
{
    xmlNode *shape = xmlFirstElementChild(line);
    xmlNode *polygon =
        shape && is_element(shape, "Shape") ? next_element(shape, shape, "Polygon") : NULL;
    g_autoptr(DaXmlChar) points = polygon ? xmlGetNoNsProp(polygon, BAD_CAST "POINTS") : NULL;
    if (!points)
        return FALSE;
    const char *place = (const char *)points;
    for (int i = 0; i < 8; i++) {
        char *end = NULL;
        quad[i / 2][i % 2] = g_ascii_strtod(place, &end);
        if (end == place || !isfinite(quad[i / 2][i % 2]))
            return FALSE;
        place = end + strspn(end, ", \t\r\n");
    }
    return *place == '\0';
}

static void read_quad(xmlNode *node, DaLine *line)
{
    if (read_polygon(node, line->quad))
        return;
    double x = number_of(node, "HPOS", NAN), y = number_of(node, "VPOS", NAN);
    DaBox box = {x, y, x + number_of(node, "WIDTH", NAN), y + number_of(node, "HEIGHT", NAN)};
    if (isnan(box.right) || isnan(box.bottom)) {
        box = line->words->len > 0 ? DA_BOX_NOTHING : (DaBox){0, 0, 0, 0};
        for (guint i = 0; i < line->words->len; i++)
            box = da_box_join(box, da_box_of_word(g_ptr_array_index(line->words, i)));
    }
    const double corner[4][2] = {
        {box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}};
    memcpy(line->quad, corner, sizeof corner);
}

static void read_word(xmlNode *node, DaLine *line)
{
    g_autoptr(DaXmlChar) content = xmlGetNoNsProp(node, BAD_CAST "CONTENT");
    DaWord *word = da_line_add_word(line);
    word->text = g_strdup(content ? (const char *)content : "");
    word->x_px = number_of(node, "HPOS", 0);
    word->y_px = number_of(node, "VPOS", 0);
    word->w_px = fmax(number_of(node, "WIDTH", 0), 0);
    word->h_px = fmax(number_of(node, "HEIGHT", 0), 0);
    word->confidence = number_of(node, "WC", NAN);
    if (word->confidence < 0 || word->confidence > 1)
        word->confidence = NAN;
}

static double mean_confidence(const DaLine *line)
{
    double sum = 0;
    glong n = 0;
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = g_ptr_array_index(line->words, i);
        if (isnan(word->confidence))
            continue;
        glong length = g_utf8_strlen(word->text, -1);
        sum += word->confidence * (double)length;
        n += length;
    }
    return n > 0 ? sum / (double)n : NAN;
}

/* Two Latin words are two words even where the writer left SP out. */
static gboolean latin_meets_latin(const char *before, const char *after)
{
    const char *last = g_utf8_find_prev_char(before, before + strlen(before));
    gunichar a = last ? g_utf8_get_char(last) : 0, b = g_utf8_get_char(after);
    return g_unichar_get_script(a) == G_UNICODE_SCRIPT_LATIN &&
           g_unichar_get_script(b) == G_UNICODE_SCRIPT_LATIN;
}

/* Refers `refs` (IDs between blanks) to the tag `id`? */
static gboolean refers_to(const char *refs, const char *id)
{
    g_auto(GStrv) parts = g_strsplit_set(refs, " \t\r\n", -1);
    return *id && g_strv_contains((const char *const *)parts, id);
}

static DaLineKind read_kind(xmlNode *line, xmlNode *tags)
{
    g_autoptr(DaXmlChar) refs = xmlGetNoNsProp(line, BAD_CAST "TAGREFS");
    for (xmlNode *tag = refs && tags ? xmlFirstElementChild(tags) : NULL; tag;
         tag = xmlNextElementSibling(tag)) {
        g_autoptr(DaXmlChar) id = xmlGetNoNsProp(tag, BAD_CAST "ID");
        g_autoptr(DaXmlChar) type = xmlGetNoNsProp(tag, BAD_CAST "TYPE");
        g_autoptr(DaXmlChar) label = xmlGetNoNsProp(tag, BAD_CAST "LABEL");
        if (is_element(tag, "OtherTag") && id && type && label &&
            g_str_equal((const char *)type, "line-kind") &&
            refers_to((const char *)refs, (const char *)id))
            return da_line_kind_of((const char *)label);
    }
    return DA_LINE_TEXT;
}

static void read_line(xmlNode *node, xmlNode *tags, DaPageText *text)
{
    DaLine *line = da_page_text_add(text);
    g_autoptr(GString) joined = g_string_new(NULL);
    gboolean space = FALSE;
    for (xmlNode *child = node->children; child; child = child->next) {
        if (is_element(child, "SP"))
            space = TRUE;
        if (!is_element(child, "String"))
            continue;
        read_word(child, line);
        const DaWord *word = g_ptr_array_index(line->words, line->words->len - 1);
        if (space || latin_meets_latin(joined->str, word->text))
            g_string_append_c(joined, ' ');
        g_string_append(joined, word->text);
        space = FALSE;
    }
    g_autoptr(DaXmlChar) direction = xmlGetNoNsProp(node, BAD_CAST "BASEDIRECTION");
    line->vertical = direction && g_str_equal((const char *)direction, "ttb");
    line->kind = read_kind(node, tags);
    line->text = da_text_join_han(joined->str);
    line->confidence = mean_confidence(line);
    read_quad(node, line);
}

static char *read_engine(xmlNode *root)
{
    xmlNode *software = next_element(root, root, "processingSoftware");
    if (!software)
        return g_strdup("none");
    g_autofree char *name = element_text(software, "softwareName");
    g_autofree char *version = element_text(software, "softwareVersion");
    g_autofree char *settings = element_text(software->parent, "processingStepSettings");
    g_autofree char *engine =
        g_strjoin(" ", name ? name : "", version ? version : "", settings ? settings : "", NULL);
    return da_text_join_han(engine);
}

/* Returns what is wrong with the document as a whole, NULL = nothing. */
static const char *fault_of(xmlNode *root)
{
    gboolean known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(read_namespaces); i++)
        known =
            known || (root->ns && g_str_equal((const char *)root->ns->href, read_namespaces[i]));
    if (!is_element(root, "alto") || !known)
        return "it is no ALTO 2, 3 or 4 document";
    g_autofree char *unit = element_text(root, "MeasurementUnit");
    if (unit && !g_str_equal(unit, "pixel"))
        return "coordinates are not in pixel";
    xmlNode *page = next_element(root, root, "Page");
    if (!page || next_element(page, root, "Page"))
        return "it has not exactly one Page";
    double width = number_of(page, "WIDTH", 0), height = number_of(page, "HEIGHT", 0);
    if (width < 1 || height < 1 || width > ALTO_MAX_SIDE_PX || height > ALTO_MAX_SIDE_PX)
        return "its Page has no usable WIDTH and HEIGHT";
    return NULL;
}

DaPageText *da_page_text_from_alto(GBytes *alto, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(alto, &size);
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "ALTO page", error);
    if (!doc)
        return NULL;
    xmlNode *root = xmlDocGetRootElement(doc);
    const char *fault = fault_of(root);
    if (fault) {
        da_error_set(error, DA_ERROR_INPUT, "cannot read ALTO page: %s", fault);
        return NULL;
    }
    xmlNode *page = next_element(root, root, "Page"), *tags = next_element(root, root, "Tags");
    g_autofree char *engine = read_engine(root);
    DaPageText *text = da_page_text_new((guint)number_of(page, "WIDTH", 0),
                                        (guint)number_of(page, "HEIGHT", 0), engine);
    for (xmlNode *line = next_element(page, page, "TextLine"); line;
         line = next_element(line, page, "TextLine"))
        read_line(line, tags, text);
    return text;
}
