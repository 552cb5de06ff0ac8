#include <dangan/error.h>
#include <dangan/image.h>
#include <dangan/pyramid.h>

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A file without a name that holds `bytes`. */
static int file_of(const void *data, gsize size)
{
    int fd = memfd_create("pyramid", MFD_CLOEXEC);
    assert_int_equal(write(fd, data, size), size);
    return fd;
}

static DaPyramid *pyramid_of(Pix *image)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = da_pyramid_make(image, 90, &error);
    if (!file)
        fail_msg("%s", error->message);
    DaPyramid *pyramid =
        da_pyramid_open(file_of(g_bytes_get_data(file, NULL), g_bytes_get_size(file)), &error);
    if (!pyramid)
        fail_msg("%s", error->message);
    return pyramid;
}

static void assert_tile(const DaPyramid *pyramid, guint level, guint column, guint row, guint width,
                        guint height)
{
    guint64 offset = 0;
    gsize bytes = 0;
    DaImageInfo info;
    assert_true(da_pyramid_tile(pyramid, level, column, row, &offset, &bytes));
    g_autoptr(GBytes) jpeg = da_pyramid_tile_bytes(pyramid, offset, bytes, NULL);
    assert_non_null(jpeg);
    assert_true(da_image_probe(jpeg, &info, NULL));
    assert_int_equal(info.format, DA_IMAGE_JPEG);
    if (info.width_px != width || info.height_px != height)
        fail_msg("level %u, tile %u, %u: %u × %u px, not %u × %u", level, column, row,
                 info.width_px, info.height_px, width, height);
}

static void tiles_at_the_edge_are_as_small_as_what_is_left(void **state)
{
    g_autoptr(Pix) page = draw_page(1301, 1701, 32, 230, 20);
    g_autoptr(DaPyramid) pyramid = pyramid_of(page);
    guint width = 0, height = 0;
    guint64 offset = 0;
    gsize bytes = 0;
    assert_int_equal(da_pyramid_levels(pyramid), 3);
    assert_tile(pyramid, 0, 0, 0, 512, 512);
    assert_tile(pyramid, 0, 2, 3, 1301 - 1024, 1701 - 1536);
    assert_tile(pyramid, 1, 1, 1, 651 - 512, 851 - 512);
    assert_tile(pyramid, 2, 0, 0, 326, 426);
    da_pyramid_size(pyramid, 2, &width, &height);
    assert_int_equal(width, 326);
    assert_int_equal(height, 426);
    assert_false(da_pyramid_tile(pyramid, 0, 3, 0, &offset, &bytes));
    assert_false(da_pyramid_tile(pyramid, 0, 0, 4, &offset, &bytes));
    assert_false(da_pyramid_tile(pyramid, 3, 0, 0, &offset, &bytes));
}

static guint grey_at(Pix *pix, int x, int y)
{
    l_uint32 value = 0;
    pixGetPixel(pix, x, y, &value);
    return pixGetDepth(pix) == 32 ? value >> 24 : value;
}

/* Largest difference of two images of the same size. */
static guint difference(Pix *a, Pix *b)
{
    guint most = 0;
    assert_int_equal(pixGetWidth(a), pixGetWidth(b));
    assert_int_equal(pixGetHeight(a), pixGetHeight(b));
    for (int y = 0; y < pixGetHeight(a); y++)
        for (int x = 0; x < pixGetWidth(a); x++) {
            guint one = grey_at(a, x, y), other = grey_at(b, x, y);
            most = MAX(most, one > other ? one - other : other - one);
        }
    return most;
}

static void a_region_across_tiles_shows_what_the_image_shows(void **state)
{
    static const guint depths[] = {8, 32};
    for (gsize i = 0; i < G_N_ELEMENTS(depths); i++) {
        g_autoptr(Pix) page = draw_page(1400, 1300, (int)depths[i], 225, 40);
        g_autoptr(DaPyramid) pyramid = pyramid_of(page);
        g_autoptr(Pix) read = da_pyramid_read(pyramid, 0, 400, 333, 777, 801, NULL);
        g_autoptr(Box) box = boxCreate(400, 333, 777, 801);
        g_autoptr(Pix) wanted = pixClipRectangle(page, box, NULL);
        assert_non_null(read);
        assert_true(difference(read, wanted) < 60);
        /* one tile further would differ by all that is between paper and ink */
        g_autoptr(Box) aside = boxCreate(412, 333, 777, 801);
        g_autoptr(Pix) other = pixClipRectangle(page, aside, NULL);
        assert_true(difference(read, other) > 120);
    }
}

static void each_level_shows_the_whole_image(void **state)
{
    g_autoptr(Pix) page = pixCreate(1537, 1025, 8);
    draw_box(page, 0, 0, 1537, 1025, 255, 255, 255);
    draw_box(page, 0, 0, 768, 1025, 0, 0, 0);
    g_autoptr(DaPyramid) pyramid = pyramid_of(page);
    for (guint level = 0; level < da_pyramid_levels(pyramid); level++) {
        guint width = 0, height = 0;
        da_pyramid_size(pyramid, level, &width, &height);
        g_autoptr(Pix) whole = da_pyramid_read(pyramid, level, 0, 0, width, height, NULL);
        assert_non_null(whole);
        assert_int_equal(pixGetWidth(whole), width);
        assert_int_equal(pixGetHeight(whole), height);
        assert_true(grey_at(whole, (int)(width / 4), (int)height / 2) < 30);
        assert_true(grey_at(whole, (int)(width * 3 / 4), (int)height - 1) > 225);
    }
}

static void small_and_bitonal_images_have_a_pyramid_too(void **state)
{
    static const struct {
        int width, height, depth;
        guint levels;
    } cases[] = {
        {1, 1, 8, 1}, {512, 512, 32, 1}, {513, 1, 8, 2}, {1, 5000, 1, 5}, {900, 700, 1, 2}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Pix) page = pixCreate(cases[i].width, cases[i].height, cases[i].depth);
        g_autoptr(DaPyramid) pyramid = pyramid_of(page);
        if (da_pyramid_levels(pyramid) != cases[i].levels)
            fail_msg("%d × %d px: %u levels", cases[i].width, cases[i].height,
                     da_pyramid_levels(pyramid));
        assert_tile(pyramid, cases[i].levels - 1, 0, 0,
                    (guint)MAX(1, (cases[i].width + (1 << (cases[i].levels - 1)) - 1) >>
                                      (cases[i].levels - 1)),
                    (guint)MAX(1, (cases[i].height + (1 << (cases[i].levels - 1)) - 1) >>
                                      (cases[i].levels - 1)));
    }
}

static void assert_refused(const void *data, gsize size, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaPyramid) pyramid = da_pyramid_open(file_of(data, size), &error);
    if (pyramid || !g_error_matches(error, DA_ERROR, DA_ERROR_INPUT))
        fail_msg("%s passed as a pyramid", what);
}

static void what_is_no_whole_pyramid_is_refused(void **state)
{
    g_autoptr(Pix) page = draw_page(800, 600, 8, 230, 20);
    g_autoptr(GBytes) file = da_pyramid_make(page, 80, NULL);
    gsize size = g_bytes_get_size(file);
    static const struct {
        const char *what;
        gsize offset;
        guint8 value;
    } changes[] = {{"another magic", 0, 'D'},           {"a width of 0", 16, 0},
                   {"a huge width", 19, 0x7F},          {"another size of tiles", 24, 7},
                   {"another number of levels", 28, 9}, {"a tile that begins too late", 38, 0x7F},
                   {"tiles in disorder", 46, 0x7F}};
    assert_refused("", 0, "an empty file");
    assert_refused(g_bytes_get_data(file, NULL), 40, "a header alone");
    assert_refused(g_bytes_get_data(file, NULL), size - 1, "a truncated file");
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(file, NULL), size);
        copy[changes[i].offset] = changes[i].value;
        if (i == 1) /* 800 = 0x320 */
            copy[changes[i].offset + 1] = 0;
        assert_refused(copy, size, changes[i].what);
    }
}

static void a_damaged_tile_is_an_error_of_its_region_alone(void **state)
{
    g_autoptr(Pix) page = draw_page(800, 600, 8, 230, 20);
    g_autoptr(GBytes) file = da_pyramid_make(page, 80, NULL);
    gsize size = g_bytes_get_size(file);
    g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(file, NULL), size);
    g_autoptr(DaPyramid) good = pyramid_of(page);
    guint64 offset = 0;
    gsize bytes = 0;
    assert_true(da_pyramid_tile(good, 0, 1, 0, &offset, &bytes));
    g_autoptr(DaPyramid) same = da_pyramid_open(file_of(copy, size), NULL);
    assert_true(da_pyramid_tile(same, 0, 1, 0, &offset, &bytes));
    memset(copy + offset, 0, bytes);
    g_autoptr(DaPyramid) damaged = da_pyramid_open(file_of(copy, size), NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Pix) across = da_pyramid_read(damaged, 0, 0, 0, 800, 600, &error);
    assert_null(across);
    assert_non_null(error);
    g_autoptr(Pix) aside = da_pyramid_read(damaged, 0, 0, 0, 512, 512, NULL);
    assert_non_null(aside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_at_the_edge_are_as_small_as_what_is_left),
        cmocka_unit_test(a_region_across_tiles_shows_what_the_image_shows),
        cmocka_unit_test(each_level_shows_the_whole_image),
        cmocka_unit_test(small_and_bitonal_images_have_a_pyramid_too),
        cmocka_unit_test(what_is_no_whole_pyramid_is_refused),
        cmocka_unit_test(a_damaged_tile_is_an_error_of_its_region_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
