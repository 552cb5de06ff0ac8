/*
 * Text that is set from top to bottom in a narrow cell. The recognizer reads from left to right only, so the characters of a column are
 * taken apart and laid side by side.
 */
#pragma once

#include "detect.h"

/* Characters of the column in `place`, taken to stand `pitch` widths of a character apart on the whole: an array of DaQuad from top to bottom,
 * which the caller owns; empty where there is no ink. `grey` has 8 bits. */
GArray *da_column_cells(Pix *grey, const DaQuad *place, double pitch);

/* Single characters that stand below each other in one cell were found apart: an array of GArray of indices into `places` (DaTextPlace), top to
 * bottom, two or more each, no index twice. The caller owns it. */
GPtrArray *da_columns_find(Pix *grey, const GArray *places);

/* The cells (DaQuad) side by side, as a strip for the recognizer in which each has the same width. NULL when there is no memory. */
Pix *da_column_strip(Pix *grey, const GArray *cells);
