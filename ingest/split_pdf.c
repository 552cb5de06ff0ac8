#include "split_internal.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

#define POINTS_PER_INCH 72
#define MAX_DPI 20000
#define MAX_PAGES 20000

struct DaSplitPdf {
    GBytes *bytes; /* qpdf reads from it for as long as it lives */
    qpdf_data qpdf;
    guint pages;
};

static gboolean fail(qpdf_data qpdf, const char *what, GError **error)
{
    qpdf_error fault = qpdf_has_error(qpdf)       ? qpdf_get_error(qpdf)
                       : qpdf_more_warnings(qpdf) ? qpdf_next_warning(qpdf)
                                                  : NULL;
    return da_error_set(error, DA_ERROR_INPUT, "%s: %s", what,
                        fault != NULL ? qpdf_get_error_message_detail(qpdf, fault)
                                      : "unknown fault");
}

/* What qpdf had to repair may lack pages or strips: it is refused like what it cannot read. */
static gboolean read_pdf(DaSplitPdf *pdf, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(pdf->bytes, &size);
    qpdf_silence_errors(pdf->qpdf);
    qpdf_set_suppress_warnings(pdf->qpdf, QPDF_TRUE);
    QPDF_ERROR_CODE code = qpdf_read_memory(pdf->qpdf, "PDF", data, size, NULL);
    if (qpdf_has_error(pdf->qpdf)) {
        qpdf_error fault = qpdf_get_error(pdf->qpdf);
        if (qpdf_get_error_code(pdf->qpdf, fault) == qpdf_e_password)
            return da_error_set(error, DA_ERROR_INPUT,
                                "the PDF is encrypted; save it without a password");
        return da_error_set(error, DA_ERROR_INPUT, "broken PDF: %s",
                            qpdf_get_error_message_detail(pdf->qpdf, fault));
    }
    if (qpdf_is_encrypted(pdf->qpdf))
        return da_error_set(error, DA_ERROR_INPUT,
                            "the PDF is encrypted; save it without protection");
    int pages = qpdf_get_num_pages(pdf->qpdf);
    if (code != QPDF_SUCCESS || qpdf_more_warnings(pdf->qpdf) || qpdf_has_error(pdf->qpdf))
        return fail(pdf->qpdf, "broken PDF", error);
    if (pages < 1 || pages > MAX_PAGES)
        return da_error_set(error, DA_ERROR_INPUT, "a PDF of %d pages cannot be split", pages);
    pdf->pages = (guint)pages;
    return TRUE;
}

DaSplitPdf *da_split_pdf_open(GBytes *bytes, GError **error)
{
    DaSplitPdf *pdf = g_new0(DaSplitPdf, 1);
    pdf->bytes = g_bytes_ref(bytes);
    pdf->qpdf = qpdf_init();
    if (read_pdf(pdf, error))
        return pdf;
    da_split_pdf_free(pdf);
    return NULL;
}

void da_split_pdf_free(DaSplitPdf *pdf)
{
    if (pdf == NULL)
        return;
    if (qpdf_has_error(pdf->qpdf))
        qpdf_get_error(pdf->qpdf); /* else the library prints it */
    qpdf_cleanup(&pdf->qpdf);
    g_bytes_unref(pdf->bytes);
    g_free(pdf);
}

guint da_split_pdf_pages(const DaSplitPdf *pdf)
{
    return pdf->pages;
}

/* Trees of pages are shallow; a loop in them is not. */
qpdf_oh da_split_pdf_inherited(qpdf_data qpdf, qpdf_oh page, const char *key)
{
    for (guint depth = 0; depth < 50 && qpdf_oh_is_dictionary(qpdf, page); depth++) {
        if (qpdf_oh_has_key(qpdf, page, key))
            break;
        page = qpdf_oh_get_key(qpdf, page, "/Parent");
    }
    return qpdf_oh_is_dictionary(qpdf, page) ? qpdf_oh_get_key(qpdf, page, key)
                                             : qpdf_oh_new_null(qpdf);
}

/* The longer side of the image over the longer side of the page: scans fill their page, turned or not. */
static guint page_dpi(qpdf_data qpdf, qpdf_oh page, qpdf_oh image)
{
    qpdf_oh box = da_split_pdf_inherited(qpdf, page, "/MediaBox");
    qpdf_oh dict = qpdf_oh_get_dict(qpdf, image);
    if (!qpdf_oh_is_array(qpdf, box) || qpdf_oh_get_array_n_items(qpdf, box) != 4)
        return 0;
    double side[4];
    for (int i = 0; i < 4; i++)
        side[i] = qpdf_oh_get_numeric_value(qpdf, qpdf_oh_get_array_item(qpdf, box, i));
    double unit = 1;
    if (qpdf_oh_has_key(qpdf, page, "/UserUnit"))
        unit = qpdf_oh_get_numeric_value(qpdf, qpdf_oh_get_key(qpdf, page, "/UserUnit"));
    double points = MAX(fabs(side[2] - side[0]), fabs(side[3] - side[1])) * unit;
    int width = qpdf_oh_get_int_value_as_int(qpdf, qpdf_oh_get_key(qpdf, dict, "/Width"));
    int height = qpdf_oh_get_int_value_as_int(qpdf, qpdf_oh_get_key(qpdf, dict, "/Height"));
    double dpi = points > 0 ? MAX(width, height) * POINTS_PER_INCH / points : 0;
    return isfinite(dpi) && dpi >= 1 && dpi <= MAX_DPI ? (guint)lround(dpi) : 0;
}

GBytes *da_split_pdf_image(DaSplitPdf *pdf, guint page_number, guint *dpi, GError **error)
{
    qpdf_oh page = qpdf_get_page_n(pdf->qpdf, page_number - 1), image = 0;
    GBytes *master = NULL;
    if (da_split_pdf_find_image(pdf->qpdf, page, &image, error)) {
        *dpi = page_dpi(pdf->qpdf, page, image);
        master = da_split_pdf_take_image(pdf->qpdf, image, *dpi, error);
    }
    if (master != NULL && (qpdf_has_error(pdf->qpdf) || qpdf_more_warnings(pdf->qpdf))) {
        g_clear_pointer(&master, g_bytes_unref);
        fail(pdf->qpdf, "broken PDF", error);
    }
    qpdf_oh_release_all(pdf->qpdf);
    return master;
}
