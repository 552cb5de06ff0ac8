#include "fingerprint_take.h"

#include <math.h>
#include <string.h>

#define SIDE DA_FINGERPRINT_SIDE
#define CELL_MM 4.0
/* Share of ink that fills a cell: dense print. */
#define FULL_SHARE 0.30
#define LEVELS 15
/* Agreement is taken in blocks of so many cells: 24 mm, about what one entry of a form takes. */
#define BLOCK 6
#define BLOCKS (SIDE / BLOCK)
/* Blocks with less ink together, in levels, tell nothing. */
#define MIN_INK 6
/* The page is as like as the part of it, by ink, that is least alike. */
#define LEAST_PART 0.20
/* Pages whose ink differs more than this are not compared place by place. */
#define MAX_INK_RATIO 1.5

typedef struct {
    const DaPlane *plane;
    double sine, cosine, middle_x, middle_y;
    guint *ink; /* px in each cell */
} Sampling;

typedef void (*EachRun)(Sampling *sampling, const DaRun *run);

static gboolean is_ink(DaKind kind)
{
    return kind != DA_KIND_DUST && kind != DA_KIND_FAINT && kind != DA_KIND_HOLE;
}

static void each_run(Sampling *sampling, const DaBlobs *blobs, const GArray *kinds, EachRun visit)
{
    for (guint i = 0; i < blobs->runs->len; i++) {
        const DaRun *run = &g_array_index(blobs->runs, DaRun, i);
        if (is_ink(g_array_index(kinds, DaKind, run->blob)))
            visit(sampling, run);
    }
}

static void add_to_middle(Sampling *sampling, const DaRun *run)
{
    guint length = (guint)(run->x1 - run->x0);
    sampling->ink[0] += length;
    sampling->middle_x += length * (run->x0 + run->x1) / 2.0;
    sampling->middle_y += length * (run->y + 0.5);
}

static void add_to_cells(Sampling *sampling, const DaRun *run)
{
    double cell_px = CELL_MM * sampling->plane->px_per_mm, dy = run->y + 0.5 - sampling->middle_y;
    for (guint x = run->x0; x < run->x1; x++) {
        double dx = x + 0.5 - sampling->middle_x;
        double u = dx * sampling->cosine + dy * sampling->sine;
        double v = dy * sampling->cosine - dx * sampling->sine;
        int column = (int)floor(u / cell_px) + SIDE / 2, row = (int)floor(v / cell_px) + SIDE / 2;
        if (column >= 0 && row >= 0 && column < SIDE && row < SIDE)
            sampling->ink[row * SIDE + column]++;
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

void da_fingerprint_take(const DaPlane *plane, const DaContent *content, double skew_cw_deg,
                         DaFingerprint *fingerprint)
{
    double angle = isnan(skew_cw_deg) ? 0 : skew_cw_deg * G_PI / 180;
    g_autofree guint *ink = g_new0(guint, SIDE * SIDE);
    Sampling sampling = {.plane = plane, .sine = sin(angle), .cosine = cos(angle), .ink = ink};
    *fingerprint = (DaFingerprint){0};
    each_run(&sampling, content->ink, content->ink_kind, add_to_middle);
    if (ink[0] == 0)
        return;
    sampling.middle_x /= ink[0];
    sampling.middle_y /= ink[0];
    ink[0] = 0;
    each_run(&sampling, content->ink, content->ink_kind, add_to_cells);
    double full = FULL_SHARE * pow(CELL_MM * plane->px_per_mm, 2);
    for (guint i = 0; i < SIDE * SIDE; i++)
        set_cell(fingerprint, i, (guint)MIN(LEVELS, lround(ink[i] * LEVELS / full)));
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

typedef struct {
    double likeness;
    guint ink;
} Block;

static int by_likeness(const void *a, const void *b)
{
    double x = ((const Block *)a)->likeness, y = ((const Block *)b)->likeness;
    return (x > y) - (x < y);
}

/* What both have in a block, against what one of them has. */
static Block compare_block(const guint8 *a, const guint8 *b, guint block, guint quarters)
{
    guint common = 0, any = 0, top = block / BLOCKS * BLOCK, left = block % BLOCKS * BLOCK;
    for (guint row = top; row < top + BLOCK; row++) {
        for (guint column = left; column < left + BLOCK; column++) {
            guint here = a[row * SIDE + column], there = b[turned(row, column, quarters)];
            common += MIN(here, there);
            any += MAX(here, there);
        }
    }
    return (Block){any == 0 ? 1 : (double)common / any, any};
}

/* Mean likeness of the blocks that are least alike and hold LEAST_PART of the ink together. */
static double compare(const guint8 *a, const guint8 *b, guint quarters)
{
    Block blocks[BLOCKS * BLOCKS];
    guint count = 0;
    double ink = 0, taken = 0, sum = 0;
    for (guint i = 0; i < BLOCKS * BLOCKS; i++) {
        blocks[count] = compare_block(a, b, i, quarters);
        ink += blocks[count].ink;
        count += blocks[count].ink >= MIN_INK;
    }
    qsort(blocks, count, sizeof *blocks, by_likeness);
    for (guint i = 0; i < count && taken < LEAST_PART * ink; i++) {
        sum += blocks[i].likeness * blocks[i].ink;
        taken += blocks[i].ink;
    }
    return taken > 0 ? sum / taken : 0;
}

static guint unpack(const DaFingerprint *fingerprint, guint8 *cells)
{
    guint ink = 0;
    for (guint i = 0; i < SIDE * SIDE; i++) {
        cells[i] = (guint8)cell(fingerprint, i);
        ink += cells[i];
    }
    return ink;
}

double da_fingerprint_likeness(const DaFingerprint *a, const DaFingerprint *b)
{
    guint8 first[SIDE * SIDE], second[SIDE * SIDE];
    if (!a->known || !b->known)
        return 0;
    double ink = unpack(a, first), ink2 = unpack(b, second), best = 0;
    if (MIN(ink, ink2) == 0 || MAX(ink, ink2) > MAX_INK_RATIO * MIN(ink, ink2))
        return 0;
    for (guint quarters = 0; quarters < 4; quarters++)
        best = MAX(best, compare(first, second, quarters));
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
