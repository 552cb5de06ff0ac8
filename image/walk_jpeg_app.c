/* Application segments: what JFIF, Exif, Adobe and the multi-picture format add to a JPEG. */
#include "walk_ifd.h"
#include "walk_jpeg.h"

#include <string.h>

#define CM_PER_INCH 2.54
enum { UNIT_INCH = 2, UNIT_CM = 3 };
enum { MPF_NUMBER = 0xB001, MPF_ENTRIES = 0xB002, MPF_ENTRY_BYTES = 16, MPF_MAX_IMAGES = 1000 };

static gboolean begins_with(const guint8 *body, gsize size, const char *mark, gsize length)
{
    return size >= length && !memcmp(body, mark, length);
}
#define BEGINS_WITH(body, size, mark) begins_with(body, size, mark, sizeof mark - 1)

static gsize offset_of(const DaJpeg *jpeg, const guint8 *body)
{
    return (gsize)(body - jpeg->data);
}

/* --- JFIF ------------------------------------------------------------------------------------------------------------------- */

static void take_jfif(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    if (jpeg->at != jpeg->begin + 2 || jpeg->has_jfif)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_JFIF, jpeg->at, "not the first segment");
    jpeg->has_jfif = TRUE;
    if (size < 14) {
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_JFIF, jpeg->at, "%" G_GSIZE_FORMAT " bytes",
                      size + 2);
        return;
    }
    guint unit = body[7], x = da_jpeg_16(body + 8), y = da_jpeg_16(body + 10);
    gsize thumbnail = 3 * (gsize)body[12] * body[13];
    if (body[5] != 1 || unit > 2 || !x || !y || size != 14 + thumbnail)
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_JFIF, jpeg->at,
                      "version %u.%02u, unit %u, density %u × %u, thumbnail %u × %u", body[5],
                      body[6], unit, x, y, body[12], body[13]);
    if (unit != 1 && unit != 2)
        return;
    jpeg->jfif_dpi[0] = x * (unit == 2 ? CM_PER_INCH : 1);
    jpeg->jfif_dpi[1] = y * (unit == 2 ? CM_PER_INCH : 1);
}

/* --- Exif ------------------------------------------------------------------------------------------------------------------- */

static double resolution(const DaTiff *tiff, const GArray *entries, guint16 tag)
{
    guint64 unit = da_ifd_number(tiff, entries, DA_TAG_UNIT, UNIT_INCH);
    double value = (double)da_ifd_number(tiff, entries, tag, 0);
    return unit == UNIT_INCH ? value : unit == UNIT_CM ? value * CM_PER_INCH : 0;
}

/* Only what makes a block unreadable is told: its tags are full of vendors' own forms. */
static void report_block(DaJpeg *jpeg, DaWalkKind kind, gsize base, const DaWalk *inner)
{
    for (guint i = 0; i < inner->faults->len; i++) {
        const DaWalkFault *fault = inner->faults->pdata[i];
        if (fault->kind != DA_WALK_TIFF_HEADER && fault->kind != DA_WALK_TIFF_OUTSIDE &&
            fault->kind != DA_WALK_TIFF_LOOP && fault->kind != DA_WALK_LIMIT)
            continue;
        da_walk_fault(jpeg->walk, kind, base + fault->offset, "%s", fault->found);
        return;
    }
}

static void read_block(DaTiff *tiff, guint64 at, GArray *entries)
{
    guint64 next = 0;
    if (da_ifd_read(tiff, at, entries, &next) && next) {
        g_autoptr(GArray) thumbnail = g_array_new(FALSE, FALSE, sizeof(DaIfdEntry));
        da_ifd_read(tiff, next, thumbnail, &next);
    }
}

static void read_below(DaTiff *tiff, const GArray *entries, guint16 tag)
{
    g_autoptr(GArray) below = g_array_new(FALSE, FALSE, sizeof(DaIfdEntry));
    guint64 next = 0, at = da_ifd_number(tiff, entries, tag, 0);
    if (at)
        da_ifd_read(tiff, at, below, &next);
}

/* A walk whose faults are looked through before they count. The caller frees it. */
static DaWalk *inner_walk(void)
{
    static const guint8 nothing[1] = {0};
    DaWalk *walk = da_walk_image(nothing, 0);
    g_ptr_array_set_size(walk->faults, 0);
    walk->fault_count = 0;
    return walk;
}

static void take_exif(DaJpeg *jpeg, const guint8 *block, gsize size)
{
    g_autoptr(DaWalk) inner = inner_walk();
    g_auto(DaTiff) tiff;
    da_tiff_init(&tiff, inner, block, size);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(DaIfdEntry));
    guint64 first = 0;
    if (da_tiff_header(&tiff, &first)) {
        read_block(&tiff, first, entries);
        read_below(&tiff, entries, DA_TAG_EXIF);
        read_below(&tiff, entries, DA_TAG_GPS);
        tiff.walk = jpeg->walk;
        da_ifd_take_origin(&tiff, entries);
        jpeg->exif_dpi[0] = resolution(&tiff, entries, DA_TAG_X_RESOLUTION);
        jpeg->exif_dpi[1] = resolution(&tiff, entries, DA_TAG_Y_RESOLUTION);
    }
    report_block(jpeg, DA_WALK_JPEG_EXIF, offset_of(jpeg, block), inner);
}

/* --- further images. Source: CIPA DC-007 §5.2 ------------------------------------------------------------------------------- */

static guint32 get_32(const DaTiff *tiff, guint64 at)
{
    const guint8 *p = tiff->data + at;
    return tiff->big_endian ? (guint32)da_jpeg_16(p) << 16 | da_jpeg_16(p + 2)
                            : (guint32)p[3] << 24 | (guint32)p[2] << 16 | (guint32)p[1] << 8 | p[0];
}

static void take_image(DaJpeg *jpeg, const DaTiff *tiff, gsize base, guint64 entry)
{
    guint64 size = get_32(tiff, entry + 4), offset = get_32(tiff, entry + 8);
    if (!offset)
        return; /* this one */
    guint64 at = base + offset;
    if (at + size > jpeg->end || size < 4 || jpeg->data[at] != 0xFF || jpeg->data[at + 1] != 0xD8) {
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_MPF, at,
                      "image of %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT, size, at);
        return;
    }
    jpeg->walk->images++;
    jpeg->images_end = MAX(jpeg->images_end, (gsize)(at + size));
}

static void take_index(DaJpeg *jpeg, const guint8 *block, gsize size)
{
    g_autoptr(DaWalk) inner = inner_walk();
    g_auto(DaTiff) tiff;
    da_tiff_init(&tiff, inner, block, size);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(DaIfdEntry));
    guint64 first = 0, next = 0;
    if (da_tiff_header(&tiff, &first) && da_ifd_read(&tiff, first, entries, &next)) {
        guint64 count = MIN(da_ifd_number(&tiff, entries, MPF_NUMBER, 0), MPF_MAX_IMAGES);
        const DaIfdEntry *list = da_ifd_find(entries, MPF_ENTRIES);
        for (guint64 i = 0; list && i < count && (i + 1) * MPF_ENTRY_BYTES <= list->count; i++)
            take_image(jpeg, &tiff, offset_of(jpeg, block), list->at + i * MPF_ENTRY_BYTES);
    }
    report_block(jpeg, DA_WALK_JPEG_MPF, offset_of(jpeg, block), inner);
}

/* --- others ----------------------------------------------------------------------------------------------------------------- */

/* XMP as an attribute or an element: what stands behind the name up to its end. */
static void take_creator(DaJpeg *jpeg, const guint8 *xmp, gsize size)
{
    static const char name[] = "xmp:CreatorTool";
    const guint8 *at = memmem(xmp, size, name, sizeof name - 1);
    if (!at)
        return;
    at += sizeof name - 1;
    gsize left = size - (gsize)(at - xmp), begin = 0, length = 0;
    while (begin < left && strchr(" =\"'>", at[begin]) && at[begin])
        begin++;
    while (begin + length < left && at[begin + length] && !strchr("\"'<", at[begin + length]))
        length++;
    da_walk_take_text(&jpeg->walk->software, at + begin, length);
}

static void take_adobe(DaJpeg *jpeg, const guint8 *body, gsize size)
{
    if (size < 12) {
        da_walk_fault(jpeg->walk, DA_WALK_JPEG_ADOBE, jpeg->at, "%" G_GSIZE_FORMAT " bytes",
                      size + 2);
        return;
    }
    jpeg->has_adobe = TRUE;
    jpeg->adobe_transform = body[11];
}

void da_jpeg_application(DaJpeg *jpeg, guint n, const guint8 *body, gsize size)
{
    if (n == 0 && BEGINS_WITH(body, size, "JFIF\0"))
        take_jfif(jpeg, body, size);
    else if (n == 1 && BEGINS_WITH(body, size, "Exif\0"))
        take_exif(jpeg, body + 6, size > 6 ? size - 6 : 0);
    else if (n == 1 && BEGINS_WITH(body, size, "http://ns.adobe.com/xap/1.0/\0"))
        take_creator(jpeg, body, size);
    else if (n == 2 && BEGINS_WITH(body, size, "MPF\0"))
        take_index(jpeg, body + 4, size - 4);
    else if (n == 13 && BEGINS_WITH(body, size, "Photoshop 3.0\0"))
        da_walk_take_text(&jpeg->walk->software, body, size);
    else if (n == 14 && BEGINS_WITH(body, size, "Adobe"))
        take_adobe(jpeg, body, size);
}
