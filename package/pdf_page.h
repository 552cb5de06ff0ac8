/*
 * What is drawn on one page: the image, and the text over it that nobody sees and everybody can mark.
 */
#pragma once

#include "pdf_font.h"

#include <dangan/image.h>
#include <dangan/text.h>

typedef struct {
    double width_pt, height_pt; /* as people see the page */
} DaPdfSize;

/* The page of an image at `dpi` (0 = 300), upright by its EXIF orientation. */
DaPdfSize da_pdf_page_size(const DaImageInfo *info, guint dpi);
/* Draws image /I0 over the whole page. */
void da_pdf_draw_image(GString *content, const DaImageInfo *info, DaPdfSize size);
/* Places text in font /F0. */
void da_pdf_draw_text(GString *content, DaPdfFont *font, const DaPageText *text, DaPdfSize size);
