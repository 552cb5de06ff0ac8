#include "fixture.h"

#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
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
    g_autofree char *text = da_verify_report_text(verifications, fixture->profile, FALSE);
    assert_true(g_str_has_prefix(text, "NOT ACCEPTED "));
    assert_non_null(strstr(text, "IMG-003"));
    g_autofree char *chinese = da_verify_report_text(verifications, fixture->profile, TRUE);
    assert_true(g_str_has_prefix(chinese, "不合格 "));
    ((DaRuleResult *)((DaVerification *)verifications->pdata[0])->results->pdata[0])->outcome =
        DA_RULE_NOT_RUN;
    g_autofree char *not_run = da_verify_report_text(verifications, fixture->profile, FALSE);
    assert_non_null(strstr(not_run, "not run: PKG-005"));
}

static void text_of_a_good_package_says_so(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *text = da_verify_report_text(verifications, fixture->profile, FALSE);
    assert_true(g_str_has_prefix(text, "accepted "));
    assert_non_null(strstr(text, "no findings"));
}

static const DaNatureSum *sum_of(const GArray *sums, const char *code)
{
    for (guint i = 0; i < sums->len; i++)
        if (!strcmp(g_array_index(sums, DaNatureSum, i).item->code, code))
            return &g_array_index(sums, DaNatureSum, i);
    fail_msg("there is no item %s", code);
    return NULL;
}

static DaRuleResult *result_of(const DaVerification *verification, const char *rule)
{
    return (DaRuleResult *)fixture_result(verification, rule);
}

/* Adds findings of a rule, as many are too many to look at one by one. */
static void add_findings(DaVerification *verification, const DaRule *rule, guint count)
{
    for (guint i = 0; i < count; i++) {
        DaFinding *finding = da_rule_finding(rule, verification->id);
        da_finding_set(&finding->page, "1-1-001");
        da_finding_set(&finding->message, "%s", rule->title);
        da_finding_set(&finding->message_zh, "%s", rule->title_zh);
        da_finding_set(&finding->file, "representations/access/data/1-1-%03u.jpg", i);
        da_finding_set(&finding->found, "%u", i);
        da_finding_set(&finding->wanted, "%u", i + 1);
        g_ptr_array_add(verification->findings, finding);
    }
    DaRuleResult *result = result_of(verification, rule->id);
    result->outcome = DA_RULE_FAILED;
    result->findings += count;
}

/* The damaged package as an archive that `command` makes, verified; the folder itself is gone. */
static GPtrArray *verified_archive(const Fixture *fixture, const char *command)
{
    g_autoptr(GError) error = NULL;
    const char *argv[] = {"/bin/sh", "-ec", command, "sh", fixture->dossier->id, NULL};
    int status = 1;
    if (!g_spawn_sync(fixture->folder, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                      &status, &error) ||
        status)
        fail_msg("%s: %s", command, error ? error->message : "failed");
    assert_true(da_tree_remove(fixture->package, NULL));
    g_autofree char *path = g_build_filename(fixture->folder, "x.tar", NULL);
    DaVerification *verification = da_verify_package(path, fixture->profile, &error);
    if (!verification)
        fail_msg("%s", error->message);
    GPtrArray *verifications = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    g_ptr_array_add(verifications, verification);
    return verifications;
}

static void html_shows_pages_of_archives(void **state)
{
    static const char *const commands[] = {
        "tar cf x.tar $1",
        ("/usr/bin/python3 -c \"import shutil; shutil.make_archive('x', 'zip', '.', '$1')\" && "
         "mv x.zip x.tar"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autoptr(Fixture) fixture = damaged();
        g_autofree char *unpack = g_build_filename(fixture->folder, "unpack", NULL);
        assert_true(da_dir_make(unpack, NULL));
        g_setenv("TMPDIR", unpack, TRUE);
        g_autoptr(GPtrArray) verifications = verified_archive(fixture, commands[i]);
        g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
        assert_int_equal(count(html, "data:image/jpeg;base64,/9j/"), 1);
        g_autoptr(GPtrArray) left = da_dir_list(unpack, NULL);
        assert_int_equal(left->len, 0);
        g_unsetenv("TMPDIR");
    }
}

/* An archive that has been taken away since costs the pictures, not the report. */
static void html_of_an_archive_that_is_gone_has_no_picture(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified_archive(fixture, "tar cf x.tar $1");
    g_autofree char *path = g_build_filename(fixture->folder, "x.tar", NULL);
    assert_int_equal(g_unlink(path), 0);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_int_equal(count(html, "data:image/jpeg;base64,"), 0);
    assert_non_null(strstr(html, "IMG-003"));
}

/* Every rule stands in one item and one column; what did not run on one package has not passed. */
static void natures_count_every_rule_once(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_ptr_array_add(verifications, fixture_verify(fixture));
    g_autoptr(GArray) before = da_verify_natures(verifications, fixture->profile);
    guint rules = 0, columns = 0;
    for (guint i = 0; i < before->len; i++) {
        const DaNatureSum *sum = &g_array_index(before, DaNatureSum, i);
        rules += sum->rules;
        columns += sum->passed + sum->failed + sum->waiting + sum->not_run;
    }
    assert_int_equal(rules, fixture->profile->rules->len);
    assert_int_equal(columns, rules);
    assert_int_equal(sum_of(before, "1-10")->failed, 1); /* IMG-003 */
    assert_int_equal(sum_of(before, "1-2")->rules, 0);
    DaRuleResult *result = result_of(verifications->pdata[1], "PER-006");
    assert_int_equal(result->outcome, DA_RULE_PASSED);
    result->outcome = DA_RULE_NOT_RUN;
    g_autoptr(GArray) after = da_verify_natures(verifications, fixture->profile);
    const DaNatureSum *was = sum_of(before, "1-4"), *is = sum_of(after, "1-4");
    assert_int_equal(is->not_run, was->not_run + 1);
    assert_int_equal(is->passed, was->passed - 1);
}

static void what_waits_for_a_person_has_not_failed(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    DaVerification *verification = verifications->pdata[0];
    g_autoptr(GArray) before = da_verify_natures(verifications, fixture->profile);
    add_findings(verification, da_profile_rule(fixture->profile, "QLT-008"), 1);
    g_autoptr(GArray) after = da_verify_natures(verifications, fixture->profile);
    assert_int_equal(sum_of(after, "3-4")->waiting, sum_of(before, "3-4")->waiting + 1);
    assert_int_equal(sum_of(after, "3-4")->failed, sum_of(before, "3-4")->failed);
}

static void every_report_has_the_natures(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *text = da_verify_report_text(verifications, fixture->profile, TRUE);
    assert_non_null(strstr(text, "真实性"));
    assert_non_null(strstr(text, "内容数据电子属性一致性"));
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_non_null(strstr(html, "内容数据电子属性一致性"));
    g_autoptr(json_t) report = da_verify_report_json(verifications, fixture->profile);
    const json_t *natures = json_object_get(report, "natures");
    assert_int_equal(json_array_size(natures), 4);
    const json_t *items = json_object_get(json_array_get(natures, 0), "items");
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "item")),
                        "1-1");
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

static void json_is_as_its_schema_says(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    add_findings(verifications->pdata[0], da_profile_rule(fixture->profile, "QLT-008"), 1);
    g_autoptr(json_t) report = da_verify_report_json(verifications, fixture->profile);
    g_autofree char *text = json_dumps(report, 0);
    g_autofree char *path = g_build_filename(fixture->folder, "report.json", NULL);
    fixture_put(path, text, strlen(text));
    const char *source = g_getenv("G_TEST_SRCDIR");
    g_autofree char *script = g_build_filename(source, "verify", "check_report_schema.py", NULL);
    g_autofree char *schema =
        g_build_filename(source, "..", "schemas", "json", "verify-report.schema.json", NULL);
    const char *argv[] = {"python3", script, schema, path, NULL};
    g_autofree char *said = NULL;
    int status = 1;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, NULL,
                      &status, &error))
        fail_msg("%s", error->message);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    if (status)
        fail_msg("%s", said);
}

static void html_escapes_what_comes_from_the_package(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
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
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_int_equal(count(html, "data:image/jpeg;base64,/9j/"), 1);
}

static void html_crops_the_box_of_a_finding(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    const DaVerification *verification = verifications->pdata[0];
    g_autofree char *whole = da_verify_report_html(verifications, fixture->profile, NULL);
    for (guint i = 0; i < verification->findings->len; i++) {
        DaFinding *finding = verification->findings->pdata[i];
        finding->has_box = TRUE;
        finding->x_px = 200;
        finding->y_px = 200;
        finding->w_px = 300;
        finding->h_px = 60;
    }
    g_autofree char *cut = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_int_equal(count(cut, "data:image/jpeg;base64,/9j/"), 1);
    assert_string_not_equal(cut, whole);
    for (guint i = 0; i < verification->findings->len; i++)
        ((DaFinding *)verification->findings->pdata[i])->h_px = -500;
    /* A box that cannot be cut leaves the finding without a picture. */
    g_autofree char *none = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_non_null(strstr(none, "</html>"));
    const char *out = g_getenv("DANGAN_TEST_REPORT_BOX");
    if (out)
        assert_true(g_file_set_contents(out, cut, -1, NULL));
}

static void html_has_at_most_fifty_pictures(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    for (guint i = 0; i < 4; i++)
        add_findings(verifications->pdata[0], fixture->profile->rules->pdata[i], 80);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_int_equal(count(html, "data:image/jpeg;base64,"), 50);
}

/* A hundred packages of a vendor who got everything wrong: what is written out is bounded, and what is not is said. */
static void ten_thousand_findings_are_grouped_and_folded(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    DaVerification *first = verifications->pdata[0];
    for (guint i = 0; i < 100; i++)
        add_findings(first, fixture->profile->rules->pdata[i], 200);
    g_autofree char *one = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_true(first->findings->len > 20000);
    assert_true(strlen(one) < (6 << 20));
    assert_int_equal(count(one, "<details class=\"group\""), 100);
    assert_int_equal(count(one, "<details class=\"group\" open"), 0);
    assert_non_null(strstr(one, "另有 180 处未列出"));
    const char *out = g_getenv("DANGAN_TEST_REPORT_MANY");
    if (out)
        assert_true(g_file_set_contents(out, one, -1, NULL));
}

static void many_bad_packages_make_a_report_of_bounded_size(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autoptr(GPtrArray) verifications = verified(fixture);
    DaVerification *first = verifications->pdata[0];
    for (guint i = 0; i < 100; i++)
        add_findings(first, fixture->profile->rules->pdata[i], 2);
    for (guint i = 0; i < first->findings->len; i++) /* one picture would be shown 500 times here */
        g_clear_pointer(&((DaFinding *)first->findings->pdata[i])->page, g_free);
    g_ptr_array_set_free_func(verifications, NULL);
    for (guint i = 0; i < 499; i++)
        g_ptr_array_add(verifications, first);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_true(strlen(html) < (10 << 20));
    assert_non_null(strstr(html, "个包的问题未列出"));
    g_ptr_array_set_size(verifications, 1);
    g_ptr_array_set_free_func(verifications, (GDestroyNotify)da_verification_free);
}

static void html_shows_nothing_that_lies_outside_the_package(void **state)
{
    g_autoptr(Fixture) fixture = damaged();
    g_autofree char *inside = fixture_path(fixture, "representations/access/data/1-1-001.jpg");
    g_autofree char *outside = g_build_filename(fixture->folder, "outside.jpg", NULL);
    assert_int_equal(g_rename(inside, outside), 0);
    assert_int_equal(symlink(outside, inside), 0);
    g_autoptr(GPtrArray) verifications = verified(fixture);
    g_autofree char *html = da_verify_report_html(verifications, fixture->profile, NULL);
    assert_int_equal(count(html, "data:image/jpeg;base64,"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_names_verdict_findings_and_rules_not_run),
        cmocka_unit_test(text_of_a_good_package_says_so),
        cmocka_unit_test(natures_count_every_rule_once),
        cmocka_unit_test(what_waits_for_a_person_has_not_failed),
        cmocka_unit_test(every_report_has_the_natures),
        cmocka_unit_test(json_has_every_rule_and_finding),
        cmocka_unit_test(json_is_as_its_schema_says),
        cmocka_unit_test(html_escapes_what_comes_from_the_package),
        cmocka_unit_test(html_shows_the_page_of_a_finding),
        cmocka_unit_test(html_crops_the_box_of_a_finding),
        cmocka_unit_test(html_shows_pages_of_archives),
        cmocka_unit_test(html_of_an_archive_that_is_gone_has_no_picture),
        cmocka_unit_test(html_has_at_most_fifty_pictures),
        cmocka_unit_test(ten_thousand_findings_are_grouped_and_folded),
        cmocka_unit_test(many_bad_packages_make_a_report_of_bounded_size),
        cmocka_unit_test(html_shows_nothing_that_lies_outside_the_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
