#include "fixture.h"

#include <dangan/image.h>
#include <dangan/tiff_memory.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void set_access(Fixture *fixture, GBytes *bytes, const char *extension)
{
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_ACCESS, bytes, extension);
}

static void set_master(Fixture *fixture, GBytes *bytes, const char *extension)
{
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_MASTER, bytes, extension);
}

static void truncated(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 300, 3);
    g_autoptr(GBytes) half = g_bytes_new_from_bytes(jpeg, 0, g_bytes_get_size(jpeg) * 2 / 3);
    set_access(fixture, half, "jpg");
}

static void no_image(Fixture *fixture)
{
    g_autoptr(GBytes) text = g_bytes_new_static("this is no image", 16);
    set_access(fixture, text, "jpg");
}

static GBytes *png(int width, int height, int depth)
{
    g_autoptr(Pix) pix = pixCreate(width, height, depth);
    pixSetResolution(pix, 300, 300);
    return da_image_encode_png(pix, NULL);
}

static void png_named_jpg(Fixture *fixture)
{
    g_autoptr(GBytes) bytes = png(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 8);
    set_master(fixture, bytes, "jpg");
}

static void png_as_access(Fixture *fixture)
{
    g_autoptr(GBytes) bytes = png(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 8);
    set_access(fixture, bytes, "png");
}

static void low_dpi(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 96, 3);
    set_access(fixture, jpeg, "jpg");
}

static void low_dpi_master(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg =
        fixture_jpeg(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 150, 3);
    set_master(fixture, jpeg, "jpg");
}

static void no_dpi(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 0, 3);
    set_access(fixture, jpeg, "jpg");
}

static void four_bits(Fixture *fixture)
{
    g_autoptr(GBytes) bytes = png(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 4);
    set_master(fixture, bytes, "png");
}

static void other_size(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(200, 300, 300, 3);
    set_access(fixture, jpeg, "jpg");
}

static void trailing_bytes(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 300, 3);
    g_autoptr(GByteArray) longer = g_byte_array_new();
    g_byte_array_append(longer, g_bytes_get_data(jpeg, NULL), (guint)g_bytes_get_size(jpeg));
    g_byte_array_append(longer, (const guint8 *)"#!/bin/sh\n", 10);
    g_autoptr(GBytes) bytes = g_bytes_new(longer->data, longer->len);
    set_access(fixture, bytes, "jpg");
}

/* A second JPEG behind the first: the file still ends with an end marker. */
static void second_image(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg =
        fixture_jpeg(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 300, 3);
    g_autoptr(GByteArray) twice = g_byte_array_new();
    for (int i = 0; i < 2; i++)
        g_byte_array_append(twice, g_bytes_get_data(jpeg, NULL), (guint)g_bytes_get_size(jpeg));
    g_autoptr(GBytes) bytes = g_bytes_new(twice->data, twice->len);
    set_master(fixture, bytes, "jpg");
}

static void alto_of_another_page(Fixture *fixture)
{
    g_autoptr(GBytes) alto = fixture_alto(2480, 3508);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_OCR, alto, "xml");
}

static GByteArray *mutable_jpeg(guint width_px, guint height_px)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(width_px, height_px, 300, 3);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, g_bytes_get_data(jpeg, NULL), (guint)g_bytes_get_size(jpeg));
    return bytes;
}

static void set_bytes(Fixture *fixture, DaFileKind kind, GByteArray *bytes)
{
    g_autoptr(GBytes) whole = g_bytes_new(bytes->data, bytes->len);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), kind, whole, "jpg");
}

static void insert(GByteArray *bytes, guint at, const void *data, guint size)
{
    guint old = bytes->len;
    g_byte_array_set_size(bytes, old + size);
    memmove(bytes->data + at + size, bytes->data + at, old - at);
    memcpy(bytes->data + at, data, size);
}

/* Behind SOI and JFIF. */
enum { BEHIND_JFIF = 2 + 18 };

/* A table that no scan uses: decoders never look at it. */
static void empty_huffman_table(Fixture *fixture)
{
    g_autoptr(GByteArray) bytes = mutable_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX);
    insert(bytes, BEHIND_JFIF, "\xFF\xC4\0\x13\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 21);
    set_bytes(fixture, DA_FILE_ACCESS, bytes);
}

enum {
    STRIP_ROWS = FIXTURE_MASTER_HEIGHT_PX / 2,
    STRIP_BYTES = FIXTURE_MASTER_WIDTH_PX * STRIP_ROWS
};

/* A grey master of two strips. */
static GByteArray *grey_tiff(guint16 compression)
{
    GByteArray *out = g_byte_array_new();
    DaTiffLog log = {0};
    TIFF *tiff = da_tiff_memory_create(out, FALSE, &log, NULL);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, FIXTURE_MASTER_WIDTH_PX);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, FIXTURE_MASTER_HEIGHT_PX);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, STRIP_ROWS);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 300.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 300.0);
    g_autofree guint8 *strip = g_malloc(STRIP_BYTES);
    for (int i = 0; i < STRIP_BYTES; i++)
        strip[i] = i / FIXTURE_MASTER_WIDTH_PX % 90 < 12 && i % 40 < 25 ? 40 : 240;
    for (guint i = 0; i < 2; i++)
        assert_true(TIFFWriteEncodedStrip(tiff, i, strip, STRIP_BYTES) > 0);
    TIFFClose(tiff);
    return out;
}

/* Two strips that share a hundred bytes: every decoder shows them. */
static void overlapping_strips(Fixture *fixture)
{
    g_autoptr(GByteArray) out = grey_tiff(COMPRESSION_NONE);
    guint32 offsets[2] = {8, 8 + STRIP_BYTES};
    guint8 *place = memmem(out->data, out->len, offsets, sizeof offsets);
    assert_non_null(place);
    offsets[1] -= 100;
    memcpy(place, offsets, sizeof offsets);
    g_autoptr(GBytes) bytes = g_bytes_new(out->data, out->len);
    set_master(fixture, bytes, "tif");
}

static void lzma_tiff(Fixture *fixture)
{
    g_autoptr(GByteArray) out = grey_tiff(COMPRESSION_LZMA);
    g_autoptr(GBytes) bytes = g_bytes_new(out->data, out->len);
    set_master(fixture, bytes, "tif");
}

static void low_quality(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 1);
    pixSetResolution(sheet, 300, 300);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(sheet, 35, NULL);
    set_master(fixture, jpeg, "jpg");
}

/* Exif of a telephone: Make alone. */
static void telephone(Fixture *fixture)
{
    static const char exif[] = "\xFF\xE1\0\x29"
                               "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x0F\0\2\0\0\0\7\0\0\0\x1A"
                               "\0\0\0\0HUAWEI\0\0\0\0\0\0\0";
    g_autoptr(GByteArray) bytes = mutable_jpeg(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX);
    insert(bytes, BEHIND_JFIF, exif, 43);
    set_bytes(fixture, DA_FILE_MASTER, bytes);
}

static void edited(Fixture *fixture)
{
    g_autoptr(GByteArray) bytes = mutable_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX);
    insert(bytes, BEHIND_JFIF,
           "\xFF\xFE\0\x13"
           "Created with GIMP",
           21);
    set_bytes(fixture, DA_FILE_ACCESS, bytes);
}

const Damage damages_image[] = {
    {"truncated JPEG", "IMG-001", .before = truncated},
    {"no image at all", "IMG-001", .before = no_image},
    {"PNG called jpg", "IMG-001", .before = png_named_jpg},
    {"access image in another format", "IMG-002", .before = png_as_access},
    {"low resolution", "IMG-003", .before = low_dpi},
    {"master of low resolution", "IMG-003", .before = low_dpi_master},
    {"no resolution", "IMG-003", .before = no_dpi},
    {"4 bits a pixel", "IMG-005", .before = four_bits},
    {"size not as in dossier.xml", "IMG-016", .before = other_size},
    {"JPEG quality 35", "IMG-007", .before = low_quality},
    {"TIFF by LZMA", "IMG-008", .before = lzma_tiff},
    {"taken by telephone", "IMG-015", .before = telephone},
    {"written by a picture editor", "IMG-015", .before = edited},
    {"a Huffman table without codes", "IMG-018", .before = empty_huffman_table},
    {"strips that overlap", "IMG-018", .before = overlapping_strips},
    {"bytes after the end", "IMG-017", .before = trailing_bytes},
    {"a second JPEG after the first", "IMG-017", .before = second_image},
    {"ALTO of another size", "OCR-001", .before = alto_of_another_page},
    {NULL},
};
