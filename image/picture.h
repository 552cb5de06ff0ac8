/* Photographs and seals on a page. */
#pragma once

#include "content.h"

#include <dangan/measure.h>

/* Boxes in px of the scan, from top to bottom; returns how many, `most` at the most. */
guint da_picture_photographs(const DaPlane *plane, DaMeasureBox *boxes, guint most);
guint da_picture_seals(const DaPlane *plane, DaMeasureBox *boxes, guint most);
