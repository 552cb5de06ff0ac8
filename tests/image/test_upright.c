#include <dangan/error.h>
#include <dangan/measure.h>
#include <dangan/upright.h>

#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const DaUpright cases[] = {
    {.turn_cw_deg = 0, .skew_cw_deg = 0},
    {.turn_cw_deg = 90, .skew_cw_deg = NAN},
    {.turn_cw_deg = 180, .skew_cw_deg = 0.01},
    {.turn_cw_deg = 270, .skew_cw_deg = 0},
    {.turn_cw_deg = 0, .skew_cw_deg = 3.2},
    {.turn_cw_deg = 0, .skew_cw_deg = -0.8},
    {.turn_cw_deg = 90, .skew_cw_deg = -4.5},
    {.turn_cw_deg = 180, .skew_cw_deg = 12},
    {.turn_cw_deg = 270, .skew_cw_deg = 0.6},
    {.turn_cw_deg = 0, .skew_cw_deg = 0, .crop = {11, 7, 120, 110}},
    {.turn_cw_deg = 0, .skew_cw_deg = 0.7, .crop = {15, 20, 130, 120}},
    {.turn_cw_deg = 0, .skew_cw_deg = -2, .crop = {6, 8, 140, 140}},
};

static void mapping_there_and_back_is_the_same_point(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (double u = 0; u < 200; u += 37) {
            double x = u, y = 150 - u / 2;
            da_upright_map(&cases[i], 203, 151, &x, &y);
            da_upright_unmap(&cases[i], 203, 151, &x, &y);
            if (!(fabs(x - u) < 1e-6 && fabs(y - (150 - u / 2)) < 1e-6))
                fail_msg("case %zu: (%g, %g) came back as (%g, %g)", i, u, 150 - u / 2, x, y);
        }
    }
}

/* Middle of what is dark. */
static void centre(Pix *pix, double *x, double *y)
{
    double sum = 0, sum_x = 0, sum_y = 0;
    for (int v = 0; v < pixGetHeight(pix); v++) {
        for (int u = 0; u < pixGetWidth(pix); u++) {
            l_uint32 value = 0;
            pixGetPixel(pix, u, v, &value);
            double ink = 255 - (double)(pixGetDepth(pix) == 32 ? value >> 24 : value);
            sum += ink;
            sum_x += ink * u;
            sum_y += ink * v;
        }
    }
    *x = sum_x / sum;
    *y = sum_y / sum;
}

static void a_mark_is_found_where_the_mapping_says(void **state)
{
    static const int depths[] = {8, 32};
    static const int sizes[][2] = {{400, 300}, {301, 402}, {403, 299}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases) * 2 * 3; i++) {
        const int *size = sizes[i % 3];
        DaUpright upright = cases[i / 6];
        g_autoptr(Pix) pix = pixCreate(size[0], size[1], depths[i / 3 % 2]);
        draw_box(pix, 0, 0, size[0], size[1], 255, 255, 255);
        draw_box(pix, 60, 41, 9, 9, 0, 0, 0);
        g_autoptr(Pix) out = da_upright_apply(pix, &upright, NULL);
        assert_non_null(out);
        double x = 64, y = 45, seen_x = 0, seen_y = 0;
        da_upright_map(&upright, size[0], size[1], &x, &y);
        centre(out, &seen_x, &seen_y);
        if (upright.crop.w_px > 0)
            assert_true(upright.cropped && pixGetWidth(out) == upright.crop.w_px &&
                        pixGetHeight(out) == upright.crop.h_px);
        if (!(fabs(x - seen_x) < 0.15 && fabs(y - seen_y) < 0.15))
            fail_msg("case %zu: mapped to (%g, %g), seen at (%g, %g)", i, x, y, seen_x, seen_y);
    }
}

static void nothing_is_resampled_without_need(void **state)
{
    g_autoptr(Pix) pix = draw_page(300, 400, 32, 240, 20);
    DaUpright straight = {.skew_cw_deg = 0.04};
    g_autoptr(Pix) same = da_upright_apply(pix, &straight, NULL);
    assert_ptr_equal(same, pix);
    assert_false(straight.turned || straight.rotated);

    DaUpright turn = {.turn_cw_deg = 90, .skew_cw_deg = NAN};
    g_autoptr(Pix) turned = da_upright_apply(pix, &turn, NULL);
    assert_true(turn.turned && !turn.rotated);
    g_autoptr(Pix) back = pixRotateOrth(turned, 1);
    int equal = 0;
    pixEqual(back, pix, &equal);
    assert_true(equal);
}

static void the_result_is_level(void **state)
{
    static const double angles[] = {-6, -0.7, 0.3, 4.2};
    g_autoptr(Pix) page = draw_page(1654, 2339, 8, 235, 30);
    for (gsize i = 0; i < G_N_ELEMENTS(angles); i++) {
        g_autoptr(Pix) scan = pixRotateAMGray(page, (float)(angles[i] * G_PI / 180), 235);
        DaUpright upright = {.skew_cw_deg = angles[i]};
        g_autoptr(Pix) out = da_upright_apply(scan, &upright, NULL);
        DaMeasure m;
        assert_true(da_measure_page(out, 200, &m, NULL));
        if (!(fabs(m.skew_cw_deg) < 0.05))
            fail_msg("%g° left %g°", angles[i], m.skew_cw_deg);
    }
}

static void new_corners_take_the_colour_of_the_bed(void **state)
{
    static const guint8 beds[][3] = {{10, 12, 14}, {250, 250, 250}, {200, 190, 170}};
    for (gsize i = 0; i < G_N_ELEMENTS(beds); i++) {
        g_autoptr(Pix) pix = pixCreate(600, 800, 32);
        draw_box(pix, 0, 0, 600, 800, beds[i][0], beds[i][1], beds[i][2]);
        draw_box(pix, 50, 60, 500, 680, 235, 230, 220);
        DaUpright upright = {.skew_cw_deg = 5};
        g_autoptr(Pix) out = da_upright_apply(pix, &upright, NULL);
        assert_true(upright.rotated);
        assert_true(pixGetWidth(out) > 600 && pixGetHeight(out) > 800);
        int corners[4][2] = {{0, 0},
                             {pixGetWidth(out) - 1, 0},
                             {0, pixGetHeight(out) - 1},
                             {pixGetWidth(out) - 1, pixGetHeight(out) - 1}};
        for (gsize k = 0; k < 4; k++) {
            int red = 0, green = 0, blue = 0;
            pixGetRGBPixel(out, corners[k][0], corners[k][1], &red, &green, &blue);
            assert_true(red == beds[i][0] && green == beds[i][1] && blue == beds[i][2]);
        }
    }
}

static void other_turns_are_refused(void **state)
{
    static const DaUpright wrong[] = {{.crop = {.x_px = 1, .w_px = 20, .h_px = 20}},
                                      {.crop = {.x_px = -1, .w_px = 10, .h_px = 10}},
                                      {.crop = {.w_px = 10, .h_px = 0}},
                                      {.crop = {.x_px = G_MAXINT, .w_px = 10, .h_px = 10}},
                                      {.turn_cw_deg = 45},
                                      {.turn_cw_deg = -90},
                                      {.turn_cw_deg = 360},
                                      {.skew_cw_deg = 60},
                                      {.skew_cw_deg = INFINITY}};
    g_autoptr(Pix) pix = pixCreate(20, 20, 8);
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        DaUpright upright = wrong[i];
        g_autoptr(GError) error = NULL;
        assert_null(da_upright_apply(pix, &upright, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
    }
}

static void bitonal_pages_become_grey_when_they_are_levelled(void **state)
{
    g_autoptr(Pix) pix = draw_page(300, 400, 1, 255, 0);
    DaUpright upright = {.turn_cw_deg = 180, .skew_cw_deg = 2};
    g_autoptr(Pix) out = da_upright_apply(pix, &upright, NULL);
    assert_int_equal(pixGetDepth(out), 8);
    assert_int_equal(pixGetXRes(out), 300);
}

/* A sheet of text on a bed, turned and tilted; `corner` is its upper left corner in the level frame. */
static Pix *scan_of_sheet(const guint8 bed[3], double skew_cw_deg, int turn_cw_deg)
{
    g_autoptr(Pix) sheet = draw_page(600, 800, 32, 238, 30);
    g_autoptr(Pix) scan = pixCreate(900, 1000, 32);
    draw_box(scan, 0, 0, 900, 1000, bed[0], bed[1], bed[2]);
    for (int y = 0; y < 800; y++) {
        for (int x = 0; x < 600; x++) {
            l_uint32 value = 0;
            pixGetPixel(sheet, x, y, &value);
            /* yellowed: less blue than the bed */
            composeRGBPixel((int)(value >> 24), (int)(value >> 24), (int)(value >> 24) * 9 / 10,
                            &value);
            pixSetPixel(scan, 180 + x, 90 + y, value);
        }
    }
    l_uint32 fill = 0;
    composeRGBPixel(bed[0], bed[1], bed[2], &fill);
    g_autoptr(Pix) tilted = pixRotateAMColor(scan, (float)(skew_cw_deg * G_PI / 180), fill);
    Pix *turned = pixRotateOrth(tilted, turn_cw_deg / 90);
    pixSetResolution(turned, 100, 100);
    return turned;
}

static void the_bed_goes_and_a_margin_around_the_sheet_stays(void **state)
{
    static const guint8 beds[][3] = {{250, 250, 250}, {225, 225, 225}, {18, 18, 20}};
    static const double skews[] = {0, 2.6, -0.4};
    static const int turns[] = {0, 90, 180, 270};
    const double per_mm = 100 / 25.4;
    for (gsize i = 0; i < 3 * 3 * 4; i++) {
        double skew = skews[i / 3 % 3];
        int turn = turns[i / 9];
        g_autoptr(Pix) scan = scan_of_sheet(beds[i % 3], skew, turn);
        DaMeasure m;
        assert_true(da_measure_page(scan, 100, &m, NULL));
        DaUpright upright = {.turn_cw_deg = turn, .skew_cw_deg = skew};
        assert_true(m.sheet_known);
        da_upright_crop_to_sheet(&upright, m.sheet_quad_px, 100, pixGetWidth(scan),
                                 pixGetHeight(scan));
        g_autoptr(Pix) out = da_upright_apply(scan, &upright, NULL);
        assert_true(upright.cropped);
        double left = (pixGetWidth(out) - 600) / 2.0 / per_mm;
        double top = (pixGetHeight(out) - 800) / 2.0 / per_mm;
        if (!(left >= 2 && left < 4 && top >= 2 && top < 4))
            fail_msg("case %zu: margins of %g and %g mm", i, left, top);
        assert_int_equal(pixGetXRes(out), 100);
    }
}

static void a_page_without_a_bed_to_cut_is_left_alone(void **state)
{
    static const int margins[] = {0, 8}; /* px: 8 are less than the margin that stays */
    for (gsize i = 0; i < G_N_ELEMENTS(margins); i++) {
        g_autoptr(Pix) pix = draw_page(600, 800, 8, 230, 20);
        for (int k = 0; k < margins[i]; k++)
            pixRasterop(pix, k, k, 600 - 2 * k, 1, PIX_SET, NULL, 0, 0);
        DaMeasure m;
        assert_true(da_measure_page(pix, 100, &m, NULL));
        DaUpright upright = {.skew_cw_deg = m.skew_cw_deg};
        if (m.sheet_known)
            da_upright_crop_to_sheet(&upright, m.sheet_quad_px, 100, 600, 800);
        g_autoptr(Pix) out = da_upright_apply(pix, &upright, NULL);
        assert_ptr_equal(out, pix);
        assert_false(upright.cropped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapping_there_and_back_is_the_same_point),
        cmocka_unit_test(a_mark_is_found_where_the_mapping_says),
        cmocka_unit_test(nothing_is_resampled_without_need),
        cmocka_unit_test(the_result_is_level),
        cmocka_unit_test(new_corners_take_the_colour_of_the_bed),
        cmocka_unit_test(other_turns_are_refused),
        cmocka_unit_test(the_bed_goes_and_a_margin_around_the_sheet_stays),
        cmocka_unit_test(a_page_without_a_bed_to_cut_is_left_alone),
        cmocka_unit_test(bitonal_pages_become_grey_when_they_are_levelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
