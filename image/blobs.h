/* Connected marks (8 neighbours) of a mask, as runs: small beside the image, and fast. */
#pragma once

#include <glib.h>

/* Values of the mask: a mark, and one that is surely ink. */
#define DA_MARK 1
#define DA_MARK_STRONG 2

typedef struct {
    guint16 y, x0, x1; /* x1 is the first px after the run */
    guint blob;
} DaRun;

typedef struct {
    guint16 x0, y0, x1, y1; /* box; x1, y1 outside */
    guint area_px, strong_px;
} DaBlob;

typedef struct {
    GArray *runs;  /* of DaRun, from top to bottom */
    GArray *blobs; /* of DaBlob */
} DaBlobs;

/* Sides of the mask are below 65,536. */
DaBlobs *da_blobs_find(const guint8 *mask, guint width, guint height);
void da_blobs_free(DaBlobs *blobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaBlobs, da_blobs_free)
