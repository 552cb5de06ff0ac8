/* The ingest report as a page: what is on it, and that it stays light where nearly everything needs a person. */
#include "../../ingest/run_html.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOSSIERS 200
#define PAGES 50
/* What a side may cost in the page, named twice with a finding of four lines. */
#define MAX_BYTES_A_SIDE 1800
#define MAX_OPEN 12

static json_t *page_of(guint dossier, guint page)
{
    char stem[32], scan[32], access[96];
    g_snprintf(stem, sizeof stem, "9-1-%u-%03u", page / 10 + 1, page % 10 + 1);
    g_snprintf(scan, sizeof scan, "scan%04u.jpg", page + 1);
    g_snprintf(access, sizeof access, ".dangan/d%u/%064u.access.jpg", dossier, page);
    return json_pack("{s:s, s:s, s:i, s:{s:s, s:i}, s:b, s:b, s:b, s:i, s:f, s:i, s:i, s:n, s:i, "
                     "s:i, s:s, s:s, s:{s:i, s:b}, s:[]}",
                     "stem", stem, "scan", scan, "frame", 1, "corrects", "scan", scan, "frame", 1,
                     "failed", 0, "pending", 0, "blank", 0, "turn_cw_deg", 90, "skew_cw_deg", 0.31,
                     "width_px", 2480, "height_px", 3508, "crop", "level_width_px", 2480,
                     "level_height_px", 3508, "access", access, "thumbnail", access, "measures",
                     "turn_cw_deg", 90, "blank", 0, "corrections");
}

static json_t *finding_of(const char *rule, const char *stem)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "rule", rule, "severity", "warning",
                     "page", stem, "message", "the scan is blurred; scan it again", "message_zh",
                     "图像模糊，请重扫", "mend", "scan the page again", "mend_zh", "重新扫描该页");
}

static json_t *dossier_of(guint dossier, guint pages)
{
    g_autofree char *folder = g_strdup_printf("folder-%04u", dossier);
    json_t *sides = json_array(), *findings = json_array();
    for (guint i = 0; i < pages; i++) {
        json_t *page = page_of(dossier, i);
        const char *stem = json_string_value(json_object_get(page, "stem"));
        json_array_append_new(findings, finding_of(i % 2 ? "QLT-005" : "QLT-006", stem));
        json_array_append_new(sides, page);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:[], s:o, s:o}", "id", folder, "folder",
                     folder, "name", "王某", "archival_number", "RS-1", "state", "packaged",
                     "sides", (int)pages, "blank_sides", 0, "materials", "pages", sides, "findings",
                     findings);
}

static json_t *report_of(guint dossiers, guint pages)
{
    json_t *array = json_array();
    for (guint i = 0; i < dossiers; i++)
        json_array_append_new(array, dossier_of(i, pages));
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:[], s:o}", "time",
                     "2026-03-01T00:00:00Z", "profile", "p", "profile_version", "1", "ocr_engine",
                     "none", "stopped", 0, "sides", (int)(dossiers * pages), "warnings",
                     (int)(dossiers * pages), "findings", "dossiers", array);
}

/* strstr() measures all that is left each time under the sanitizers. */
static guint count(const char *text, const char *words)
{
    guint found = 0;
    const char *end = text + strlen(text);
    for (const char *at = text; (at = g_strstr_len(at, end - at, words)); at += strlen(words))
        found++;
    return found;
}

/* A person's name and a file name may be anything. */
static void what_stands_in_lists_and_names_cannot_break_out_of_the_page(void **state)
{
    json_t *report = report_of(1, 1);
    json_t *dossier = json_array_get(json_object_get(report, "dossiers"), 0);
    json_t *page = json_array_get(json_object_get(dossier, "pages"), 0);
    static const char evil[] = "'\"><script>alert(1)</script>&'";
    json_object_set_new(dossier, "name", json_string(evil));
    json_object_set_new(dossier, "folder", json_string(evil));
    json_object_set_new(page, "scan", json_string(evil));
    json_object_set_new(json_object_get(page, "corrects"), "scan", json_string(evil));
    g_autofree char *html = da_report_html(report);
    json_decref(report);
    assert_null(strstr(html, "<script>alert"));
    assert_null(strstr(html, "'\">"));
    assert_non_null(strstr(html, "data-at='[\"&apos;\\\"&gt;&lt;script&gt;"));
}

static void many_findings_of_the_batch_are_one_click_away(void **state)
{
    for (guint many = 0; many < 2; many++) {
        json_t *report = report_of(1, 1);
        for (guint i = 0; i < (many ? 10000 : 5); i++)
            json_array_append_new(json_object_get(report, "findings"),
                                  json_pack("{s:s, s:s, s:s, s:i}", "rule", "LST-003", "severity",
                                            "error", "message", "no folder", "row", (int)i + 2));
        g_autofree char *html = da_report_html(report);
        json_decref(report);
        const char *first = strstr(html, "row 2</span>");
        assert_non_null(first);
        g_autofree char *before = g_strndup(html, (gsize)(first - html));
        assert_int_equal(count(before, "<details class=\"person\"><summary>"), many);
    }
}

static void ten_thousand_doubtful_sides_stay_grouped_folded_and_lazy(void **state)
{
    json_t *report = report_of(DOSSIERS, PAGES);
    g_autofree char *html = da_report_html(report);
    json_decref(report);
    const char *keep = g_getenv("DANGAN_TEST_KEEP");
    if (keep)
        g_file_set_contents(keep, html, -1, NULL);
    assert_true(strlen(html) < (size_t)MAX_BYTES_A_SIDE * DOSSIERS * PAGES);
    assert_int_equal(count(html, "<div class=\"finding warning\""), DOSSIERS * PAGES);
    assert_int_equal(count(html, "<div class=\"page-findings\">"), DOSSIERS * PAGES);
    assert_int_equal(count(html, "<details class=\"person\""), DOSSIERS);
    assert_int_equal(count(html, "<details class=\"dossier\""), DOSSIERS);
    assert_true(count(html, "<details class=\"person\" open") <= MAX_OPEN);
    assert_int_equal(count(html, "<details class=\"dossier\" open"), 0);
    assert_int_equal(count(html, "<img "), 2 * DOSSIERS * PAGES);
    assert_int_equal(count(html, "<img loading=\"lazy\""), 2 * DOSSIERS * PAGES);
    assert_int_equal(count(html, "QLT-005 <small>5000</small>"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_doubtful_sides_stay_grouped_folded_and_lazy),
        cmocka_unit_test(many_findings_of_the_batch_are_one_click_away),
        cmocka_unit_test(what_stands_in_lists_and_names_cannot_break_out_of_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
