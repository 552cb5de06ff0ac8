#include "skew.h"

#include <math.h>
#include <string.h>

/* The score of an angle is the sum of squared differences between neighbouring bins of the projection along it, over rows and over
 * columns: lines of text and rules make both jump. Source: Postl 1986 as used by Leptonica's skew.c; here with a true rotation.
 *
 * Projecting every px for every angle is what such a search spends its time on. Here px are projected once along a base angle, each strip of
 * the page by itself; along an angle near the base a strip's projection is the same but for its place, so that the page's projection is
 * the sum of its strips, each moved as a whole. Bins of a quarter px keep the score smooth below a hundredth of a degree. */

#define SWEEP_DEG 15.0
/* Half the width of the peak that a rule across an A4 page makes at a quarter of 150 dpi. */
#define SWEEP_STEP_DEG 0.25
/* So many steps to either side share a base: at their end a px of a strip is a sixth of a px from where it should be. */
#define SWEEP_REACH 5
#define FINE_STEP_DEG 0.04
/* The sweep finds the peak within 0.4°. */
#define FINE_STEPS 10
/* The flanks are where the score has fallen to this part of its peak. */
#define FLANK_LEVEL 0.96
#define MAX_FLANK_STEPS 10
#define FINE_REACH (FINE_STEPS + MAX_FLANK_STEPS)
#define REDUCTION 4

#define FIXED_BITS 16
#define BIN_BITS 2
#define BINS_PER_PX (1 << BIN_BITS)
/* A strip is 16 px wide, or so wide that there are no more than this many: then also its darkest bin stays below 65,536. */
#define STRIP_BITS 4
#define MAX_STRIPS 600

typedef struct {
    guint width, height;
    const guint8 *weight;
} Ink;

/* One direction: strips that lie beside each other along it, each with its bins across it. */
typedef struct {
    guint strips, bins;
    guint16 *ink;
    guint32 *sum; /* bins and room for `reach` at both ends, of the strips moved */
    guint reach;
    double middle; /* of the page along the direction, px */
} Direction;

typedef struct {
    double base_deg;
    guint strip_bits;
    Direction rows, columns;
} Projection;

static void projection_clear(Projection *projection)
{
    g_free(projection->rows.ink);
    g_free(projection->rows.sum);
    g_free(projection->columns.ink);
    g_free(projection->columns.sum);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Projection, projection_clear)

/* `along` and `across`: the extent of the page, px; strips are moved by up to `most_deg`. */
static Direction direction_of(double along, double across, guint strip_bits, double most_deg)
{
    Direction d = {.strips = ((guint)ceil(along) >> strip_bits) + 1,
                   .bins = ((guint)ceil(across) + 1) * BINS_PER_PX,
                   .middle = along / 2};
    double slope = sin(most_deg * G_PI / 180);
    /* five px more on either side, so that the jumps begin and end with nothing */
    d.reach = (guint)ceil((along + (1 << strip_bits)) * slope / 2 + 5) * BINS_PER_PX;
    d.ink = g_new0(guint16, (gsize)d.strips * d.bins);
    d.sum = g_new(guint32, d.bins + 2 * d.reach);
    return d;
}

/* Adds the px of a row: p runs with the rows, q with the columns; both as whole numbers with FIXED_BITS binary places. */
static void add_row(Projection *projection, const Ink *ink, guint y, gint64 p, gint64 q,
                    const gint64 step[2])
{
    Direction *rows = &projection->rows, *columns = &projection->columns;
    const guint8 *weight = ink->weight + (gsize)y * ink->width;
    const guint to_strip = FIXED_BITS + projection->strip_bits, to_bin = FIXED_BITS - BIN_BITS;
    for (guint x = 0; x < ink->width; x++, p += step[0], q += step[1]) {
        if (weight[x] == 0)
            continue;
        rows->ink[(gsize)(p >> to_strip) * rows->bins + (gsize)(q >> to_bin)] += weight[x];
        columns->ink[(gsize)(q >> to_strip) * columns->bins + (gsize)(p >> to_bin)] += weight[x];
    }
}

static gint64 fixed(double value)
{
    return llround(value * (1 << FIXED_BITS));
}

static Projection project(const Ink *ink, double base_deg, double most_deg)
{
    double sine = sin(base_deg * G_PI / 180), cosine = cos(base_deg * G_PI / 180);
    double along = ink->width * cosine + ink->height * fabs(sine) + 1;
    double down = ink->height * cosine + ink->width * fabs(sine) + 1;
    Projection projection = {.base_deg = base_deg, .strip_bits = STRIP_BITS};
    while (MAX(along, down) > (double)(MAX_STRIPS << projection.strip_bits))
        projection.strip_bits++;
    projection.rows = direction_of(along, down, projection.strip_bits, most_deg);
    projection.columns = direction_of(down, along, projection.strip_bits, most_deg);
    const gint64 step[2] = {fixed(cosine), fixed(-sine)};
    for (guint y = 0; y < ink->height; y++) {
        double dx = -(ink->width / 2.0), dy = y - ink->height / 2.0;
        add_row(&projection, ink, y, fixed(along / 2 + dx * cosine + dy * sine),
                fixed(down / 2 + dy * cosine - dx * sine), step);
    }
    return projection;
}

/* The strips, each moved by its distance from the middle times `slope`. */
static void add_strips(const Direction *d, guint strip_bits, double slope)
{
    const guint bins = d->bins;
    memset(d->sum, 0, (bins + 2 * d->reach) * sizeof *d->sum);
    for (guint s = 0; s < d->strips; s++) {
        double middle = (s + 0.5) * (1 << strip_bits) - d->middle;
        guint32 *sum = d->sum + (int)d->reach + lround(middle * slope * BINS_PER_PX);
        const guint16 *ink = d->ink + (gsize)s * bins;
        for (guint i = 0; i < bins; i++)
            sum[i] += ink[i];
    }
}

/* Two px against two: one against one would favour lines that happen to lie on whole px. */
static double jumps(const Direction *d)
{
    enum { WINDOW = 2 * BINS_PER_PX };
    gint64 jump = 0;
    double sum = 0;
    for (guint i = 2 * WINDOW; i < d->bins + 2 * d->reach; i++) {
        jump += (gint64)d->sum[i] - 2 * (gint64)d->sum[i - WINDOW] + d->sum[i - 2 * WINDOW];
        sum += (double)jump * (double)jump;
    }
    return sum;
}

static double score(const Projection *projection, double offset_deg)
{
    double slope = sin(offset_deg * G_PI / 180);
    add_strips(&projection->rows, projection->strip_bits, -slope);
    add_strips(&projection->columns, projection->strip_bits, slope);
    return jumps(&projection->rows) + jumps(&projection->columns);
}

/* Looks at every angle that a page may have; returns the best. */
static double sweep(const Ink *ink, double *confidence)
{
    int last = (int)(SWEEP_DEG / SWEEP_STEP_DEG);
    double best = -1, worst = INFINITY, angle = 0;
    for (int base = SWEEP_REACH - last; base - SWEEP_REACH <= last; base += 2 * SWEEP_REACH + 1) {
        g_auto(Projection) projection =
            project(ink, base * SWEEP_STEP_DEG, SWEEP_REACH * SWEEP_STEP_DEG);
        for (int i = -SWEEP_REACH; i <= SWEEP_REACH; i++) {
            double s = score(&projection, i * SWEEP_STEP_DEG);
            worst = MIN(worst, s);
            if (s <= best)
                continue;
            best = s;
            angle = (base + i) * SWEEP_STEP_DEG;
        }
    }
    *confidence = worst > 0 ? best / worst : 0;
    return angle;
}

/* Steps from `top` towards `side` (-1, 1) to where the score falls below `floor`. */
static double flank(const Projection *projection, int top, double top_score, int side, double floor)
{
    double last = top_score;
    for (int i = 1; i <= MAX_FLANK_STEPS; i++) {
        double s = score(projection, (top + side * i) * FINE_STEP_DEG);
        if (s < floor)
            return i - 1 + (last - floor) / (last - s);
        last = s;
    }
    return MAX_FLANK_STEPS;
}

/* A rule is some px thick, so the score is nearly level around its peak; the middle between the flanks is the angle. */
static double middle_of_peak(const Ink *ink, double around)
{
    g_auto(Projection) projection = project(ink, around, FINE_REACH * FINE_STEP_DEG);
    double top_score = -1;
    int top = 0;
    for (int i = -FINE_STEPS; i <= FINE_STEPS; i++) {
        double s = score(&projection, i * FINE_STEP_DEG);
        if (s <= top_score)
            continue;
        top_score = s;
        top = i;
    }
    double floor = FLANK_LEVEL * top_score;
    return around + FINE_STEP_DEG * (top + (flank(&projection, top, top_score, 1, floor) -
                                            flank(&projection, top, top_score, -1, floor)) /
                                               2);
}

static guint8 *reduce(const guint8 *weight, guint width, guint height)
{
    guint w = width / REDUCTION, h = height / REDUCTION;
    guint8 *small = g_malloc((gsize)w * h + 1);
    for (guint y = 0; y < h; y++) {
        for (guint x = 0; x < w; x++) {
            const guint8 *from = weight + ((gsize)y * width + x) * REDUCTION;
            guint sum = 0;
            for (guint i = 0; i < REDUCTION * REDUCTION; i++)
                sum += from[i / REDUCTION * width + i % REDUCTION];
            small[(gsize)y * w + x] = (guint8)(sum / (REDUCTION * REDUCTION));
        }
    }
    return small;
}

static gboolean has_ink(const Ink *ink)
{
    for (gsize i = 0; i < (gsize)ink->width * ink->height; i++) {
        if (ink->weight[i] != 0)
            return TRUE;
    }
    return FALSE;
}

DaSkew da_skew_find(const guint8 *weight, guint width, guint height)
{
    g_autofree guint8 *small = reduce(weight, width, height);
    const Ink coarse = {width / REDUCTION, height / REDUCTION, small};
    const Ink fine = {width, height, weight};
    double confidence = 0;
    if (!has_ink(&coarse))
        return (DaSkew){NAN, 0};
    double angle = middle_of_peak(&fine, sweep(&coarse, &confidence));
    return (DaSkew){CLAMP(angle, -SWEEP_DEG, SWEEP_DEG), confidence};
}
