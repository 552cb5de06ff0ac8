#include "scanside_lay.h"

#include <dangan/handle/json.h>
#include <math.h>

#define MARK_DIGITS 12

char *da_side_name(const DaSideJob *job, const DaDigest *master)
{
    const DaSideCorrection *const all[] = {job->turn, job->crop, job->blank};
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i])
            g_string_append_printf(text, "%s=%s ", da_correct_name(all[i]->kind), all[i]->value);
    if (text->len == 0)
        return g_strdup(master->hex);
    DaDigest mark = da_digest_bytes(text->str, text->len);
    return g_strdup_printf("%s-%.*s", master->hex, MARK_DIGITS, mark.hex);
}

static double real_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static gboolean read_quad(const json_t *json, double quad[4][2])
{
    for (guint i = 0; i < 4; i++) {
        if (json_unpack(json_array_get(json, i), "[F, F]", &quad[i][0], &quad[i][1]))
            return FALSE;
    }
    return TRUE;
}

/* The part of a corrected crop that lies on the page; FALSE when there is none. */
static gboolean clip(DaUprightCrop *crop, double width_px, double height_px)
{
    int right = MIN(crop->x_px + crop->w_px, (int)width_px);
    int bottom = MIN(crop->y_px + crop->h_px, (int)height_px);
    crop->w_px = right - crop->x_px;
    crop->h_px = bottom - crop->y_px;
    return crop->w_px > 0 && crop->h_px > 0;
}

static void set_crop(const DaSideJob *job, const json_t *inspection, guint dpi, DaSideLay *lay)
{
    double sheet[4][2] = {{0}};
    double width_px = real_of(inspection, "width_px"), height_px = real_of(inspection, "height_px");
    da_upright_level_size(&lay->upright, width_px, height_px, &lay->level_width_px,
                          &lay->level_height_px);
    if (job->crop && job->crop->crop.w_px == 0)
        return;
    if (job->crop) {
        lay->upright.crop = job->crop->crop;
        lay->crop_refused = !clip(&lay->upright.crop, lay->level_width_px, lay->level_height_px);
    }
    if ((!job->crop || lay->crop_refused) && read_quad(json_object_get(inspection, "sheet"), sheet))
        da_upright_crop_to_sheet(&lay->upright, sheet, dpi, width_px, height_px);
}

void da_side_lay(const DaSideJob *job, const json_t *inspection, guint dpi, DaSideLay *lay)
{
    int measured = (int)json_integer_value(json_object_get(inspection, "turn_cw_deg"));
    *lay = (DaSideLay){.upright = {.turn_cw_deg = job->turn ? job->turn->turn_cw_deg : measured,
                                   .skew_cw_deg = real_of(inspection, "skew_cw_deg")},
                       .blank = job->blank ? job->blank->blank
                                           : json_is_true(json_object_get(inspection, "blank"))};
    set_crop(job, inspection, dpi ? dpi : job->assumed_dpi, lay);
}

char *da_side_lay_text(const DaSideLay *lay)
{
    const DaUprightCrop *crop = &lay->upright.crop;
    return g_strdup_printf("%d %.17g %d,%d,%d,%d", lay->upright.turn_cw_deg,
                           lay->upright.skew_cw_deg, crop->x_px, crop->y_px, crop->w_px,
                           crop->h_px);
}

static json_t *crop_json(const DaUprightCrop *crop)
{
    if (crop->w_px == 0)
        return json_null();
    return json_pack("{s:i, s:i, s:i, s:i}", "x_px", crop->x_px, "y_px", crop->y_px, "w_px",
                     crop->w_px, "h_px", crop->h_px);
}

json_t *da_side_lay_json(const DaSideLay *lay)
{
    double skew = lay->upright.skew_cw_deg;
    return json_pack("{s:i, s:o, s:b, s:i, s:i, s:o}", "turn_cw_deg", lay->upright.turn_cw_deg,
                     "skew_cw_deg", isfinite(skew) ? json_real(skew) : json_null(), "blank",
                     (int)lay->blank, "level_width_px", (int)lay->level_width_px, "level_height_px",
                     (int)lay->level_height_px, "crop", crop_json(&lay->upright.crop));
}
