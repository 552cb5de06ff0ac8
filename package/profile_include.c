#include "profile_include.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <string.h>

/* A profile that takes from one that takes from one …: deeper than this nobody can follow it. */
#define MAX_DEPTH 8

/* The order in which parts stand in a profile. */
static const char *const order[] = {"title",  "title-zh", "schemes", "handover", "catalogue",
                                    "images", "forms",    "lists",   "natures",  "rules"};

typedef struct {
    DaProfileFind find;
    gpointer data;
} Finder;

typedef struct {
    xmlDoc *doc;
    char *path;
} Source;

static void source_clear(Source *source)
{
    xmlFreeDoc(source->doc);
    g_free(source->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Source, source_clear)

static xmlNode *first(const xmlNode *parent)
{
    return (xmlNode *)da_xmlin_first(parent);
}

static xmlNode *next(const xmlNode *node)
{
    return (xmlNode *)da_xmlin_next(node);
}

static xmlNode *child_named(const xmlNode *parent, const char *name)
{
    for (xmlNode *child = first(parent); child; child = next(child))
        if (da_xmlin_is(child, name))
            return child;
    return NULL;
}

static gboolean has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit_set(words ? words : "", " \t\r\n", -1);
    return g_strv_contains((const char *const *)list, word);
}

static gboolean open_source(const Finder *finder, const xmlNode *include, const char *from,
                            guint depth, Source *source, GError **error)
{
    g_autofree char *name = da_xmlin_attribute(include, "profile");
    if (depth >= MAX_DEPTH)
        return da_error_set(
            error, DA_ERROR_INPUT,
            "line %ld: profile '%s' leads back to itself, or includes are more than "
            "%d deep",
            xmlGetLineNo((xmlNode *)include), name, MAX_DEPTH);
    source->doc = finder->find(name, from, finder->data, &source->path, error);
    if (!source->doc)
        g_prefix_error(error,
                       "line %ld: cannot include profile '%s': ", xmlGetLineNo((xmlNode *)include),
                       name);
    return source->doc != NULL;
}

/* --- parts ------------------------------------------------------------------------------------------------------------ */

static int place_of(const xmlNode *node)
{
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (da_xmlin_is(node, order[i]))
            return (int)i;
    return -1;
}

static void insert_part(xmlNode *root, xmlNode *part)
{
    xmlNode *after = NULL;
    for (xmlNode *child = first(root); child; child = next(child))
        if (place_of(child) < place_of(part))
            after = child;
    if (after)
        xmlAddNextSibling(after, part);
    else
        xmlAddChild(root, part);
}

static xmlNode *find_part(const Finder *finder, const xmlDoc *doc, const char *path,
                          const char *part, guint depth, GError **error);

/* The part `part` out of the profile that `include` names: a node of its own. */
static xmlNode *take_part(const Finder *finder, const xmlNode *include, const char *path,
                          const char *part, guint depth, GError **error)
{
    g_auto(Source) source = {0};
    if (!open_source(finder, include, path, depth, &source, error))
        return NULL;
    return find_part(finder, source.doc, source.path, part, depth + 1, error);
}

static xmlNode *find_part(const Finder *finder, const xmlDoc *doc, const char *path,
                          const char *part, guint depth, GError **error)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)doc);
    xmlNode *own = child_named(root, part);
    if (own)
        return xmlDocCopyNode(own, NULL, 1);
    for (xmlNode *child = first(root); child; child = next(child)) {
        g_autofree char *parts = da_xmlin_attribute(child, "parts");
        if (da_xmlin_is(child, "include") && has_word(parts, part))
            return take_part(finder, child, path, part, depth, error);
    }
    g_autofree char *name = da_xmlin_attribute(root, "name");
    da_error_set(error, DA_ERROR_INPUT, "profile '%s' has no part '%s'", name, part);
    return NULL;
}

static gboolean include_parts(const Finder *finder, xmlNode *root, const xmlNode *include,
                              const char *path, GError **error)
{
    g_autofree char *parts = da_xmlin_attribute(include, "parts");
    g_auto(GStrv) words = g_strsplit_set(parts, " \t\r\n", -1);
    for (guint i = 0; words[i]; i++) {
        if (!*words[i] || child_named(root, words[i]))
            continue;
        xmlNode *part = take_part(finder, include, path, words[i], 0, error);
        if (!part)
            return FALSE;
        xmlSetTreeDoc(part, root->doc);
        insert_part(root, part);
    }
    return TRUE;
}

/* --- rules ------------------------------------------------------------------------------------------------------------ */

static xmlNode *rule_of_id(const xmlNode *rules, const char *id)
{
    for (xmlNode *child = first(rules); child; child = next(child)) {
        g_autofree char *other = da_xmlin_attribute(child, "id");
        if (da_xmlin_is(child, "rule") && !g_strcmp0(other, id))
            return child;
    }
    return NULL;
}

/* Ids of `words` that the rules have not would be silent mistakes. */
static gboolean check_ids(const xmlNode *rules, const char *profile, const char *words,
                          GError **error)
{
    g_auto(GStrv) ids = g_strsplit_set(words ? words : "", " \t\r\n", -1);
    for (guint i = 0; ids[i]; i++)
        if (*ids[i] && !rule_of_id(rules, ids[i]))
            return da_error_set(error, DA_ERROR_INPUT, "profile '%s' has no rule %s", profile,
                                ids[i]);
    return TRUE;
}

static gboolean stands_before(const xmlNode *node, const xmlNode *other)
{
    while (node && node != other)
        node = node->next;
    return node != NULL;
}

/* Puts copies of the rules of `from` before `include`. A rule that stands before the include stays; one behind it that has the id
 * of an included rule comes in its place. */
static void place_rules(xmlNode *rules, xmlNode *include, const xmlNode *from)
{
    g_autofree char *only = da_xmlin_attribute(include, "only");
    g_autofree char *except = da_xmlin_attribute(include, "except");
    for (xmlNode *rule = first(from); rule; rule = next(rule)) {
        g_autofree char *id = da_xmlin_attribute(rule, "id");
        xmlNode *own = rule_of_id(rules, id);
        if (has_word(except, id) || (only && !has_word(only, id)) ||
            (own && stands_before(own, include)))
            continue;
        if (!own)
            own = xmlDocCopyNode(rule, rules->doc, 1);
        xmlUnlinkNode(own);
        xmlAddPrevSibling(include, own);
    }
}

static gboolean include_rules(const Finder *finder, xmlNode *rules, const char *path, guint depth,
                              GError **error);

static gboolean include_rules_of(const Finder *finder, xmlNode *rules, xmlNode *include,
                                 const char *path, guint depth, GError **error)
{
    g_auto(Source) source = {0};
    g_autofree char *name = da_xmlin_attribute(include, "profile");
    g_autofree char *only = da_xmlin_attribute(include, "only");
    g_autofree char *except = da_xmlin_attribute(include, "except");
    if (!open_source(finder, include, path, depth, &source, error))
        return FALSE;
    xmlNode *from = child_named(xmlDocGetRootElement(source.doc), "rules");
    if (!include_rules(finder, from, source.path, depth + 1, error) ||
        !check_ids(from, name, only, error) || !check_ids(from, name, except, error))
        return FALSE;
    place_rules(rules, include, from);
    return TRUE;
}

static gboolean include_rules(const Finder *finder, xmlNode *rules, const char *path, guint depth,
                              GError **error)
{
    for (xmlNode *include = child_named(rules, "include"); include;
         include = child_named(rules, "include")) {
        if (!include_rules_of(finder, rules, include, path, depth, error))
            return FALSE;
        xmlUnlinkNode(include);
        xmlFreeNode(include);
    }
    return TRUE;
}

gboolean da_profile_include(xmlDoc *doc, const char *path, DaProfileFind find, gpointer data,
                            gboolean *changed, GError **error)
{
    const Finder finder = {find, data};
    xmlNode *root = xmlDocGetRootElement(doc), *rules = child_named(root, "rules");
    *changed = child_named(root, "include") || child_named(rules, "include");
    for (xmlNode *include = child_named(root, "include"); include;
         include = child_named(root, "include")) {
        if (!include_parts(&finder, root, include, path, error))
            return FALSE;
        xmlUnlinkNode(include);
        xmlFreeNode(include);
    }
    return include_rules(&finder, rules, path, 0, error);
}
