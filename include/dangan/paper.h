/*
 * Sizes of paper: does the resolution that a scan claims fit the sheet that is on it?
 */
#pragma once

#include <glib.h>

/* The paper size that a sheet has to within 6 mm, either way up: "A4", "16开", "B5"; NULL for other sizes. */
const char *da_paper_name(double width_mm, double height_mm);

/* The resolution that a scan of this size in px really has. `dpi` (not 0) itself unless it makes a sheet that no dossier holds, or is
 * one that programs write when they know none (below 100); then a usual one at which the size is that of a paper; 0 = cannot be told. */
guint da_paper_likely_dpi(double width_px, double height_px, guint dpi);
