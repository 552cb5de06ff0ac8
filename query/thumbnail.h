/*
 * Small pictures of pages, made when first asked for and kept in memory: the least recently used leave first.
 */
#pragma once

#include <glib.h>

#define DA_THUMBNAIL_SIDE_PX 200u

typedef struct DaThumbnails DaThumbnails;

DaThumbnails *da_thumbnails_new(gsize max_bytes);
void da_thumbnails_free(DaThumbnails *thumbnails);
/* The kept picture of the image with this digest; NULL. The caller owns the reference. */
GBytes *da_thumbnails_get(DaThumbnails *thumbnails, const char *sha256);
void da_thumbnails_put(DaThumbnails *thumbnails, const char *sha256, GBytes *jpeg);

/* A JPEG of at most DA_THUMBNAIL_SIDE_PX on its longer side. The caller owns it. */
GBytes *da_thumbnail_make(GBytes *image, GError **error);
