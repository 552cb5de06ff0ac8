#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <dangan/schema.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static void entry_free(gpointer data)
{
    DaEntry *entry = data;
    g_free(entry->path);
    g_free(entry->shown);
    g_free(entry->facts.sha256);
    for (DaHash hash = 0; hash < DA_HASH_N; hash++)
        g_free(entry->facts.digest[hash]);
    g_free(entry->facts.fault);
    g_free(entry->facts.image_fault);
    da_walk_free(entry->facts.walk);
    g_free(entry->facts.xml_fault);
    g_free(entry->facts.text);
    g_free(entry->facts.text_engine);
    g_free(entry->facts.head);
    g_clear_pointer(&entry->facts.schema_faults, g_ptr_array_unref);
    g_free(entry);
}

void da_subject_free(DaSubject *subject)
{
    if (!subject)
        return;
    g_free(subject->path);
    g_free(subject->name);
    g_free(subject->id);
    g_hash_table_unref(subject->by_path);
    g_ptr_array_unref(subject->entries);
    g_free(subject->walk_fault);
    da_bag_free(subject->bag);
    da_dossier_free(subject->dossier);
    g_free(subject->dossier_fault);
    da_mets_free(subject->mets);
    g_free(subject->mets_fault);
    g_free(subject->root);
    g_ptr_array_unref(subject->documents);
    g_hash_table_unref(subject->told);
    g_clear_pointer(&subject->kinds, g_hash_table_unref);
    g_free(subject);
}

static void document_free(gpointer data)
{
    DaMetsDocument *document = data;
    g_free(document->folder);
    g_free(document->path);
    xmlFreeDoc(document->doc);
    da_mets_free(document->mets);
    g_free(document);
}

/* A machine that fails is not the package's fault. */
static gboolean is_machine(const GError *error)
{
    return error->domain != DA_ERROR || error->code == DA_ERROR_DISK ||
           error->code == DA_ERROR_SYSTEM;
}

static gboolean keep_fault(char **fault, GError *problem, GError **error)
{
    if (is_machine(problem)) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    *fault = g_strdup(problem->message);
    g_error_free(problem);
    return TRUE;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static DaEntryKind entry_kind(mode_t mode)
{
    if (S_ISREG(mode))
        return DA_ENTRY_FILE;
    if (S_ISDIR(mode))
        return DA_ENTRY_FOLDER;
    return S_ISLNK(mode) ? DA_ENTRY_LINK : DA_ENTRY_SPECIAL;
}

static DaEntry *add_entry(DaSubject *subject, const char *relative, const struct stat *state)
{
    DaEntry *entry = g_new0(DaEntry, 1);
    entry->path = g_strdup(relative);
    entry->shown = g_utf8_make_valid(relative, -1);
    entry->kind = entry_kind(state->st_mode);
    entry->size_bytes = entry->kind == DA_ENTRY_FILE ? (guint64)state->st_size : 0;
    g_ptr_array_add(subject->entries, entry);
    g_hash_table_replace(subject->by_path, entry->path, entry);
    return entry;
}

static gboolean walk(DaSubject *subject, const char *relative, DaEntry *folder, guint depth,
                     GError **error);

static gboolean walk_name(DaSubject *subject, const char *relative, const char *name, guint depth,
                          GError **error)
{
    g_autofree char *below = *relative ? g_strconcat(relative, "/", name, NULL) : g_strdup(name);
    g_autofree char *full = g_build_filename(subject->path, below, NULL);
    struct stat state;
    if (lstat(full, &state))
        return da_error_set_errno(error, errno, "cannot look at '%s'", full);
    DaEntry *entry = add_entry(subject, below, &state);
    return entry->kind != DA_ENTRY_FOLDER || walk(subject, below, entry, depth + 1, error);
}

static gboolean walk(DaSubject *subject, const char *relative, DaEntry *folder, guint depth,
                     GError **error)
{
    if (depth > DA_SUBJECT_MAX_DEPTH || subject->entries->len > DA_SUBJECT_MAX_ENTRIES) {
        if (!subject->walk_fault)
            subject->walk_fault = g_strdup_printf("more than %u levels or %u entries",
                                                  DA_SUBJECT_MAX_DEPTH, DA_SUBJECT_MAX_ENTRIES);
        return TRUE;
    }
    g_autofree char *full = g_build_filename(subject->path, relative, NULL);
    GError *problem = NULL;
    g_autoptr(GPtrArray) names = da_dir_list(full, &problem);
    if (!names) {
        g_free(g_steal_pointer(&subject->walk_fault));
        return keep_fault(&subject->walk_fault, problem, error);
    }
    if (folder)
        folder->empty_folder = names->len == 0;
    for (guint i = 0; i < names->len; i++)
        if (!walk_name(subject, relative, names->pdata[i], depth, error))
            return FALSE;
    return TRUE;
}

static int compare_entries(gconstpointer a, gconstpointer b)
{
    const DaEntry *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

/* A renamed package keeps its id below data/: the rules then say what is wrong instead of finding nothing. */
static char *payload_id(const DaSubject *subject)
{
    const char *only = NULL;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FOLDER || !g_str_has_prefix(entry->path, "data/") ||
            strchr(entry->path + strlen("data/"), '/'))
            continue;
        if (only)
            return g_strdup(subject->name);
        only = entry->path + strlen("data/");
    }
    return g_strdup(only ? only : subject->name);
}

/* An information package needs no bag around it. */
static char *find_root(const DaSubject *subject)
{
    gboolean bare = subject->profile->judges == DA_JUDGED_INFORMATION_PACKAGE &&
                    da_subject_entry(subject, "METS.xml");
    return bare ? g_strdup("") : g_strdup_printf("data/%s/", subject->id);
}

/* --- what is read ------------------------------------------------------------------------------------------------- */

/* A link is no file of the bag, wherever it leads. */
static GBytes *read_tag_file(const char *path, gsize max_bytes, gpointer data, GError **error)
{
    const DaSubject *subject = data;
    const DaEntry *entry = da_subject_entry(subject, path);
    if (!entry || entry->kind != DA_ENTRY_FILE) {
        da_error_set(error, DA_ERROR_NOT_FOUND, entry ? "it is no regular file" : "it is missing");
        return NULL;
    }
    g_autofree char *full = g_build_filename(subject->path, path, NULL);
    return da_file_read(full, max_bytes, error);
}

static gboolean read_bag(DaSubject *subject, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (!strchr(entry->path, '/'))
            g_ptr_array_add(names, entry->path);
    }
    subject->bag = da_bag_open(names, read_tag_file, subject, error);
    return subject->bag != NULL;
}

static GBytes *read_payload(const DaSubject *subject, const char *inside, GError **error)
{
    const DaEntry *entry = da_subject_payload(subject, inside);
    if (!entry) {
        da_error_set(error, DA_ERROR_INPUT, "%s is missing", inside);
        return NULL;
    }
    g_autofree char *full = g_build_filename(subject->path, entry->path, NULL);
    return da_file_read(full, DA_SUBJECT_MAX_XML_BYTES, error);
}

static gboolean read_dossier(DaSubject *subject, GError **error)
{
    GError *problem = NULL;
    g_autoptr(GBytes) xml = read_payload(subject, "metadata/descriptive/dossier.xml", &problem);
    if (xml)
        subject->dossier = da_dossier_from_xml(xml, &problem);
    return subject->dossier || keep_fault(&subject->dossier_fault, problem, error);
}

/* METS is validated here and not in a worker: so the schemas are compiled before the workers are born, once a process. */
static gboolean validate_mets(DaSubject *subject, xmlDoc *doc, GError **error)
{
    if (!subject->standards)
        return TRUE;
    DaFileFacts *facts = &da_subject_payload(subject, "METS.xml")->facts;
    facts->schema_faults = g_ptr_array_new_with_free_func(g_free);
    return da_schema_validate(DA_SCHEMA_STANDARDS, doc, facts->schema_faults, error);
}

static DaMets *parse_mets(DaSubject *subject, GBytes *xml, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(xml, &size);
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "METS.xml", error);
    g_autoptr(DaMets) mets = doc ? da_mets_read(doc, error) : NULL;
    return mets && validate_mets(subject, doc, error) ? g_steal_pointer(&mets) : NULL;
}

static gboolean read_mets(DaSubject *subject, GError **error)
{
    subject->standards = da_schema_is_available(DA_SCHEMA_STANDARDS);
    GError *problem = NULL;
    g_autoptr(GBytes) xml = read_payload(subject, "METS.xml", &problem);
    if (xml)
        subject->mets = parse_mets(subject, xml, &problem);
    if (subject->mets)
        return TRUE;
    DaEntry *entry = da_subject_payload(subject, "METS.xml");
    if (entry)
        entry->facts.xml_fault = g_strdup(problem->message);
    return keep_fault(&subject->mets_fault, problem, error);
}

/* --- an information package ------------------------------------------------------------------------------------------ */

static gboolean read_document(DaSubject *subject, const DaEntry *entry, GError **error)
{
    g_autofree char *full = g_build_filename(subject->path, entry->path, NULL);
    GError *problem = NULL;
    g_autoptr(GBytes) bytes = da_file_read(full, DA_SUBJECT_MAX_XML_BYTES, &problem);
    gsize size = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    g_autoptr(xmlDoc) doc = bytes ? da_xml_parse(data, size, entry->shown, &problem) : NULL;
    g_autoptr(DaMets) mets = doc ? da_mets_read(doc, &problem) : NULL;
    if (!mets) {
        char **fault = &((DaEntry *)entry)->facts.xml_fault;
        g_clear_pointer(fault, g_free);
        return keep_fault(fault, problem, error);
    }
    DaMetsDocument *document = g_new0(DaMetsDocument, 1);
    document->path = g_strdup(entry->path);
    document->folder = g_strndup(entry->path, strlen(entry->path) - strlen("METS.xml"));
    document->doc = g_steal_pointer(&doc);
    document->mets = g_steal_pointer(&mets);
    g_ptr_array_add(subject->documents, document);
    return TRUE;
}

/* METS.xml, and one in each folder of representations: no deeper ones, which belong to the content. */
static gboolean is_document(const DaSubject *subject, const DaEntry *entry)
{
    if (entry->kind != DA_ENTRY_FILE || !g_str_has_prefix(entry->path, subject->root))
        return FALSE;
    const char *inside = entry->path + strlen(subject->root);
    g_auto(GStrv) parts = g_strsplit(inside, "/", -1);
    return !strcmp(inside, "METS.xml") ||
           (g_strv_length(parts) == 3 && !strcmp(parts[0], "representations") &&
            !strcmp(parts[2], "METS.xml"));
}

static gboolean read_documents(DaSubject *subject, GError **error)
{
    for (guint i = 0; i < subject->entries->len; i++)
        if (is_document(subject, subject->entries->pdata[i]) &&
            !read_document(subject, subject->entries->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- a GB/T 33870 delivery ------------------------------------------------------------------------------------------ */

/* Where a page file lies in the delivery; NULL = nowhere. Borrowed from the page. */
static const char *path_inside(const DaSubject *subject, const DaPageFile *file)
{
    gsize length = strlen(subject->path);
    gboolean inside =
        file->path && !strncmp(file->path, subject->path, length) && file->path[length] == '/';
    return inside ? file->path + length + 1 : NULL;
}

static void note_kinds(DaSubject *subject, const DaPage *page)
{
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        const char *path = path_inside(subject, &page->file[kind]);
        if (path)
            g_hash_table_insert(subject->kinds, (gpointer)path, GUINT_TO_POINTER(kind + 1));
    }
}

static void take_exchange(DaSubject *subject)
{
    DaExchange *exchange = subject->delivery->exchange;
    subject->kinds = g_hash_table_new(g_str_hash, g_str_equal);
    subject->dossier = g_steal_pointer(&exchange->dossier);
    if (!subject->dossier) {
        subject->dossier_fault = g_strdup("the delivery has no catalogue that can be read");
        return;
    }
    const GPtrArray *materials = subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            note_kinds(subject, pages->pdata[p]);
    }
}

DaSubject *da_subject_open(DaDelivery *delivery, const DaProfile *profile, GError **error)
{
    g_autoptr(DaSubject) subject = g_new0(DaSubject, 1);
    subject->delivery = delivery;
    subject->path = g_strdup(delivery->folder ? delivery->folder : "");
    subject->name = g_strdup(delivery->name);
    subject->profile = profile;
    subject->entries = g_ptr_array_new_with_free_func(entry_free);
    subject->by_path = g_hash_table_new(g_str_hash, g_str_equal);
    subject->screening = da_check_needs_measures(profile);
    subject->documents = g_ptr_array_new_with_free_func(document_free);
    subject->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (delivery->folder && !walk(subject, "", NULL, 0, error))
        return NULL;
    g_ptr_array_sort(subject->entries, compare_entries);
    subject->id = payload_id(subject);
    subject->root = find_root(subject);
    if (!read_bag(subject, error))
        return NULL;
    if (delivery->exchange)
        take_exchange(subject);
    else if (!read_dossier(subject, error) || !read_mets(subject, error))
        return NULL;
    if (profile->judges == DA_JUDGED_INFORMATION_PACKAGE && !read_documents(subject, error))
        return NULL;
    return g_steal_pointer(&subject);
}

/* --- look-ups ------------------------------------------------------------------------------------------------------- */

const char *da_subject_digest(const DaEntry *entry, DaHash hash)
{
    return hash == DA_HASH_SHA256 ? entry->facts.sha256 : entry->facts.digest[hash];
}

DaEntry *da_subject_entry(const DaSubject *subject, const char *path)
{
    return g_hash_table_lookup(subject->by_path, path);
}

DaEntry *da_subject_payload(const DaSubject *subject, const char *inside)
{
    g_autofree char *path = da_subject_path(subject, inside);
    DaEntry *entry = da_subject_entry(subject, path);
    return entry && entry->kind == DA_ENTRY_FILE ? entry : NULL;
}

char *da_subject_path(const DaSubject *subject, const char *inside)
{
    return g_strconcat(subject->root, inside, NULL);
}

DaEntry *da_subject_page_file(const DaSubject *subject, const DaPage *page, DaFileKind kind)
{
    if (subject->kinds) {
        const char *path = path_inside(subject, &page->file[kind]);
        return path ? da_subject_entry(subject, path) : NULL;
    }
    if (!page->file[kind].extension)
        return NULL;
    g_autofree char *path =
        da_package_page_file(subject->id, kind, page->stem, page->file[kind].extension);
    DaEntry *entry = da_subject_entry(subject, path);
    return entry && entry->kind == DA_ENTRY_FILE ? entry : NULL;
}

static DaFileKind exchange_kind(const DaSubject *subject, const char *path, char **stem)
{
    guint kind = GPOINTER_TO_UINT(g_hash_table_lookup(subject->kinds, path));
    if (kind && stem) {
        *stem = g_path_get_basename(path);
        char *dot = strrchr(*stem, '.');
        if (dot)
            *dot = '\0';
    }
    return kind ? kind - 1 : DA_FILE_N;
}

DaFileKind da_subject_kind(const DaSubject *subject, const char *path, char **stem)
{
    if (subject->kinds)
        return exchange_kind(subject, path, stem);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        g_autofree char *inside =
            g_strdup_printf("representations/%s/data/", da_file_kind_name(kind));
        g_autofree char *folder = da_package_payload(subject->id, inside);
        if (!g_str_has_prefix(path, folder) || strchr(path + strlen(folder), '/'))
            continue;
        const char *name = path + strlen(folder);
        const char *dot = strrchr(name, '.');
        if (stem)
            *stem = g_strndup(name, dot ? (gsize)(dot - name) : strlen(name));
        return kind;
    }
    return DA_FILE_N;
}

guint da_subject_pages(const DaSubject *subject)
{
    guint pages = 0;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        pages += entry->kind == DA_ENTRY_FILE &&
                 da_subject_kind(subject, entry->path, NULL) == DA_FILE_MASTER;
    }
    return pages;
}

gboolean da_subject_is_payload(const char *path)
{
    return g_str_has_prefix(path, "data/");
}
