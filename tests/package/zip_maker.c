#include "zip_maker.h"

#include <string.h>
#include <zlib.h>

static void put(GByteArray *out, guint64 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++) {
        guint8 byte = (guint8)(value >> (8 * i));
        g_byte_array_append(out, &byte, 1);
    }
}

static void put_bytes(GByteArray *out, GBytes *bytes)
{
    if (bytes && g_bytes_get_size(bytes))
        g_byte_array_append(out, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
}

static void member_free(gpointer data)
{
    ZipMaker *member = data;
    g_free(member->name);
    g_free(member->local_name);
    g_bytes_unref(member->content);
    g_clear_pointer(&member->extra, g_bytes_unref);
    g_clear_pointer(&member->before, g_bytes_unref);
    g_free(member);
}

ZipMaker *zip_member(GPtrArray *zip, const char *name, const char *text)
{
    ZipMaker *member = g_new0(ZipMaker, 1);
    member->name = g_strdup(name);
    member->content = g_bytes_new(text, strlen(text));
    member->flags = 1u << 11;
    g_ptr_array_add(zip, member);
    return member;
}

GPtrArray *zip_new(void)
{
    GPtrArray *zip = g_ptr_array_new_with_free_func(member_free);
    zip_member(zip, "档案/a.txt", "first member, stored");
    zip_member(zip, "档案/b.txt", "second member, deflated deflated deflated")->deflate = TRUE;
    return zip;
}

static GBytes *deflated(GBytes *plain)
{
    z_stream stream = {0};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);
    gsize room = deflateBound(&stream, size);
    guint8 *out = g_malloc(room);
    stream.next_in = (Bytef *)data;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    deflate(&stream, Z_FINISH);
    gsize length = room - stream.avail_out;
    deflateEnd(&stream);
    return g_bytes_new_take(out, length);
}

typedef struct {
    guint64 offset, packed, size;
    guint32 crc;
    guint16 method;
} Placed;

static void put_local(GByteArray *out, const ZipMaker *member, Placed *placed)
{
    gboolean later = member->descriptor;
    const char *name = member->local_name ? member->local_name : member->name;
    guint64 size = placed->size + (guint64)member->local_size_error;
    put_bytes(out, member->before);
    placed->offset = out->len;
    g_byte_array_append(out, (const guint8 *)"PK\3\4", 4);
    put(out, 20, 2);
    put(out, member->flags | (later ? 8u : 0u), 2);
    put(out, placed->method, 2);
    put(out, 0, 4); /* time and date */
    put(out, later ? 0 : placed->crc, 4);
    put(out, later ? 0 : member->zip64 ? 0xFFFFFFFF : placed->packed, 4);
    put(out, later ? 0 : member->zip64 ? 0xFFFFFFFF : size, 4);
    put(out, strlen(name), 2);
    put(out, member->zip64 && !later ? 20 : 0, 2);
    g_byte_array_append(out, (const guint8 *)name, (guint)strlen(name));
    if (member->zip64 && !later) {
        put(out, 1, 2);
        put(out, 16, 2);
        put(out, size, 8);
        put(out, placed->packed, 8);
    }
}

static void put_member(GByteArray *out, const ZipMaker *member, Placed *placed)
{
    g_autoptr(GBytes) packed =
        member->deflate ? deflated(member->content) : g_bytes_ref(member->content);
    gsize size = 0;
    const void *data = g_bytes_get_data(member->content, &size);
    placed->method = member->method ? member->method : member->deflate ? 8 : 0;
    placed->packed = g_bytes_get_size(packed);
    placed->size = size + (guint64)member->size_error;
    placed->crc = (guint32)crc32(0, data, (uInt)size) ^ member->crc_error;
    put_local(out, member, placed);
    put_bytes(out, packed);
    if (!member->descriptor)
        return;
    g_byte_array_append(out, (const guint8 *)"PK\7\10", 4);
    put(out, placed->crc, 4);
    put(out, placed->packed, member->zip64 ? 8 : 4);
    put(out, placed->size, member->zip64 ? 8 : 4);
}

static void put_entry(GByteArray *out, const ZipMaker *member, const Placed *placed, guint64 offset)
{
    gsize extra = (member->zip64 ? 28 : 0) + (member->extra ? g_bytes_get_size(member->extra) : 0);
    g_byte_array_append(out, (const guint8 *)"PK\1\2", 4);
    put(out, 3u << 8 | 20, 2); /* made on Unix */
    put(out, 20, 2);
    put(out, member->flags | (member->descriptor ? 8u : 0u), 2);
    put(out, placed->method, 2);
    put(out, 0, 4);
    put(out, placed->crc, 4);
    put(out, member->zip64 ? 0xFFFFFFFF : placed->packed, 4);
    put(out, member->zip64 ? 0xFFFFFFFF : placed->size, 4);
    put(out, strlen(member->name), 2);
    put(out, extra, 2);
    put(out, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
    put(out, (guint64)member->mode << 16, 4);
    put(out, member->zip64 ? 0xFFFFFFFF : offset, 4);
    g_byte_array_append(out, (const guint8 *)member->name, (guint)strlen(member->name));
    if (member->zip64) {
        put(out, 1, 2);
        put(out, 24, 2);
        put(out, placed->size, 8);
        put(out, placed->packed, 8);
        put(out, offset, 8);
    }
    put_bytes(out, member->extra);
}

GByteArray *zip_make(const GPtrArray *zip)
{
    GByteArray *out = g_byte_array_new();
    g_autofree Placed *placed = g_new0(Placed, zip->len + 1);
    for (guint i = 0; i < zip->len; i++)
        put_member(out, zip->pdata[i], &placed[i]);
    guint64 directory = out->len;
    for (guint i = 0; i < zip->len; i++) {
        const ZipMaker *member = zip->pdata[i];
        const Placed *target = member->offset_of ? &placed[member->offset_of - 1] : &placed[i];
        put_entry(out, member, &placed[i], target->offset);
    }
    guint64 size = out->len - directory;
    g_byte_array_append(out, (const guint8 *)"PK\5\6", 4);
    put(out, 0, 4);
    put(out, zip->len, 2);
    put(out, zip->len, 2);
    put(out, size, 4);
    put(out, directory, 4);
    put(out, 0, 2);
    return out;
}
