#include <dangan/measure.h>

#include "leptonica.h"

#include <math.h>

/* Sauvola & Pietikäinen 2000: threshold = mean · (1 + k · (deviation / R - 1)) over a window. Applied to a page whose background was
 * levelled to 255 first, which is the same as scaling the deviation by 255 / background: so the page itself need not be
 * rewritten. Mean and deviation are taken over whole cells and the threshold interpolated between their middles. */
#define SAUVOLA_K 0.34
#define SAUVOLA_R 128.0
#define CELL 8
/* The window in mm: a little wider than strokes and their gaps at usual sizes. */
#define WINDOW_MM 3.4
/* How far the lightest cell is looked for, which is paper. */
#define PAPER_MM 4.0
#define MM_PER_INCH 25.4
#define DEFAULT_DPI 300

typedef struct {
    guint width, height; /* cells */
    guint32 *count, *sum, *squares;
    guint8 *lightest; /* mean of the lightest row of a cell */
    guint8 *threshold;
} Cells;

static void cells_clear(Cells *cells)
{
    g_free(cells->count);
    g_free(cells->sum);
    g_free(cells->squares);
    g_free(cells->lightest);
    g_free(cells->threshold);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cells, cells_clear)

static void add_row(Cells *cells, guint32 *line, guint width, guint y)
{
    gsize at = (gsize)(y / CELL) * cells->width;
    for (guint x = 0; x < width; at++) {
        guint sum = 0, squares = 0, count = 0;
        for (; count < CELL && x < width; count++, x++) {
            guint grey = GET_DATA_BYTE(line, x);
            sum += grey;
            squares += grey * grey;
        }
        cells->count[at] += count;
        cells->sum[at] += sum;
        cells->squares[at] += squares;
        cells->lightest[at] = MAX(cells->lightest[at], (guint8)(sum / count));
    }
}

static Cells cells_of(Pix *grey)
{
    guint width = (guint)pixGetWidth(grey), height = (guint)pixGetHeight(grey);
    Cells cells = {.width = (width + CELL - 1) / CELL, .height = (height + CELL - 1) / CELL};
    gsize count = (gsize)cells.width * cells.height;
    cells.count = g_new0(guint32, count);
    cells.sum = g_new0(guint32, count);
    cells.squares = g_new0(guint32, count);
    cells.lightest = g_malloc0(count);
    cells.threshold = g_malloc0(count);
    for (guint y = 0; y < height; y++)
        add_row(&cells, pixGetData(grey) + (gsize)y * (gsize)pixGetWpl(grey), width, y);
    return cells;
}

static guint8 threshold_at(const Cells *cells, guint x, guint y, guint window, guint paper_reach)
{
    guint64 count = 0, sum = 0, squares = 0;
    guint paper = 1, reach = MAX(window, paper_reach);
    for (guint v = y > reach ? y - reach : 0; v <= y + reach && v < cells->height; v++) {
        for (guint u = x > reach ? x - reach : 0; u <= x + reach && u < cells->width; u++) {
            gsize at = (gsize)v * cells->width + u;
            guint distance = MAX(u > x ? u - x : x - u, v > y ? v - y : y - v);
            if (distance <= paper_reach)
                paper = MAX(paper, cells->lightest[at]);
            if (distance > window)
                continue;
            count += cells->count[at];
            sum += cells->sum[at];
            squares += cells->squares[at];
        }
    }
    double mean = (double)sum / (double)count;
    double deviation = sqrt(MAX(0, (double)squares / (double)count - mean * mean)) * 255 / paper;
    return (guint8)CLAMP(mean * (1 + SAUVOLA_K * (deviation / SAUVOLA_R - 1)), 0, 255);
}

static void set_thresholds(Cells *cells, guint dpi)
{
    double cells_per_mm = dpi / MM_PER_INCH / CELL;
    guint window = (guint)MAX(1, lround(WINDOW_MM * cells_per_mm / 2));
    guint paper_reach = (guint)MAX(1, lround(PAPER_MM * cells_per_mm / 2));
    for (guint y = 0; y < cells->height; y++) {
        for (guint x = 0; x < cells->width; x++)
            cells->threshold[(gsize)y * cells->width + x] =
                threshold_at(cells, x, y, window, paper_reach);
    }
}

/* Thresholds of a row of cells for px row `y`, between the middles of the cells above and below. */
static void thresholds_of_row(const Cells *cells, guint y, guint16 *row)
{
    guint below = MIN((y + CELL / 2) / CELL, cells->height - 1), part = (y + CELL / 2) % CELL;
    guint above = y + CELL / 2 >= CELL ? (y + CELL / 2) / CELL - 1 : 0;
    for (guint x = 0; x < cells->width; x++)
        row[x] = (guint16)(cells->threshold[above * cells->width + x] * (CELL - part) +
                           cells->threshold[below * cells->width + x] * part);
}

static void binarize_row(guint32 *from, guint32 *to, guint width, const guint16 *thresholds,
                         guint cells)
{
    for (guint x = 0; x < width; x++) {
        guint right = MIN((x + CELL / 2) / CELL, cells - 1), part = (x + CELL / 2) % CELL;
        guint left = x + CELL / 2 >= CELL ? (x + CELL / 2) / CELL - 1 : 0;
        guint threshold = thresholds[left] * (CELL - part) + thresholds[right] * part;
        guint32 black = GET_DATA_BYTE(from, x) * (guint)(CELL * CELL) < threshold;
        to[x / 32] |= black << (31 - x % 32);
    }
}

Pix *da_measure_binarize(Pix *grey, guint dpi)
{
    da_leptonica_quiet();
    if (pixGetDepth(grey) == 1)
        return pixClone(grey);
    g_autoptr(Pix) plain = da_measure_grey_without_red(grey);
    guint width = (guint)pixGetWidth(plain), height = (guint)pixGetHeight(plain);
    g_autoptr(Pix) out = pixCreate((int)width, (int)height, 1);
    pixCopyResolution(out, grey);
    g_auto(Cells) cells = cells_of(plain);
    set_thresholds(&cells, dpi == 0 ? DEFAULT_DPI : dpi);
    g_autofree guint16 *row = g_new(guint16, cells.width);
    for (guint y = 0; y < height; y++) {
        thresholds_of_row(&cells, y, row);
        binarize_row(pixGetData(plain) + (gsize)y * (gsize)pixGetWpl(plain),
                     pixGetData(out) + (gsize)y * (gsize)pixGetWpl(out), width, row, cells.width);
    }
    return g_steal_pointer(&out);
}

Pix *da_measure_grey_without_red(Pix *pix)
{
    da_leptonica_quiet();
    if (pixGetColormap(pix) != NULL || (pixGetDepth(pix) != 8 && pixGetDepth(pix) != 32)) {
        g_autoptr(Pix) plain = pixConvertTo8Or32(pix, L_COPY, 0);
        return plain == NULL ? NULL : da_measure_grey_without_red(plain);
    }
    if (pixGetDepth(pix) == 8)
        return pixClone(pix);
    guint width = (guint)pixGetWidth(pix), height = (guint)pixGetHeight(pix);
    g_autoptr(Pix) grey = pixCreate((int)width, (int)height, 8);
    if (grey == NULL)
        return NULL;
    pixCopyResolution(grey, pix);
    for (guint y = 0; y < height; y++) {
        const guint32 *from = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        guint32 *to = pixGetData(grey) + (gsize)y * (gsize)pixGetWpl(grey);
        for (guint x = 0; x < width; x++)
            to[x / 4] |= from[x] >> 24 << (24 - x % 4 * 8);
    }
    return g_steal_pointer(&grey);
}
