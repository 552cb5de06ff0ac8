/*
 * PDF syntax: numbered objects, streams, the cross-reference table. A failure is kept and makes everything after it do nothing;
 * da_pdf_out_commit() says it.
 */
#pragma once

#include <glib.h>

typedef struct DaPdfOut DaPdfOut;

DaPdfOut *da_pdf_out_new(const char *path, gboolean replace, GError **error);
void da_pdf_out_free(DaPdfOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPdfOut, da_pdf_out_free)

/* A number for an object that is written later, or is named before it is written. */
guint da_pdf_out_reserve(DaPdfOut *out);
/* The whole object `number`: "<< … >>". */
void da_pdf_out_object(DaPdfOut *out, guint number, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A stream; `entries` are those of its dictionary besides Length and Filter. `deflate` = compressed here, else the bytes as they are. */
void da_pdf_out_stream(DaPdfOut *out, guint number, const char *entries, const void *data,
                       gsize size, gboolean deflate);
/* Ends the file. `id` are 32 hexadecimal digits. */
gboolean da_pdf_out_commit(DaPdfOut *out, guint catalog, guint info, const char *id,
                           GError **error);

/* A text string, "<FEFF…>": UTF-16 in hexadecimal digits. The caller owns it. */
char *da_pdf_text(const char *utf8);
/* A number with at most four decimals and no exponent, whatever the locale; into `buffer`. */
#define DA_PDF_NUMBER 32
const char *da_pdf_number(double value, char buffer[DA_PDF_NUMBER]);
