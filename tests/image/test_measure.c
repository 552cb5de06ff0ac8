#include <dangan/error.h>
#include <dangan/measure.h>

#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WIDTH 1654 /* A4 at 200 dpi */
#define HEIGHT 2339
#define DPI 200

/* The content turned clockwise by `deg`, the new corners in `paper`. */
static Pix *turned(Pix *pix, double deg, guint8 paper)
{
    return deg == 0 ? pixClone(pix) : pixRotateAMGray(pix, (float)(deg * G_PI / 180), paper);
}

static DaMeasure measured(Pix *pix)
{
    DaMeasure measure;
    g_autoptr(GError) error = NULL;
    if (!da_measure_page(pix, DPI, &measure, &error))
        fail_msg("%s", error->message);
    return measure;
}

static void skew_of_text_is_found(void **state)
{
    static const double angles[] = {-14, -6.5, -2.2, -0.6, -0.13, 0, 0.05, 0.3, 1.1, 3.7, 9, 14};
    g_autoptr(Pix) page = draw_page(WIDTH, HEIGHT, 8, 235, 30);
    for (gsize i = 0; i < G_N_ELEMENTS(angles); i++) {
        g_autoptr(Pix) scan = turned(page, angles[i], 235);
        DaMeasure m = measured(scan);
        if (m.blank || !(fabs(m.skew_cw_deg - angles[i]) < 0.05))
            fail_msg("%g° was measured as %g°", angles[i], m.skew_cw_deg);
        if (!(m.line_ratio > 1.1))
            fail_msg("rows at %g° have the ratio %g", angles[i], m.line_ratio);
    }
}

static void a_page_that_lies_sideways_has_the_same_skew(void **state)
{
    g_autoptr(Pix) page = draw_page(WIDTH, HEIGHT, 8, 235, 30);
    g_autoptr(Pix) scan = turned(page, 1.3, 235);
    g_autoptr(Pix) sideways = pixRotateOrth(scan, 1);
    DaMeasure m = measured(sideways);
    assert_true(fabs(m.skew_cw_deg - 1.3) < 0.05);
    assert_true(m.line_ratio < 0.9);
}

static void the_bed_does_not_turn_the_page(void **state)
{
    static const guint8 beds[] = {0, 20, 60, 200, 255};
    for (gsize i = 0; i < G_N_ELEMENTS(beds); i++) {
        g_autoptr(Pix) page = draw_page(WIDTH - 400, HEIGHT - 500, 8, 230, 40);
        g_autoptr(Pix) content =
            turned(page, 2, 230); /* a sheet that lies straight, its text does not */
        g_autoptr(Pix) scan = pixCreate(WIDTH, HEIGHT, 8);
        draw_box(scan, 0, 0, WIDTH, HEIGHT, beds[i], beds[i], beds[i]);
        pixRasterop(scan, 210, 260, pixGetWidth(content), pixGetHeight(content), PIX_SRC, content,
                    0, 0);
        DaMeasure m = measured(scan);
        if (!(fabs(m.skew_cw_deg - 2) < 0.05) || m.bed_grey != beds[i])
            fail_msg("bed %u: %g°, bed measured as %u", beds[i], m.skew_cw_deg, m.bed_grey);
    }
}

static void a_photograph_does_not_turn_the_page(void **state)
{
    g_autoptr(Pix) page = draw_page(WIDTH, HEIGHT, 8, 235, 30);
    g_autoptr(Pix) scan = turned(page, -1.7, 235);
    for (int y = 0; y < 380;
         y++) { /* it was glued on askew: grey falling across, with a dark head */
        for (int x = 0; x < 290; x++) {
            int dx = x - 145, dy = y - 150;
            int grey = dx * dx + dy * dy < 100 * 100 ? 35 : 90 + x / 4 + y / 8;
            pixSetPixel(scan, 1150 + x + y / 9, 250 + y - x / 9, (l_uint32)grey);
        }
    }
    DaMeasure m = measured(scan);
    assert_true(fabs(m.skew_cw_deg + 1.7) < 0.05);
}

/* Print of the other side: mirrored, blurred and faint. */
static Pix *shown_through(guint8 paper, guint8 faint)
{
    Pix *back = draw_page(WIDTH, HEIGHT, 8, paper, faint);
    pixFlipLR(back, back);
    Pix *blurred = pixBlockconvGray(back, NULL, 4, 4);
    pixDestroy(&back);
    return blurred;
}

static void sides_without_content_are_blank(void **state)
{
    enum { PLAIN, SHOWN, DUST, HOLES, FOLD, BED } kinds[] = {PLAIN, SHOWN, DUST, HOLES, FOLD, BED};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(Pix) pix = shown_through(225, kinds[i] == PLAIN ? 225 : 185);
        guint place = 1;
        for (guint n = 0; n < 120 && kinds[i] == DUST; n++, place = place * 1103515245u + 12345u)
            draw_box(pix, (int)(place >> 4) % WIDTH, (int)(place >> 9) % HEIGHT, 3, 3, 40, 40, 40);
        for (int n = 0; n < 2 && kinds[i] == HOLES; n++) {
            for (int y = -22; y <= 22; y++) {
                int half = (int)sqrt(22.0 * 22 - y * y);
                draw_box(pix, 95 - half, 850 + n * 630 + y, 2 * half + 1, 1, 15, 15, 15);
            }
        }
        if (kinds[i] == FOLD)
            draw_box(pix, 0, 1170, WIDTH, 3, 190, 190, 190);
        if (kinds[i] == BED) {
            draw_box(pix, 0, 0, 90, HEIGHT, 12, 12, 12);
            draw_box(pix, 0, 0, WIDTH, 60, 12, 12, 12);
        }
        DaMeasure m = measured(pix);
        if (!m.blank || !isnan(m.skew_cw_deg))
            fail_msg("case %zu: ink %g, skew %g", i, m.ink_share, m.skew_cw_deg);
        if (kinds[i] == SHOWN)
            assert_true(m.show_through > 0.01);
    }
}

static void little_content_is_content(void **state)
{
    g_autoptr(Pix) line = shown_through(225, 190);
    for (int x = 0; x < 8; x++)
        draw_glyph(line, 600 + x * 40, 1200, 36, (guint)x, 60);
    assert_false(measured(line).blank);

    g_autoptr(Pix) pencil = shown_through(225, 225);
    for (int x = 0; x < 12; x++)
        draw_glyph(pencil, 600 + x * 40, 1200, 36, (guint)x,
                   165); /* faint, but with the sharp edge of a stroke */
    assert_false(measured(pencil).blank);

    g_autoptr(Pix) seal = pixCreate(WIDTH, HEIGHT, 32);
    draw_box(seal, 0, 0, WIDTH, HEIGHT, 240, 235, 220);
    draw_box(seal, 900, 1500, 180, 12, 205, 60, 60);
    draw_box(seal, 900, 1680, 180, 12, 205, 60, 60);
    draw_box(seal, 900, 1500, 12, 180, 205, 60, 60);
    DaMeasure m = measured(seal);
    assert_false(m.blank);
    assert_true(m.red_share > 0);
}

/* Bars wider than the blur: a thinner stroke loses height with its edge, and measures less. */
static Pix *draw_bars(void)
{
    Pix *pix = pixCreate(WIDTH, HEIGHT, 8);
    draw_box(pix, 0, 0, WIDTH, HEIGHT, 235, 235, 235);
    for (int y = 200; y < HEIGHT - 200; y += 60)
        for (int x = 200; x < WIDTH - 200; x += 60)
            draw_box(pix, x, y, 24, 40, 30, 30, 30);
    return pix;
}

static void blur_is_measured_in_px(void **state)
{
    g_autoptr(Pix) sharp = draw_bars();
    assert_true(measured(sharp).blur_px < 1.5);
    for (int half = 1; half <= 5; half += 2) {
        g_autoptr(Pix) soft = pixBlockconvGray(sharp, NULL, half, half);
        double width = 2 * half + 1, measured_px = measured(soft).blur_px;
        if (!(fabs(measured_px - width) < width / 10))
            fail_msg("an edge of %g px was measured as %g px", width, measured_px);
    }
}

static void images_of_any_shape_are_measured_or_refused(void **state)
{
    static const struct {
        int width, height, depth;
    } shapes[] = {{1, 1, 8},   {1, 3000, 8},   {3000, 1, 32}, {7, 7, 32},  {9, 2000, 1},
                  {64, 64, 1}, {40000, 20, 8}, {100, 100, 2}, {33, 90, 16}};
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autoptr(Pix) pix = pixCreate(shapes[i].width, shapes[i].height, shapes[i].depth);
        for (guint dpi = 75; dpi <= 1200; dpi *= 4) {
            g_autoptr(GError) error = NULL;
            DaMeasure m;
            assert_int_equal(da_measure_page(pix, dpi, &m, &error), error == NULL);
        }
        g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
        assert_non_null(grey);
        g_autoptr(Pix) bitonal = da_measure_binarize(grey, 300);
        assert_int_equal(pixGetDepth(bitonal), 1);
    }
    g_autoptr(Pix) pix = pixCreate(10, 10, 8);
    g_autoptr(GError) error = NULL;
    DaMeasure m;
    assert_false(da_measure_page(pix, 7, &m, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

static guint black_share_percent(Pix *bitonal, int x, int y, int w, int h)
{
    g_autoptr(Box) box = boxCreate(x, y, w, h);
    l_int32 count = 0;
    pixCountPixelsInRect(bitonal, box, &count, NULL);
    return (guint)(count * 100 / (w * h));
}

/* A bar that leaves `percent` of the light of the paper below it. */
static void shade(Pix *pix, int y, int h, int percent)
{
    for (int v = y; v < y + h; v++) {
        for (int u = 60; u < 840; u++) {
            int red = 0, green = 0, blue = 0;
            pixGetRGBPixel(pix, u, v, &red, &green, &blue);
            pixSetRGBPixel(pix, u, v, red * percent / 100, green * percent / 100,
                           blue * percent / 100);
        }
    }
}

static void binarize_keeps_print_and_drops_seals_and_shown_through(void **state)
{
    g_autoptr(Pix) pix = pixCreate(900, 900, 32);
    for (int x = 0; x < 900; x++) /* paper that darkens to one side */
        draw_box(pix, x, 0, 1, 900, (guint8)(240 - x / 10), (guint8)(225 - x / 10),
                 (guint8)(190 - x / 10));
    for (int y = 40; y < 280; y += 60)
        shade(pix, y, 6, 20); /* print */
    for (int y = 340; y < 560; y += 60)
        shade(pix, y, 6, 60);                     /* worn print */
    draw_box(pix, 60, 620, 480, 40, 205, 50, 50); /* seal */
    shade(pix, 780, 60, 85);                      /* the other side */
    g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
    assert_int_equal(pixGetDepth(grey), 8);
    g_autoptr(Pix) bitonal = da_measure_binarize(grey, 300);
    assert_true(black_share_percent(bitonal, 60, 41, 780, 4) > 95);
    assert_true(black_share_percent(bitonal, 60, 341, 780, 4) > 95);
    assert_true(black_share_percent(bitonal, 0, 580, 900, 100) < 2);
    assert_true(black_share_percent(bitonal, 0, 700, 900, 200) < 2);
    assert_true(black_share_percent(bitonal, 0, 300, 900, 20) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skew_of_text_is_found),
        cmocka_unit_test(a_page_that_lies_sideways_has_the_same_skew),
        cmocka_unit_test(the_bed_does_not_turn_the_page),
        cmocka_unit_test(a_photograph_does_not_turn_the_page),
        cmocka_unit_test(sides_without_content_are_blank),
        cmocka_unit_test(little_content_is_content),
        cmocka_unit_test(blur_is_measured_in_px),
        cmocka_unit_test(images_of_any_shape_are_measured_or_refused),
        cmocka_unit_test(binarize_keeps_print_and_drops_seals_and_shown_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
