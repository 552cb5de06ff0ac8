/* Where the sheet ends: the level rectangle around everything that is not scanner bed. */
#pragma once

#include "plane.h"

/* Corners of the rectangle that is turned clockwise by `skew_cw_deg` as the content is, in px of the scan: TL, TR, BR, BL in the
 * frame of the content. FALSE when the sheet cannot be told from the bed, or fills the scan. */
gboolean da_sheet_find(const DaPlane *plane, double skew_cw_deg, double quad[4][2]);
