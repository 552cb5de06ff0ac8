#include "pdf_font.h"

#include <string.h>

#define NAME "DANGAN+Glyphless"
#define CHARACTERS_MAX 65535u
#define REPLACEMENT 0xFFFDu
#define BFCHAR_MAX 100u /* entries of one block. Source: Adobe Technical Note 5014 §3 */

enum { GLYPH_NONE, GLYPH_FULL, GLYPH_HALF, GLYPHS };
static const guint16 glyph_width[GLYPHS] = {DA_PDF_FULL_WIDTH, DA_PDF_FULL_WIDTH,
                                            DA_PDF_HALF_WIDTH};

struct DaPdfFont {
    GHashTable *numbers; /* gunichar → CID, from 1 */
    GArray *characters;  /* gunichar; index + 1 = CID */
};

DaPdfFont *da_pdf_font_new(void)
{
    DaPdfFont *font = g_new0(DaPdfFont, 1);
    font->numbers = g_hash_table_new(NULL, NULL);
    font->characters = g_array_new(FALSE, FALSE, sizeof(gunichar));
    return font;
}

void da_pdf_font_free(DaPdfFont *font)
{
    if (!font)
        return;
    g_hash_table_unref(font->numbers);
    g_array_unref(font->characters);
    g_free(font);
}

static guint glyph_of(gunichar character)
{
    return g_unichar_iswide(character) ? GLYPH_FULL : GLYPH_HALF;
}

guint da_pdf_font_add(DaPdfFont *font, gunichar character, GString *hex)
{
    guint number =
        GPOINTER_TO_UINT(g_hash_table_lookup(font->numbers, GUINT_TO_POINTER(character)));
    if (!number && font->characters->len + 1 >= CHARACTERS_MAX && character != REPLACEMENT)
        return da_pdf_font_add(font, REPLACEMENT, hex);
    if (!number) {
        g_array_append_val(font->characters, character);
        number = font->characters->len;
        g_hash_table_insert(font->numbers, GUINT_TO_POINTER(character), GUINT_TO_POINTER(number));
    }
    g_string_append_printf(hex, "%04X", number);
    return glyph_width[glyph_of(character)];
}

/* --- TrueType: as little as a reader needs. Source: OpenType 1.9, chapter otff. --------------------------------------------- */

static void u16(GByteArray *to, guint value)
{
    const guint8 bytes[] = {(guint8)(value >> 8), (guint8)value};
    g_byte_array_append(to, bytes, 2);
}

static void u32(GByteArray *to, guint32 value)
{
    u16(to, value >> 16);
    u16(to, value & 0xFFFF);
}

static void zeros(GByteArray *to, guint n)
{
    for (guint i = 0; i < n; i++)
        g_byte_array_append(to, (const guint8 *)"", 1);
}

static void table_head(GByteArray *to)
{
    u32(to, 0x00010000);
    u32(to, 0x00010000);
    u32(to, 0); /* checkSumAdjustment, set at the end */
    u32(to, 0x5F0F3CF5);
    u16(to, 0);
    u16(to, 1000); /* units of an em */
    zeros(to, 16); /* made and changed: not said */
    zeros(to, 8);  /* box around nothing */
    u16(to, 0);
    u16(to, 8);
    u16(to, 2);
    u16(to, 0); /* short loca */
    u16(to, 0);
}

static void table_hhea(GByteArray *to)
{
    u32(to, 0x00010000);
    u16(to, 1000 - DA_PDF_DESCENT);
    u16(to, (guint)-DA_PDF_DESCENT);
    u16(to, 0);
    u16(to, DA_PDF_FULL_WIDTH);
    zeros(to, 22);
    u16(to, GLYPHS);
}

static void table_maxp(GByteArray *to)
{
    u32(to, 0x00010000);
    u16(to, GLYPHS);
    zeros(to, 8);
    u16(to, 2); /* zones */
    zeros(to, 16);
}

static void table_hmtx(GByteArray *to)
{
    for (guint i = 0; i < GLYPHS; i++) {
        u16(to, glyph_width[i]);
        u16(to, 0);
    }
}

static void table_loca(GByteArray *to)
{
    zeros(to, 2 * (GLYPHS + 1));
}

static void table_glyf(GByteArray *to)
{
    zeros(to, 4);
}

/* One character has a glyph of its own here; PDF goes by numbers and does not look. */
static void table_cmap(GByteArray *to)
{
    static const guint16 words[] = {
        0,    1,      3, 1,    0,      12, /* one subtable: Windows, BMP */
        4,    32,     0, 4,    4,      1,
        0, /* format 4, two segments */
        0x20, 0xFFFF, 0, 0x20, 0xFFFF, (guint16)(GLYPH_HALF - 0x20),
        1,    0,      0};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        u16(to, words[i]);
}

static void table_post(GByteArray *to)
{
    u32(to, 0x00030000); /* no names of glyphs */
    zeros(to, 28);
}

static guint32 checksum(const guint8 *data, gsize size)
{
    guint32 sum = 0;
    for (gsize i = 0; i < size; i++)
        sum += (guint32)data[i] << (24 - 8 * (i % 4));
    return sum;
}

static GByteArray *make_truetype(void)
{
    static const struct {
        const char *tag;
        void (*make)(GByteArray *to);
    } tables[] = {{"cmap", table_cmap}, {"glyf", table_glyf}, {"head", table_head},
                  {"hhea", table_hhea}, {"hmtx", table_hmtx}, {"loca", table_loca},
                  {"maxp", table_maxp}, {"post", table_post}};
    enum { TABLES = G_N_ELEMENTS(tables), DIRECTORY = 12 + 16 * TABLES };
    g_autoptr(GByteArray) body = g_byte_array_new();
    GByteArray *font = g_byte_array_new();
    guint head = 0;
    u32(font, 0x00010000);
    u16(font, TABLES);
    u16(font,
        128); /* the largest power of two in the number of tables, times 16, and what follows from it */
    u16(font, 3);
    u16(font, TABLES * 16 - 128);
    for (guint i = 0; i < TABLES; i++) {
        guint start = body->len;
        tables[i].make(body);
        guint length = body->len - start;
        zeros(body, (4 - length % 4) % 4);
        if (tables[i].make == table_head)
            head = DIRECTORY + start;
        g_byte_array_append(font, (const guint8 *)tables[i].tag, 4);
        u32(font, checksum(body->data + start, body->len - start));
        u32(font, DIRECTORY + start);
        u32(font, length);
    }
    g_byte_array_append(font, body->data, body->len);
    guint32 adjustment = GUINT32_TO_BE(0xB1B0AFBAu - checksum(font->data, font->len));
    memcpy(font->data + head + 8, &adjustment, 4);
    return font;
}

/* --- the objects --------------------------------------------------------------------------------------------------------------- */

static gunichar character_at(const DaPdfFont *font, guint index)
{
    return g_array_index(font->characters, gunichar, index);
}

static void write_glyph_map(const DaPdfFont *font, DaPdfOut *out, guint number)
{
    g_autoptr(GByteArray) map = g_byte_array_new();
    u16(map, GLYPH_FULL); /* number 0 is not used; no text refers to .notdef */
    for (guint i = 0; i < font->characters->len; i++)
        u16(map, glyph_of(character_at(font, i)));
    da_pdf_out_stream(out, number, "", map->data, map->len, TRUE);
}

static void append_utf16(GString *text, gunichar character)
{
    gunichar2 units[2];
    glong n = 0;
    char utf8[7] = "";
    g_unichar_to_utf8(character, utf8);
    g_autofree gunichar2 *utf16 = g_utf8_to_utf16(utf8, -1, NULL, &n, NULL);
    memcpy(units, utf16, (gsize)MIN(n, 2) * sizeof units[0]);
    for (glong i = 0; i < MIN(n, 2); i++)
        g_string_append_printf(text, "%04X", units[i]);
}

static void write_unicode_map(const DaPdfFont *font, DaPdfOut *out, guint number)
{
    g_autoptr(GString) map = g_string_new(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n<< "
        "/Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS "
        "def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    guint n = font->characters->len;
    for (guint i = 0; i < n; i++) {
        if (i % BFCHAR_MAX == 0)
            g_string_append_printf(map, "%u beginbfchar\n", MIN(BFCHAR_MAX, n - i));
        g_string_append_printf(map, "<%04X> <", i + 1);
        append_utf16(map, character_at(font, i));
        g_string_append(map, ">\n");
        if (i % BFCHAR_MAX == BFCHAR_MAX - 1 || i == n - 1)
            g_string_append(map, "endbfchar\n");
    }
    g_string_append(map, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    da_pdf_out_stream(out, number, "", map->str, map->len, TRUE);
}

static char *widths_of(const DaPdfFont *font)
{
    GString *widths = g_string_new("[1 [");
    for (guint i = 0; i < font->characters->len; i++)
        g_string_append_printf(widths, "%s%u", i ? " " : "",
                               glyph_width[glyph_of(character_at(font, i))]);
    g_string_append(widths, "]]");
    return g_string_free(widths, FALSE);
}

void da_pdf_font_write(const DaPdfFont *font, DaPdfOut *out, guint number)
{
    guint descendant = da_pdf_out_reserve(out), descriptor = da_pdf_out_reserve(out);
    guint file = da_pdf_out_reserve(out), glyphs = da_pdf_out_reserve(out);
    guint unicode = da_pdf_out_reserve(out);
    g_autoptr(GByteArray) truetype = make_truetype();
    g_autofree char *length = g_strdup_printf("/Length1 %u", truetype->len);
    g_autofree char *widths = widths_of(font);
    da_pdf_out_object(out, number,
                      "<< /Type /Font /Subtype /Type0 /BaseFont /" NAME
                      " /Encoding /Identity-H /DescendantFonts [%u 0 R] /ToUnicode %u 0 R >>",
                      descendant, unicode);
    da_pdf_out_object(out, descendant,
                      "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /" NAME
                      " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
                      "/FontDescriptor %u 0 R /DW %u /W %s /CIDToGIDMap %u 0 R >>",
                      descriptor, DA_PDF_FULL_WIDTH, widths, glyphs);
    da_pdf_out_object(out, descriptor,
                      "<< /Type /FontDescriptor /FontName /" NAME
                      " /Flags 4 /FontBBox [0 -%d 1000 %d] /ItalicAngle 0 /Ascent %d /Descent -%d "
                      "/CapHeight %d /StemV 80 /FontFile2 %u 0 R >>",
                      DA_PDF_DESCENT, 1000 - DA_PDF_DESCENT, 1000 - DA_PDF_DESCENT, DA_PDF_DESCENT,
                      1000 - DA_PDF_DESCENT, file);
    da_pdf_out_stream(out, file, length, truetype->data, truetype->len, TRUE);
    write_glyph_map(font, out, glyphs);
    write_unicode_map(font, out, unicode);
}
