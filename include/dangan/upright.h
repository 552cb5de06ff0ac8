/*
 * Making a page upright, level and free of the scanner bed: one resampling at the most.
 *
 * Three frames, each with its origin at the top left px:
 *
 *     scan      as it was given
 *     level     whole turns and skew undone; grown so that no px of the scan is lost; new corners take the colour of the bed
 *     upright   the part of the level frame that `crop` names; what people read. Without a crop it is the level frame
 *
 * What was done can be undone from these numbers and the size of the scan alone. Holes, stains, folds and seals are part of the sheet
 * and stay. Source: DA/T 31-2017 §10.2 (turn and skew), §10.3 (cut at least 2 mm outside the sheet), §10.4 (black borders go, the
 * sheet's own marks stay).
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

/* Skew below which a page counts as straight and keeps its pixels: 0.05° is 1.5 px on the long side of an A5, less than
 * the measure's own error; see docs/decisions. */
#define DA_UPRIGHT_STRAIGHT_DEG 0.05
/* What is left of the bed around the sheet, where the scan has that much. */
#define DA_UPRIGHT_MARGIN_MM 2.5
/* A straight page is cropped only where it gets rid of more bed than this on one side: cutting it means encoding it again. */
#define DA_UPRIGHT_WORTH_MM 2.0

typedef struct {
    int x_px, y_px, w_px, h_px; /* in the level frame; w_px 0 = nothing is cut */
} DaUprightCrop;

typedef struct {
    int turn_cw_deg;    /* 0, 90, 180, 270: how far the content is turned clockwise in the given image */
    double skew_cw_deg; /* NAN counts as 0 */
    DaUprightCrop crop;
    gboolean turned;  /* out: whole turns were undone */
    gboolean rotated; /* out: pixels were resampled */
    gboolean cropped; /* out: a part was cut off */
} DaUpright;

/* Sets `crop` to the sheet with its margin, inside the level frame; to nothing where too little would go. `sheet_px` are the corners of
 * the sheet in the scan (DaMeasure.sheet_quad_px); `dpi` 0 = taken as 300. `turn_cw_deg` and `skew_cw_deg` are set before; `width_px` and `height_px` are of the scan. */
void da_upright_crop_to_sheet(DaUpright *upright, const double sheet_px[4][2], guint dpi,
                              double width_px, double height_px);

/* Size of the level frame of a scan of the given size. */
void da_upright_level_size(const DaUpright *upright, double width_px, double height_px,
                           double *level_width_px, double *level_height_px);

/* Undoes turn (exactly) and skew (interpolated), and crops. The caller owns the result; where nothing had to be done it is a clone.
 * DA_ERROR_USAGE for other turns, for a skew above 45° and for a crop outside the level frame. */
Pix *da_upright_apply(Pix *pix, DaUpright *upright, GError **error);

/* Maps a point of the scan (px) to the upright image (px). `width_px` and `height_px` are of the scan. */
void da_upright_map(const DaUpright *upright, double width_px, double height_px, double *x_px,
                    double *y_px);
/* The way back. */
void da_upright_unmap(const DaUpright *upright, double width_px, double height_px, double *x_px,
                      double *y_px);
