/* Chunks of a PNG. Source: ISO/IEC 15948 (PNG, second edition). */
#include "walk.h"

#include <string.h>
#include <zlib.h>

enum { SIGNATURE_BYTES = 8, HEADER_BYTES = 13, FRAME_BYTES = 12 };
#define MAX_CHUNKS 1000000u

typedef struct {
    DaWalk *walk;
    const guint8 *data;
    gsize size, at;
    guint colour_type, headers, palettes, data_chunks;
    gboolean data_ended, has_end;
} Png;

static guint32 get(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static gboolean is_type(const guint8 *type, const char *name)
{
    return !memcmp(type, name, 4);
}

static void wrong_order(Png *png, const char *what)
{
    da_walk_fault(png->walk, DA_WALK_PNG_ORDER, png->at, "%s", what);
}

/* Source: §11.2.2, table 11.1. */
static gboolean depth_fits(guint type, guint depth)
{
    static const guint8 depths[7] = {
        1 | 2 | 4 | 8 | 16, 0, 8 | 16, 1 | 2 | 4 | 8, 8 | 16, 0, 8 | 16};
    return type < 7 && depth && !(depth & (depth - 1)) && depths[type] & depth;
}

static void take_header(Png *png, const guint8 *body, gsize length)
{
    png->headers++;
    if (length != HEADER_BYTES) {
        da_walk_fault(png->walk, DA_WALK_PNG_HEADER, png->at, "%" G_GSIZE_FORMAT " bytes", length);
        return;
    }
    png->colour_type = body[9];
    guint32 width = get(body), height = get(body + 4);
    if (!width || !height || width > G_MAXINT32 || height > G_MAXINT32 ||
        !depth_fits(body[9], body[8]) || body[10] || body[11] || body[12] > 1)
        da_walk_fault(png->walk, DA_WALK_PNG_HEADER, png->at,
                      "%u × %u, %u bits, colour type %u, methods %u %u %u", width, height, body[8],
                      body[9], body[10], body[11], body[12]);
}

static void take_palette(Png *png, gsize length)
{
    gboolean allowed = png->colour_type != 0 && png->colour_type != 4;
    if (png->palettes++ || png->data_chunks || !allowed)
        wrong_order(png, "PLTE");
    else if (length == 0 || length % 3 || length > 3 * 256)
        da_walk_fault(png->walk, DA_WALK_PNG_CHUNK, png->at, "PLTE of %" G_GSIZE_FORMAT " bytes",
                      length);
}

static void take_data(Png *png)
{
    if (png->data_ended)
        wrong_order(png, "IDAT chunks are not together");
    else if (!png->data_chunks && png->colour_type == 3 && !png->palettes)
        wrong_order(png, "IDAT before PLTE");
    png->data_chunks++;
}

static void take_text(Png *png, const guint8 *body, gsize length)
{
    const guint8 *end = memchr(body, '\0', length);
    if (!end || strcmp((const char *)body, "Software") != 0)
        return;
    da_walk_take_text(&png->walk->software, end + 1, length - (gsize)(end + 1 - body));
}

static void take_chunk(Png *png, const guint8 *type, const guint8 *body, gsize length)
{
    if (png->at == SIGNATURE_BYTES && !is_type(type, "IHDR"))
        wrong_order(png, "the first chunk is not IHDR");
    if (png->data_chunks && !is_type(type, "IDAT"))
        png->data_ended = TRUE;
    if (is_type(type, "IHDR")) {
        if (png->headers)
            wrong_order(png, "a second IHDR");
        take_header(png, body, length);
    } else if (is_type(type, "PLTE")) {
        take_palette(png, length);
    } else if (is_type(type, "IDAT")) {
        take_data(png);
    } else if (is_type(type, "IEND")) {
        png->has_end = TRUE;
    } else if (is_type(type, "tEXt")) {
        take_text(png, body, length);
    } else if (!(type[0] & 0x20)) { /* critical, and of no standard */
        da_walk_fault(png->walk, DA_WALK_PNG_CHUNK, png->at, "unknown critical chunk %.4s", type);
    }
}

/* FALSE when nothing can follow. */
static gboolean walk_chunk(Png *png)
{
    const guint8 *p = png->data + png->at;
    gsize left = png->size - png->at;
    if (left < FRAME_BYTES) {
        da_walk_fault(png->walk, DA_WALK_TRUNCATED, png->at, "no IEND");
        return FALSE;
    }
    gsize length = get(p);
    gboolean named = TRUE;
    for (guint i = 4; i < 8; i++)
        named = named && g_ascii_isalpha(p[i]);
    if (!named || length > left - FRAME_BYTES) {
        da_walk_fault(png->walk, named ? DA_WALK_TRUNCATED : DA_WALK_PNG_CHUNK, png->at,
                      "chunk of %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " are left", length,
                      left);
        return FALSE;
    }
    guint32 crc = (guint32)crc32(0, p + 4, (uInt)(length + 4));
    if (crc != get(p + 8 + length))
        da_walk_fault(png->walk, DA_WALK_PNG_CRC, png->at, "chunk %.4s", p + 4);
    take_chunk(png, p + 4, p + 8, length);
    png->at += FRAME_BYTES + length;
    return !png->has_end;
}

void da_walk_png(DaWalk *walk, const guint8 *data, gsize size)
{
    Png png = {.walk = walk, .data = data, .size = size, .at = SIGNATURE_BYTES};
    guint chunks = 0;
    walk->images = 1;
    while (walk_chunk(&png))
        if (++chunks >= MAX_CHUNKS) {
            da_walk_fault(walk, DA_WALK_LIMIT, png.at, "more than %u chunks", MAX_CHUNKS);
            return;
        }
    if (!png.has_end)
        return;
    if (!png.data_chunks)
        wrong_order(&png, "no IDAT");
    if (png.at >= size)
        return;
    walk->trailing_bytes = size - png.at;
    da_walk_fault(walk, DA_WALK_TRAILING, png.at, "%" G_GSIZE_FORMAT " bytes", size - png.at);
}
