/* Masters out of containers: the bytes of the scanner's stream, or a sentence that says why not. */
#include "scene.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/split.h>
#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *path_in(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_file(const char *path, const void *data, gsize size)
{
    assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
}

/* Raw strips of directory `n`, one after another. */
static GByteArray *strips_of(const char *path, guint n, guint *compression)
{
    TIFF *tiff = TIFFOpen(path, "r");
    assert_non_null(tiff);
    assert_int_equal(TIFFSetDirectory(tiff, (tdir_t)n), 1);
    guint16 value = 0;
    TIFFGetField(tiff, TIFFTAG_COMPRESSION, &value);
    *compression = value;
    GByteArray *all = g_byte_array_new();
    for (guint32 i = 0; i < TIFFNumberOfStrips(tiff); i++) {
        gsize size = (gsize)TIFFRawStripSize(tiff, i);
        g_autofree guint8 *data = g_malloc(size);
        assert_int_equal(TIFFReadRawStrip(tiff, i, data, (tmsize_t)size), size);
        g_byte_array_append(all, data, (guint)size);
    }
    TIFFClose(tiff);
    return all;
}

static void strips_of_a_tiff_stay_byte_for_byte(void **state)
{
    static const struct {
        int format;
        guint compression;
    } cases[] = {
        {IFF_TIFF_LZW, COMPRESSION_LZW},           {IFF_TIFF_ZIP, COMPRESSION_ADOBE_DEFLATE},
        {IFF_TIFF_JPEG, COMPRESSION_JPEG},         {IFF_TIFF_G4, COMPRESSION_CCITTFAX4},
        {IFF_TIFF_PACKBITS, COMPRESSION_PACKBITS}, {IFF_TIFF, COMPRESSION_NONE}};
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "t.tif"), *master_path = path_in(folder, "m.tif");
    for (guint c = 0; c < G_N_ELEMENTS(cases); c++) {
        gboolean bitonal = cases[c].format == IFF_TIFF_G4 || cases[c].format == IFF_TIFF_PACKBITS;
        for (guint n = 0; n < 3; n++) {
            g_autoptr(Pix) colour = scene_page(n + 1);
            g_autoptr(Pix) page = bitonal ? pixConvertTo1(colour, 128) : pixClone(colour);
            assert_int_equal(pixWriteTiff(path, page, cases[c].format, n ? "a" : "w"), 0);
        }
        g_autoptr(DaScanFile) scan = da_scan_file_open(path, NULL);
        assert_non_null(scan);
        assert_int_equal(da_scan_file_frames(scan), 3);
        assert_true(da_scan_file_is_container(scan));
        for (guint n = 0; n < 3; n++) {
            guint dpi = 0, before, after;
            g_autoptr(GBytes) master = da_scan_file_master(scan, n + 1, &dpi, NULL);
            assert_non_null(master);
            assert_int_equal(dpi, 200);
            write_file(master_path, g_bytes_get_data(master, NULL), g_bytes_get_size(master));
            g_autoptr(GByteArray) wanted = strips_of(path, n, &before);
            g_autoptr(GByteArray) found = strips_of(master_path, 0, &after);
            assert_int_equal(before, cases[c].compression);
            assert_int_equal(after, before);
            assert_int_equal(found->len, wanted->len);
            assert_memory_equal(found->data, wanted->data, wanted->len);
            g_autoptr(Pix) pixels = da_image_decode(master, NULL);
            assert_non_null(pixels);
        }
    }
    scene_end(folder);
}

/* --- PDF ------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    GString *bytes;
    GArray *offsets;
} Pdf;

static Pdf pdf_begin(void)
{
    Pdf pdf = {g_string_new("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"),
               g_array_new(FALSE, FALSE, sizeof(gsize))};
    return pdf;
}

static void pdf_object(Pdf *pdf, const char *text, const void *stream, gsize size)
{
    g_array_append_val(pdf->offsets, pdf->bytes->len);
    g_string_append_printf(pdf->bytes, "%u 0 obj\n%s\n", pdf->offsets->len, text);
    if (stream) {
        g_string_append(pdf->bytes, "stream\n");
        g_string_append_len(pdf->bytes, stream, (gssize)size);
        g_string_append(pdf->bytes, "\nendstream\n");
    }
    g_string_append(pdf->bytes, "endobj\n");
}

/* `more` stands in the trailer. */
static void pdf_end(Pdf *pdf, const char *path, const char *more)
{
    gsize xref = pdf->bytes->len;
    g_string_append_printf(pdf->bytes, "xref\n0 %u\n0000000000 65535 f \n", pdf->offsets->len + 1);
    for (guint i = 0; i < pdf->offsets->len; i++)
        g_string_append_printf(pdf->bytes, "%010" G_GSIZE_FORMAT " 00000 n \n",
                               g_array_index(pdf->offsets, gsize, i));
    g_string_append_printf(pdf->bytes,
                           "trailer\n<< /Size %u /Root 1 0 R %s >>\nstartxref\n%" G_GSIZE_FORMAT
                           "\n%%%%EOF\n",
                           pdf->offsets->len + 1, more, xref);
    write_file(path, pdf->bytes->str, pdf->bytes->len);
    g_string_free(pdf->bytes, TRUE);
    g_array_unref(pdf->offsets);
}

/* One page of 8.27 x 11.65 inches whose content is `draws` and whose image is `dictionary` with `data`. */
static void write_pdf(const char *path, const char *draws, const char *dictionary, const void *data,
                      gsize size, const char *trailer)
{
    Pdf pdf = pdf_begin();
    pdf_object(&pdf, "<< /Type /Catalog /Pages 2 0 R >>", NULL, 0);
    pdf_object(&pdf, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", NULL, 0);
    pdf_object(&pdf,
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 297.72 419.4] /Contents 4 0 R "
               "/Resources << /XObject << /I 5 0 R /J 5 0 R >> /Font << /F 6 0 R >> >> >>",
               NULL, 0);
    g_autofree char *length = g_strdup_printf("<< /Length %zu >>", strlen(draws));
    pdf_object(&pdf, length, draws, strlen(draws));
    g_autofree char *image =
        g_strdup_printf("<< /Type /XObject /Subtype /Image %s /Length %zu >>", dictionary, size);
    pdf_object(&pdf, image, data, size);
    pdf_object(&pdf, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", NULL, 0);
    pdf_end(&pdf, path, trailer);
}

#define DRAW "q 297.72 0 0 419.4 0 0 cm /I Do Q"
#define SIZE "/Width 827 /Height 1165 "
#define COLOUR SIZE "/ColorSpace /DeviceRGB /BitsPerComponent 8 "

static GBytes *jpeg_page(void)
{
    g_autoptr(Pix) page = scene_page(1);
    return da_image_encode_jpeg(page, 85, NULL);
}

static GBytes *master_of(const char *path, guint *dpi, GError **error)
{
    g_autoptr(DaScanFile) scan = da_scan_file_open(path, error);
    return scan ? da_scan_file_master(scan, 1, dpi, error) : NULL;
}

static void a_jpeg_in_a_pdf_stays_byte_for_byte(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "t.pdf");
    g_autoptr(GBytes) jpeg = jpeg_page();
    gsize size;
    const void *data = g_bytes_get_data(jpeg, &size);
    guint dpi = 0;
    write_pdf(path, DRAW, COLOUR "/Filter /DCTDecode", data, size, "");
    g_autoptr(GBytes) plain = master_of(path, &dpi, NULL);
    assert_non_null(plain);
    assert_true(g_bytes_equal(plain, jpeg));
    assert_int_equal(dpi, 200); /* 1165 px over 419.4 points */
    /* The same behind another filter, and with text that OCR laid over it. */
    GString *hex = g_string_new(NULL);
    for (gsize i = 0; i < size; i++)
        g_string_append_printf(hex, "%02x", ((const guint8 *)data)[i]);
    g_string_append_c(hex, '>');
    write_pdf(path, DRAW " BT 3 Tr /F 9 Tf (hidden) Tj ET",
              COLOUR "/Filter [/ASCIIHexDecode /DCTDecode]", hex->str, hex->len, "");
    g_string_free(hex, TRUE);
    g_autoptr(GBytes) wrapped = master_of(path, NULL, NULL);
    assert_non_null(wrapped);
    assert_true(g_bytes_equal(wrapped, jpeg));
    scene_end(folder);
}

static void group_4_in_a_pdf_is_the_strip_of_a_tiff(void **state)
{
    char *folder = scene_begin();
    g_autofree char *tiff_path = path_in(folder, "t.tif"), *path = path_in(folder, "t.pdf"),
                    *master_path = path_in(folder, "m.tif");
    g_autoptr(Pix) colour = scene_page(2);
    g_autoptr(Pix) page = pixConvertTo1(colour, 128);
    TIFF *tiff = TIFFOpen(tiff_path, "w"); /* one strip, as scanners make PDF */
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 827);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1165);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 1165);
    for (guint y = 0; y < 1165; y++) {
        guint32 row[26];
        for (guint i = 0; i < 26; i++)
            row[i] = GUINT32_TO_BE(pixGetData(page)[y * (guint)pixGetWpl(page) + i]);
        assert_int_equal(TIFFWriteScanline(tiff, row, y, 0), 1);
    }
    TIFFClose(tiff);
    guint compression;
    g_autoptr(GByteArray) strip = strips_of(tiff_path, 0, &compression);
    write_pdf(path, DRAW,
              SIZE "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
                   "/DecodeParms << /K -1 /Columns 827 /Rows 1165 >>",
              strip->data, strip->len, "");
    g_autoptr(GBytes) master = master_of(path, NULL, NULL);
    assert_non_null(master);
    write_file(master_path, g_bytes_get_data(master, NULL), g_bytes_get_size(master));
    g_autoptr(GByteArray) found = strips_of(master_path, 0, &compression);
    assert_int_equal(compression, COMPRESSION_CCITTFAX4);
    assert_int_equal(found->len, strip->len);
    assert_memory_equal(found->data, strip->data, strip->len);
    g_autoptr(Pix) pixels = da_image_decode(master, NULL);
    gint32 same = 0;
    g_autoptr(Pix) flat = pixels ? pixConvertTo1(pixels, 128) : NULL;
    assert_non_null(flat);
    pixEqual(flat, page, &same);
    assert_true(same);
    scene_end(folder);
}

/* --- refusals ------------------------------------------------------------------------------------------------------------- */

static void assert_refused(const char *path, const char *label, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) master = master_of(path, NULL, &error);
    if (master)
        fail_msg("%s was taken", label);
    g_autofree char *base = g_path_get_basename(path);
    if (!strstr(error->message, words) || !strstr(error->message, base))
        fail_msg("%s: %s", label, error->message);
}

static void pdfs_that_are_no_scans_are_refused_by_name(void **state)
{
    g_autoptr(GBytes) jpeg = jpeg_page();
    gsize size;
    const char *data = g_bytes_get_data(jpeg, &size);
    const struct {
        const char *label, *draws, *image, *words;
    } cases[] = {
        {"text", DRAW " BT /F 12 Tf (printed) Tj ET", COLOUR "/Filter /DCTDecode", "printed text"},
        {"two images", DRAW " /J Do", COLOUR "/Filter /DCTDecode", "2 images"},
        {"no image", "BT /F 12 Tf (only) Tj ET", COLOUR "/Filter /DCTDecode", "no image"},
        {"nothing drawn", "", COLOUR "/Filter /DCTDecode", "no image"},
        {"inline image", "BI /W 1 /H 1 ID x EI", COLOUR "/Filter /DCTDecode", "inline image"},
        {"JPEG 2000", DRAW, SIZE "/Filter /JPXDecode", "JPEG 2000"},
        {"JBIG2", DRAW, SIZE "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode",
         "JBIG2"},
        {"a mask", DRAW, COLOUR "/Filter /DCTDecode /SMask 5 0 R", "mask"},
        {"no size", DRAW, "/ColorSpace /DeviceRGB /Filter /DCTDecode", "no size"},
        {"four billion pixels", DRAW,
         "/Width 65535 /Height 65535 /ColorSpace /DeviceRGB /BitsPerComponent 8", "limit"},
        {"no JPEG inside", DRAW, COLOUR "/Filter [/ASCIIHexDecode /DCTDecode]", "cannot be read"},
        {"group 3", DRAW,
         SIZE "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode", "group 4"},
    };
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "named.pdf");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_pdf(path, cases[i].draws, cases[i].image, data, size, "");
        assert_refused(path, cases[i].label, cases[i].words);
    }
    scene_end(folder);
}

static void an_encrypted_pdf_says_so(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "plain.pdf"), *locked = path_in(folder, "locked.pdf");
    g_autoptr(GBytes) jpeg = jpeg_page();
    write_pdf(path, DRAW, COLOUR "/Filter /DCTDecode", g_bytes_get_data(jpeg, NULL),
              g_bytes_get_size(jpeg), "");
    for (int user = 0; user < 2; user++) {
        qpdf_data qpdf = qpdf_init();
        assert_int_equal(qpdf_read(qpdf, path, NULL), QPDF_SUCCESS);
        assert_int_equal(qpdf_init_write(qpdf, locked), QPDF_SUCCESS);
        qpdf_set_r6_encryption_parameters2(qpdf, user ? "secret" : "", "owner", QPDF_TRUE,
                                           QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE,
                                           qpdf_r3p_full, QPDF_TRUE);
        assert_int_equal(qpdf_write(qpdf), QPDF_SUCCESS);
        qpdf_cleanup(&qpdf);
        assert_refused(locked, user ? "password" : "protection", "encrypted");
    }
    scene_end(folder);
}

static void broken_pdfs_are_refused(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "broken.pdf");
    g_autoptr(GBytes) jpeg = jpeg_page();
    gsize size, whole;
    const void *data = g_bytes_get_data(jpeg, &size);
    write_pdf(path, DRAW, COLOUR "/Filter /DCTDecode", data, size, "");
    g_autofree char *bytes = NULL;
    assert_true(g_file_get_contents(path, &bytes, &whole, NULL));
    for (guint eighth = 1; eighth < 8; eighth++) {
        write_file(path, bytes, whole * eighth / 8);
        assert_refused(path, "truncated", "broken.pdf");
    }
    write_file(path, bytes, whole - 30);
    assert_refused(path, "without its end", "broken");
    /* The cross-reference table says that the one before it is itself. */
    const char *start = memmem(bytes + whole - 40, 40, "startxref\n", 10);
    assert_non_null(start);
    g_autofree char *loop = g_strdup_printf("/Prev %d", atoi(start + 10));
    write_pdf(path, DRAW, COLOUR "/Filter /DCTDecode", data, size, loop);
    assert_refused(path, "xref loop", "broken");
    write_file(path, "", 0);
    assert_refused(path, "empty", "empty");
    write_file(path, "hello", 5);
    assert_refused(path, "another type", "neither");
    scene_end(folder);
}

static void put32(char *at, guint32 value)
{
    value = GUINT32_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

/* Directories of a TIFF: a loop, a place outside, counts beyond all sense. */
static void hostile_tiffs_are_refused(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = path_in(folder, "hostile.tif");
    for (guint n = 0; n < 2; n++) {
        g_autoptr(Pix) page = scene_page(n + 1);
        assert_int_equal(pixWriteTiff(path, page, IFF_TIFF_LZW, n ? "a" : "w"), 0);
    }
    g_autofree char *whole = NULL;
    gsize size;
    assert_true(g_file_get_contents(path, &whole, &size, NULL));
    guint32 first = 0;
    guint16 entries = 0;
    memcpy(&first, whole + 4, 4);
    memcpy(&entries, whole + first, 2);
    gsize next = first + 2 + 12u * entries;
    enum { LOOP, OUTSIDE, HUGE_COUNT, HUGE_SIZE, CUT, CASES };
    for (int c = 0; c < CASES; c++) {
        g_autofree char *bytes = g_memdup2(whole, size);
        for (guint i = 0; i < entries; i++) {
            char *entry = bytes + first + 2 + 12 * i;
            guint16 tag;
            memcpy(&tag, entry, 2);
            if (c == HUGE_COUNT && tag == TIFFTAG_STRIPBYTECOUNTS)
                put32(entry + 4, 0xfffffff0);
            if (c == HUGE_SIZE && (tag == TIFFTAG_IMAGEWIDTH || tag == TIFFTAG_IMAGELENGTH))
                put32(entry + 8, 0x7fffffff);
        }
        if (c == LOOP)
            put32(bytes + next, first);
        if (c == OUTSIDE)
            put32(bytes + next, 0xfffffff0);
        write_file(path, bytes, c == CUT ? size / 3 : size);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaScanFile) scan = da_scan_file_open(path, &error);
        /* A loop and a lost directory break the file; a page whose numbers lie breaks itself. */
        g_autoptr(GBytes) master = scan ? da_scan_file_master(scan, 1, NULL, &error) : NULL;
        if (master && c != HUGE_COUNT)
            fail_msg("case %d was taken", c);
        if (!master)
            assert_non_null(strstr(error->message, "hostile.tif"));
    }
    scene_end(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_of_a_tiff_stay_byte_for_byte),
        cmocka_unit_test(a_jpeg_in_a_pdf_stays_byte_for_byte),
        cmocka_unit_test(group_4_in_a_pdf_is_the_strip_of_a_tiff),
        cmocka_unit_test(pdfs_that_are_no_scans_are_refused_by_name),
        cmocka_unit_test(an_encrypted_pdf_says_so),
        cmocka_unit_test(broken_pdfs_are_refused),
        cmocka_unit_test(hostile_tiffs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
