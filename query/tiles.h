/*
 * Tile pyramids of access images: made when first asked for, kept as files in DA_ARCHIVE_TILES of the archive, least recently used ones removed when
 * they take more than a limit. All of it can be deleted at any time.
 *
 * Thread rule: may be called from any thread. Two that want the same pyramid at once may both make it.
 */
#pragma once

#include <dangan/object.h>
#include <dangan/pyramid.h>

typedef struct DaTiles DaTiles;

/* `max_bytes` on disk. Looks through what is there. */
DaTiles *da_tiles_new(const char *archive_dir, guint64 max_bytes, GError **error);
void da_tiles_free(DaTiles *tiles);

/* The pyramid when it is there; NULL (without an error). The caller owns the reference. */
DaPyramid *da_tiles_get(DaTiles *tiles, const char *sha256);
/* Makes it of the object. Decodes an image: for whoever has a slot. */
DaPyramid *da_tiles_make(DaTiles *tiles, DaObjectStore *objects, const char *sha256, GError **error);
