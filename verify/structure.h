/* What the structure walkers found in an image, on its way from the worker that walked it to the checks. */
#pragma once

#include <dangan/walk.h>
#include <jansson.h>

json_t *da_structure_to_json(const DaWalk *walk);
/* NULL for NULL. The caller frees the walk. */
DaWalk *da_structure_from_json(const json_t *object);

/* "the JPEG has no end marker at byte 4,711 (…)": the first fault that is an error, for people; NULL = none. The caller owns it. */
char *da_structure_of(const DaWalk *walk);
