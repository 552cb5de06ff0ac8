#include "lines.h"

#include <math.h>
#include <string.h>

/* The page is looked at in squares: so small that few lines end inside, so large that each holds some lines. */
#define SQUARE_MM 40.0
/* A square with fewer px of ink than one in this many says nothing. */
#define MIN_INK 200
/* Added to both counts, so that few squares give no extreme ratio. */
#define PRIOR 50

/* The mask turned back by the skew, nearest px. */
static guint8 *level(const guint8 *mask, guint width, guint height, double skew_cw_deg)
{
    guint8 *out = g_malloc0((gsize)width * height);
    double sine = sin(skew_cw_deg * G_PI / 180), cosine = cos(skew_cw_deg * G_PI / 180);
    for (guint y = 0; y < height; y++) {
        for (guint x = 0; x < width; x++) {
            if (mask[(gsize)y * width + x] == 0)
                continue;
            double dx = x - width / 2.0, dy = y - height / 2.0;
            long u = lround(width / 2.0 + dx * cosine + dy * sine);
            long v = lround(height / 2.0 + dy * cosine - dx * sine);
            if (u >= 0 && v >= 0 && u < (long)width && v < (long)height)
                out[(gsize)v * width + (gsize)u] = 1;
        }
    }
    return out;
}

/* Empty places between the first and the last that are not. */
static guint inner_gaps(const guint *projection, guint count)
{
    guint gaps = 0, since = 0;
    gboolean begun = FALSE;
    for (guint i = 0; i < count; i++) {
        if (projection[i] == 0) {
            since++;
            continue;
        }
        gaps += begun ? since : 0;
        since = 0;
        begun = TRUE;
    }
    return gaps;
}

typedef struct {
    const guint8 *mask;
    guint width, height, side;
    guint *rows, *columns; /* projections of one square */
    guint row_gaps, column_gaps;
} Squares;

static void add_square(Squares *squares, guint left, guint top)
{
    guint width = MIN(squares->side, squares->width - left),
          height = MIN(squares->side, squares->height - top);
    guint ink = 0;
    memset(squares->rows, 0, squares->side * sizeof *squares->rows);
    memset(squares->columns, 0, squares->side * sizeof *squares->columns);
    for (guint y = 0; y < height; y++) {
        const guint8 *row = squares->mask + (gsize)(top + y) * squares->width + left;
        for (guint x = 0; x < width; x++) {
            squares->rows[y] += row[x];
            squares->columns[x] += row[x];
            ink += row[x];
        }
    }
    if (ink < width * height / MIN_INK)
        return;
    squares->row_gaps += inner_gaps(squares->rows, height);
    squares->column_gaps += inner_gaps(squares->columns, width);
}

double da_lines_ratio(const guint8 *glyphs, guint width, guint height, double px_per_mm,
                      double skew_cw_deg)
{
    g_autofree guint8 *mask = level(glyphs, width, height, skew_cw_deg);
    guint side = (guint)MAX(1, lround(SQUARE_MM * px_per_mm));
    g_autofree guint *rows = g_new(guint, side);
    g_autofree guint *columns = g_new(guint, side);
    Squares squares = {.mask = mask,
                       .width = width,
                       .height = height,
                       .side = side,
                       .rows = rows,
                       .columns = columns};
    for (guint y = 0; y < height; y += side) {
        for (guint x = 0; x < width; x += side)
            add_square(&squares, x, y);
    }
    return (double)(squares.row_gaps + PRIOR) / (squares.column_gaps + PRIOR);
}
