/*
 * Red ink apart from the rest: seals and red heads are printed over and under text, so each layer is read alone. A red head (红头) is the name
 * of the issuing body in red at the top of a document.
 */
#pragma once

#include "quad.h"

/* The page as an 8-bit image in which red ink is paper: text under a seal stays. `pix` has 8 or 32 bits. */
Pix *da_red_removed(Pix *pix);

/* The red ink alone, dark on white, without red rulings of forms; NULL where there is hardly any. */
Pix *da_red_layer(Pix *pix, guint dpi);

typedef struct {
    gboolean round;       /* the seal of a body; else the square seal of a person */
    double x, y, radius;  /* px: middle, half its width */
} DaSeal;

/* Seals in a red layer, an array of DaSeal; the caller owns it. */
GArray *da_red_find_seals(Pix *layer, guint dpi);

/* The text around the edge of a round seal as a strip, from six o'clock clockwise, for the recognizer. */
Pix *da_seal_unroll(Pix *layer, const DaSeal *seal, guint height);
/* Where a character of that strip stands on the page: `from` and `to` along the strip, 0 to 1. */
DaQuad da_seal_place(const DaSeal *seal, double from, double to);

/* The four characters of a square seal in the order in which they are read: right column, then left, each from above (DaQuad). The caller owns
 * it. */
GArray *da_seal_cells(const DaSeal *seal);

/* Paints what was read of `seal` white: the ring of text of a round one, the whole of a square one. */
void da_seal_erase(Pix *layer, const DaSeal *seal);
