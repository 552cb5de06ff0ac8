/* The fingerprint of a page whose content is known. */
#pragma once

#include "content.h"

#include <dangan/fingerprint.h>

/* `skew_cw_deg` NAN counts as 0. */
void da_fingerprint_take(const DaPlane *plane, const DaContent *content, double skew_cw_deg,
                         DaFingerprint *fingerprint);
