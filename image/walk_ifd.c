#include "walk_ifd.h"

#include <string.h>

/* A page of a scan has some dozen tags. */
#define MAX_ENTRIES 65536u
#define MAX_DIRECTORIES 65536u

#define T(type) (1u << DA_TIFF_##type)
#define NUMBER (T(SHORT) | T(LONG))
#define LARGE (NUMBER | T(LONG8))
#define POINTER (T(LONG) | T(IFD) | T(LONG8) | T(IFD8))

typedef struct {
    guint16 tag;
    const char *name;
    guint32 types; /* bits by type */
    guint count;   /* 0 = any */
} Known;

/* Source: TIFF 6.0 §8 and appendix A; BigTIFF as in libtiff; Exif 2.3 §4.6. */
static const Known known[] = {
    {254, "NewSubfileType", T(LONG) | T(SHORT), 1},
    {255, "SubfileType", T(SHORT), 1},
    {DA_TAG_WIDTH, "ImageWidth", NUMBER, 1},
    {DA_TAG_HEIGHT, "ImageLength", NUMBER, 1},
    {DA_TAG_BITS, "BitsPerSample", T(SHORT), 0},
    {DA_TAG_COMPRESSION, "Compression", T(SHORT), 1},
    {DA_TAG_PHOTOMETRIC, "PhotometricInterpretation", T(SHORT), 1},
    {266, "FillOrder", T(SHORT), 1},
    {269, "DocumentName", T(ASCII), 0},
    {270, "ImageDescription", T(ASCII), 0},
    {DA_TAG_MAKE, "Make", T(ASCII), 0},
    {DA_TAG_MODEL, "Model", T(ASCII), 0},
    {DA_TAG_STRIP_OFFSETS, "StripOffsets", LARGE, 0},
    {DA_TAG_ORIENTATION, "Orientation", T(SHORT), 1},
    {DA_TAG_SAMPLES, "SamplesPerPixel", T(SHORT), 1},
    {DA_TAG_ROWS_PER_STRIP, "RowsPerStrip", NUMBER, 1},
    {DA_TAG_STRIP_BYTES, "StripByteCounts", LARGE, 0},
    {DA_TAG_X_RESOLUTION, "XResolution", T(RATIONAL), 1},
    {DA_TAG_Y_RESOLUTION, "YResolution", T(RATIONAL), 1},
    {DA_TAG_PLANAR, "PlanarConfiguration", T(SHORT), 1},
    {292, "T4Options", T(LONG), 1},
    {293, "T6Options", T(LONG), 1},
    {DA_TAG_UNIT, "ResolutionUnit", T(SHORT), 1},
    {297, "PageNumber", T(SHORT), 2},
    {DA_TAG_SOFTWARE, "Software", T(ASCII), 0},
    {306, "DateTime", T(ASCII), 0},
    {315, "Artist", T(ASCII), 0},
    {DA_TAG_PREDICTOR, "Predictor", T(SHORT), 1},
    {DA_TAG_COLOUR_MAP, "ColorMap", T(SHORT), 0},
    {DA_TAG_TILE_WIDTH, "TileWidth", NUMBER, 1},
    {DA_TAG_TILE_HEIGHT, "TileLength", NUMBER, 1},
    {DA_TAG_TILE_OFFSETS, "TileOffsets", T(LONG) | T(LONG8), 0},
    {DA_TAG_TILE_BYTES, "TileByteCounts", LARGE, 0},
    {DA_TAG_SUB_IFDS, "SubIFDs", POINTER, 0},
    {DA_TAG_EXTRA_SAMPLES, "ExtraSamples", T(SHORT), 0},
    {339, "SampleFormat", T(SHORT), 0},
    {DA_TAG_JPEG_TABLES, "JPEGTables", T(UNDEFINED) | T(BYTE), 0},
    {DA_TAG_JPEG_AT, "JPEGInterchangeFormat", T(LONG), 1},
    {DA_TAG_JPEG_BYTES, "JPEGInterchangeFormatLength", T(LONG), 1},
    {530, "YCbCrSubSampling", T(SHORT), 2},
    {531, "YCbCrPositioning", T(SHORT), 1},
    {532, "ReferenceBlackWhite", T(RATIONAL), 6},
    {DA_TAG_EXIF, "ExifIFD", POINTER, 1},
    {DA_TAG_GPS, "GPSInfo", POINTER, 1},
    {DA_TAG_INTEROP, "InteroperabilityIFD", POINTER, 1},
};

static const guint8 type_bytes[DA_TIFF_TYPES_N] = {
    [DA_TIFF_BYTE] = 1,     [DA_TIFF_ASCII] = 1,     [DA_TIFF_SHORT] = 2,     [DA_TIFF_LONG] = 4,
    [DA_TIFF_RATIONAL] = 8, [DA_TIFF_SBYTE] = 1,     [DA_TIFF_UNDEFINED] = 1, [DA_TIFF_SSHORT] = 2,
    [DA_TIFF_SLONG] = 4,    [DA_TIFF_SRATIONAL] = 8, [DA_TIFF_FLOAT] = 4,     [DA_TIFF_DOUBLE] = 8,
    [DA_TIFF_IFD] = 4,      [DA_TIFF_LONG8] = 8,     [DA_TIFF_SLONG8] = 8,    [DA_TIFF_IFD8] = 8,
};

static const Known *find_known(guint16 tag)
{
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].tag == tag)
            return &known[i];
    return NULL;
}

char *da_tag_shown(guint16 tag)
{
    const Known *entry = find_known(tag);
    return entry ? g_strdup_printf("tag %u (%s)", tag, entry->name)
                 : g_strdup_printf("tag %u", tag);
}

void da_tiff_init(DaTiff *tiff, DaWalk *walk, const guint8 *data, gsize size)
{
    *tiff = (DaTiff){.walk = walk, .data = data, .size = size};
    tiff->ranges = g_array_new(FALSE, FALSE, sizeof(DaRange));
    tiff->visited = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void da_tiff_clear(DaTiff *tiff)
{
    g_clear_pointer(&tiff->ranges, g_array_unref);
    g_clear_pointer(&tiff->visited, g_hash_table_unref);
}

gboolean da_tiff_is_inside(const DaTiff *tiff, guint64 at, guint64 size)
{
    return at <= tiff->size && size <= tiff->size - at;
}

void da_tiff_own(DaTiff *tiff, guint64 begin, guint64 size, DaOwner owner, guint16 tag)
{
    DaRange range = {begin, begin + size, owner, tag};
    g_array_append_val(tiff->ranges, range);
}

/* What lies outside the file reads as 0; callers have looked before. */
static guint64 get(const DaTiff *tiff, guint64 at, guint bytes)
{
    if (!da_tiff_is_inside(tiff, at, bytes))
        return 0;
    guint64 value = 0;
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | tiff->data[at + (tiff->big_endian ? i : bytes - 1 - i)];
    return value;
}

/* --- header ----------------------------------------------------------------------------------------------------------- */

gboolean da_tiff_header(DaTiff *tiff, guint64 *first)
{
    gboolean intel = tiff->size >= 8 && !memcmp(tiff->data, "II", 2);
    tiff->big_endian = tiff->size >= 8 && !memcmp(tiff->data, "MM", 2);
    guint64 version = get(tiff, 2, 2);
    tiff->is_big = version == 43;
    if ((!intel && !tiff->big_endian) || (version != 42 && version != 43)) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_HEADER, 0,
                      "no byte order and version: %" G_GSIZE_FORMAT " bytes", tiff->size);
        return FALSE;
    }
    if (tiff->is_big && (tiff->size < 16 || get(tiff, 4, 2) != 8 || get(tiff, 6, 2) != 0)) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_HEADER, 4, "offsets of %" G_GUINT64_FORMAT " bytes",
                      get(tiff, 4, 2));
        return FALSE;
    }
    *first = tiff->is_big ? get(tiff, 8, 8) : get(tiff, 4, 4);
    da_tiff_own(tiff, 0, tiff->is_big ? 16 : 8, DA_OWNER_HEADER, 0);
    if (!*first)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_HEADER, 4, "no directory");
    return *first != 0;
}

/* --- entries ---------------------------------------------------------------------------------------------------------- */

static void check_form(DaTiff *tiff, const DaIfdEntry *entry, const char *shown)
{
    const Known *form = find_known(entry->tag);
    if (form && !(form->types & 1u << entry->type))
        da_walk_fault(tiff->walk, DA_WALK_TIFF_TYPE, entry->entry_at, "%s: type %u", shown,
                      entry->type);
    else if (entry->count == 0 || (form && form->count && form->count != entry->count))
        da_walk_fault(tiff->walk, DA_WALK_TIFF_COUNT, entry->entry_at,
                      "%s: %" G_GUINT64_FORMAT " values", shown, entry->count);
}

/* Finds the value: in the entry itself where it fits, else at an offset. */
static void place_value(DaTiff *tiff, DaIfdEntry *entry, const char *shown)
{
    guint64 inline_bytes = tiff->is_big ? 8 : 4;
    guint64 field = entry->entry_at + (tiff->is_big ? 12 : 8);
    guint64 each = type_bytes[entry->type];
    if (entry->count > tiff->size / each) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, entry->entry_at,
                      "%s: %" G_GUINT64_FORMAT " values", shown, entry->count);
        return;
    }
    guint64 bytes = entry->count * each;
    entry->at = bytes <= inline_bytes ? field : get(tiff, field, (guint)inline_bytes);
    entry->is_readable = da_tiff_is_inside(tiff, entry->at, bytes);
    if (!entry->is_readable)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, entry->entry_at,
                      "%s: %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT, shown, bytes,
                      entry->at);
    if (!entry->is_readable || bytes <= inline_bytes)
        return;
    da_tiff_own(tiff, entry->at, bytes, DA_OWNER_VALUE, entry->tag);
    if (entry->at % 2)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_ODD, entry->entry_at,
                      "%s: value at %" G_GUINT64_FORMAT, shown, entry->at);
}

static DaIfdEntry read_entry(DaTiff *tiff, guint64 at)
{
    DaIfdEntry entry = {
        .tag = (guint16)get(tiff, at, 2),
        .type = (guint16)get(tiff, at + 2, 2),
        .count = get(tiff, at + 4, tiff->is_big ? 8 : 4),
        .entry_at = at,
    };
    g_autofree char *shown = da_tag_shown(entry.tag);
    gboolean exists = entry.type < DA_TIFF_TYPES_N && type_bytes[entry.type] &&
                      (tiff->is_big || entry.type < DA_TIFF_LONG8);
    if (!exists) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_TYPE, at, "%s: type %u", shown, entry.type);
        return entry;
    }
    check_form(tiff, &entry, shown);
    place_value(tiff, &entry, shown);
    return entry;
}

static gint compare_tags(gconstpointer a, gconstpointer b)
{
    const DaIfdEntry *left = a, *right = b;
    if (left->tag != right->tag)
        return left->tag < right->tag ? -1 : 1;
    return left->entry_at < right->entry_at ? -1 : left->entry_at > right->entry_at;
}

static void read_entries(DaTiff *tiff, guint64 at, guint64 count, GArray *entries)
{
    guint64 bytes = tiff->is_big ? 20 : 12;
    gboolean ordered = TRUE;
    for (guint64 i = 0; i < count; i++) {
        DaIfdEntry entry = read_entry(tiff, at + i * bytes);
        const DaIfdEntry *last =
            entries->len ? &g_array_index(entries, DaIfdEntry, entries->len - 1) : NULL;
        if (ordered && last && entry.tag < last->tag) {
            ordered = FALSE;
            da_walk_fault(tiff->walk, DA_WALK_TIFF_ORDER, entry.entry_at, "tag %u behind tag %u",
                          entry.tag, last->tag);
        }
        g_array_append_val(entries, entry);
    }
    g_array_sort(entries, compare_tags);
    for (guint i = 1; i < entries->len; i++) {
        const DaIfdEntry *entry = &g_array_index(entries, DaIfdEntry, i);
        g_autofree char *shown = da_tag_shown(entry->tag);
        if (entry->tag == entry[-1].tag)
            da_walk_fault(tiff->walk, DA_WALK_TIFF_DUPLICATE, entry->entry_at, "%s", shown);
    }
}

static gboolean is_first_visit(DaTiff *tiff, guint64 at)
{
    gint64 key = (gint64)at;
    if (g_hash_table_contains(tiff->visited, &key)) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_LOOP, at, "directory at %" G_GUINT64_FORMAT, at);
        return FALSE;
    }
    g_hash_table_add(tiff->visited, g_memdup2(&key, sizeof key));
    if (g_hash_table_size(tiff->visited) <= MAX_DIRECTORIES)
        return TRUE;
    da_walk_fault(tiff->walk, DA_WALK_LIMIT, at, "more than %u directories", MAX_DIRECTORIES);
    return FALSE;
}

gboolean da_ifd_read(DaTiff *tiff, guint64 at, GArray *entries, guint64 *next)
{
    *next = 0;
    if (!is_first_visit(tiff, at))
        return FALSE;
    guint64 head = tiff->is_big ? 8 : 2, each = tiff->is_big ? 20 : 12;
    guint64 tail = tiff->is_big ? 8 : 4;
    guint64 count = get(tiff, at, (guint)head);
    if (!da_tiff_is_inside(tiff, at, head) || count > tiff->size / each ||
        !da_tiff_is_inside(tiff, at, head + count * each)) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, at,
                      "directory of %" G_GUINT64_FORMAT " entries at %" G_GUINT64_FORMAT, count,
                      at);
        return FALSE;
    }
    tiff->entries += count;
    if (tiff->entries > MAX_ENTRIES) {
        da_walk_fault(tiff->walk, DA_WALK_LIMIT, at, "more than %u entries", MAX_ENTRIES);
        return FALSE;
    }
    guint64 end = at + head + count * each;
    gboolean has_next = da_tiff_is_inside(tiff, end, tail);
    da_tiff_own(tiff, at, head + count * each + (has_next ? tail : 0), DA_OWNER_DIRECTORY, 0);
    if (!has_next)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, end, "no offset of the next directory");
    if (at % 2)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_ODD, at, "directory at %" G_GUINT64_FORMAT, at);
    if (!count)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_EMPTY, at, "directory at %" G_GUINT64_FORMAT, at);
    *next = get(tiff, end, (guint)tail);
    read_entries(tiff, at + head, count, entries);
    return count > 0;
}

/* --- values ----------------------------------------------------------------------------------------------------------- */

gboolean da_ifd_has(const GArray *entries, guint16 tag)
{
    for (guint i = 0; i < entries->len; i++)
        if (g_array_index(entries, DaIfdEntry, i).tag == tag)
            return TRUE;
    return FALSE;
}

const DaIfdEntry *da_ifd_find(const GArray *entries, guint16 tag)
{
    for (guint i = 0; i < entries->len; i++) {
        const DaIfdEntry *entry = &g_array_index(entries, DaIfdEntry, i);
        if (entry->tag == tag)
            return entry->is_readable && entry->count ? entry : NULL;
    }
    return NULL;
}

guint64 da_ifd_value(const DaTiff *tiff, const DaIfdEntry *entry, guint64 n)
{
    if (!entry->is_readable || n >= entry->count)
        return 0;
    guint bytes = type_bytes[entry->type];
    guint64 at = entry->at + n * bytes;
    if (entry->type != DA_TIFF_RATIONAL)
        return get(tiff, at, bytes);
    guint64 below = get(tiff, at + 4, 4);
    return below ? get(tiff, at, 4) / below : 0;
}

guint64 da_ifd_number(const DaTiff *tiff, const GArray *entries, guint16 tag, guint64 fallback)
{
    const DaIfdEntry *entry = da_ifd_find(entries, tag);
    return entry ? da_ifd_value(tiff, entry, 0) : fallback;
}

static void take_text(DaTiff *tiff, const GArray *entries, guint16 tag, char **member)
{
    const DaIfdEntry *entry = da_ifd_find(entries, tag);
    if (entry && entry->type == DA_TIFF_ASCII)
        da_walk_take_text(member, tiff->data + entry->at, (gsize)entry->count);
}

void da_ifd_take_origin(DaTiff *tiff, const GArray *entries)
{
    DaWalk *walk = tiff->walk;
    take_text(tiff, entries, DA_TAG_MAKE, &walk->make);
    take_text(tiff, entries, DA_TAG_MODEL, &walk->model);
    take_text(tiff, entries, DA_TAG_SOFTWARE, &walk->software);
    guint64 orientation = da_ifd_number(tiff, entries, DA_TAG_ORIENTATION, 0);
    if (!walk->orientation && orientation >= 1 && orientation <= 8)
        walk->orientation = (guint)orientation;
    walk->has_gps |= da_ifd_find(entries, DA_TAG_GPS) != NULL;
}
