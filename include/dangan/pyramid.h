/*
 * The tile pyramid of an image: the image and its halves down to one tile, each cut into JPEG tiles that are delivered as they lie in the file.
 *
 * Level 0 is the image, each next level half as wide and high (rounded up), the last one fits into one tile. Tiles at the right and lower edge
 * are as small as what is left of the image, as IIIF Image API 3.0 §5.4 wants them; a tile is a JPEG of its own (baseline, JFIF), so
 * that nothing needs to be put together or encoded when it is asked for.
 *
 * A pyramid is a cache: it can be made again from the image at any time, and is never part of a package. Its file is for the machine
 * that wrote it and is checked when it is opened:
 *
 *     "dangan tiles 1\n"  0  u32 width, height, tile, levels  u64 begin of each tile, end of the last  JPEG …       little-endian
 *
 * Tiles lie level by level, row by row.
 * Thread rule: an open pyramid is only read, and may be used by several threads.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

#define DA_PYRAMID_TILE_PX 512u
/* 512 × 2^15 is more than any image has (DA_IMAGE_MAX_PIXELS, 65,500 px in one direction). */
#define DA_PYRAMID_MAX_LEVELS 16u

/* The file of an image of 1, 8 or 32 bits; `quality` of its tiles 1 to 100. The caller owns it. */
GBytes *da_pyramid_make(Pix *image, guint quality, GError **error);

typedef struct DaPyramid DaPyramid;

/* Takes the descriptor, also on failure. DA_ERROR_INPUT when it is no whole pyramid. */
DaPyramid *da_pyramid_open(int fd, GError **error);
DaPyramid *da_pyramid_ref(DaPyramid *pyramid);
void da_pyramid_unref(DaPyramid *pyramid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPyramid, da_pyramid_unref)

guint da_pyramid_levels(const DaPyramid *pyramid);
void da_pyramid_size(const DaPyramid *pyramid, guint level, guint *width_px, guint *height_px);

/* Where a tile lies in the file. FALSE when the level has no such column or row. */
gboolean da_pyramid_tile(const DaPyramid *pyramid, guint level, guint column, guint row,
                         guint64 *offset, gsize *bytes);
/* Its bytes, as they lie there. The caller owns them. */
GBytes *da_pyramid_tile_bytes(const DaPyramid *pyramid, guint64 offset, gsize bytes, GError **error);

/* The pixels of a region, in px of `level`, not larger than the level. The caller owns the Pix (8 or 32 bits). */
Pix *da_pyramid_read(const DaPyramid *pyramid, guint level, guint x, guint y, guint width,
                     guint height, GError **error);
