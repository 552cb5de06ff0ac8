#include "regions.h"

typedef struct {
    const guint8 *cells;
    guint width, height, reach;
    guint8 *seen;
    GArray *queue; /* of guint */
} Search;

static void take(Search *search, guint at)
{
    search->seen[at] = 1;
    g_array_append_val(search->queue, at);
}

static void take_around(Search *search, guint x, guint y)
{
    guint right = MIN(search->width, x + search->reach + 1);
    guint bottom = MIN(search->height, y + search->reach + 1);
    for (guint v = y > search->reach ? y - search->reach : 0; v < bottom; v++) {
        for (guint u = x > search->reach ? x - search->reach : 0; u < right; u++) {
            guint at = v * search->width + u;
            if (search->cells[at] != 0 && !search->seen[at])
                take(search, at);
        }
    }
}

static DaRegion grow(Search *search, guint start)
{
    DaRegion region = {G_MAXUINT, G_MAXUINT, 0, 0, 0, 0};
    g_array_set_size(search->queue, 0);
    take(search, start);
    for (guint i = 0; i < search->queue->len; i++) {
        guint at = g_array_index(search->queue, guint, i);
        guint x = at % search->width, y = at / search->width;
        region.x0 = MIN(region.x0, x);
        region.y0 = MIN(region.y0, y);
        region.x1 = MAX(region.x1, x + 1);
        region.y1 = MAX(region.y1, y + 1);
        region.cells++;
        region.strong += search->cells[at] > 1;
        take_around(search, x, y);
    }
    return region;
}

GArray *da_regions_find(const guint8 *cells, guint width, guint height, guint gap)
{
    guint count = width * height;
    g_autofree guint8 *seen = g_malloc0(count + 1);
    g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
    Search search = {cells, width, height, gap + 1, seen, queue};
    GArray *regions = g_array_new(FALSE, FALSE, sizeof(DaRegion));
    for (guint i = 0; i < count; i++) {
        if (cells[i] == 0 || seen[i])
            continue;
        DaRegion region = grow(&search, i);
        g_array_append_val(regions, region);
    }
    return regions;
}
