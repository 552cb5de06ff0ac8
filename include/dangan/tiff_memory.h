/*
 * libtiff on memory instead of files, with its messages caught instead of printed.
 *
 * Nothing is shared between handles: the handlers of the process stay untouched, so handles may be used in parallel, each by
 * one thread at a time.
 */
#pragma once

#include <dangan/handle/tiff.h>

/* What libtiff had to say about one handle. Lives in the caller's frame at least as long as the handle. */
typedef struct {
    gboolean
        strict; /* set by the caller while image data is read: from then on a warning is a fault */
    gboolean faulty;   /* an error, or a warning while strict */
    char message[256]; /* the first fault, in libtiff's words; "" = none */
} DaTiffLog;

/* Opens `bytes` for reading (a reference is held until TIFFClose). Warnings about unknown tags are forgotten. DA_ERROR_INPUT in
 * libtiff's words. `log` must be zeroed. */
TIFF *da_tiff_memory_open(GBytes *bytes, DaTiffLog *log, GError **error);

/* A classic TIFF that grows in `out` (a reference is held until TIFFClose, which completes the file). `big_endian`: copied strips of
 * 16-bit samples keep the order they have. */
TIFF *da_tiff_memory_create(GByteArray *out, gboolean big_endian, DaTiffLog *log, GError **error);
