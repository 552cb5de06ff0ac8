/* What runs out of the scan. */
#pragma once

#include "plane.h"

#include <dangan/measure.h>

/* Fills `sheet_cut_mm` and `content_cut` of the measure. */
void da_cut_measure(const DaPlane *plane, DaMeasure *measure);
