#include "sheet.h"

/* One code, `module` px a module, upper left corner at x, y. */
void sheet_draw(Pix *page, int symbology, const char *payload, int module, int bar_px, int x, int y)
{
    struct zint_symbol *symbol = ZBarcode_Create();
    symbol->symbology = symbology;
    symbol->option_1 = symbology == BARCODE_QRCODE ? 4 : -1;
    g_assert(ZBarcode_Encode(symbol, (const unsigned char *)payload, 0) < ZINT_ERROR);
    for (int row = 0; row < symbol->rows; row++)
        for (int column = 0; column < symbol->width; column++)
            if (symbol->encoded_data[row][column / 8] >> (column % 8) & 1)
                pixRasterop(page, x + column * module, y + row * module, module,
                            bar_px ? bar_px : module, PIX_CLR, NULL, 0, 0);
    ZBarcode_Delete(symbol);
}

Pix *sheet_page(int dpi, gboolean qr, gboolean bars, const char *payload)
{
    Pix *page = pixCreate(210 * dpi / 25, 297 * dpi / 25, 8);
    pixSetAll(page);
    if (qr)
        sheet_draw(page, BARCODE_QRCODE, payload, dpi / 18, 0, dpi, dpi);
    if (bars)
        sheet_draw(page, BARCODE_CODE128, payload, dpi / 45, dpi * 4 / 3, dpi * 3 / 4, dpi * 6);
    return page;
}
