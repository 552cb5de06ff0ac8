#include "plane.h"

#include <string.h>

/* 0.1° needs a lever of 573 px; 150 dpi gives 870 on A5 and halves what the later steps touch. */
#define WORKING_DPI 150
#define MM_PER_INCH 25.4

/* Sums over the px of the scan that make one px here. Red and blue share a number, 16 bits each: the 256 px that 2,400 dpi need stay below
 * 65,536. First whole rows are added, then neighbours: plain loops, which compilers turn into vector instructions. */
typedef struct {
    guint32 *red_blue, *green;         /* of the columns of the scan */
    guint32 *few_red_blue, *few_green; /* of the columns here */
} Sums;

static void sums_clear(Sums *sums)
{
    g_free(sums->red_blue);
    g_free(sums->green);
    g_free(sums->few_red_blue);
    g_free(sums->few_green);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sums, sums_clear)

static Sums sums_of(const DaPlane *plane)
{
    gsize width = (gsize)plane->width * plane->factor;
    return (Sums){g_new(guint32, width), g_new(guint32, width), g_new(guint32, plane->width),
                  g_new(guint32, plane->width)};
}

static void add_words(const guint32 *line, gsize width, Sums *sums)
{
    guint32 *red_blue = sums->red_blue, *green = sums->green;
    for (gsize x = 0; x < width; x++) {
        red_blue[x] += line[x] >> 8 & 0x00FF00FF;
        green[x] += line[x] >> 16 & 0xFF;
    }
}

/* Grey is red. */
static void add_bytes(guint32 *line, gsize width, Sums *sums)
{
    for (gsize x = 0; x < width; x++)
        sums->red_blue[x] += (guint32)GET_DATA_BYTE(line, x) << 16;
}

static void add_neighbours(const guint32 *many, guint factor, guint width, guint32 *few)
{
    if (factor == 2) { /* 300 dpi */
        for (guint x = 0; x < width; x++)
            few[x] = many[2 * x] + many[2 * x + 1];
        return;
    }
    for (guint x = 0; x < width; x++) {
        few[x] = 0;
        for (guint i = 0; i < factor; i++)
            few[x] += many[(gsize)x * factor + i];
    }
}

/* `sum` / count, rounded down: half a unit more keeps the product clear of the whole numbers, from which it is 1 / 512 away at least. */
static inline guint8 mean(guint sum, float per_count)
{
    return (guint8)(int)(((float)(int)sum + 0.5f) * per_count);
}

static void take_means(DaPlane *plane, guint y, const Sums *sums)
{
    gsize at = (gsize)y * plane->width;
    guint width = plane->width;
    float per_count = 1.0f / (float)(plane->factor * plane->factor);
    guint8 *light = plane->light + at;
    const guint32 *red_blue = sums->few_red_blue, *green = sums->few_green;
    for (guint x = 0; x < width; x++)
        light[x] = mean(red_blue[x] >> 16, per_count);
    if (plane->red == NULL)
        return;
    guint8 *blue = plane->blue + at, *red = plane->red + at;
    for (guint x = 0; x < width; x++)
        blue[x] = mean(red_blue[x] & 0xFFFF, per_count);
    for (guint x = 0; x < width; x++) {
        int excess = (int)(red_blue[x] >> 16) - (int)MAX(green[x], red_blue[x] & 0xFFFF);
        red[x] = mean((guint)MAX(0, excess), per_count);
    }
}

static void reduce_row(Pix *pix, DaPlane *plane, guint y, Sums *sums)
{
    gsize width = (gsize)plane->width * plane->factor;
    memset(sums->red_blue, 0, width * sizeof *sums->red_blue);
    memset(sums->green, 0, width * sizeof *sums->green);
    for (guint i = 0; i < plane->factor; i++) {
        gsize row = (gsize)y * plane->factor + i;
        guint32 *line = pixGetData(pix) + row * (gsize)pixGetWpl(pix);
        if (plane->red != NULL)
            add_words(line, width, sums);
        else
            add_bytes(line, width, sums);
    }
    add_neighbours(sums->red_blue, plane->factor, plane->width, sums->few_red_blue);
    add_neighbours(sums->green, plane->factor, plane->width, sums->few_green);
    take_means(plane, y, sums);
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
    g_auto(Sums) sums = sums_of(plane);
    for (guint y = 0; y < plane->height; y++)
        reduce_row(pix, plane, y, &sums);
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
