#include "fingerprint_take.h"

#include <math.h>
#include <string.h>

#define SIDE DA_FINGERPRINT_SIDE
#define CELL_MM 4.0
/* Darkness counts in shades, from the faintest that is not paper to what is surely ink: a threshold would flip whole strokes that lie near
 * it from one scan to the next. */
#define PAPER_LEVEL 200
#define INK_LEVEL 90
/* Share of ink that fills a cell: dense print. Levels are roots, so that weak writing has as many as print. */
#define FULL_SHARE 0.35
#define LEVELS 15
/* Agreement is taken in blocks of so many cells: 24 mm, about what one entry of a form takes. */
#define BLOCK 6
#define BLOCKS (SIDE / BLOCK)
/* Blocks with less of both pages' ink than this tell nothing. */
#define MIN_BLOCK_SHARE 0.001
/* The page is as like as the part of it, by ink, that is least alike. */
#define LEAST_PART 0.20
/* Pages whose ink differs more than this are not compared place by place. */
#define MAX_INK_RATIO 2.0

typedef struct {
    const DaPlane *plane;
    const guint8 *
        skip; /* a cell of the plane is 1 where a photograph is: how dark it seems hangs on where the blocks lie */
    double sine, cosine, middle_x, middle_y;
} Sampling;

/* Cells around a photograph that it still makes darker. */
#define MARGIN_CELLS 2

static guint8 *photograph_cells(const DaPlane *plane, const DaMeasure *measure)
{
    guint8 *skip = g_malloc0((gsize)plane->cells_x * plane->cells_y);
    guint side = DA_PLANE_CELL * plane->factor;
    for (guint i = 0; i < measure->photograph_count; i++) {
        const DaMeasureBox *box = &measure->photographs[i];
        guint left = box->x_px / side, top = box->y_px / side;
        guint right = MIN(plane->cells_x, (box->x_px + box->w_px) / side + MARGIN_CELLS);
        guint bottom = MIN(plane->cells_y, (box->y_px + box->h_px) / side + MARGIN_CELLS);
        for (guint y = top - MIN(top, MARGIN_CELLS); y < bottom; y++) {
            for (guint x = left - MIN(left, MARGIN_CELLS); x < right; x++)
                skip[y * plane->cells_x + x] = 1;
        }
    }
    return skip;
}

static guint darkness(const Sampling *sampling, guint x, guint y)
{
    const DaPlane *plane = sampling->plane;
    gsize at = (gsize)y * plane->width + x;
    if (sampling->skip[y / DA_PLANE_CELL * plane->cells_x + x / DA_PLANE_CELL])
        return 0;
    guint level = plane->level[at];
    return level >= PAPER_LEVEL ? 0 : PAPER_LEVEL - MAX(level, INK_LEVEL);
}

/* FALSE where there is no ink. */
static gboolean find_middle(Sampling *sampling)
{
    const DaPlane *plane = sampling->plane;
    guint64 sum = 0, sum_x = 0, sum_y = 0;
    for (guint y = 0; y < plane->height; y++) {
        guint64 row = 0;
        for (guint x = 0; x < plane->width; x++) {
            guint dark = darkness(sampling, x, y);
            row += dark;
            sum_x += (guint64)dark * x;
        }
        sum += row;
        sum_y += row * y;
    }
    if (sum == 0)
        return FALSE;
    sampling->middle_x = (double)sum_x / (double)sum;
    sampling->middle_y = (double)sum_y / (double)sum;
    return TRUE;
}

/* Shares the ink among the four cells whose middles are around it: a rule that lies where two cells meet would leap from one to the other
 * between two scans. (u, v) from the middle of the first cell. */
static void add_ink(double *ink, double u, double v, guint dark)
{
    double column = floor(u), row = floor(v), fu = u - column, fv = v - row;
    if (column < 0 || row < 0 || column + 1 >= SIDE || row + 1 >= SIDE)
        return;
    double *at = ink + (gsize)row * SIDE + (gsize)column;
    at[0] += (1 - fu) * (1 - fv) * dark;
    at[1] += fu * (1 - fv) * dark;
    at[SIDE] += (1 - fu) * fv * dark;
    at[SIDE + 1] += fu * fv * dark;
}

static void fill_cells(const Sampling *sampling, double *ink)
{
    const DaPlane *plane = sampling->plane;
    double per_cell = 1 / (CELL_MM * plane->px_per_mm);
    double step_u = sampling->cosine * per_cell, step_v = -sampling->sine * per_cell;
    for (guint y = 0; y < plane->height; y++) {
        double dx = -sampling->middle_x, dy = y - sampling->middle_y;
        double u = (dx * sampling->cosine + dy * sampling->sine) * per_cell + (SIDE - 1) / 2.0;
        double v = (dy * sampling->cosine - dx * sampling->sine) * per_cell + (SIDE - 1) / 2.0;
        for (guint x = 0; x < plane->width; x++, u += step_u, v += step_v) {
            guint dark = darkness(sampling, x, y);
            if (dark != 0)
                add_ink(ink, u, v, dark);
        }
    }
}

static void set_cell(DaFingerprint *fingerprint, guint at, guint value)
{
    fingerprint->cells[at / 2] |= (guint8)(at % 2 == 0 ? value << 4 : value);
}

static guint cell(const DaFingerprint *fingerprint, guint at)
{
    return at % 2 == 0 ? fingerprint->cells[at / 2] >> 4 : fingerprint->cells[at / 2] & 0xF;
}

void da_fingerprint_take(const DaPlane *plane, DaMeasure *measure)
{
    DaFingerprint *fingerprint = &measure->fingerprint;
    double angle = isnan(measure->skew_cw_deg) ? 0 : measure->skew_cw_deg * G_PI / 180;
    g_autofree guint8 *skip = photograph_cells(plane, measure);
    Sampling sampling = {.plane = plane, .skip = skip, .sine = sin(angle), .cosine = cos(angle)};
    g_autofree double *ink = g_new0(double, SIDE *SIDE);
    *fingerprint = (DaFingerprint){0};
    if (!find_middle(&sampling))
        return;
    fill_cells(&sampling, ink);
    double full = FULL_SHARE * (PAPER_LEVEL - INK_LEVEL) * pow(CELL_MM * plane->px_per_mm, 2);
    for (guint i = 0; i < SIDE * SIDE; i++)
        set_cell(fingerprint, i, (guint)MIN(LEVELS, lround(LEVELS * sqrt(ink[i] / full))));
    fingerprint->known = TRUE;
}

/* Place of cell (row, column) of a page that is turned clockwise by so many quarters. */
static guint turned(guint row, guint column, guint quarters)
{
    switch (quarters) {
    case 1:
        return (SIDE - 1 - column) * SIDE + row;
    case 2:
        return (SIDE - 1 - row) * SIDE + SIDE - 1 - column;
    case 3:
        return column * SIDE + SIDE - 1 - row;
    default:
        return row * SIDE + column;
    }
}

/* A page as compared: how much of its ink lies in each cell. */
typedef struct {
    float cell[SIDE * SIDE];
    guint ink;
} Page;

typedef struct {
    float likeness, ink;
} Block;

static int by_likeness(const void *a, const void *b)
{
    float x = ((const Block *)a)->likeness, y = ((const Block *)b)->likeness;
    return (x > y) - (x < y);
}

/* What both have in a block, against what one of them has. */
static Block compare_block(const Page *a, const Page *b, guint block, guint quarters)
{
    float common = 0, any = 0;
    guint top = block / BLOCKS * BLOCK, left = block % BLOCKS * BLOCK;
    for (guint row = top; row < top + BLOCK; row++) {
        for (guint column = left; column < left + BLOCK; column++) {
            float here = a->cell[row * SIDE + column],
                  there = b->cell[turned(row, column, quarters)];
            common += MIN(here, there);
            any += MAX(here, there);
        }
    }
    return (Block){any > 0 ? common / any : 1, any};
}

/* Mean likeness of the blocks that are least alike and hold LEAST_PART of the ink together. */
static double compare(const Page *a, const Page *b, guint quarters)
{
    Block blocks[BLOCKS * BLOCKS];
    guint count = 0;
    double ink = 0, taken = 0, sum = 0;
    for (guint i = 0; i < BLOCKS * BLOCKS; i++) {
        blocks[count] = compare_block(a, b, i, quarters);
        ink += (double)blocks[count].ink;
        count += (double)blocks[count].ink >= MIN_BLOCK_SHARE;
    }
    qsort(blocks, count, sizeof *blocks, by_likeness);
    for (guint i = 0; i < count && taken < LEAST_PART * ink; i++) {
        sum += (double)(blocks[i].likeness * blocks[i].ink);
        taken += (double)blocks[i].ink;
    }
    return taken > 0 ? sum / taken : 0;
}

static void unpack(const DaFingerprint *fingerprint, Page *page)
{
    page->ink = 0;
    for (guint i = 0; i < SIDE * SIDE; i++)
        page->ink += cell(fingerprint, i) * cell(fingerprint, i);
    for (guint i = 0; i < SIDE * SIDE; i++)
        page->cell[i] =
            (float)(cell(fingerprint, i) * cell(fingerprint, i)) / (float)MAX(1, page->ink);
}

double da_fingerprint_likeness(const DaFingerprint *a, const DaFingerprint *b)
{
    Page first, second;
    double best = 0;
    if (!a->known || !b->known)
        return 0;
    unpack(a, &first);
    unpack(b, &second);
    guint less = MIN(first.ink, second.ink);
    if (less == 0 || MAX(first.ink, second.ink) > MAX_INK_RATIO * less)
        return 0;
    for (guint quarters = 0; quarters < 4; quarters++)
        best = MAX(best, compare(&first, &second, quarters));
    return best;
}

char *da_fingerprint_to_text(const DaFingerprint *fingerprint)
{
    return fingerprint->known ? g_base64_encode(fingerprint->cells, sizeof fingerprint->cells)
                              : NULL;
}

gboolean da_fingerprint_from_text(const char *text, DaFingerprint *fingerprint)
{
    gsize size = 0;
    *fingerprint = (DaFingerprint){0};
    g_autofree guint8 *bytes = text != NULL ? g_base64_decode(text, &size) : NULL;
    if (size != sizeof fingerprint->cells)
        return FALSE;
    memcpy(fingerprint->cells, bytes, size);
    fingerprint->known = TRUE;
    return TRUE;
}
