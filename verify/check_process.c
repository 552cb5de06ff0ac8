/* Whether it is on record how pages were made: equipment, operator, and the events of each page. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <dangan/schema.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#define PREMIS_INSIDE "metadata/preservation/premis.xml"

/* --- what dossier.xml says ------------------------------------------------------------------------------------------------ */

static guint pages_without(const DaDossier *dossier, gboolean resolution, const DaPage **first)
{
    guint n = 0;
    for (guint m = 0; m < dossier->materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)dossier->materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++) {
            const DaPage *page = pages->pdata[p];
            if (resolution ? page->dpi != 0 : page->captured != NULL)
                continue;
            if (!n++)
                *first = page;
        }
    }
    return n;
}

/* Whether `what` is on record; a page without it is kept in `first`. */
static gboolean is_missing(DaCheckRun *run, const char *what, const DaPage **first,
                           gboolean *missing, GError **error)
{
    const DaDossier *dossier = run->subject->dossier;
    if (!strcmp(what, "scanner"))
        *missing = !dossier->scanner;
    else if (!strcmp(what, "operator"))
        *missing = !dossier->operator_name;
    else if (!strcmp(what, "captured") || !strcmp(what, "dpi"))
        *missing = pages_without(dossier, !strcmp(what, "dpi"), first) > 0;
    else
        return da_error_set(error, DA_ERROR_INPUT,
                            "rule %s: '%s' is none of scanner, operator, captured, dpi",
                            run->rule->id, what);
    return TRUE;
}

gboolean da_check_capture_recorded(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) wanted =
        da_check_needs_dossier(run, error) ? da_check_words(run, "wanted", error) : NULL;
    g_autoptr(GString) lacking = g_string_new(NULL);
    const DaPage *first = NULL;
    for (guint i = 0; wanted && wanted[i]; i++) {
        gboolean missing = FALSE;
        if (!is_missing(run, wanted[i], &first, &missing, error))
            return FALSE;
        if (missing)
            g_string_append_printf(lacking, "%s%s", lacking->len ? ", " : "", wanted[i]);
    }
    if (!wanted || !lacking->len)
        return wanted != NULL;
    DaFinding *finding = da_check_add(
        run, "dossier.xml", "how the pages were digitized is not on record", "缺少数字化过程信息");
    da_finding_set(&finding->wanted, "%s", lacking->str);
    if (first)
        da_finding_set(&finding->page, "%s", first->stem);
    return TRUE;
}

/* --- what PREMIS says ------------------------------------------------------------------------------------------------------- */

/* The texts of all elements that an XPath finds, as a set. */
static GHashTable *texts_of(xmlDoc *doc, const char *path)
{
    GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);
    xmlXPathRegisterNs(context, BAD_CAST "p", BAD_CAST "http://www.loc.gov/premis/v3");
    g_autoptr(xmlXPathObject) found = xmlXPathEvalExpression(BAD_CAST path, context);
    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        g_autoptr(DaXmlChar) text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        g_hash_table_add(texts, g_strdup((const char *)text));
    }
    return texts;
}

static xmlDoc *read_premis(const DaCheckRun *run, GError **error)
{
    const DaEntry *entry = da_subject_payload(run->subject, PREMIS_INSIDE);
    if (!entry) {
        da_error_set(error, DA_ERROR_INPUT, "%s is missing", PREMIS_INSIDE);
        return NULL;
    }
    g_autofree char *full = g_build_filename(run->subject->path, entry->path, NULL);
    g_autoptr(GBytes) bytes = da_file_read(full, DA_SUBJECT_MAX_XML_BYTES, error);
    gsize size = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return bytes ? da_xml_parse(data, size, "premis.xml", error) : NULL;
}

static void look_at_page(DaCheckRun *run, const DaPage *page, GHashTable *objects)
{
    for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++) {
        if (!page->file[kind].extension)
            continue;
        g_autofree char *inside =
            g_strdup_printf("representations/%s/data/%s.%s", da_file_kind_name(kind), page->stem,
                            page->file[kind].extension);
        if (g_hash_table_contains(objects, inside))
            continue;
        DaFinding *finding =
            da_check_add_page(run, page, NULL, "PREMIS knows nothing of a file of this page",
                              "PREMIS 未记载此页的文件");
        da_finding_set(&finding->wanted, "%s", inside);
        return;
    }
}

/* Every event that the profile wants is there, and every page is among the objects that events are about. */
gboolean da_check_process_recorded(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) wanted =
        da_check_needs_dossier(run, error) ? da_check_words(run, "events", error) : NULL;
    g_autoptr(xmlDoc) doc = wanted ? read_premis(run, error) : NULL;
    if (!doc)
        return FALSE;
    g_autoptr(GHashTable) events = texts_of(doc, "//p:event/p:eventType");
    g_autoptr(GHashTable) objects =
        texts_of(doc, "//p:object/p:objectIdentifier/p:objectIdentifierValue");
    for (guint i = 0; wanted[i]; i++) {
        if (g_hash_table_contains(events, wanted[i]))
            continue;
        DaFinding *finding =
            da_check_add(run, PREMIS_INSIDE, "PREMIS has no event of a kind that every package has",
                         "PREMIS 缺少必备事件");
        da_finding_set(&finding->wanted, "%s", wanted[i]);
    }
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            look_at_page(run, pages->pdata[p], objects);
    }
    return TRUE;
}
