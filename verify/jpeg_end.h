/*
 * Where a JPEG ends. Decoders stop at EOI and accept whatever follows; a second file may hide there.
 * Source: ITU-T T.81 Annex B.
 */
#pragma once

#include <glib.h>

/* Bytes after the end of the first image; 0 when nothing follows, or when the end is not found (the decoder says so then). */
guint64 da_jpeg_trailing_bytes(GBytes *bytes);
