#include "quality.h"

#include <stdlib.h>

/* How much darker or lighter than both its sides a streak is, and over how much of the height. */
#define STREAK_STEP 14
#define STREAK_SHARE 0.97
#define STREAK_PAPER 0.5
#define PAPER_GREY 128
#define STREAK_SIDE_PX 4
/* The border of a scan has shadows of its own. */
#define BORDER_SHARE 0.04

/* A band along an edge is dark where most of it is. */
#define DARK_GREY 70
#define DARK_SHARE 0.7

#define SAMPLE_ROWS 400u

typedef struct {
    const l_uint32 *data;
    int width, height, words_a_line, depth;
} Raster;

static Raster raster_of(Pix *pix)
{
    return (Raster){pixGetData(pix), pixGetWidth(pix), pixGetHeight(pix), pixGetWpl(pix),
                    pixGetDepth(pix)};
}

/* Green carries most of the light, and seals stay dark in it. */
static int grey_at(const Raster *raster, int x, int y)
{
    const l_uint32 *line = raster->data + (gsize)y * (gsize)raster->words_a_line;
    return raster->depth == 8 ? (int)GET_DATA_BYTE(line, x)
                              : (int)(line[x] >> L_GREEN_SHIFT & 0xff);
}

static int row_step(const Raster *raster)
{
    return MAX(1, raster->height / (int)SAMPLE_ROWS);
}

/* Of the rows that are paper on both sides of x, how many show it darker (`sign` 1) or lighter (-1); 0 where too few are paper. */
static double share_of_rows(const Raster *raster, int x, int sign)
{
    guint rows = 0, paper = 0, marked = 0;
    for (int y = 0; y < raster->height; y += row_step(raster), rows++) {
        int here = grey_at(raster, x, y);
        int left = grey_at(raster, x - STREAK_SIDE_PX, y),
            right = grey_at(raster, x + STREAK_SIDE_PX, y);
        if (MIN(left, right) < PAPER_GREY || abs(left - right) > STREAK_STEP)
            continue;
        paper++;
        marked += sign * (left - here) >= STREAK_STEP && sign * (right - here) >= STREAK_STEP;
    }
    return paper > rows * STREAK_PAPER ? (double)marked / paper : 0;
}

static int find_streak(const Raster *raster)
{
    int border = MAX(STREAK_SIDE_PX, (int)(raster->width * BORDER_SHARE));
    for (int x = border; x < raster->width - border; x++)
        if (share_of_rows(raster, x, 1) >= STREAK_SHARE ||
            share_of_rows(raster, x, -1) >= STREAK_SHARE)
            return x;
    return -1;
}

/* Row or column `at` from an edge (0 left, 1 right, 2 top, 3 bottom) is the bed of the scanner, or the dark behind its lid. */
static gboolean is_dark(const Raster *raster, int edge, int at)
{
    gboolean column = edge < 2;
    int length = column ? raster->height : raster->width;
    int line = edge == 0 || edge == 2 ? at : (column ? raster->width : raster->height) - 1 - at;
    int step = MAX(1, length / (int)SAMPLE_ROWS);
    guint dark = 0, seen = 0;
    for (int i = 0; i < length; i += step, seen++)
        dark += grey_at(raster, column ? line : i, column ? i : line) < DARK_GREY;
    return dark > seen * DARK_SHARE;
}

static guint measure_border(const Raster *raster)
{
    guint widest = 0;
    for (int edge = 0; edge < 4; edge++) {
        int most = (edge < 2 ? raster->width : raster->height) / 3, band = 0;
        while (band < most && is_dark(raster, edge, band))
            band++;
        widest = MAX(widest, (guint)band);
    }
    return widest;
}

static guint8 median(const guint *histogram, guint64 total)
{
    guint64 below = 0;
    guint value = 0;
    while (value < 255 && (below += histogram[value]) * 2 < total)
        value++;
    return (guint8)value;
}

static void measure_paper(const Raster *raster, guint8 paper[3])
{
    static const int shifts[3] = {L_RED_SHIFT, L_GREEN_SHIFT, L_BLUE_SHIFT};
    guint histogram[3][256] = {{0}};
    guint64 total = 0;
    for (int y = 0; y < raster->height; y += row_step(raster))
        for (int x = 0; x < raster->width; x += 3, total++)
            for (int c = 0; c < 3; c++)
                histogram[c][raster->depth == 8
                                 ? grey_at(raster, x, y)
                                 : (int)(raster->data[(gsize)y * (gsize)raster->words_a_line +
                                                      (gsize)x] >>
                                             shifts[c] &
                                         0xff)]++;
    for (int c = 0; c < 3; c++)
        paper[c] = median(histogram[c], total);
}

DaQuality da_quality_measure(Pix *pix)
{
    DaQuality quality = {.streak_x_px = -1};
    const Raster raster = raster_of(pix);
    if ((raster.depth != 8 && raster.depth != 32) || raster.width < 100 || raster.height < 100)
        return quality;
    quality.streak_x_px = find_streak(&raster);
    quality.border_px = measure_border(&raster);
    measure_paper(&raster, quality.paper);
    return quality;
}
