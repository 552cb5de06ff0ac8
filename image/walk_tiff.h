/* One image of a TIFF: whether its tags fit each other and its strips or tiles. */
#pragma once

#include "walk_ifd.h"

/* Checks the image that a directory describes, and owns its strips or tiles. */
void da_tiff_check_image(DaTiff *tiff, guint64 at, const GArray *entries);
