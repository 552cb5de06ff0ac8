#include "codec.h"

#include <dangan/error.h>
#include <png.h>
#include <string.h>

/* Source: PNG 1.2 / ISO/IEC 15948 §5 (chunks), §11.3.5.3 (pHYs). */
#define SIGNATURE_BYTES 8
#define CHUNK_FRAME_BYTES 12 /* length, type, CRC */
#define INCHES_PER_METRE 0.0254

typedef enum { COLOUR_GREY = 0, COLOUR_RGB = 2, COLOUR_PALETTE = 3, COLOUR_GREY_ALPHA = 4 } Colour;

typedef struct {
    DaImageInfo info;
    gboolean palette, ended;
} Header;

static guint32 be32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static void read_ihdr(const guint8 *body, Header *header)
{
    DaImageInfo *info = &header->info;
    info->width_px = be32(body);
    info->height_px = be32(body + 4);
    info->bits_per_sample = body[8];
    header->palette = body[9] == COLOUR_PALETTE;
    info->channels = body[9] == COLOUR_RGB ? 3 : body[9] > COLOUR_PALETTE ? 4 : 1;
}

static void read_chunk(const guint8 *chunk, guint32 length, Header *header)
{
    const guint8 *type = chunk + 4, *body = chunk + 8;
    if (memcmp(type, "pHYs", 4) == 0 && length == 9 && body[8] == 1) {
        header->info.dpi_x = da_codec_dpi(be32(body), INCHES_PER_METRE);
        header->info.dpi_y = da_codec_dpi(be32(body + 4), INCHES_PER_METRE);
    } else if (memcmp(type, "eXIf", 4) == 0) {
        header->info.exif_orientation = da_exif_read(body, length).orientation;
    } else if (memcmp(type, "IEND", 4) == 0) {
        header->ended = TRUE;
    }
}

/* Walks the chunks up to the first one that ends the file or lies outside of it. */
static gboolean read_header(GBytes *bytes, Header *header, GError **error)
{
    gsize size = 0, at = SIGNATURE_BYTES;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    *header = (Header){.info = {.format = DA_IMAGE_PNG, .frames = 1, .exif_orientation = 1}};
    if (size < SIGNATURE_BYTES + CHUNK_FRAME_BYTES + 13 || be32(data + at) != 13 ||
        memcmp(data + at + 4, "IHDR", 4) != 0)
        return da_error_set(error, DA_ERROR_INPUT, "broken PNG: no header");
    read_ihdr(data + at + 8, header);
    while (!header->ended && size - at >= CHUNK_FRAME_BYTES) {
        guint32 length = be32(data + at);
        if (length > size - at - CHUNK_FRAME_BYTES)
            break;
        read_chunk(data + at, length, header);
        at += CHUNK_FRAME_BYTES + (gsize)length;
    }
    return da_codec_check_size(header->info.width_px, header->info.height_px, error);
}

gboolean da_codec_png_probe(GBytes *bytes, DaImageInfo *info, GError **error)
{
    Header header;
    gboolean ok = read_header(bytes, &header, error);
    *info = header.info;
    return ok;
}

static void image_clear(png_image *image)
{
    png_image_free(image);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(png_image, image_clear)

static gboolean fail(const png_image *image, GError **error)
{
    return da_error_set(error, DA_ERROR_INPUT, "broken PNG: %s", image->message);
}

/* Grey goes into 8 bits, all else into R, G, B, A; both in the order of bytes, which pixEndianByteSwap turns into Leptonica's
 * order of words. */
static Pix *read_pixels(png_image *image, GError **error)
{
    gboolean grey = (image->format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)) == 0;
    gboolean alpha = (image->format & PNG_FORMAT_FLAG_ALPHA) != 0;
    g_autoptr(Pix) pix = da_codec_new_pix(image->width, image->height, grey ? 8 : 32, error);
    if (pix == NULL)
        return NULL;
    image->format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGBA;
    int stride = pixGetWpl(pix) * 4;
    if (!png_image_finish_read(image, NULL, pixGetData(pix), stride, NULL) ||
        image->warning_or_error != 0) {
        fail(image, error);
        return NULL;
    }
    pixEndianByteSwap(pix);
    if (!alpha)
        return g_steal_pointer(&pix);
    pixSetSpp(pix, 4);
    return pixAlphaBlendUniform(pix, 0xFFFFFF00); /* transparent is paper */
}

Pix *da_codec_png_decode(GBytes *bytes, DaImageInfo *info, GError **error)
{
    Header header;
    gboolean known = read_header(bytes, &header, error);
    *info = header.info;
    if (!known)
        return NULL;
    if (!header.ended) {
        da_error_set(error, DA_ERROR_INPUT, "broken PNG: the file ends early");
        return NULL;
    }
    g_auto(png_image) image = {.version = PNG_IMAGE_VERSION};
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    if (!png_image_begin_read_from_memory(&image, data, size)) {
        fail(&image, error);
        return NULL;
    }
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    g_autoptr(Pix) pix = read_pixels(&image, error);
    if (pix == NULL)
        return NULL;
    if (info->bits_per_sample == 1 && pixGetDepth(pix) == 8 && !header.palette)
        return pixThresholdToBinary(pix, 128);
    return g_steal_pointer(&pix);
}
