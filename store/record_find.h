/*
 * Records among all the objects, known by their content.
 */
#pragma once

#include "object_walk.h"

#include <dangan/record.h>

/* NULL when the object is no record, or not a whole one. Most objects cost one small read. */
DaRecord *da_record_find(const char *objects, const DaFound *found);
