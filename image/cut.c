#include "cut.h"

#include <math.h>

/* The line along a border that is looked at, px of the plane from it: the outermost px of a scan are often black or doubled. */
#define DEPTH_PX 2
/* Ink against the paper beside it. */
#define INK_SHARE 0.62
/* Strokes that cross the border: from a hairline to the bar of a large character. Wider ones are shadows and torn edges. */
#define STROKE_MIN_MM 0.15
#define STROKE_MAX_MM 3.0
/* Paper on both sides of a stroke. */
#define PAPER_MM 0.4
/* A fold, a table line or a speck crosses alone; text never does. */
#define MIN_STROKES 3
/* … within this length: characters stand together. */
#define STROKES_WITHIN_MM 60.0

/* The px of one border, as if it were a row. */
typedef struct {
    const DaPlane *plane;
    gsize start, step;
    guint length;
} Border;

static Border border_of(const DaPlane *plane, DaSideOfScan side)
{
    gsize width = plane->width, height = plane->height;
    guint depth = MIN(DEPTH_PX, MIN(plane->width, plane->height) - 1);
    switch (side) {
    case DA_SCAN_LEFT:
        return (Border){plane, depth, width, plane->height};
    case DA_SCAN_RIGHT:
        return (Border){plane, width - 1 - depth, width, plane->height};
    case DA_SCAN_TOP:
        return (Border){plane, depth * width, 1, plane->width};
    default:
        return (Border){plane, (height - 1 - depth) * width, 1, plane->width};
    }
}

static guint light_at(const Border *border, guint i)
{
    return border->plane->light[border->start + i * border->step];
}

static gboolean is_sheet(const Border *border, guint i)
{
    const DaPlane *plane = border->plane;
    gsize at = border->start + i * border->step;
    gsize x = at % plane->width / DA_PLANE_CELL, y = at / plane->width / DA_PLANE_CELL;
    return plane->sheet[y * plane->cells_x + x];
}

static double sheet_mm(const Border *border)
{
    const DaPlane *plane = border->plane;
    guint count = 0;
    for (guint i = 0; i < border->length; i++) {
        gsize at = border->start + i * border->step;
        guint blue = plane->blue != NULL ? plane->blue[at] : 0;
        count += is_sheet(border, i) && da_plane_differs_from_bed(plane, plane->light[at], blue);
    }
    return count / border->plane->px_per_mm;
}

/* The lighter of the px before and after a run: paper, if it is paper there. */
static gboolean stands_on_paper(const Border *border, guint first, guint end, guint paper_px,
                                guint darkest)
{
    guint before = 255, after = 255;
    if (first < paper_px || end + paper_px > border->length)
        return FALSE;
    for (guint i = 0; i < paper_px; i++) {
        before = MIN(before, light_at(border, first - 1 - i));
        after = MIN(after, light_at(border, end + i));
    }
    return darkest < INK_SHARE * MIN(before, after);
}

/* Where strokes cross the border; GArray of guint. */
static GArray *strokes_of(const Border *border)
{
    double per_mm = border->plane->px_per_mm;
    guint longest = (guint)ceil(STROKE_MAX_MM * per_mm), paper_px = (guint)ceil(PAPER_MM * per_mm);
    GArray *strokes = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 1; i < border->length; i++) {
        guint darkest = light_at(border, i), end = i, ground = light_at(border, i - 1);
        if (!is_sheet(border, i) || darkest >= 0.8 * ground)
            continue;
        while (end < border->length && end - i <= longest && light_at(border, end) < 0.8 * ground)
            darkest = MIN(darkest, light_at(border, end++));
        if (end - i <= longest && end - i >= STROKE_MIN_MM * per_mm &&
            stands_on_paper(border, i - 1, end + 1, paper_px, darkest)) {
            g_array_append_val(strokes, i);
            i = end;
        }
    }
    return strokes;
}

static gboolean cuts_text(const Border *border)
{
    g_autoptr(GArray) strokes = strokes_of(border);
    double within = STROKES_WITHIN_MM * border->plane->px_per_mm;
    for (guint i = MIN_STROKES - 1; i < strokes->len; i++) {
        guint first = g_array_index(strokes, guint, i + 1 - MIN_STROKES);
        if (g_array_index(strokes, guint, i) - first <= within)
            return TRUE;
    }
    return FALSE;
}

void da_cut_measure(const DaPlane *plane, DaMeasure *measure)
{
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++) {
        Border border = border_of(plane, side);
        measure->sheet_cut_mm[side] = plane->bed_known ? sheet_mm(&border) : NAN;
        measure->content_cut[side] = cuts_text(&border);
    }
}
