/*
 * Upright boxes around lines and words, for ALTO. Pixels of the page's image.
 */
#pragma once

#include <dangan/text.h>
#include <math.h>

typedef struct {
    double left, top, right, bottom;
} DaBox;

/* Around nothing: joining anything to it gives that thing. */
#define DA_BOX_NOTHING ((DaBox){INFINITY, INFINITY, -INFINITY, -INFINITY})

static inline DaBox da_box_join(DaBox a, DaBox b)
{
    return (DaBox){fmin(a.left, b.left), fmin(a.top, b.top), fmax(a.right, b.right),
                   fmax(a.bottom, b.bottom)};
}

static inline DaBox da_box_of_word(const DaWord *word)
{
    return (DaBox){word->x_px, word->y_px, word->x_px + word->w_px, word->y_px + word->h_px};
}

static inline DaBox da_box_of_quad(const double quad[4][2])
{
    DaBox box = DA_BOX_NOTHING;
    for (int i = 0; i < 4; i++)
        box = da_box_join(box, (DaBox){quad[i][0], quad[i][1], quad[i][0], quad[i][1]});
    return box;
}
