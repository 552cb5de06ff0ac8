/* One PDF under construction. */
#pragma once

#include "pdf_font.h"

#include <dangan/pdf.h>

typedef struct {
    const DaDossier *dossier;
    const DaProfile *profile; /* NULL = codes alone */
    DaPdfOut *out;
    DaPdfFont *font;
    guint font_object, pages_object;
    GArray *pages;       /* guint: object of each page */
    GHashTable *encoded; /* stem → path of a JPEG made of an access image that is none */
    DaPdfWritten *written;
} DaPdf;

/* Bookmarks: classes, in them materials. Returns the object; 0 = there is nothing to mark. */
guint da_pdf_write_outline(const DaPdf *pdf);
/* XMP; the same facts as the information dictionary. Returns the object. */
guint da_pdf_write_metadata(const DaPdf *pdf);
/* The information dictionary. Returns the object. */
guint da_pdf_write_info(const DaPdf *pdf);
/* What the colours of the images mean: sRGB. Returns the object of the output intent. */
guint da_pdf_write_intent(const DaPdf *pdf, GError **error);
/* Makes a JPEG below `folder` of each access image that is none, in workers; fills pdf->encoded. */
gboolean da_pdf_encode_others(DaPdf *pdf, const char *folder, GError **error);
