#include "fixture.h"

#include <dangan/handle/json.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static GPtrArray *verified(Fixture *fixture)
{
    GPtrArray *verifications = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    g_ptr_array_add(verifications, fixture_verify(fixture));
    return verifications;
}

/* A page of low resolution, and a title that would like to be a script. */
static Fixture *damaged(void)
{
    Fixture *fixture = fixture_new();
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 96, 3);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_ACCESS, jpeg, "jpg");
    fixture_write(fixture);
    g_autofree char *path = fixture_path(fixture, "documentation/<script>alert(1)<.txt");
    fixture_put(path, "x", 1);
    return fixture;
}

static guint count(const char *text, const char *part)
{
    guint n = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

static void text_names_verdict_findings_and_rules_not_run(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *text = da_verify_report_text(verifications, FALSE);
    assert_true(g_str_has_prefix(text, "NOT ACCEPTED "));
    assert_non_null(strstr(text, "IMG-003"));
    g_autofree char *chinese = da_verify_report_text(verifications, TRUE);
    assert_true(g_str_has_prefix(chinese, "不合格 "));
    ((DaRuleResult *)((DaVerification *)verifications->pdata[0])->results->pdata[0])->outcome =
        DA_RULE_NOT_RUN;
    g_autofree char *not_run = da_verify_report_text(verifications, FALSE);
    assert_non_null(strstr(not_run, "not run: PKG-005"));
}

static void text_of_a_good_package_says_so(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *text = da_verify_report_text(verifications, FALSE);
    assert_true(g_str_has_prefix(text, "accepted "));
    assert_non_null(strstr(text, "no findings"));
}

static void json_has_every_rule_and_finding(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    const DaVerification *verification = verifications->pdata[0];
    g_autoptr(json_t) report = da_verify_report_json(verifications, fixture->profile);
    assert_true(json_is_false(json_object_get(report, "accepted")));
    const json_t *package = json_array_get(json_object_get(report, "packages"), 0);
    assert_int_equal(json_array_size(json_object_get(package, "rules")),
                     fixture->profile->rules->len);
    assert_int_equal(json_array_size(json_object_get(package, "findings")),
                     verification->findings->len);
    g_autofree char *text = json_dumps(report, 0);
    assert_non_null(text);
}

static void html_escapes_what_comes_from_the_package(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile);
    assert_null(strstr(html, "<script>"));
    assert_non_null(strstr(html, "&lt;script&gt;"));
    assert_non_null(strstr(html, "不合格"));
    assert_null(strstr(html, "src=\"http"));
    const char *out = g_getenv("DANGAN_TEST_REPORT");
    if (out)
        assert_true(g_file_set_contents(out, html, -1, NULL));
}

static void html_shows_the_page_of_a_finding(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile);
    assert_int_equal(count(html, "data:image/jpeg;base64,/9j/"), 1);
}

static void html_crops_the_box_of_a_finding(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    const DaVerification *verification = verifications->pdata[0];
    for (guint i = 0; i < verification->findings->len; i++) {
        DaFinding *finding = verification->findings->pdata[i];
        finding->has_box = TRUE;
        finding->x_px = 20;
        finding->y_px = 20;
        finding->w_px = 50;
        finding->h_px =
            i % 2 ? 20 : -500; /* a box that cannot be cut leaves the finding without a picture */
    }
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile);
    assert_non_null(strstr(html, "</html>"));
}

static void html_has_at_most_fifty_pictures(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    DaVerification *verification = verifications->pdata[0];
    for (int i = 0; i < 80; i++) {
        DaFinding *finding = da_finding_new("IMG-003", DA_SEVERITY_ERROR, verification->id);
        da_finding_set(&finding->page, "1-1-001");
        g_ptr_array_add(verification->findings, finding);
    }
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile);
    assert_int_equal(count(html, "data:image/jpeg;base64,"), 50);
}

static void html_shows_nothing_that_lies_outside_the_package(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autofree char *inside = fixture_path(fixture, "representations/access/data/1-1-001.jpg");
    g_autofree char *outside = g_build_filename(fixture->folder, "outside.jpg", NULL);
    assert_int_equal(g_rename(inside, outside), 0);
    assert_int_equal(symlink(outside, inside), 0);
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile);
    assert_int_equal(count(html, "data:image/jpeg;base64,"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_names_verdict_findings_and_rules_not_run),
        cmocka_unit_test(text_of_a_good_package_says_so),
        cmocka_unit_test(json_has_every_rule_and_finding),
        cmocka_unit_test(html_escapes_what_comes_from_the_package),
        cmocka_unit_test(html_shows_the_page_of_a_finding),
        cmocka_unit_test(html_crops_the_box_of_a_finding),
        cmocka_unit_test(html_has_at_most_fifty_pictures),
        cmocka_unit_test(html_shows_nothing_that_lies_outside_the_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
