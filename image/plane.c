#include "plane.h"

#include <string.h>

/* 0.1° needs a lever of 573 px; 150 dpi gives 870 on A5 and halves what the later steps touch. */
#define WORKING_DPI 150
#define MM_PER_INCH 25.4

typedef struct {
    guint red, green, blue;
} Sum;

/* Sums of the boxes that row `line` of the scan adds to. */
static void add_words(const guint32 *line, guint factor, guint width, Sum *sums)
{
    for (guint x = 0; x < width; x++) {
        for (guint i = 0; i < factor; i++) {
            guint32 word = *line++;
            sums[x].red += word >> 24;
            sums[x].green += word >> 16 & 0xFF;
            sums[x].blue += word >> 8 & 0xFF;
        }
    }
}

static void add_bytes(guint32 *line, guint factor, guint width, Sum *sums)
{
    for (guint x = 0; x < width; x++) {
        for (guint i = 0; i < factor; i++)
            sums[x].red += GET_DATA_BYTE(line, x * factor + i);
    }
}

static void reduce_row(Pix *pix, DaPlane *plane, guint y, Sum *sums)
{
    guint count = plane->factor * plane->factor;
    memset(sums, 0, plane->width * sizeof *sums);
    for (guint i = 0; i < plane->factor; i++) {
        gsize row = (gsize)y * plane->factor + i;
        guint32 *line = pixGetData(pix) + row * (gsize)pixGetWpl(pix);
        if (plane->red != NULL)
            add_words(line, plane->factor, plane->width, sums);
        else
            add_bytes(line, plane->factor, plane->width, sums);
    }
    gsize at = (gsize)y * plane->width;
    for (guint x = 0; x < plane->width; x++)
        plane->light[at + x] = (guint8)(sums[x].red / count);
    for (guint x = 0; plane->red != NULL && x < plane->width; x++) {
        guint other = MAX(sums[x].green, sums[x].blue);
        plane->blue[at + x] = (guint8)(sums[x].blue / count);
        plane->red[at + x] = (guint8)(sums[x].red > other ? (sums[x].red - other) / count : 0);
    }
}

static guint factor_for(Pix *pix, guint dpi)
{
    guint factor = MAX(1, (dpi + WORKING_DPI / 2) / WORKING_DPI);
    guint width = (guint)pixGetWidth(pix), height = (guint)pixGetHeight(pix);
    factor = MIN(factor, MAX(1, MIN(width, height) / DA_PLANE_CELL)); /* a strip keeps a cell */
    return MAX(factor, MAX(width, height) / G_MAXUINT16 + 1);         /* runs count in 16 bits */
}

DaPlane *da_plane_new(Pix *pix, guint dpi)
{
    DaPlane *plane = g_new0(DaPlane, 1);
    plane->factor = factor_for(pix, dpi);
    plane->width = (guint)pixGetWidth(pix) / plane->factor;
    plane->height = (guint)pixGetHeight(pix) / plane->factor;
    plane->px_per_mm = dpi / MM_PER_INCH / plane->factor;
    gsize size = (gsize)plane->width * plane->height;
    plane->light = g_malloc(size);
    plane->level = g_malloc(size);
    plane->red = pixGetDepth(pix) == 32 ? g_malloc(size) : NULL;
    plane->blue = pixGetDepth(pix) == 32 ? g_malloc(size) : NULL;
    g_autofree Sum *sums = g_new(Sum, plane->width);
    for (guint y = 0; y < plane->height; y++)
        reduce_row(pix, plane, y, sums);
    plane->cells_x = (plane->width + DA_PLANE_CELL - 1) / DA_PLANE_CELL;
    plane->cells_y = (plane->height + DA_PLANE_CELL - 1) / DA_PLANE_CELL;
    plane->sheet = g_malloc0((gsize)plane->cells_x * plane->cells_y);
    plane->inside = g_malloc0((gsize)plane->cells_x * plane->cells_y);
    da_plane_find_sheet(plane);
    da_plane_normalize(plane);
    return plane;
}

void da_plane_free(DaPlane *plane)
{
    if (plane == NULL)
        return;
    g_free(plane->light);
    g_free(plane->red);
    g_free(plane->blue);
    g_free(plane->level);
    g_free(plane->sheet);
    g_free(plane->inside);
    g_free(plane);
}
