/*
 * Bytes that are costly to make, kept in memory by their names: the least recently used leave first.
 *
 * Thread rule: may be called from any thread.
 */
#pragma once

#include <glib.h>

typedef struct DaCache DaCache;

DaCache *da_cache_new(gsize max_bytes);
void da_cache_free(DaCache *cache);
/* NULL when it is not there. The caller owns the reference. */
GBytes *da_cache_get(DaCache *cache, const char *name);
void da_cache_put(DaCache *cache, const char *name, GBytes *bytes);
