#include <dangan/error.h>
#include <dangan/image.h>
#include <dangan/tiff_memory.h>

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>

#define WIDTH 203 /* no multiple of 8 or 16 */
#define HEIGHT 151

static GBytes *with_leptonica(Pix *pix, int format)
{
    guint8 *data = NULL;
    size_t size = 0;
    assert_int_equal(pixWriteMem(&data, &size, pix, format), 0);
    return g_bytes_new_take(data, size);
}

typedef struct {
    const char *label;
    int depth, leptonica_format;
    DaImageFormat format;
    gboolean exact;
} Sample;

static const Sample samples[] = {
    {"1-bit G4", 1, IFF_TIFF_G4, DA_IMAGE_TIFF, TRUE},
    {"1-bit G3", 1, IFF_TIFF_G3, DA_IMAGE_TIFF, TRUE},
    {"1-bit LZW", 1, IFF_TIFF_LZW, DA_IMAGE_TIFF, TRUE},
    {"grey LZW", 8, IFF_TIFF_LZW, DA_IMAGE_TIFF, TRUE},
    {"grey plain", 8, IFF_TIFF, DA_IMAGE_TIFF, TRUE},
    {"grey deflate", 8, IFF_TIFF_ZIP, DA_IMAGE_TIFF, TRUE},
    {"RGB plain", 32, IFF_TIFF, DA_IMAGE_TIFF, TRUE},
    {"RGB deflate", 32, IFF_TIFF_ZIP, DA_IMAGE_TIFF, TRUE},
    {"RGB JPEG-in-TIFF", 32, IFF_TIFF_JPEG, DA_IMAGE_TIFF, FALSE},
    {"1-bit PNG", 1, IFF_PNG, DA_IMAGE_PNG, TRUE},
    {"grey PNG", 8, IFF_PNG, DA_IMAGE_PNG, TRUE},
    {"RGB PNG", 32, IFF_PNG, DA_IMAGE_PNG, TRUE},
    {"grey JPEG", 8, IFF_JFIF_JPEG, DA_IMAGE_JPEG, FALSE},
    {"RGB JPEG", 32, IFF_JFIF_JPEG, DA_IMAGE_JPEG, FALSE},
};

static Pix *drawing(int depth)
{
    Pix *pix = draw_page(WIDTH, HEIGHT, depth, 240, 20);
    draw_box(pix, 10, 5, 60, 12, 200, 30, 40);
    return pix;
}

static GBytes *sample_bytes(const Sample *sample)
{
    g_autoptr(Pix) pix = drawing(sample->depth);
    return with_leptonica(pix, sample->leptonica_format);
}

static double mean_difference(Pix *a, Pix *b)
{
    float difference = 255;
    g_autoptr(Pix) x = pixConvertTo32(a);
    g_autoptr(Pix) y = pixConvertTo32(b);
    pixCompareRGB(x, y, L_COMPARE_ABS_DIFF, 0, NULL, &difference, NULL, NULL);
    return (double)difference;
}

static void decode_gives_back_the_pixels(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Pix) original = drawing(samples[i].depth);
        g_autoptr(GBytes) bytes = sample_bytes(&samples[i]);
        g_autoptr(Pix) pix = da_image_decode(bytes, &error);
        if (pix == NULL)
            fail_msg("%s: %s", samples[i].label, error->message);
        if (pixGetDepth(pix) != samples[i].depth || pixGetXRes(pix) != 300)
            fail_msg("%s: %d bits, %d dpi", samples[i].label, pixGetDepth(pix), pixGetXRes(pix));
        int same = 0;
        pixEqual(pix, original, &same);
        if (samples[i].exact ? !same : mean_difference(pix, original) > 12)
            fail_msg("%s: other pixels", samples[i].label);
    }
}

static void probe_tells_what_decode_gives(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GBytes) bytes = sample_bytes(&samples[i]);
        DaImageInfo info;
        if (!da_image_probe(bytes, &info, NULL) || info.format != samples[i].format ||
            info.width_px != WIDTH || info.height_px != HEIGHT || info.dpi_x != 300 ||
            info.frames != 1 || info.exif_orientation != 1 ||
            info.bits_per_sample != (samples[i].depth == 1 ? 1 : 8) ||
            info.channels != (samples[i].depth == 32 ? 3 : 1))
            fail_msg("%s: %u x %u, %u dpi, %u bits, %u channels", samples[i].label, info.width_px,
                     info.height_px, info.dpi_x, info.bits_per_sample, info.channels);
    }
}

static void truncated_images_are_refused(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GBytes) whole = sample_bytes(&samples[i]);
        for (gsize part = 0; part < 16; part++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(GBytes) bytes =
                g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) * part / 16);
            g_autoptr(Pix) pix = da_image_decode(bytes, &error);
            if (pix != NULL || !g_error_matches(error, DA_ERROR, DA_ERROR_INPUT))
                fail_msg("%s cut to %zu/16 was %s", samples[i].label, part,
                         pix != NULL ? "decoded" : error->message);
        }
    }
}

static void a_jpeg_without_its_end_is_refused(void **state)
{
    g_autoptr(Pix) pix = drawing(32);
    g_autoptr(GBytes) whole = da_image_encode_jpeg(pix, 90, NULL);
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) - 2);
    g_autoptr(GError) error = NULL;
    assert_null(da_image_decode(cut, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

static void what_is_no_image_is_refused(void **state)
{
    static const struct {
        const char *label, *data;
        gsize size;
    } cases[] = {
        {"empty", "", 0},
        {"one byte", "\xFF", 1},
        {"text", "not an image at all", 19},
        {"PDF", "%PDF-1.4\n", 9},
        {"JPEG start alone", "\xFF\xD8\xFF", 3},
        {"PNG start alone", "\x89PNG\r\n\x1A\n", 8},
        {"TIFF start alone", "II*\0", 4},
        {"TIFF pointing at itself", "II*\0\0\0\0\0", 8},
        {"TIFF pointing outside", "MM\0*\x7F\xFF\xFF\xFF", 8},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(cases[i].data, cases[i].size);
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) probe_error = NULL;
        DaImageInfo info;
        if (da_image_decode(bytes, &error) != NULL ||
            !g_error_matches(error, DA_ERROR, DA_ERROR_INPUT) ||
            da_image_probe(bytes, &info, &probe_error) ||
            !g_error_matches(probe_error, DA_ERROR, DA_ERROR_INPUT))
            fail_msg("%s: %s", cases[i].label, error != NULL ? error->message : "accepted");
    }
}

/* Puts `value` big-endian at the offset. */
static void put16(GByteArray *data, gsize at, guint value)
{
    data->data[at] = (guint8)(value >> 8);
    data->data[at + 1] = (guint8)value;
}

static GByteArray *copy_of(GBytes *bytes)
{
    GByteArray *copy = g_byte_array_new();
    return g_byte_array_append(copy, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
}

static void refuse_as_too_large(const char *label, GByteArray *data)
{
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(data);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) probe_error = NULL;
    DaImageInfo info;
    if (da_image_decode(bytes, &error) != NULL ||
        !g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT) ||
        da_image_probe(bytes, &info, &probe_error) ||
        !g_error_matches(probe_error, DA_ERROR, DA_ERROR_LIMIT))
        fail_msg("%s: %s", label, error != NULL ? error->message : "accepted");
}

static void four_billion_pixels_are_refused_by_their_header(void **state)
{
    g_autoptr(Pix) pix = drawing(8);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(pix, 80, NULL);
    GByteArray *data = copy_of(jpeg);
    guint8 *frame = memmem(data->data, data->len, "\xFF\xC0", 2);
    assert_non_null(frame);
    put16(data, (gsize)(frame - data->data) + 5, 65500);
    put16(data, (gsize)(frame - data->data) + 7, 65500);
    refuse_as_too_large("JPEG", data);

    g_autoptr(GBytes) png = da_image_encode_png(pix, NULL);
    data = copy_of(png);
    put16(data, 18, 65500);
    put16(data, 22, 65500);
    refuse_as_too_large("PNG", data);

    DaTiffLog log = {0};
    data = g_byte_array_new();
    TIFF *tiff = da_tiff_memory_create(data, FALSE, &log, NULL);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 65500);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 65500);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 65500);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    assert_int_equal(TIFFWriteRawStrip(tiff, 0, (void *)"x", 1), 1);
    TIFFClose(tiff);
    refuse_as_too_large("TIFF", data);
}

/* JPEG with an EXIF block that says only the orientation. */
static GBytes *with_orientation(GBytes *jpeg, guint8 orientation)
{
    guint8 exif[] = {0xFF, 0xE1, 0, 34, 'E', 'x',         'i', 'f', 0, 0,    'M', 'M',
                     0,    42,   0, 0,  0,   8,           0,   1,   1, 0x12, 0,   3,
                     0,    0,    0, 1,  0,   orientation, 0,   0,   0, 0,    0,   0};
    GByteArray *data = copy_of(jpeg);
    g_byte_array_set_size(data, data->len + (guint)sizeof exif);
    memmove(data->data + 2 + sizeof exif, data->data + 2, data->len - 2 - sizeof exif);
    memcpy(data->data + 2, exif, sizeof exif);
    return g_byte_array_free_to_bytes(data);
}

static void exif_orientation_is_applied(void **state)
{
    /* where the mark of the stored corner (0, 0) is seen; Source: Exif 2.3 table 6 */
    static const struct {
        gboolean right, bottom, across;
    } seen[9] = {[2] = {1, 0, 0}, [3] = {1, 1, 0}, [4] = {0, 1, 0}, [5] = {0, 0, 1},
                 [6] = {1, 0, 1}, [7] = {1, 1, 1}, [8] = {0, 1, 1}};
    g_autoptr(Pix) stored = pixCreate(96, 64, 8);
    draw_box(stored, 0, 0, 96, 64, 255, 255, 255);
    draw_box(stored, 0, 0, 16, 16, 0, 0, 0);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(stored, 95, NULL);
    for (guint8 o = 1; o <= 8; o++) {
        g_autoptr(GBytes) bytes = with_orientation(jpeg, o);
        g_autoptr(Pix) pix = da_image_decode(bytes, NULL);
        assert_non_null(pix);
        int width = seen[o].across ? 64 : 96, height = seen[o].across ? 96 : 64;
        l_uint32 value = 255;
        pixGetPixel(pix, seen[o].right ? width - 8 : 8, seen[o].bottom ? height - 8 : 8, &value);
        if (pixGetWidth(pix) != width || pixGetHeight(pix) != height || value > 40)
            fail_msg("orientation %u: %d x %d, grey %u", o, pixGetWidth(pix), pixGetHeight(pix),
                     value);
    }
}

static GBytes *cmyk_jpeg(guint8 cyan, guint8 magenta, guint8 yellow, guint8 black)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &out, &size);
    cinfo.image_width = cinfo.image_height = 16;
    cinfo.input_components = 4;
    cinfo.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    guint8 line[64];
    for (gsize i = 0; i < 64; i += 4)
        memcpy(line + i,
               (guint8[]){(guint8)~cyan, (guint8)~magenta, (guint8)~yellow, (guint8)~black}, 4);
    JSAMPROW row = line;
    while (cinfo.next_scanline < 16)
        jpeg_write_scanlines(&cinfo, &row, 1);
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return g_bytes_new_take(out, size);
}

static void cmyk_becomes_rgb(void **state)
{
    g_autoptr(GBytes) bytes = cmyk_jpeg(255, 0, 0, 0); /* with Adobe's marker: inverted */
    g_autoptr(Pix) pix = da_image_decode(bytes, NULL);
    assert_non_null(pix);
    int red = 0, green = 0, blue = 0;
    pixGetRGBPixel(pix, 8, 8, &red, &green, &blue);
    assert_true(red < 30 && green > 225 && blue > 225);
}

static void reduced_images_have_the_reduced_size(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GBytes) bytes = sample_bytes(&samples[i]);
        for (guint denominator = 1; denominator <= 8; denominator *= 2) {
            g_autoptr(Pix) pix = da_image_decode_reduced(bytes, denominator, NULL);
            if (pix == NULL || ABS(pixGetWidth(pix) - WIDTH / (int)denominator) > 1 ||
                pixGetXRes(pix) != 300 / (int)denominator)
                fail_msg("%s to 1/%u", samples[i].label, denominator);
        }
        g_autoptr(GError) error = NULL;
        assert_null(da_image_decode_reduced(bytes, 3, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
    }
}

static void encode_keeps_pixels_and_resolution(void **state)
{
    static const int depths[] = {1, 8, 32};
    for (gsize i = 0; i < G_N_ELEMENTS(depths); i++) {
        g_autoptr(Pix) pix = drawing(depths[i]);
        g_autoptr(GBytes) jpeg = da_image_encode_jpeg(pix, 95, NULL);
        g_autoptr(GBytes) png = da_image_encode_png(pix, NULL);
        g_autoptr(Pix) from_jpeg = da_image_decode(jpeg, NULL);
        g_autoptr(Pix) from_png = da_image_decode(png, NULL);
        int same = 0;
        pixEqual(pix, from_png, &same);
        assert_true(same);
        assert_int_equal(pixGetDepth(from_jpeg), depths[i] == 32 ? 32 : 8);
        assert_int_equal(pixGetYRes(from_jpeg), 300);
        assert_true(mean_difference(pix, from_jpeg) < 12);
    }
}

/* Broken images of every kind, changed at random: each is decoded or refused with words, and nothing is printed. */
static void mutated_images_are_decoded_or_refused_in_silence(void **state)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dangan-stderr-XXXXXX", NULL);
    int log = g_mkstemp(path), terminal = dup(STDERR_FILENO);
    dup2(log, STDERR_FILENO);
    g_autoptr(GRand) random = g_rand_new_with_seed(20190305);
    gint64 end = g_get_monotonic_time() + 4 * G_USEC_PER_SEC;
    guint silent_failures = 0;
    for (guint round = 0; round < 4000 && g_get_monotonic_time() < end; round++) {
        g_autoptr(GBytes) original = sample_bytes(&samples[round % G_N_ELEMENTS(samples)]);
        GByteArray *data = copy_of(original);
        for (gint n = g_rand_int_range(random, 1, 9); n > 0; n--) {
            gint range = g_rand_boolean(random) ? (gint)data->len : MIN(200, (gint)data->len);
            data->data[g_rand_int_range(random, 0, range)] = (guint8)g_rand_int(random);
        }
        g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(data);
        g_autoptr(GError) error = NULL;
        DaImageInfo info;
        da_image_probe(bytes, &info, NULL);
        g_autoptr(Pix) pix = da_image_decode(bytes, &error);
        silent_failures += (pix == NULL) == (error == NULL);
    }
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    off_t printed = lseek(log, 0, SEEK_END);
    close(log);
    unlink(path);
    assert_int_equal(silent_failures, 0);
    assert_int_equal(printed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_gives_back_the_pixels),
        cmocka_unit_test(probe_tells_what_decode_gives),
        cmocka_unit_test(truncated_images_are_refused),
        cmocka_unit_test(a_jpeg_without_its_end_is_refused),
        cmocka_unit_test(what_is_no_image_is_refused),
        cmocka_unit_test(four_billion_pixels_are_refused_by_their_header),
        cmocka_unit_test(exif_orientation_is_applied),
        cmocka_unit_test(cmyk_becomes_rgb),
        cmocka_unit_test(reduced_images_have_the_reduced_size),
        cmocka_unit_test(encode_keeps_pixels_and_resolution),
        cmocka_unit_test(mutated_images_are_decoded_or_refused_in_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
