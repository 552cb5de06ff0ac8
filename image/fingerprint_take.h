/* The fingerprint of a page that has content. */
#pragma once

#include "plane.h"

#include <dangan/fingerprint.h>

/* `skew_cw_deg` NAN counts as 0. */
void da_fingerprint_take(const DaPlane *plane, double skew_cw_deg, DaFingerprint *fingerprint);
