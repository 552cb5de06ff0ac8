/*
 * Everything that is known of one scanned side: header, measures, turn. What `dangan inspect` prints.
 */
#pragma once

#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/recognize.h>
#include <jansson.h>

typedef struct {
    DaImageInfo info;
    DaMeasure measure;
    int turn_cw_deg;        /* 0, 90, 180, 270; 0 for blank sides */
    double turn_confidence; /* 0 to 1; NAN = not measured (blank side, or no engine) */
    double vote_ms;         /* processor time that reading for the turn took; not a part of the JSON */
} DaInspection;

/* Inspects a decoded page. `recognizer` (may be NULL: turn is then found by form alone, with low confidence) votes between
 * turns. Nothing is changed. */
gboolean da_inspect_page(Pix *pix, guint dpi, DaRecognizer *recognizer, DaInspection *inspection, GError **error);

/* A JSON object; a measure that could not be taken is null, boxes and corners are in px of the given image:
 *   width_px, height_px (px): of the image as people see it: a turn that EXIF asks for is made
 *   format: image/jpeg, image/png, image/tiff
 *   dpi_x, dpi_y (dpi): what the scan claims; where it claims nothing, what the container or the profile says
 *   bits_per_sample (1 to 16): bits of one channel
 *   channels (1 to 4): 1 grey, 3 colour, 4 with alpha, or CMYK
 *   turn_cw_deg (0, 90, 180, 270): how far the content is turned clockwise; 0 for blank sides
 *   turn_confidence (0 to 1): of the reading that decided between the turns; null = by form alone (blank, or no engine)
 *   skew_cw_deg (-15 to 15 °): how far the content is tilted clockwise beside whole quarter turns; null = nothing to hold on to
 *   skew_confidence (≥ 0): ratio of the best to the worst angle; below 3 the skew is unknown
 *   line_ratio (> 0): how much clearer lines run along rows than along columns: above 1 rows, below 1 columns
 *   blank (true, false): no content; what shows through from the other side is no content
 *   ink_share (0 to 1): share of the sheet that content marks cover
 *   show_through (0 to 1): share that faint marks cover
 *   red_share (0 to 1): share that is seal red
 *   photographs (≤ 8): boxes x_px, y_px, w_px, h_px in px of the given image
 *   seals (≤ 24): likewise
 *   fingerprint (base64): 2592 bytes, how much ink lies where; null for blank sides. Two sides are compared with it (decision 051)
 *   sheet_width_mm, sheet_height_mm (mm): of the sheet at likely_dpi; of the scan where the sheet cannot be told from the bed; null = no
 *     resolution
 *   paper: A4, 16开, … when the sheet has that size within 6 mm, either way up; null = another
 *   sheet (px): its corners, top left, top right, bottom right, bottom left, each x and y; it may lie outside of the scan; null = fills
 *     the scan
 *   likely_dpi (dpi): what fits the paper: another than dpi_x where that would make a sheet that no dossier holds; null = cannot be told
 *   dpi_plausible (true, false): likely_dpi and both claimed resolutions are one
 *   enlarged (≥ 1): by how much px were multiplied after scanning; 1 = no traces of it
 *   real_dpi (dpi): likely_dpi without the enlargement; null = cannot be told
 *   bed_grey (0 to 255): colour of the scanner bed at the border
 *   sheet_cut_mm (mm): left, top, right, bottom: length over which the sheet runs out of the scan; null = unknown
 *   content_cut: those of the four sides where text runs out of the scan
 *   mean_grey (0 to 255): of the sheet
 *   contrast (0 to 128): standard deviation of grey
 *   paper_grey (0 to 255): of the lighter part of the sheet
 *   ink_grey (0 to 255): of what characters are made of; null = too few
 *   white_share, black_share (0 to 1): share of the sheet at the scanner's lightest and darkest step: burnt out, drowned
 *   exposure: normal, under (paper itself is dark), over (paper burnt out, ink faint)
 *   blur_px (px): width of the steepest edges, from 10 to 90 % of their rise; null = no edges
 *   blurred (true, false): wider than strokes of small print can bear: 3 px at 300 dpi
 * The caller owns the reference. */
json_t *da_inspection_to_json(const DaInspection *inspection);
