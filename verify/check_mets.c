/*
 * E-ARK information packages: what METS says, asked by XPath from the profile, and whether it is so. Requirements and their numbers stand in
 * the profile `csip`. Source: E-ARK CSIP 2.1, SIP 2.1.
 */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <fnmatch.h>
#include <libxml/xpathInternals.h>
#include <string.h>

/* Steps of one XPath expression: a document of 10,000 files takes some hundred thousand. */
#define MAX_STEPS 50000000u
#define MAX_SHOWN 200

static gboolean needs_documents(const DaCheckRun *run, GError **error)
{
    return run->subject->documents->len ||
           da_error_set(error, DA_ERROR_INPUT, "there is no METS.xml that can be read");
}

/* --- XPath ------------------------------------------------------------------------------------------------------------- */

static xmlXPathContext *new_context(xmlDoc *doc)
{
    static const char *const names[][2] = {
        {"mets", "http://www.loc.gov/METS/"},
        {"xlink", "http://www.w3.org/1999/xlink"},
        {"csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"},
        {"sip", "https://DILCIS.eu/XML/METS/SIPExtensionMETS"},
    };
    xmlXPathContext *context = xmlXPathNewContext(doc);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        xmlXPathRegisterNs(context, BAD_CAST names[i][0], BAD_CAST names[i][1]);
    context->opLimit = MAX_STEPS;
    return context;
}

/* A fault of an expression is the profile's, and is reported as such; libxml2 would print it. */
static void keep_quiet(void *user, xmlErrorPtr fault)
{
}

typedef struct {
    const DaMetsDocument *document;
    const char *nodes, *test;
    char **values; /* NULL = any */
} XPathRule;

static void add_node(DaCheckRun *run, const DaMetsDocument *document, xmlNode *node,
                     const char *wanted)
{
    g_autofree char *shown = g_utf8_make_valid(document->path, -1);
    DaFinding *finding = da_check_add(run, shown, run->rule->title, run->rule->title_zh);
    gboolean attribute = node->type == XML_ATTRIBUTE_NODE;
    xmlNode *element = attribute ? node->parent : node;
    finding->row = (guint)CLAMP(xmlGetLineNo(element), 0, G_MAXINT);
    if (attribute) {
        g_autoptr(DaXmlChar) text = xmlNodeGetContent(node);
        da_finding_set(&finding->found, "%s=\"%.*s\"", (const char *)node->name, MAX_SHOWN,
                       (const char *)text);
    } else if (element->type == XML_ELEMENT_NODE) {
        da_finding_set(&finding->found, "<%s>", (const char *)element->name);
    }
    if (wanted)
        da_finding_set(&finding->wanted, "%s", wanted);
}

static gboolean has_value(char **values, xmlNode *node)
{
    g_autoptr(DaXmlChar) text = xmlNodeGetContent(node);
    for (guint i = 0; values[i]; i++)
        if (!strcmp(g_strstrip(values[i]), (const char *)text))
            return TRUE;
    return FALSE;
}

static gboolean is_met(const XPathRule *rule, xmlXPathContext *context, xmlNode *node)
{
    if (rule->values) /* an element in place of the attribute says that it is missing */
        return node->type == XML_ATTRIBUTE_NODE && has_value(rule->values, node);
    if (!rule->test)
        return FALSE;
    context->node = node;
    g_autoptr(xmlXPathObject) answer = xmlXPathEval(BAD_CAST rule->test, context);
    return answer && xmlXPathCastToBoolean(answer);
}

static gboolean run_xpath(DaCheckRun *run, const XPathRule *rule, GError **error)
{
    g_autoptr(xmlXPathContext) context = new_context(rule->document->doc);
    xmlStructuredErrorFunc handler = xmlStructuredError;
    void *user = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(NULL, keep_quiet);
    g_autoptr(xmlXPathObject) found = xmlXPathEval(BAD_CAST rule->nodes, context);
    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++)
        if (!is_met(rule, context, found->nodesetval->nodeTab[i]))
            add_node(run, rule->document, found->nodesetval->nodeTab[i], rule->test);
    gboolean sound = found && context->lastError.code == XML_ERR_OK;
    xmlSetStructuredErrorFunc(user, handler);
    return sound ||
           da_error_set(error, DA_ERROR_INPUT, "rule %s: its XPath cannot be evaluated: '%s'",
                        run->rule->id, rule->nodes);
}

gboolean da_check_mets_xpath(DaCheckRun *run, GError **error)
{
    const char *values = da_rule_text(run->rule, "values");
    gboolean root_only = !g_strcmp0(da_rule_text(run->rule, "documents"), "root");
    g_auto(GStrv) list = values ? g_strsplit(values, "\n", -1) : NULL;
    XPathRule rule = {NULL, da_rule_text(run->rule, "nodes"), da_rule_text(run->rule, "test"),
                      list};
    if (!rule.nodes)
        return da_error_set(error, DA_ERROR_INPUT, "rule %s has no parameter 'nodes'",
                            run->rule->id);
    if (!needs_documents(run, error))
        return FALSE;
    for (guint i = 0; i < run->subject->documents->len; i++) {
        rule.document = run->subject->documents->pdata[i];
        gboolean is_root = !strcmp(rule.document->folder, run->subject->root);
        if ((is_root || !root_only) && !run_xpath(run, &rule, error))
            return FALSE;
    }
    return TRUE;
}

/* --- files --------------------------------------------------------------------------------------------------------------- */

/* The path of a reference, relative to the package; NULL = it leads out of it, or nowhere. The caller owns it. */
static char *path_of(const DaMetsDocument *document, const char *href)
{
    if (!href || !da_path_is_safe(href))
        return NULL;
    return g_strconcat(document->folder, href, NULL);
}

static void add_file(DaCheckRun *run, const DaMetsDocument *document, const DaMetsFile *file,
                     const char *found, const char *wanted)
{
    g_autofree char *shown = g_utf8_make_valid(document->path, -1);
    DaFinding *finding = da_check_add(run, shown, run->rule->title, run->rule->title_zh);
    finding->row = (guint)CLAMP(file->line, 0, G_MAXINT);
    da_finding_set(&finding->found, "%s: %s", file->href ? file->href : "—", found ? found : "—");
    if (wanted)
        da_finding_set(&finding->wanted, "%s", wanted);
}

static void compare_checksum(DaCheckRun *run, const DaMetsDocument *document,
                             const DaMetsFile *file, const DaEntry *entry)
{
    DaHash hash = file->algorithm ? da_hash_by_name(file->algorithm) : DA_HASH_SHA256;
    if (file->digest && hash == DA_HASH_N)
        return; /* an algorithm of METS that nothing here computes */
    const char *digest = da_subject_digest(entry, hash);
    if (!file->digest || g_strcmp0(digest, file->digest))
        add_file(run, document, file, file->digest, digest);
}

/* Only what is known for sure: an image that says XML, an XML that says image. */
static void compare_mimetype(DaCheckRun *run, const DaMetsDocument *document,
                             const DaMetsFile *file, const DaEntry *entry)
{
    const char *wanted = NULL;
    if (entry->facts.image.format != DA_IMAGE_UNKNOWN)
        wanted = da_image_mime(entry->facts.image.format);
    else if (g_str_has_suffix(entry->path, ".xml") && !entry->facts.xml_fault)
        wanted = "application/xml";
    gboolean xml =
        wanted && !strcmp(wanted, "application/xml") && file->mimetype &&
        (!strcmp(file->mimetype, "text/xml") || g_str_has_suffix(file->mimetype, "+xml"));
    if (!file->mimetype || (wanted && !xml && g_ascii_strcasecmp(file->mimetype, wanted)))
        add_file(run, document, file, file->mimetype, wanted);
}

static void compare_size(DaCheckRun *run, const DaMetsDocument *document, const DaMetsFile *file,
                         const DaEntry *entry)
{
    if (file->has_size && file->size_bytes == entry->size_bytes)
        return;
    g_autofree char *found = g_strdup_printf("%" G_GUINT64_FORMAT, file->size_bytes);
    g_autofree char *wanted = g_strdup_printf("%" G_GUINT64_FORMAT, entry->size_bytes);
    add_file(run, document, file, file->has_size ? found : NULL, wanted);
}

static void compare_file(DaCheckRun *run, const DaMetsDocument *document, const DaMetsFile *file,
                         const char *what)
{
    g_autofree char *path = path_of(document, file->href);
    const DaEntry *entry = path ? da_subject_entry(run->subject, path) : NULL;
    if (!entry || entry->kind != DA_ENTRY_FILE) {
        if (!strcmp(what, "location"))
            add_file(run, document, file, NULL, NULL);
        return; /* the other facts of a file that is not there are nobody's fault */
    }
    if (!strcmp(what, "size"))
        compare_size(run, document, file, entry);
    else if (!strcmp(what, "checksum"))
        compare_checksum(run, document, file, entry);
    else if (!strcmp(what, "mimetype"))
        compare_mimetype(run, document, file, entry);
}

gboolean da_check_mets_file(DaCheckRun *run, GError **error)
{
    const char *section = da_rule_text(run->rule, "section"),
               *what = da_rule_text(run->rule, "what");
    if (!section || !what)
        return da_error_set(error, DA_ERROR_INPUT,
                            "rule %s needs the parameters 'section' and 'what'", run->rule->id);
    if (!needs_documents(run, error))
        return FALSE;
    for (guint i = 0; i < run->subject->documents->len; i++) {
        const DaMetsDocument *document = run->subject->documents->pdata[i];
        for (guint k = 0; k < document->mets->files->len; k++) {
            const DaMetsFile *file = document->mets->files->pdata[k];
            if (!strcmp(file->section, section))
                compare_file(run, document, file, what);
        }
    }
    return TRUE;
}

/* --- groups ---------------------------------------------------------------------------------------------------------------- */

/* Files that a document names in groups of a use, or points to as METS of a representation: paths relative to the package. */
static GHashTable *files_of_use(const DaMetsDocument *document, const char *use)
{
    GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(xmlXPathContext) context = new_context(document->doc);
    g_autofree char *expression = g_strdup_printf(
        "//mets:fileGrp[starts-with(@USE,'%s')]//mets:FLocat/@xlink:href | //mets:mptr/@xlink:href",
        use);
    g_autoptr(xmlXPathObject) found = xmlXPathEval(BAD_CAST expression, context);
    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        g_autoptr(DaXmlChar) text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        const char *href = (const char *)text;
        if (g_str_has_prefix(href, "./"))
            href += 2;
        g_autofree char *plain = g_uri_unescape_string(href, NULL);
        char *path = plain ? path_of(document, plain) : NULL;
        if (path)
            g_hash_table_add(paths, path);
    }
    return paths;
}

/* Content that a representation's own METS describes is its business. */
static gboolean has_own_document(const DaSubject *subject, const char *path)
{
    for (guint i = 0; i < subject->documents->len; i++) {
        const DaMetsDocument *document = subject->documents->pdata[i];
        if (strcmp(document->folder, subject->root) && g_str_has_prefix(path, document->folder))
            return strcmp(document->path, path) != 0;
    }
    return FALSE;
}

/* Every file below the folder stands in a group of its use. A package without the folder has nothing to put there. */
gboolean da_check_mets_group(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    const char *folder = da_rule_text(run->rule, "folder"), *use = da_rule_text(run->rule, "use");
    if (!folder || !use || strchr(use, '\''))
        return da_error_set(error, DA_ERROR_INPUT,
                            "rule %s needs the parameters 'folder' and 'use'", run->rule->id);
    if (!needs_documents(run, error))
        return FALSE;
    const DaMetsDocument *root = subject->documents->pdata[0];
    for (guint i = 0; i < subject->documents->len; i++)
        if (!strcmp(((const DaMetsDocument *)subject->documents->pdata[i])->folder, subject->root))
            root = subject->documents->pdata[i];
    g_autoptr(GHashTable) named = files_of_use(root, use);
    g_autofree char *prefix = g_strdup_printf("%s%s/", subject->root, folder);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind == DA_ENTRY_FILE && g_str_has_prefix(entry->path, prefix) &&
            !g_hash_table_contains(named, entry->path) && !has_own_document(subject, entry->path)) {
            DaFinding *finding =
                da_check_add(run, entry->shown, run->rule->title, run->rule->title_zh);
            da_finding_set(&finding->wanted, "fileGrp USE=\"%s\"", use);
        }
    }
    return TRUE;
}

/* --- references --------------------------------------------------------------------------------------------------------------- */

static void look_at_reference(DaCheckRun *run, const DaMetsDocument *document,
                              const DaMetsReference *reference)
{
    const char *element = g_hash_table_lookup(document->mets->ids, reference->id);
    if (element && da_mets_may_target(reference->attribute, element))
        return;
    g_autofree char *shown = g_utf8_make_valid(document->path, -1);
    DaFinding *finding = da_check_add(run, shown, run->rule->title, run->rule->title_zh);
    finding->row = (guint)CLAMP(reference->line, 0, G_MAXINT);
    da_finding_set(&finding->found, "%s=\"%s\"%s%s", reference->attribute, reference->id,
                   element ? ": " : "", element ? element : "");
}

gboolean da_check_mets_reference(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) elements = da_check_words(run, "elements", error);
    const char *attribute = da_rule_text(run->rule, "attribute");
    const char *division = da_rule_text(run->rule, "division");
    if (!elements || !needs_documents(run, error))
        return FALSE;
    for (guint i = 0; i < run->subject->documents->len; i++) {
        const DaMetsDocument *document = run->subject->documents->pdata[i];
        for (guint k = 0; k < document->mets->references->len; k++) {
            const DaMetsReference *reference = document->mets->references->pdata[k];
            if (g_strv_contains((const char *const *)elements, reference->element) &&
                !g_strcmp0(reference->attribute, attribute) &&
                (!division ||
                 (reference->division && g_str_has_prefix(reference->division, division))))
                look_at_reference(run, document, reference);
        }
    }
    return TRUE;
}

/* --- names and folders ---------------------------------------------------------------------------------------------------------- */

gboolean da_check_mets_objid(DaCheckRun *run, GError **error)
{
    if (!needs_documents(run, error))
        return FALSE;
    const DaSubject *subject = run->subject;
    for (guint i = 0; i < subject->documents->len; i++) {
        const DaMetsDocument *document = subject->documents->pdata[i];
        if (strcmp(document->folder, subject->root) ||
            !g_strcmp0(document->mets->objid, *subject->root ? subject->id : subject->name))
            continue;
        DaFinding *finding =
            da_check_add(run, document->path, run->rule->title, run->rule->title_zh);
        da_finding_set(&finding->found, "%s", document->mets->objid ? document->mets->objid : "—");
        da_finding_set(&finding->wanted, "%s", *subject->root ? subject->id : subject->name);
    }
    return TRUE;
}

static gboolean is_there(const DaSubject *subject, const char *pattern)
{
    g_autofree char *path = da_subject_path(subject, pattern);
    for (guint i = 0; i < subject->entries->len; i++)
        if (!fnmatch(path, ((const DaEntry *)subject->entries->pdata[i])->path, FNM_PATHNAME))
            return TRUE;
    return FALSE;
}

gboolean da_check_has_entry(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) patterns = da_check_words(run, "any", error);
    if (!patterns)
        return FALSE;
    for (guint i = 0; patterns[i]; i++)
        if (is_there(run->subject, patterns[i]))
            return TRUE;
    DaFinding *finding = da_check_add(run, NULL, run->rule->title, run->rule->title_zh);
    g_autofree char *wanted = g_strjoinv(", ", patterns);
    da_finding_set(&finding->wanted, "%s", wanted);
    return TRUE;
}
