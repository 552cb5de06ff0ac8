/*
 * Making a page upright and level: one resampling at the most.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

/* Skew below which a page counts as straight and keeps its pixels: 0.05° is 1.5 px on the long side of an A5, less than
 * the measure's own error; see docs/decisions. */
#define DA_UPRIGHT_STRAIGHT_DEG 0.05

typedef struct {
    int turn_cw_deg;    /* 0, 90, 180, 270: how far the content is turned clockwise in the given image */
    double skew_cw_deg; /* NAN counts as 0 */
    gboolean turned;    /* out: whole turns were undone */
    gboolean rotated;   /* out: pixels were resampled */
} DaUpright;

/* Undoes turn (exactly) and skew (by area mapping, about the centre). The canvas grows so that nothing is cut; new corners
 * take the colour of the scanner bed. The caller owns the result; where nothing had to be done it is a clone. */
Pix *da_upright_apply(Pix *pix, DaUpright *upright, GError **error);

/* Maps a point of the given image (px) to the upright image (px). `width_px` and `height_px` are of the given image. */
void da_upright_map(const DaUpright *upright, double width_px, double height_px, double *x_px, double *y_px);
/* The way back. */
void da_upright_unmap(const DaUpright *upright, double width_px, double height_px, double *x_px, double *y_px);
