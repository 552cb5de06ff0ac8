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

/* {"width_px", "height_px", "format", "dpi_x", "dpi_y", "turn_cw_deg", "turn_confidence", "skew_cw_deg" (null = unknown),
 * "skew_confidence", "blank", "ink_share", …}. The caller owns the reference. */
json_t *da_inspection_to_json(const DaInspection *inspection);
