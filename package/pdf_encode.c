#include "package_parts.h"
#include "pdf_parts.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/worker.h>

/* What a page is encoded with where the access image is no JPEG: nothing that can be seen is lost. */
#define QUALITY 90
#define DEFAULT_DPI 300u
#define PAGE_SECONDS 120
#define PAGE_MEMORY_BYTES ((guint64)2 << 30)

typedef struct {
    DaPdf *pdf;
    GPtrArray *pages; /* DaPage *, borrowed */
    guint next;
    const char *folder;
} Encoding;

static char *place_of(const Encoding *encoding, const DaPage *page)
{
    g_autofree char *name = g_strconcat(page->stem, ".jpg", NULL);
    return g_build_filename(encoding->folder, name, NULL);
}

static char *next_page(gpointer data)
{
    Encoding *encoding = data;
    return encoding->next < encoding->pages->len ? g_strdup_printf("%u", encoding->next++) : NULL;
}

static const DaPage *page_of(const Encoding *encoding, const char *job)
{
    return encoding->pages->pdata[g_ascii_strtoull(job, NULL, 10)];
}

/* Children are forked when the pages are known. */
static char *encode(const char *job, gpointer data, GError **error)
{
    const Encoding *encoding = data;
    const DaPage *page = page_of(encoding, job);
    g_autofree char *place = place_of(encoding, page);
    g_autoptr(GBytes) bytes =
        da_file_read(page->file[DA_FILE_ACCESS].path, DA_IMAGE_MAX_BYTES, error);
    g_autoptr(Pix) pix = bytes ? da_image_decode(bytes, error) : NULL;
    if (!pix)
        return NULL;
    int dpi = (int)(page->dpi ? page->dpi : DEFAULT_DPI);
    pixSetResolution(pix, dpi, dpi);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(pix, QUALITY, error);
    gsize size = 0;
    const void *data_of = jpeg ? g_bytes_get_data(jpeg, &size) : NULL;
    return jpeg && da_file_write(place, data_of, size, error) ? g_strdup("done") : NULL;
}

static gboolean encoded(const char *job, DaWorkerOutcome outcome, const char *answer,
                        const GError *job_error, gpointer data, GError **error)
{
    Encoding *encoding = data;
    const DaPage *page = page_of(encoding, job);
    if (outcome != DA_WORKER_DONE)
        return da_error_set(error, job_error ? (DaErrorCode)job_error->code : DA_ERROR_INPUT,
                            "cannot put page '%s' into the PDF: %s", page->stem,
                            job_error ? job_error->message : "its image cannot be read");
    g_hash_table_insert(encoding->pdf->encoded, page->stem, place_of(encoding, page));
    return TRUE;
}

/* TRUE for what a PDF takes as it is: a JPEG of grey or RGB samples of 8 bits. */
static gboolean passes_through(const DaPage *page)
{
    g_autoptr(GBytes) bytes =
        da_file_read(page->file[DA_FILE_ACCESS].path, DA_IMAGE_MAX_BYTES, NULL);
    DaImageInfo info;
    return bytes && da_image_probe(bytes, &info, NULL) && info.format == DA_IMAGE_JPEG &&
           info.bits_per_sample == 8 && (info.channels == 1 || info.channels == 3);
}

gboolean da_pdf_encode_others(DaPdf *pdf, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) all = da_package_pages(pdf->dossier);
    g_autoptr(GPtrArray) pages = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        const DaPage *page = all->pdata[i];
        if (!page->file[DA_FILE_ACCESS].path)
            return da_error_set(error, DA_ERROR_INPUT,
                                "cannot put page '%s' into the PDF: it has no access image",
                                page->stem);
        if (!passes_through(page))
            g_ptr_array_add(pages, all->pdata[i]);
    }
    if (!pages->len)
        return TRUE;
    Encoding encoding = {.pdf = pdf, .pages = pages, .folder = folder};
    DaWorkerPool pool = {.processes = MIN(g_get_num_processors(), DA_WORKERS_MAX),
                         .memory_bytes = PAGE_MEMORY_BYTES,
                         .seconds = PAGE_SECONDS,
                         .next = next_page,
                         .work = encode,
                         .done = encoded,
                         .data = &encoding};
    pdf->written->encoded = pages->len;
    return da_workers_run(&pool, error);
}
