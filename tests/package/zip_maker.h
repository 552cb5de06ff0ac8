/* A zip of two members, in which a test can spoil any one thing. */
#pragma once

#include <glib.h>

typedef struct {
    char *name;       /* bytes */
    char *local_name; /* NULL = the same */
    GBytes *content;  /* plain */
    gboolean deflate, descriptor, zip64;
    guint16 flags, method; /* `method` 0 = as `deflate` says */
    guint32 mode;          /* Unix */
    guint32 crc_error;     /* xor */
    gint64 size_error;     /* added in both headers */
    gint64 local_size_error;
    gint64 offset_of; /* of another member's header, 1-based; 0 = its own */
    GBytes *extra;    /* in the directory */
    GBytes *before;   /* bytes before its header */
} ZipMaker;

ZipMaker *zip_member(GPtrArray *zip, const char *name, const char *text);
/* "档案/a.txt" stored and "档案/b.txt" deflated. */
GPtrArray *zip_new(void);
GByteArray *zip_make(const GPtrArray *zip);
