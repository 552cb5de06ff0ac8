/*
 * A line of text as an upright or slightly turned rectangle on a page, and the strip of pixels in it.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

typedef struct {
    double corner[4]
                 [2]; /* px: top left, top right, bottom right, bottom left in reading direction */
} DaQuad;

DaQuad da_quad_of_box(double left, double top, double right, double bottom);
/* Lengths of the upper and of the left side. */
double da_quad_width(const DaQuad *quad);
double da_quad_height(const DaQuad *quad);
/* The point at `along` (0 = left, 1 = right) and `down` (0 = top, 1 = bottom). */
void da_quad_point(const DaQuad *quad, double along, double down, double *x, double *y);
/* The part from `from` to `to` along the reading direction, 0 to 1. */
DaQuad da_quad_part(const DaQuad *quad, double from, double to);

/* What lies in `quad`, as an 8-bit image of `height` px and the width that keeps the shape, at most `max_width`. `grey` has 8 bits.
 * What is outside the page repeats its edge. The caller owns the result. */
Pix *da_quad_cut(const DaQuad *quad, Pix *grey, guint height, guint max_width);
/* The same, `widen` times as wide as the shape demands. */
Pix *da_quad_cut_wide(const DaQuad *quad, Pix *grey, double widen, guint height, guint max_width);
