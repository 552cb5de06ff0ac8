/* How light a page is, and whether the scanner lost what is very dark or very light on it. */
#pragma once

#include "content.h"

#include <dangan/measure.h>

/* Fills the shares, brightness, contrast and exposure of what is inside the sheet. */
void da_tone_measure(const DaPlane *plane, const DaContent *content, DaMeasure *measure);
