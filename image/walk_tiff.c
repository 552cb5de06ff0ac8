#include "walk_tiff.h"

/* Between two parts a writer may put zeros, to begin on a boundary. */
#define MAX_PADDING_BYTES 15u
/* Thumbnails and masks hang below a page, not below each other. */
#define MAX_DEPTH 4u

static void walk_below(DaTiff *tiff, const GArray *entries, guint16 tag, gboolean is_image,
                       guint depth);

static gboolean walk_directory(DaTiff *tiff, guint64 at, gboolean is_image, guint depth,
                               guint64 *next)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(DaIfdEntry));
    if (!da_ifd_read(tiff, at, entries, next))
        return FALSE;
    da_ifd_take_origin(tiff, entries);
    if (is_image)
        da_tiff_check_image(tiff, at, entries);
    if (depth >= MAX_DEPTH)
        return TRUE;
    walk_below(tiff, entries, DA_TAG_SUB_IFDS, TRUE, depth);
    walk_below(tiff, entries, DA_TAG_EXIF, FALSE, depth);
    walk_below(tiff, entries, DA_TAG_GPS, FALSE, depth);
    walk_below(tiff, entries, DA_TAG_INTEROP, FALSE, depth);
    return TRUE;
}

static void walk_below(DaTiff *tiff, const GArray *entries, guint16 tag, gboolean is_image,
                       guint depth)
{
    const DaIfdEntry *entry = da_ifd_find(entries, tag);
    guint64 next = 0;
    for (guint64 i = 0; entry && i < entry->count; i++)
        if (!walk_directory(tiff, da_ifd_value(tiff, entry, i), is_image, depth + 1, &next))
            return;
}

static gint compare_ranges(gconstpointer a, gconstpointer b)
{
    const DaRange *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end;
}

static char *owner_shown(const DaRange *range)
{
    static const char *const names[] = {"header", "directory", "value of", "data of"};
    g_autofree char *tag = da_tag_shown(range->tag);
    return range->owner < DA_OWNER_VALUE ? g_strdup(names[range->owner])
                                         : g_strdup_printf("%s %s", names[range->owner], tag);
}

/* X and Y resolution of many writers are one value: nothing can go wrong by that. */
static void report_overlap(DaTiff *tiff, const DaRange *first, const DaRange *second)
{
    gboolean same =
        first->begin == second->begin && first->end == second->end && first->owner == second->owner;
    if (same && first->owner == DA_OWNER_VALUE)
        return;
    g_autofree char *one = owner_shown(first);
    g_autofree char *other = owner_shown(second);
    da_walk_fault(tiff->walk,
                  same && first->owner == DA_OWNER_PART ? DA_WALK_TIFF_SHARED
                                                        : DA_WALK_TIFF_OVERLAP,
                  second->begin, "%s and %s", one, other);
}

static gboolean is_padding(const DaTiff *tiff, guint64 begin, guint64 end)
{
    if (end - begin > MAX_PADDING_BYTES)
        return FALSE;
    for (guint64 at = begin; at < end; at++)
        if (tiff->data[at])
            return FALSE;
    return TRUE;
}

typedef struct {
    guint64 bytes, first;
} Gaps;

static void take_gap(const DaTiff *tiff, Gaps *gaps, guint64 begin, guint64 end)
{
    if (begin >= end || is_padding(tiff, begin, end))
        return;
    if (!gaps->bytes)
        gaps->first = begin;
    gaps->bytes += end - begin;
}

static gboolean has_errors(const DaWalk *walk)
{
    for (guint i = 0; i < walk->faults->len; i++)
        if (da_walk_kind_severity(((const DaWalkFault *)walk->faults->pdata[i])->kind) >=
            DA_WALK_ERROR)
            return TRUE;
    return FALSE;
}

/* Every byte has one owner, or the file says more than its image. */
static void check_owners(DaTiff *tiff)
{
    g_array_sort(tiff->ranges, compare_ranges);
    Gaps gaps = {0};
    const DaRange *last = NULL;
    for (guint i = 0; i < tiff->ranges->len; i++) {
        const DaRange *range = &g_array_index(tiff->ranges, DaRange, i);
        if (range->begin == range->end)
            continue;
        if (last && range->begin < last->end)
            report_overlap(tiff, last, range);
        else
            take_gap(tiff, &gaps, last ? last->end : 0, range->begin);
        if (!last || range->end > last->end)
            last = range;
    }
    guint64 end = last ? last->end : 0;
    /* What a broken offset should have named would be told a second time. */
    if (gaps.bytes && !has_errors(tiff->walk))
        da_walk_fault(tiff->walk, DA_WALK_TIFF_UNREFERENCED, gaps.first,
                      "%" G_GUINT64_FORMAT " bytes", gaps.bytes);
    if (end >= tiff->size || is_padding(tiff, end, tiff->size))
        return;
    tiff->walk->trailing_bytes = tiff->size - end;
    da_walk_fault(tiff->walk, DA_WALK_TRAILING, end, "%" G_GUINT64_FORMAT " bytes",
                  tiff->size - end);
}

void da_walk_tiff(DaWalk *walk, const guint8 *data, gsize size)
{
    g_auto(DaTiff) tiff;
    da_tiff_init(&tiff, walk, data, size);
    guint64 at = 0;
    if (!da_tiff_header(&tiff, &at))
        return;
    walk->big_endian = tiff.big_endian;
    walk->is_big_tiff = tiff.is_big;
    while (at) {
        guint64 next = 0;
        if (!walk_directory(&tiff, at, TRUE, 0, &next))
            break;
        walk->images++;
        at = next;
    }
    if (walk->images)
        check_owners(&tiff);
}
