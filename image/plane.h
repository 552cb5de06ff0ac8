/* A scan reduced to about 150 dpi with what measures need: how light, how red, where the sheet lies, and the same light with
 * paper at 255 everywhere. Rows follow each other without padding. */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

/* Side of the cells in which the sheet is found, px of the reduced image: 1.4 mm. */
#define DA_PLANE_CELL 8

typedef struct {
    guint width, height;
    guint factor;     /* px of the scan for one px here */
    double px_per_mm; /* of the reduced image */
    guint8 *light; /* red channel: seal ink and yellowed paper are light, blue and black ink dark */
    guint8 *red;   /* how much red exceeds green and blue; NULL for a grey scan */
    guint8 *blue;  /* blue channel; NULL for a grey scan */
    guint8 *level; /* light against the paper around it: 255 = paper; 255 outside the sheet */
    guint cells_x, cells_y;
    guint8 *sheet;  /* a cell is 1 where it differs from the bed, edges of the sheet included */
    guint8 *inside; /* a cell is 1 on the sheet, clear of its edges */
    guint bed_grey, bed_blue;
    gboolean bed_known; /* FALSE: the sheet cannot be told from the bed, or fills the scan */
    double sheet_share; /* share of the scan that is inside */
} DaPlane;

/* `pix` has 8 or 32 bits. Never fails. */
DaPlane *da_plane_new(Pix *pix, guint dpi);
void da_plane_free(DaPlane *plane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPlane, da_plane_free)

static inline gboolean da_plane_is_inside(const DaPlane *plane, guint x, guint y)
{
    return plane->inside[y / DA_PLANE_CELL * plane->cells_x + x / DA_PLANE_CELL];
}

/* Finds bed and sheet: fills `sheet`, `inside`, what is known of the bed, and `sheet_share`. */
void da_plane_find_sheet(DaPlane *plane);
/* TRUE for a colour, as light in red and in blue, that the bed cannot have. `blue` is ignored for a grey scan. */
gboolean da_plane_differs_from_bed(const DaPlane *plane, guint light, guint blue);
/* Fills `level`. */
void da_plane_normalize(DaPlane *plane);
