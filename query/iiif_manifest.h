/*
 * A dossier as a manifest of the IIIF Presentation API 3.0: a canvas for each side, ranges for classes and materials.
 */
#pragma once

#include <jansson.h>

/* `dossier` as da_dossier_json() gives it; `base` is what its images stand below ("https://…/iiif/{capability}"). The caller owns it. */
json_t *da_iiif_manifest(const char *base, const json_t *dossier);
