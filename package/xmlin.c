#include "xmlin.h"

#include <math.h>
#include <string.h>

static const xmlNode *element_from(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

const xmlNode *da_xmlin_first(const xmlNode *parent)
{
    return element_from(parent->children);
}

const xmlNode *da_xmlin_next(const xmlNode *node)
{
    return element_from(node->next);
}

gboolean da_xmlin_is(const xmlNode *node, const char *name)
{
    return !strcmp((const char *)node->name, name);
}

char *da_xmlin_text(const xmlNode *node)
{
    g_autoptr(DaXmlChar) text = xmlNodeGetContent(node);
    return g_strdup(text ? (const char *)text : "");
}

char *da_xmlin_attribute(const xmlNode *node, const char *name)
{
    g_autoptr(DaXmlChar) text = xmlGetNoNsProp(node, BAD_CAST name);
    return g_strdup((const char *)text);
}

guint64 da_xmlin_number(const xmlNode *node, const char *name)
{
    g_autofree char *text = da_xmlin_attribute(node, name);
    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

double da_xmlin_double(const xmlNode *node, const char *name)
{
    g_autofree char *text = da_xmlin_attribute(node, name);
    return text ? g_ascii_strtod(text, NULL) : NAN;
}

gboolean da_xmlin_flag(const xmlNode *node, const char *name)
{
    g_autofree char *text = da_xmlin_attribute(node, name);
    return text && (!strcmp(text, "true") || !strcmp(text, "1"));
}
