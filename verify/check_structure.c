/* XML documents of the package, and whether what they say of files is so. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <string.h>

gboolean da_check_xml_readable(DaCheckRun *run, GError **error)
{
    for (guint i = 0; i < run->subject->entries->len; i++) {
        const DaEntry *entry = run->subject->entries->pdata[i];
        if (!entry->facts.xml_fault)
            continue;
        if (da_check_is_told(run, entry->path))
            continue;
        da_check_tell(run, entry->path);
        DaFinding *finding =
            da_check_add(run, entry->shown, "the XML cannot be read", "XML 无法读取");
        da_finding_set(&finding->found, "%s", entry->facts.xml_fault);
    }
    return TRUE;
}

gboolean da_check_dossier_schema(DaCheckRun *run, GError **error)
{
    g_autofree char *path = da_subject_path(run->subject, "metadata/descriptive/dossier.xml");
    if (run->subject->dossier || da_check_is_told(run, path))
        return TRUE;
    da_check_tell(run, path);
    DaFinding *finding =
        da_check_add(run, "metadata/descriptive/dossier.xml", "dossier.xml is missing or not valid",
                     "dossier.xml 缺失或不符合模式");
    da_finding_set(&finding->found, "%s", run->subject->dossier_fault);
    return TRUE;
}

gboolean da_check_standard_schemas(DaCheckRun *run, GError **error)
{
    if (!run->subject->standards)
        return da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "the schemas of METS, PREMIS and ALTO are not at hand; set DANGAN_XSD to their folder");
    for (guint i = 0; i < run->subject->entries->len; i++) {
        const DaEntry *entry = run->subject->entries->pdata[i];
        const GPtrArray *faults = entry->facts.schema_faults;
        for (guint k = 0; faults && k < faults->len; k++) {
            DaFinding *finding = da_check_add(
                run, entry->shown, "not valid by the standard's schema", "不符合标准的 XML 模式");
            da_finding_set(&finding->found, "%s", (const char *)faults->pdata[k]);
        }
    }
    return TRUE;
}

/* --- METS ----------------------------------------------------------------------------------------------------------- */

static gboolean needs_mets(const DaCheckRun *run, GError **error)
{
    return run->subject->mets || da_error_set(error, DA_ERROR_INPUT, "METS.xml cannot be read: %s",
                                              run->subject->mets_fault);
}

gboolean da_check_mets_references(DaCheckRun *run, GError **error)
{
    if (!needs_mets(run, error))
        return FALSE;
    const DaMets *mets = run->subject->mets;
    for (guint i = 0; i < mets->references->len; i++) {
        const DaMetsReference *reference = mets->references->pdata[i];
        const char *element = g_hash_table_lookup(mets->ids, reference->id);
        if (element && da_mets_may_target(reference->attribute, element))
            continue;
        DaFinding *finding = da_check_add(run, "METS.xml", "a reference in METS leads nowhere",
                                          "METS 中的引用没有目标");
        da_finding_set(&finding->found, "line %ld: %s=\"%s\"%s%s", reference->line,
                       reference->attribute, reference->id, element ? " is a " : "",
                       element ? element : "");
    }
    return TRUE;
}

static void add_dangling(DaCheckRun *run, const DaMetsFile *file)
{
    DaFinding *finding =
        da_check_add(run, "METS.xml", "METS names a file that is not there", "METS 所列文件不存在");
    da_finding_set(&finding->found, "line %ld: %s", file->line,
                   file->href ? file->href : "no href");
}

static void compare_mets_facts(DaCheckRun *run, const DaMetsFile *file, const DaEntry *entry)
{
    if (!strcmp(file->element, "mptr"))
        return; /* a pointer carries neither */
    if (!file->has_size || file->size_bytes != entry->size_bytes) {
        DaFinding *finding = da_check_add(run, entry->shown, "the size in METS is not the file's",
                                          "METS 中的字节数与文件不符");
        da_finding_set(&finding->found, "%" G_GUINT64_FORMAT, file->size_bytes);
        da_finding_set(&finding->wanted, "%" G_GUINT64_FORMAT, entry->size_bytes);
        da_check_tell(run, entry->path);
    }
    if (!file->sha256 || g_strcmp0(file->sha256, entry->facts.sha256)) {
        DaFinding *finding = da_check_add(run, entry->shown, "the digest in METS is not the file's",
                                          "METS 中的摘要与文件不符");
        da_finding_set(&finding->found, "%s", file->sha256 ? file->sha256 : "no SHA-256");
        da_finding_set(&finding->wanted, "%s",
                       entry->facts.sha256 ? entry->facts.sha256 : entry->facts.fault);
        da_check_tell(run, entry->path);
    }
}

/* Compares what METS says of one file with the file. Returns its entry, or NULL when there is none. */
static const DaEntry *compare_mets_file(DaCheckRun *run, const DaMetsFile *file)
{
    gboolean safe = file->href && da_path_is_safe(file->href);
    g_autofree char *path = safe ? da_subject_path(run->subject, file->href) : NULL;
    const DaEntry *entry = safe ? da_subject_payload(run->subject, file->href) : NULL;
    if (path && da_check_is_told(run, path))
        return entry;
    if (entry) {
        compare_mets_facts(run, file, entry);
    } else {
        add_dangling(run, file);
        if (path)
            da_check_tell(run, path);
    }
    return entry;
}

gboolean da_check_mets_files(DaCheckRun *run, GError **error)
{
    if (!needs_mets(run, error))
        return FALSE;
    const DaSubject *subject = run->subject;
    g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < subject->mets->files->len; i++) {
        const DaEntry *entry = compare_mets_file(run, subject->mets->files->pdata[i]);
        if (entry)
            g_hash_table_add(named, (gpointer)entry);
    }
    const DaEntry *mets = da_subject_payload(subject, "METS.xml");
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FILE || entry == mets || !da_subject_is_payload(entry->path) ||
            g_hash_table_contains(named, entry) || da_check_is_told(run, entry->path))
            continue;
        da_check_add(run, entry->shown, "METS does not name this file", "METS 未列出此文件");
        da_check_tell(run, entry->path);
    }
    return TRUE;
}

/* --- dossier.xml and the files ----------------------------------------------------------------------------------------- */

typedef void (*PageVisit)(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                          const DaEntry *entry, gpointer data);

static void each_page_file(DaCheckRun *run, PageVisit visit, gpointer data)
{
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
                visit(run, pages->pdata[p], kind,
                      da_subject_page_file(run->subject, pages->pdata[p], kind), data);
    }
}

static void find_file(DaCheckRun *run, const DaPage *page, DaFileKind kind, const DaEntry *entry,
                      gpointer data)
{
    if (entry) {
        g_hash_table_add(data, (gpointer)entry);
        return;
    }
    if (!page->file[kind].extension)
        return; /* the catalogue does not claim it: that the sets are equal is another rule */
    g_autofree char *path =
        da_package_page_file(run->subject->id, kind, page->stem, page->file[kind].extension);
    if (da_check_is_told(run, path))
        return;
    da_check_tell(run, path);
    DaFinding *finding =
        da_check_add_page(run, page, NULL, "a file of the page is missing", "页面缺少文件");
    da_finding_set(&finding->wanted, "%s", da_file_kind_name(kind));
}

gboolean da_check_dossier_files(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);
    each_page_file(run, find_file, named);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind == DA_ENTRY_FILE &&
            da_subject_kind(subject, entry->path, NULL) != DA_FILE_N &&
            !g_hash_table_contains(named, entry) && !da_check_is_told(run, entry->path)) {
            da_check_add(run, entry->shown, "the file is no page of the catalogue",
                         "文件不属于目录中的任何一页");
            da_check_tell(run, entry->path);
        }
    }
    return TRUE;
}

static void compare_file(DaCheckRun *run, const DaPage *page, DaFileKind kind, const DaEntry *entry,
                         gpointer data)
{
    const DaPageFile *file = &page->file[kind];
    if (!entry || da_check_is_told(run, entry->path) ||
        (file->size_bytes == entry->size_bytes && !g_strcmp0(file->sha256, entry->facts.sha256)))
        return;
    da_check_tell(run, entry->path);
    DaFinding *finding =
        da_check_add_page(run, page, entry, "size or digest in dossier.xml is not the file's",
                          "dossier.xml 中的字节数或摘要与文件不符");
    da_finding_set(&finding->found, "%" G_GUINT64_FORMAT " bytes, %s", file->size_bytes,
                   file->sha256 ? file->sha256 : "—");
    da_finding_set(&finding->wanted, "%" G_GUINT64_FORMAT " bytes, %s", entry->size_bytes,
                   entry->facts.sha256 ? entry->facts.sha256 : "—");
}

gboolean da_check_dossier_digests(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    each_page_file(run, compare_file, NULL);
    return TRUE;
}

/* Stems of one representation as a set; two files with one stem are a finding of their own. */
static GHashTable *stems_of(DaCheckRun *run, DaFileKind wanted)
{
    const DaSubject *subject = run->subject;
    GHashTable *stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        g_autofree char *stem = NULL;
        if (entry->kind != DA_ENTRY_FILE || da_subject_kind(subject, entry->path, &stem) != wanted)
            continue;
        if (!g_hash_table_add(stems, g_steal_pointer(&stem)) && !da_check_is_told(run, entry->path))
            da_check_add(run, entry->shown, "two files for one page in a representation",
                         "同一组中一页有两个文件");
    }
    return stems;
}

/* Pages of which another rule has said that a file is missing or too many. */
static GHashTable *told_stems(const DaCheckRun *run)
{
    GHashTable *stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, run->subject->told);
    while (g_hash_table_iter_next(&iterator, &path, NULL)) {
        char *stem = NULL;
        if (da_check_is_told(run, path) && da_subject_kind(run->subject, path, &stem) != DA_FILE_N)
            g_hash_table_add(stems, stem);
        else
            g_free(stem);
    }
    return stems;
}

static void compare_stems(DaCheckRun *run, GHashTable *const stems[DA_FILE_N], GHashTable *told,
                          DaFileKind one, DaFileKind other)
{
    g_autoptr(GList) list =
        g_list_sort(g_hash_table_get_keys(stems[one]), (GCompareFunc)da_name_compare);
    for (const GList *item = list; item; item = item->next) {
        if (g_hash_table_contains(stems[other], item->data) ||
            g_hash_table_contains(told, item->data))
            continue;
        DaFinding *finding = da_check_add(run, NULL, "a page is not in all three representations",
                                          "某页未在三组文件中齐备");
        da_finding_set(&finding->page, "%s", (const char *)item->data);
        da_finding_set(&finding->found, "%s", da_file_kind_name(one));
        da_finding_set(&finding->wanted, "%s", da_file_kind_name(other));
    }
}

gboolean da_check_equal_stems(DaCheckRun *run, GError **error)
{
    g_autoptr(GHashTable) told = told_stems(run);
    GHashTable *stems[DA_FILE_N];
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        stems[kind] = stems_of(run, kind);
    compare_stems(run, stems, told, DA_FILE_MASTER, DA_FILE_ACCESS);
    compare_stems(run, stems, told, DA_FILE_ACCESS, DA_FILE_MASTER);
    compare_stems(run, stems, told, DA_FILE_ACCESS, DA_FILE_OCR);
    compare_stems(run, stems, told, DA_FILE_OCR, DA_FILE_ACCESS);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        g_hash_table_unref(stems[kind]);
    return TRUE;
}
