/* Between the walkers. */
#pragma once

#include <dangan/walk.h>

void da_walk_tiff(DaWalk *walk, const guint8 *data, gsize size);
void da_walk_jpeg(DaWalk *walk, const guint8 *data, gsize size);
void da_walk_png(DaWalk *walk, const guint8 *data, gsize size);

void da_walk_fault(DaWalk *walk, DaWalkKind kind, guint64 offset, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Takes a text of the file into one of the walk's members, cut to a sensible length, as valid UTF-8 without control characters. An earlier
 * text stays. */
void da_walk_take_text(char **member, const guint8 *data, gsize size);

DaJpegQuality da_walk_quality(const guint16 luminance[64], const guint16 *chrominance);
