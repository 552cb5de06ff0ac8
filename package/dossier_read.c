#include "dossier_xml.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <string.h>

xmlDoc *da_dossier_parse(GBytes *xml, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(xml, &size);
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "dossier.xml", error);
    if (!doc)
        return NULL;
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    if (!da_schema_validate(DA_SCHEMA_DOSSIER, doc, faults, error))
        return NULL;
    if (faults->len) {
        da_error_set(error, DA_ERROR_INPUT, "dossier.xml is not valid: %s",
                     (const char *)faults->pdata[0]);
        return NULL;
    }
    return g_steal_pointer(&doc);
}

static DaOrigin origin_of(const xmlNode *node)
{
    g_autofree char *name = da_xmlin_attribute(node, "origin");
    for (DaOrigin origin = DA_ORIGIN_LIST; name && origin <= DA_ORIGIN_PERSON; origin++)
        if (!strcmp(name, da_origin_names[origin]))
            return origin;
    return DA_ORIGIN_NONE;
}

static void read_values(DaDossier *dossier, const xmlNode *parent)
{
    for (const xmlNode *node = da_xmlin_first(parent); node; node = da_xmlin_next(node)) {
        DaField field = da_field_by_name((const char *)node->name);
        g_autofree char *text = da_xmlin_text(node);
        g_autofree char *source = da_xmlin_attribute(node, "source");
        if (field < DA_FIELD_N)
            da_dossier_set(dossier, field, text, origin_of(node), source);
    }
}

/* --- pages ------------------------------------------------------------------------------------------------------------ */

static void read_file(DaPageFile *file, const xmlNode *node)
{
    file->extension = da_xmlin_attribute(node, "extension");
    file->sha256 = da_xmlin_attribute(node, "sha256");
    file->size_bytes = da_xmlin_number(node, "size-bytes");
}

static void read_correction(DaPage *page, const xmlNode *node)
{
    g_autofree char *what = da_xmlin_attribute(node, "what");
    g_autofree char *value = da_xmlin_attribute(node, "value");
    g_autofree char *by = da_xmlin_attribute(node, "by");
    g_autofree char *at = da_xmlin_attribute(node, "at");
    da_page_add_correction(page, what, value, by, at);
}

static void read_page_part(DaPage *page, const xmlNode *node)
{
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        if (da_xmlin_is(node, da_file_kind_name(kind)))
            read_file(&page->file[kind], node);
    if (da_xmlin_is(node, "container")) {
        page->container_sha256 = da_xmlin_attribute(node, "sha256");
        page->container_frame = (guint)da_xmlin_number(node, "frame");
    }
    if (da_xmlin_is(node, "recognition")) {
        page->ocr_engine = da_xmlin_attribute(node, "engine");
        page->ocr_confidence = da_xmlin_double(node, "confidence");
    }
    if (da_xmlin_is(node, "correction"))
        read_correction(page, node);
}

static DaPage *read_page(const xmlNode *node)
{
    DaPage *page = da_page_new();
    page->side = (guint)da_xmlin_number(node, "side");
    page->stem = da_xmlin_attribute(node, "stem");
    page->blank = da_xmlin_flag(node, "blank");
    page->dpi = (guint)da_xmlin_number(node, "dpi");
    page->width_px = (guint)da_xmlin_number(node, "width-px");
    page->height_px = (guint)da_xmlin_number(node, "height-px");
    page->master_width_px = (guint)da_xmlin_number(node, "master-width-px");
    page->master_height_px = (guint)da_xmlin_number(node, "master-height-px");
    page->turn_cw_deg = (int)da_xmlin_number(node, "turn-cw-deg");
    page->turn_confidence = da_xmlin_double(node, "turn-confidence");
    page->skew_cw_deg = da_xmlin_double(node, "skew-cw-deg");
    page->resampled = da_xmlin_flag(node, "resampled");
    page->cropped = xmlHasProp(node, BAD_CAST "crop-x-px") != NULL;
    page->crop_x_px = (guint)da_xmlin_number(node, "crop-x-px");
    page->crop_y_px = (guint)da_xmlin_number(node, "crop-y-px");
    page->captured = da_xmlin_attribute(node, "captured");
    for (const xmlNode *part = da_xmlin_first(node); part; part = da_xmlin_next(part))
        read_page_part(page, part);
    return page;
}

/* --- materials --------------------------------------------------------------------------------------------------------- */

static DaAddition *read_addition(const xmlNode *node)
{
    DaAddition *addition = g_new0(DaAddition, 1);
    addition->at = da_xmlin_attribute(node, "at");
    addition->by = da_xmlin_attribute(node, "by");
    addition->from = da_xmlin_attribute(node, "from");
    addition->digest = da_xmlin_attribute(node, "package");
    addition->made = da_xmlin_attribute(node, "made");
    addition->operator_name = da_xmlin_attribute(node, "operator");
    addition->scanner = da_xmlin_attribute(node, "scanner");
    return addition;
}

static void read_material_part(DaMaterial *material, const xmlNode *node)
{
    g_autofree char *text = da_xmlin_text(node);
    if (da_xmlin_is(node, "title"))
        material->title = g_steal_pointer(&text);
    else if (da_xmlin_is(node, "formed"))
        da_date_parse(text, &material->formed, NULL);
    else if (da_xmlin_is(node, "copies"))
        material->copies = (guint)g_ascii_strtoull(text, NULL, 10);
    else if (da_xmlin_is(node, "pages-claimed"))
        material->pages_claimed = (guint)g_ascii_strtoull(text, NULL, 10);
    else if (da_xmlin_is(node, "note"))
        material->note = g_steal_pointer(&text);
    else if (da_xmlin_is(node, "added"))
        material->addition = read_addition(node);
}

/* Everything that is told by stem (digests, text, findings) would mix two pages of one stem up. */
static gboolean add_page(DaMaterial *material, const xmlNode *node, GHashTable *stems,
                         GError **error)
{
    DaPage *page = read_page(node);
    g_ptr_array_add(material->pages, page);
    return g_hash_table_add(stems, page->stem) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "dossier.xml is not valid: line %ld: stem '%s' twice", xmlGetLineNo(node),
                        page->stem);
}

static gboolean read_material(DaDossier *dossier, const xmlNode *node, GHashTable *stems,
                              GError **error)
{
    DaMaterial *material = da_material_new();
    g_ptr_array_add(dossier->materials, material);
    material->class_code = da_xmlin_attribute(node, "class");
    material->sequence = (guint)da_xmlin_number(node, "sequence");
    material->row = (guint)da_xmlin_number(node, "row");
    for (const xmlNode *part = da_xmlin_first(node); part; part = da_xmlin_next(part)) {
        if (!da_xmlin_is(part, "page"))
            read_material_part(material, part);
        else if (!add_page(material, part, stems, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_catalogue(DaDossier *dossier, const xmlNode *node, GError **error)
{
    g_autoptr(GHashTable) stems = g_hash_table_new(g_str_hash, g_str_equal);
    dossier->draft = da_xmlin_flag(node, "draft");
    for (const xmlNode *part = da_xmlin_first(node); part; part = da_xmlin_next(part))
        if (!read_material(dossier, part, stems, error))
            return FALSE;
    return TRUE;
}

/* --- claims ------------------------------------------------------------------------------------------------------------- */

static DaClaim *read_claim(const xmlNode *node)
{
    g_autofree char *field = da_xmlin_attribute(node, "field");
    g_autofree char *date = da_xmlin_attribute(node, "date");
    DaClaim *claim =
        da_claim_new(strcmp(field, "title") ? da_field_by_name(field) : DA_CLAIM_TITLE);
    claim->text = da_xmlin_text(node);
    claim->stem = da_xmlin_attribute(node, "stem");
    claim->doubtful = da_xmlin_flag(node, "doubtful");
    claim->confidence = da_xmlin_double(node, "confidence");
    claim->x_px = (int)da_xmlin_double(node, "x-px");
    claim->y_px = (int)da_xmlin_double(node, "y-px");
    claim->w_px = (int)da_xmlin_number(node, "w-px");
    claim->h_px = (int)da_xmlin_number(node, "h-px");
    da_date_parse(date, &claim->date, NULL);
    return claim;
}

/* --- dossier ------------------------------------------------------------------------------------------------------------ */

static gboolean read_part(DaDossier *dossier, const xmlNode *node, GError **error)
{
    if (da_xmlin_is(node, "catalogue"))
        return read_catalogue(dossier, node, error);
    if (da_xmlin_is(node, "claims")) {
        for (const xmlNode *part = da_xmlin_first(node); part; part = da_xmlin_next(part))
            g_ptr_array_add(dossier->claims, read_claim(part));
    } else if (da_xmlin_is(node, "person") || da_xmlin_is(node, "custody")) {
        read_values(dossier, node);
    } else if (da_xmlin_is(node, "profile")) {
        dossier->profile_name = da_xmlin_attribute(node, "name");
        dossier->profile_version = da_xmlin_attribute(node, "version");
        dossier->scheme = da_xmlin_attribute(node, "scheme");
    } else if (da_xmlin_is(node, "district")) {
        dossier->district = da_xmlin_text(node);
    } else if (da_xmlin_is(node, "operator")) {
        dossier->operator_name = da_xmlin_text(node);
    } else if (da_xmlin_is(node, "scanner")) {
        dossier->scanner = da_xmlin_text(node);
    }
    return TRUE;
}

DaDossier *da_dossier_from_xml(GBytes *xml, GError **error)
{
    g_autoptr(xmlDoc) doc = da_dossier_parse(xml, error);
    if (!doc)
        return NULL;
    g_autoptr(DaDossier) dossier = da_dossier_new();
    const xmlNode *root = xmlDocGetRootElement(doc);
    dossier->id = da_xmlin_attribute(root, "id");
    dossier->created = da_xmlin_attribute(root, "created");
    dossier->first_created = da_xmlin_attribute(root, "first-created");
    for (const xmlNode *node = da_xmlin_first(root); node; node = da_xmlin_next(node))
        if (!read_part(dossier, node, error))
            return NULL;
    return g_steal_pointer(&dossier);
}
