#include "quad.h"

#include <math.h>

/* Finer than that, more samples a pixel change nothing. */
#define MAX_SAMPLES 4

DaQuad da_quad_of_box(double left, double top, double right, double bottom)
{
    return (DaQuad){{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

static double distance(const double a[2], const double b[2])
{
    return hypot(a[0] - b[0], a[1] - b[1]);
}

double da_quad_width(const DaQuad *quad)
{
    return distance(quad->corner[0], quad->corner[1]);
}

double da_quad_height(const DaQuad *quad)
{
    return distance(quad->corner[0], quad->corner[3]);
}

void da_quad_point(const DaQuad *quad, double along, double down, double *x, double *y)
{
    const double(*c)[2] = quad->corner;
    *x = c[0][0] + along * (c[1][0] - c[0][0]) + down * (c[3][0] - c[0][0]);
    *y = c[0][1] + along * (c[1][1] - c[0][1]) + down * (c[3][1] - c[0][1]);
}

DaQuad da_quad_part(const DaQuad *quad, double from, double to)
{
    DaQuad part;
    const double along[4] = {from, to, to, from};
    for (int i = 0; i < 4; i++)
        da_quad_point(quad, along[i], i >= 2, &part.corner[i][0], &part.corner[i][1]);
    return part;
}

typedef struct {
    const guint32 *data;
    int width, height, wpl;
} Page;

static double grey_at(const Page *page, int x, int y)
{
    x = CLAMP(x, 0, page->width - 1);
    y = CLAMP(y, 0, page->height - 1);
    return GET_DATA_BYTE(page->data + (gsize)y * (gsize)page->wpl, x);
}

static double between(const Page *page, double x, double y)
{
    double left = floor(x - 0.5), top = floor(y - 0.5), fx = x - 0.5 - left, fy = y - 0.5 - top;
    int u = (int)left, v = (int)top;
    return (grey_at(page, u, v) * (1 - fx) + grey_at(page, u + 1, v) * fx) * (1 - fy) +
           (grey_at(page, u, v + 1) * (1 - fx) + grey_at(page, u + 1, v + 1) * fx) * fy;
}

Pix *da_quad_cut(const DaQuad *quad, Pix *grey, guint height, guint max_width)
{
    return da_quad_cut_wide(quad, grey, 1, height, max_width);
}

Pix *da_quad_cut_wide(const DaQuad *quad, Pix *grey, double widen, guint height, guint max_width)
{
    double scale = height / fmax(da_quad_height(quad), 1);
    guint width = (guint)CLAMP(lround(da_quad_width(quad) * scale * widen), 1, (long)max_width);
    int samples = (int)CLAMP(lround(1 / scale), 1, MAX_SAMPLES);
    const Page page = {pixGetData(grey), pixGetWidth(grey), pixGetHeight(grey), pixGetWpl(grey)};
    Pix *strip = pixCreate((int)width, (int)height, 8);
    if (strip == NULL)
        return NULL;
    for (guint v = 0; v < height; v++) {
        guint32 *row = pixGetData(strip) + (gsize)v * (gsize)pixGetWpl(strip);
        for (guint u = 0; u < width; u++) {
            double sum = 0, x, y;
            for (int k = 0; k < samples * samples; k++) {
                da_quad_point(quad, (u + (k % samples + 0.5) / samples) / width,
                              (v + (k / samples + 0.5) / samples) / height, &x, &y);
                sum += between(&page, x, y);
            }
            SET_DATA_BYTE(row, u, (guint)lround(sum / (samples * samples)));
        }
    }
    return strip;
}
