/*
 * Scans as masters: single files as they came, multi-page TIFF and PDF of scans split without recompression.
 *
 * A TIFF page becomes a TIFF of its own with the same compressed strips or tiles; a PDF page made of one DCT image becomes
 * that JPEG byte for byte, one made of a CCITT G4 image a G4 TIFF; Flate images of 1, 8 or 24 bits become TIFF without loss. Pages that
 * are not one image (text, vectors, several images) are DA_ERROR_INPUT that names the page.
 * Runs on hostile bytes: call it in a worker.
 */
#pragma once

#include <glib.h>

typedef struct DaScanFile DaScanFile;

/* Opens a JPEG, PNG, TIFF or PDF by content. Encrypted PDF, wrong type, truncated: DA_ERROR_INPUT. */
DaScanFile *da_scan_file_open(const char *path, GError **error);
void da_scan_file_free(DaScanFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaScanFile, da_scan_file_free)

/* Pages in the file, at least 1. */
guint da_scan_file_frames(const DaScanFile *file);
/* TRUE when the file is a container, so that its masters are streams taken out of it. */
gboolean da_scan_file_is_container(const DaScanFile *file);

/* The master of page `frame` (1-based): complete bytes of a JPEG, TIFF or PNG file. The caller owns them. `dpi` receives what
 * the container says about the resolution (PDF: from the page size), 0 when nothing. */
GBytes *da_scan_file_master(DaScanFile *file, guint frame, guint *dpi, GError **error);
