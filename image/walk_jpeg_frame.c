#include "walk_jpeg.h"

#include <stdarg.h>

enum { LARGEST_SAMPLE_BITS = 16, MAX_UNITS_PER_MCU = 10 };

G_GNUC_PRINTF(3, 4)
static void wrong(DaJpeg *jpeg, DaWalkKind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *found = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    da_walk_fault(jpeg->walk, kind, jpeg->at, "%s", found);
}

/* --- tables. Source: T.81 B.2.4 -------------------------------------------------------------------------------------------- */

void da_jpeg_quant(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    while (size > 0) {
        guint wide = body[0] >> 4, slot = body[0] & 15;
        gsize bytes = 1 + 64 * (gsize)(1 + (wide != 0));
        if (wide > 1 || slot >= DA_JPEG_SLOTS || size < bytes) {
            wrong(jpeg,
                  wide > 1 || slot >= DA_JPEG_SLOTS ? DA_WALK_JPEG_TABLE : DA_WALK_JPEG_LENGTH,
                  "DQT: precision %u, table %u, %" G_GSIZE_FORMAT " bytes", wide, slot, size);
            return;
        }
        gboolean has_zero = FALSE;
        for (guint i = 0; i < 64; i++) {
            guint value = wide ? da_jpeg_16(body + 1 + 2 * i) : body[1 + i];
            jpeg->tables.quant[slot][i] = (guint16)value;
            has_zero |= value == 0;
        }
        if (has_zero)
            wrong(jpeg, DA_WALK_JPEG_TABLE, "DQT: table %u divides by zero", slot);
        jpeg->tables.has_quant[slot] = TRUE;
        body += bytes;
        size -= bytes;
    }
}

/* Codes are dealt out shortest first; none may be all ones. Source: T.81 C.2. */
static gboolean codes_fit(const guint8 counts[16])
{
    guint32 code = 0;
    for (guint length = 1; length <= 16; length++) {
        code += counts[length - 1];
        if (counts[length - 1] && code >= 1u << length)
            return FALSE;
        code <<= 1;
    }
    return TRUE;
}

/* A difference of DC values has at most 16 bits. Source: T.81 table H.2. */
static gboolean symbols_fit(guint class, const guint8 *symbols, guint count)
{
    for (guint i = 0; i < count && class == 0; i++)
        if (symbols[i] > LARGEST_SAMPLE_BITS)
            return FALSE;
    return TRUE;
}

void da_jpeg_huffman(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    while (size > 0) {
        guint class = body[0] >> 4, slot = body[0] & 15, count = 0;
        for (guint i = 0; i < 16 && size >= 17; i++)
            count += body[1 + i];
        if (size < 17 || size < 17 + (gsize)count) {
            wrong(jpeg, DA_WALK_JPEG_LENGTH, "DHT: %u codes in %" G_GSIZE_FORMAT " bytes", count,
                  size);
            return;
        }
        if (class > 1 || slot >= DA_JPEG_SLOTS) {
            wrong(jpeg, DA_WALK_JPEG_TABLE, "DHT: class %u, table %u", class, slot);
            return;
        }
        if (count == 0 || count > 256 || !codes_fit(body + 1) ||
            !symbols_fit(class, body + 17, count))
            wrong(jpeg, DA_WALK_JPEG_TABLE, "DHT: class %u, table %u, %u codes", class, slot,
                  count);
        (class ? jpeg->tables.has_ac : jpeg->tables.has_dc)[slot] = TRUE;
        body += 17 + count;
        size -= 17 + count;
    }
}

void da_jpeg_conditioning(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    if (size % 2)
        wrong(jpeg, DA_WALK_JPEG_LENGTH, "DAC of %" G_GSIZE_FORMAT " bytes", size + 2);
    for (gsize i = 0; i + 1 < size; i += 2)
        if (body[i] >> 4 > 1 || (body[i] & 15) >= DA_JPEG_SLOTS)
            wrong(jpeg, DA_WALK_JPEG_TABLE, "DAC: class %u, table %u", body[i] >> 4, body[i] & 15);
}

/* --- the frame. Source: T.81 B.2.2 ------------------------------------------------------------------------------------------ */

static gboolean is_lossless(const DaJpeg *jpeg)
{
    return jpeg->process % 4 == 3;
}

static gboolean is_progressive(const DaJpeg *jpeg)
{
    return jpeg->process % 4 == 2;
}

static gboolean is_arithmetic(const DaJpeg *jpeg)
{
    return jpeg->process > 8;
}

static gboolean precision_fits(const DaJpeg *jpeg)
{
    if (is_lossless(jpeg))
        return jpeg->precision >= 2 && jpeg->precision <= 16;
    return jpeg->precision == 8 || (jpeg->precision == 12 && jpeg->process > 0);
}

static void take_component(DaJpeg *jpeg, guint i, const guint8 *p)
{
    DaJpegComponent *component = &jpeg->components[i];
    *component = (DaJpegComponent){p[0], p[1] >> 4, p[1] & 15, p[2], FALSE};
    for (guint k = 0; k < i; k++)
        if (jpeg->components[k].id == component->id)
            wrong(jpeg, DA_WALK_JPEG_FRAME, "two components %u", component->id);
    if (component->h < 1 || component->h > 4 || component->v < 1 || component->v > 4) {
        wrong(jpeg, DA_WALK_JPEG_FRAME, "component %u: sampling %u × %u", component->id,
              component->h, component->v);
        component->h = CLAMP(component->h, 1, 4);
        component->v = CLAMP(component->v, 1, 4);
    }
    if (component->quant >= DA_JPEG_SLOTS)
        wrong(jpeg, DA_WALK_JPEG_FRAME, "component %u: quantisation table %u", component->id,
              component->quant);
    jpeg->h_max = MAX(jpeg->h_max, component->h);
    jpeg->v_max = MAX(jpeg->v_max, component->v);
}

void da_jpeg_frame(DaJpeg *jpeg, guint marker, const guint8 *body, gsize size)
{
    if (jpeg->has_frame && !jpeg->is_hierarchical) {
        wrong(jpeg, DA_WALK_JPEG_ORDER, "a second frame header");
        return;
    }
    if (size < 6 || size != 6 + 3 * (gsize)body[5]) {
        wrong(jpeg, DA_WALK_JPEG_LENGTH, "SOF of %" G_GSIZE_FORMAT " bytes", size + 2);
        return;
    }
    jpeg->has_frame = TRUE;
    jpeg->process = marker - 0xC0;
    jpeg->is_hierarchical |= (jpeg->process & 4) != 0;
    jpeg->precision = body[0];
    jpeg->height = da_jpeg_16(body + 1);
    jpeg->width = da_jpeg_16(body + 3);
    jpeg->has_height = jpeg->height > 0;
    jpeg->n = body[5];
    if (!precision_fits(jpeg))
        wrong(jpeg, DA_WALK_JPEG_FRAME, "%u bits a sample in SOF%u", jpeg->precision,
              jpeg->process);
    if (!jpeg->width)
        wrong(jpeg, DA_WALK_JPEG_FRAME, "no width");
    if (jpeg->n < 1 || jpeg->n > DA_JPEG_SLOTS)
        wrong(jpeg, DA_WALK_JPEG_FRAME, "%u components", jpeg->n);
    jpeg->h_max = jpeg->v_max = 1;
    for (guint i = 0; i < MIN(jpeg->n, DA_JPEG_SLOTS); i++)
        take_component(jpeg, i, body + 6 + 3 * i);
}

/* --- a scan. Source: T.81 B.2.3, G.1.1.1.1, H.1.1 ---------------------------------------------------------------------------- */

typedef struct {
    guint n, first, last, high, low;
    guint component[DA_JPEG_SLOTS]; /* index in the frame */
    guint dc[DA_JPEG_SLOTS], ac[DA_JPEG_SLOTS];
} Scan;

static guint find_component(const DaJpeg *jpeg, guint id)
{
    for (guint i = 0; i < MIN(jpeg->n, DA_JPEG_SLOTS); i++)
        if (jpeg->components[i].id == id)
            return i;
    return DA_JPEG_SLOTS;
}

static gboolean read_scan(DaJpeg *jpeg, const guint8 *body, gsize size, Scan *scan)
{
    scan->n = size ? body[0] : 0;
    if (!size || size != 4 + 2 * (gsize)scan->n) {
        wrong(jpeg, DA_WALK_JPEG_LENGTH, "SOS of %" G_GSIZE_FORMAT " bytes", size + 2);
        return FALSE;
    }
    if (scan->n < 1 || scan->n > DA_JPEG_SLOTS) {
        wrong(jpeg, DA_WALK_JPEG_SCAN, "%u components", scan->n);
        return FALSE;
    }
    guint used = 0;
    for (guint i = 0; i < scan->n; i++) {
        const guint8 *p = body + 1 + 2 * i;
        guint found = find_component(jpeg, p[0]);
        if (found == DA_JPEG_SLOTS || used & 1u << found) {
            wrong(jpeg, DA_WALK_JPEG_SCAN, "component %u", p[0]);
            return FALSE;
        }
        used |= 1u << found;
        scan->component[i] = found;
        scan->dc[i] = p[1] >> 4;
        scan->ac[i] = p[1] & 15;
    }
    const guint8 *tail = body + 1 + 2 * scan->n;
    scan->first = tail[0];
    scan->last = tail[1];
    scan->high = tail[2] >> 4;
    scan->low = tail[2] & 15;
    return TRUE;
}

static gboolean band_fits(const DaJpeg *jpeg, const Scan *scan)
{
    if (is_lossless(jpeg))
        return scan->first >= 1 && scan->first <= 7 && scan->last == 0 && scan->high == 0;
    if (!is_progressive(jpeg))
        return scan->first == 0 && scan->last == 63 && scan->high == 0 && scan->low == 0;
    gboolean refines = scan->high == 0 || scan->high == scan->low + 1;
    gboolean band = scan->first == 0
                        ? scan->last == 0
                        : scan->first <= scan->last && scan->last <= 63 && scan->n == 1;
    return refines && band && scan->low <= 13;
}

static void check_tables(DaJpeg *jpeg, const Scan *scan, guint i)
{
    const DaJpegComponent *component = &jpeg->components[scan->component[i]];
    const DaJpegTables *tables = &jpeg->tables;
    gboolean dc = is_progressive(jpeg) ? scan->first == 0 && scan->high == 0 : TRUE;
    gboolean ac = is_progressive(jpeg) ? scan->first > 0 : !is_lossless(jpeg);
    if (!is_arithmetic(jpeg) && dc &&
        (scan->dc[i] >= DA_JPEG_SLOTS || !tables->has_dc[scan->dc[i]]))
        wrong(jpeg, DA_WALK_JPEG_UNDEFINED, "component %u: DC table %u", component->id,
              scan->dc[i]);
    if (!is_arithmetic(jpeg) && ac &&
        (scan->ac[i] >= DA_JPEG_SLOTS || !tables->has_ac[scan->ac[i]]))
        wrong(jpeg, DA_WALK_JPEG_UNDEFINED, "component %u: AC table %u", component->id,
              scan->ac[i]);
    if (!is_lossless(jpeg) && component->quant < DA_JPEG_SLOTS &&
        !tables->has_quant[component->quant])
        wrong(jpeg, DA_WALK_JPEG_UNDEFINED, "component %u: quantisation table %u", component->id,
              component->quant);
}

static void take_scan_component(DaJpeg *jpeg, const Scan *scan, guint i)
{
    DaJpegComponent *component = &jpeg->components[scan->component[i]];
    gboolean begins = !is_progressive(jpeg) || (scan->first == 0 && scan->high == 0);
    if (begins == component->has_first && !jpeg->is_hierarchical)
        wrong(jpeg, DA_WALK_JPEG_SCAN, "component %u %s", component->id,
              begins ? "a second time" : "before its first scan");
    component->has_first |= begins;
    check_tables(jpeg, scan, i);
}

static guint64 divide_up(guint64 value, guint64 by)
{
    return (value + by - 1) / by;
}

/* Source: T.81 A.2.2 to A.2.4. */
static guint64 mcus(const DaJpeg *jpeg, const Scan *scan)
{
    guint unit = is_lossless(jpeg) ? 1 : 8;
    if (scan->n > 1)
        return divide_up(jpeg->width, (guint64)unit * jpeg->h_max) *
               divide_up(jpeg->height, (guint64)unit * jpeg->v_max);
    const DaJpegComponent *component = &jpeg->components[scan->component[0]];
    guint64 width = divide_up((guint64)jpeg->width * component->h, jpeg->h_max);
    guint64 height = divide_up((guint64)jpeg->height * component->v, jpeg->v_max);
    return divide_up(width, unit) * divide_up(height, unit);
}

gint64 da_jpeg_scan(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    Scan scan = {0};
    if (!jpeg->has_frame) {
        wrong(jpeg, DA_WALK_JPEG_ORDER, "a scan before the frame header");
        return -1;
    }
    if (jpeg->n > DA_JPEG_SLOTS || !read_scan(jpeg, body, size, &scan))
        return -1;
    guint units = 0;
    for (guint i = 0; i < scan.n; i++)
        units +=
            (guint)jpeg->components[scan.component[i]].h * jpeg->components[scan.component[i]].v;
    if (!band_fits(jpeg, &scan) || (scan.n > 1 && units > MAX_UNITS_PER_MCU))
        wrong(jpeg, DA_WALK_JPEG_SCAN, "coefficients %u to %u, bits %u to %u, %u units", scan.first,
              scan.last, scan.high, scan.low, units);
    for (guint i = 0; i < scan.n; i++)
        take_scan_component(jpeg, &scan, i);
    guint64 total = mcus(jpeg, &scan);
    if (!jpeg->restart_interval || !jpeg->height || !total || jpeg->is_hierarchical)
        return -1;
    return (gint64)divide_up(total, jpeg->restart_interval) - 1;
}
