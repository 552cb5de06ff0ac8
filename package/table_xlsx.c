/* The parts around a sheet: which sheet is the first, shared strings, formats. Source: ECMA-376 part 1 §18, part 2 §9. */
#include "table_parts.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <string.h>

#define MAX_SMALL_PART ((gsize)8 << 20)
#define MAX_STRINGS ((guint)2 << 20)

/* --- small parts as trees ------------------------------------------------------------------------------------------------ */

/* NULL without an error when there is no such part. */
static xmlDoc *read_tree(GBytes *zip, const char *name, GError **error)
{
    g_autoptr(GBytes) part = da_table_zip_part(zip, name, MAX_SMALL_PART, error);
    gsize size = 0;
    const void *data = part ? g_bytes_get_data(part, &size) : NULL;
    return part ? da_xml_parse(data, size, name, error) : NULL;
}

static const xmlNode *child_named(const xmlNode *parent, const char *name)
{
    const xmlNode *node = parent ? da_xmlin_first(parent) : NULL;
    while (node && !da_xmlin_is(node, name))
        node = da_xmlin_next(node);
    return node;
}

/* --- the first sheet ----------------------------------------------------------------------------------------------------- */

/* `r:id` of the first sheet that people see. The caller owns it. */
static char *first_sheet_id(const xmlNode *workbook)
{
    const xmlNode *sheets = child_named(workbook, "sheets");
    const xmlNode *sheet = sheets ? da_xmlin_first(sheets) : NULL;
    for (; sheet; sheet = da_xmlin_next(sheet)) {
        g_autofree char *state = da_xmlin_attribute(sheet, "state");
        if (state && strcmp(state, "visible"))
            continue;
        for (const xmlAttr *attribute = sheet->properties; attribute; attribute = attribute->next)
            if (attribute->ns && !strcmp((const char *)attribute->name, "id"))
                return da_xmlin_text((const xmlNode *)attribute);
    }
    return NULL;
}

static char *target_of(const xmlNode *relationships, const char *id)
{
    const xmlNode *node = da_xmlin_first(relationships);
    for (; node; node = da_xmlin_next(node)) {
        g_autofree char *found = da_xmlin_attribute(node, "Id");
        g_autofree char *mode = da_xmlin_attribute(node, "TargetMode");
        if (!g_strcmp0(found, id) && (!mode || strcmp(mode, "External")))
            return da_xmlin_attribute(node, "Target");
    }
    return NULL;
}

static gboolean reads_1904(const xmlNode *workbook)
{
    const xmlNode *settings = child_named(workbook, "workbookPr");
    return settings && da_xmlin_flag(settings, "date1904");
}

/* Name of the part of the first sheet. */
static char *first_sheet(GBytes *zip, DaTableBook *book, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(xmlDoc) workbook = read_tree(zip, "xl/workbook.xml", &failure);
    g_autoptr(xmlDoc) relations =
        workbook ? read_tree(zip, "xl/_rels/workbook.xml.rels", &failure) : NULL;
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    if (!relations) {
        da_error_set(error, DA_ERROR_INPUT, "it is a zip file, but no xlsx");
        return NULL;
    }
    book->from_1904 = reads_1904(xmlDocGetRootElement(workbook));
    g_autofree char *id = first_sheet_id(xmlDocGetRootElement(workbook));
    g_autofree char *target = id ? target_of(xmlDocGetRootElement(relations), id) : NULL;
    if (!target) {
        da_error_set(error, DA_ERROR_INPUT, "it has no visible sheet");
        return NULL;
    }
    return *target == '/' ? g_strdup(target + 1) : g_strconcat("xl/", target, NULL);
}

/* --- formats --------------------------------------------------------------------------------------------------------------- */

/* Formats that have a number and no code; 27 to 36 and 50 to 58 are those of Chinese Excel. */
static DaShows built_in_shows(guint id)
{
    if (id == 17 || id == 27 || id == 36 || id == 50 || id == 52 || id == 57)
        return DA_SHOWS_MONTH;
    if ((id >= 14 && id <= 16) || id == 22 || (id >= 28 && id <= 31) || id == 51 || id == 53 ||
        id == 54 || id == 58)
        return DA_SHOWS_DAY;
    return DA_SHOWS_NUMBER;
}

static GHashTable *own_formats(const xmlNode *styles)
{
    GHashTable *formats = g_hash_table_new(NULL, NULL);
    const xmlNode *list = child_named(styles, "numFmts");
    const xmlNode *node = list ? da_xmlin_first(list) : NULL;
    for (; node; node = da_xmlin_next(node)) {
        g_autofree char *code = da_xmlin_attribute(node, "formatCode");
        guint id = (guint)da_xmlin_number(node, "numFmtId");
        if (code)
            g_hash_table_insert(formats, GUINT_TO_POINTER(id),
                                GUINT_TO_POINTER(da_table_format_shows(code)));
    }
    return formats;
}

static gboolean read_formats(GBytes *zip, DaTableBook *book, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(xmlDoc) styles = read_tree(zip, "xl/styles.xml", &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!styles)
        return TRUE;
    const xmlNode *root = xmlDocGetRootElement(styles);
    g_autoptr(GHashTable) own = own_formats(root);
    const xmlNode *list = child_named(root, "cellXfs");
    const xmlNode *node = list ? da_xmlin_first(list) : NULL;
    for (; node; node = da_xmlin_next(node)) {
        guint id = (guint)da_xmlin_number(node, "numFmtId");
        gpointer code = NULL;
        gboolean has_code = g_hash_table_lookup_extended(own, GUINT_TO_POINTER(id), NULL, &code);
        DaShows value = has_code ? (DaShows)GPOINTER_TO_UINT(code) : built_in_shows(id);
        g_array_append_val(book->shows, value);
    }
    return TRUE;
}

/* --- shared strings ----------------------------------------------------------------------------------------------------------- */

static gboolean read_string_list(DaTableXml *xml, GPtrArray *strings, GError **error)
{
    g_autoptr(GError) failure = NULL;
    while (da_table_xml_next(xml, &failure)) {
        if (!da_table_xml_is_start(xml, "si"))
            continue;
        if (strings->len >= MAX_STRINGS)
            return da_error_set(error, DA_ERROR_LIMIT, "it has more than %u shared strings",
                                MAX_STRINGS);
        char *string = da_table_xml_string(xml, "si", error);
        if (!string)
            return FALSE;
        g_ptr_array_add(strings, string);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean read_strings(GBytes *zip, DaTableBook *book, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) part =
        da_table_zip_part(zip, "xl/sharedStrings.xml", DA_TABLE_MAX_BYTES, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!part)
        return TRUE;
    DaTableXml xml;
    da_table_xml_open(&xml, part, "xl/sharedStrings.xml");
    gboolean read = read_string_list(&xml, book->strings, error);
    da_table_xml_close(&xml);
    return read;
}

/* --- the whole --------------------------------------------------------------------------------------------------------------- */

static gboolean read_book(DaTableRows *rows, GBytes *zip, DaTableBook *book, GError **error)
{
    g_autofree char *sheet = first_sheet(zip, book, error);
    if (!sheet || !read_strings(zip, book, error) || !read_formats(zip, book, error))
        return FALSE;
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) part = da_table_zip_part(zip, sheet, DA_TABLE_MAX_BYTES, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!part)
        return da_error_set(error, DA_ERROR_INPUT, "its first sheet is missing");
    return da_table_read_sheet(rows, book, part, error);
}

gboolean da_table_read_xlsx(DaTableRows *rows, GBytes *bytes, GError **error)
{
    DaTableBook book = {.strings = g_ptr_array_new_with_free_func(g_free),
                        .shows = g_array_new(FALSE, FALSE, sizeof(DaShows))};
    rows->table->encoding = g_strdup("xlsx");
    gboolean read = read_book(rows, bytes, &book, error);
    g_ptr_array_unref(book.strings);
    g_array_unref(book.shows);
    return read;
}
