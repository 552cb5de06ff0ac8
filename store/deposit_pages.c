#include "deposit_parts.h"
#include "index.h"

#include <dangan/bigram.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/text.h>
#include <dangan/threads.h>
#include <string.h>

/* The ALTO of a page of ten thousand words has 2 MB. */
#define ALTO_MAX_BYTES ((gsize)64 << 20)
#define PAGE_ID_BYTES 16

char *da_page_id(const char *dossier_id, guint version, const char *stem)
{
    g_autofree char *number = g_strdup_printf("%u", version);
    DaDigest digest = da_digest_key(dossier_id, number, stem, NULL);
    guchar raw[PAGE_ID_BYTES];
    for (guint i = 0; i < PAGE_ID_BYTES; i++)
        raw[i] = (guchar)(g_ascii_xdigit_value(digest.hex[2 * i]) << 4 |
                          g_ascii_xdigit_value(digest.hex[2 * i + 1]));
    char *text = g_base64_encode(raw, sizeof raw);
    g_strdelimit(g_strdelimit(text, "+", '-'), "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

/* --- materials and pages --------------------------------------------------------------------------------------------- */

/* 0 = not given. */
static json_t *count_or_null(guint n)
{
    return n > 0 ? json_integer(n) : json_null();
}

json_t *da_deposit_materials(const DaDepositing *depositing)
{
    json_t *rows = json_array();
    const GPtrArray *materials = depositing->dossier->materials;
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = materials->pdata[i];
        g_autofree char *formed = da_date_format(material->formed);
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:i, s:i, s:s, s:i, s:s?, s:s?, s:o, s:o, s:s?}", "dossier",
                            depositing->dossier->id, "district", depositing->district, "version",
                            (int)depositing->version, "number", (int)i + 1, "class_code",
                            material->class_code, "sequence", (int)material->sequence, "title",
                            material->title, "formed", *formed ? formed : NULL, "copies",
                            count_or_null(material->copies), "pages_claimed",
                            count_or_null(material->pages_claimed), "note", material->note));
    }
    return rows;
}

static const char *type_of(const char *extension)
{
    static const struct {
        const char *extension, *type;
    } known[] = {
        {"jpg", "image/jpeg"},  {"jpeg", "image/jpeg"}, {"tif", "image/tiff"},
        {"tiff", "image/tiff"}, {"png", "image/png"},   {"xml", "application/xml"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (!g_ascii_strcasecmp(known[i].extension, extension))
            return known[i].type;
    return "application/octet-stream";
}

/* master_sha256, master_type, master_bytes, and so on. */
static void set_file(json_t *row, const DaPage *page, DaFileKind kind)
{
    static const char *const columns[] = {"sha256", "type", "bytes"};
    const DaPageFile *file = &page->file[kind];
    if (!file->sha256)
        return;
    json_t *const values[] = {json_string(file->sha256), json_string(type_of(file->extension)),
                              json_integer((json_int_t)file->size_bytes)};
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
        g_autofree char *column = g_strdup_printf("%s_%s", da_file_kind_name(kind), columns[i]);
        json_object_set_new(row, column, values[i]);
    }
}

static json_t *page_row(const DaDepositing *depositing, guint material, guint position,
                        const DaPage *page)
{
    g_autofree char *id = da_page_id(depositing->dossier->id, depositing->version, page->stem);
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:s, s:b, s:i, s:i, s:i, s:i, s:i}", "id", id,
        "dossier", depositing->dossier->id, "district", depositing->district, "version",
        (int)depositing->version, "material", (int)material, "position", (int)position, "side",
        (int)page->side, "stem", page->stem, "blank", page->blank, "dpi", (int)page->dpi,
        "width_px", (int)page->width_px, "height_px", (int)page->height_px, "master_width_px",
        (int)page->master_width_px, "master_height_px", (int)page->master_height_px);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        set_file(row, page, kind);
    return row;
}

json_t *da_deposit_pages(const DaDepositing *depositing)
{
    json_t *rows = json_array();
    guint position = 0;
    const GPtrArray *materials = depositing->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const DaMaterial *material = materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            json_array_append_new(
                rows, page_row(depositing, m + 1, ++position, material->pages->pdata[p]));
    }
    return rows;
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

/* The recognized text of a page; NULL without error when it has none. */
static char *text_of(const DaPage *page, GError **error)
{
    const DaPageFile *file = &page->file[DA_FILE_OCR];
    if (!file->path)
        return NULL;
    g_autoptr(GBytes) alto = da_file_read(file->path, ALTO_MAX_BYTES, error);
    if (!alto)
        return NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(alto, &size);
    if (g_strcmp0(da_digest_bytes(data, size).hex, file->sha256) != 0) {
        da_error_set(error, DA_ERROR_INPUT, "its text changed after the package was verified");
        return NULL;
    }
    g_autoptr(DaPageText) text = da_page_text_from_alto(alto, error);
    g_autofree char *plain = text ? da_page_text_plain(text) : NULL;
    return plain && *plain ? g_steal_pointer(&plain) : NULL;
}

typedef struct {
    const DaDepositing *depositing;
    GPtrArray *pages; /* DaPage *, borrowed */
    json_t **rows;    /* one a page; NULL = it has no text */
} Texts;

static gboolean read_text(guint i, gpointer data, GError **error)
{
    Texts *texts = data;
    const DaPage *page = texts->pages->pdata[i];
    const DaDepositing *depositing = texts->depositing;
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = text_of(page, &problem);
    if (problem) {
        g_propagate_prefixed_error(error, g_steal_pointer(&problem), "page '%s': ", page->stem);
        return FALSE;
    }
    if (!text)
        return TRUE;
    g_autofree char *id = da_page_id(depositing->dossier->id, depositing->version, page->stem);
    g_autofree char *bigrams = da_bigram_vector(text);
    texts->rows[i] = json_pack("{s:s, s:s, s:s}", "page", id, "text", text, "bigrams", bigrams);
    return TRUE;
}

json_t *da_deposit_texts(const DaDepositing *depositing, GError **error)
{
    g_autoptr(GPtrArray) pages = g_ptr_array_new();
    const GPtrArray *materials = depositing->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const DaMaterial *material = materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            g_ptr_array_add(pages, material->pages->pdata[p]);
    }
    g_autofree json_t **rows = g_new0(json_t *, pages->len);
    Texts texts = {depositing, pages, rows};
    gboolean done = da_threads_run(pages->len, read_text, &texts, error);
    json_t *all = json_array();
    for (guint i = 0; i < pages->len; i++)
        if (rows[i])
            json_array_append_new(all, rows[i]);
    if (!done)
        g_clear_pointer(&all, json_decref);
    return all;
}

/* --- keys of the person ---------------------------------------------------------------------------------------------- */

json_t *da_deposit_keys(const DaDepositing *depositing)
{
    const DaDossier *dossier = depositing->dossier;
    DaPerson person = {.name = da_dossier_get(dossier, DA_FIELD_NAME),
                       .former_name = da_dossier_get(dossier, DA_FIELD_FORMER_NAME),
                       .id_number = da_dossier_get(dossier, DA_FIELD_ID_NUMBER),
                       .employer = da_dossier_get(dossier, DA_FIELD_EMPLOYER)};
    return da_person_keys(&person);
}
