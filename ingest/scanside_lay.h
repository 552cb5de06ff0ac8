/* How a side is laid upright: what was measured, and what a person set instead. */
#pragma once

#include "scanside.h"

#include <dangan/digest.h>
#include <dangan/upright.h>
#include <jansson.h>

typedef struct {
    DaUpright upright; /* turn, skew, crop */
    double level_width_px, level_height_px; /* of the frame that a crop is cut from */
    gboolean blank;
    gboolean crop_refused; /* the corrected crop lies outside of the page: the measured one was taken */
} DaSideLay;

/* What the files of a side are called: the digest of its master, and a mark of what a person corrected. The caller owns it. */
char *da_side_name(const DaSideJob *job, const DaDigest *master);
/* `inspection` as da_inspection_to_json() gives it; `dpi` 0 = not known. */
void da_side_lay(const DaSideJob *job, const json_t *inspection, guint dpi, DaSideLay *lay);
/* What an image depends on, as text for a key. The caller owns it. */
char *da_side_lay_text(const DaSideLay *lay);
/* {"turn_cw_deg", "skew_cw_deg", "blank", "level_width_px", "level_height_px", "crop": {"x_px", "y_px", "w_px", "h_px"} or null}. */
json_t *da_side_lay_json(const DaSideLay *lay);
