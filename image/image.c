#include <dangan/error.h>
#include <dangan/image.h>

#include "codec.h"
#include "leptonica.h"

#include <math.h>
#include <string.h>

/* Above it a header does not mean a resolution. */
#define MAX_DPI 20000

DaImageFormat da_image_format(const void *data, gsize size)
{
    static const struct {
        const char *magic;
        gsize length;
        DaImageFormat format;
    } known[] = {
        {"\xFF\xD8\xFF", 3, DA_IMAGE_JPEG}, {"II*\0", 4, DA_IMAGE_TIFF},
        {"MM\0*", 4, DA_IMAGE_TIFF},        {"II+\0", 4, DA_IMAGE_TIFF},
        {"MM\0+", 4, DA_IMAGE_TIFF},        {"\x89PNG\r\n\x1A\n", 8, DA_IMAGE_PNG},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (size >= known[i].length && memcmp(data, known[i].magic, known[i].length) == 0)
            return known[i].format;
    }
    return DA_IMAGE_UNKNOWN;
}

const char *da_image_mime(DaImageFormat format)
{
    switch (format) {
    case DA_IMAGE_JPEG:
        return "image/jpeg";
    case DA_IMAGE_TIFF:
        return "image/tiff";
    case DA_IMAGE_PNG:
        return "image/png";
    case DA_IMAGE_UNKNOWN:
        break;
    }
    return "application/octet-stream";
}

const char *da_image_extension(DaImageFormat format)
{
    switch (format) {
    case DA_IMAGE_JPEG:
        return "jpg";
    case DA_IMAGE_TIFF:
        return "tif";
    case DA_IMAGE_PNG:
        return "png";
    case DA_IMAGE_UNKNOWN:
        break;
    }
    return "bin";
}

gboolean da_codec_check_size(guint64 width_px, guint64 height_px, GError **error)
{
    if (width_px == 0 || height_px == 0)
        return da_error_set(error, DA_ERROR_INPUT, "broken image: its header says no size");
    if (width_px > G_MAXINT32 || height_px > G_MAXINT32 ||
        width_px * height_px > DA_IMAGE_MAX_PIXELS)
        return da_error_set(error, DA_ERROR_LIMIT,
                            "image of %" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT
                            " px is larger than the limit of %u million pixels",
                            width_px, height_px, DA_IMAGE_MAX_PIXELS / 1000000);
    return TRUE;
}

Pix *da_codec_new_pix(guint width_px, guint height_px, guint depth, GError **error)
{
    Pix *pix = pixCreateNoInit((int)width_px, (int)height_px, (int)depth);
    if (pix == NULL)
        da_error_set(error, DA_ERROR_LIMIT, "no room for an image of %u x %u px", width_px,
                     height_px);
    return pix;
}

guint da_codec_dpi(double per_unit, double units_per_inch)
{
    double dpi = per_unit * units_per_inch;
    return isfinite(dpi) && dpi >= 1 && dpi <= MAX_DPI ? (guint)lround(dpi) : 0;
}

static DaImageFormat known_format(GBytes *bytes, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    DaImageFormat format = da_image_format(data, size);
    if (size > DA_IMAGE_MAX_BYTES) {
        da_error_set(error, DA_ERROR_LIMIT,
                     "image file of %zu bytes is larger than the limit of 1 GiB", size);
        return DA_IMAGE_UNKNOWN;
    }
    if (format == DA_IMAGE_UNKNOWN)
        da_error_set(error, DA_ERROR_INPUT, "%s",
                     size == 0 ? "the image is empty" : "neither JPEG, TIFF nor PNG");
    return format;
}

gboolean da_image_probe(GBytes *bytes, DaImageInfo *info, GError **error)
{
    *info = (DaImageInfo){0};
    switch (known_format(bytes, error)) {
    case DA_IMAGE_JPEG:
        return da_codec_jpeg_probe(bytes, info, error);
    case DA_IMAGE_TIFF:
        return da_codec_tiff_probe(bytes, info, error);
    case DA_IMAGE_PNG:
        return da_codec_png_probe(bytes, info, error);
    case DA_IMAGE_UNKNOWN:
        break;
    }
    return FALSE;
}

/* Source: TIFF 6.0 tag 274, Exif 2.3 §4.6.4: where row 0 and column 0 of what is stored belong. */
static Pix *apply_orientation(Pix *pix, guint orientation)
{
    static const struct {
        guint8 quarters_cw;
        gboolean mirror;
    } undo[9] = {[2] = {0, TRUE},  [3] = {2, FALSE}, [4] = {2, TRUE}, [5] = {1, TRUE},
                 [6] = {1, FALSE}, [7] = {3, TRUE},  [8] = {3, FALSE}};
    Pix *turned = pixRotateOrth(pix, undo[orientation].quarters_cw);
    if (turned != NULL && undo[orientation].mirror)
        pixFlipLR(turned, turned);
    return turned;
}

/* Takes `decoded` over. */
static Pix *finish(Pix *decoded, const DaImageInfo *info, guint denominator)
{
    g_autoptr(Pix) pix = decoded;
    if (pix == NULL)
        return NULL;
    pixSetResolution(pix, (int)(info->dpi_x / denominator), (int)(info->dpi_y / denominator));
    if (info->exif_orientation <= 1)
        return g_steal_pointer(&pix);
    Pix *turned = apply_orientation(pix, info->exif_orientation);
    if (turned != NULL && info->exif_orientation >= 5)
        pixSetResolution(turned, pixGetYRes(pix), pixGetXRes(pix));
    return turned;
}

static Pix *decode(GBytes *bytes, guint jpeg_denominator, GError **error)
{
    da_leptonica_quiet();
    DaImageInfo info = {0};
    switch (known_format(bytes, error)) {
    case DA_IMAGE_JPEG:
        return finish(da_codec_jpeg_decode(bytes, jpeg_denominator, &info, error), &info,
                      jpeg_denominator);
    case DA_IMAGE_TIFF:
        return finish(da_codec_tiff_decode(bytes, &info, error), &info, 1);
    case DA_IMAGE_PNG:
        return finish(da_codec_png_decode(bytes, &info, error), &info, 1);
    case DA_IMAGE_UNKNOWN:
        break;
    }
    return NULL;
}

Pix *da_image_decode(GBytes *bytes, GError **error)
{
    return decode(bytes, 1, error);
}

static Pix *reduce(Pix *pix, guint denominator)
{
    if (pixGetDepth(pix) > 1)
        return pixScaleAreaMap(pix, 1.0f / (float)denominator, 1.0f / (float)denominator);
    switch (denominator) {
    case 2:
        return pixScaleToGray2(pix);
    case 4:
        return pixScaleToGray4(pix);
    default:
        return pixScaleToGray8(pix);
    }
}

Pix *da_image_decode_reduced(GBytes *bytes, guint denominator, GError **error)
{
    if (denominator != 1 && denominator != 2 && denominator != 4 && denominator != 8) {
        da_error_set(error, DA_ERROR_USAGE,
                     "cannot reduce an image to 1/%u; 1, 2, 4 and 8 are known", denominator);
        return NULL;
    }
    g_autoptr(Pix) pix = decode(bytes, denominator, error);
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    if (pix == NULL || denominator == 1 || da_image_format(data, size) == DA_IMAGE_JPEG)
        return g_steal_pointer(&pix);
    Pix *small = reduce(pix, denominator);
    if (small == NULL) {
        da_error_set(error, DA_ERROR_INPUT,
                     "image of %d x %d px is too small to be reduced to 1/%u", pixGetWidth(pix),
                     pixGetHeight(pix), denominator);
        return NULL;
    }
    pixSetResolution(small, pixGetXRes(pix) / (int)denominator, pixGetYRes(pix) / (int)denominator);
    return small;
}

/* What encoders take: 8 or 32 bits without a colour map. A clone where it is that already. */
static Pix *plain_pix(Pix *pix)
{
    if (pixGetColormap(pix) == NULL && (pixGetDepth(pix) == 8 || pixGetDepth(pix) == 32))
        return pixClone(pix);
    return pixConvertTo8Or32(pix, L_COPY, 0);
}

GBytes *da_image_encode_jpeg(const Pix *pix, guint quality, GError **error)
{
    da_leptonica_quiet();
    g_autoptr(Pix) plain = plain_pix((Pix *)pix);
    if (plain == NULL) {
        da_error_set(error, DA_ERROR_INPUT, "cannot encode an image of this depth as JPEG");
        return NULL;
    }
    return da_codec_jpeg_encode(plain, quality, error);
}

GBytes *da_image_encode_png(const Pix *pix, GError **error)
{
    da_leptonica_quiet();
    guint8 *data = NULL;
    size_t size = 0;
    if (pixWriteMemPng(&data, &size, (Pix *)pix, 0) != 0) {
        da_error_set(error, DA_ERROR_INPUT, "cannot encode the image as PNG");
        return NULL;
    }
    return g_bytes_new_take(data, size);
}
