/* The fingerprint of a page that has content. */
#pragma once

#include "plane.h"

#include <dangan/measure.h>

/* Fills `fingerprint` of a measure whose skew and photographs are known; a skew that is not counts as 0. */
void da_fingerprint_take(const DaPlane *plane, DaMeasure *measure);
