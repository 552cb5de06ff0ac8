#include "mets.h"

#include <dangan/error.h>
#include <string.h>

#define METS_NAMESPACE "http://www.loc.gov/METS/"

static void mets_file_free(gpointer data)
{
    DaMetsFile *file = data;
    g_free(file->element);
    g_free(file->section);
    g_free(file->href);
    g_free(file->sha256);
    g_free(file->digest);
    g_free(file->algorithm);
    g_free(file->mimetype);
    g_free(file);
}

static void mets_reference_free(gpointer data)
{
    DaMetsReference *reference = data;
    g_free(reference->element);
    g_free(reference->attribute);
    g_free(reference->division);
    g_free(reference->id);
    g_free(reference);
}

void da_mets_free(DaMets *mets)
{
    if (!mets)
        return;
    g_free(mets->objid);
    g_hash_table_unref(mets->ids);
    g_ptr_array_unref(mets->references);
    g_ptr_array_unref(mets->files);
    g_free(mets);
}

static gboolean is_named(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static char *dup_attribute(xmlNode *node, const char *name)
{
    g_autoptr(DaXmlChar) value = xmlGetNoNsProp(node, (const xmlChar *)name);
    return value ? g_strdup((const char *)value) : NULL;
}

/* A reference to a file is a URI: escapes are undone, `./` before it says nothing. */
static char *dup_href(xmlNode *node)
{
    g_autoptr(DaXmlChar) value = xmlGetNsProp(node, (const xmlChar *)"href",
                                              (const xmlChar *)"http://www.w3.org/1999/xlink");
    if (!value)
        return NULL;
    const char *text = (const char *)value;
    if (g_str_has_prefix(text, "./"))
        text += 2;
    char *plain = g_uri_unescape_string(text, NULL);
    return plain ? plain : g_strdup(text);
}

static void add_references(DaMets *mets, xmlNode *node, const char *attribute)
{
    g_autofree char *value = dup_attribute(node, attribute);
    if (!value)
        return;
    g_auto(GStrv) ids = g_strsplit_set(value, " \t\r\n", -1);
    for (guint i = 0; ids[i]; i++) {
        if (!*ids[i])
            continue;
        DaMetsReference *reference = g_new0(DaMetsReference, 1);
        reference->element = g_strdup((const char *)node->name);
        reference->attribute = g_strdup(attribute);
        reference->division =
            is_named(node->parent, "div") ? dup_attribute(node->parent, "LABEL") : NULL;
        reference->id = g_strdup(ids[i]);
        reference->line = xmlGetLineNo(node);
        g_ptr_array_add(mets->references, reference);
    }
}

static xmlNode *file_location(xmlNode *file)
{
    for (xmlNode *child = file->children; child; child = child->next)
        if (is_named(child, "FLocat"))
            return child;
    return NULL;
}

static void add_file(DaMets *mets, xmlNode *node)
{
    gboolean is_file = is_named(node, "file");
    xmlNode *location = is_file ? file_location(node) : node;
    DaMetsFile *file = g_new0(DaMetsFile, 1);
    file->element = g_strdup((const char *)node->name);
    file->href = location ? dup_href(location) : NULL;
    file->line = xmlGetLineNo(node);
    file->section =
        g_strdup((const char *)(is_named(node, "mdRef") ? node->parent->name : node->name));
    file->mimetype = dup_attribute(node, "MIMETYPE");
    file->algorithm = dup_attribute(node, "CHECKSUMTYPE");
    g_autofree char *checksum = dup_attribute(node, "CHECKSUM");
    file->digest = checksum ? g_ascii_strdown(checksum, -1) : NULL;
    if (file->digest && !g_strcmp0(file->algorithm, "SHA-256"))
        file->sha256 = g_strdup(file->digest);
    g_autofree char *size = dup_attribute(node, "SIZE");
    file->has_size =
        size && g_ascii_string_to_unsigned(size, 10, 0, G_MAXINT64, &file->size_bytes, NULL);
    g_ptr_array_add(mets->files, file);
}

static void read_element(DaMets *mets, xmlNode *node)
{
    g_autofree char *id = dup_attribute(node, "ID");
    if (id)
        g_hash_table_replace(mets->ids, g_steal_pointer(&id), g_strdup((const char *)node->name));
    add_references(mets, node, "FILEID");
    add_references(mets, node, "ADMID");
    add_references(mets, node, "DMDID");
    if (is_named(node, "file") || is_named(node, "mdRef") || is_named(node, "mptr"))
        add_file(mets, node);
}

/* The next node in document order below `root`, without recursion: depth is the sender's choice. */
static xmlNode *next_node(xmlNode *node, const xmlNode *root)
{
    if (node->children && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

DaMets *da_mets_read(xmlDoc *doc, GError **error)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    if (!is_named(root, "mets") || !root->ns ||
        strcmp((const char *)root->ns->href, METS_NAMESPACE)) {
        da_error_set(error, DA_ERROR_INPUT, "METS.xml: the root is not mets of %s", METS_NAMESPACE);
        return NULL;
    }
    DaMets *mets = g_new0(DaMets, 1);
    mets->objid = dup_attribute(root, "OBJID");
    mets->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mets->references = g_ptr_array_new_with_free_func(mets_reference_free);
    mets->files = g_ptr_array_new_with_free_func(mets_file_free);
    for (xmlNode *node = root; node; node = next_node(node, root))
        if (node->type == XML_ELEMENT_NODE)
            read_element(mets, node);
    return mets;
}

gboolean da_mets_may_target(const char *attribute, const char *element)
{
    static const char *const targets[][6] = {
        {"FILEID", "file", "fileGrp"}, /* E-ARK CSIP points at groups */
        {"DMDID", "dmdSec"},
        {"ADMID", "amdSec", "techMD", "rightsMD", "sourceMD", "digiprovMD"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(targets); i++)
        for (guint k = 1; k < 6 && targets[i][k] && !strcmp(targets[i][0], attribute); k++)
            if (!strcmp(targets[i][k], element))
                return TRUE;
    return FALSE;
}

guint da_mets_hashes(const DaMets *mets)
{
    guint bits = 0;
    for (guint i = 0; i < mets->files->len; i++) {
        const DaMetsFile *file = mets->files->pdata[i];
        DaHash hash = file->algorithm ? da_hash_by_name(file->algorithm) : DA_HASH_N;
        if (hash < DA_HASH_N)
            bits |= 1u << hash;
    }
    return bits;
}
