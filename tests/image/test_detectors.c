/* What is found on good pages, and on the same pages when they were spoilt. A false alarm is as bad as a miss. */
#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/paper.h>

#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DPI 300
/* Pages of the samples that are tried, from different dossiers. */
#define PAGES 4

/* --- drawn pages ------------------------------------------------------------------------------------------------------ */

static Pix *plain_page(void)
{
    Pix *pix = draw_page(1240, 1754, 32, 236, 30);
    pixSetResolution(pix, 150, 150);
    return pix;
}

/* A head and shoulders before a grey wall, 25 x 35 mm at 150 dpi. */
static void draw_photograph(Pix *pix, int x, int y)
{
    for (int v = 0; v < 206; v++) {
        guint8 wall = (guint8)(190 - v / 6);
        draw_box(pix, x, y + v, 148, 1, wall, wall, (guint8)(wall - 8));
    }
    draw_box(pix, x + 45, y + 35, 58, 70, 170, 165, 155);
    draw_box(pix, x + 42, y + 25, 64, 30, 35, 35, 35);
    draw_box(pix, x + 20, y + 130, 108, 76, 65, 65, 68);
}

static void draw_ring(Pix *pix, int cx, int cy, int radius, int width)
{
    for (int y = -radius; y <= radius; y++) {
        for (int x = -radius; x <= radius; x++) {
            double r = hypot(x, y);
            if ((r <= radius && r > radius - width) || r < radius / 4.0)
                draw_box(pix, cx + x, cy + y, 1, 1, 205, 60, 65);
        }
    }
}

static DaMeasure measured(Pix *pix, guint dpi)
{
    DaMeasure measure;
    assert_true(da_measure_page(pix, dpi, &measure, NULL));
    return measure;
}

static gboolean is_near(const DaMeasureBox *box, int x, int y, int w, int h, int tolerance)
{
    return ABS((int)box->x_px - x) <= tolerance && ABS((int)box->y_px - y) <= tolerance &&
           ABS((int)(box->x_px + box->w_px) - x - w) <= tolerance &&
           ABS((int)(box->y_px + box->h_px) - y - h) <= tolerance;
}

static void a_photograph_is_found_where_it_is(void **state)
{
    g_autoptr(Pix) page = plain_page();
    DaMeasure without = measured(page, 150);
    assert_int_equal(without.photograph_count, 0);
    draw_box(page, 890, 190, 170, 230, 236, 236, 236);
    draw_photograph(page, 900, 200);
    DaMeasure with = measured(page, 150);
    assert_int_equal(with.photograph_count, 1);
    assert_true(is_near(&with.photographs[0], 900, 200, 148, 206, 12));
    assert_int_equal(with.seal_count, 0);
}

static void a_black_field_is_no_photograph(void **state)
{
    g_autoptr(Pix) page = plain_page();
    draw_box(page, 890, 190, 170, 230, 30, 30, 30);
    assert_int_equal(measured(page, 150).photograph_count, 0);
}

static void seals_are_found_and_red_heads_and_rules_are_not(void **state)
{
    g_autoptr(Pix) page = plain_page();
    for (int i = 0; i < 8; i++)
        draw_glyph(page, 240 + i * 90, 60, 56, (guint)i, 0); /* red below: only the place counts */
    for (int i = 0; i < 8; i++)
        draw_box(page, 240 + i * 90, 60, 56, 56, 200, 50, 50);
    draw_box(page, 150, 150, 900, 4, 200, 50, 50);
    assert_int_equal(measured(page, 150).seal_count, 0);
    draw_ring(page, 800, 1300, 120, 8);
    DaMeasure m = measured(page, 150);
    assert_int_equal(m.seal_count, 1);
    assert_true(is_near(&m.seals[0], 680, 1180, 240, 240, 12));
}

static void text_that_runs_out_of_the_scan_is_told_by_its_side(void **state)
{
    g_autoptr(Pix) page = plain_page();
    DaMeasure whole = measured(page, 150);
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++)
        assert_false(whole.content_cut[side]);
    Box *box = boxCreate(400, 0, 840, 1754);
    g_autoptr(Pix) cut = pixClipRectangle(page, box, NULL);
    boxDestroy(&box);
    DaMeasure m = measured(cut, 150);
    assert_true(m.content_cut[DA_SCAN_LEFT]);
    assert_false(m.content_cut[DA_SCAN_RIGHT] || m.content_cut[DA_SCAN_TOP]);
}

static void a_sheet_that_runs_out_of_the_scan_is_told_with_its_length(void **state)
{
    g_autoptr(Pix) page = plain_page();
    draw_box(page, 0, 0, 40, 1754, 20, 20, 20);
    draw_box(page, 0, 0, 1240, 40, 20, 20, 20);
    draw_box(page, 0, 1714, 1240, 40, 20, 20, 20);
    DaMeasure m = measured(page, 150);
    assert_true(m.sheet_cut_mm[DA_SCAN_LEFT] < 1 && m.sheet_cut_mm[DA_SCAN_TOP] < 8);
    assert_true(m.sheet_cut_mm[DA_SCAN_RIGHT] > 270);
}

static void a_dark_scan_is_not_blank(void **state)
{
    g_autoptr(Pix) page = plain_page();
    for (int y = 0; y < pixGetHeight(page); y++) {
        guint32 *line = pixGetData(page) + y * pixGetWpl(page);
        for (int x = 0; x < pixGetWidth(page); x++)
            line[x] = (line[x] >> 2 & 0x3F3F3F3F) & ~0xFFu;
    }
    DaMeasure m = measured(page, 150);
    assert_false(m.blank);
    assert_int_equal(m.exposure, DA_EXPOSURE_UNDER);
}

/* --- pages of the samples, as they are and spoilt ---------------------------------------------------------------------- */

static void find_pages(const char *folder, GPtrArray *pages)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name = NULL;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            find_pages(path, pages);
        else if (g_str_has_suffix(name, "001.jpg") || g_str_has_suffix(name, "4.jpg"))
            g_ptr_array_add(pages, g_steal_pointer(&path));
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Some pages with content; skips where there are no samples. */
static GPtrArray *sample_pages(void)
{
    const char *samples = g_getenv("DANGAN_SAMPLES");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *pages = g_ptr_array_new();
    if (samples != NULL)
        find_pages(samples, paths);
    g_ptr_array_sort(paths, by_name);
    for (guint i = 0; i < paths->len && pages->len < PAGES; i += MAX(1, paths->len / PAGES)) {
        char *data = NULL;
        gsize size = 0;
        assert_true(g_file_get_contents(g_ptr_array_index(paths, i), &data, &size, NULL));
        g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
        g_ptr_array_add(pages, da_image_decode(bytes, NULL));
    }
    return pages;
}

static void free_pages(GPtrArray *pages)
{
    for (guint i = 0; i < pages->len; i++) {
        Pix *pix = g_ptr_array_index(pages, i);
        pixDestroy(&pix);
    }
    g_ptr_array_unref(pages);
}

typedef Pix *(*Spoil)(Pix *pix);

static Pix *as_it_is(Pix *pix)
{
    return pixClone(pix);
}

static Pix *scale_light(Pix *pix, double factor, int add)
{
    Pix *out = pixCopy(NULL, pix);
    for (int y = 0; y < pixGetHeight(out); y++) {
        guint32 *line = pixGetData(out) + y * pixGetWpl(out);
        for (int x = 0; x < pixGetWidth(out); x++) {
            int r = 0, g = 0, b = 0;
            extractRGBValues(line[x], &r, &g, &b);
            composeRGBPixel((int)MIN(255, r * factor + add), (int)MIN(255, g * factor + add),
                            (int)MIN(255, b * factor + add), &line[x]);
        }
    }
    return out;
}

static Pix *too_dark(Pix *pix)
{
    return scale_light(pix, 0.4, 0);
}

static Pix *too_light(Pix *pix)
{
    return scale_light(pix, 1.7, 40);
}

static Pix *out_of_focus(Pix *pix)
{
    g_autoptr(Pix) once = pixBlockconv(pix, 2, 2);
    return pixBlockconv(once, 2, 2);
}

static Pix *enlarged_twice(Pix *pix)
{
    g_autoptr(Pix) half = pixScaleAreaMap2(pix);
    return pixScaleColorLI(half, 2, 2);
}

static const struct {
    const char *label;
    Spoil spoil;
    gboolean blurred, enlarged;
    DaExposure exposure;
} spoils[] = {
    {"as it is", as_it_is, FALSE, FALSE, DA_EXPOSURE_NORMAL},
    {"too dark", too_dark, FALSE, FALSE, DA_EXPOSURE_UNDER},
    {"too light", too_light, FALSE, FALSE, DA_EXPOSURE_OVER},
    {"out of focus", out_of_focus, TRUE, FALSE, DA_EXPOSURE_NORMAL},
    {"enlarged twice", enlarged_twice, FALSE, TRUE, DA_EXPOSURE_NORMAL},
};

static void spoilt_pages_are_told_from_good_ones(void **state)
{
    GPtrArray *pages = sample_pages();
    if (pages->len == 0)
        skip();
    for (guint i = 0; i < pages->len * G_N_ELEMENTS(spoils); i++) {
        guint k = i % G_N_ELEMENTS(spoils), page = i / G_N_ELEMENTS(spoils);
        g_autoptr(Pix) pix = spoils[k].spoil(g_ptr_array_index(pages, page));
        DaMeasure m = measured(pix, DPI);
        gboolean cut = m.content_cut[0] || m.content_cut[1] || m.content_cut[2] || m.content_cut[3];
        if (m.blank || m.exposure != spoils[k].exposure || m.blurred != spoils[k].blurred ||
            (m.enlarged > 1) != spoils[k].enlarged || cut)
            fail_msg("page %u %s: blank %d, %s, edges %g px, enlarged %g, cut %d", page,
                     spoils[k].label, m.blank, da_exposure_name(m.exposure), m.blur_px, m.enlarged,
                     cut);
    }
    free_pages(pages);
}

/* The page as another program would save it: lying upside down, more strongly compressed. */
static Pix *saved_again(Pix *pix)
{
    g_autoptr(Pix) turned = pixRotate180(NULL, pix);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(turned, 60, NULL);
    return da_image_decode(jpeg, NULL);
}

static void fingerprints_tell_a_second_scan_from_another_page(void **state)
{
    GPtrArray *pages = sample_pages();
    DaMeasure m[PAGES];
    if (pages->len == 0)
        skip();
    for (guint i = 0; i < pages->len; i++) {
        g_autoptr(Pix) again = saved_again(g_ptr_array_index(pages, i));
        m[i] = measured(g_ptr_array_index(pages, i), DPI);
        DaMeasure second = measured(again, DPI);
        double likeness = da_fingerprint_likeness(&m[i].fingerprint, &second.fingerprint);
        if (!(likeness > DA_FINGERPRINT_SAME))
            fail_msg("page %u: %g", i, likeness);
        for (guint k = 0; k < i; k++)
            assert_true(da_fingerprint_likeness(&m[i].fingerprint, &m[k].fingerprint) <
                        DA_FINGERPRINT_SAME);
    }
    free_pages(pages);
}

static void forms_of_one_kind_with_other_entries_differ(void **state)
{
    DaMeasure m[2];
    for (guint i = 0; i < 2; i++) {
        g_autoptr(Pix) form = pixCreate(1240, 1754, 8);
        draw_box(form, 0, 0, 1240, 1754, 236, 236, 236);
        for (int y = 200; y < 1600; y += 70) {
            draw_box(form, 150, y, 940, 3, 30, 30, 30);
            for (int x = 0; x < 4; x++)
                draw_glyph(form, 170 + x * 44, y + 18, 36, (guint)(x + y), 30); /* printed */
            for (int x = 0; x < 9; x++)                                         /* written */
                draw_glyph(form, 420 + x * 50 + (int)i * (y % 90), y + 14 + (int)i * 8, 40,
                           (guint)(x * 7 + y * (int)(i + 1)), 60);
        }
        m[i] = measured(form, 150);
    }
    assert_true(da_fingerprint_likeness(&m[0].fingerprint, &m[0].fingerprint) > 0.99);
    assert_true(da_fingerprint_likeness(&m[0].fingerprint, &m[1].fingerprint) <
                DA_FINGERPRINT_SAME);
}

static void fingerprints_survive_being_text(void **state)
{
    g_autoptr(Pix) page = plain_page();
    DaMeasure m = measured(page, 150);
    g_autofree char *text = da_fingerprint_to_text(&m.fingerprint);
    DaFingerprint back, none = {0};
    assert_true(da_fingerprint_from_text(text, &back));
    assert_memory_equal(back.cells, m.fingerprint.cells, sizeof back.cells);
    static const char *const wrong[] = {NULL, "", "abc", "====", "QUJD"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_false(da_fingerprint_from_text(wrong[i], &back));
    assert_null(da_fingerprint_to_text(&none));
    assert_true(da_fingerprint_likeness(&none, &none) <= 0);
}

/* --- paper ------------------------------------------------------------------------------------------------------------- */

static void sheets_are_named_by_their_size(void **state)
{
    static const struct {
        double width_mm, height_mm;
        const char *name;
    } cases[] = {{210, 297, "A4"}, {297, 210, "A4"},     {184, 260, "16开"}, {205, 292, "A4"},
                 {297, 420, "A3"}, {182, 257, "JIS B5"}, {176, 250, "B5"},   {130, 184, "32开"},
                 {100, 100, NULL}, {210, 340, NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *name = da_paper_name(cases[i].width_mm, cases[i].height_mm);
        if (g_strcmp0(name, cases[i].name) != 0)
            fail_msg("%g x %g mm is %s", cases[i].width_mm, cases[i].height_mm,
                     name != NULL ? name : "nothing");
    }
}

static void a_resolution_that_makes_no_sheet_is_doubted(void **state)
{
    static const struct {
        const char *label;
        double width_px, height_px;
        guint dpi, likely;
    } cases[] = {
        {"A4 as said", 2480, 3508, 300, 300},
        {"A4 at 300, header says 72", 2480, 3508, 72, 300},
        {"A4 at 200, header says 96", 1654, 2339, 96, 200},
        {"A4 at 300, header says 1200", 2480, 3508, 1200, 1200}, /* a receipt, as well as not */
        {"A4 at 600, header says 100", 4960, 7016, 100, 600},
        {"a receipt", 900, 1500, 300, 300},
        {"an honest small picture", 500, 300, 72, 72},
        {"nothing fits", 9999, 100, 72, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint likely = da_paper_likely_dpi(cases[i].width_px, cases[i].height_px, cases[i].dpi);
        if (likely != cases[i].likely)
            fail_msg("%s: %u", cases[i].label, likely);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photograph_is_found_where_it_is),
        cmocka_unit_test(a_black_field_is_no_photograph),
        cmocka_unit_test(seals_are_found_and_red_heads_and_rules_are_not),
        cmocka_unit_test(text_that_runs_out_of_the_scan_is_told_by_its_side),
        cmocka_unit_test(a_sheet_that_runs_out_of_the_scan_is_told_with_its_length),
        cmocka_unit_test(a_dark_scan_is_not_blank),
        cmocka_unit_test(spoilt_pages_are_told_from_good_ones),
        cmocka_unit_test(fingerprints_tell_a_second_scan_from_another_page),
        cmocka_unit_test(forms_of_one_kind_with_other_entries_differ),
        cmocka_unit_test(fingerprints_survive_being_text),
        cmocka_unit_test(sheets_are_named_by_their_size),
        cmocka_unit_test(a_resolution_that_makes_no_sheet_is_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
