#include "mets_faults.h"

#include <dangan/file.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A fixture that is judged as an information package. */
static Fixture *new_fixture(void)
{
    Fixture *fixture = fixture_new();
    da_dossier_set(fixture->dossier, DA_FIELD_EMPLOYER_CODE, "91350100M000100Y43", DA_ORIGIN_BATCH,
                   NULL);
    fixture_write(fixture);
    da_profile_free(fixture->profile);
    fixture->profile = fixture_profile("csip");
    return fixture;
}

static void a_package_of_ours_has_no_finding(void **state)
{
    g_autoptr(Fixture) fixture = new_fixture();
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    for (guint i = 0; i < verification->findings->len; i++) {
        g_autofree char *line = da_finding_line(verification->findings->pdata[i], FALSE);
        print_message("# %s\n", line);
    }
    assert_int_equal(verification->findings->len, 0);
    assert_true(verification->accepted);
    for (guint i = 0; i < verification->results->len; i++) {
        const DaRuleResult *result = verification->results->pdata[i];
        if (result->outcome == DA_RULE_NOT_RUN && strcmp(result->rule->id, "XML-006"))
            fail_msg("%s did not run: %s", result->rule->id, result->reason);
    }
}

/* The same package without the bag around it. */
static void an_information_package_needs_no_bag(void **state)
{
    g_autoptr(Fixture) fixture = new_fixture();
    g_autofree char *inside = fixture_path(fixture, "");
    g_autofree char *outside = g_build_filename(fixture->folder, "bare", NULL);
    g_autofree char *bare = g_build_filename(outside, fixture->dossier->id, NULL);
    assert_int_equal(g_mkdir(outside, 0755), 0);
    inside[strlen(inside) - 1] = '\0';
    assert_int_equal(g_rename(inside, bare), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaVerification) verification = da_verify_package(bare, fixture->profile, &error);
    assert_non_null(verification);
    for (guint i = 0; i < verification->findings->len; i++) {
        g_autofree char *line = da_finding_line(verification->findings->pdata[i], FALSE);
        print_message("# %s\n", line);
    }
    assert_true(verification->accepted);
    assert_int_equal(verification->findings->len, 0);
}

/* What a fault of METS does to its schema and its references too. */
static gboolean comes_with_it(const MetsFault *fault, const char *rule)
{
    g_auto(GStrv) also = g_strsplit(fault->also ? fault->also : "", " ", -1);
    return !strcmp(rule, "XML-006") || !strcmp(rule, "XML-007") ||
           g_strv_contains((const char *const *)also, rule);
}

/* TRUE when no rule but those of the fault reports an error. */
static gboolean is_quiet(const DaVerification *verification, const MetsFault *fault)
{
    gboolean good = TRUE;
    for (guint k = 0; k < verification->findings->len; k++) {
        const DaFinding *finding = verification->findings->pdata[k];
        if (finding->severity < DA_SEVERITY_ERROR || !strcmp(finding->rule, fault->rule) ||
            comes_with_it(fault, finding->rule))
            continue;
        g_autofree char *line = da_finding_line(finding, FALSE);
        print_message("# %s: also %s (%s)\n", fault->rule, line, finding->found);
        good = FALSE;
    }
    return good;
}

/* The package with the fault in it; METS.xml is as before when it returns. */
static DaVerification *verify_fault(Fixture *fixture, const MetsFault *fault)
{
    if (fault->prepare)
        fault->prepare(fixture);
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    g_autoptr(GBytes) before = fixture_read(path);
    g_autoptr(xmlDoc) doc = mets_read(fixture);
    for (const MetsEdit *edit = fault->edits; edit->where; edit++)
        mets_edit(doc, edit);
    mets_write(fixture, doc);
    DaVerification *verification = fixture_verify(fixture);
    fixture_put(path, g_bytes_get_data(before, NULL), g_bytes_get_size(before));
    return verification;
}

/* Most faults change METS.xml alone: one package serves them all. */
static void each_requirement_is_found_by_its_number(void **state)
{
    g_autoptr(Fixture) shared = new_fixture();
    guint missed = 0;
    for (const MetsFault *fault = mets_faults; fault->rule; fault++) {
        g_autoptr(Fixture) own = fault->prepare ? new_fixture() : NULL;
        g_autoptr(DaVerification) verification = verify_fault(own ? own : shared, fault);
        gboolean fired = fixture_result(verification, fault->rule)->outcome == DA_RULE_FAILED;
        if (!fired)
            print_message("# %s did not fire\n", fault->rule);
        missed += !is_quiet(verification, fault) || !fired;
    }
    assert_int_equal(missed, 0);
}

static void what_faults_are_planted_in_is_good(void **state)
{
    g_autoptr(Fixture) shared = new_fixture();
    for (const MetsFault *twin = mets_twins; twin->rule; twin++) {
        g_autoptr(Fixture) own = twin->prepare ? new_fixture() : NULL;
        g_autoptr(DaVerification) verification = verify_fault(own ? own : shared, twin);
        if (!is_quiet(verification, twin) || !verification->accepted)
            fail_msg("%s is not accepted", twin->rule);
    }
}

static void remove_part(const Fixture *fixture, const char *inside)
{
    g_autofree char *path = fixture_path(fixture, inside);
    assert_true(da_tree_remove(path, NULL));
}

/* Most rules ask METS.xml and cannot run without it: they must not pass. */
static void a_package_without_mets_is_refused(void **state)
{
    g_autoptr(Fixture) fixture = new_fixture();
    remove_part(fixture, "METS.xml");
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_count(verification, "CSIPSTR4"), 1);
    assert_int_equal(fixture_count(verification, "CSIPSTR1"), 0);
    assert_int_equal(fixture_result(verification, "CSIP1")->outcome, DA_RULE_NOT_RUN);
    assert_false(verification->accepted);
    remove_part(fixture, "metadata");
    remove_part(fixture, "representations");
    g_autoptr(DaVerification) nothing = fixture_verify(fixture);
    assert_int_equal(fixture_count(nothing, "CSIPSTR1"), 1);
    assert_false(nothing->accepted);
}

/* An XPath that cannot be evaluated is the profile's fault: the rule is not run, never passed. */
static void a_rule_with_a_broken_xpath_is_not_run(void **state)
{
    g_autoptr(Fixture) fixture = new_fixture();
    const DaRule *rule = da_profile_rule(fixture->profile, "CSIP7");
    g_hash_table_insert(rule->parameters, g_strdup("nodes"), g_strdup("//mets:[["));
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_result(verification, "CSIP7")->outcome, DA_RULE_NOT_RUN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_package_of_ours_has_no_finding),
        cmocka_unit_test(an_information_package_needs_no_bag),
        cmocka_unit_test(a_rule_with_a_broken_xpath_is_not_run),
        cmocka_unit_test(each_requirement_is_found_by_its_number),
        cmocka_unit_test(what_faults_are_planted_in_is_good),
        cmocka_unit_test(a_package_without_mets_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
