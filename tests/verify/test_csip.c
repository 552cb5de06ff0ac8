#include "fixture.h"

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
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    da_dossier_set(fixture->dossier, DA_FIELD_EMPLOYER_CODE, "91350100M000100Y43", DA_ORIGIN_BATCH,
                   NULL);
    fixture_write(fixture);
    da_profile_free(fixture->profile);
    fixture->profile = da_profile_load("csip", profiles, NULL);
    assert_non_null(fixture->profile);
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

typedef struct {
    const char *rule, *from, *to;
} Change;

/* One requirement broken in METS.xml, and its number. */
static const Change changes[] = {
    {"CSIP1", " OBJID=\"", " OBJID=\"\" X=\""},
    {"CSIP2", "TYPE=\"Mixed\"", "TYPE=\"Papers\""},
    {"CSIP3", "TYPE=\"Mixed\"", "TYPE=\"OTHER\""},
    {"CSIP4", "csip:CONTENTINFORMATIONTYPE=\"MIXED\">", "csip:CONTENTINFORMATIONTYPE=\"paper\">"},
    {"CSIP5", "csip:CONTENTINFORMATIONTYPE=\"MIXED\">", "csip:CONTENTINFORMATIONTYPE=\"OTHER\">"},
    {"CSIP7", "<metsHdr CREATEDATE=\"2026-03-02T09:00:00Z\"", "<metsHdr"},
    {"CSIP8", "<metsHdr ", "<metsHdr LASTMODDATE=\"2025-01-01T00:00:00Z\" "},
    {"CSIP9", "csip:OAISPACKAGETYPE=\"SIP\"", "csip:OAISPACKAGETYPE=\"PIP\""},
    {"CSIP12", "TYPE=\"OTHER\" OTHERTYPE=\"SOFTWARE\"", "TYPE=\"INDIVIDUAL\""},
    {"CSIP13", "OTHERTYPE=\"SOFTWARE\"", "OTHERTYPE=\"HARDWARE\""},
    {"CSIP14", "<name>dangan</name>", "<name> </name>"},
    {"CSIP16", "csip:NOTETYPE=\"SOFTWARE VERSION\"", "csip:NOTETYPE=\"VERSION\""},
    {"CSIP18", "<dmdSec ID=\"dmd-dossier\"", "<dmdSec"},
    {"CSIP19", "<dmdSec ID=\"dmd-dossier\" CREATED=\"2026-03-02T09:00:00Z\"",
     "<dmdSec ID=\"dmd-dossier\""},
    {"CSIP20", "STATUS=\"CURRENT\"", "STATUS=\"NEW\""},
    {"CSIP22", "<mdRef LOCTYPE=\"URL\"", "<mdRef LOCTYPE=\"PURL\""},
    {"CSIP23", "xlink:type=\"simple\"", "xlink:type=\"locator\""},
    {"CSIP24", "xlink:href=\"metadata/descriptive/dossier.xml\"",
     "xlink:href=\"metadata/descriptive/dossier2.xml\""},
    {"CSIP25", "MDTYPE=\"OTHER\"", "MDTYPE=\"PAPER\""},
    {"CSIP26", "MIMETYPE=\"application/xml\"", "MIMETYPE=\"image/jpeg\""},
    {"CSIP27", " SIZE=\"", " SIZE=\"9"},
    {"CSIP29", "CHECKSUM=\"", "CHECKSUM=\"0"},
    {"CSIP30", "CHECKSUMTYPE=\"SHA-256\"", "CHECKSUMTYPE=\"SM3\""},
    {"CSIP33", "<digiprovMD ID=\"digiprov-premis\"", "<digiprovMD"},
    {"CSIP38", "metadata/preservation/premis.xml\"", "../../../../etc/passwd\""},
    {"CSIP59", "<fileSec ID=\"files\"", "<fileSec"},
    {"CSIP60", "USE=\"Documentation\"", "USE=\"Papers\""},
    {"CSIP113", "USE=\"Schemas\"", "USE=\"Patterns\""},
    {"CSIP62", "USE=\"Representations/master\" csip:CONTENTINFORMATIONTYPE=\"MIXED\"",
     "USE=\"Representations/master\""},
    {"CSIP64", " USE=\"Documentation\"", ""},
    {"CSIP65", "<fileGrp ID=\"group-master\"", "<fileGrp"},
    {"CSIP67", "<file ID=\"file-report\"", "<file"},
    {"CSIP68", "MIMETYPE=\"image/jpeg\"", "MIMETYPE=\"image/tiff\""},
    {"CSIP69", "MIMETYPE=\"image/jpeg\" SIZE=\"", "MIMETYPE=\"image/jpeg\" SIZE=\"1"},
    {"CSIP70", " CREATED=\"2026-03-02T08:00:00Z\"", ""},
    {"CSIP73", "<file ID=\"file-report\"", "<file ID=\"file-report\" OWNERID=\"\""},
    {"CSIP74", "<file ID=\"file-report\"", "<file ID=\"file-report\" ADMID=\"nowhere\""},
    {"CSIP77", "<FLocat LOCTYPE=\"URL\"", "<FLocat LOCTYPE=\"PURL\""},
    {"CSIP79", "representations/access/data/1-1-001.jpg\"",
     "representations/access/data/1-1-009.jpg\""},
    {"CSIP81", "TYPE=\"PHYSICAL\"", "TYPE=\"LOGICAL\""},
    {"CSIP82", "LABEL=\"CSIP\"", "LABEL=\"E-ARK\""},
    {"CSIP83", "<structMap ID=\"structure-csip\"", "<structMap"},
    {"CSIP85", "<div ID=\"div-package\"", "<div"},
    {"CSIP88", "LABEL=\"Metadata\"", "LABEL=\"Data\""},
    {"CSIP90", "LABEL=\"Metadata\"", "LABEL=\"metadata\""},
    {"CSIP91", "ADMID=\"digiprov-premis\" DMDID", "DMDID"},
    {"CSIP92", " DMDID=\"dmd-dossier\"/>", "/>"},
    {"CSIP93", "LABEL=\"Documentation\"", "LABEL=\"Papers\""},
    {"CSIP94", "<div ID=\"div-documentation\"", "<div"},
    {"CSIP96", "<fptr FILEID=\"group-documentation\"/>", ""},
    {"CSIP116", "FILEID=\"group-documentation\"", "FILEID=\"digiprov-premis\""},
    {"CSIP118", "FILEID=\"group-schemas\"", "FILEID=\"group-nothing\""},
    {"CSIP106", "<div ID=\"div-master\"", "<div"},
    {"CSIP107", "LABEL=\"Representations/master\"", "LABEL=\"Representations/original\""},
    {"SIP1", " OBJID=\"", " LABEL=\"\" OBJID=\""},
    {"SIP2", "profile/E-ARK-SIP.xml", "profile/E-ARK-DIP.xml"},
    {"SIP3", "<metsHdr ", "<metsHdr RECORDSTATUS=\"WHATEVER\" "},
    {"SIP4", "csip:OAISPACKAGETYPE=\"SIP\"", "csip:OAISPACKAGETYPE=\"AIP\""},
    {"SIP15", "ROLE=\"CREATOR\" TYPE=\"ORGANIZATION\"", "ROLE=\"ARCHIVIST\" TYPE=\"ORGANIZATION\""},
    {"SIP17", "ROLE=\"CREATOR\" TYPE=\"ORGANIZATION\"", "ROLE=\"CREATOR\" TYPE=\"SOMEBODY\""},
    {"SIP20", "csip:NOTETYPE=\"IDENTIFICATIONCODE\"", "csip:NOTETYPE=\"CODE\""},
};

/* Rules that the same change must touch: an attribute that the schema wants, a reference that leads nowhere then. */
static gboolean comes_with_it(const Change *change, const char *rule)
{
    static const char *const pairs[][2] = {
        {"CSIP1", "CSIPSTR2"}, {"CSIP29", "XML-006"}, {"CSIP60", "CSIP93"},  {"CSIP64", "CSIP60"},
        {"CSIP30", "CSIP71"},  {"CSIP9", "SIP4"},     {"CSIP65", "CSIP119"}, {"CSIP79", "CSIP114"},
    };
    if (!strcmp(rule, "XML-006") || !strcmp(rule, "XML-007"))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (!strcmp(change->rule, pairs[i][0]) && !strcmp(rule, pairs[i][1]))
            return TRUE;
    return FALSE;
}

static void each_requirement_is_found_by_its_number(void **state)
{
    guint surprises = 0;
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        const Change *change = &changes[i];
        g_autoptr(Fixture) fixture = new_fixture();
        fixture_replace(fixture, "METS.xml", change->from, change->to);
        g_autoptr(DaVerification) verification = fixture_verify(fixture);
        if (fixture_result(verification, change->rule)->outcome != DA_RULE_FAILED) {
            print_message("# %s did not fire\n", change->rule);
            surprises++;
        }
        for (guint k = 0; k < verification->findings->len; k++) {
            const DaFinding *finding = verification->findings->pdata[k];
            if (finding->severity < DA_SEVERITY_ERROR || !strcmp(finding->rule, change->rule) ||
                comes_with_it(change, finding->rule))
                continue;
            g_autofree char *line = da_finding_line(finding, FALSE);
            print_message("# %s: also %s (%s)\n", change->rule, line, finding->found);
            surprises++;
        }
    }
    assert_int_equal(surprises, 0);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
