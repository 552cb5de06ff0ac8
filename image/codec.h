/* The decoders behind dangan/image.h; each knows one format. `bytes` has that format's first bytes already. */
#pragma once

#include <dangan/image.h>

/* Resolution and orientation out of an EXIF block (TIFF structure without the "Exif\0\0" before it). */
typedef struct {
    guint orientation; /* 1 to 8; 1 when it says nothing */
    guint dpi_x, dpi_y;
} DaExif;

/* Never fails: what cannot be read is left at its default. */
DaExif da_exif_read(const guint8 *data, gsize size);

gboolean da_codec_jpeg_probe(GBytes *bytes, DaImageInfo *info, GError **error);
Pix *da_codec_jpeg_decode(GBytes *bytes, guint denominator, DaImageInfo *info, GError **error);
GBytes *da_codec_jpeg_encode(Pix *pix, guint quality, GError **error);

gboolean da_codec_tiff_probe(GBytes *bytes, DaImageInfo *info, GError **error);
Pix *da_codec_tiff_decode(GBytes *bytes, DaImageInfo *info, GError **error);

gboolean da_codec_png_probe(GBytes *bytes, DaImageInfo *info, GError **error);
Pix *da_codec_png_decode(GBytes *bytes, DaImageInfo *info, GError **error);

/* A size out of a header, before memory is asked for. DA_ERROR_INPUT for nothing, DA_ERROR_LIMIT for too much. */
gboolean da_codec_check_size(guint64 width_px, guint64 height_px, GError **error);

/* A new Pix; DA_ERROR_LIMIT where Leptonica does not give it. */
Pix *da_codec_new_pix(guint width_px, guint height_px, guint depth, GError **error);

/* Pixels per unit from a file to dpi: 0 for what cannot be a resolution. */
guint da_codec_dpi(double per_unit, double units_per_inch);
