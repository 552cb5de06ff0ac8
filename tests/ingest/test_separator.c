/* Codes of separator sheets as a scanner sees them: skewed, turned, stained, at the resolutions that are used. */
#include "sheet.h"

#include <dangan/separator.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE "606129196201204759"

static void payloads_are_read_back(void **state)
{
    static const struct {
        DaSeparatorKind kind;
        const char *text, *payload;
    } cases[] = {
        {DA_SEPARATOR_DOSSIER, SAMPLE, "DA1:D:606129196201204759"},
        {DA_SEPARATOR_DOSSIER, "RS-2020-900-0001", "DA1:D:RS-2020-900-0001"},
        {DA_SEPARATOR_DOSSIER, "永久 12", "DA1:D:%E6%B0%B8%E4%B9%85%2012"},
        {DA_SEPARATOR_MATERIAL, "9-1-2", "DA1:M:9-1-2"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *payload = da_separator_payload(cases[i].kind, cases[i].text);
        g_autoptr(DaSeparator) back = da_separator_parse(payload);
        assert_string_equal(payload, cases[i].payload);
        assert_non_null(back);
        assert_int_equal(back->kind, cases[i].kind);
        assert_string_equal(back->text, cases[i].text);
    }
}

static void other_codes_mean_nothing(void **state)
{
    static const char *const others[] = {
        "",        "DA1",          "DA1:",         "DA1:X:1",   "DA1:D:",      "DA2:D:1",
        "da1:D:1", "https://a.b/", "DA1:D:%E6%B0", "DA1:D:%00", "DA1:D:a%2Fb", "DA1:D:a%0Ab",
        "DA1:D1"};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(DaSeparator) separator = da_separator_parse(others[i]);
        if (separator)
            fail_msg("'%s' was taken for a separator", others[i]);
    }
    g_autofree char *longest = g_strnfill(500, '1');
    g_autofree char *payload = da_separator_payload(DA_SEPARATOR_DOSSIER, longest);
    assert_null(da_separator_parse(payload));
}

/* --- sheets as pictures ------------------------------------------------------------------------------------------------------ */

static double random_unit(void)
{
    return (double)rand() / RAND_MAX;
}

/* A brown disc: a fifth of the light is lost. */
static void darken(Pix *page, double x, double y, double radius)
{
    int width = pixGetWidth(page), height = pixGetHeight(page);
    for (int v = MAX(0, (int)(y - radius)); v < MIN(height, y + radius); v++) {
        guint32 *line = pixGetData(page) + (gsize)v * (gsize)pixGetWpl(page);
        for (int u = MAX(0, (int)(x - radius)); u < MIN(width, x + radius); u++)
            if (hypot(u - x, v - y) < radius)
                SET_DATA_BYTE(line, u, GET_DATA_BYTE(line, u) * 4 / 5);
    }
}

/* Yellowed and worn paper: less contrast, grain, stains. */
static Pix *stain(Pix *page)
{
    Pix *worn = pixCopy(NULL, page);
    int width = pixGetWidth(worn), height = pixGetHeight(worn);
    for (int y = 0; y < height; y++) {
        guint32 *line = pixGetData(worn) + (gsize)y * (gsize)pixGetWpl(worn);
        for (int x = 0; x < width; x++)
            SET_DATA_BYTE(line, x, 50 + GET_DATA_BYTE(line, x) * 166 / 256 + (guint)rand() % 21);
    }
    for (int i = 0; i < 40; i++)
        darken(worn, random_unit() * width, random_unit() * height,
               (0.01 + 0.05 * random_unit()) * width);
    return worn;
}

static gboolean is_read(const Pix *page)
{
    g_autoptr(DaSeparator) separator = da_separator_read(page, NULL);
    return separator && separator->kind == DA_SEPARATOR_DOSSIER && !strcmp(separator->text, SAMPLE);
}

static void sheets_are_read_skewed_turned_and_stained(void **state)
{
    static const int dpis[] = {200, 300};
    static const float skews[] = {0.8f, -3, 7};
    g_autofree char *payload = da_separator_payload(DA_SEPARATOR_DOSSIER, SAMPLE);
    srand(1);
    for (guint d = 0; d < G_N_ELEMENTS(dpis); d++)
        for (guint s = 0; s < G_N_ELEMENTS(skews); s++)
            for (int turn = 0; turn < 4; turn++) {
                g_autoptr(Pix) flat = sheet_page(dpis[d], TRUE, TRUE, payload);
                g_autoptr(Pix) worn = stain(flat);
                g_autoptr(Pix) turned = pixRotateOrth(worn, turn);
                g_autoptr(Pix) page = pixRotateAMGray(turned, skews[s] * (float)G_PI / 180, 235);
                if (!is_read(page))
                    fail_msg("not read at %d dpi, skew %g, turn %d", dpis[d], (double)skews[s],
                             turn * 90);
            }
}

static void each_of_the_two_codes_is_enough(void **state)
{
    g_autofree char *payload = da_separator_payload(DA_SEPARATOR_DOSSIER, SAMPLE);
    for (int qr = 0; qr < 2; qr++)
        for (int dpi = 150; dpi <= 300; dpi += 50) {
            g_autoptr(Pix) flat = sheet_page(dpi, qr, !qr, payload);
            g_autoptr(Pix) page = pixRotateAMGray(flat, 0.035f, 255);
            if (!is_read(page))
                fail_msg("%s at %d dpi is not read", qr ? "QR" : "Code 128", dpi);
        }
}

static void a_sheet_with_two_payloads_is_none(void **state)
{
    gboolean two = FALSE;
    g_autoptr(Pix) page = sheet_page(200, TRUE, FALSE, "DA1:D:1");
    sheet_draw(page, BARCODE_CODE128, "DA1:D:2", 5, 200, 200, 1200);
    assert_null(da_separator_read(page, &two));
    assert_true(two);
}

static void pages_with_other_codes_are_pages(void **state)
{
    gboolean two = FALSE;
    g_autoptr(Pix) page = sheet_page(200, TRUE, TRUE, "6901234567892");
    assert_null(da_separator_read(page, &two));
    assert_false(two);
}

static void printed_sheets_hold_caption_and_codes(void **state)
{
    DaSeparatorSheets *sheets = da_separator_sheets_new();
    g_autoptr(GError) error = NULL;
    assert_true(
        da_separator_sheets_add(sheets, DA_SEPARATOR_DOSSIER, SAMPLE, "钟<勇>学", NULL, &error));
    assert_true(da_separator_sheets_add(sheets, DA_SEPARATOR_MATERIAL, "9-1-2", "工资 & 级别",
                                        "2 页", &error));
    assert_int_equal(da_separator_sheets_count(sheets), 2);
    g_autofree char *longest = g_strnfill(4000, 'x');
    assert_false(da_separator_sheets_add(sheets, DA_SEPARATOR_DOSSIER, longest, "", NULL, &error));
    assert_non_null(error);
    g_autoptr(GBytes) bytes = da_separator_sheets_finish(sheets);
    g_autofree char *html = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    assert_non_null(strstr(html, "钟&lt;勇&gt;学"));
    assert_non_null(strstr(html, "工资 &amp; 级别"));
    assert_non_null(strstr(html, "DA1:M:9-1-2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_are_read_back),
        cmocka_unit_test(other_codes_mean_nothing),
        cmocka_unit_test(sheets_are_read_skewed_turned_and_stained),
        cmocka_unit_test(each_of_the_two_codes_is_enough),
        cmocka_unit_test(a_sheet_with_two_payloads_is_none),
        cmocka_unit_test(pages_with_other_codes_are_pages),
        cmocka_unit_test(printed_sheets_hold_caption_and_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
