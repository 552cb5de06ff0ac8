#include "fixture.h"

#include <dangan/image.h>
#include <string.h>

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
    {"bytes after the end", "IMG-017", .before = trailing_bytes},
    {"a second JPEG after the first", "IMG-017", .before = second_image},
    {"ALTO of another size", "OCR-001", .before = alto_of_another_page},
    {NULL},
};
