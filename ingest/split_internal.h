/* The containers behind dangan/split.h. */
#pragma once

#include <glib.h>
#include <qpdf/qpdf-c.h>

/* Directories of a TIFF that are pages (not thumbnails), in order: an array of guint. */
GArray *da_split_tiff_pages(GBytes *bytes, GError **error);
/* Directory `directory` as a TIFF of its own with the same strips or tiles. */
GBytes *da_split_tiff_copy(GBytes *bytes, guint directory, GError **error);

typedef struct DaSplitPdf DaSplitPdf;
DaSplitPdf *da_split_pdf_open(GBytes *bytes, GError **error);
void da_split_pdf_free(DaSplitPdf *pdf);
guint da_split_pdf_pages(const DaSplitPdf *pdf);
/* The image of page `page` (1-based) as a JPEG or TIFF. */
GBytes *da_split_pdf_image(DaSplitPdf *pdf, guint page, guint *dpi, GError **error);

/* The two halves of da_split_pdf_image: which image a page is, and that image as a file. */
gboolean da_split_pdf_find_image(qpdf_data pdf, qpdf_oh page, qpdf_oh *image, GError **error);
GBytes *da_split_pdf_take_image(qpdf_data pdf, qpdf_oh image, guint dpi, GError **error);
/* The page's or the nearest parent's value of an inheritable key (MediaBox, Resources). */
qpdf_oh da_split_pdf_inherited(qpdf_data pdf, qpdf_oh page, const char *key);

/* What a PDF says about its one image, and the bytes behind the filters that are not image codecs. */
typedef struct {
    guint width_px, height_px, bits, channels, dpi;
    gboolean white_is_zero; /* samples (after the codec) count the other way round */
} DaSplitRaster;

/* G4 data as a TIFF with this one strip; samples without compression as a TIFF with lossless compression (1 bit: G4, else Deflate). */
GBytes *da_split_tiff_from_g4(const DaSplitRaster *raster, const guint8 *data, gsize size,
                              GError **error);
GBytes *da_split_tiff_from_samples(const DaSplitRaster *raster, const guint8 *data, gsize size,
                                   GError **error);
