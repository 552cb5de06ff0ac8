#include "plane.h"

#include <string.h>

/* Side of the blocks in which paper is sampled, in cells: 2.7 mm, wider than a stroke, narrower than a shadow. */
#define BLOCK_CELLS 2
#define BLOCK (DA_PLANE_CELL * BLOCK_CELLS)
/* Paper is the lighter part of a block: this share of it is darker. */
#define PAPER_SHARE 0.75
#define MIN_SAMPLES 32
/* Nothing darker is paper; keeps noise in black places from being stretched. */
#define MIN_PAPER 40

typedef struct {
    guint width, height;
    guint8 *paper; /* 0 = not known */
    guint8 *other;
} Blocks;

static void blocks_clear(Blocks *blocks)
{
    g_free(blocks->paper);
    g_free(blocks->other);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Blocks, blocks_clear)

static guint count_cell(const DaPlane *plane, guint cell_x, guint cell_y, guint histogram[64])
{
    guint left = cell_x * DA_PLANE_CELL, right = MIN(plane->width, left + DA_PLANE_CELL);
    guint top = cell_y * DA_PLANE_CELL, bottom = MIN(plane->height, top + DA_PLANE_CELL);
    if (!plane->inside[cell_y * plane->cells_x + cell_x])
        return 0;
    for (guint y = top; y < bottom; y++) {
        const guint8 *light = plane->light + (gsize)y * plane->width;
        for (guint x = left; x < right; x++)
            histogram[light[x] / 4]++;
    }
    return (right - left) * (bottom - top);
}

static guint8 sample(const DaPlane *plane, guint block_x, guint block_y)
{
    guint histogram[64] = {0}, count = 0, below = 0, bin = 0;
    guint bottom = MIN(plane->cells_y, (block_y + 1) * BLOCK_CELLS),
          right = MIN(plane->cells_x, (block_x + 1) * BLOCK_CELLS);
    for (guint y = block_y * BLOCK_CELLS; y < bottom; y++) {
        for (guint x = block_x * BLOCK_CELLS; x < right; x++)
            count += count_cell(plane, x, y, histogram);
    }
    if (count < MIN_SAMPLES)
        return 0;
    while (bin < 63 && (below += histogram[bin]) < PAPER_SHARE * count)
        bin++;
    return (guint8)MAX(MIN_PAPER, bin * 4 + 2);
}

typedef enum { LIGHTEST, DARKEST, KNOWN } Pick;

static guint8 pick(const Blocks *blocks, guint x, guint y, Pick what)
{
    guint8 best = 0;
    for (guint v = y > 0 ? y - 1 : 0; v <= y + 1 && v < blocks->height; v++) {
        for (guint u = x > 0 ? x - 1 : 0; u <= x + 1 && u < blocks->width; u++) {
            guint8 paper = blocks->paper[v * blocks->width + u];
            if (paper == 0)
                continue;
            best = best == 0 ? paper : what == DARKEST ? MIN(best, paper) : MAX(best, paper);
        }
    }
    return best;
}

/* Replaces each known block (all unknown ones for KNOWN) by the lightest or darkest around it; TRUE when one is unknown still. */
static gboolean replace(Blocks *blocks, Pick what)
{
    gboolean unknown = FALSE;
    for (guint y = 0; y < blocks->height; y++) {
        for (guint x = 0; x < blocks->width; x++) {
            guint at = y * blocks->width + x;
            gboolean known = blocks->paper[at] != 0;
            blocks->other[at] =
                known == (what != KNOWN) ? pick(blocks, x, y, what) : blocks->paper[at];
            unknown |= what == KNOWN && blocks->other[at] == 0;
        }
    }
    guint8 *old = blocks->paper;
    blocks->paper = blocks->other;
    blocks->other = old;
    return unknown;
}

/* Paper between the middles of the blocks, with 8 binary places in `row`, which has room for one block more than `width`. */
static void interpolate(const Blocks *blocks, guint y, guint width, guint16 *row)
{
    guint at_y = y + BLOCK / 2, top = MIN(at_y / BLOCK, blocks->height), fy = at_y % BLOCK;
    const guint8 *upper = blocks->paper + (gsize)(top > 0 ? top - 1 : 0) * blocks->width;
    const guint8 *lower = blocks->paper + (gsize)MIN(top, blocks->height - 1) * blocks->width;
    for (guint right = 0; right * BLOCK < width + BLOCK / 2; right++) {
        guint a = right > 0 ? right - 1 : 0, b = MIN(right, blocks->width - 1);
        guint first = upper[a] * (BLOCK - fy) + lower[a] * fy;
        guint second = upper[b] * (BLOCK - fy) + lower[b] * fy;
        guint16 *between = row + (gsize)right * BLOCK;
        for (guint fx = 0; fx < BLOCK; fx++)
            between[fx] = (guint16)(first * (BLOCK - fx) + second * fx);
    }
}

static void divide_row(DaPlane *plane, guint y, const guint16 *paper)
{
    guint width = plane->width;
    const guint8 *light = plane->light + (gsize)y * width;
    guint8 *level = plane->level + (gsize)y * width;
    for (guint x = 0; x < width; x++) {
        int value = (int)((float)light[x] * (255.0f * BLOCK * BLOCK) / (float)paper[x]);
        level[x] = (guint8)MIN(255, value);
    }
    for (guint x = 0; x < plane->width; x += DA_PLANE_CELL) {
        if (!da_plane_is_inside(plane, x, y))
            memset(level + x, 255, MIN(DA_PLANE_CELL, plane->width - x));
    }
}

void da_plane_normalize(DaPlane *plane)
{
    g_auto(Blocks) blocks = {.width = (plane->width + BLOCK - 1) / BLOCK,
                             .height = (plane->height + BLOCK - 1) / BLOCK};
    guint count = blocks.width * blocks.height, known = 0;
    blocks.paper = g_malloc(count);
    blocks.other = g_malloc(count);
    for (guint i = 0; i < count; i++) {
        blocks.paper[i] = sample(plane, i % blocks.width, i / blocks.width);
        known += blocks.paper[i] != 0;
    }
    if (known == 0)
        memset(blocks.paper, 255, count);
    replace(&blocks,
            LIGHTEST); /* closing: blocks that are full of ink take the paper beside them */
    replace(&blocks, DARKEST);
    while (replace(&blocks, KNOWN))
        continue;
    g_autofree guint16 *row = g_new(guint16, plane->width + 2 * BLOCK);
    for (guint y = 0; y < plane->height; y++) {
        interpolate(&blocks, y, plane->width, row);
        divide_row(plane, y, row + BLOCK / 2);
    }
}
