/* Every way in which scanners and programs write the same picture: decoded alike, or refused in a sentence. */
#include <dangan/error.h>
#include <dangan/image.h>
#include <dangan/tiff_memory.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#define WIDTH 83 /* no multiple of 8 */
#define HEIGHT 61
#define TILE 32

typedef struct {
    guint8 r, g, b, a;
} Colour;

/* The picture: a grey ramp, a red, a green and a blue field. `a` falls to 0 in the last rows. */
static Colour colour_at(guint x, guint y)
{
    guint8 ramp = (guint8)(40 + x * 2);
    guint8 alpha = y >= HEIGHT - 8 ? 0 : 255;
    if (y < 16)
        return (Colour){ramp, ramp, ramp, alpha};
    if (x < WIDTH / 3)
        return (Colour){200, 40, 30, alpha};
    return x < WIDTH * 2 / 3 ? (Colour){20, 160, 60, alpha} : (Colour){30, 50, 190, alpha};
}

static guint8 grey_at(guint x, guint y)
{
    Colour c = colour_at(x, y);
    return c.g;
}

static gboolean is_dark(guint x, guint y)
{
    return (x / 5 + y / 7) % 2 == 0;
}

/* --- TIFF ------------------------------------------------------------------------------------------------------------ */

typedef enum { GREY, BITONAL, RGB, RGBA, PALETTE, CMYK, YCBCR } Model;

typedef struct {
    const char *label;
    Model model;
    guint bits, photometric;
    gboolean planar, tiled, reversed_bits /* libtiff reverses them */, big_endian, centimetres;
    guint compression;
    int tolerance;
} TiffCase;

static const TiffCase tiff_cases[] = {
    {"16-bit grey", GREY, 16, PHOTOMETRIC_MINISBLACK, .tolerance = 2},
    {"16-bit grey, big-endian", GREY, 16, PHOTOMETRIC_MINISBLACK, .big_endian = TRUE,
     .tolerance = 2},
    {"16-bit RGB", RGB, 16, PHOTOMETRIC_RGB, .tolerance = 1},
    {"4-bit grey", GREY, 4, PHOTOMETRIC_MINISBLACK, .tolerance = 16},
    {"grey, white is zero", GREY, 8, PHOTOMETRIC_MINISWHITE},
    {"1 bit, black is zero", BITONAL, 1, PHOTOMETRIC_MINISBLACK},
    {"1 bit, white is zero", BITONAL, 1, PHOTOMETRIC_MINISWHITE},
    {"1 bit, G4", BITONAL, 1, PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4},
    {"1 bit, bits reversed", BITONAL, 1, PHOTOMETRIC_MINISWHITE, .reversed_bits = TRUE},
    {"1 bit in tiles", BITONAL, 1, PHOTOMETRIC_MINISWHITE, .tiled = TRUE},
    {"palette", PALETTE, 8, PHOTOMETRIC_PALETTE, .tolerance = 2},
    {"grey in tiles", GREY, 8, PHOTOMETRIC_MINISBLACK, .tiled = TRUE, .tolerance = 2},
    {"RGB in tiles", RGB, 8, PHOTOMETRIC_RGB, .tiled = TRUE},
    {"RGB in planes", RGB, 8, PHOTOMETRIC_RGB, .planar = TRUE},
    {"RGB in planes, deflated", RGB, 8, PHOTOMETRIC_RGB, .planar = TRUE,
     .compression = COMPRESSION_ADOBE_DEFLATE},
    {"RGB with alpha", RGBA, 8, PHOTOMETRIC_RGB},
    {"CMYK", CMYK, 8, PHOTOMETRIC_SEPARATED, .tolerance = 2},
    {"YCbCr", YCBCR, 8, PHOTOMETRIC_YCBCR, .tolerance = 4},
    {"RGB, px per cm", RGB, 8, PHOTOMETRIC_RGB, .centimetres = TRUE},
};

static guint samples_of(Model model)
{
    return model == GREY || model == BITONAL || model == PALETTE ? 1
           : model == RGBA || model == CMYK                      ? 4
                                                                 : 3;
}

static guint8 luma(Colour c)
{
    return (guint8)lround(0.299 * c.r + 0.587 * c.g + 0.114 * c.b);
}

/* 8-bit value of sample `s`. */
static guint value_of(const TiffCase *t, guint x, guint y, guint s)
{
    Colour c = colour_at(x, y);
    const guint8 rgba[4] = {c.r, c.g, c.b, c.a};
    guint grey = grey_at(x, y);
    switch (t->model) {
    case GREY:
    case PALETTE:
        return t->photometric == PHOTOMETRIC_MINISWHITE ? 255 - grey : grey;
    case CMYK:
        return s == 3 ? 0 : 255u - rgba[s];
    case YCBCR:
        return s == 0   ? luma(c)
               : s == 1 ? (guint)CLAMP(lround(128 + (c.b - luma(c)) * 0.564), 0, 255)
                        : (guint)CLAMP(lround(128 + (c.r - luma(c)) * 0.713), 0, 255);
    default:
        return rgba[s];
    }
}

static void put_sample(const TiffCase *t, guint8 *line, guint at, guint x, guint y, guint s)
{
    guint value = t->model == BITONAL ? 0 : value_of(t, x, y, s);
    gboolean set = is_dark(x, y) == (t->photometric == PHOTOMETRIC_MINISWHITE);
    switch (t->bits) {
    case 1:
        line[at / 8] |= (guint8)((set ? 0x80 : 0) >> at % 8);
        break;
    case 4:
        line[at / 2] |= (guint8)((value >> 4) << (at % 2 == 0 ? 4 : 0));
        break;
    case 16:
        ((guint16 *)(void *)line)[at] = (guint16)(value * 257);
        break;
    default:
        line[at] = (guint8)value;
    }
}

/* A row of `count` px from (left, y); samples [first, first + n) of each. Outside of the picture it is empty. */
static void put_row(const TiffCase *t, guint8 *line, gsize size, guint left, guint y, guint count,
                    guint first, guint n)
{
    memset(line, 0, size);
    for (guint i = 0; i < count && left + i < WIDTH && y < HEIGHT; i++) {
        for (guint s = 0; s < n; s++)
            put_sample(t, line, i * n + s, left + i, y, first + s);
    }
}

static void set_tags(TIFF *tiff, const TiffCase *t)
{
    guint samples = samples_of(t->model);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, HEIGHT);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, t->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, t->photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
                 t->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION,
                 t->compression != 0 ? t->compression : COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_FILLORDER, t->reversed_bits ? FILLORDER_LSB2MSB : FILLORDER_MSB2LSB);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, t->centimetres ? RESUNIT_CENTIMETER : RESUNIT_INCH);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, t->centimetres ? 118.11 : 300.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, t->centimetres ? 118.11 : 300.0);
    if (t->model == RGBA)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, (guint16[]){EXTRASAMPLE_UNASSALPHA});
    if (t->model == CMYK)
        TIFFSetField(tiff, TIFFTAG_INKSET, INKSET_CMYK);
    if (t->model == YCBCR)
        TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    if (t->model == PALETTE) {
        guint16 ramp[256];
        for (guint i = 0; i < 256; i++)
            ramp[i] = (guint16)(i * 257);
        TIFFSetField(tiff, TIFFTAG_COLORMAP, ramp, ramp, ramp);
    }
    if (t->tiled) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, TILE);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, TILE);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 20);
    }
}

static void write_tiles(TIFF *tiff, const TiffCase *t)
{
    gsize size = (gsize)TIFFTileSize(tiff), row = size / TILE;
    g_autofree guint8 *tile = g_malloc0(size);
    for (guint top = 0; top < HEIGHT; top += TILE) {
        for (guint left = 0; left < WIDTH; left += TILE) {
            for (guint y = 0; y < TILE; y++)
                put_row(t, tile + y * row, row, left, top + y, TILE, 0, samples_of(t->model));
            assert_true(TIFFWriteTile(tiff, tile, left, top, 0, 0) > 0);
        }
    }
}

static void write_rows(TIFF *tiff, const TiffCase *t)
{
    gsize size = (gsize)TIFFScanlineSize(tiff);
    g_autofree guint8 *line = g_malloc0(size);
    guint planes = t->planar ? samples_of(t->model) : 1, n = samples_of(t->model) / planes;
    for (guint plane = 0; plane < planes; plane++) {
        for (guint y = 0; y < HEIGHT; y++) {
            put_row(t, line, size, 0, y, WIDTH, plane * n, n);
            assert_int_equal(TIFFWriteScanline(tiff, line, y, (guint16)plane), 1);
        }
    }
}

static GBytes *tiff_of(const TiffCase *t)
{
    DaTiffLog log = {0};
    GByteArray *out = g_byte_array_new();
    {
        g_autoptr(TIFF) tiff = da_tiff_memory_create(out, t->big_endian, &log, NULL);
        assert_non_null(tiff);
        set_tags(tiff, t);
        if (t->tiled)
            write_tiles(tiff, t);
        else
            write_rows(tiff, t);
    }
    assert_false(log.faulty);
    return g_byte_array_free_to_bytes(out);
}

/* --- comparing ------------------------------------------------------------------------------------------------------- */

typedef enum { AS_COLOUR, AS_GREY, AS_BITS, ON_PAPER } Expect;

static Colour expected(Expect expect, guint x, guint y)
{
    guint8 grey = expect == AS_BITS ? (is_dark(x, y) ? 0 : 255) : grey_at(x, y);
    Colour c = colour_at(x, y);
    if (expect == AS_GREY || expect == AS_BITS)
        return (Colour){grey, grey, grey, 255};
    return expect == ON_PAPER && c.a == 0 ? (Colour){255, 255, 255, 255} : c;
}

static void compare(const char *label, GBytes *bytes, Expect expect, int tolerance)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Pix) decoded = da_image_decode(bytes, &error);
    if (decoded == NULL)
        fail_msg("%s: %s", label, error->message);
    g_autoptr(Pix) pix = pixConvertTo32(decoded);
    if (pixGetWidth(pix) != WIDTH || pixGetHeight(pix) != HEIGHT)
        fail_msg("%s: %d x %d", label, pixGetWidth(pix), pixGetHeight(pix));
    for (guint y = 0; y < HEIGHT; y++) {
        for (guint x = 0; x < WIDTH; x++) {
            int r = 0, g = 0, b = 0;
            Colour c = expected(expect, x, y);
            pixGetRGBPixel(pix, (int)x, (int)y, &r, &g, &b);
            if (ABS(r - c.r) > tolerance || ABS(g - c.g) > tolerance || ABS(b - c.b) > tolerance)
                fail_msg("%s: (%u, %u) is %d %d %d, not %u %u %u", label, x, y, r, g, b, c.r, c.g,
                         c.b);
        }
    }
}

static void tiffs_of_every_kind_show_the_same_picture(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tiff_cases); i++) {
        const TiffCase *t = &tiff_cases[i];
        g_autoptr(GBytes) bytes = tiff_of(t);
        Expect expect = t->model == BITONAL                       ? AS_BITS
                        : t->model == GREY || t->model == PALETTE ? AS_GREY
                        : t->model == RGBA                        ? ON_PAPER
                                                                  : AS_COLOUR;
        compare(t->label, bytes, expect, t->tolerance);
        DaImageInfo info;
        assert_true(da_image_probe(bytes, &info, NULL));
        if (info.dpi_x != 300 || info.dpi_y != 300 || info.bits_per_sample != t->bits ||
            info.channels != samples_of(t->model))
            fail_msg("%s: %u dpi, %u bits, %u channels", t->label, info.dpi_x, info.bits_per_sample,
                     info.channels);
    }
}

/* --- PNG -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *label;
    int bits, colour;
    gboolean interlaced;
    guint32 per_metre;
    int unit;
    guint dpi;
    Expect expect;
    int tolerance;
} PngCase;

static const PngCase png_cases[] = {
    {"interlaced RGB", 8, PNG_COLOR_TYPE_RGB, TRUE, 11811, PNG_RESOLUTION_METER, 300, AS_COLOUR, 0},
    {"RGB with alpha", 8, PNG_COLOR_TYPE_RGBA, FALSE, 7874, PNG_RESOLUTION_METER, 200, ON_PAPER, 0},
    {"interlaced with alpha", 8, PNG_COLOR_TYPE_RGBA, TRUE, 0, 0, 0, ON_PAPER, 0},
    {"16-bit RGB", 16, PNG_COLOR_TYPE_RGB, FALSE, 11811, PNG_RESOLUTION_METER, 300, AS_COLOUR, 1},
    {"grey", 8, PNG_COLOR_TYPE_GRAY, FALSE, 11811, PNG_RESOLUTION_UNKNOWN, 0, AS_GREY, 0},
    {"palette", 8, PNG_COLOR_TYPE_PALETTE, TRUE, 0, 0, 0, AS_GREY, 0},
};

static void append(png_structp png, png_bytep data, size_t size)
{
    g_byte_array_append(png_get_io_ptr(png), data, (guint)size);
}

static void fill_png_row(const PngCase *p, guint8 *line, guint y)
{
    guint n = p->colour == PNG_COLOR_TYPE_RGB ? 3 : p->colour == PNG_COLOR_TYPE_RGBA ? 4 : 1;
    for (guint x = 0; x < WIDTH; x++) {
        Colour c = colour_at(x, y);
        const guint8 rgba[4] = {n == 1 ? grey_at(x, y) : c.r, c.g, c.b, c.a};
        for (guint s = 0; s < n; s++) {
            if (p->bits == 16)
                line[(x * n + s) * 2] = line[(x * n + s) * 2 + 1] = rgba[s];
            else
                line[x * n + s] = rgba[s];
        }
    }
}

static GBytes *png_of(const PngCase *p)
{
    GByteArray *out = g_byte_array_new();
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, append, NULL);
    png_set_IHDR(png, info, WIDTH, HEIGHT, p->bits, p->colour,
                 p->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (p->per_metre != 0)
        png_set_pHYs(png, info, p->per_metre, p->per_metre, p->unit);
    png_color ramp[256];
    for (guint i = 0; i < 256; i++)
        ramp[i] = (png_color){(guint8)i, (guint8)i, (guint8)i};
    if (p->colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, ramp, 256);
    png_write_info(png, info);
    guint8 line[WIDTH * 8];
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
        for (guint y = 0; y < HEIGHT; y++) {
            fill_png_row(p, line, y);
            png_write_row(png, line);
        }
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return g_byte_array_free_to_bytes(out);
}

static void pngs_of_every_kind_show_the_same_picture(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(png_cases); i++) {
        g_autoptr(GBytes) bytes = png_of(&png_cases[i]);
        compare(png_cases[i].label, bytes, png_cases[i].expect, png_cases[i].tolerance);
        DaImageInfo info;
        assert_true(da_image_probe(bytes, &info, NULL));
        if (info.dpi_x != png_cases[i].dpi)
            fail_msg("%s: %u dpi", png_cases[i].label, info.dpi_x);
    }
}

/* --- JPEG ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *label;
    J_COLOR_SPACE space, stored;
    gboolean progressive, adobe;
    int unit, density;
    guint dpi;
} JpegCase;

static const JpegCase jpeg_cases[] = {
    {"baseline", JCS_RGB, JCS_YCbCr, FALSE, FALSE, 1, 300, 300},
    {"progressive", JCS_RGB, JCS_YCbCr, TRUE, FALSE, 1, 200, 200},
    {"px per cm", JCS_RGB, JCS_YCbCr, FALSE, FALSE, 2, 118, 300},
    {"no unit", JCS_RGB, JCS_YCbCr, FALSE, FALSE, 0, 1, 0},
    {"RGB without YCbCr", JCS_RGB, JCS_RGB, FALSE, TRUE, 1, 300, 0},
    {"CMYK of Adobe: inverted", JCS_CMYK, JCS_CMYK, FALSE, TRUE, 1, 300, 0},
    {"YCCK of Adobe: inverted", JCS_CMYK, JCS_YCCK, FALSE, TRUE, 1, 300, 0},
    {"progressive CMYK of Adobe", JCS_CMYK, JCS_CMYK, TRUE, TRUE, 1, 300, 0},
    {"CMYK of others: not inverted", JCS_CMYK, JCS_CMYK, FALSE, FALSE, 1, 300, 0},
};

/* CMYK without black: ink is what light lacks. Adobe writes light. */
static void fill_jpeg_row(const JpegCase *j, guint8 *line, guint y)
{
    guint n = j->space == JCS_CMYK ? 4 : 3;
    for (guint x = 0; x < WIDTH; x++) {
        Colour c = colour_at(x, y);
        guint8 samples[4] = {c.r, c.g, c.b, 255};
        for (guint s = 0; s < n; s++)
            line[x * n + s] = n == 4 && !j->adobe ? (guint8)~samples[s] : samples[s];
    }
}

static GBytes *jpeg_of(const JpegCase *j)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &out, &size);
    cinfo.image_width = WIDTH;
    cinfo.image_height = HEIGHT;
    cinfo.input_components = j->space == JCS_CMYK ? 4 : 3;
    cinfo.in_color_space = j->space;
    jpeg_set_defaults(&cinfo);
    jpeg_set_colorspace(&cinfo, j->stored);
    jpeg_set_quality(&cinfo, 97, TRUE);
    for (int i = 0; i < cinfo.num_components; i++)
        cinfo.comp_info[i].h_samp_factor = cinfo.comp_info[i].v_samp_factor = 1;
    cinfo.write_Adobe_marker = j->adobe;
    cinfo.density_unit = (UINT8)j->unit;
    cinfo.X_density = cinfo.Y_density = (UINT16)j->density;
    if (j->progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    guint8 line[WIDTH * 4];
    JSAMPROW row = line;
    while (cinfo.next_scanline < HEIGHT) {
        fill_jpeg_row(j, line, cinfo.next_scanline);
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return g_bytes_new_take(out, size);
}

static void jpegs_of_every_kind_show_the_same_picture(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(jpeg_cases); i++) {
        g_autoptr(GBytes) bytes = jpeg_of(&jpeg_cases[i]);
        compare(jpeg_cases[i].label, bytes, AS_COLOUR, 24); /* edges of the fields ring */
        DaImageInfo info;
        assert_true(da_image_probe(bytes, &info, NULL));
        if (info.dpi_x != jpeg_cases[i].dpi || info.dpi_y != jpeg_cases[i].dpi)
            fail_msg("%s: %u dpi", jpeg_cases[i].label, info.dpi_x);
    }
}

/* --- broken TIFF ------------------------------------------------------------------------------------------------------- */

/* The place of a tag's entry in the first directory of a little-endian TIFF. */
static gsize entry_of(const guint8 *data, guint tag)
{
    guint32 ifd = 0;
    memcpy(&ifd, data + 4, 4);
    guint count = data[ifd] | data[ifd + 1] << 8;
    for (guint i = 0; i < count; i++) {
        gsize at = ifd + 2 + 12 * i;
        if ((guint)(data[at] | data[at + 1] << 8) == tag)
            return at;
    }
    fail_msg("no tag %u", tag);
    return 0;
}

static guint8 *plain_tiff(gsize *size)
{
    g_autoptr(GBytes) bytes = tiff_of(&tiff_cases[4]);
    return g_bytes_unref_to_data(g_steal_pointer(&bytes), size);
}

static void refuse(const char *label, guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(Pix) pix = da_image_decode(bytes, &error);
    if (pix != NULL)
        fail_msg("%s was decoded", label);
    if (!g_error_matches(error, DA_ERROR, DA_ERROR_INPUT) &&
        !g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT))
        fail_msg("%s: %s", label, error->message);
}

static void huge_counts_in_a_tiff_are_refused(void **state)
{
    static const struct {
        const char *label;
        guint tag;
        guint32 count, value;
    } cases[] = {
        {"strip of 4 GB", TIFFTAG_STRIPBYTECOUNTS, 1, 0xFFFFFFF0},
        {"strip behind the end", TIFFTAG_STRIPOFFSETS, 1, 0x7FFFFFF0},
        {"4 billion strips", TIFFTAG_STRIPOFFSETS, 0xFFFFFFFF, 8},
        {"4 billion px wide", TIFFTAG_IMAGEWIDTH, 1, 0xFFFFFFFF},
        {"no width", TIFFTAG_IMAGEWIDTH, 1, 0},
        {"bits for 65,535 samples", TIFFTAG_BITSPERSAMPLE, 65535, 8},
        {"65,535 samples", TIFFTAG_SAMPLESPERPIXEL, 1, 65535},
        {"0 samples", TIFFTAG_SAMPLESPERPIXEL, 1, 0},
        {"33 bits", TIFFTAG_BITSPERSAMPLE, 1, 33},
        {"unknown compression", TIFFTAG_COMPRESSION, 1, 60000},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize size = 0;
        guint8 *data = plain_tiff(&size);
        gsize at = entry_of(data, cases[i].tag);
        memcpy(data + at + 4, &cases[i].count, 4);
        memcpy(data + at + 8, &cases[i].value, 4);
        refuse(cases[i].label, data, size);
    }
}

static void directories_that_loop_are_counted_once(void **state)
{
    gsize size = 0;
    guint8 *data = plain_tiff(&size);
    guint32 ifd = 0;
    memcpy(&ifd, data + 4, 4);
    guint count = data[ifd] | data[ifd + 1] << 8;
    memcpy(data + ifd + 2 + 12 * count, &ifd, 4); /* the next directory is this one */
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
    DaImageInfo info;
    assert_true(da_image_probe(bytes, &info, NULL));
    assert_int_equal(info.frames, 1);
    compare("loop", bytes, AS_GREY, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiffs_of_every_kind_show_the_same_picture),
        cmocka_unit_test(pngs_of_every_kind_show_the_same_picture),
        cmocka_unit_test(jpegs_of_every_kind_show_the_same_picture),
        cmocka_unit_test(huge_counts_in_a_tiff_are_refused),
        cmocka_unit_test(directories_that_loop_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
