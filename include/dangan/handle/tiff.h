/* g_autoptr for libtiff's handle. */
#pragma once

#include <glib.h>
#include <tiffio.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TIFF, TIFFClose)
