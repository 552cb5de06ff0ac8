#include "codec.h"

/* Source: TIFF 6.0 §2 (structure), Exif 2.3 §4.6.4 (tags of the 0th IFD). */
#define TAG_ORIENTATION 0x0112
#define TAG_X_RESOLUTION 0x011A
#define TAG_Y_RESOLUTION 0x011B
#define TAG_RESOLUTION_UNIT 0x0128
#define TYPE_SHORT 3
#define TYPE_RATIONAL 5
#define UNIT_CM 3
#define CM_PER_INCH 2.54

typedef struct {
    const guint8 *data;
    gsize size;
    gboolean big_endian;
} Block;

/* `at` may lie anywhere: what is outside the block reads as 0. */
static guint32 get(const Block *block, guint64 at, guint bytes)
{
    if (at + bytes > block->size)
        return 0;
    guint32 value = 0;
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | block->data[at + (block->big_endian ? i : bytes - 1 - i)];
    return value;
}

static double rational(const Block *block, guint64 entry)
{
    guint32 at = get(block, entry + 8, 4);
    guint32 below = get(block, (guint64)at + 4, 4);
    return below == 0 ? 0 : (double)get(block, at, 4) / below;
}

DaExif da_exif_read(const guint8 *data, gsize size)
{
    DaExif exif = {.orientation = 1};
    if (size < 8)
        return exif;
    Block block = {data, size, data[0] == 'M'};
    guint64 ifd = get(&block, 4, 4);
    double x = 0, y = 0, per_inch = 1;
    for (guint i = 0; i < get(&block, ifd, 2) && i < 512; i++) {
        guint64 entry = ifd + 2 + 12 * (guint64)i;
        guint tag = get(&block, entry, 2), type = get(&block, entry + 2, 2);
        if (type == TYPE_RATIONAL && tag == TAG_X_RESOLUTION)
            x = rational(&block, entry);
        if (type == TYPE_RATIONAL && tag == TAG_Y_RESOLUTION)
            y = rational(&block, entry);
        if (type == TYPE_SHORT && tag == TAG_RESOLUTION_UNIT)
            per_inch = get(&block, entry + 8, 2) == UNIT_CM ? CM_PER_INCH : 1;
        if (type == TYPE_SHORT && tag == TAG_ORIENTATION)
            exif.orientation = get(&block, entry + 8, 2);
    }
    exif.dpi_x = da_codec_dpi(x, per_inch);
    exif.dpi_y = da_codec_dpi(y, per_inch);
    if (exif.orientation < 1 || exif.orientation > 8)
        exif.orientation = 1;
    return exif;
}
