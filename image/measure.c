#include <dangan/error.h>
#include <dangan/measure.h>

#include "content.h"
#include "edge.h"
#include "leptonica.h"
#include "lines.h"
#include "plane.h"
#include "sheet.h"
#include "skew.h"

#include <math.h>

#define DEFAULT_DPI 300
#define MIN_DPI 50
#define MAX_DPI 2400
/* Below it the best angle is no better than chance. */
#define MIN_CONFIDENCE 3.0
/* As light as a fold or a stain, darker than the grain of paper: what the other side shows. */
#define FAINT_LEVEL 235
#define RED_EXCESS 40

/* Shares, brightness and contrast of what is inside the sheet. */
static void measure_tones(const DaPlane *plane, const DaContent *content, DaMeasure *measure)
{
    guint64 sum = 0, squares = 0, count = 0, faint = 0, red = 0, marks = 0;
    for (guint y = 0; y < plane->height; y++) {
        for (guint x = 0; x < plane->width; x++) {
            if (!da_plane_is_inside(plane, x, y))
                continue;
            gsize at = (gsize)y * plane->width + x;
            guint light = plane->light[at];
            sum += light;
            squares += light * light;
            count++;
            marks += plane->level[at] < FAINT_LEVEL;
            red += plane->red != NULL && plane->red[at] >= RED_EXCESS;
        }
    }
    double n = (double)MAX(1, count);
    double ink = (double)da_content_area(content, DA_KIND_GLYPH) +
                 da_content_area(content, DA_KIND_LINES) + da_content_area(content, DA_KIND_LINE) +
                 da_content_area(content, DA_KIND_SOLID);
    faint = marks > (guint64)ink ? marks - (guint64)ink : 0;
    measure->mean_grey = (double)sum / n;
    measure->contrast = sqrt(MAX(0, (double)squares / n - measure->mean_grey * measure->mean_grey));
    measure->ink_share = ink / n;
    measure->red_share = (double)red / n;
    measure->show_through = (double)faint / n;
}

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

gboolean da_measure_page(Pix *pix, guint dpi, DaMeasure *measure, GError **error)
{
    da_leptonica_quiet();
    *measure = (DaMeasure){.skew_cw_deg = NAN, .line_ratio = 1, .blur_px = NAN};
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
    g_autoptr(DaPlane) plane = da_plane_new(plain, dpi == 0 ? DEFAULT_DPI : dpi);
    g_autoptr(DaContent) content = da_content_find(plane);
    measure->bed_grey = plane->bed_grey;
    measure_tones(plane, content, measure);
    measure->blank = da_content_is_blank(content, plane);
    if (!measure->blank) {
        measure_direction(plane, content, measure);
        measure->blur_px = da_edge_width(plain);
    }
    measure->sheet_known = da_sheet_find(plane, measure->skew_cw_deg, measure->sheet_quad_px);
    return TRUE;
}
