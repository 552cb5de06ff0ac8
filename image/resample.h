/* The one resampling of a page: any turn, shift and cut at once, straight from the scan. */
#pragma once

#include <dangan/handle/pix.h>

/* Px (x, y) of the result shows px (xx·x + xy·y + x0, yx·x + yy·y + y0) of the source. */
typedef struct {
    double xx, xy, x0, yx, yy, y0;
} DaAffine;

/* `pix` has 8 or 32 bits. Between px of the source it is interpolated (bilinear, 1/256 px); what lies outside of it is `bed`, a
 * value of a px. The caller owns the result; NULL when there is no room for it. */
Pix *da_resample(Pix *pix, const DaAffine *affine, int width, int height, guint32 bed);
