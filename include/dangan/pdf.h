/*
 * A dossier as a searchable PDF (PDF/A-2u): each side is a page, its access image as it is, its recognized text invisible over it.
 *
 * A JPEG goes in byte for byte, nothing is compressed again; other images are encoded once, in a worker. Text is placed line by line, word by
 * word within its line, so that what is marked on screen is what was read, and without spaces between Chinese characters. The font is in the
 * file from the start: a font of empty glyphs, whose characters (all of Unicode, rare ones too) are named in its ToUnicode map. Bookmarks are classes and
 * materials, page labels the stems. The same dossier gives the same bytes.
 *
 * Memory depends on the largest page, not on their number.
 * Source: ISO 32000-1:2008; ISO 19005-2:2011.
 */
#pragma once

#include <dangan/profile.h>

typedef struct {
    guint pages;
    guint without_text; /* sides with content that nobody recognized */
    guint encoded;      /* access images that were no JPEG */
} DaPdfWritten;

/* Writes `dossier`, whose access and OCR files must have paths and digests, to the new file `path`, which appears whole or not at all. `profile` gives the
 * names of the classes; NULL = codes alone. DA_ERROR_INPUT names the page whose file is missing, damaged or another one; DA_ERROR_CONFLICT when
 * `path` exists, unless `replace`. */
gboolean da_pdf_write(const DaDossier *dossier, const DaProfile *profile, const char *path, gboolean replace, DaPdfWritten *written,
                      GError **error);
