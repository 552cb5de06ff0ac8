/* One METS for the whole package: docs/decisions/003-one-mets-per-dossier.md. */
#include "package_parts.h"
#include "xmlout.h"

/* Catalogue facts are named by number only: titles and names stand in dossier.xml. */

static const char *const group_id[DA_FILE_N] = {"group-master", "group-access", "group-ocr"};

static gboolean has_documentation(const DaPartFile *part)
{
    return part[DA_PART_PROFILE].present || part[DA_PART_REPORT].present;
}

/* --- header and metadata ------------------------------------------------------------------------------------------- */

/* Who hands over: SIP15 to SIP20. An enterprise that nobody named is not invented. */
static void write_submitter(DaXmlOut *out, const DaDossier *dossier)
{
    const char *employer = da_dossier_get(dossier, DA_FIELD_EMPLOYER);
    const char *code = da_dossier_get(dossier, DA_FIELD_EMPLOYER_CODE);
    if (!employer)
        return;
    da_xmlout_open(out, "agent");
    da_xmlout_attribute(out, "ROLE", "CREATOR");
    da_xmlout_attribute(out, "TYPE", "ORGANIZATION");
    da_xmlout_element(out, "name", employer);
    if (code) {
        da_xmlout_open(out, "note");
        da_xmlout_attribute(out, "csip:NOTETYPE", "IDENTIFICATIONCODE");
        da_xmlout_text(out, code);
        da_xmlout_close(out);
    }
    da_xmlout_close(out);
}

static void write_header(DaXmlOut *out, const DaDossier *dossier)
{
    da_xmlout_open(out, "metsHdr");
    da_xmlout_attribute(out, "CREATEDATE", dossier->created);
    da_xmlout_attribute(out, "csip:OAISPACKAGETYPE", "SIP");
    da_xmlout_open(out, "agent");
    da_xmlout_attribute(out, "ROLE", "CREATOR");
    da_xmlout_attribute(out, "TYPE", "OTHER");
    da_xmlout_attribute(out, "OTHERTYPE", "SOFTWARE");
    da_xmlout_element(out, "name", "dangan");
    da_xmlout_open(out, "note");
    da_xmlout_attribute(out, "csip:NOTETYPE", "SOFTWARE VERSION");
    da_xmlout_text(out, DANGAN_VERSION);
    da_xmlout_close(out);
    da_xmlout_close(out);
    write_submitter(out, dossier);
    da_xmlout_close(out);
}

static void write_location(DaXmlOut *out, const char *inside)
{
    g_autofree char *href = g_uri_escape_string(inside, "/", FALSE);
    da_xmlout_attribute(out, "LOCTYPE", "URL");
    da_xmlout_attribute(out, "xlink:type", "simple");
    da_xmlout_attribute(out, "xlink:href", href);
}

static void write_file_core(DaXmlOut *out, const char *mime, guint64 size_bytes,
                            const char *created, const char *sha256)
{
    da_xmlout_attribute(out, "MIMETYPE", mime);
    da_xmlout_attributef(out, "SIZE", "%" G_GUINT64_FORMAT, size_bytes);
    da_xmlout_attribute(out, "CREATED", created);
    da_xmlout_attribute(out, "CHECKSUM", sha256);
    da_xmlout_attribute(out, "CHECKSUMTYPE", "SHA-256");
}

static void write_reference(DaXmlOut *out, DaPart which, const DaPartFile *part, const char *type,
                            const char *created)
{
    da_xmlout_open(out, "mdRef");
    write_location(out, da_package_part_inside(which));
    da_xmlout_attribute(out, "MDTYPE", type);
    if (g_str_equal(type, "OTHER"))
        da_xmlout_attribute(out, "OTHERMDTYPE", DA_DOSSIER_NAMESPACE);
    write_file_core(out, "application/xml", part[which].size_bytes, created,
                    part[which].digest.hex);
    da_xmlout_close(out);
}

static void write_metadata(DaXmlOut *out, const DaDossier *dossier, const DaPartFile *part)
{
    da_xmlout_open(out, "dmdSec");
    da_xmlout_attribute(out, "ID", "dmd-dossier");
    da_xmlout_attribute(out, "CREATED", dossier->created);
    da_xmlout_attribute(out, "STATUS", "CURRENT");
    write_reference(out, DA_PART_DOSSIER, part, "OTHER", dossier->created);
    da_xmlout_close(out);
    da_xmlout_open(out, "amdSec");
    da_xmlout_attribute(out, "ID", "amd");
    da_xmlout_open(out, "digiprovMD");
    da_xmlout_attribute(out, "ID", "digiprov-premis");
    da_xmlout_attribute(out, "CREATED", dossier->created);
    da_xmlout_attribute(out, "STATUS", "CURRENT");
    write_reference(out, DA_PART_PREMIS, part, "PREMIS", dossier->created);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static void write_file(DaXmlOut *out, const char *id, const char *inside, const char *mime,
                       guint64 size_bytes, const char *created, const char *sha256)
{
    da_xmlout_open(out, "file");
    da_xmlout_attribute(out, "ID", id);
    write_file_core(out, mime, size_bytes, created, sha256);
    da_xmlout_open(out, "FLocat");
    write_location(out, inside);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

static char *file_id(const DaPage *page, DaFileKind kind)
{
    return g_strdup_printf("file-%s-%s", da_file_kind_name(kind), page->stem);
}

static void write_page_file(DaXmlOut *out, const DaDossier *dossier, const DaPage *page,
                            DaFileKind kind)
{
    const DaPageFile *file = &page->file[kind];
    if (!file->extension)
        return;
    g_autofree char *id = file_id(page, kind);
    g_autofree char *inside = da_package_page_inside(page, kind);
    const char *created =
        kind == DA_FILE_MASTER && page->captured ? page->captured : dossier->created;
    write_file(out, id, inside, da_package_mime(file->extension), file->size_bytes, created,
               file->sha256);
}

static void write_representation(DaXmlOut *out, const DaDossier *dossier, const GPtrArray *pages,
                                 DaFileKind kind)
{
    if (!da_package_has_kind(pages, kind))
        return;
    da_xmlout_open(out, "fileGrp");
    da_xmlout_attribute(out, "ID", group_id[kind]);
    da_xmlout_attribute(out, "ADMID", "digiprov-premis");
    da_xmlout_attributef(out, "USE", "Representations/%s", da_file_kind_name(kind));
    da_xmlout_attribute(out, "csip:CONTENTINFORMATIONTYPE", "MIXED");
    for (guint i = 0; i < pages->len; i++)
        write_page_file(out, dossier, g_ptr_array_index(pages, i), kind);
    da_xmlout_close(out);
}

static void write_document(DaXmlOut *out, const DaDossier *dossier, const DaPartFile *part,
                           DaPart which, const char *id, const char *mime)
{
    if (part[which].present)
        write_file(out, id, da_package_part_inside(which), mime, part[which].size_bytes,
                   dossier->created, part[which].digest.hex);
}

static void write_files(DaXmlOut *out, const DaDossier *dossier, const GPtrArray *pages,
                        const DaPartFile *part)
{
    if (pages->len == 0 && !has_documentation(part) && !part[DA_PART_SCHEMA].present)
        return;
    da_xmlout_open(out, "fileSec");
    da_xmlout_attribute(out, "ID", "files");
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        write_representation(out, dossier, pages, kind);
    if (has_documentation(part)) {
        da_xmlout_open(out, "fileGrp");
        da_xmlout_attribute(out, "ID", "group-documentation");
        da_xmlout_attribute(out, "USE", "Documentation");
        write_document(out, dossier, part, DA_PART_PROFILE, "file-profile", "application/xml");
        write_document(out, dossier, part, DA_PART_REPORT, "file-report", "application/json");
        da_xmlout_close(out);
    }
    if (part[DA_PART_SCHEMA].present) {
        da_xmlout_open(out, "fileGrp");
        da_xmlout_attribute(out, "ID", "group-schemas");
        da_xmlout_attribute(out, "USE", "Schemas");
        write_document(out, dossier, part, DA_PART_SCHEMA, "file-schema", "application/xml");
        da_xmlout_close(out);
    }
    da_xmlout_close(out);
}

/* --- structure ----------------------------------------------------------------------------------------------------- */

static void write_pointer(DaXmlOut *out, const char *id)
{
    da_xmlout_open(out, "fptr");
    da_xmlout_attribute(out, "FILEID", id);
    da_xmlout_close(out);
}

static void open_div(DaXmlOut *out, const char *id, const char *label)
{
    da_xmlout_open(out, "div");
    da_xmlout_attribute(out, "ID", id);
    da_xmlout_attribute(out, "LABEL", label);
}

/* Source: CSIP 2.1, CSIP80 to CSIP118. */
static void write_csip_structure(DaXmlOut *out, const DaDossier *dossier, const GPtrArray *pages,
                                 const DaPartFile *part)
{
    da_xmlout_open(out, "structMap");
    da_xmlout_attribute(out, "ID", "structure-csip");
    da_xmlout_attribute(out, "TYPE", "PHYSICAL");
    da_xmlout_attribute(out, "LABEL", "CSIP");
    open_div(out, "div-package", dossier->id);
    open_div(out, "div-metadata", "Metadata");
    da_xmlout_attribute(out, "ADMID", "digiprov-premis");
    da_xmlout_attribute(out, "DMDID", "dmd-dossier");
    da_xmlout_close(out);
    if (has_documentation(part)) {
        open_div(out, "div-documentation", "Documentation");
        write_pointer(out, "group-documentation");
        da_xmlout_close(out);
    }
    if (part[DA_PART_SCHEMA].present) {
        open_div(out, "div-schemas", "Schemas");
        write_pointer(out, "group-schemas");
        da_xmlout_close(out);
    }
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        if (!da_package_has_kind(pages, kind))
            continue;
        g_autofree char *id = g_strdup_printf("div-%s", da_file_kind_name(kind));
        g_autofree char *label = g_strdup_printf("Representations/%s", da_file_kind_name(kind));
        open_div(out, id, label);
        write_pointer(out, group_id[kind]);
        da_xmlout_close(out);
    }
    da_xmlout_close(out);
    da_xmlout_close(out);
}

static void write_page(DaXmlOut *out, const DaPage *page)
{
    da_xmlout_open(out, "div");
    da_xmlout_attribute(out, "TYPE", page->blank ? "blank page" : "page");
    da_xmlout_attributef(out, "ORDER", "%u", page->side);
    da_xmlout_attribute(out, "LABEL", page->stem);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        if (!page->file[kind].extension)
            continue;
        g_autofree char *id = file_id(page, kind);
        write_pointer(out, id);
    }
    da_xmlout_close(out);
}

static void write_material(DaXmlOut *out, const DaMaterial *material)
{
    da_xmlout_open(out, "div");
    da_xmlout_attribute(out, "TYPE", "material");
    da_xmlout_attributef(out, "ORDER", "%u", material->sequence);
    da_xmlout_attributef(out, "LABEL", "%s-%u", material->class_code, material->sequence);
    for (guint i = 0; i < material->pages->len; i++)
        write_page(out, g_ptr_array_index(material->pages, i));
    da_xmlout_close(out);
}

/* Classes in the order of the catalogue: a class that comes back later is a division of its own. */
static void write_catalogue_structure(DaXmlOut *out, const DaDossier *dossier)
{
    const char *class_code = NULL;
    guint order = 0;
    da_xmlout_open(out, "structMap");
    da_xmlout_attribute(out, "ID", "structure-catalogue");
    da_xmlout_attribute(out, "TYPE", "LOGICAL");
    da_xmlout_attribute(out, "LABEL", "catalogue");
    da_xmlout_open(out, "div");
    da_xmlout_attribute(out, "TYPE", "dossier");
    da_xmlout_attribute(out, "DMDID", "dmd-dossier");
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = g_ptr_array_index(dossier->materials, i);
        if (g_strcmp0(material->class_code, class_code) != 0) {
            if (class_code)
                da_xmlout_close(out);
            class_code = material->class_code;
            da_xmlout_open(out, "div");
            da_xmlout_attribute(out, "TYPE", "class");
            da_xmlout_attributef(out, "ORDER", "%u", ++order);
            da_xmlout_attribute(out, "LABEL", class_code);
        }
        write_material(out, material);
    }
    if (class_code)
        da_xmlout_close(out);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

GBytes *da_package_mets(const DaDossier *dossier, const DaPartFile *part)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    g_autoptr(GPtrArray) pages = da_package_pages(dossier);
    da_xmlout_open(out, "mets");
    da_xmlout_attribute(out, "xmlns", "http://www.loc.gov/METS/");
    da_xmlout_attribute(out, "xmlns:xlink", "http://www.w3.org/1999/xlink");
    da_xmlout_attribute(out, "xmlns:csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS");
    da_xmlout_attribute(out, "OBJID", dossier->id);
    da_xmlout_attribute(out, "TYPE", "Mixed");
    da_xmlout_attribute(out, "PROFILE", "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml");
    da_xmlout_attribute(out, "csip:CONTENTINFORMATIONTYPE", "MIXED");
    write_header(out, dossier);
    write_metadata(out, dossier, part);
    write_files(out, dossier, pages, part);
    write_csip_structure(out, dossier, pages, part);
    write_catalogue_structure(out, dossier);
    return da_xmlout_finish(out);
}
