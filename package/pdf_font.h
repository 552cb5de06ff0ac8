/*
 * The font of invisible text: two empty glyphs, a full width and half of it, which all characters share. A character gets the next
 * number (CID) when it is first used, so that every character of Unicode has one, and the ToUnicode map says which it is.
 */
#pragma once

#include "pdf_out.h"

/* Units of a glyph's width in 1/1000 of the font size. */
#define DA_PDF_FULL_WIDTH 1000u
#define DA_PDF_HALF_WIDTH 500u
/* Where the line stands in its box, in 1/1000 of the font size. */
#define DA_PDF_DESCENT 200

typedef struct DaPdfFont DaPdfFont;

DaPdfFont *da_pdf_font_new(void);
void da_pdf_font_free(DaPdfFont *font);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPdfFont, da_pdf_font_free)

/* Appends the number of a character as four hexadecimal digits; returns its width. A font holds 65,535 characters; more become U+FFFD. */
guint da_pdf_font_add(DaPdfFont *font, gunichar character, GString *hex);
/* Writes the font as object `number`. */
void da_pdf_font_write(const DaPdfFont *font, DaPdfOut *out, guint number);
