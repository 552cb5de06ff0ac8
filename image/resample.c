#include "resample.h"

#include <math.h>

/* Places in the source are whole numbers with this many binary places: a row of 65,535 px ends within 1/256 px of where it should. */
#define PLACES 24
#define ONE ((gint64)1 << PLACES)
/* Squares of the result that are made one after the other, so that also a page turned by 90° reads its source from the cache. */
#define TILE 64

typedef struct {
    const guint32 *data;
    gsize words_per_line;
    gint64 width, height;
    guint32 bed;
} Source;

/* Weights of the four px around a place, 256 together. */
typedef struct {
    guint here, right, below, across;
} Weights;

static inline Weights weights_of(gint64 x, gint64 y)
{
    guint fx = (guint)(x >> (PLACES - 8)) & 0xFF, fy = (guint)(y >> (PLACES - 8)) & 0xFF;
    guint across = (fx * fy + 128) >> 8;
    return (Weights){256 - fx - fy + across, fx - across, fy - across, across};
}

/* Two channels at a time, each in 16 bits: the sums stay below 65,536. */
static inline guint32 blend_words(guint32 a, guint32 b, guint32 c, guint32 d, Weights w)
{
    const guint32 mask = 0x00FF00FF, half = 0x00800080;
    guint32 low = (a & mask) * w.here + (b & mask) * w.right + (c & mask) * w.below +
                  (d & mask) * w.across + half;
    guint32 high = (a >> 8 & mask) * w.here + (b >> 8 & mask) * w.right +
                   (c >> 8 & mask) * w.below + (d >> 8 & mask) * w.across + half;
    return (low >> 8 & mask) | (high & ~mask);
}

static inline guint blend_bytes(guint a, guint b, guint c, guint d, Weights w)
{
    return (a * w.here + b * w.right + c * w.below + d * w.across + 128) >> 8;
}

static inline gboolean has_neighbours(const Source *source, gint64 x, gint64 y)
{
    return x >= 0 && y >= 0 && x < (source->width - 1) << PLACES &&
           y < (source->height - 1) << PLACES;
}

static guint32 word_or_bed(const Source *source, gint64 x, gint64 y)
{
    if (x < 0 || y < 0 || x >= source->width || y >= source->height)
        return source->bed;
    return source->data[(gsize)y * source->words_per_line + (gsize)x];
}

static guint byte_or_bed(const Source *source, gint64 x, gint64 y)
{
    if (x < 0 || y < 0 || x >= source->width || y >= source->height)
        return source->bed;
    return GET_DATA_BYTE(source->data + (gsize)y * source->words_per_line, x);
}

static inline guint32 word_at(const Source *source, gint64 x, gint64 y)
{
    Weights w = weights_of(x, y);
    gint64 u = x >> PLACES, v = y >> PLACES;
    if (has_neighbours(source, x, y)) {
        const guint32 *at = source->data + (gsize)v * source->words_per_line + u;
        const guint32 *next = at + source->words_per_line;
        return blend_words(at[0], at[1], next[0], next[1], w);
    }
    return blend_words(word_or_bed(source, u, v), word_or_bed(source, u + 1, v),
                       word_or_bed(source, u, v + 1), word_or_bed(source, u + 1, v + 1), w);
}

static inline guint byte_at(const Source *source, gint64 x, gint64 y)
{
    Weights w = weights_of(x, y);
    gint64 u = x >> PLACES, v = y >> PLACES;
    if (has_neighbours(source, x, y)) {
        const guint32 *line = source->data + (gsize)v * source->words_per_line;
        const guint32 *next = line + source->words_per_line;
        return blend_bytes(GET_DATA_BYTE(line, u), GET_DATA_BYTE(line, u + 1),
                           GET_DATA_BYTE(next, u), GET_DATA_BYTE(next, u + 1), w);
    }
    return blend_bytes(byte_or_bed(source, u, v), byte_or_bed(source, u + 1, v),
                       byte_or_bed(source, u, v + 1), byte_or_bed(source, u + 1, v + 1), w);
}

/* Px [left, right) of row `y` of the result. */
static void fill_row(const Source *source, const DaAffine *affine, gboolean words, guint32 *line,
                     int y, int left, int right)
{
    gint64 u = llround((affine->xx * left + affine->xy * y + affine->x0) * ONE);
    gint64 v = llround((affine->yx * left + affine->yy * y + affine->y0) * ONE);
    gint64 du = llround(affine->xx * ONE), dv = llround(affine->yx * ONE);
    if (words) {
        for (int x = left; x < right; x++, u += du, v += dv)
            line[x] = word_at(source, u, v);
    } else {
        for (int x = left; x < right; x++, u += du, v += dv)
            SET_DATA_BYTE(line, x, byte_at(source, u, v));
    }
}

Pix *da_resample(Pix *pix, const DaAffine *affine, int width, int height, guint32 bed)
{
    g_autoptr(Pix) out = pixCreateNoInit(width, height, pixGetDepth(pix));
    if (out == NULL)
        return NULL;
    Source source = {.data = pixGetData(pix),
                     .words_per_line = (gsize)pixGetWpl(pix),
                     .width = pixGetWidth(pix),
                     .height = pixGetHeight(pix),
                     .bed = bed};
    gboolean words = pixGetDepth(pix) == 32;
    for (int top = 0; top < height; top += TILE) {
        for (int left = 0; left < width; left += TILE) {
            for (int y = top; y < MIN(top + TILE, height); y++) {
                guint32 *line = pixGetData(out) + (gsize)y * (gsize)pixGetWpl(out);
                fill_row(&source, affine, words, line, y, left, MIN(left + TILE, width));
            }
        }
    }
    pixSetPadBits(out, 0);
    return g_steal_pointer(&out);
}
