#include "codec.h"

#include <dangan/error.h>
#include <dangan/tiff_memory.h>

#define CM_PER_INCH 2.54

typedef struct {
    guint32 width, height;
    guint16 bits, samples, photometric, compression, planar, orientation, format;
    gboolean tiled;
} Tags;

static guint16 tag16(TIFF *tiff, guint32 tag, guint16 fallback)
{
    guint16 value = fallback;
    return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : fallback;
}

static Tags read_tags(TIFF *tiff)
{
    Tags tags = {0};
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &tags.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &tags.height);
    tags.bits = tag16(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    tags.samples = tag16(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    tags.photometric = tag16(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    tags.compression = tag16(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    tags.planar = tag16(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    tags.orientation = tag16(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    tags.format = tag16(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    tags.tiled = TIFFIsTiled(tiff) != 0;
    return tags;
}

static void fill_info(TIFF *tiff, const Tags *tags, DaImageInfo *info)
{
    float x = 0, y = 0;
    TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x);
    TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y);
    guint16 unit = tag16(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    double per_inch = unit == RESUNIT_CENTIMETER ? CM_PER_INCH : unit == RESUNIT_INCH ? 1 : 0;
    *info = (DaImageInfo){.format = DA_IMAGE_TIFF,
                          .width_px = tags->width,
                          .height_px = tags->height,
                          .dpi_x = da_codec_dpi((double)x, per_inch),
                          .dpi_y = da_codec_dpi((double)y, per_inch),
                          .bits_per_sample = tags->bits,
                          .channels = tags->samples,
                          .frames = 1,
                          .exif_orientation = tags->orientation};
    if (info->exif_orientation < 1 || info->exif_orientation > 8)
        info->exif_orientation = 1;
}

gboolean da_codec_tiff_probe(GBytes *bytes, DaImageInfo *info, GError **error)
{
    DaTiffLog log = {0};
    g_autoptr(TIFF) tiff = da_tiff_memory_open(bytes, &log, error);
    if (tiff == NULL)
        return FALSE;
    Tags tags = read_tags(tiff);
    fill_info(tiff, &tags, info);
    info->frames = MAX(1, TIFFNumberOfDirectories(tiff));
    return da_codec_check_size(tags.width, tags.height, error);
}

static gboolean read_rows_into(TIFF *tiff, Pix *pix)
{
    guint8 *base = (guint8 *)pixGetData(pix);
    gsize stride = (gsize)pixGetWpl(pix) * 4;
    if ((gsize)TIFFScanlineSize(tiff) > stride)
        return FALSE;
    for (guint y = 0; y < (guint)pixGetHeight(pix); y++) {
        if (TIFFReadScanline(tiff, base + y * stride, y, 0) != 1)
            return FALSE;
    }
    return TRUE;
}

/* Bitonal and 8-bit grey: rows go into the Pix as they are. */
static Pix *read_plain(TIFF *tiff, const Tags *tags, GError **error)
{
    g_autoptr(Pix) pix = da_codec_new_pix(tags->width, tags->height, tags->bits, error);
    if (pix == NULL || !read_rows_into(tiff, pix))
        return NULL;
    pixEndianByteSwap(pix);
    guint16 natural = tags->bits == 1 ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK;
    if (tags->photometric != natural)
        pixInvert(pix, pix);
    pixSetPadBits(pix, 0);
    return g_steal_pointer(&pix);
}

/* 24-bit RGB, and YCbCr of JPEG which libtiff's codec turns into RGB. */
static Pix *read_rgb(TIFF *tiff, const Tags *tags, GError **error)
{
    g_autoptr(Pix) pix = da_codec_new_pix(tags->width, tags->height, 32, error);
    if (pix == NULL || (gsize)TIFFScanlineSize(tiff) < (gsize)tags->width * 3)
        return NULL;
    g_autofree guint8 *line = g_malloc((gsize)TIFFScanlineSize(tiff));
    guint32 *words = pixGetData(pix);
    for (guint y = 0; y < tags->height; y++, words += pixGetWpl(pix)) {
        if (TIFFReadScanline(tiff, line, y, 0) != 1)
            return NULL;
        const guint8 *p = line;
        for (guint x = 0; x < tags->width; x++, p += 3)
            words[x] = (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8;
    }
    return g_steal_pointer(&pix);
}

/* Palette, 16 bits, planes, tiles, CMYK: libtiff's own conversion. Its flips are kept out of it: orientation is applied once,
 * for all formats. */
static Pix *read_any(TIFF *tiff, const Tags *tags, GError **error)
{
    g_autoptr(Pix) pix = da_codec_new_pix(tags->width, tags->height, 32, error);
    if (pix == NULL)
        return NULL;
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    guint32 *words = pixGetData(pix);
    if (TIFFReadRGBAImageOriented(tiff, tags->width, tags->height, words, ORIENTATION_TOPLEFT, 1) !=
        1)
        return NULL;
    gsize count = (gsize)tags->width * tags->height;
    for (gsize i = 0; i < count; i++) {
        guint32 abgr = words[i];
        /* colours come weighted by their alpha: what is transparent is paper */
        guint32 paper = 255 - TIFFGetA(abgr);
        words[i] = (TIFFGetR(abgr) + paper) << 24 | (TIFFGetG(abgr) + paper) << 16 |
                   (TIFFGetB(abgr) + paper) << 8 | 255;
    }
    if (tags->samples != 1 || tags->photometric == PHOTOMETRIC_PALETTE)
        return g_steal_pointer(&pix);
    return tags->bits == 1 ? pixConvertTo1(pix, 128) : pixConvertRGBToGrayFast(pix);
}

static Pix *read_page(TIFF *tiff, const Tags *tags, GError **error)
{
    gboolean rows =
        !tags->tiled && tags->planar == PLANARCONFIG_CONTIG && tags->format == SAMPLEFORMAT_UINT;
    gboolean scale =
        tags->photometric == PHOTOMETRIC_MINISWHITE || tags->photometric == PHOTOMETRIC_MINISBLACK;
    if (rows && scale && tags->samples == 1 && (tags->bits == 1 || tags->bits == 8))
        return read_plain(tiff, tags, error);
    gboolean jpeg = tags->compression == COMPRESSION_JPEG && tags->photometric == PHOTOMETRIC_YCBCR;
    if (rows && tags->samples == 3 && tags->bits == 8 &&
        (jpeg || tags->photometric == PHOTOMETRIC_RGB)) {
        if (jpeg)
            TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        return read_rgb(tiff, tags, error);
    }
    return read_any(tiff, tags, error);
}

Pix *da_codec_tiff_decode(GBytes *bytes, DaImageInfo *info, GError **error)
{
    DaTiffLog log = {0};
    g_autoptr(TIFF) tiff = da_tiff_memory_open(bytes, &log, error);
    if (tiff == NULL)
        return NULL;
    Tags tags = read_tags(tiff);
    fill_info(tiff, &tags, info);
    if (!da_codec_check_size(tags.width, tags.height, error))
        return NULL;
    log.strict = TRUE;
    GError *limit = NULL;
    g_autoptr(Pix) pix = read_page(tiff, &tags, &limit);
    if (limit != NULL) {
        g_propagate_error(error, limit);
        return NULL;
    }
    if (pix == NULL || log.faulty) {
        da_error_set(error, DA_ERROR_INPUT, "broken TIFF: %s",
                     log.faulty ? log.message : "the image data cannot be read");
        return NULL;
    }
    return g_steal_pointer(&pix);
}
