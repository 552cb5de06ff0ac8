#include <dangan/error.h>
#include <dangan/measure.h>

#include "content.h"
#include "cut.h"
#include "edge.h"
#include "enlarged.h"
#include "fingerprint_take.h"
#include "leptonica.h"
#include "lines.h"
#include "picture.h"
#include "plane.h"
#include "sheet.h"
#include "skew.h"
#include "tone.h"

#include <math.h>

#define DEFAULT_DPI 300
#define MIN_DPI 50
#define MAX_DPI 2400
/* Below it the best angle is no better than chance. */
#define MIN_CONFIDENCE 3.0
/* An edge may be so wide: what the px themselves need, and 0.125 mm of optics. Dossier scans at 300 dpi have 1.3 to 2.2 px. */
#define SHARP_PX 1.2
#define SHARP_MM 0.125
#define MM_PER_INCH 25.4
/* Softer edges than interpolation makes: what is left of px to px steps is the compression's. */
#define MAX_TRACE_PX 3.2

static void measure_direction(const DaPlane *plane, const DaContent *content, DaMeasure *measure)
{
    g_autofree guint8 *weight = da_content_weight(content, plane);
    DaSkew skew = da_skew_find(weight, plane->width, plane->height);
    measure->skew_confidence = skew.confidence;
    if (skew.confidence < MIN_CONFIDENCE)
        return;
    measure->skew_cw_deg = skew.cw_deg;
    g_autofree guint8 *glyphs = da_content_glyphs(content, plane);
    measure->line_ratio =
        da_lines_ratio(glyphs, plane->width, plane->height, plane->px_per_mm, skew.cw_deg);
}

static void measure_sharpness(Pix *pix, guint dpi, DaMeasure *measure)
{
    measure->blur_px = da_edge_width(pix);
    measure->blurred = measure->blur_px > SHARP_PX + SHARP_MM * dpi / MM_PER_INCH;
    measure->enlarged = measure->blur_px > MAX_TRACE_PX ? 1 : da_enlarged_factor(pix);
}

static void measure_pictures(const DaPlane *plane, DaMeasure *measure)
{
    measure->photograph_count =
        da_picture_photographs(plane, measure->photographs, DA_MEASURE_PHOTOGRAPHS);
    measure->seal_count = da_picture_seals(plane, measure->seals, DA_MEASURE_SEALS);
}

static void measure_plane(Pix *plain, guint dpi, DaMeasure *measure)
{
    g_autoptr(DaPlane) plane = da_plane_new(plain, dpi);
    g_autoptr(DaContent) content = da_content_find(plane);
    measure->bed_grey = plane->bed_grey;
    da_tone_measure(plane, content, measure);
    measure->blank = da_content_is_blank(content, plane);
    if (!measure->blank) {
        measure_direction(plane, content, measure);
        measure_sharpness(plain, dpi, measure);
        measure_pictures(plane, measure);
        da_fingerprint_take(plane, measure);
    }
    da_cut_measure(plane, measure);
    measure->sheet_known = da_sheet_find(plane, measure->skew_cw_deg, measure->sheet_quad_px);
}

const char *da_exposure_name(DaExposure exposure)
{
    static const char *const names[] = {"normal", "under", "over"};
    return names[exposure];
}

const char *da_side_of_scan_name(DaSideOfScan side)
{
    static const char *const names[] = {"left", "top", "right", "bottom"};
    return names[side];
}

gboolean da_measure_page(Pix *pix, guint dpi, DaMeasure *measure, GError **error)
{
    da_leptonica_quiet();
    *measure = (DaMeasure){.skew_cw_deg = NAN, .line_ratio = 1, .blur_px = NAN, .enlarged = 1};
    if (dpi != 0 && (dpi < MIN_DPI || dpi > MAX_DPI))
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot measure a scan of %u dpi; %d to %d are possible", dpi, MIN_DPI,
                            MAX_DPI);
    g_autoptr(Pix) plain =
        pixGetColormap(pix) == NULL && (pixGetDepth(pix) == 8 || pixGetDepth(pix) == 32)
            ? pixClone(pix)
            : pixConvertTo8Or32(pix, L_COPY, 0);
    if (plain == NULL)
        return da_error_set(error, DA_ERROR_INPUT, "cannot measure an image of %d bits",
                            pixGetDepth(pix));
    measure_plane(plain, dpi == 0 ? DEFAULT_DPI : dpi, measure);
    return TRUE;
}
