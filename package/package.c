#include "package_parts.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <string.h>

/* A dossier of 100,000 sides needs less. */
#define DOSSIER_MAX_BYTES ((gsize)64 << 20)

/* --- where things lie ---------------------------------------------------------------------------------------------- */

char *da_package_payload(const char *id, const char *inside)
{
    return g_strdup_printf("data/%s/%s", id, inside);
}

char *da_package_page_file(const char *id, DaFileKind kind, const char *stem, const char *extension)
{
    return g_strdup_printf("data/%s/representations/%s/data/%s.%s", id, da_file_kind_name(kind),
                           stem, extension);
}

char *da_package_page_inside(const DaPage *page, DaFileKind kind)
{
    return g_strdup_printf("representations/%s/data/%s.%s", da_file_kind_name(kind), page->stem,
                           page->file[kind].extension);
}

const char *da_package_part_inside(DaPart part)
{
    static const char *const inside[DA_PART_N] = {
        [DA_PART_DOSSIER] = "metadata/descriptive/dossier.xml",
        [DA_PART_PREMIS] = "metadata/preservation/premis.xml",
        [DA_PART_PROFILE] = "documentation/profile.xml",
        [DA_PART_REPORT] = "documentation/ingest-report.json",
        [DA_PART_SCHEMA] = "schemas/dossier.xsd",
    };
    return inside[part];
}

const char *da_package_mime(const char *extension)
{
    static const struct {
        const char *extension, *mime;
    } known[] = {
        {"jpg", "image/jpeg"},        {"jpeg", "image/jpeg"}, {"tif", "image/tiff"},
        {"tiff", "image/tiff"},       {"png", "image/png"},   {"xml", "application/xml"},
        {"json", "application/json"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(known[i].extension, extension))
            return known[i].mime;
    return "application/octet-stream";
}

GPtrArray *da_package_pages(const DaDossier *dossier)
{
    GPtrArray *pages = g_ptr_array_new();
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = g_ptr_array_index(dossier->materials, m);
        for (guint p = 0; p < material->pages->len; p++)
            g_ptr_array_add(pages, g_ptr_array_index(material->pages, p));
    }
    return pages;
}

gboolean da_package_has_kind(const GPtrArray *pages, DaFileKind kind)
{
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = g_ptr_array_index(pages, i);
        if (page->file[kind].extension)
            return TRUE;
    }
    return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

gboolean da_package_is(const char *path)
{
    g_autofree char *declaration = g_build_filename(path, "bagit.txt", NULL);
    return g_file_test(declaration, G_FILE_TEST_IS_REGULAR);
}

/* The one folder below data/: the package's id. */
static char *payload_folder(const char *path, GError **error)
{
    g_autofree char *data = g_build_filename(path, "data", NULL);
    g_autoptr(GPtrArray) names = da_package_is(path) ? da_dir_list(data, NULL) : NULL;
    if (!names || names->len != 1) {
        g_autofree char *shown = g_filename_display_name(path);
        da_error_set(error, DA_ERROR_INPUT, "cannot read package '%s': %s", shown,
                     names ? "data/ does not hold exactly one folder" : "it is no BagIt bag");
        return NULL;
    }
    return g_strdup(g_ptr_array_index(names, 0));
}

/* Names come from a file that anyone may have written. */
static gboolean set_page_paths(DaPage *page, const char *folder, GError **error)
{
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        if (!page->file[kind].extension)
            continue;
        g_autofree char *inside = da_package_page_inside(page, kind);
        if (!da_path_is_safe(inside) || strchr(page->stem, '/') ||
            strchr(page->file[kind].extension, '/'))
            return da_error_set(error, DA_ERROR_INPUT, "dossier.xml names the unsafe file '%s'",
                                inside);
        g_free(page->file[kind].path);
        page->file[kind].path = g_build_filename(folder, inside, NULL);
    }
    return TRUE;
}

static DaDossier *read_dossier(const char *folder, const char *id, GError **error)
{
    g_autofree char *path = g_build_filename(folder, da_package_part_inside(DA_PART_DOSSIER), NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        da_error_set(error, DA_ERROR_INPUT, "it has no dossier.xml");
        return NULL;
    }
    g_autoptr(GBytes) xml = da_file_read(path, DOSSIER_MAX_BYTES, error);
    g_autoptr(DaDossier) dossier = xml ? da_dossier_from_xml(xml, error) : NULL;
    if (!dossier)
        return NULL;
    if (g_strcmp0(dossier->id, id) != 0) {
        da_error_set(error, DA_ERROR_INPUT,
                     "dossier.xml belongs to package '%s', the folder is '%s'",
                     dossier->id ? dossier->id : "", id);
        return NULL;
    }
    g_autoptr(GPtrArray) pages = da_package_pages(dossier);
    for (guint i = 0; i < pages->len; i++)
        if (!set_page_paths(g_ptr_array_index(pages, i), folder, error))
            return NULL;
    return g_steal_pointer(&dossier);
}

DaDossier *da_package_read(const char *path, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *id = payload_folder(absolute, error);
    if (!id)
        return NULL;
    g_autofree char *folder = g_build_filename(absolute, "data", id, NULL);
    DaDossier *dossier = read_dossier(folder, id, error);
    if (!dossier) {
        g_autofree char *shown = g_filename_display_name(path);
        g_prefix_error(error, "cannot read package '%s': ", shown);
    }
    return dossier;
}
