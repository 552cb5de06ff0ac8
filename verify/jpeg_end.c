#include "jpeg_end.h"

#include <string.h>

enum { SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, RST0 = 0xD0, RST7 = 0xD7, TEM = 0x01 };

/* Behind entropy-coded data from `at`: the next marker that is neither a stuffed FF nor a restart. */
static gsize skip_scan(const guint8 *data, gsize size, gsize at)
{
    while (at + 1 < size) {
        const guint8 *mark = memchr(data + at, 0xFF, size - at - 1);
        if (!mark)
            return size;
        at = (gsize)(mark - data);
        if (mark[1] != 0 && mark[1] != 0xFF && (mark[1] < RST0 || mark[1] > RST7))
            return at;
        at += mark[1] == 0xFF ? 1 : 2;
    }
    return size;
}

static gsize skip_segment(const guint8 *data, gsize size, gsize at)
{
    if (at + 4 > size)
        return size;
    gsize length = (gsize)data[at + 2] << 8 | data[at + 3];
    return length < 2 ? size : at + 2 + length;
}

guint64 da_jpeg_trailing_bytes(GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (size < 4 || data[0] != 0xFF || data[1] != SOI)
        return 0;
    gsize at = 2;
    while (at + 1 < size && data[at] == 0xFF) {
        guint8 marker = data[at + 1];
        if (marker == EOI)
            return size - at - 2;
        if (marker == 0xFF)
            at++; /* fill byte */
        else if (marker == TEM || (marker >= RST0 && marker <= RST7))
            at += 2;
        else
            at = skip_segment(data, size, at);
        if (marker == SOS)
            at = skip_scan(data, size, at);
    }
    return 0;
}
