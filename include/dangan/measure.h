/*
 * Measures of a page as it was scanned. Nothing is changed here; a measure that cannot be taken is "unknown", never zero.
 *
 * Angles: `skew_cw_deg` says how far the content is turned clockwise in the given image, apart from whole quarter turns.
 */
#pragma once

#include <dangan/fingerprint.h>
#include <dangan/handle/pix.h>
#include <glib.h>

/* Upright box in px of the given image. */
typedef struct {
    guint x_px, y_px, w_px, h_px;
} DaMeasureBox;

#define DA_MEASURE_PHOTOGRAPHS 8
#define DA_MEASURE_SEALS 24

/* Too little light: paper itself is dark. Too much: paper is burnt out to white, and ink is faint. */
typedef enum { DA_EXPOSURE_NORMAL, DA_EXPOSURE_UNDER, DA_EXPOSURE_OVER } DaExposure;

typedef enum { DA_SCAN_LEFT, DA_SCAN_TOP, DA_SCAN_RIGHT, DA_SCAN_BOTTOM, DA_SCAN_SIDES } DaSideOfScan;

typedef struct {
    double skew_cw_deg;     /* -15 to +15; NAN = unknown (blank or nothing to hold on to) */
    double skew_confidence; /* ratio of the best to the worst sweep score; below 3 is unknown */
    double line_ratio;      /* how much clearer text lines run along rows than along columns: > 1 rows, < 1 columns */
    gboolean blank;         /* no content; print shown through from the other side is no content */
    double ink_share;       /* share of the sheet, 0 to 1, that carries content marks */
    double show_through;    /* share that carries faint marks only */
    double mean_grey;       /* 0 to 255 of the sheet */
    double contrast;        /* standard deviation of grey, 0 to 128 */
    double blur_px;         /* width of the steepest edges, 10 to 90 % rise; NAN = unknown */
    gboolean blurred;       /* … wider than strokes of small print can bear: 3 px at 300 dpi */
    double enlarged;        /* by how much the px were multiplied after scanning; 1 = no traces of it */
    double paper_grey;      /* 0 to 255 of the lighter part of the sheet */
    double ink_grey;        /* 0 to 255 of what characters are made of; NAN = too few */
    double white_share;     /* share of the sheet at the scanner's lightest step, 0 to 1 */
    double black_share;     /* … at its darkest */
    DaExposure exposure;
    double sheet_cut_mm[DA_SCAN_SIDES];  /* length over which the sheet runs out of the scan; NAN = unknown */
    gboolean content_cut[DA_SCAN_SIDES]; /* text runs out of the scan there */
    DaMeasureBox photographs[DA_MEASURE_PHOTOGRAPHS], seals[DA_MEASURE_SEALS];
    guint photograph_count, seal_count;
    DaFingerprint fingerprint;
    guint bed_grey;         /* 0 to 255: colour of the scanner bed at the border */
    gboolean sheet_known;   /* FALSE: the sheet cannot be told from the bed, or fills the scan */
    /* The rectangle around the sheet that lies as the content does (as the scan where that is unknown): TL, TR, BR, BL in px of the
     * given image, 0 = its left or upper edge. */
    double sheet_quad_px[4][2];
    double red_share;       /* share of the sheet that is seal red, 0 to 1 */
} DaMeasure;

/* "normal", "under", "over"; "left", "top", "right", "bottom". */
const char *da_exposure_name(DaExposure exposure);
const char *da_side_of_scan_name(DaSideOfScan side);

/* Measures a whole scan (8 or 32 bits deep, 100 to 1200 dpi; `dpi` 0 = taken as 300). */
gboolean da_measure_page(Pix *pix, guint dpi, DaMeasure *measure, GError **error);

/* Grey image in which seal ink (red) is as light as paper: the red channel of an RGB image, grey itself otherwise.
 * Source: reference measurements in docs/decisions (CER 36 % → 30 %). */
Pix *da_measure_grey_without_red(Pix *pix);

/* Background levelled and thresholded to 1 bit (Sauvola on the normalized background): text and lines are black. */
Pix *da_measure_binarize(Pix *grey, guint dpi);
