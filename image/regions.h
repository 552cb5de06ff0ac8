/* Regions of cells of a plane that hang together. */
#pragma once

#include <glib.h>

typedef struct {
    guint x0, y0, x1, y1; /* box; x1, y1 outside */
    guint cells, strong;  /* members; members with a value above 1 */
} DaRegion;

/* Finds the regions of cells that are not 0. Cells with up to `gap` empty cells between them belong together. GArray of DaRegion, from top
 * to bottom; the caller owns it. */
GArray *da_regions_find(const guint8 *cells, guint width, guint height, guint gap);
