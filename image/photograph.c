#include "picture.h"
#include "regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A photograph is a region in which no paper shows: evenly covered, with mid-tones, and darker places that stand out. Print, seals and
 * handwriting leave paper between their strokes; stains and aged edges are weak. */

/* Paper is sampled in blocks of so many cells (33 mm): a photograph fills one of nine at the most. */
#define BLOCK_CELLS 24
#define PAPER_PART 0.85
/* Differs from paper by this share in red or blue: covered. A stain or an aged edge beside a photograph melts into it at the first, so the
 * others are tried as well. Darker than the last: surely. */
static const double covers[] = {0.06, 0.12, 0.18};
#define DARK 0.80
/* Share of a cell's px that must be covered. */
#define FULL 0.85
/* Red ink covers as well; a cell with more of it is a seal's. */
#define MAX_RED 0.4
#define RED_EXCESS 40

/* Sizes in mm, from 1-inch photographs (25 x 35) cut small to postcards, and how much of its box a tilted one fills. */
#define MIN_MM 14.0
#define MAX_MM 130.0
#define MAX_ASPECT 2.2
#define MIN_FILL 0.68
#define MIN_DARK_PART 0.12
/* Between the darker and the lighter cells, grey levels: a blot or a black field has none. */
#define MIN_CONTRAST 45
/* Share of cells that are neither ink nor paper. */
#define MIN_MIDTONES 0.25
#define MIDTONE_LOW 50

typedef struct {
    guint8 *light, *blue; /* paper around each cell */
    guint8 *mean;         /* light of each cell */
    guint8 *cover;        /* 0, 1 covered, 2 surely dark */
    guint blocks_x, blocks_y;
    double share; /* one of covers */
} Cover;

static void cover_clear(Cover *cover)
{
    g_free(cover->light);
    g_free(cover->blue);
    g_free(cover->mean);
    g_free(cover->cover);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cover, cover_clear)

static int by_value(const void *a, const void *b)
{
    return *(const guint8 *)a - *(const guint8 *)b;
}

/* The lighter part of the px inside the sheet of a block; 0 = none are. Every second px in both directions is enough. */
static guint8 sample_block(const DaPlane *plane, const guint8 *channel, guint block_x,
                           guint block_y)
{
    const guint side = BLOCK_CELLS * DA_PLANE_CELL;
    guint histogram[256] = {0}, count = 0, below = 0, value = 0;
    guint bottom = MIN(plane->height, (block_y + 1) * side);
    guint right = MIN(plane->width, (block_x + 1) * side);
    for (guint y = block_y * side; y < bottom; y += 2) {
        for (guint x = block_x * side; x < right; x += 2) {
            if (!da_plane_is_inside(plane, x, y))
                continue;
            histogram[channel[(gsize)y * plane->width + x]]++;
            count++;
        }
    }
    while (count > 0 && value < 255 && (below += histogram[value]) < PAPER_PART * count)
        value++;
    return (guint8)value;
}

/* The middle one of the known values of a block and those around it. */
static guint8 median_around(const guint8 *blocks, guint width, guint height, guint x, guint y)
{
    guint8 known[9];
    guint count = 0;
    for (guint v = y > 0 ? y - 1 : 0; v <= y + 1 && v < height; v++) {
        for (guint u = x > 0 ? x - 1 : 0; u <= x + 1 && u < width; u++) {
            if (blocks[v * width + u] != 0)
                known[count++] = blocks[v * width + u];
        }
    }
    qsort(known, count, 1, by_value);
    return count == 0 ? 255 : known[count / 2];
}

static guint8 *paper_of(const DaPlane *plane, const guint8 *channel, const Cover *cover)
{
    guint count = cover->blocks_x * cover->blocks_y;
    g_autofree guint8 *blocks = g_malloc(count);
    guint8 *paper = g_malloc(count);
    for (guint i = 0; i < count; i++)
        blocks[i] = sample_block(plane, channel, i % cover->blocks_x, i / cover->blocks_x);
    for (guint i = 0; i < count; i++)
        paper[i] = median_around(blocks, cover->blocks_x, cover->blocks_y, i % cover->blocks_x,
                                 i / cover->blocks_x);
    return paper;
}

/* What is further from paper than `most` is covered. Whole numbers: a difference above 6.3 is one above 6. */
typedef struct {
    int light, most_light, blue, most_blue, dark;
} Limits;

static Limits limits_of(const Cover *cover, guint block)
{
    guint8 light = cover->light[block], blue = cover->blue != NULL ? cover->blue[block] : 0;
    return (Limits){light, (int)(cover->share * light), blue, (int)(1.5 * cover->share * blue),
                    (int)ceil(DARK * light)};
}

typedef struct {
    guint covered, dark, red, sum;
} Counts;

/* Adds `width` px of a row. */
static void count_px(const DaPlane *plane, const Limits *limits, gsize at, guint width,
                     Counts *counts)
{
    const guint8 *light = plane->light + at;
    const guint8 *blue = plane->blue != NULL ? plane->blue + at : NULL;
    const guint8 *red = plane->red != NULL ? plane->red + at : NULL;
    const Limits l = *limits;
    Counts c = *counts;
    for (guint i = 0; i < width; i++) {
        guint covered = abs(light[i] - l.light) > l.most_light;
        covered |= blue != NULL && abs(blue[i] - l.blue) > l.most_blue;
        c.covered += covered;
        c.dark += light[i] < l.dark;
        c.red += red != NULL && red[i] >= RED_EXCESS;
        c.sum += light[i];
    }
    *counts = c;
}

static void judge_cell(const DaPlane *plane, Cover *cover, guint cell_x, guint cell_y)
{
    guint block = cell_y / BLOCK_CELLS * cover->blocks_x + cell_x / BLOCK_CELLS;
    guint at_cell = cell_y * plane->cells_x + cell_x;
    guint left = cell_x * DA_PLANE_CELL, width = MIN(DA_PLANE_CELL, plane->width - left);
    guint top = cell_y * DA_PLANE_CELL, bottom = MIN(plane->height, top + DA_PLANE_CELL);
    guint count = width * (bottom - top);
    const Limits limits = limits_of(cover, block);
    Counts counts = {0};
    for (guint y = top; y < bottom; y++)
        count_px(plane, &limits, (gsize)y * plane->width + left, width, &counts);
    cover->mean[at_cell] = (guint8)(counts.sum / MAX(1, count));
    if (!plane->inside[at_cell] || counts.covered < FULL * count || counts.red > MAX_RED * count)
        return;
    cover->cover[at_cell] = counts.dark >= FULL * count ? 2 : 1;
}

static void cover_cells(const DaPlane *plane, Cover *cover, double share)
{
    memset(cover->cover, 0, (gsize)plane->cells_x * plane->cells_y);
    cover->share = share;
    for (guint y = 0; y < plane->cells_y; y++) {
        for (guint x = 0; x < plane->cells_x; x++)
            judge_cell(plane, cover, x, y);
    }
}

static Cover cover_of(const DaPlane *plane)
{
    gsize cells = (gsize)plane->cells_x * plane->cells_y;
    Cover cover = {.blocks_x = (plane->cells_x + BLOCK_CELLS - 1) / BLOCK_CELLS,
                   .blocks_y = (plane->cells_y + BLOCK_CELLS - 1) / BLOCK_CELLS};
    cover.light = paper_of(plane, plane->light, &cover);
    cover.blue = plane->blue != NULL ? paper_of(plane, plane->blue, &cover) : NULL;
    cover.mean = g_malloc0(cells);
    cover.cover = g_malloc0(cells);
    return cover;
}

/* Cells that have hardly a covered one beside them are bridges: table lines, the edge of a stain. */
static guint8 *opened(const DaPlane *plane, const guint8 *cover)
{
    guint8 *out = g_malloc0((gsize)plane->cells_x * plane->cells_y);
    for (guint y = 1; y + 1 < plane->cells_y; y++) {
        for (guint x = 1; x + 1 < plane->cells_x; x++) {
            guint at = y * plane->cells_x + x, around = 0;
            for (guint i = 0; i < 9; i++)
                around += cover[at + i % 3 - 1 + (i / 3) * plane->cells_x - plane->cells_x] != 0;
            out[at] = around >= 6 ? cover[at] : 0;
        }
    }
    return out;
}

/* Grey levels between the darkest and the lightest tenth of the cells, and how many lie between ink and paper. */
static gboolean has_tones(const DaPlane *plane, const Cover *cover, const DaRegion *region)
{
    guint histogram[256] = {0}, count = 0, below = 0, low = 0, high = 0, middle = 0;
    guint block = (region->y0 + region->y1) / 2 / BLOCK_CELLS * cover->blocks_x +
                  (region->x0 + region->x1) / 2 / BLOCK_CELLS;
    for (guint y = region->y0; y < region->y1; y++) {
        for (guint x = region->x0; x < region->x1; x++) {
            guint mean = cover->mean[y * plane->cells_x + x];
            histogram[mean]++;
            count++;
            middle += mean > MIDTONE_LOW && mean < (1 - covers[0]) * cover->light[block];
        }
    }
    for (guint value = 0; value < 256; value++) {
        below += histogram[value];
        low = below * 10 <= count ? value : low;
        high = below * 10 <= count * 9 ? value : high;
    }
    return high >= low + MIN_CONTRAST && middle >= MIN_MIDTONES * count;
}

static gboolean is_photograph(const DaPlane *plane, const Cover *cover, const DaRegion *region)
{
    double mm = DA_PLANE_CELL / plane->px_per_mm;
    double width = (region->x1 - region->x0) * mm, height = (region->y1 - region->y0) * mm;
    double area = (double)(region->x1 - region->x0) * (region->y1 - region->y0);
    return MIN(width, height) >= MIN_MM && MAX(width, height) <= MAX_MM &&
           MAX(width, height) <= MAX_ASPECT * MIN(width, height) &&
           region->cells >= MIN_FILL * area && region->strong >= MIN_DARK_PART * region->cells &&
           has_tones(plane, cover, region);
}

/* Appends photographs to `found`; TRUE when a region is left that a photograph may be melted into. */
static gboolean take_photographs(const DaPlane *plane, const Cover *cover, GArray *found)
{
    g_autofree guint8 *mask = opened(plane, cover->cover);
    g_autoptr(GArray) regions = da_regions_find(mask, plane->cells_x, plane->cells_y, 0);
    double mm = DA_PLANE_CELL / plane->px_per_mm;
    gboolean open = FALSE;
    for (guint i = 0; i < regions->len; i++) {
        const DaRegion *region = &g_array_index(regions, DaRegion, i);
        if (is_photograph(plane, cover, region))
            g_array_append_val(found, *region);
        else
            open |= region->strong * mm * mm >= MIN_DARK_PART * MIN_MM * MIN_MM;
    }
    return open;
}

guint da_picture_photographs(const DaPlane *plane, DaMeasureBox *boxes, guint most)
{
    g_auto(Cover) cover = cover_of(plane);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(DaRegion));
    gboolean open = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(covers) && open; i++) {
        g_array_set_size(found, 0);
        cover_cells(plane, &cover, covers[i]);
        open = take_photographs(plane, &cover, found);
        if (found->len > 0)
            break;
    }
    guint side = DA_PLANE_CELL * plane->factor, count = MIN(most, found->len);
    for (guint i = 0; i < count; i++) {
        const DaRegion *region = &g_array_index(found, DaRegion, i);
        boxes[i] =
            (DaMeasureBox){region->x0 * side, region->y0 * side, (region->x1 - region->x0) * side,
                           (region->y1 - region->y0) * side};
    }
    return count;
}
