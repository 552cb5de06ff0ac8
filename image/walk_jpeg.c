#include "walk_jpeg.h"

#include <math.h>
#include <string.h>

/* A progressive file of real encoders has about ten scans; each of these may make a decoder pass over the whole image. */
#define MAX_SCANS 1000u
#define MAX_SEGMENTS 100000u

enum {
    TEM = 0x01,
    SOF0 = 0xC0,
    DHT = 0xC4,
    JPG = 0xC8,
    DAC = 0xCC,
    SOF15 = 0xCF,
    RST0 = 0xD0,
    RST7 = 0xD7,
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    DQT = 0xDB,
    DNL = 0xDC,
    DRI = 0xDD,
    DHP = 0xDE,
    EXP = 0xDF,
    APP0 = 0xE0,
    APP15 = 0xEF,
    JPG0 = 0xF0,
    JPG13 = 0xFD,
    COM = 0xFE
};

static gboolean is_restart(guint marker)
{
    return marker >= RST0 && marker <= RST7;
}

/* --- the entropy-coded data ---------------------------------------------------------------------------------------------- */

typedef struct {
    guint64 restarts;
    gboolean in_sequence;
    gsize first_wrong;
} Restarts;

static void take_restart(Restarts *seen, gsize at, guint marker)
{
    if (marker - RST0 != seen->restarts % 8 && seen->in_sequence) {
        seen->in_sequence = FALSE;
        seen->first_wrong = at;
    }
    seen->restarts++;
}

/* Moves to the next marker that is neither a stuffed FF nor a restart; to the end where there is none. */
static void skip_entropy(DaJpeg *jpeg, Restarts *seen)
{
    while (jpeg->at + 1 < jpeg->end) {
        const guint8 *mark = memchr(jpeg->data + jpeg->at, 0xFF, jpeg->end - jpeg->at - 1);
        if (!mark)
            break;
        jpeg->at = (gsize)(mark - jpeg->data);
        guint marker = mark[1];
        if (is_restart(marker))
            take_restart(seen, jpeg->at, marker);
        else if (marker != 0 && marker != 0xFF)
            return;
        jpeg->at += marker == 0xFF ? 1 : 2;
    }
    jpeg->at = jpeg->end;
}

static void check_restarts(DaJpeg *jpeg, gsize begin, gint64 wanted, const Restarts *seen)
{
    guint64 expected = wanted < 0 ? seen->restarts : (guint64)wanted;
    if (!jpeg->restart_interval)
        expected = 0;
    if (seen->restarts != expected)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_RESTART, begin,
                      "%" G_GUINT64_FORMAT " restart markers, %" G_GUINT64_FORMAT " wanted",
                      seen->restarts, expected);
    else if (!seen->in_sequence)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_RESTART, seen->first_wrong, "out of sequence");
}

static void walk_scan(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    gsize begin = jpeg->at;
    gint64 wanted = da_jpeg_scan(jpeg, body, size);
    Restarts seen = {.in_sequence = TRUE};
    jpeg->scans++;
    skip_entropy(jpeg, &seen);
    if (jpeg->at == begin)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_SCAN, begin, "a scan without data");
    /* What is cut off lacks its restart markers too: one fault is enough. */
    if (jpeg->at < jpeg->end)
        check_restarts(jpeg, begin, wanted, &seen);
}

/* --- segments ------------------------------------------------------------------------------------------------------------ */

static void wrong_length(DaJpeg *jpeg, const char *name, gsize size)
{
    da_walk_fault(jpeg->walk, DA_WALK_JPEG_LENGTH, jpeg->at, "%s of %" G_GSIZE_FORMAT " bytes",
                  name, size + 2);
}

static void take_interval(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    if (size != 2) {
        wrong_length(jpeg, "DRI", size);
        return;
    }
    jpeg->restart_interval = da_jpeg_16(body);
    if (!jpeg->walk->restart_interval)
        jpeg->walk->restart_interval = jpeg->restart_interval;
}

static void take_lines(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    if (size != 2)
        wrong_length(jpeg, "DNL", size);
    else if (jpeg->scans != 1 || jpeg->has_height)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_ORDER, jpeg->at, "DNL not behind the first scan");
    else
        jpeg->has_height = da_jpeg_16(body) > 0;
}

/* A segment whose content is at hand; the scan's data follow it. */
static void take_segment(DaJpeg *jpeg, guint marker, const guint8 *body, gsize size)
{
    if (marker == DQT)
        da_jpeg_quant(jpeg, body, size);
    else if (marker == DHT)
        da_jpeg_huffman(jpeg, body, size);
    else if (marker == DAC)
        da_jpeg_conditioning(jpeg, body, size);
    else if (marker == DRI)
        take_interval(jpeg, body, size);
    else if (marker == DNL)
        take_lines(jpeg, body, size);
    else if (marker >= APP0 && marker <= APP15 && jpeg->is_file)
        da_jpeg_application(jpeg, marker - APP0, body, size);
    else if (marker == COM && jpeg->is_file)
        da_walk_take_text(&jpeg->walk->comment, body, size);
    else if (marker == DHP)
        jpeg->is_hierarchical = TRUE;
    else if (marker >= SOF0 && marker <= SOF15 && marker != JPG)
        da_jpeg_frame(jpeg, marker, body, size);
    else if (marker == JPG || (marker >= JPG0 && marker <= JPG13) ||
             (marker > TEM && marker < SOF0))
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_MARKER, jpeg->at, "marker FF%02X", marker);
}

/* The marker at hand has a segment; moves behind it. FALSE when the stream ends in it. */
static gboolean walk_segment(DaJpeg *jpeg, guint marker)
{
    gsize left = jpeg->end - jpeg->at - 2;
    gsize length = left < 2 ? 0 : da_jpeg_16(jpeg->data + jpeg->at + 2);
    if (length < 2 || length > left) {
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_LENGTH, jpeg->at,
                      "marker FF%02X: length %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT
                      " bytes are left",
                      marker, length, left);
        return FALSE;
    }
    const guint8 *body = jpeg->data + jpeg->at + 4;
    if (marker != SOS) {
        take_segment(jpeg, marker, body, length - 2);
        jpeg->at += 2 + length;
        return TRUE;
    }
    jpeg->at += 2 + length;
    walk_scan(jpeg, body, length - 2);
    if (jpeg->scans < MAX_SCANS)
        return TRUE;
    da_walk_fault(jpeg->walk, DA_WALK_LIMIT, jpeg->at, "more than %u scans", MAX_SCANS);
    return FALSE;
}

/* Moves to the next marker over fill bytes; FALSE at the end of the stream. Source: T.81 B.1.1.2. */
static gboolean find_marker(DaJpeg *jpeg)
{
    gsize begin = jpeg->at;
    while (jpeg->at + 1 < jpeg->end) {
        const guint8 *p = jpeg->data + jpeg->at;
        if (p[0] == 0xFF && p[1] != 0xFF && p[1] != 0)
            break;
        if (p[0] == 0xFF && p[1] == 0xFF && begin == jpeg->at)
            begin++;
        jpeg->at++;
    }
    if (jpeg->at + 1 >= jpeg->end)
        return FALSE;
    if (jpeg->at > begin)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_JUNK, begin, "%" G_GSIZE_FORMAT " bytes",
                      jpeg->at - begin);
    return TRUE;
}

/* Walks up to and over EOI. FALSE when the stream has none. */
static gboolean walk_stream(DaJpeg *jpeg)
{
    jpeg->at = jpeg->begin + 2;
    for (guint n = 0; n < MAX_SEGMENTS && find_marker(jpeg); n++) {
        guint marker = jpeg->data[jpeg->at + 1];
        if (marker == EOI) {
            jpeg->at += 2;
            return TRUE;
        }
        if (marker == SOI || is_restart(marker)) {
            da_walk_fault(jpeg->walk, DA_WALK_JPEG_ORDER, jpeg->at, "marker FF%02X", marker);
            jpeg->at += 2;
        } else if (marker == TEM) {
            da_walk_fault(jpeg->walk, DA_WALK_JPEG_MARKER, jpeg->at, "marker FF01");
            jpeg->at += 2;
        } else if (marker == EXP) {
            jpeg->at += 2 + 3;
        } else if (!walk_segment(jpeg, marker)) {
            return TRUE; /* said already */
        }
    }
    da_walk_fault(jpeg->walk, DA_WALK_JPEG_NO_END, jpeg->end, "ends after %u scans", jpeg->scans);
    return FALSE;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------ */

static void check_complete(DaJpeg *jpeg)
{
    if (!jpeg->has_frame || !jpeg->scans) {
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_INCOMPLETE, jpeg->begin, "%s",
                      jpeg->has_frame ? "no scan" : "no frame header");
        return;
    }
    if (!jpeg->has_height)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_FRAME, jpeg->begin, "no height");
    for (guint i = 0; i < MIN(jpeg->n, DA_JPEG_SLOTS) && !jpeg->is_hierarchical; i++)
        if (!jpeg->components[i].has_first)
            da_walk_fault(jpeg->walk, DA_WALK_JPEG_INCOMPLETE, jpeg->begin, "component %u",
                          jpeg->components[i].id);
}

static void check_colour(DaJpeg *jpeg)
{
    if (!jpeg->has_adobe || !jpeg->has_frame)
        return;
    guint transform = jpeg->adobe_transform;
    gboolean fits = jpeg->n == 3 ? transform <= 1 && (!jpeg->has_jfif || transform == 1)
                                 : jpeg->n != 4 || transform != 1;
    if (!fits || transform > 2)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_ADOBE, jpeg->begin,
                      "transform %u with %u components%s", transform, jpeg->n,
                      jpeg->has_jfif ? " and JFIF" : "");
}

static void check_density(DaJpeg *jpeg)
{
    for (guint i = 0; i < 2; i++)
        if (jpeg->jfif_dpi[i] > 0 && jpeg->exif_dpi[i] > 0 &&
            fabs(jpeg->jfif_dpi[i] - jpeg->exif_dpi[i]) > 1) {
            da_walk_fault(jpeg->walk, DA_WALK_JPEG_DENSITY, jpeg->begin, "JFIF %.0f, Exif %.0f dpi",
                          jpeg->jfif_dpi[i], jpeg->exif_dpi[i]);
            return;
        }
}

static void note_facts(DaJpeg *jpeg)
{
    DaWalk *walk = jpeg->walk;
    walk->process = jpeg->process;
    walk->scans = jpeg->scans;
    walk->has_jfif = jpeg->has_jfif;
    walk->has_adobe = jpeg->has_adobe;
    GString *sampling = g_string_new(NULL);
    for (guint i = 0; i < MIN(jpeg->n, DA_JPEG_SLOTS); i++)
        g_string_append_printf(sampling, "%s%ux%u", i ? " " : "", jpeg->components[i].h,
                               jpeg->components[i].v);
    g_strlcpy(walk->sampling, sampling->str, sizeof walk->sampling);
    g_string_free(sampling, TRUE);
    guint luminance = jpeg->components[0].quant & 3, chrominance = jpeg->components[1].quant & 3;
    if (jpeg->has_frame && jpeg->tables.has_quant[luminance])
        walk->quality = da_walk_quality(jpeg->tables.quant[luminance],
                                        jpeg->n == 3 && chrominance != luminance &&
                                                jpeg->tables.has_quant[chrominance]
                                            ? jpeg->tables.quant[chrominance]
                                            : NULL);
}

void da_walk_jpeg(DaWalk *walk, const guint8 *data, gsize size)
{
    g_autofree DaJpeg *jpeg = g_new0(DaJpeg, 1);
    jpeg->walk = walk;
    jpeg->data = data;
    jpeg->end = size;
    jpeg->is_file = TRUE;
    walk->images = 1;
    gboolean ended = walk_stream(jpeg);
    note_facts(jpeg);
    if (!ended)
        return;
    check_complete(jpeg);
    check_colour(jpeg);
    check_density(jpeg);
    gsize end = MAX(jpeg->at, jpeg->images_end);
    if (end >= size || data[jpeg->at - 1] != EOI || data[jpeg->at - 2] != 0xFF)
        return;
    walk->trailing_bytes = size - end;
    da_walk_fault(walk, DA_WALK_TRAILING, end, "%" G_GSIZE_FORMAT " bytes", size - end);
}

void da_walk_jpeg_part(DaWalk *walk, const guint8 *data, gsize begin, gsize end,
                       const DaJpegTables *tables)
{
    g_autofree DaJpeg *jpeg = g_new0(DaJpeg, 1);
    *jpeg = (DaJpeg){.walk = walk, .data = data, .begin = begin, .end = end, .tables = *tables};
    if (walk_stream(jpeg))
        check_complete(jpeg);
    if (!walk->scans)
        note_facts(jpeg);
}

void da_walk_jpeg_tables(DaWalk *walk, const guint8 *data, gsize begin, gsize end,
                         DaJpegTables *tables)
{
    if (end - begin < 4 || data[begin] != 0xFF || data[begin + 1] != SOI) {
        da_walk_fault(walk, DA_WALK_TIFF_PART_JPEG, begin, "JPEGTables");
        return;
    }
    g_autofree DaJpeg *jpeg = g_new0(DaJpeg, 1);
    *jpeg = (DaJpeg){.walk = walk, .data = data, .begin = begin, .end = end};
    walk_stream(jpeg);
    *tables = jpeg->tables;
}
