#include "column.h"
#include "transcribe.h"

#include <math.h>

/* Columns are examined at this width. */
#define WIDTH_PX 48
#define MAX_LENGTH_PX (WIDTH_PX * 40)
/* Ink is darker than the middle between the darkest and the lightest px; where they are closer than this, there is none. */
#define MIN_CONTRAST 40
/* A row that is dark over this share of the width is a ruling. */
#define RULING_SHARE 0.7
/* Heights of a character and the gap below it, in widths of a character. */
#define MIN_PITCH 0.6
#define MAX_PITCH 2.6
/* What a cut through ink of the whole width costs, against the square of a pitch that is wrong by one width. */
#define CUT_COST 4.0

/* --- one column ------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint length, first, last; /* rows; the first and last with ink that is no ruling */
    double size;               /* width of the characters, px */
    double *ink;               /* by row: share of its width */
} Profile;

static void profile_clear(Profile *profile)
{
    g_free(profile->ink);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

static guint middle_grey(Pix *column)
{
    guint dark = 255, light = 0;
    for (int y = 0; y < pixGetHeight(column); y++) {
        const guint32 *row = pixGetData(column) + (gsize)y * (gsize)pixGetWpl(column);
        for (int x = 0; x < pixGetWidth(column); x++) {
            dark = MIN(dark, (guint)GET_DATA_BYTE(row, x));
            light = MAX(light, (guint)GET_DATA_BYTE(row, x));
        }
    }
    return light - MIN(dark, light) < MIN_CONTRAST ? 0 : (dark + light) / 2;
}

static Profile profile_of(Pix *column)
{
    guint width = (guint)pixGetWidth(column), threshold = middle_grey(column), left = width,
          right = 0;
    Profile profile = {.length = (guint)pixGetHeight(column)};
    profile.first = profile.length;
    profile.ink = g_new0(double, profile.length);
    for (guint y = 0; y < profile.length; y++) {
        const guint32 *row = pixGetData(column) + (gsize)y * (gsize)pixGetWpl(column);
        guint count = 0, row_left = width, row_right = 0;
        for (guint x = 0; x < width; x++) {
            if (GET_DATA_BYTE(row, x) >= threshold)
                continue;
            count++;
            row_left = MIN(row_left, x);
            row_right = MAX(row_right, x);
        }
        profile.ink[y] = (double)count / width;
        if (count > 0 && profile.ink[y] < RULING_SHARE) {
            left = MIN(left, row_left);
            right = MAX(right, row_right);
            profile.first = MIN(profile.first, y);
            profile.last = y;
        }
    }
    profile.size = right >= left ? right - left + 1 : 0;
    return profile;
}

static double cost_of(const Profile *profile, guint from, guint to, double usual)
{
    double pitch = (to - from) / profile->size;
    if (pitch < MIN_PITCH || pitch > MAX_PITCH)
        return G_MAXDOUBLE;
    double wrong = pitch - usual, cut = to > profile->last ? 0 : profile->ink[to];
    return wrong * wrong + CUT_COST * cut;
}

/* The cheapest cuts between characters, from the last back to the first: rows, which the caller owns. */
static GArray *cut_rows(const Profile *profile, double usual)
{
    guint end = profile->last + 1, n = end + 1;
    g_autofree double *best = g_new(double, n);
    g_autofree guint *before = g_new0(guint, n);
    for (guint to = profile->first; to <= end; to++) {
        best[to] = to == profile->first ? 0 : G_MAXDOUBLE;
        for (guint from = profile->first; from < to; from++) {
            double cost = cost_of(profile, from, to, usual);
            if (best[from] == G_MAXDOUBLE || cost == G_MAXDOUBLE || best[from] + cost >= best[to])
                continue;
            best[to] = best[from] + cost;
            before[to] = from;
        }
    }
    GArray *cuts = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint at = end; best[end] != G_MAXDOUBLE && at > profile->first; at = before[at])
        g_array_append_val(cuts, at);
    g_array_append_val(cuts, profile->first);
    return cuts;
}

static void add_cell(const Profile *profile, guint from, guint to, const DaQuad *place,
                     GArray *cells)
{
    while (from < to && profile->ink[from] <= 0)
        from++;
    while (to > from && profile->ink[to - 1] <= 0)
        to--;
    double left = place->corner[0][0], right = place->corner[1][0], top = place->corner[0][1];
    double scale = (right - left) / WIDTH_PX, margin = 2 * scale;
    DaQuad cell =
        da_quad_of_box(left, top + from * scale - margin, right, top + to * scale + margin);
    g_array_append_val(cells, cell);
}

GArray *da_column_cells(Pix *grey, const DaQuad *place, double pitch)
{
    GArray *cells = g_array_new(FALSE, FALSE, sizeof(DaQuad));
    double length = WIDTH_PX * da_quad_height(place) / fmax(1, da_quad_width(place));
    if (length > MAX_LENGTH_PX)
        return cells;
    g_autoptr(Pix) column = da_quad_cut(place, grey, (guint)lround(length), WIDTH_PX);
    g_auto(Profile) profile = column ? profile_of(column) : (Profile){0};
    if (profile.size <= 0)
        return cells;
    g_autoptr(GArray) cuts = cut_rows(&profile, pitch);
    for (guint i = cuts->len - 1; i > 0; i--)
        add_cell(&profile, g_array_index(cuts, guint, i), g_array_index(cuts, guint, i - 1), place,
                 cells);
    return cells;
}

/* --- characters that were found apart ------------------------------------------------------------------------------------- */

/* Of one character below another: how different in size, how far aside, how far below, in sizes of a character. */
#define MAX_SIZE_RATIO 1.35
#define MAX_ASIDE 0.3
#define MAX_GAP 2.0
#define MAX_SHAPE 1.45

static double left_of(const DaQuad *q)
{
    return q->corner[0][0];
}

static double size_of(const DaQuad *q)
{
    return (da_quad_width(q) + da_quad_height(q)) / 2;
}

static gboolean is_single(const DaQuad *q)
{
    double shape = da_quad_width(q) / fmax(1, da_quad_height(q));
    return shape < MAX_SHAPE && shape > 1 / MAX_SHAPE;
}

static gboolean stands_below(const DaQuad *upper, const DaQuad *lower)
{
    double size = size_of(upper), ratio = size_of(lower) / size;
    double aside =
        left_of(lower) + da_quad_width(lower) / 2 - left_of(upper) - da_quad_width(upper) / 2;
    double gap = lower->corner[0][1] - upper->corner[3][1];
    return ratio < MAX_SIZE_RATIO && ratio > 1 / MAX_SIZE_RATIO && fabs(aside) < MAX_ASIDE * size &&
           gap > -0.4 * size && gap < MAX_GAP * size;
}

/* Then the two stand in two cells. */
static gboolean ruling_between(Pix *grey, const DaQuad *upper, const DaQuad *lower)
{
    double top = (upper->corner[0][1] + upper->corner[3][1]) / 2;
    double bottom = (lower->corner[0][1] + lower->corner[3][1]) / 2;
    DaQuad between = da_quad_of_box(left_of(upper), top, upper->corner[1][0], bottom);
    g_autoptr(Pix) gap = da_quad_cut(&between, grey, (guint)fmax(1, bottom - top), MAX_LENGTH_PX);
    g_auto(Profile) profile = gap ? profile_of(gap) : (Profile){0};
    for (guint y = 0; y < profile.length; y++)
        if (profile.ink[y] > RULING_SHARE)
            return TRUE;
    return FALSE;
}

/* The nearest single character below `upper` in its cell; places->len = none. */
static guint find_below(Pix *grey, const GArray *places, const gboolean *taken, guint upper)
{
    const DaQuad *above = &g_array_index(places, DaTextPlace, upper).quad;
    guint nearest = places->len;
    for (guint i = 0; i < places->len; i++) {
        const DaQuad *q = &g_array_index(places, DaTextPlace, i).quad;
        if (i == upper || taken[i] || !is_single(q) || q->corner[0][1] <= above->corner[0][1] ||
            !stands_below(above, q))
            continue;
        if (nearest == places->len ||
            q->corner[0][1] < g_array_index(places, DaTextPlace, nearest).quad.corner[0][1])
            nearest = i;
    }
    if (nearest == places->len)
        return nearest;
    const DaQuad *below = &g_array_index(places, DaTextPlace, nearest).quad;
    return ruling_between(grey, above, below) ? places->len : nearest;
}

static gint by_top(gconstpointer a, gconstpointer b, gpointer data)
{
    const GArray *places = data;
    double first = g_array_index(places, DaTextPlace, *(const guint *)a).quad.corner[0][1];
    double second = g_array_index(places, DaTextPlace, *(const guint *)b).quad.corner[0][1];
    return first < second ? -1 : first > second;
}

GPtrArray *da_columns_find(Pix *grey, const GArray *places)
{
    GPtrArray *columns = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    g_autofree gboolean *taken = g_new0(gboolean, places->len + 1);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < places->len; i++)
        g_array_append_val(order, i);
    g_array_sort_with_data(order, by_top, (gpointer)places);
    for (guint k = 0; k < order->len; k++) {
        guint at = g_array_index(order, guint, k);
        if (taken[at] || !is_single(&g_array_index(places, DaTextPlace, at).quad))
            continue;
        GArray *column = g_array_new(FALSE, FALSE, sizeof(guint));
        for (; at < places->len; at = find_below(grey, places, taken, at)) {
            g_array_append_val(column, at);
            taken[at] = TRUE;
        }
        if (column->len > 1) {
            g_ptr_array_add(columns, column);
            continue;
        }
        g_array_unref(column);
    }
    return columns;
}

/* --- side by side ----------------------------------------------------------------------------------------------------- */

Pix *da_column_strip(Pix *grey, const GArray *cells)
{
    guint side = DA_STRIP_HEIGHT_PX;
    g_autoptr(Pix) strip = pixCreate((int)(side * MAX(1, cells->len)), (int)side, 8);
    if (strip == NULL)
        return NULL;
    pixSetAll(strip);
    for (guint i = 0; i < cells->len; i++) {
        const DaQuad *cell = &g_array_index(cells, DaQuad, i);
        double scale = side / fmax(da_quad_width(cell), da_quad_height(cell));
        guint height = (guint)CLAMP(lround(da_quad_height(cell) * scale), 1, (long)side);
        g_autoptr(Pix) piece = da_quad_cut(cell, grey, height, side);
        if (piece == NULL)
            return NULL;
        int x = (int)(i * side) + ((int)side - pixGetWidth(piece)) / 2;
        pixRasterop(strip, x, (int)(side - height) / 2, pixGetWidth(piece), (int)height, PIX_SRC,
                    piece, 0, 0);
    }
    return g_steal_pointer(&strip);
}
