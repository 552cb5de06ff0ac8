/*
 * One scanned image: what its header says, its pixels, and the image that people read.
 *
 * Formats: JPEG, TIFF (each page of a multi-page file) and PNG. Bytes come from outside: sizes are checked against the limit
 * below before memory is asked for, and what a decoder warns about is an error, because a page that is half grey must not
 * pass. Multi-page containers are split in ingest; here a TIFF is one page, its first.
 *
 * Pixels are Leptonica's Pix: 1, 8 or 32 bits deep (32 = RGB), with the resolution set in both directions where known.
 * Thread rule: functions share nothing and may run in parallel.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

/* More pixels than an A0 sheet at 300 dpi has (139 million) is a fault or an attack. */
#define DA_IMAGE_MAX_PIXELS (200u * 1000u * 1000u)
/* Largest encoded image that is read. */
#define DA_IMAGE_MAX_BYTES ((gsize)1 << 30)

typedef enum { DA_IMAGE_UNKNOWN, DA_IMAGE_JPEG, DA_IMAGE_TIFF, DA_IMAGE_PNG } DaImageFormat;

typedef struct {
    DaImageFormat format;
    guint width_px, height_px;
    guint dpi_x, dpi_y;     /* rounded; 0 = the header does not say */
    guint bits_per_sample;  /* 1, 2, 4, 8, 16 */
    guint channels;         /* 1 grey or bitonal (or palette), 3 RGB, 4 with alpha or CMYK */
    guint frames;           /* pages in the file; 1 for JPEG and PNG */
    guint exif_orientation; /* 1 to 8; 1 = as stored */
} DaImageInfo;

/* The format by the first bytes, whatever the name says. */
DaImageFormat da_image_format(const void *data, gsize size);

/* "image/jpeg", "image/tiff", "image/png", else "application/octet-stream". */
const char *da_image_mime(DaImageFormat format);
/* "jpg", "tif", "png". */
const char *da_image_extension(DaImageFormat format);

/* Reads the header only. DA_ERROR_INPUT for another format or a broken header, DA_ERROR_LIMIT above DA_IMAGE_MAX_PIXELS. */
gboolean da_image_probe(GBytes *bytes, DaImageInfo *info, GError **error);

/* Decodes the first (only) page completely, as stored (an EXIF orientation is applied). Truncated data, and anything that
 * the decoder warns about in the image data, is DA_ERROR_INPUT with the decoder's words. The caller owns the Pix. */
Pix *da_image_decode(GBytes *bytes, GError **error);

/* The same at 1/2, 1/4 or 1/8 of the size where the format allows it cheaply (JPEG), else decoded and reduced. */
Pix *da_image_decode_reduced(GBytes *bytes, guint denominator, GError **error);

/* Baseline JPEG with 4:2:0 chroma for RGB and one channel for grey or bitonal, with the resolution of `pix`.
 * `quality` 1 to 100. */
GBytes *da_image_encode_jpeg(const Pix *pix, guint quality, GError **error);

/* PNG, with the resolution of `pix`: what must not lose anything, pictures of reports, tests. */
GBytes *da_image_encode_png(const Pix *pix, GError **error);
