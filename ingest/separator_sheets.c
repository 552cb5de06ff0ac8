#include <dangan/error.h>
#include <dangan/separator.h>
#include <zint.h>

/* Printed sizes. A QR module becomes 1.5 mm and more, a bar of Code 128 half a millimetre: many pixels at 200 dpi, so that neither stains
 * nor a worn toner hide them. */
#define QR_MM 52.0
#define BARS_WIDTH_MM 170.0
#define BARS_HEIGHT_MM 34.0

struct DaSeparatorSheets {
    GString *html;
    guint count;
};

static const char head[] = "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta "
                           "charset=\"utf-8\"><title>分隔页 separator sheets</title>"
                           "<style>\n"
                           "@page { size: A4; margin: 0 }\n"
                           "body { margin: 0; font-family: 'Noto Sans CJK SC', 'Source Han Sans "
                           "SC', 'Microsoft YaHei', sans-serif }\n"
                           "section { box-sizing: border-box; width: 210mm; height: 296mm; "
                           "padding: 16mm 20mm; position: relative; "
                           "break-after: page; overflow: hidden }\n"
                           "h1 { font-size: 15mm; margin: 58mm 0 2mm } .m h1 { border-left: 6mm "
                           "solid #000; padding-left: 5mm }\n"
                           "h2 { font-size: 9mm; margin: 0 0 3mm; overflow-wrap: anywhere } p { "
                           "font-size: 5mm; margin: 0; overflow-wrap: anywhere }\n"
                           "svg { position: absolute; display: block } .a { top: 16mm; left: 20mm "
                           "} .b { bottom: 16mm; right: 20mm }\n"
                           ".c { bottom: 78mm; left: 20mm } small { position: absolute; bottom: "
                           "16mm; left: 20mm; width: 100mm; font-size: 3.6mm }\n"
                           "</style></head><body>\n";

DaSeparatorSheets *da_separator_sheets_new(void)
{
    DaSeparatorSheets *sheets = g_new0(DaSeparatorSheets, 1);
    sheets->html = g_string_new(head);
    return sheets;
}

guint da_separator_sheets_count(const DaSeparatorSheets *sheets)
{
    return sheets->count;
}

typedef struct zint_symbol Symbol;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Symbol, ZBarcode_Delete)

/* zint keeps a row of modules as bits, the lowest first. */
static gboolean is_dark(const Symbol *symbol, int row, int column)
{
    return symbol->encoded_data[row][column / 8] >> (column % 8) & 1;
}

/* Dark runs as one path; each row `height` modules high. */
static void append_path(GString *html, const Symbol *symbol, double height)
{
    g_string_append(html, "<path d=\"");
    for (int row = 0; row < symbol->rows; row++)
        for (int x = 0; x < symbol->width; x++) {
            int begin = x;
            while (x < symbol->width && is_dark(symbol, row, x))
                x++;
            if (x > begin)
                g_string_append_printf(html, "M%d %gh%dv%gh-%dz", begin, row * height, x - begin,
                                       height, x - begin);
        }
    g_string_append(html, "\"/>");
}

static Symbol *encode(int symbology, const char *payload, GError **error)
{
    g_autoptr(Symbol) symbol = ZBarcode_Create();
    symbol->symbology = symbology;
    symbol->input_mode = DATA_MODE;
    if (symbology == BARCODE_QRCODE)
        symbol->option_1 = 4; /* level H: a third of it may be lost */
    if (ZBarcode_Encode(symbol, (const unsigned char *)payload, 0) < ZINT_ERROR)
        return g_steal_pointer(&symbol);
    da_error_set(error, DA_ERROR_LIMIT, "'%s' does not fit on a separator sheet: %s", payload,
                 symbol->errtxt);
    return NULL;
}

static void append_qr(GString *html, const Symbol *symbol, const char *place)
{
    g_string_append_printf(
        html, "<svg class=\"%s\" style=\"width:%gmm;height:%gmm\" viewBox=\"0 0 %d %d\">", place,
        QR_MM, QR_MM, symbol->width, symbol->rows);
    append_path(html, symbol, 1);
    g_string_append(html, "</svg>");
}

static void append_bars(GString *html, const Symbol *symbol)
{
    double height = BARS_HEIGHT_MM / BARS_WIDTH_MM * symbol->width;
    g_string_append_printf(
        html, "<svg class=\"c\" style=\"width:%gmm;height:%gmm\" viewBox=\"0 0 %d %g\">",
        BARS_WIDTH_MM, BARS_HEIGHT_MM, symbol->width, height);
    append_path(html, symbol, height);
    g_string_append(html, "</svg>");
}

static void append_text(GString *html, const char *element, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text ? text : "", -1);
    g_string_append_printf(html, "<%s>%s</%s>", element, escaped, element);
}

gboolean da_separator_sheets_add(DaSeparatorSheets *sheets, DaSeparatorKind kind, const char *text,
                                 const char *caption, const char *note, GError **error)
{
    g_autofree char *payload = da_separator_payload(kind, text);
    g_autoptr(Symbol) qr = encode(BARCODE_QRCODE, payload, error);
    g_autoptr(Symbol) bars = qr ? encode(BARCODE_CODE128, payload, error) : NULL;
    if (!bars)
        return FALSE;
    gboolean dossier = kind == DA_SEPARATOR_DOSSIER;
    g_string_append_printf(sheets->html, "<section class=\"%s\">", dossier ? "d" : "m");
    append_qr(sheets->html, qr, "a");
    append_text(sheets->html, "h1", dossier ? "案卷 分隔页" : "材料 分隔页");
    append_text(sheets->html, "h2", caption);
    append_text(sheets->html, "p", note);
    append_bars(sheets->html, bars);
    append_qr(sheets->html, qr, "b");
    append_text(sheets->html, "small", payload);
    g_string_append(sheets->html, "</section>\n");
    sheets->count++;
    return TRUE;
}

GBytes *da_separator_sheets_finish(DaSeparatorSheets *sheets)
{
    g_string_append(sheets->html, "</body></html>\n");
    GBytes *bytes = g_string_free_to_bytes(sheets->html);
    g_free(sheets);
    return bytes;
}
