/* Separator sheets as pictures. */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>
#include <zint.h>

/* One code, `module` px a module, its upper left corner at x, y; `bar_px` is the height of bars (0 = square modules). */
void sheet_draw(Pix *page, int symbology, const char *payload, int module, int bar_px, int x,
                int y);
/* A white A4 page with QR code, bars, or both. */
Pix *sheet_page(int dpi, gboolean qr, gboolean bars, const char *payload);
