/*
 * Members of a zip in the order in which they lie in the file. Each byte between the first local header and the directory belongs to one
 * member, or is a fault: two members that share compressed data are how a small file becomes petabytes.
 */
#include "container_zip.h"

#include <dangan/error.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define PACKED_CHUNK_BYTES 65536u
#define CHUNK_BYTES 262144u

enum { LOCAL_BYTES = 30, DESCRIPTOR_MAX_BYTES = 24 };
enum { METHOD_STORED = 0, METHOD_DEFLATE = 8 };
enum { EXTRA_ZIP64 = 0x0001 };

typedef struct {
    DaUnpack *unpack;
    const DaZipMember *entry;
    DaMember *member;
    guint64 at, left; /* what of the packed content is still to be read */
    guint32 crc;      /* of what came out */
    guint8 packed[PACKED_CHUNK_BYTES];
    guint8 plain[CHUNK_BYTES];
} Reading;

G_GNUC_PRINTF(3, 4)
static gboolean refuse(Reading *reading, DaContainerFaultKind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *found = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    da_unpack_fault(reading->unpack, kind, reading->member->shown, "%s", found);
    return FALSE;
}

/* --- content ---------------------------------------------------------------------------------------------------------- */

/* The next packed bytes; 0 at the end of the member, -1 after a fault or with an error. */
static gssize next_packed(Reading *reading, GError **error)
{
    gsize wanted = (gsize)MIN(reading->left, sizeof reading->packed);
    gssize got = da_unpack_read(reading->unpack, reading->at, reading->packed, wanted, error);
    if (got >= 0 && (gsize)got < wanted) {
        refuse(reading, DA_CONTAINER_TRUNCATED, "ends at byte %" G_GUINT64_FORMAT,
               reading->at + (guint64)got);
        return -1;
    }
    if (got > 0) {
        reading->at += (guint64)got;
        reading->left -= (guint64)got;
    }
    return got;
}

static gboolean give(Reading *reading, const guint8 *data, gsize size, GError **error)
{
    if (reading->member->bytes + size > reading->entry->size_bytes)
        return refuse(reading, DA_CONTAINER_DISAGREES,
                      "claims %" G_GUINT64_FORMAT " bytes and holds more",
                      reading->entry->size_bytes);
    reading->crc = (guint32)crc32(reading->crc, data, (uInt)size);
    return da_member_write(reading->unpack, reading->member, data, size, error);
}

static gboolean copy_stored(Reading *reading, GError **error)
{
    gssize got;
    while ((got = next_packed(reading, error)) > 0)
        if (!give(reading, reading->packed, (gsize)got, error))
            return FALSE;
    return got == 0;
}

static void stream_clear(z_stream *stream)
{
    inflateEnd(stream);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(z_stream, stream_clear)

/* Inflates what is in `stream`; FALSE after a fault or with an error. */
static gboolean inflate_chunk(Reading *reading, z_stream *stream, gboolean *ended, GError **error)
{
    do {
        stream->next_out = reading->plain;
        stream->avail_out = sizeof reading->plain;
        int outcome = inflate(stream, Z_NO_FLUSH);
        *ended = outcome == Z_STREAM_END;
        if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR)
            return refuse(reading, DA_CONTAINER_DAMAGED, "%s",
                          stream->msg ? stream->msg : "broken deflate data");
        gsize size = sizeof reading->plain - stream->avail_out;
        if (size && !give(reading, reading->plain, size, error))
            return FALSE;
    } while (!*ended && (stream->avail_in || !stream->avail_out));
    return TRUE;
}

static gboolean copy_deflated(Reading *reading, GError **error)
{
    g_auto(z_stream) stream = {0};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot begin to inflate");
    gboolean ended = FALSE;
    gssize got = 0;
    while (!ended && (got = next_packed(reading, error)) > 0) {
        stream.next_in = reading->packed;
        stream.avail_in = (uInt)got;
        if (!inflate_chunk(reading, &stream, &ended, error))
            return FALSE;
    }
    if (got < 0)
        return FALSE;
    if (!ended || stream.avail_in || reading->left)
        return refuse(reading, DA_CONTAINER_DAMAGED, "%s",
                      ended ? "bytes behind the deflate data" : "the deflate data have no end");
    return TRUE;
}

static gboolean copy_content(Reading *reading, GError **error)
{
    const DaZipMember *entry = reading->entry;
    gboolean copied = entry->method == METHOD_STORED ? copy_stored(reading, error)
                                                     : copy_deflated(reading, error);
    if (!copied)
        return FALSE;
    if (reading->member->bytes != entry->size_bytes)
        return refuse(reading, DA_CONTAINER_DISAGREES,
                      "claims %" G_GUINT64_FORMAT " bytes, holds %" G_GUINT64_FORMAT,
                      entry->size_bytes, reading->member->bytes);
    if (reading->crc != entry->crc)
        da_unpack_fault(reading->unpack, DA_CONTAINER_CHECKSUM, reading->member->shown,
                        "CRC %08x, stated %08x", reading->crc, entry->crc);
    return TRUE;
}

/* --- local headers ---------------------------------------------------------------------------------------------------- */

/* With a descriptor behind the content, crc and sizes in the header may be zero. */
static gboolean sizes_agree(const DaZipMember *entry, const guint8 *header, const guint8 *extra,
                            gsize extra_size)
{
    if (entry->flags & DA_ZIP_FLAG_DESCRIPTOR)
        return TRUE;
    guint64 packed = da_zip_32(header + 18), size = da_zip_32(header + 22);
    gsize length = 0;
    const guint8 *field = da_zip_extra(extra, extra_size, EXTRA_ZIP64, &length);
    if (field && size == 0xFFFFFFFF && length >= 8) {
        size = da_zip_64(field);
        field += 8;
        length -= 8;
    }
    if (field && packed == 0xFFFFFFFF && length >= 8)
        packed = da_zip_64(field);
    return da_zip_32(header + 14) == entry->crc && packed == entry->packed_bytes &&
           size == entry->size_bytes;
}

static gboolean header_agrees(Reading *reading, const guint8 *header, const guint8 *rest)
{
    const DaZipMember *entry = reading->entry;
    guint16 name_length = da_zip_16(header + 26), extra_length = da_zip_16(header + 28);
    if (name_length != entry->header_name_length ||
        memcmp(rest, entry->header_name, name_length) != 0)
        return refuse(reading, DA_CONTAINER_DISAGREES, "another name in its header");
    if (da_zip_16(header + 8) != entry->method)
        return refuse(reading, DA_CONTAINER_DISAGREES, "method %u, in its header %u", entry->method,
                      da_zip_16(header + 8));
    if ((da_zip_16(header + 6) ^ entry->flags) & (DA_ZIP_FLAG_DESCRIPTOR | DA_ZIP_FLAG_ENCRYPTED))
        return refuse(reading, DA_CONTAINER_DISAGREES, "other flags in its header");
    if (!sizes_agree(entry, header, rest + name_length, extra_length))
        return refuse(reading, DA_CONTAINER_DISAGREES, "another size or CRC in its header");
    return TRUE;
}

/* Reads the local header and leaves the reading at the content. */
static gboolean read_header(Reading *reading, GError **error)
{
    DaUnpack *unpack = reading->unpack;
    guint8 header[LOCAL_BYTES];
    gssize got = da_unpack_read(unpack, reading->entry->offset, header, sizeof header, error);
    if (got < 0)
        return FALSE;
    if (got < LOCAL_BYTES || memcmp(header, "PK\3\4", 4) != 0)
        return refuse(reading, DA_CONTAINER_DAMAGED, "no header at byte %" G_GUINT64_FORMAT,
                      reading->entry->offset);
    gsize rest_size = (gsize)da_zip_16(header + 26) + da_zip_16(header + 28);
    g_autofree guint8 *rest = g_malloc(MAX(rest_size, 1));
    got = da_unpack_read(unpack, reading->entry->offset + LOCAL_BYTES, rest, rest_size, error);
    if (got < 0)
        return FALSE;
    if ((gsize)got < rest_size)
        return refuse(reading, DA_CONTAINER_TRUNCATED, "ends in a header");
    reading->at = reading->entry->offset + LOCAL_BYTES + rest_size;
    reading->left = reading->entry->packed_bytes;
    return header_agrees(reading, header, rest);
}

/* The bytes of the descriptor behind the content, with or without its mark, with sizes of 4 or 8 bytes; 0 = none fits. */
static gsize descriptor_length(const DaZipMember *entry, const guint8 *data, gsize size)
{
    for (guint marked = 0; marked < 2; marked++) {
        if (marked && (size < 4 || memcmp(data, "PK\7\10", 4) != 0))
            break;
        const guint8 *p = data + 4 * marked;
        gsize rest = size - 4 * marked;
        if (rest >= 12 && da_zip_32(p) == entry->crc && da_zip_32(p + 4) == entry->packed_bytes &&
            da_zip_32(p + 8) == entry->size_bytes)
            return 4 * marked + 12;
        if (rest >= 20 && da_zip_32(p) == entry->crc && da_zip_64(p + 4) == entry->packed_bytes &&
            da_zip_64(p + 12) == entry->size_bytes)
            return 4 * marked + 20;
    }
    return 0;
}

/* Moves `*end` behind the descriptor of the member that ends there. */
static gboolean skip_descriptor(Reading *reading, guint64 *end, GError **error)
{
    if (!(reading->entry->flags & DA_ZIP_FLAG_DESCRIPTOR))
        return TRUE;
    guint8 data[DESCRIPTOR_MAX_BYTES];
    gssize got = da_unpack_read(reading->unpack, *end, data, sizeof data, error);
    if (got < 0)
        return FALSE;
    gsize length = descriptor_length(reading->entry, data, (gsize)got);
    if (!length)
        return refuse(reading, DA_CONTAINER_DISAGREES, "another size or CRC behind its content");
    *end += length;
    return TRUE;
}

/* --- members ---------------------------------------------------------------------------------------------------------- */

/* FALSE after the fault: nothing of such a member can be read, or may be. */
static gboolean is_readable(Reading *reading)
{
    const DaZipMember *entry = reading->entry;
    if (entry->flags & DA_ZIP_FLAG_ENCRYPTED)
        return refuse(reading, DA_CONTAINER_ENCRYPTED, "flags %04x", entry->flags);
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATE)
        return refuse(reading, DA_CONTAINER_METHOD, "method %u", entry->method);
    mode_t type = entry->mode & S_IFMT;
    if (type == S_IFLNK)
        return refuse(reading, DA_CONTAINER_LINK, "mode %o", entry->mode);
    if (type && type != S_IFREG && type != S_IFDIR)
        return refuse(reading, DA_CONTAINER_SPECIAL, "mode %o", entry->mode);
    if (reading->member->is_folder && entry->size_bytes)
        return refuse(reading, DA_CONTAINER_DISAGREES, "a folder with content");
    return TRUE;
}

/* What an archive claims is enough to refuse it before anything is written. */
static gboolean claims_are_sane(DaUnpack *unpack, const DaZipDirectory *directory)
{
    const DaContainerLimits *limits = unpack->limits;
    guint64 total = 0;
    for (guint i = 0; i < directory->members->len; i++) {
        const DaZipMember *entry = &g_array_index(directory->members, DaZipMember, i);
        total += MIN(entry->size_bytes, G_MAXUINT64 - total);
    }
    if (total <= DA_UNPACK_SPARED_BYTES ||
        (total <= limits->max_bytes && total / limits->max_ratio <= unpack->size_bytes))
        return TRUE;
    da_unpack_fault(unpack, DA_CONTAINER_BOMB, NULL,
                    "claims %" G_GUINT64_FORMAT " bytes out of %" G_GUINT64_FORMAT, total,
                    unpack->size_bytes);
    return FALSE;
}

static gboolean read_member(Reading *reading, guint64 *end, GError **error)
{
    const DaZipMember *entry = reading->entry;
    if (entry->offset < *end)
        return refuse(reading, DA_CONTAINER_DISAGREES, "it overlaps another member");
    if (entry->offset > *end)
        da_unpack_fault(reading->unpack, DA_CONTAINER_HIDDEN, NULL,
                        "%" G_GUINT64_FORMAT " bytes at byte %" G_GUINT64_FORMAT,
                        entry->offset - *end, *end);
    if (!read_header(reading, error))
        return FALSE;
    *end = reading->at + reading->left;
    if (*end < reading->at)
        return refuse(reading, DA_CONTAINER_DAMAGED, "a size beyond all files");
    gboolean readable = is_readable(reading);
    if (!readable)
        return skip_descriptor(reading, end, error);
    gboolean copied =
        da_member_begin(reading->unpack, reading->member, error) && copy_content(reading, error);
    return da_member_end(reading->unpack, reading->member, copied ? error : NULL) && copied &&
           skip_descriptor(reading, end, error);
}

static gboolean read_members(DaUnpack *unpack, const DaZipDirectory *directory, GError **error)
{
    g_autofree Reading *reading = g_new(Reading, 1);
    guint64 end = directory->base;
    for (guint i = 0; i < directory->members->len; i++) {
        const DaZipMember *entry = &g_array_index(directory->members, DaZipMember, i);
        g_auto(DaMember) member = DA_MEMBER_INIT;
        member.is_folder = (entry->mode & S_IFMT) == S_IFDIR;
        member.packed_bytes = entry->packed_bytes;
        da_member_name(unpack, entry->name, entry->name_length, entry->is_utf8, TRUE, &member);
        reading->unpack = unpack;
        reading->entry = entry;
        reading->crc = 0;
        reading->member = &member;
        if (!read_member(reading, &end, error))
            return FALSE;
    }
    if (end > directory->at) {
        da_unpack_fault(unpack, DA_CONTAINER_DISAGREES, NULL, "a member overlaps the directory");
        return FALSE;
    }
    if (end < directory->at)
        da_unpack_fault(unpack, DA_CONTAINER_HIDDEN, NULL,
                        "%" G_GUINT64_FORMAT " bytes before the directory", directory->at - end);
    return TRUE;
}

gboolean da_unpack_zip(DaUnpack *unpack, GError **error)
{
    g_auto(DaZipDirectory) directory = {0};
    return da_zip_directory_read(unpack, &directory, error) &&
           claims_are_sane(unpack, &directory) && read_members(unpack, &directory, error);
}
