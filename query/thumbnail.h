/*
 * Small pictures of pages.
 */
#pragma once

#include <glib.h>

#define DA_THUMBNAIL_SIDE_PX 200u

/* A JPEG of at most DA_THUMBNAIL_SIDE_PX on its longer side. The caller owns it. */
GBytes *da_thumbnail_make(GBytes *image, GError **error);
