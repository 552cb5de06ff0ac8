#include "split_internal.h"

#include <dangan/error.h>
#include <dangan/tiff_memory.h>

/* Rows of a strip: what TIFF 6.0 §13 recommends (8 KB) is too small for today's scans. */
#define ROWS_PER_STRIP 64
/* zlib's level: twice as fast as the default for 3 % more bytes on scans. */
#define ZIP_LEVEL 4

static void set_tags(TIFF *tiff, const DaSplitRaster *raster, guint16 compression)
{
    guint16 grey = raster->white_is_zero ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, raster->width_px);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, raster->height_px);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, raster->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, raster->channels);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, raster->channels == 3 ? PHOTOMETRIC_RGB : grey);
    if (raster->dpi == 0)
        return;
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, (double)raster->dpi);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, (double)raster->dpi);
}

/* Rows as they are, compressed by libtiff. */
static gboolean write_rows(TIFF *tiff, const DaSplitRaster *raster, const guint8 *data, gsize size)
{
    gsize row = ((gsize)raster->width_px * raster->bits * raster->channels + 7) / 8;
    if (size / row < raster->height_px)
        return FALSE;
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, ROWS_PER_STRIP);
    if (raster->bits > 1) /* of one bit is group 4, which has no levels */
        TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, ZIP_LEVEL);
    for (guint y = 0, strip = 0; y < raster->height_px; y += ROWS_PER_STRIP, strip++) {
        tmsize_t bytes = (tmsize_t)(row * MIN(ROWS_PER_STRIP, raster->height_px - y));
        if (TIFFWriteEncodedStrip(tiff, strip, (void *)(data + y * row), bytes) != bytes)
            return FALSE;
    }
    return TRUE;
}

typedef gboolean (*Write)(TIFF *tiff, const DaSplitRaster *raster, const guint8 *data, gsize size);

static gboolean write_g4(TIFF *tiff, const DaSplitRaster *raster, const guint8 *data, gsize size)
{
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, raster->height_px);
    return TIFFWriteRawStrip(tiff, 0, (void *)data, (tmsize_t)size) == (tmsize_t)size;
}

static GBytes *make(const DaSplitRaster *raster, guint16 compression, Write write,
                    const guint8 *data, gsize size, GError **error)
{
    DaTiffLog log = {0};
    g_autoptr(GByteArray) out = g_byte_array_new();
    TIFF *tiff = da_tiff_memory_create(out, FALSE, &log, error);
    if (tiff == NULL)
        return NULL;
    set_tags(tiff, raster, compression);
    gboolean ok = write(tiff, raster, data, size) && TIFFWriteDirectory(tiff) == 1;
    TIFFClose(tiff);
    if (ok && !log.faulty)
        return g_byte_array_free_to_bytes(g_steal_pointer(&out));
    da_error_set(error, DA_ERROR_INPUT, "the image cannot be kept as TIFF: %s",
                 log.faulty ? log.message : "its data is shorter than its size says");
    return NULL;
}

GBytes *da_split_tiff_from_g4(const DaSplitRaster *raster, const guint8 *data, gsize size,
                              GError **error)
{
    return make(raster, COMPRESSION_CCITTFAX4, write_g4, data, size, error);
}

GBytes *da_split_tiff_from_samples(const DaSplitRaster *raster, const guint8 *data, gsize size,
                                   GError **error)
{
    guint16 compression = raster->bits == 1 ? COMPRESSION_CCITTFAX4 : COMPRESSION_ADOBE_DEFLATE;
    return make(raster, compression, write_rows, data, size, error);
}
