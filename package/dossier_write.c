#include "dossier_xml.h"
#include "plain.h"
#include "xmlout.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <math.h>
#include <stdlib.h>

const char *const da_origin_names[] = {NULL,  "list",    "catalogue", "batch",
                                       "ocr", "derived", "person"};

/* The document as it grows, and the first text that it cannot hold. */
typedef struct {
    DaXmlOut *out;
    char *fault;
} Writer;

static void look_at(Writer *writer, const char *name, const char *text)
{
    g_autofree char *fault = text && !writer->fault ? da_plain_fault(text) : NULL;
    if (fault)
        writer->fault = g_strdup_printf("%s holds %s", name, fault);
}

static void put_attribute(Writer *writer, const char *name, const char *text)
{
    look_at(writer, name, text);
    da_xmlout_attribute(writer->out, name, text);
}

static void put_element(Writer *writer, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    look_at(writer, name, text);
    da_xmlout_element(writer->out, name, text);
}

static void put_flag(Writer *writer, const char *name, gboolean value)
{
    da_xmlout_attribute(writer->out, name, value ? "true" : "false");
}

/* 0 says "unknown" throughout the model, and then there is no attribute. */
static void put_count(Writer *writer, const char *name, guint value)
{
    if (value)
        da_xmlout_attributef(writer->out, name, "%u", value);
}

/* As few digits as give the same number back. */
static void put_number(Writer *writer, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isnan(value))
        return;
    g_ascii_formatd(text, sizeof text, "%.15g", value);
    if (g_ascii_strtod(text, NULL) != value)
        g_ascii_dtostr(text, sizeof text, value);
    da_xmlout_attribute(writer->out, name, text);
}

/* --- person and custody ---------------------------------------------------------------------------------------------- */

static void put_value(Writer *writer, DaField field, const DaValue *value)
{
    if (!value->text)
        return;
    look_at(writer, da_field_name(field), value->text);
    da_xmlout_open(writer->out, da_field_name(field));
    put_attribute(writer, "origin", da_origin_names[value->origin]);
    put_attribute(writer, "source", value->source);
    da_xmlout_text(writer->out, value->text);
    da_xmlout_close(writer->out);
}

static void put_values(Writer *writer, const char *element, const DaDossier *dossier, DaField from,
                       DaField to)
{
    da_xmlout_open(writer->out, element);
    for (DaField field = from; field < to; field++)
        put_value(writer, field, &dossier->field[field]);
    da_xmlout_close(writer->out);
}

/* --- catalogue -------------------------------------------------------------------------------------------------------- */

static void put_file(Writer *writer, const char *element, const DaPageFile *file)
{
    if (!file->path && !file->extension && !file->sha256)
        return;
    da_xmlout_open(writer->out, element);
    put_attribute(writer, "extension", file->extension);
    put_attribute(writer, "sha256", file->sha256);
    da_xmlout_attributef(writer->out, "size-bytes", "%" G_GUINT64_FORMAT, file->size_bytes);
    da_xmlout_close(writer->out);
}

static void put_recognition(Writer *writer, const DaPage *page)
{
    if (!page->ocr_engine && isnan(page->ocr_confidence))
        return;
    da_xmlout_open(writer->out, "recognition");
    put_attribute(writer, "engine", page->ocr_engine);
    put_number(writer, "confidence", page->ocr_confidence);
    da_xmlout_close(writer->out);
}

static void put_container(Writer *writer, const DaPage *page)
{
    if (!page->container_sha256)
        return;
    da_xmlout_open(writer->out, "container");
    put_attribute(writer, "sha256", page->container_sha256);
    put_count(writer, "frame", page->container_frame);
    da_xmlout_close(writer->out);
}

static void put_corrections(Writer *writer, const DaPage *page)
{
    for (guint i = 0; page->corrections && i < page->corrections->len; i++) {
        const DaCorrection *correction = page->corrections->pdata[i];
        look_at(writer, "a correction", correction->by);
        da_xmlout_open(writer->out, "correction");
        put_attribute(writer, "what", correction->what);
        put_attribute(writer, "value", correction->value);
        put_attribute(writer, "by", correction->by);
        put_attribute(writer, "at", correction->at);
        da_xmlout_close(writer->out);
    }
}

static void put_page(Writer *writer, const DaPage *page)
{
    da_xmlout_open(writer->out, "page");
    da_xmlout_attributef(writer->out, "side", "%u", page->side);
    put_attribute(writer, "stem", page->stem);
    put_flag(writer, "blank", page->blank);
    put_count(writer, "dpi", page->dpi);
    put_count(writer, "width-px", page->width_px);
    put_count(writer, "height-px", page->height_px);
    put_count(writer, "master-width-px", page->master_width_px);
    put_count(writer, "master-height-px", page->master_height_px);
    da_xmlout_attributef(writer->out, "turn-cw-deg", "%d", page->turn_cw_deg);
    put_number(writer, "turn-confidence", page->turn_confidence);
    put_number(writer, "skew-cw-deg", page->skew_cw_deg);
    put_flag(writer, "resampled", page->resampled);
    if (page->cropped) {
        da_xmlout_attributef(writer->out, "crop-x-px", "%u", page->crop_x_px);
        da_xmlout_attributef(writer->out, "crop-y-px", "%u", page->crop_y_px);
    }
    put_attribute(writer, "captured", page->captured);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        put_file(writer, da_file_kind_name(kind), &page->file[kind]);
    put_container(writer, page);
    put_recognition(writer, page);
    put_corrections(writer, page);
    da_xmlout_close(writer->out);
}

static void put_number_element(Writer *writer, const char *name, guint value)
{
    if (value)
        da_xmlout_elementf(writer->out, name, "%u", value);
}

static void put_addition(Writer *writer, const DaAddition *addition)
{
    if (!addition)
        return;
    da_xmlout_open(writer->out, "added");
    put_attribute(writer, "at", addition->at);
    put_attribute(writer, "by", addition->by);
    put_attribute(writer, "from", addition->from);
    put_attribute(writer, "package", addition->digest);
    put_attribute(writer, "made", addition->made);
    put_attribute(writer, "operator", addition->operator_name);
    put_attribute(writer, "scanner", addition->scanner);
    da_xmlout_close(writer->out);
}

static void put_material(Writer *writer, const DaMaterial *material)
{
    g_autofree char *formed = da_date_format(material->formed);
    da_xmlout_open(writer->out, "material");
    put_attribute(writer, "class", material->class_code);
    da_xmlout_attributef(writer->out, "sequence", "%u", material->sequence);
    put_count(writer, "row", material->row);
    put_element(writer, "title", material->title);
    put_element(writer, "formed", formed);
    put_number_element(writer, "copies", material->copies);
    put_number_element(writer, "pages-claimed", material->pages_claimed);
    put_element(writer, "note", material->note);
    put_addition(writer, material->addition);
    for (guint i = 0; i < material->pages->len; i++)
        put_page(writer, material->pages->pdata[i]);
    da_xmlout_close(writer->out);
}

static void put_catalogue(Writer *writer, const DaDossier *dossier)
{
    da_xmlout_open(writer->out, "catalogue");
    put_flag(writer, "draft", dossier->draft);
    for (guint i = 0; i < dossier->materials->len; i++)
        put_material(writer, dossier->materials->pdata[i]);
    da_xmlout_close(writer->out);
}

/* --- claims ------------------------------------------------------------------------------------------------------------ */

static void put_claim(Writer *writer, const DaClaim *claim)
{
    g_autofree char *date = da_date_format(claim->date);
    look_at(writer, "a claim", claim->text);
    da_xmlout_open(writer->out, "claim");
    put_attribute(writer, "field", da_claim_name(claim));
    put_attribute(writer, "date", *date ? date : NULL);
    put_flag(writer, "doubtful", claim->doubtful);
    put_attribute(writer, "stem", claim->stem);
    da_xmlout_attributef(writer->out, "x-px", "%d", claim->x_px);
    da_xmlout_attributef(writer->out, "y-px", "%d", claim->y_px);
    da_xmlout_attributef(writer->out, "w-px", "%d", claim->w_px);
    da_xmlout_attributef(writer->out, "h-px", "%d", claim->h_px);
    put_number(writer, "confidence", claim->confidence);
    da_xmlout_text(writer->out, claim->text);
    da_xmlout_close(writer->out);
}

static void put_claims(Writer *writer, const DaDossier *dossier)
{
    if (dossier->claims->len == 0)
        return;
    da_xmlout_open(writer->out, "claims");
    for (guint i = 0; i < dossier->claims->len; i++)
        put_claim(writer, dossier->claims->pdata[i]);
    da_xmlout_close(writer->out);
}

/* --- dossier ---------------------------------------------------------------------------------------------------------- */

static void put_profile(Writer *writer, const DaDossier *dossier)
{
    if (!dossier->profile_name && !dossier->profile_version && !dossier->scheme)
        return;
    da_xmlout_open(writer->out, "profile");
    put_attribute(writer, "name", dossier->profile_name);
    put_attribute(writer, "version", dossier->profile_version);
    put_attribute(writer, "scheme", dossier->scheme);
    da_xmlout_close(writer->out);
}

static void put_dossier(Writer *writer, const DaDossier *dossier)
{
    da_xmlout_open(writer->out, "dossier");
    da_xmlout_attribute(writer->out, "xmlns", DA_DOSSIER_NAMESPACE);
    put_attribute(writer, "id", dossier->id);
    put_attribute(writer, "created", dossier->created);
    put_attribute(writer, "first-created", dossier->first_created);
    put_profile(writer, dossier);
    put_element(writer, "district", dossier->district);
    put_element(writer, "operator", dossier->operator_name);
    put_element(writer, "scanner", dossier->scanner);
    put_values(writer, "person", dossier, 0, DA_FIELD_ARCHIVAL_NUMBER);
    put_values(writer, "custody", dossier, DA_FIELD_ARCHIVAL_NUMBER, DA_FIELD_N);
    put_catalogue(writer, dossier);
    put_claims(writer, dossier);
    da_xmlout_close(writer->out);
}

GBytes *da_dossier_to_xml(const DaDossier *dossier, GError **error)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    Writer writer = {.out = out};
    const char *id = dossier->id ? dossier->id : "";
    put_dossier(&writer, dossier);
    g_autofree char *fault = writer.fault;
    g_autoptr(GBytes) bytes = da_xmlout_finish(out);
    if (fault) {
        da_error_set(error, DA_ERROR_INPUT, "cannot write dossier.xml of '%s': %s", id, fault);
        return NULL;
    }
    /* What the schema refuses here would be refused by everybody who receives the package. */
    g_autoptr(xmlDoc) doc = da_dossier_parse(bytes, error);
    if (!doc) {
        g_prefix_error(error, "cannot write dossier.xml of '%s': ", id);
        return NULL;
    }
    return g_steal_pointer(&bytes);
}
