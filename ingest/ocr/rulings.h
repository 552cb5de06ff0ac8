/* Ruling lines of forms: found and taken out of a level 1-bit page, so that they are not read as strokes. */
#pragma once

#include <dangan/handle/pix.h>

/* A copy of `page` (1 bit, level) without its ruling lines; strokes that cross a line are mended. NULL when memory fails. */
Pix *da_rulings_remove(Pix *page, guint dpi);
