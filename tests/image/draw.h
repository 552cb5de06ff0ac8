/* Pages drawn by the tests: boxes the size of characters in lines, as a form or a letter has them. */
#pragma once

#include <dangan/handle/pix.h>

static inline void draw_box(Pix *pix, int x, int y, int w, int h, guint8 red, guint8 green,
                            guint8 blue)
{
    for (int v = MAX(0, y); v < MIN(y + h, pixGetHeight(pix)); v++) {
        for (int u = MAX(0, x); u < MIN(x + w, pixGetWidth(pix)); u++) {
            l_uint32 value = red;
            if (pixGetDepth(pix) == 32)
                composeRGBPixel(red, green, blue, &value);
            else if (pixGetDepth(pix) == 1)
                value = red < 128;
            pixSetPixel(pix, u, v, value);
        }
    }
}

/* One character of `size` px: strokes, so that it has edges in both directions. */
static inline void draw_glyph(Pix *pix, int x, int y, int size, guint kind, guint8 grey)
{
    int stroke = MAX(1, size / 9);
    draw_box(pix, x, y + (int)(kind % 3) * size / 6, size, stroke, grey, grey, grey);
    draw_box(pix, x + (int)(kind % 4) * size / 5, y, stroke, size, grey, grey, grey);
    draw_box(pix, x, y + size - stroke, size - (int)(kind % 5) * size / 8, stroke, grey, grey,
             grey);
    draw_box(pix, x + size - stroke, y + size / 3, stroke, size / 2, grey, grey, grey);
}

/* A sheet of `depth` bits with lines of text of unequal length. */
static inline Pix *draw_page(int width, int height, int depth, guint8 paper, guint8 ink)
{
    Pix *pix = pixCreate(width, height, depth);
    draw_box(pix, 0, 0, width, height, paper, paper, paper);
    int size = width / 50, pitch = size * 9 / 8, line = size * 2;
    guint kind = 7;
    for (int y = height / 9; y < height - height / 8; y += line) {
        int end = width - width / 7 - (int)(kind % 11) * pitch;
        for (int x = width / 7; x < end; x += pitch, kind = kind * 1103515245u + 12345u)
            draw_glyph(pix, x, y, size, kind >> 16, ink);
    }
    pixSetResolution(pix, 300, 300);
    return pix;
}
