#include "table_parts.h"

#include <dangan/error.h>
#include <string.h>

static void keep_fault(void *user, xmlErrorPtr fault)
{
    DaTableXml *xml = user;
    if (xml->fault || fault->level == XML_ERR_WARNING)
        return;
    g_autofree char *text = g_strchomp(g_strdup(fault->message ? fault->message : "unknown fault"));
    xml->fault = g_strdup_printf("line %d: %s", fault->line, text);
}

void da_table_xml_open(DaTableXml *xml, GBytes *part, const char *name)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(part, &size);
    *xml = (DaTableXml){.part = name};
    xml->reader = xmlReaderForMemory(size > 0 ? data : "", (int)size, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_COMPACT);
    g_assert(xml->reader);
    xmlTextReaderSetStructuredErrorHandler(xml->reader, keep_fault, xml);
}

void da_table_xml_close(DaTableXml *xml)
{
    g_clear_pointer(&xml->reader, xmlFreeTextReader);
    g_clear_pointer(&xml->fault, g_free);
}

gboolean da_table_xml_next(DaTableXml *xml, GError **error)
{
    int outcome = xmlTextReaderRead(xml->reader);
    if (outcome < 0 || xml->fault)
        return da_error_set(error, DA_ERROR_INPUT, "part '%s': %s", xml->part,
                            xml->fault ? xml->fault : "it is not well-formed");
    if (outcome == 0)
        return FALSE;
    int type = xmlTextReaderNodeType(xml->reader);
    if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE)
        return da_error_set(error, DA_ERROR_INPUT,
                            "part '%s': line %d: a document type declaration is not accepted",
                            xml->part, xmlTextReaderGetParserLineNumber(xml->reader));
    return TRUE;
}

static gboolean is(const DaTableXml *xml, int type, const char *name)
{
    return xmlTextReaderNodeType(xml->reader) == type &&
           !strcmp((const char *)xmlTextReaderConstLocalName(xml->reader), name);
}

gboolean da_table_xml_is_start(const DaTableXml *xml, const char *name)
{
    return is(xml, XML_READER_TYPE_ELEMENT, name);
}

gboolean da_table_xml_is_end(const DaTableXml *xml, const char *name)
{
    if (is(xml, XML_READER_TYPE_END_ELEMENT, name))
        return TRUE;
    return da_table_xml_is_start(xml, name) && xmlTextReaderIsEmptyElement(xml->reader);
}

/* --- strings --------------------------------------------------------------------------------------------------------------- */

/* The character of "_x000D_" at `text`; 0 = no escape stands there. Source: ECMA-376 part 1 §22.9.2.19 (ST_Xstring). */
static gunichar escape_at(const char *text)
{
    gunichar c = 0;
    if (text[0] != '_' || text[1] != 'x')
        return 0;
    for (guint i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(text[i]))
            return 0;
        c = c * 16 + (gunichar)g_ascii_xdigit_value(text[i]);
    }
    /* Halves of a pair stay as they are printed: joined they would be one character, alone they are none. */
    return text[6] == '_' && g_unichar_validate(c) ? c : 0;
}

static void append_text(GString *string, const char *text)
{
    while (*text) {
        gunichar c = escape_at(text);
        if (c) {
            g_string_append_unichar(string, c);
            text += 7;
        } else {
            g_string_append_c(string, *text++);
        }
    }
}

static gboolean is_text(const DaTableXml *xml)
{
    int type = xmlTextReaderNodeType(xml->reader);
    return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA ||
           type == XML_READER_TYPE_WHITESPACE || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE;
}

char *da_table_xml_string(DaTableXml *xml, const char *element, GError **error)
{
    g_autoptr(GString) string = g_string_new(NULL);
    g_autoptr(GError) failure = NULL;
    gboolean in_text = FALSE, in_phonetic = FALSE;
    while (!da_table_xml_is_end(xml, element) && da_table_xml_next(xml, &failure)) {
        if (da_table_xml_is_start(xml, "rPh"))
            in_phonetic = !xmlTextReaderIsEmptyElement(xml->reader);
        else if (da_table_xml_is_end(xml, "rPh"))
            in_phonetic = FALSE;
        if (da_table_xml_is_end(xml, "t"))
            in_text = FALSE;
        else if (da_table_xml_is_start(xml, "t"))
            in_text = TRUE;
        if (in_text && !in_phonetic && is_text(xml))
            append_text(string, (const char *)xmlTextReaderConstValue(xml->reader));
    }
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return g_string_free(g_steal_pointer(&string), FALSE);
}
