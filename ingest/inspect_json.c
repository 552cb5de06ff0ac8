#include <dangan/inspect.h>

#include <dangan/paper.h>
#include <math.h>

#define MM_PER_INCH 25.4

static void put(json_t *object, const char *name, double value)
{
    json_object_set_new(object, name, isfinite(value) ? json_real(value) : json_null());
}

static void put_count(json_t *object, const char *name, guint value)
{
    json_object_set_new(object, name, json_integer(value));
}

static void put_flag(json_t *object, const char *name, gboolean value)
{
    json_object_set_new(object, name, json_boolean(value));
}

static void put_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text != NULL ? json_string(text) : json_null());
}

static json_t *boxes(const DaMeasureBox *box, guint count)
{
    json_t *array = json_array();
    for (guint i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:i, s:i, s:i, s:i}", "x_px", (int)box[i].x_px,
                                               "y_px", (int)box[i].y_px, "w_px", (int)box[i].w_px,
                                               "h_px", (int)box[i].h_px));
    return array;
}

/* --- header -------------------------------------------------------------------------------------------------------- */

static void put_header(json_t *object, const DaImageInfo *info)
{
    gboolean sideways = info->exif_orientation >= 5; /* seen as people see it */
    put_count(object, "width_px", sideways ? info->height_px : info->width_px);
    put_count(object, "height_px", sideways ? info->width_px : info->height_px);
    put_text(object, "format", da_image_mime(info->format));
    put_count(object, "dpi_x", info->dpi_x);
    put_count(object, "dpi_y", info->dpi_y);
    put_count(object, "bits_per_sample", info->bits_per_sample);
    put_count(object, "channels", info->channels);
}

/* --- size and resolution --------------------------------------------------------------------------------------------- */

typedef struct {
    double width_px, height_px;
} Size;

/* Of the sheet, or of the scan where the sheet cannot be told from the bed. */
static Size size_of(const DaImageInfo *info, const DaMeasure *measure)
{
    const double(*quad)[2] = measure->sheet_quad_px;
    if (!measure->sheet_known)
        return (Size){info->width_px, info->height_px};
    return (Size){hypot(quad[1][0] - quad[0][0], quad[1][1] - quad[0][1]),
                  hypot(quad[3][0] - quad[0][0], quad[3][1] - quad[0][1])};
}

static void put_resolution(json_t *object, const DaImageInfo *info, const DaMeasure *measure)
{
    Size size = size_of(info, measure);
    guint likely =
        info->dpi_x ? da_paper_likely_dpi(size.width_px, size.height_px, info->dpi_x) : 0;
    double mm = likely ? MM_PER_INCH / likely : NAN;
    put(object, "sheet_width_mm", size.width_px * mm);
    put(object, "sheet_height_mm", size.height_px * mm);
    put_text(object, "paper",
             likely ? da_paper_name(size.width_px * mm, size.height_px * mm) : NULL);
    put(object, "likely_dpi", likely ? likely : NAN);
    put_flag(object, "dpi_plausible",
             info->dpi_x && likely == info->dpi_x && info->dpi_x == info->dpi_y);
    put(object, "enlarged", measure->enlarged);
    put(object, "real_dpi", likely ? likely / measure->enlarged : NAN);
}

/* --- edges ------------------------------------------------------------------------------------------------------------ */

static json_t *corners(const DaMeasure *measure)
{
    if (!measure->sheet_known)
        return json_null();
    json_t *array = json_array();
    for (guint i = 0; i < 4; i++)
        json_array_append_new(
            array, json_pack("[f, f]", measure->sheet_quad_px[i][0], measure->sheet_quad_px[i][1]));
    return array;
}

static void put_edges(json_t *object, const DaMeasure *measure)
{
    json_t *sheet = json_object(), *content = json_array();
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++) {
        const char *name = da_side_of_scan_name(side);
        put(sheet, name, measure->sheet_cut_mm[side]);
        if (measure->content_cut[side])
            json_array_append_new(content, json_string(name));
    }
    put_count(object, "bed_grey", measure->bed_grey);
    json_object_set_new(object, "sheet", corners(measure));
    json_object_set_new(object, "sheet_cut_mm", sheet);
    json_object_set_new(object, "content_cut", content);
}

/* --- light and content ------------------------------------------------------------------------------------------------ */

static void put_tones(json_t *object, const DaMeasure *measure)
{
    put(object, "mean_grey", measure->mean_grey);
    put(object, "contrast", measure->contrast);
    put(object, "paper_grey", measure->paper_grey);
    put(object, "ink_grey", measure->ink_grey);
    put(object, "white_share", measure->white_share);
    put(object, "black_share", measure->black_share);
    put_text(object, "exposure", da_exposure_name(measure->exposure));
    put(object, "blur_px", measure->blur_px);
    put_flag(object, "blurred", measure->blurred);
}

static void put_content(json_t *object, const DaMeasure *measure)
{
    g_autofree char *fingerprint = da_fingerprint_to_text(&measure->fingerprint);
    put_flag(object, "blank", measure->blank);
    put(object, "ink_share", measure->ink_share);
    put(object, "show_through", measure->show_through);
    put(object, "red_share", measure->red_share);
    put(object, "line_ratio", measure->line_ratio);
    json_object_set_new(object, "photographs",
                        boxes(measure->photographs, measure->photograph_count));
    json_object_set_new(object, "seals", boxes(measure->seals, measure->seal_count));
    put_text(object, "fingerprint", fingerprint);
}

json_t *da_inspection_to_json(const DaInspection *inspection)
{
    const DaMeasure *measure = &inspection->measure;
    json_t *object = json_object();
    put_header(object, &inspection->info);
    put_count(object, "turn_cw_deg", (guint)inspection->turn_cw_deg);
    put(object, "turn_confidence", inspection->turn_confidence);
    put(object, "skew_cw_deg", measure->skew_cw_deg);
    put(object, "skew_confidence", measure->skew_confidence);
    put_content(object, measure);
    put_resolution(object, &inspection->info, measure);
    put_edges(object, measure);
    put_tones(object, measure);
    return object;
}
