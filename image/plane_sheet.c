#include "plane.h"

#include <string.h>

/* Rows and columns at the border of the reduced image that show the bed. */
#define RING_PX 4
/* A bed darker than this is black: then everything clearly lighter is sheet. */
#define DARK_BED 64
#define DARK_TOLERANCE 45
/* A light bed is even; paper that differs from it by less makes no edge that could be taken for ink. */
#define LIGHT_TOLERANCE 10
/* Paper is seldom as blue as the lid of a scanner, however white it looks: the blue channel tells them apart. */
#define BLUE_TOLERANCE 10
/* A strip of black at the border of a scan whose bed is otherwise hidden: a lid that stood open, or a book's shadow. */
#define BLACK 48
#define MIN_BLACK_CELLS 60
/* Share of the middle of the scan that may look like the bed before bed and paper count as one colour. */
#define MAX_LEAK 0.10
/* Cells kept clear of a sheet's edge: 2.7 mm hold the shadow of the edge and what is torn from it. */
#define EDGE_CELLS 2
/* Less of the scan is no sheet but what stands out of a dark or empty one: a quarter of an identity card on A4. */
#define MIN_SHEET_SHARE 0.01
/* Fewer cells together are dust on the bed. */
#define MIN_SHEET_CELLS 4

enum { UNKNOWN, BED, SEEN, SHEET };

typedef struct {
    guint width, height;
    guint8 *state;        /* one of the above for each cell */
    guint8 *light, *blue; /* means; blue is light again for a grey scan */
    guint *queue;
} Cells;

static void cells_clear(Cells *cells)
{
    g_free(cells->state);
    g_free(cells->light);
    g_free(cells->blue);
    g_free(cells->queue);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cells, cells_clear)

static guint ring_median(const DaPlane *plane, const guint8 *channel)
{
    guint histogram[256] = {0}, count = 0, below = 0, grey = 0;
    for (guint y = 0; y < plane->height; y++) {
        gboolean whole = y < RING_PX || y + RING_PX >= plane->height;
        const guint8 *row = channel + (gsize)y * plane->width;
        for (guint x = 0; x < plane->width; x++) {
            if (!whole && x == RING_PX && plane->width > 2 * RING_PX)
                x = plane->width - RING_PX;
            histogram[row[x]]++;
            count++;
        }
    }
    while (grey < 255 && (below += histogram[grey]) * 2 < count)
        grey++;
    return grey;
}

static guint8 cell_mean(const DaPlane *plane, const guint8 *channel, guint cell_x, guint cell_y)
{
    guint sum = 0, count = 0;
    guint bottom = MIN(plane->height, (cell_y + 1) * DA_PLANE_CELL);
    guint right = MIN(plane->width, (cell_x + 1) * DA_PLANE_CELL);
    for (guint y = cell_y * DA_PLANE_CELL; y < bottom; y++) {
        for (guint x = cell_x * DA_PLANE_CELL; x < right; x++, count++)
            sum += channel[(gsize)y * plane->width + x];
    }
    return (guint8)(sum / MAX(1, count));
}

/* Gives all cells that hang together with `start` and share its state the state `to`; returns how many. */
static guint fill(Cells *cells, guint start, guint8 to)
{
    guint8 from = cells->state[start];
    guint head = 0, tail = 0;
    cells->state[start] = to;
    cells->queue[tail++] = start;
    while (head < tail) {
        guint at = cells->queue[head++], x = at % cells->width, y = at / cells->width;
        guint next[4] = {at - 1, at + 1, at - cells->width, at + cells->width};
        gboolean exists[4] = {x > 0, x + 1 < cells->width, y > 0, y + 1 < cells->height};
        for (guint i = 0; i < 4; i++) {
            if (!exists[i] || cells->state[next[i]] != from)
                continue;
            cells->state[next[i]] = to;
            cells->queue[tail++] = next[i];
        }
    }
    return tail;
}

gboolean da_plane_differs_from_bed(const DaPlane *plane, guint light, guint blue)
{
    if (plane->bed_grey < DARK_BED)
        return light >= plane->bed_grey + DARK_TOLERANCE;
    guint in_light = light > plane->bed_grey ? light - plane->bed_grey : plane->bed_grey - light;
    guint in_blue = blue > plane->bed_blue ? blue - plane->bed_blue : plane->bed_blue - blue;
    return in_light > LIGHT_TOLERANCE || (plane->blue != NULL && in_blue > BLUE_TOLERANCE);
}

static gboolean is_border(const Cells *cells, guint at)
{
    guint x = at % cells->width, y = at / cells->width;
    return x == 0 || y == 0 || x + 1 == cells->width || y + 1 == cells->height;
}

/* Cells that are SEEN become BED where they hang together with the border, `at_least` of them; the others UNKNOWN again. */
static void grow_bed(Cells *cells, guint at_least)
{
    guint count = cells->width * cells->height;
    for (guint i = 0; i < count; i++) {
        if (!is_border(cells, i) || cells->state[i] != SEEN)
            continue;
        guint reached = fill(cells, i, BED);
        for (guint k = 0; reached < at_least && k < reached; k++)
            cells->state[cells->queue[k]] = UNKNOWN;
    }
    for (guint i = 0; i < count; i++) {
        if (cells->state[i] == SEEN)
            cells->state[i] = UNKNOWN;
    }
}

/* The bed grows in from the border through cells of its colour; what is left in one piece is sheet. */
static void classify(Cells *cells, const DaPlane *plane)
{
    guint count = cells->width * cells->height;
    for (guint i = 0; i < count; i++)
        cells->state[i] =
            da_plane_differs_from_bed(plane, cells->light[i], cells->blue[i]) ? UNKNOWN : SEEN;
    grow_bed(cells, 1);
    for (guint i = 0; i < count; i++) {
        if (cells->state[i] == UNKNOWN && MAX(cells->light[i], cells->blue[i]) < BLACK)
            cells->state[i] = SEEN;
    }
    grow_bed(cells, MIN_BLACK_CELLS);
    for (guint i = 0; i < count; i++) {
        if (cells->state[i] == UNKNOWN && fill(cells, i, SEEN) >= MIN_SHEET_CELLS)
            fill(cells, i, SHEET);
    }
}

static gboolean bed_leaks_into_sheet(const Cells *cells)
{
    guint leaked = 0, count = 0;
    for (guint y = cells->height / 4; y < cells->height - cells->height / 4; y++) {
        for (guint x = cells->width / 4; x < cells->width - cells->width / 4; x++, count++)
            leaked += cells->state[y * cells->width + x] == BED;
    }
    return leaked > MAX_LEAK * count;
}

/* Marks in `hull` what lies between the first and the last sheet cell of each of `lines` lines of `length` cells. */
static void span(const Cells *cells, guint lines, guint length, guint line_step, guint cell_step,
                 guint8 *hull)
{
    for (guint line = 0; line < lines; line++) {
        guint first = length, last = 0;
        for (guint i = 0; i < length; i++) {
            if (cells->state[line * line_step + i * cell_step] != SHEET)
                continue;
            first = MIN(first, i);
            last = i;
        }
        for (guint i = first; i < length && i <= last; i++)
            hull[line * line_step + i * cell_step]++;
    }
}

/* A cell is inside when the square of EDGE_CELLS around it is in the hull (2 = spanned by row and column). */
static void erode(DaPlane *plane, const guint8 *hull)
{
    int width = (int)plane->cells_x, height = (int)plane->cells_y;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            gboolean inside = TRUE;
            for (int dy = -EDGE_CELLS; dy <= EDGE_CELLS && inside; dy++) {
                for (int dx = -EDGE_CELLS; dx <= EDGE_CELLS && inside; dx++)
                    inside = x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height &&
                             hull[(y + dy) * width + x + dx] == 2;
            }
            plane->inside[y * width + x] = inside;
        }
    }
}

static void measure_cells(const DaPlane *plane, Cells *cells)
{
    for (guint i = 0; i < cells->width * cells->height; i++) {
        guint x = i % cells->width, y = i / cells->width;
        cells->light[i] = cell_mean(plane, plane->light, x, y);
        cells->blue[i] =
            plane->blue != NULL ? cell_mean(plane, plane->blue, x, y) : cells->light[i];
    }
}

/* Both a bed and a sheet were found: a scan that is dark all over is no empty bed. */
static gboolean has_both(const Cells *cells)
{
    guint count = cells->width * cells->height, bed = 0, sheet = 0;
    for (guint i = 0; i < count; i++) {
        bed += cells->state[i] == BED;
        sheet += cells->state[i] == SHEET;
    }
    return bed > 0 && sheet > MIN_SHEET_SHARE * count;
}

void da_plane_find_sheet(DaPlane *plane)
{
    guint count = plane->cells_x * plane->cells_y, inside = 0;
    g_auto(Cells) cells = {plane->cells_x,  plane->cells_y,  g_malloc(count),
                           g_malloc(count), g_malloc(count), g_new(guint, count)};
    plane->bed_grey = ring_median(plane, plane->light);
    plane->bed_blue = plane->blue != NULL ? ring_median(plane, plane->blue) : plane->bed_grey;
    measure_cells(plane, &cells);
    classify(&cells, plane);
    plane->bed_known =
        has_both(&cells) && (plane->bed_grey < DARK_BED || !bed_leaks_into_sheet(&cells));
    g_autofree guint8 *hull = g_malloc0(count);
    if (plane->bed_known) {
        span(&cells, cells.height, cells.width, cells.width, 1, hull);
        span(&cells, cells.width, cells.height, 1, cells.width, hull);
    } else {
        memset(hull, 2, count);
    }
    erode(plane, hull);
    for (guint i = 0; i < count; i++) {
        plane->sheet[i] = cells.state[i] == SHEET;
        inside += plane->inside[i];
    }
    plane->sheet_share = (double)inside / count;
}
