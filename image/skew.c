#include "skew.h"

#include <math.h>
#include <string.h>

/* The score of an angle is the sum of squared differences between neighbouring bins of the projection along it, over rows
 * and over columns: lines of text and rules make both jump. Source: Postl 1986 as used by Leptonica's skew.c; here with a true
 * rotation and points split between bins, so that the score is smooth below a hundredth of a degree. */

#define SWEEP_DEG 15.0
/* Half the width of the peak that a rule across an A4 page makes at a quarter of 150 dpi. */
#define SWEEP_STEP_DEG 0.25
#define FINE_STEP_DEG 0.0625
#define LAST_STEP_DEG 0.04
#define LAST_STEPS 4
/* The flanks are where the score has fallen to this part of its peak. */
#define FLANK_LEVEL 0.8
#define MAX_FLANK_STEPS 12
#define FRACTION_BITS 8
#define FIXED_BITS 16

typedef struct {
    guint width, height;
    guint *row; /* first point of each row; height + 1 entries */
    guint16 *x;
    guint16 *weight;
    guint bins;
    gint64 *projection; /* bins */
} Points;

static void points_clear(Points *points)
{
    g_free(points->row);
    g_free(points->x);
    g_free(points->weight);
    g_free(points->projection);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Points, points_clear)

static Points points_of(const guint8 *weight, guint width, guint height)
{
    gsize count = 0, size = (gsize)width * height;
    for (gsize i = 0; i < size; i++)
        count += weight[i] != 0;
    Points points = {.width = width,
                     .height = height,
                     .row = g_new(guint, height + 1),
                     .x = g_new(guint16, count + 1),
                     .weight = g_new(guint16, count + 1),
                     .bins = (guint)ceil(hypot(width, height)) + 4};
    points.projection = g_new(gint64, points.bins);
    guint n = 0;
    for (guint y = 0; y < height; y++) {
        points.row[y] = n;
        for (guint x = 0; x < width; x++) {
            guint8 w = weight[(gsize)y * width + x];
            points.x[n] = (guint16)x;
            points.weight[n] = w;
            n += w != 0;
        }
    }
    points.row[height] = n;
    return points;
}

/* Bin of (x, y) = y * down + x * right, measured from the middle of the page. */
static double score_along(const Points *points, double right, double down)
{
    memset(points->projection, 0, points->bins * sizeof *points->projection);
    gint64 step = llround(right * (1 << FIXED_BITS));
    double middle = points->bins / 2.0 - points->width / 2.0 * right - points->height / 2.0 * down;
    for (guint y = 0; y < points->height; y++) {
        gint64 base = llround((middle + y * down) * (1 << FIXED_BITS));
        for (guint i = points->row[y]; i < points->row[y + 1]; i++) {
            gint64 at = base + points->x[i] * step;
            gint32 part = (gint32)(at >> (FIXED_BITS - FRACTION_BITS)) & ((1 << FRACTION_BITS) - 1);
            gint64 *bin = points->projection + (at >> FIXED_BITS);
            bin[0] += points->weight[i] * ((1 << FRACTION_BITS) - part);
            bin[1] += points->weight[i] * part;
        }
    }
    /* Two bins against two: one against one would favour lines that happen to lie on whole px. */
    const gint64 *bins = points->projection;
    double sum = 0;
    for (guint i = 3; i < points->bins; i++) {
        double jump = (double)(bins[i] + bins[i - 1] - bins[i - 2] - bins[i - 3]);
        sum += jump * jump;
    }
    return sum;
}

static double score(const Points *points, double cw_deg)
{
    double angle = cw_deg * G_PI / 180;
    return score_along(points, -sin(angle), cos(angle)) +
           score_along(points, cos(angle), sin(angle));
}

/* The best of the angles centre - n * step … centre + n * step. */
static double best_around(const Points *points, double centre, double step, int n,
                          double *best_score, double *worst_score)
{
    double best = centre;
    *best_score = -1;
    *worst_score = INFINITY;
    for (int i = -n; i <= n; i++) {
        double s = score(points, centre + i * step);
        *worst_score = MIN(*worst_score, s);
        if (s <= *best_score)
            continue;
        *best_score = s;
        best = centre + i * step;
    }
    return best;
}

/* How far from `top` in the direction of `step` the score falls below `floor`. */
static double flank(const Points *points, double top, double top_score, double step, double floor)
{
    double last = top_score;
    for (int i = 1; i <= MAX_FLANK_STEPS; i++) {
        double s = score(points, top + i * step);
        if (s < floor)
            return step * (i - 1 + (last - floor) / (last - s));
        last = s;
    }
    return step * MAX_FLANK_STEPS;
}

/* A rule is some px thick, so the score is nearly level around its peak; the middle between the flanks is the angle. */
static double middle_of_peak(const Points *points, double around)
{
    double top_score = 0, ignored = 0;
    double top = best_around(points, around, LAST_STEP_DEG, LAST_STEPS, &top_score, &ignored);
    double floor = FLANK_LEVEL * top_score;
    return top + (flank(points, top, top_score, -LAST_STEP_DEG, floor) +
                  flank(points, top, top_score, LAST_STEP_DEG, floor)) /
                     2;
}

static guint8 *halve(const guint8 *weight, guint width, guint height)
{
    guint w = width / 2, h = height / 2;
    guint8 *small = g_malloc((gsize)w * h + 1);
    for (guint y = 0; y < h; y++) {
        const guint8 *row = weight + (gsize)y * 2 * width;
        for (guint x = 0; x < w; x++, row += 2)
            small[(gsize)y * w + x] = (guint8)((row[0] + row[1] + row[width] + row[width + 1]) / 4);
    }
    return small;
}

DaSkew da_skew_find(const guint8 *weight, guint width, guint height)
{
    g_autofree guint8 *half = halve(weight, width, height);
    g_autofree guint8 *quarter = halve(half, width / 2, height / 2);
    g_auto(Points) coarse = points_of(quarter, width / 4, height / 4);
    if (coarse.row[height / 4] == 0)
        return (DaSkew){NAN, 0};
    double best = 0, worst = 0, ignored = 0;
    double angle =
        best_around(&coarse, 0, SWEEP_STEP_DEG, (int)(SWEEP_DEG / SWEEP_STEP_DEG), &best, &worst);
    double confidence = worst > 0 ? best / worst : 0;
    g_auto(Points) middle = points_of(half, width / 2, height / 2);
    angle = best_around(&middle, angle, FINE_STEP_DEG, 4, &best, &ignored);
    g_auto(Points) fine = points_of(weight, width, height);
    return (DaSkew){CLAMP(middle_of_peak(&fine, angle), -SWEEP_DEG, SWEEP_DEG), confidence};
}
