#include "picture.h"
#include "regions.h"

#include <math.h>

/* Seal ink on white and on yellowed paper, weak impressions included. */
#define RED_EXCESS 40
/* Share of red px that makes a cell part of something red. */
#define RED_SHARE 0.08
/* In cells that only a rule crosses, red px fill a strip narrower than this, px of the plane. */
#define STRIP_PX 5
/* Ring, star and characters of one impression lie so close, cells. */
#define GAP_CELLS 2
/* Private seals are 8 mm and more, round ones of offices 38 to 45 mm, of ministries 50 mm (国发〔1999〕25号). */
#define MIN_MM 7.0
#define MAX_MM 62.0
/* Round seals of offices that overlap hang together as a chain, one below the other in the boxes of a form. */
#define CHAIN_MIN_MM 34.0
#define CHAIN_MAX_MM 240.0
#define MAX_ASPECT 1.7
/* Share of its box that ink covers: a ring with a star 0.15, a private seal 0.4; a frame of rules 0.03. */
#define MIN_INK 0.07
/* Three or more of like size in a row are the characters of a red head. */
#define HEAD_MM 25.0
#define HEAD_MEMBERS 3
#define HEAD_GAP 3.0
#define HEAD_DRIFT 0.5
#define HEAD_LIKENESS 0.4
#define HEAD_ASPECT 2.5
#define HEAD_PART 0.4

typedef struct {
    guint count, x0, y0, x1, y1; /* box; all outside but x0, y0 */
} RedPx;

static RedPx red_px(const DaPlane *plane, guint cell_x, guint cell_y)
{
    guint left = cell_x * DA_PLANE_CELL, top = cell_y * DA_PLANE_CELL;
    RedPx red = {0, G_MAXUINT, G_MAXUINT, 0, 0};
    for (guint y = top; y < MIN(plane->height, top + DA_PLANE_CELL); y++) {
        for (guint x = left; x < MIN(plane->width, left + DA_PLANE_CELL); x++) {
            if (plane->red[(gsize)y * plane->width + x] < RED_EXCESS)
                continue;
            red = (RedPx){red.count + 1, MIN(red.x0, x), MIN(red.y0, y), MAX(red.x1, x + 1),
                          MAX(red.y1, y + 1)};
        }
    }
    return red;
}

/* `any`: cells with red ink; `broad`: without those that only a rule crosses. */
static void find_red_cells(const DaPlane *plane, guint8 *any, guint8 *broad)
{
    const double least = RED_SHARE * DA_PLANE_CELL * DA_PLANE_CELL;
    for (guint cell = 0; cell < plane->cells_x * plane->cells_y; cell++) {
        any[cell] = broad[cell] = 0;
        if (!plane->inside[cell])
            continue;
        RedPx red = red_px(plane, cell % plane->cells_x, cell / plane->cells_x);
        any[cell] = red.count >= least;
        broad[cell] = any[cell] && red.x1 - red.x0 >= STRIP_PX && red.y1 - red.y0 >= STRIP_PX;
    }
}

static double ink_share(const DaPlane *plane, const DaRegion *region)
{
    guint red = 0, bottom = MIN(plane->height, region->y1 * DA_PLANE_CELL),
          right = MIN(plane->width, region->x1 * DA_PLANE_CELL);
    for (guint y = region->y0 * DA_PLANE_CELL; y < bottom; y++) {
        for (guint x = region->x0 * DA_PLANE_CELL; x < right; x++)
            red += plane->red[(gsize)y * plane->width + x] >= RED_EXCESS;
    }
    return (double)red /
           ((bottom - region->y0 * DA_PLANE_CELL) * (double)(right - region->x0 * DA_PLANE_CELL));
}

static double longer_mm(const DaPlane *plane, const DaRegion *region)
{
    return MAX(region->x1 - region->x0, region->y1 - region->y0) * DA_PLANE_CELL / plane->px_per_mm;
}

static double shorter_mm(const DaPlane *plane, const DaRegion *region)
{
    return MIN(region->x1 - region->x0, region->y1 - region->y0) * DA_PLANE_CELL / plane->px_per_mm;
}

/* How many seals a region is by its form; 0 = it is none. */
static guint seals_in(const DaPlane *plane, const DaRegion *region)
{
    double longer = longer_mm(plane, region), shorter = shorter_mm(plane, region);
    if (shorter < MIN_MM || shorter > MAX_MM || longer > CHAIN_MAX_MM ||
        ink_share(plane, region) < MIN_INK)
        return 0;
    if (shorter >= CHAIN_MIN_MM)
        return (guint)ceil(longer / shorter - 0.30);
    return longer <= MAX_MM && longer <= MAX_ASPECT * shorter;
}

/* `other` is a character beside `region` in a line of text, along rows or along columns. */
static gboolean is_beside(const DaRegion *region, const DaRegion *other)
{
    double size = MAX(region->x1 - region->x0, region->y1 - region->y0);
    double size2 = MAX(other->x1 - other->x0, other->y1 - other->y0);
    double dx = fabs((double)(region->x0 + region->x1) - (other->x0 + other->x1)) / 2;
    double dy = fabs((double)(region->y0 + region->y1) - (other->y0 + other->y1)) / 2;
    return MIN(size, size2) >= HEAD_LIKENESS * MAX(size, size2) &&
           MIN(dx, dy) <= HEAD_DRIFT * size && MAX(dx, dy) <= HEAD_GAP * size;
}

static gboolean is_in_head(const DaPlane *plane, const GArray *regions, guint at)
{
    const DaRegion *region = &g_array_index(regions, DaRegion, at);
    guint beside = 0;
    if (longer_mm(plane, region) > HEAD_MM)
        return FALSE;
    for (guint i = 0; i < regions->len; i++)
        beside += i != at && is_beside(region, &g_array_index(regions, DaRegion, i));
    return beside + 1 >= HEAD_MEMBERS;
}

static DaMeasureBox box_of(const DaPlane *plane, const DaRegion *region)
{
    guint side = DA_PLANE_CELL * plane->factor;
    return (DaMeasureBox){region->x0 * side, region->y0 * side, (region->x1 - region->x0) * side,
                          (region->y1 - region->y0) * side};
}

/* Link `i` of a chain of `count`: as long as the chain is wide, evenly set. */
static DaMeasureBox link_of(DaMeasureBox chain, guint i, guint count)
{
    guint shorter = MIN(chain.w_px, chain.h_px), longer = MAX(chain.w_px, chain.h_px);
    guint at = count > 1 ? (longer - shorter) * i / (count - 1) : 0;
    if (count <= 1)
        return chain;
    return chain.w_px >= chain.h_px ? (DaMeasureBox){chain.x_px + at, chain.y_px, shorter, shorter}
                                    : (DaMeasureBox){chain.x_px, chain.y_px + at, shorter, shorter};
}

static gboolean holds(const DaRegion *region, const DaRegion *part)
{
    return part->x0 >= region->x0 && part->x1 <= region->x1 && part->y0 >= region->y0 &&
           part->y1 <= region->y1;
}

/* A red head whose characters hang together is broad along its length; a rule with a seal on it only there. */
static gboolean is_head(const DaPlane *plane, const DaRegion *region, const GArray *broad)
{
    gboolean across = region->x1 - region->x0 > region->y1 - region->y0;
    guint length = 0;
    for (guint i = 0; i < broad->len; i++) {
        const DaRegion *part = &g_array_index(broad, DaRegion, i);
        if (holds(region, part))
            length += across ? part->x1 - part->x0 : part->y1 - part->y0;
    }
    double longer = MAX(region->x1 - region->x0, region->y1 - region->y0);
    return shorter_mm(plane, region) < HEAD_MM &&
           longer_mm(plane, region) > HEAD_ASPECT * shorter_mm(plane, region) &&
           length > HEAD_PART * longer;
}

/* Seals among the broad cells of a region that is too large to be one: they were set on red rules. */
static void take_broad(const DaRegion *region, const GArray *broad, GArray *out)
{
    for (guint i = 0; i < broad->len; i++) {
        const DaRegion *part = &g_array_index(broad, DaRegion, i);
        if (holds(region, part))
            g_array_append_val(out, *part);
    }
}

/* Red regions of the page that may be seals. */
static GArray *candidates(const DaPlane *plane)
{
    gsize count = (gsize)plane->cells_x * plane->cells_y;
    g_autofree guint8 *any_cells = g_malloc(count);
    g_autofree guint8 *broad_cells = g_malloc(count);
    find_red_cells(plane, any_cells, broad_cells);
    g_autoptr(GArray) any = da_regions_find(any_cells, plane->cells_x, plane->cells_y, GAP_CELLS);
    g_autoptr(GArray) broad = da_regions_find(broad_cells, plane->cells_x, plane->cells_y, 1);
    GArray *regions = g_array_new(FALSE, FALSE, sizeof(DaRegion));
    for (guint i = 0; i < any->len; i++) {
        const DaRegion *region = &g_array_index(any, DaRegion, i);
        if (is_head(plane, region, broad))
            continue;
        if (longer_mm(plane, region) > MAX_MM && seals_in(plane, region) == 0)
            take_broad(region, broad, regions);
        else
            g_array_append_val(regions, *region);
    }
    return regions;
}

/* The star of a seal whose ring is a region of its own. */
static gboolean is_part(const DaPlane *plane, const GArray *regions, guint at)
{
    const DaRegion *region = &g_array_index(regions, DaRegion, at);
    for (guint i = 0; i < regions->len; i++) {
        const DaRegion *other = &g_array_index(regions, DaRegion, i);
        if (i != at && holds(other, region) && seals_in(plane, other) > 0)
            return TRUE;
    }
    return FALSE;
}

guint da_picture_seals(const DaPlane *plane, DaMeasureBox *boxes, guint most)
{
    if (plane->red == NULL)
        return 0;
    g_autoptr(GArray) regions = candidates(plane);
    guint found = 0;
    for (guint i = 0; i < regions->len; i++) {
        const DaRegion *region = &g_array_index(regions, DaRegion, i);
        gboolean own = !is_in_head(plane, regions, i) && !is_part(plane, regions, i);
        guint links = own ? seals_in(plane, region) : 0;
        for (guint k = 0; k < links && found < most; k++)
            boxes[found++] = link_of(box_of(plane, region), k, links);
    }
    return found;
}
