#include "mets_faults.h"

#include <libxml/xpathInternals.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *prefix, *uri;
} namespaces[] = {
    {"mets", "http://www.loc.gov/METS/"},
    {"xlink", "http://www.w3.org/1999/xlink"},
    {"csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"},
    {"sip", "https://DILCIS.eu/XML/METS/SIPExtensionMETS"},
};

xmlDoc *mets_read(const Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NOBLANKS);
    assert_non_null(doc);
    return doc;
}

void mets_write(const Fixture *fixture, xmlDoc *doc)
{
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    xmlChar *text = NULL;
    int size = 0;
    xmlDocDumpFormatMemoryEnc(doc, &text, &size, "UTF-8", 1);
    fixture_put(path, text, (gsize)size);
    xmlFree(text);
}

static xmlNs *namespace_of(xmlNode *node, const char *prefix)
{
    xmlNs *known = xmlSearchNs(node->doc, node, BAD_CAST prefix);
    for (guint i = 0; !known && i < G_N_ELEMENTS(namespaces); i++)
        if (!strcmp(namespaces[i].prefix, prefix))
            return xmlNewNs(node, BAD_CAST namespaces[i].uri, BAD_CAST prefix);
    return known;
}

/* `name` may have a prefix. */
static void set_attribute(xmlNode *node, const char *name, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(name, ":", 2);
    xmlNs *ns = parts[1] ? namespace_of(node, parts[0]) : NULL;
    const char *local = parts[1] ? parts[1] : name;
    xmlAttr *old =
        ns ? xmlHasNsProp(node, BAD_CAST local, ns->href) : xmlHasProp(node, BAD_CAST local);
    if (value)
        xmlSetNsProp(node, ns, BAD_CAST local, BAD_CAST value);
    else if (old)
        xmlRemoveProp(old);
    else
        fail_msg("<%s> has no attribute %s to take away", (const char *)node->name, name);
}

static xmlNode *parse_part(xmlNode *node, const char *xml)
{
    xmlNode *part = NULL;
    if (xmlParseInNodeContext(node, xml, (int)strlen(xml), 0, &part) != XML_ERR_OK || !part)
        fail_msg("cannot parse %s", xml);
    return part;
}

static void edit_node(xmlNode *node, const MetsEdit *edit)
{
    if (edit->what[0] == '@') {
        set_attribute(node, edit->what + 1, edit->to);
    } else if (!strcmp(edit->what, "text")) {
        xmlNodeSetContent(node, BAD_CAST edit->to);
    } else if (!strcmp(edit->what, "gone")) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    } else if (!strcmp(edit->what, "inside")) {
        xmlAddChild(node, parse_part(node, edit->to));
    } else if (!strcmp(edit->what, "behind")) {
        xmlAddNextSibling(node, parse_part(node->parent, edit->to));
    } else if (!strcmp(edit->what, "twin")) {
        xmlNode *twin = xmlCopyNode(node, 1);
        xmlNodeSetName(twin, BAD_CAST edit->to);
        xmlAddPrevSibling(node, twin);
    } else {
        fail_msg("no edit is called %s", edit->what);
    }
}

void mets_edit(xmlDoc *doc, const MetsEdit *edit)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);
    for (guint i = 0; i < G_N_ELEMENTS(namespaces); i++)
        xmlXPathRegisterNs(context, BAD_CAST namespaces[i].prefix, BAD_CAST namespaces[i].uri);
    g_autoptr(xmlXPathObject) found = xmlXPathEval(BAD_CAST edit->where, context);
    int count = found && found->nodesetval ? found->nodesetval->nodeNr : 0;
    if (!count)
        fail_msg("METS.xml has no %s", edit->where);
    /* Backwards, so that what goes takes nothing along that is still to be edited. */
    for (int i = count; i-- > 0;) {
        edit_node(found->nodesetval->nodeTab[i], edit);
        found->nodesetval->nodeTab[i] = NULL;
    }
    found->nodesetval->nodeNr = 0;
}
