#include "red.h"
#include "rulings.h"

#include <math.h>

/* How much more red exceeds green and blue in ink than in the paper: it begins above the grain of paper, faint seal ink has 40, and
 * from FULL_RED on it is as dark as it gets. */
#define LEAST_RED 12
#define SURE_RED 45
#define FULL_RED 90
/* How light red ink is in the red channel, as a share of the paper: black ink under it is darker. */
#define DARKEST_RED_INK 0.4
#define LIGHT_RED_INK 0.65
/* Of the layer: darker than this is ink. */
#define MARK_LEVEL 165
/* Every so many px are enough to know the paper. */
#define PAPER_STEP 16
/* Less red ink than a character has. */
#define MIN_RED_MM2 20.0

/* Seals of bodies have 38 to 45 mm, departments' smaller; seals of persons 8 to 20 mm. */
#define ROUND_MIN_MM 24.0
#define ROUND_MAX_MM 60.0
#define SQUARE_MIN_MM 7.0
#define MAX_SHAPE 1.25
/* Gaps in worn ink. */
#define JOIN_MM 1.6
#define REDUCTION 4

/* The ring of text between star and edge, in radii. Source: measured on seals after GB/T 33481 and older ones. */
#define RING_INNER 0.58
#define RING_OUTER 0.93
#define ANGLES 72
/* Characters of a red head are as large as small seals and have no frame. */
#define ROUND_EDGE_SHARE 0.55
#define SQUARE_EDGE_SHARE 0.8

#define MM_PER_INCH 25.4

static int red_of(guint32 px)
{
    int red = (int)(px >> 24), green = (int)(px >> 16 & 255), blue = (int)(px >> 8 & 255);
    return red - (green + blue) / 2;
}

typedef struct {
    int light, red; /* medians: most of a page is paper */
} Paper;

static int median(const guint *count, guint all)
{
    guint below = 0;
    int at = 0;
    while ((below += count[at]) <= all / 2)
        at++;
    return at;
}

static Paper paper_of(Pix *pix)
{
    guint lights[256] = {0}, reds[511] = {0}, all = 0;
    for (int y = 0; y < pixGetHeight(pix); y += PAPER_STEP) {
        const guint32 *row = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        for (int x = 0; x < pixGetWidth(pix); x += PAPER_STEP, all++) {
            lights[row[x] >> 24]++;
            reds[red_of(row[x]) + 255]++;
        }
    }
    return (Paper){median(lights, all), median(reds, all) - 255};
}

static double share(double value, double from, double to)
{
    return CLAMP((value - from) / (to - from), 0, 1);
}

typedef guint (*Tone)(guint32 px, Paper paper);

/* Red ink takes the tone of paper, no lighter and no darker, or the detector still sees it. Where the red channel is dark there is
 * other ink under the seal, and it stays. */
static guint without_red(guint32 px, Paper paper)
{
    int light = (int)(px >> 24);
    double ink = share(red_of(px) - paper.red, LEAST_RED, SURE_RED) *
                 share(light, DARKEST_RED_INK * paper.light, LIGHT_RED_INK * paper.light);
    return (guint)lround(light + (paper.light - light) * ink);
}

static guint red_alone(guint32 px, Paper paper)
{
    return 255 - (guint)lround(255 * share(red_of(px) - paper.red, LEAST_RED, FULL_RED));
}

static Pix *map_tones(Pix *pix, Tone tone)
{
    Paper paper = paper_of(pix);
    Pix *grey = pixCreate(pixGetWidth(pix), pixGetHeight(pix), 8);
    for (int y = 0; grey != NULL && y < pixGetHeight(pix); y++) {
        const guint32 *from = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        guint32 *to = pixGetData(grey) + (gsize)y * (gsize)pixGetWpl(grey);
        for (int x = 0; x < pixGetWidth(pix); x++)
            SET_DATA_BYTE(to, x, tone(from[x], paper));
    }
    return grey;
}

static gboolean has_colour(Pix *pix)
{
    return pixGetDepth(pix) == 32 && pixGetColormap(pix) == NULL;
}

Pix *da_red_removed(Pix *pix)
{
    return has_colour(pix) ? map_tones(pix, without_red) : pixConvertTo8(pix, 0);
}

/* --- the layer -------------------------------------------------------------------------------------------------------- */

static double area_px(double mm2, guint dpi)
{
    return mm2 * (dpi / MM_PER_INCH) * (dpi / MM_PER_INCH);
}

Pix *da_red_layer(Pix *pix, guint dpi)
{
    g_autoptr(Pix) layer = has_colour(pix) ? map_tones(pix, red_alone) : NULL;
    g_autoptr(Pix) marks = layer ? pixThresholdToBinary(layer, MARK_LEVEL) : NULL;
    int count = 0;
    if (marks == NULL || pixCountPixels(marks, &count, NULL) != 0 ||
        count < area_px(MIN_RED_MM2, dpi))
        return NULL;
    g_autoptr(Pix) kept = da_rulings_remove(marks, dpi);
    if (kept == NULL || pixCountPixels(kept, &count, NULL) != 0 ||
        count < area_px(MIN_RED_MM2, dpi))
        return NULL;
    pixSubtract(marks, marks, kept);
    g_autoptr(Pix) rulings = pixDilateBrick(NULL, marks, 5, 5);
    if (rulings == NULL)
        return NULL;
    pixSubtract(rulings, rulings, kept);
    pixPaintThroughMask(layer, rulings, 0, 0, 255);
    return g_steal_pointer(&layer);
}

/* --- seals ------------------------------------------------------------------------------------------------------------ */

static Pix *reduce(Pix *layer, guint dpi)
{
    g_autoptr(Pix) marks = pixThresholdToBinary(layer, MARK_LEVEL);
    g_autoptr(Pix) small = marks ? pixReduceRankBinaryCascade(marks, 1, 1, 0, 0) : NULL;
    int join = MAX(1, (int)(JOIN_MM / MM_PER_INCH * dpi / REDUCTION));
    return small ? pixCloseSafeBrick(NULL, small, join, join) : NULL;
}

/* Share of directions in which there is ink near the edge, of a circle or of a square. */
static double edge_share(Pix *part, gboolean round)
{
    double radius = (pixGetWidth(part) + pixGetHeight(part)) / 4.0;
    guint found = 0;
    for (guint i = 0; i < ANGLES; i++) {
        double angle = 2 * G_PI * i / ANGLES;
        double stretch = round ? 1 : 1 / fmax(fabs(cos(angle)), fabs(sin(angle)));
        gboolean ink = FALSE;
        for (double r = 0.88 * radius; r < 1.03 * radius; r += 0.5) {
            guint32 bit = 0;
            int x = (int)(pixGetWidth(part) / 2.0 + stretch * r * cos(angle));
            int y = (int)(pixGetHeight(part) / 2.0 + stretch * r * sin(angle));
            if (x >= 0 && y >= 0 && x < pixGetWidth(part) && y < pixGetHeight(part))
                pixGetPixel(part, x, y, &bit);
            ink = ink || bit;
        }
        found += ink;
    }
    return (double)found / ANGLES;
}

static gboolean is_seal(Pix *part, guint dpi, gboolean *round)
{
    double mm = MM_PER_INCH * REDUCTION / dpi;
    double width = pixGetWidth(part) * mm, height = pixGetHeight(part) * mm;
    if (fmax(width, height) > MAX_SHAPE * fmin(width, height))
        return FALSE;
    *round = width >= ROUND_MIN_MM;
    return width >= SQUARE_MIN_MM && width <= ROUND_MAX_MM &&
           edge_share(part, *round) >= (*round ? ROUND_EDGE_SHARE : SQUARE_EDGE_SHARE);
}

GArray *da_red_find_seals(Pix *layer, guint dpi)
{
    GArray *seals = g_array_new(FALSE, FALSE, sizeof(DaSeal));
    g_autoptr(Pix) small = reduce(layer, dpi);
    Pixa *found = NULL;
    g_autoptr(Boxa) boxes = small ? pixConnComp(small, &found, 8) : NULL;
    g_autoptr(Pixa) parts = found;
    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes); i++) {
        g_autoptr(Box) box = boxaGetBox(boxes, i, L_CLONE);
        g_autoptr(Pix) part = pixaGetPix(parts, i, L_CLONE);
        DaSeal seal = {.x = (box->x + box->w / 2.0) * REDUCTION,
                       .y = (box->y + box->h / 2.0) * REDUCTION,
                       .radius = (box->w + box->h) * REDUCTION / 4.0};
        if (is_seal(part, dpi, &seal.round))
            g_array_append_val(seals, seal);
    }
    return seals;
}

/* `along` from 0 at six o'clock clockwise to 1. */
static void ring_point(const DaSeal *seal, double along, double radius, double *x, double *y)
{
    double angle = 2 * G_PI * along;
    *x = seal->x - radius * seal->radius * sin(angle);
    *y = seal->y + radius * seal->radius * cos(angle);
}

Pix *da_seal_unroll(Pix *layer, const DaSeal *seal, guint height)
{
    double middle = (RING_INNER + RING_OUTER) / 2;
    guint width = (guint)lround(height * 2 * G_PI * middle / (RING_OUTER - RING_INNER));
    Pix *strip = pixCreate((int)width, (int)height, 8);
    const guint32 *data = pixGetData(layer);
    int columns = pixGetWidth(layer), rows = pixGetHeight(layer), wpl = pixGetWpl(layer);
    for (guint v = 0; strip != NULL && v < height; v++) {
        guint32 *row = pixGetData(strip) + (gsize)v * (gsize)pixGetWpl(strip);
        double radius = RING_OUTER - (RING_OUTER - RING_INNER) * (v + 0.5) / height;
        for (guint u = 0; u < width; u++) {
            double x, y;
            ring_point(seal, (u + 0.5) / width, radius, &x, &y);
            int column = CLAMP((int)x, 0, columns - 1), line = CLAMP((int)y, 0, rows - 1);
            SET_DATA_BYTE(row, u, GET_DATA_BYTE(data + (gsize)line * (gsize)wpl, column));
        }
    }
    return strip;
}

DaQuad da_seal_place(const DaSeal *seal, double from, double to)
{
    double x, y, half = (RING_OUTER - RING_INNER) / 2 * seal->radius;
    ring_point(seal, (from + to) / 2, (RING_INNER + RING_OUTER) / 2, &x, &y);
    return da_quad_of_box(x - half, y - half, x + half, y + half);
}

GArray *da_seal_cells(const DaSeal *seal)
{
    GArray *cells = g_array_new(FALSE, FALSE, sizeof(DaQuad));
    double edge = seal->radius * 0.9, x = seal->x, y = seal->y;
    const DaQuad quarters[] = {
        da_quad_of_box(x, y - edge, x + edge, y), da_quad_of_box(x, y, x + edge, y + edge),
        da_quad_of_box(x - edge, y - edge, x, y), da_quad_of_box(x - edge, y, x, y + edge)};
    g_array_append_vals(cells, quarters, G_N_ELEMENTS(quarters));
    return cells;
}

void da_seal_erase(Pix *layer, const DaSeal *seal)
{
    double reach = seal->radius * 1.08, inner = seal->round ? RING_INNER * seal->radius : 0;
    int top = (int)fmax(0, seal->y - reach);
    int bottom = (int)fmin(pixGetHeight(layer) - 1, seal->y + reach);
    int left = (int)fmax(0, seal->x - reach);
    int right = (int)fmin(pixGetWidth(layer) - 1, seal->x + reach);
    for (int y = top; y <= bottom; y++) {
        guint32 *row = pixGetData(layer) + (gsize)y * (gsize)pixGetWpl(layer);
        for (int x = left; x <= right; x++)
            if (!seal->round || hypot(x - seal->x, y - seal->y) > inner)
                SET_DATA_BYTE(row, x, 255);
    }
}
