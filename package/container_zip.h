/* The central directory of a zip, and one member's place in the file. Source: PKWARE APPNOTE 6.3.10. */
#pragma once

#include "container.h"

#define DA_ZIP_FLAG_ENCRYPTED (1u << 0 | 1u << 6 | 1u << 13)
#define DA_ZIP_FLAG_DESCRIPTOR (1u << 3)
#define DA_ZIP_FLAG_UTF8 (1u << 11)

typedef struct {
    const char *name; /* in the directory's bytes */
    guint16 name_length;
    gboolean is_utf8;        /* by flag 11, or taken from the Unicode Path field */
    const char *header_name; /* as the header has it */
    guint16 header_name_length;
    guint16 flags, method;
    guint32 crc;
    guint64 packed_bytes, size_bytes;
    guint64 offset; /* of the local header in the file */
    guint32 mode;   /* of Unix; 0 = the maker was another system */
} DaZipMember;

typedef struct {
    guint8 *bytes; /* the directory */
    gsize size;
    guint64 at;      /* where it lies in the file */
    guint64 count;   /* members it should have */
    guint64 base;    /* bytes before the zip */
    GArray *members; /* DaZipMember, by offset */
} DaZipDirectory;

/* Finds and reads the directory. FALSE after a fault, or with an error. */
gboolean da_zip_directory_read(DaUnpack *unpack, DaZipDirectory *directory, GError **error);
void da_zip_directory_clear(DaZipDirectory *directory);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaZipDirectory, da_zip_directory_clear)

static inline guint16 da_zip_16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

static inline guint32 da_zip_32(const guint8 *p)
{
    return (guint32)da_zip_16(p) | (guint32)da_zip_16(p + 2) << 16;
}

static inline guint64 da_zip_64(const guint8 *p)
{
    return (guint64)da_zip_32(p) | (guint64)da_zip_32(p + 4) << 32;
}

/* The content of an extra field; NULL = there is none. */
const guint8 *da_zip_extra(const guint8 *extra, gsize size, guint16 id, gsize *length);
