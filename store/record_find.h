/* Records among objects, by what they hold. */
#pragma once

#include <dangan/object.h>
#include <dangan/record.h>

/* The record that an object is; NULL when it is none, or cannot be read whole. */
DaRecord *da_record_find(DaObjectStore *store, const DaObjectEntry *entry);
