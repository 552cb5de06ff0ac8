#include "package_parts.h"

#include <dangan/bag.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <dangan/schema.h>
#include <dangan/staging.h>
#include <libxml/tree.h>
#include <string.h>

typedef struct {
    const DaDossier *dossier;
    const char *folder; /* under construction */
    GPtrArray *pages;   /* DaPage *, borrowed */
    GPtrArray *payload; /* DaBagEntry * */
    DaPartFile part[DA_PART_N];
} Writing;

/* --- what cannot be written ---------------------------------------------------------------------------------------- */

static gboolean is_time(const char *text)
{
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    return time != NULL;
}

static gboolean is_name(const char *text)
{
    return text && da_path_is_safe(text) && !strchr(text, '/');
}

/* Returns what is wrong, NULL = nothing. Stems become identifiers in METS, so they must fit into one. */
static const char *fault_of_page(const DaPage *page, GHashTable *stems)
{
    g_autofree char *id = g_strconcat("file-", page->stem, NULL);
    if (!is_name(page->stem) || xmlValidateNCName(BAD_CAST id, 0) != 0)
        return "its stem cannot name files";
    if (!g_hash_table_add(stems, page->stem))
        return "its stem is used twice";
    if (page->captured && !is_time(page->captured))
        return "its time of capture is no RFC 3339 time";
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        const DaPageFile *file = &page->file[kind];
        if (!file->path && !file->extension)
            continue;
        if (!file->path || !is_name(file->extension))
            return "a file of it has no place or no extension";
        if (!file->sha256 || !da_digest_is_valid(file->sha256))
            return "a file of it has no digest";
    }
    return NULL;
}

static gboolean check_dossier(const DaDossier *dossier, const GPtrArray *pages, const char *path,
                              GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    if (!is_name(dossier->id) || strcmp(base, dossier->id) != 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot write package '%s': its folder must be named '%s'", path,
                            dossier->id ? dossier->id : "(no id)");
    if (!is_time(dossier->created))
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot write package '%s': it has no time of creation", dossier->id);
    g_autoptr(GHashTable) stems = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = g_ptr_array_index(pages, i);
        const char *fault = fault_of_page(page, stems);
        if (fault)
            return da_error_set(error, DA_ERROR_INPUT, "cannot write package '%s': page '%s': %s",
                                dossier->id, page->stem ? page->stem : "(no stem)", fault);
    }
    return TRUE;
}

/* --- payload ------------------------------------------------------------------------------------------------------- */

static char *place_of(const Writing *writing, const char *inside)
{
    g_autofree char *payload = da_package_payload(writing->dossier->id, inside);
    return g_build_filename(writing->folder, payload, NULL);
}

static void add_payload(Writing *writing, const char *inside, const char *sha256,
                        guint64 size_bytes)
{
    DaBagEntry *entry = g_new0(DaBagEntry, 1);
    entry->path = da_package_payload(writing->dossier->id, inside);
    entry->sha256 = g_strdup(sha256);
    entry->size_bytes = size_bytes;
    g_ptr_array_add(writing->payload, entry);
}

static gboolean make_folder_of(const Writing *writing, const char *inside, GError **error)
{
    g_autofree char *place = place_of(writing, inside);
    g_autofree char *folder = g_path_get_dirname(place);
    return da_dir_make(folder, error);
}

/* What is checked is the file in the package, after it was linked or copied. */
static gboolean place_page_file(Writing *writing, const DaPage *page, DaFileKind kind,
                                GError **error)
{
    const DaPageFile *file = &page->file[kind];
    g_autofree char *inside = da_package_page_inside(page, kind);
    g_autofree char *place = place_of(writing, inside);
    DaDigest digest;
    guint64 size_bytes = 0;
    if (!da_file_link_or_copy(file->path, place, error) ||
        !da_digest_file(place, &digest, &size_bytes, error)) {
        g_prefix_error(error,
                       "cannot store %s of page '%s' of dossier '%s': ", da_file_kind_name(kind),
                       page->stem, writing->dossier->id);
        return FALSE;
    }
    if (strcmp(digest.hex, file->sha256) != 0 || size_bytes != file->size_bytes)
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot store %s of page '%s' of dossier '%s': the file is not the one "
                            "that was recorded "
                            "(digest %s, recorded %s); ingest the dossier again",
                            da_file_kind_name(kind), page->stem, writing->dossier->id, digest.hex,
                            file->sha256);
    add_payload(writing, inside, digest.hex, size_bytes);
    return TRUE;
}

static gboolean place_pages(Writing *writing, GError **error)
{
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        g_autofree char *example =
            g_strdup_printf("representations/%s/data/page", da_file_kind_name(kind));
        if (da_package_has_kind(writing->pages, kind) && !make_folder_of(writing, example, error))
            return FALSE;
        for (guint i = 0; i < writing->pages->len; i++) {
            const DaPage *page = g_ptr_array_index(writing->pages, i);
            if (page->file[kind].path && !place_page_file(writing, page, kind, error))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean place_bytes(Writing *writing, const char *inside, GBytes *bytes, DaDigest *digest,
                            GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autofree char *place = place_of(writing, inside);
    if (!make_folder_of(writing, inside, error) || !da_file_write(place, data, size, error))
        return FALSE;
    *digest = da_digest_bytes(data, size);
    add_payload(writing, inside, digest->hex, size);
    return TRUE;
}

/* `bytes` NULL = a part that this package does not have. */
static gboolean place_part(Writing *writing, DaPart which, GBytes *bytes, GError **error)
{
    DaPartFile *part = &writing->part[which];
    if (!bytes)
        return TRUE;
    part->present = TRUE;
    part->size_bytes = g_bytes_get_size(bytes);
    return place_bytes(writing, da_package_part_inside(which), bytes, &part->digest, error);
}

static gboolean place_documents(Writing *writing, const DaProfile *profile, GBytes *report,
                                GError **error)
{
    g_autoptr(GBytes) descriptive = da_dossier_to_xml(writing->dossier, error);
    if (!descriptive)
        return FALSE;
    g_autoptr(GBytes) premis = da_package_premis(writing->dossier);
    g_autoptr(GBytes) schema = da_schema_text(DA_SCHEMA_DOSSIER, error);
    if (!schema)
        return FALSE;
    if (!place_part(writing, DA_PART_DOSSIER, descriptive, error) ||
        !place_part(writing, DA_PART_PREMIS, premis, error) ||
        !place_part(writing, DA_PART_PROFILE, profile ? profile->xml : NULL, error) ||
        !place_part(writing, DA_PART_REPORT, report, error) ||
        !place_part(writing, DA_PART_SCHEMA, schema, error))
        return FALSE;
    g_autoptr(GBytes) mets = da_package_mets(writing->dossier, writing->part);
    DaDigest digest;
    return place_bytes(writing, "METS.xml", mets, &digest, error);
}

gboolean da_package_write(const DaDossier *dossier, const DaProfile *profile, GBytes *report,
                          const char *path, gboolean replace, char **digest, GError **error)
{
    g_autoptr(GPtrArray) pages = da_package_pages(dossier);
    if (!check_dossier(dossier, pages, path, error))
        return FALSE;
    if (!replace && g_file_test(path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "cannot write package '%s': it exists already", dossier->id);
    g_autoptr(DaStaging) staging = da_staging_new(path, error);
    if (!staging)
        return FALSE;
    g_autoptr(GPtrArray) payload =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    Writing writing = {
        .dossier = dossier, .folder = da_staging_path(staging), .pages = pages, .payload = payload};
    if (!place_pages(&writing, error))
        return FALSE;
    da_fault_point("package.pages");
    if (!place_documents(&writing, profile, report, error) ||
        !da_bag_write(writing.folder, dossier->id, dossier->created, payload, error))
        return FALSE;
    da_fault_point("package.staged");
    g_autofree char *sum = da_bag_digest(writing.folder, error);
    if (!sum || !da_staging_commit(staging, replace, error))
        return FALSE;
    da_fault_point("package.committed");
    *digest = g_steal_pointer(&sum);
    return TRUE;
}
