/* The quality that the quantisation tables of a JPEG stand for. */
#include "walk.h"

/* Tables K.1 and K.2 of T.81, in zigzag order: encoders of the IJG family scale these by quality. */
static const guint16 luminance_table[64] = {
    16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
    26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
    56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
};
static const guint16 chrominance_table[64] = {
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
};

/* The step of one coefficient at a quality. Source: libjpeg, jcparam.c (jpeg_quality_scaling, jpeg_add_quant_table). */
static guint scaled(guint16 base, guint quality)
{
    guint percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    return CLAMP((base * percent + 50) / 100, 1u, 32767u);
}

/* Baseline encoders cut steps at 255. */
static gboolean is_scaled(const guint16 table[64], const guint16 base[64], guint quality)
{
    for (guint i = 0; i < 64; i++) {
        guint step = scaled(base[i], quality);
        if (table[i] != step && table[i] != MIN(step, 255u))
            return FALSE;
    }
    return TRUE;
}

/* The quality whose steps are as coarse on the whole: the sums are compared, as they fall with each step of quality. */
static guint nearest(const guint16 table[64], const guint16 base[64])
{
    guint sum = 0;
    for (guint i = 0; i < 64; i++)
        sum += table[i];
    for (guint quality = 100; quality > 1; quality--) {
        guint here = 0, below = 0;
        for (guint i = 0; i < 64; i++) {
            here += scaled(base[i], quality);
            below += scaled(base[i], quality - 1);
        }
        if (2 * sum <= here + below)
            return quality;
    }
    return 1;
}

DaJpegQuality da_walk_quality(const guint16 luminance[64], const guint16 *chrominance)
{
    for (guint quality = 100; quality >= 1; quality--)
        if (is_scaled(luminance, luminance_table, quality) &&
            (!chrominance || is_scaled(chrominance, chrominance_table, quality)))
            return (DaJpegQuality){quality, TRUE};
    return (DaJpegQuality){nearest(luminance, luminance_table), FALSE};
}
