#include "xmlout.h"

#include <dangan/handle/xml.h>

struct DaXmlOut {
    xmlBuffer *buffer;
    xmlTextWriter *writer;
};

DaXmlOut *da_xmlout_new(void)
{
    DaXmlOut *out = g_new0(DaXmlOut, 1);
    out->buffer = xmlBufferCreate();
    out->writer = xmlNewTextWriterMemory(out->buffer, 0);
    g_assert(out->buffer && out->writer);
    xmlTextWriterSetIndent(out->writer, 1);
    xmlTextWriterSetIndentString(out->writer, BAD_CAST "  ");
    xmlTextWriterStartDocument(out->writer, "1.0", "UTF-8", NULL);
    return out;
}

void da_xmlout_free(DaXmlOut *out)
{
    if (!out)
        return;
    xmlFreeTextWriter(out->writer);
    xmlBufferFree(out->buffer);
    g_free(out);
}

static gboolean is_xml_character(gunichar c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

static char *clean(const char *text)
{
    GString *kept = g_string_sized_new(32);
    for (const char *p = text; *p;) {
        gunichar c = g_utf8_get_char_validated(p, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            p++;
            continue;
        }
        if (is_xml_character(c))
            g_string_append_unichar(kept, c);
        p = g_utf8_next_char(p);
    }
    return g_string_free(kept, FALSE);
}

void da_xmlout_open(DaXmlOut *out, const char *name)
{
    xmlTextWriterStartElement(out->writer, BAD_CAST name);
}

void da_xmlout_close(DaXmlOut *out)
{
    xmlTextWriterEndElement(out->writer);
}

void da_xmlout_attribute(DaXmlOut *out, const char *name, const char *value)
{
    if (!value)
        return;
    g_autofree char *text = clean(value);
    xmlTextWriterWriteAttribute(out->writer, BAD_CAST name, BAD_CAST text);
}

void da_xmlout_attributef(DaXmlOut *out, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *value = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    da_xmlout_attribute(out, name, value);
}

void da_xmlout_element(DaXmlOut *out, const char *name, const char *text)
{
    if (!text)
        return;
    g_autofree char *kept = clean(text);
    xmlTextWriterWriteElement(out->writer, BAD_CAST name, BAD_CAST kept);
}

void da_xmlout_elementf(DaXmlOut *out, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    da_xmlout_element(out, name, text);
}

void da_xmlout_text(DaXmlOut *out, const char *text)
{
    g_autofree char *kept = clean(text);
    xmlTextWriterWriteString(out->writer, BAD_CAST kept);
}

GBytes *da_xmlout_finish(DaXmlOut *out)
{
    xmlTextWriterEndDocument(out->writer);
    xmlTextWriterFlush(out->writer);
    return g_bytes_new(xmlBufferContent(out->buffer), (gsize)xmlBufferLength(out->buffer));
}
