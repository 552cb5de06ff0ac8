#include "package_parts.h"
#include "pdf_page.h"
#include "pdf_parts.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/staging.h>
#include <dangan/text.h>
#include <string.h>

#define ALTO_MAX_BYTES ((gsize)64 << 20)
#define ID_DIGITS 32

static void pdf_clear(DaPdf *pdf)
{
    g_clear_pointer(&pdf->out, da_pdf_out_free);
    g_clear_pointer(&pdf->font, da_pdf_font_free);
    g_clear_pointer(&pdf->pages, g_array_unref);
    g_clear_pointer(&pdf->encoded, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaPdf, pdf_clear)

/* --- pages ------------------------------------------------------------------------------------------------------------------ */

/* A file of the package whose bytes are those that were recorded. */
static GBytes *read_recorded(const DaPage *page, DaFileKind kind, gsize max_bytes, GError **error)
{
    const DaPageFile *file = &page->file[kind];
    g_autoptr(GBytes) bytes = da_file_read(file->path, max_bytes, error);
    if (!bytes) {
        g_prefix_error(error, "cannot put page '%s' into the PDF: ", page->stem);
        return NULL;
    }
    DaDigest digest = da_digest_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    if (!g_strcmp0(digest.hex, file->sha256))
        return g_steal_pointer(&bytes);
    da_error_set(error, DA_ERROR_INPUT,
                 "cannot put page '%s' into the PDF: its %s has changed since it was recorded; "
                 "check the package with dangan verify",
                 page->stem, da_file_kind_name(kind));
    return NULL;
}

static GBytes *read_image(const DaPdf *pdf, const DaPage *page, GError **error)
{
    g_autoptr(GBytes) bytes = read_recorded(page, DA_FILE_ACCESS, DA_IMAGE_MAX_BYTES, error);
    const char *encoded = g_hash_table_lookup(pdf->encoded, page->stem);
    return bytes && encoded ? da_file_read(encoded, DA_IMAGE_MAX_BYTES, error)
                            : g_steal_pointer(&bytes);
}

static guint write_image(const DaPdf *pdf, GBytes *jpeg, const DaImageInfo *info)
{
    guint object = da_pdf_out_reserve(pdf->out);
    gsize size = 0;
    const void *data = g_bytes_get_data(jpeg, &size);
    g_autofree char *entries = g_strdup_printf(
        "/Type /XObject /Subtype /Image /Width %u /Height %u /BitsPerComponent 8 /ColorSpace "
        "/Device%s /Filter /DCTDecode",
        info->width_px, info->height_px, info->channels == 1 ? "Gray" : "RGB");
    da_pdf_out_stream(pdf->out, object, entries, data, size, FALSE);
    return object;
}

static gboolean draw_text(const DaPdf *pdf, const DaPage *page, GString *content, DaPdfSize size,
                          GError **error)
{
    gboolean recognized =
        page->file[DA_FILE_OCR].path && page->ocr_engine && !g_str_equal(page->ocr_engine, "none");
    pdf->written->without_text += !recognized && !page->blank;
    if (!recognized)
        return TRUE;
    g_autoptr(GBytes) alto = read_recorded(page, DA_FILE_OCR, ALTO_MAX_BYTES, error);
    g_autoptr(DaPageText) text = alto ? da_page_text_from_alto(alto, error) : NULL;
    if (text)
        da_pdf_draw_text(content, pdf->font, text, size);
    else if (alto)
        g_prefix_error(error, "cannot put page '%s' into the PDF: ", page->stem);
    return text != NULL;
}

static gboolean write_page(const DaPdf *pdf, const DaPage *page, GError **error)
{
    DaImageInfo info;
    g_autoptr(GBytes) jpeg = read_image(pdf, page, error);
    if (!jpeg || !da_image_probe(jpeg, &info, error))
        return FALSE;
    g_autoptr(GString) content = g_string_new(NULL);
    DaPdfSize size = da_pdf_page_size(&info, page->dpi);
    da_pdf_draw_image(content, &info, size);
    if (!draw_text(pdf, page, content, size, error))
        return FALSE;
    guint image = write_image(pdf, jpeg, &info);
    guint stream = da_pdf_out_reserve(pdf->out), object = da_pdf_out_reserve(pdf->out);
    char width[DA_PDF_NUMBER], height[DA_PDF_NUMBER];
    da_pdf_out_stream(pdf->out, stream, "", content->str, content->len, TRUE);
    da_pdf_out_object(pdf->out, object,
                      "<< /Type /Page /Parent %u 0 R /MediaBox [0 0 %s %s] /Contents %u 0 R "
                      "/Resources << /XObject << /I0 %u 0 R >> /Font << /F0 %u 0 R >> >> >>",
                      pdf->pages_object, da_pdf_number(size.width_pt, width),
                      da_pdf_number(size.height_pt, height), stream, image, pdf->font_object);
    g_array_append_val(pdf->pages, object);
    return TRUE;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

static void write_page_tree(const DaPdf *pdf)
{
    g_autoptr(GString) kids = g_string_new(NULL);
    for (guint i = 0; i < pdf->pages->len; i++)
        g_string_append_printf(kids, "%s%u 0 R", i ? " " : "", g_array_index(pdf->pages, guint, i));
    da_pdf_out_object(pdf->out, pdf->pages_object, "<< /Type /Pages /Count %u /Kids [%s] >>",
                      pdf->pages->len, kids->str);
}

static guint write_labels(const DaPdf *pdf, const GPtrArray *pages)
{
    guint object = da_pdf_out_reserve(pdf->out);
    g_autoptr(GString) numbers = g_string_new(NULL);
    for (guint i = 0; i < pages->len; i++) {
        g_autofree char *label = da_pdf_text(((const DaPage *)pages->pdata[i])->stem);
        g_string_append_printf(numbers, "%s%u << /P %s >>", i ? " " : "", i, label);
    }
    da_pdf_out_object(pdf->out, object, "<< /Nums [%s] >>", numbers->str);
    return object;
}

static guint write_catalog(const DaPdf *pdf, const GPtrArray *pages, GError **error)
{
    guint intent = da_pdf_write_intent(pdf, error);
    if (!intent)
        return 0;
    guint catalog = da_pdf_out_reserve(pdf->out);
    guint outline = da_pdf_write_outline(pdf), metadata = da_pdf_write_metadata(pdf);
    guint labels = write_labels(pdf, pages);
    g_autofree char *bookmarks =
        outline ? g_strdup_printf("/Outlines %u 0 R /PageMode /UseOutlines ", outline)
                : g_strdup("");
    da_pdf_out_object(pdf->out, catalog,
                      "<< /Type /Catalog /Pages %u 0 R %s/PageLabels %u 0 R /Metadata %u 0 R "
                      "/OutputIntents [%u 0 R] /Lang (zh-CN) /ViewerPreferences << "
                      "/DisplayDocTitle true >> >>",
                      pdf->pages_object, bookmarks, labels, metadata, intent);
    return catalog;
}

/* What the file is made of decides its identifier. */
static char *identifier_of(const DaDossier *dossier, const GPtrArray *pages)
{
    g_autoptr(GString) input = g_string_new(dossier->id);
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = pages->pdata[i];
        g_string_append_printf(input, " %s %s", page->file[DA_FILE_ACCESS].sha256,
                               page->file[DA_FILE_OCR].sha256 ? page->file[DA_FILE_OCR].sha256
                                                              : "");
    }
    DaDigest digest = da_digest_bytes(input->str, input->len);
    return g_strndup(digest.hex, ID_DIGITS);
}

static gboolean write_all(DaPdf *pdf, const GPtrArray *pages, GError **error)
{
    pdf->font_object = da_pdf_out_reserve(pdf->out);
    pdf->pages_object = da_pdf_out_reserve(pdf->out);
    for (guint i = 0; i < pages->len; i++)
        if (!write_page(pdf, pages->pdata[i], error))
            return FALSE;
    pdf->written->pages = pages->len;
    da_pdf_font_write(pdf->font, pdf->out, pdf->font_object);
    write_page_tree(pdf);
    guint catalog = write_catalog(pdf, pages, error);
    if (!catalog)
        return FALSE;
    guint info = da_pdf_write_info(pdf);
    g_autofree char *id = identifier_of(pdf->dossier, pages);
    da_fault_point("pdf.written");
    return da_pdf_out_commit(pdf->out, catalog, info, id, error);
}

gboolean da_pdf_write(const DaDossier *dossier, const DaProfile *profile, const char *path,
                      gboolean replace, DaPdfWritten *written, GError **error)
{
    *written = (DaPdfWritten){0};
    g_autoptr(GPtrArray) pages = da_package_pages(dossier);
    if (!pages->len)
        return da_error_set(error, DA_ERROR_INPUT, "dossier '%s' has no pages", dossier->id);
    g_auto(DaPdf) pdf = {.dossier = dossier, .profile = profile, .written = written};
    pdf.out = da_pdf_out_new(path, replace, error);
    g_autofree char *aside = g_strconcat(path, ".images", NULL);
    g_autoptr(DaStaging) staging = pdf.out ? da_staging_new(aside, error) : NULL;
    if (!staging)
        return FALSE;
    pdf.font = da_pdf_font_new();
    pdf.pages = g_array_new(FALSE, FALSE, sizeof(guint));
    pdf.encoded = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return da_pdf_encode_others(&pdf, da_staging_path(staging), error) &&
           write_all(&pdf, pages, error);
}
