#include "blobs.h"

#define RUN(runs, i) g_array_index(runs, DaRun, i)

/* The runs of a set form a tree; its root has itself in `blob`. */
static guint root_of(GArray *runs, guint run)
{
    while (RUN(runs, run).blob != run) {
        guint parent = RUN(runs, run).blob;
        RUN(runs, run).blob = RUN(runs, parent).blob;
        run = parent;
    }
    return run;
}

static void join(GArray *runs, guint a, guint b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a < b)
        RUN(runs, b).blob = a;
    else
        RUN(runs, a).blob = b;
}

static void add_runs(GArray *runs, const guint8 *row, guint width, guint y)
{
    for (guint x = 0; x < width; x++) {
        if (row[x] == 0)
            continue;
        DaRun run = {(guint16)y, (guint16)x, 0, runs->len};
        while (x < width && row[x] != 0)
            x++;
        run.x1 = (guint16)x;
        g_array_append_val(runs, run);
    }
}

/* Joins runs [above, here) with the runs [here, end) below them that touch, corners included. */
static void join_rows(GArray *runs, guint above, guint here, guint end)
{
    for (guint first = above, i = here; i < end; i++) {
        while (first < here && RUN(runs, first).x1 < RUN(runs, i).x0)
            first++;
        for (guint k = first; k < here && RUN(runs, k).x0 <= RUN(runs, i).x1; k++)
            join(runs, k, i);
    }
}

static void grow(DaBlob *blob, const DaRun *run, const guint8 *row)
{
    blob->x0 = MIN(blob->x0, run->x0);
    blob->y0 = MIN(blob->y0, run->y);
    blob->x1 = MAX(blob->x1, run->x1);
    blob->y1 = MAX(blob->y1, (guint16)(run->y + 1));
    blob->area_px += (guint)(run->x1 - run->x0);
    for (guint x = run->x0; x < run->x1; x++)
        blob->strong_px += row[x] == DA_MARK_STRONG;
}

/* Roots come before their runs, so one pass gives every run the number of its blob. */
static void number(DaBlobs *blobs, const guint8 *mask, guint width)
{
    g_autofree guint *numbers = g_new(guint, blobs->runs->len + 1);
    for (guint i = 0; i < blobs->runs->len; i++) {
        guint root = root_of(blobs->runs, i);
        if (root == i) {
            DaBlob blob = {G_MAXUINT16, G_MAXUINT16, 0, 0, 0, 0};
            numbers[i] = blobs->blobs->len;
            g_array_append_val(blobs->blobs, blob);
        } else {
            numbers[i] = numbers[root];
        }
    }
    for (guint i = 0; i < blobs->runs->len; i++) {
        DaRun *run = &RUN(blobs->runs, i);
        run->blob = numbers[i];
        grow(&g_array_index(blobs->blobs, DaBlob, run->blob), run, mask + (gsize)run->y * width);
    }
}

DaBlobs *da_blobs_find(const guint8 *mask, guint width, guint height)
{
    DaBlobs *blobs = g_new0(DaBlobs, 1);
    blobs->runs = g_array_new(FALSE, FALSE, sizeof(DaRun));
    blobs->blobs = g_array_new(FALSE, FALSE, sizeof(DaBlob));
    guint above = 0, here = 0;
    for (guint y = 0; y < height; y++) {
        add_runs(blobs->runs, mask + (gsize)y * width, width, y);
        join_rows(blobs->runs, above, here, blobs->runs->len);
        above = here;
        here = blobs->runs->len;
    }
    number(blobs, mask, width);
    return blobs;
}

void da_blobs_free(DaBlobs *blobs)
{
    if (blobs == NULL)
        return;
    g_array_unref(blobs->runs);
    g_array_unref(blobs->blobs);
    g_free(blobs);
}
