#include "strips.h"
#include "rulings.h"

#include <dangan/measure.h>

#define STRIPS 6
/* Gaps between characters of one line. */
#define JOIN_MM 2.6
/* Lines of forms are 2.5 to 9 mm high; below is noise, above are pictures. */
#define MIN_HEIGHT_MM 2.2
#define MAX_HEIGHT_MM 11.0
#define MIN_SHAPE 2.5
#define MARGIN_MM 1.0
/* Longer strips cost more and say no more. */
#define MAX_WIDTH_MM 90.0

static int to_px(double mm, guint dpi)
{
    return (int)(mm / 25.4 * dpi + 0.5);
}

static int ink_in(Pix *ink, Box *box)
{
    g_autoptr(Pix) part = pixClipRectangle(ink, box, NULL);
    int count = 0;
    if (part != NULL)
        pixCountPixels(part, &count, NULL);
    return count;
}

static gboolean is_line(Box *box, guint dpi)
{
    return box->h >= to_px(MIN_HEIGHT_MM, dpi) && box->h <= to_px(MAX_HEIGHT_MM, dpi) &&
           box->w >= MIN_SHAPE * box->h;
}

/* Boxes of lines by how much ink they hold. */
static Boxa *find_lines(Pix *ink, guint dpi)
{
    int max_width = to_px(MAX_WIDTH_MM, dpi);
    g_autoptr(Pix) joined = pixCloseSafeBrick(NULL, ink, to_px(JOIN_MM, dpi), 1);
    g_autoptr(Boxa) boxes = joined ? pixConnCompBB(joined, 8) : NULL;
    g_autoptr(Boxa) lines = boxaCreate(0);
    g_autoptr(Numa) weights = numaCreate(0);
    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes); i++) {
        g_autoptr(Box) box = boxaGetBox(boxes, i, L_COPY);
        if (!is_line(box, dpi))
            continue;
        if (box->w > max_width) {
            box->x += (box->w - max_width) / 2;
            box->w = max_width;
        }
        numaAddNumber(weights, (float)ink_in(ink, box));
        boxaAddBox(lines, box, L_COPY);
    }
    if (boxaGetCount(lines) == 0)
        return g_steal_pointer(&lines);
    g_autoptr(Numa) order = numaGetSortIndex(weights, L_SORT_DECREASING);
    return order ? boxaSortByIndex(lines, order) : NULL;
}

Pixa *da_strips_find(Pix *pix, guint dpi)
{
    int margin = to_px(MARGIN_MM, dpi);
    g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
    g_autoptr(Pix) ink = grey ? da_measure_binarize(grey, dpi) : NULL;
    g_autoptr(Pix) text = ink ? da_rulings_remove(ink, dpi) : NULL;
    g_autoptr(Boxa) lines = text ? find_lines(text, dpi) : NULL;
    if (lines == NULL)
        return NULL;
    g_autoptr(Pixa) strips = pixaCreate(STRIPS);
    for (int i = 0; i < MIN(STRIPS, boxaGetCount(lines)); i++) {
        g_autoptr(Box) box = boxaGetBox(lines, i, L_COPY);
        g_autoptr(Box) wide = boxCreate(MAX(0, box->x - margin), MAX(0, box->y - margin),
                                        box->w + 2 * margin, box->h + 2 * margin);
        Pix *strip = pixClipRectangle(text, wide, NULL);
        if (strip != NULL)
            pixaAddPix(strips, strip, L_INSERT);
    }
    return g_steal_pointer(&strips);
}
