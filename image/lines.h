/* Do characters stand in rows or in columns? */
#pragma once

#include <glib.h>

/* `glyphs` has 1 where a character has ink. Between lines there is room that no stroke enters, between characters of a line there
 * is less: how much more empty rows than empty columns there are after the page is levelled by `skew_cw_deg`. > 1 rows, < 1 columns,
 * 1 unknown. */
double da_lines_ratio(const guint8 *glyphs, guint width, guint height, double px_per_mm,
                      double skew_cw_deg);
