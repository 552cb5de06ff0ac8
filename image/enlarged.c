#include "enlarged.h"

#include <math.h>
#include <stdlib.h>

/* Interpolated px are weighted means of the same few neighbours in a pattern that repeats, so that steps from px to px are larger at some
 * phases than at others. The mean size of the steps across each column (row) is a series in which that pattern is a line of the
 * spectrum. Source: after Gallagher 2005, "Detection of linear and cubic interpolation in JPEG compressed images", with first differences
 * beside his second ones (bends): where the new px lie evenly between the old ones, bends are alike at both phases and steps are not; where
 * each old px is kept, it is the other way round. JPEG has lines at k/8, which are left out; that
 * of the smaller image are then found at odd k/16 after doubling. */

/* Every n-th row (column) is enough. */
#define STRIDE 4
#define BLOCK 8
/* Steps smaller than this on average: an empty page, whose traces are those of its compression. */
#define MIN_STEP 0.8
/* The mean around each place that is divided out is this wide. */
#define SMOOTH 15
#define MIN_LENGTH 512
/* A line is this far above the median of the places around it, in both directions of the page. */
#define LINE 5.0
#define LINE_NEAR 3
#define LINE_FAR 24
/* Alternation of the steps inside a block, per cent of their mean; scans have -2.2 and more. Of the bends: -1.2 to 0.6. */
#define STEP_ALTERNATION -2.8
#define BEND_ALTERNATION 3.5

typedef struct {
    double *step; /* between px i and i + 1 */
    double *bend; /* at px i + 1 */
    guint length; /* of step; bend has one less */
} Series;

static void series_clear(Series *series)
{
    g_free(series->step);
    g_free(series->bend);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Series, series_clear)

/* Green is the sharpest channel of most scanners. */
static inline int green_at(guint32 *line, guint x, gboolean words)
{
    return words ? (int)(line[x] >> 16 & 0xFF) : (int)GET_DATA_BYTE(line, x);
}

static Series new_series(guint px)
{
    return (Series){g_new0(double, px), g_new0(double, px), px - 1};
}

static Series across_columns(Pix *pix)
{
    guint width = (guint)pixGetWidth(pix), height = (guint)pixGetHeight(pix), rows = 0;
    gboolean words = pixGetDepth(pix) == 32;
    g_autofree guint *steps = g_new0(guint, width);
    g_autofree guint *bends = g_new0(guint, width);
    for (guint y = 0; y < height; y += STRIDE, rows++) {
        guint32 *line = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        int last = green_at(line, 0, words), last_step = 0;
        for (guint x = 1; x < width; x++) {
            int green = green_at(line, x, words), step = green - last;
            steps[x - 1] += (guint)abs(step);
            if (x > 1)
                bends[x - 2] += (guint)abs(step - last_step);
            last = green;
            last_step = step;
        }
    }
    Series series = new_series(width);
    for (guint i = 0; i < series.length; i++) {
        series.step[i] = (double)steps[i] / rows;
        series.bend[i] = (double)bends[i] / rows;
    }
    return series;
}

static Series across_rows(Pix *pix)
{
    guint width = (guint)pixGetWidth(pix), height = (guint)pixGetHeight(pix);
    gsize words_per_line = (gsize)pixGetWpl(pix);
    gboolean words = pixGetDepth(pix) == 32;
    Series series = new_series(height);
    for (guint y = 0; y + 1 < height; y++) {
        guint32 *line = pixGetData(pix) + y * words_per_line, *next = line + words_per_line;
        guint32 *before = y > 0 ? line - words_per_line : line;
        guint steps = 0, bends = 0, count = width / STRIDE + 1;
        for (guint x = 0; x < width; x += STRIDE) {
            int here = green_at(line, x, words), step = green_at(next, x, words) - here;
            steps += (guint)abs(step);
            bends += (guint)abs(step - (here - green_at(before, x, words)));
        }
        series.step[y] = (double)steps / count;
        if (y > 0)
            series.bend[y - 1] = (double)bends / count;
    }
    return series;
}

static double mean_of(const Series *series)
{
    double sum = 0;
    for (guint i = 0; i < series->length; i++)
        sum += series->step[i];
    return sum / MAX(1, series->length);
}

/* Binomial weights let every smooth course inside a block vanish and leave what changes from place to place, here as per cent of the
 * mean. Places where blocks meet are left out. */
static double alternation(const double *values, guint length, const double *weights, guint count)
{
    double sum = 0, mean = 0;
    for (guint i = 0; i + BLOCK <= length; i += BLOCK) {
        for (guint k = 0; k < count; k++) {
            sum += weights[k] * values[i + k];
            mean += values[i + k] / count;
        }
    }
    return mean > 0 ? 100 * sum / ((1 << (count - 1)) * mean) : 0;
}

static double step_alternation(const Series *series)
{
    static const double weights[] = {1, -6, 15, -20, 15, -6, 1};
    return alternation(series->step, series->length, weights, G_N_ELEMENTS(weights));
}

static double bend_alternation(const Series *series)
{
    static const double weights[] = {1, -5, 10, -10, 5, -1};
    return alternation(series->bend, series->length - 1, weights, G_N_ELEMENTS(weights));
}

/* The series against its own course, under a Hann window. */
static Series flattened(const Series *series)
{
    guint length = series->length - 2 * SMOOTH;
    Series flat = {g_new(double, length), NULL, length};
    double sum = 0;
    for (guint i = 0; i < 2 * SMOOTH + 1; i++)
        sum += series->step[i];
    for (guint i = 0; i < length; i++) {
        double mean = MAX(0.05, sum / (2 * SMOOTH + 1));
        double window = 0.5 - 0.5 * cos(2 * G_PI * i / length);
        flat.step[i] = (series->step[i + SMOOTH] / mean - 1) * window;
        if (i + 1 < length)
            sum += series->step[i + 2 * SMOOTH + 1] - series->step[i];
    }
    return flat;
}

/* |Σ step·e^(-2πi·f·n)| by rotating a pointer. */
static double strength(const Series *flat, double frequency)
{
    double sine = sin(2 * G_PI * frequency), cosine = cos(2 * G_PI * frequency);
    double re = 1, im = 0, sum_re = 0, sum_im = 0;
    for (guint i = 0; i < flat->length; i++) {
        sum_re += flat->step[i] * re;
        sum_im += flat->step[i] * im;
        double turned = re * cosine - im * sine;
        im = re * sine + im * cosine;
        re = turned;
    }
    return hypot(sum_re, sum_im);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How far the line at a frequency stands out of its surroundings. */
static double line_at(const Series *flat, double frequency)
{
    double around[2 * LINE_FAR], top = 0;
    guint count = 0;
    for (int k = -LINE_FAR; k <= LINE_FAR; k++) {
        double s = strength(flat, frequency + (double)k / flat->length);
        if (abs(k) < LINE_NEAR)
            top = MAX(top, s);
        else
            around[count++] = s;
    }
    qsort(around, count, sizeof *around, by_size);
    return top / MAX(1e-9, around[count / 2]);
}

static double weaker_line(const Series flat[2], double frequency)
{
    return MIN(line_at(&flat[0], frequency), line_at(&flat[1], frequency));
}

static double factor_of(const Series series[2], const Series flat[2])
{
    double step = (step_alternation(&series[0]) + step_alternation(&series[1])) / 2;
    double bend = (bend_alternation(&series[0]) + bend_alternation(&series[1])) / 2;
    if (step < STEP_ALTERNATION || fabs(bend) > BEND_ALTERNATION ||
        weaker_line(flat, 5.0 / 16) > LINE)
        return 2;
    if (weaker_line(flat, 1.0 / 3) > LINE)
        return 1.5;
    return weaker_line(flat, 1.0 / 5) > LINE ? 1.25 : 1;
}

double da_enlarged_factor(Pix *pix)
{
    if (MIN(pixGetWidth(pix), pixGetHeight(pix)) < MIN_LENGTH)
        return 1;
    g_auto(Series) columns = across_columns(pix);
    g_auto(Series) rows = across_rows(pix);
    if (mean_of(&columns) < MIN_STEP || mean_of(&rows) < MIN_STEP)
        return 1;
    g_auto(Series) flat_columns = flattened(&columns);
    g_auto(Series) flat_rows = flattened(&rows);
    const Series series[2] = {columns, rows}, flat[2] = {flat_columns, flat_rows};
    return factor_of(series, flat);
}
