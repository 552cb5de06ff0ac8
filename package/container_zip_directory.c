#include "container_zip.h"

#include <string.h>
#include <zlib.h>

#define DIRECTORY_MAX_BYTES ((guint64)256 << 20)

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    HEADER_BYTES = 46,
    COMMENT_MAX_BYTES = 0xFFFF
};
enum { EXTRA_ZIP64 = 0x0001, EXTRA_UNICODE_PATH = 0x7075 };
/* `version made by` of systems that keep a Unix mode. */
enum { SYSTEM_UNIX = 3, SYSTEM_MACOS = 19 };

static gboolean is_signature(const guint8 *p, const char *signature)
{
    return !memcmp(p, signature, 4);
}

const guint8 *da_zip_extra(const guint8 *extra, gsize size, guint16 id, gsize *length)
{
    while (size >= 4) {
        *length = da_zip_16(extra + 2);
        if (*length > size - 4)
            return NULL;
        if (da_zip_16(extra) == id)
            return extra + 4;
        extra += 4 + *length;
        size -= 4 + *length;
    }
    return NULL;
}

/* --- the end record --------------------------------------------------------------------------------------------------- */

typedef struct {
    guint64 at; /* of the record that stands right behind the directory */
    guint64 count, size, offset;
    guint32 disk, directory_disk;
    guint64 count_here;
} End;

static gboolean read_end64(DaUnpack *unpack, guint64 end_at, End *end, GError **error)
{
    guint8 locator[LOCATOR_BYTES], record[END64_BYTES];
    if (end_at < LOCATOR_BYTES)
        return TRUE;
    if (da_unpack_read(unpack, end_at - LOCATOR_BYTES, locator, sizeof locator, error) < 0)
        return FALSE;
    if (!is_signature(locator, "PK\6\7"))
        return TRUE; /* the numbers are what they seem */
    guint64 at = da_zip_64(locator + 8);
    gssize got = da_unpack_read(unpack, at, record, sizeof record, error);
    if (got < 0)
        return FALSE;
    if (got < END64_BYTES || !is_signature(record, "PK\6\6")) {
        da_unpack_fault(unpack, DA_CONTAINER_DAMAGED, NULL,
                        "no zip64 end record where it should be");
        return FALSE;
    }
    *end = (End){.at = at,
                 .disk = da_zip_32(record + 16),
                 .directory_disk = da_zip_32(record + 20),
                 .count_here = da_zip_64(record + 24),
                 .count = da_zip_64(record + 32),
                 .size = da_zip_64(record + 40),
                 .offset = da_zip_64(record + 48)};
    return TRUE;
}

static gboolean take_end(DaUnpack *unpack, const guint8 *record, guint64 at, End *end,
                         GError **error)
{
    *end = (End){.at = at,
                 .disk = da_zip_16(record + 4),
                 .directory_disk = da_zip_16(record + 6),
                 .count_here = da_zip_16(record + 8),
                 .count = da_zip_16(record + 10),
                 .size = da_zip_32(record + 12),
                 .offset = da_zip_32(record + 16)};
    guint64 behind = at + END_BYTES + da_zip_16(record + 20);
    if (behind < unpack->size_bytes)
        da_unpack_fault(unpack, DA_CONTAINER_HIDDEN, NULL,
                        "%" G_GUINT64_FORMAT " bytes behind the end", unpack->size_bytes - behind);
    return read_end64(unpack, at, end, error);
}

/* The last end record whose comment fits into the file. */
static gboolean find_end(DaUnpack *unpack, End *end, GError **error)
{
    gsize wanted = (gsize)MIN(unpack->size_bytes, (guint64)END_BYTES + COMMENT_MAX_BYTES);
    g_autofree guint8 *tail = g_malloc(wanted);
    guint64 from = unpack->size_bytes - wanted;
    gssize got = da_unpack_read(unpack, from, tail, wanted, error);
    if (got < 0)
        return FALSE;
    for (gssize i = got - END_BYTES; i >= 0; i--)
        if (is_signature(tail + i, "PK\5\6") && i + END_BYTES + da_zip_16(tail + i + 20) <= got)
            return take_end(unpack, tail + i, from + (guint64)i, end, error);
    da_unpack_fault(unpack, DA_CONTAINER_TRUNCATED, NULL, "no directory at the end");
    return FALSE;
}

/* Where the directory really lies: programs that sign or that extract themselves put bytes before it or behind it. */
static gboolean place(DaUnpack *unpack, const End *end, DaZipDirectory *directory, GError **error)
{
    if (end->disk || end->directory_disk || end->count_here != end->count) {
        da_unpack_fault(unpack, DA_CONTAINER_SPLIT, NULL, NULL);
        return FALSE;
    }
    if (end->size > end->at || end->offset > end->at - end->size) {
        da_unpack_fault(unpack, DA_CONTAINER_TRUNCATED, NULL,
                        "its directory should lie behind its end");
        return FALSE;
    }
    guint64 surplus = end->at - end->size - end->offset;
    guint8 mark[4] = {0};
    if (da_unpack_read(unpack, end->offset, mark, sizeof mark, error) < 0)
        return FALSE;
    directory->base = surplus && !is_signature(mark, "PK\1\2") ? surplus : 0;
    directory->at = end->offset + directory->base;
    directory->size = (gsize)end->size;
    directory->count = end->count;
    if (surplus)
        da_unpack_fault(unpack, DA_CONTAINER_HIDDEN, NULL, "%" G_GUINT64_FORMAT " bytes %s",
                        surplus, directory->base ? "before the zip" : "behind its directory");
    return TRUE;
}

/* --- its entries ------------------------------------------------------------------------------------------------------ */

/* Sizes that do not fit into 32 bits stand in the extra field, in this order, each only where it is needed. */
static gboolean take_zip64(DaZipMember *member, const guint8 *extra, gsize size)
{
    gsize length = 0;
    const guint8 *field = da_zip_extra(extra, size, EXTRA_ZIP64, &length);
    guint64 *const values[] = {&member->size_bytes, &member->packed_bytes, &member->offset};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        if (*values[i] != 0xFFFFFFFF)
            continue;
        if (!field)
            return TRUE; /* then it is that number */
        if (length < 8)
            return FALSE;
        *values[i] = da_zip_64(field);
        field += 8;
        length -= 8;
    }
    return TRUE;
}

/* Info-ZIP's second name, in UTF-8, which counts as long as it belongs to the first. */
static void take_unicode_path(DaZipMember *member, const guint8 *extra, gsize size)
{
    gsize length = 0;
    const guint8 *field = da_zip_extra(extra, size, EXTRA_UNICODE_PATH, &length);
    if (!field || length <= 5 || field[0] != 1)
        return;
    uLong crc = crc32(0, (const Bytef *)member->name, member->name_length);
    if (da_zip_32(field + 1) != crc)
        return;
    member->name = (const char *)field + 5;
    member->name_length = (guint16)(length - 5);
    member->is_utf8 = TRUE;
}

/* The member at `p`; the bytes it takes, 0 when it does not fit. */
static gsize take_member(const guint8 *p, gsize size, DaZipMember *member)
{
    if (size < HEADER_BYTES || !is_signature(p, "PK\1\2"))
        return 0;
    gsize name = da_zip_16(p + 28), extra = da_zip_16(p + 30), comment = da_zip_16(p + 32);
    gsize whole = HEADER_BYTES + name + extra + comment;
    if (whole > size)
        return 0;
    guint system = p[5];
    *member = (DaZipMember){.name = (const char *)p + HEADER_BYTES,
                            .name_length = (guint16)name,
                            .flags = da_zip_16(p + 8),
                            .method = da_zip_16(p + 10),
                            .crc = da_zip_32(p + 16),
                            .packed_bytes = da_zip_32(p + 20),
                            .size_bytes = da_zip_32(p + 24),
                            .offset = da_zip_32(p + 42)};
    member->header_name = member->name;
    member->header_name_length = member->name_length;
    member->is_utf8 = (member->flags & DA_ZIP_FLAG_UTF8) != 0;
    if (system == SYSTEM_UNIX || system == SYSTEM_MACOS)
        member->mode = da_zip_32(p + 38) >> 16;
    if (!take_zip64(member, p + HEADER_BYTES + name, extra))
        return 0;
    if (!member->is_utf8)
        take_unicode_path(member, p + HEADER_BYTES + name, extra);
    return whole;
}

static gint compare_offsets(gconstpointer a, gconstpointer b)
{
    const DaZipMember *left = a, *right = b;
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

static gboolean take_members(DaUnpack *unpack, DaZipDirectory *directory)
{
    gsize at = 0;
    while (at < directory->size) {
        DaZipMember member;
        gsize taken = take_member(directory->bytes + at, directory->size - at, &member);
        if (!taken) {
            da_unpack_fault(unpack, DA_CONTAINER_DAMAGED, NULL,
                            "its directory cannot be read at byte %" G_GUINT64_FORMAT,
                            directory->at + at);
            return FALSE;
        }
        if (!da_unpack_count(unpack))
            return FALSE;
        member.offset += directory->base;
        g_array_append_val(directory->members, member);
        at += taken;
    }
    /* Writers without zip64 let the count run over. */
    if (directory->count != directory->members->len &&
        directory->count != directory->members->len % 65536u) {
        da_unpack_fault(unpack, DA_CONTAINER_DISAGREES, NULL,
                        "the directory names %u members, its end says %" G_GUINT64_FORMAT,
                        directory->members->len, directory->count);
        return FALSE;
    }
    g_array_sort(directory->members, compare_offsets);
    return TRUE;
}

gboolean da_zip_directory_read(DaUnpack *unpack, DaZipDirectory *directory, GError **error)
{
    End end;
    if (!find_end(unpack, &end, error) || !place(unpack, &end, directory, error))
        return FALSE;
    if (directory->size > DIRECTORY_MAX_BYTES) {
        da_unpack_fault(unpack, DA_CONTAINER_TOO_MANY, NULL,
                        "a directory of %" G_GSIZE_FORMAT " bytes", directory->size);
        return FALSE;
    }
    directory->bytes = g_malloc(MAX(directory->size, 1));
    gssize got = da_unpack_read(unpack, directory->at, directory->bytes, directory->size, error);
    if (got < 0)
        return FALSE;
    directory->size = (gsize)got;
    directory->members = g_array_new(FALSE, FALSE, sizeof(DaZipMember));
    return take_members(unpack, directory);
}

void da_zip_directory_clear(DaZipDirectory *directory)
{
    g_free(directory->bytes);
    g_clear_pointer(&directory->members, g_array_unref);
}
