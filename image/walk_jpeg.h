/* Between the parts of the JPEG walker. Source: ITU-T T.81 (1992). */
#pragma once

#include "walk.h"

#define DA_JPEG_SLOTS 4u

/* What scans may refer to. */
typedef struct {
    gboolean has_quant[DA_JPEG_SLOTS], has_dc[DA_JPEG_SLOTS], has_ac[DA_JPEG_SLOTS];
    guint16 quant[DA_JPEG_SLOTS][64]; /* in zigzag order */
} DaJpegTables;

typedef struct {
    guint8 id, h, v, quant;
    gboolean has_first; /* a scan brought its DC (or all) coefficients */
} DaJpegComponent;

typedef struct {
    DaWalk *walk;
    const guint8 *data;
    gsize begin, at, end; /* of this stream in the file; `at` is the marker at hand */
    gboolean is_file;     /* a file of its own, not a strip of a TIFF */
    DaJpegTables tables;
    gboolean has_frame, is_hierarchical, has_height;
    guint process, precision, width, height, n, h_max, v_max;
    DaJpegComponent components[DA_JPEG_SLOTS]; /* of frames with at most four */
    guint restart_interval, scans;
    gboolean has_jfif, has_adobe;
    guint adobe_transform;
    double jfif_dpi[2], exif_dpi[2]; /* 0 = not stated */
    gsize images_end;                /* of the images that an MPF index names; 0 = none */
} DaJpeg;

void da_walk_jpeg_part(DaWalk *walk, const guint8 *data, gsize begin, gsize end,
                       const DaJpegTables *tables);
void da_walk_jpeg_tables(DaWalk *walk, const guint8 *data, gsize begin, gsize end,
                         DaJpegTables *tables);

/* The segments: `body` is the content behind the length. */
void da_jpeg_quant(DaJpeg *jpeg, const guint8 *body, gsize size);
void da_jpeg_huffman(DaJpeg *jpeg, const guint8 *body, gsize size);
void da_jpeg_conditioning(DaJpeg *jpeg, const guint8 *body, gsize size);
void da_jpeg_frame(DaJpeg *jpeg, guint marker, const guint8 *body, gsize size);
/* Returns how many restart markers must follow; -1 = that cannot be said. */
gint64 da_jpeg_scan(DaJpeg *jpeg, const guint8 *body, gsize size);
void da_jpeg_application(DaJpeg *jpeg, guint n, const guint8 *body, gsize size);

static inline guint da_jpeg_16(const guint8 *p)
{
    return (guint)p[0] << 8 | p[1];
}
