#include "../base/scratch.h"

#include <dangan/error.h>
#include <dangan/profile.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *shipped_folder(void)
{
    return g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
}

static DaProfile *shipped(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = shipped_folder();
    DaProfile *profile = da_profile_load("soe-retiree", folder, &error);
    if (!profile)
        fail_msg("%s", error->message);
    return profile;
}

static char *shipped_text(void)
{
    g_autoptr(DaProfile) profile = shipped();
    return g_strndup(g_bytes_get_data(profile->xml, NULL), g_bytes_get_size(profile->xml));
}

static void the_shipped_profile_is_whole(void **state)
{
    g_autoptr(DaProfile) profile = shipped();
    assert_string_equal(profile->name, "soe-retiree");
    assert_string_equal(profile->version, "2026.2");
    assert_int_equal(profile->schemes->len, 2);
    assert_int_equal(profile->handover->columns->len, 14);
    assert_string_equal(profile->handover->title, "国有企业退休人员人事档案移交案卷目录");
    assert_null(profile->catalogue->title);
    assert_int_equal(profile->access_quality, 85);
    assert_true(profile->rules->len > 40);
    assert_int_equal(da_profile_scheme(profile, "cadre-2018")->classes->len, 18);
    assert_int_equal(da_profile_scheme(profile, "worker-1992")->classes->len, 10);
    assert_ptr_equal(da_profile_scheme(profile, NULL), profile->schemes->pdata[0]);
    assert_null(da_profile_scheme(profile, "no-such"));
    assert_null(da_profile_rule(profile, "XXX-001"));
}

/* What a reader of a finding needs stands with every rule. */
static void every_shipped_rule_says_where_it_is_from_and_how_to_mend(void **state)
{
    g_autoptr(DaProfile) profile = shipped();
    for (guint i = 0; i < profile->rules->len; i++) {
        const DaRule *rule = profile->rules->pdata[i];
        assert_non_null(rule->source);
        assert_non_null(rule->mend);
        assert_non_null(rule->mend_zh);
        assert_null(strstr(rule->source, "[S"));
        assert_ptr_equal(da_profile_rule(profile, rule->id), rule);
        if (da_profile_rule(profile, rule->check) != rule)
            fail_msg("two rules for check %s", rule->check);
    }
}

static void classes_are_found_in_whatever_form_they_are_printed(void **state)
{
    static const struct {
        const char *text, *code; /* NULL = no class */
    } cases[] = {
        {"九-1", "9-1"},       {"九—1", "9-1"},    {"九－1", "9-1"},  {"9-1", "9-1"},
        {"九 -1", "9-1"},      {"９－１", "9-1"},  {"(九)-1", "9-1"}, {"（九）－１", "9-1"},
        {"九–1", "9-1"},       {"九─1", "9-1"},    {"九ー1", "9-1"},  {"九−1", "9-1"},
        {"九-一", "9-1"},      {"9.1", "9-1"},     {"九1", "9-1"},    {"9 - 1 ", "9-1"},
        {"\u3000九-1", "9-1"}, {"㈨-1", "9-1"},    {"⑨-①", "9-1"},    {"9‑1", "9-1"},
        {"一", "1"},           {"(一)", "1"},      {"（一）", "1"},   {"1", "1"},
        {"1.", "1"},           {"一、", "1"},      {"第一类", "1"},   {"一类", "1"},
        {"十", "10"},          {"10", "10"},       {"（十）", "10"},  {"４-４", "4-4"},
        {"九", "9"},           {"十一", NULL},     {"11", NULL},      {"九-5", NULL},
        {"9--1", NULL},        {"", NULL},         {"  ", NULL},      {"-", NULL},
        {"九一", "9-1"},       {"20260901", NULL}, {"0", NULL},       {"履历", NULL},
        {"01", NULL},          {"()", NULL},
    };
    g_autoptr(DaProfile) profile = shipped();
    const DaScheme *scheme = da_profile_scheme(profile, "cadre-2018");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const DaClass *class = da_scheme_class(scheme, cases[i].text);
        if (g_strcmp0(class ? class->code : NULL, cases[i].code))
            fail_msg("'%s' is %s, wanted %s", cases[i].text, class ? class->code : "no class",
                     cases[i].code ? cases[i].code : "none");
    }
    assert_null(da_scheme_class(scheme, NULL));
    assert_null(da_scheme_class(scheme, "\xff"));
    assert_false(da_scheme_class(scheme, "四")->holds);
    assert_false(da_scheme_class(scheme, "9")->holds);
    assert_true(da_scheme_class(scheme, "4-1")->holds);
    const DaScheme *worker = da_profile_scheme(profile, "worker-1992");
    assert_true(da_scheme_class(worker, "（九）")->holds);
    assert_null(da_scheme_class(worker, "9-1"));
}

static void a_finding_is_filled_from_its_rule(void **state)
{
    g_autoptr(DaProfile) profile = shipped();
    g_autoptr(DaFinding) finding =
        da_rule_finding(da_profile_rule(profile, "id-number"), "移交案卷目录");
    assert_string_equal(finding->rule, "PER-001");
    assert_string_equal(finding->clause, "GB 11643-1999");
    assert_int_equal(finding->severity, DA_SEVERITY_ERROR);
    assert_non_null(finding->mend_zh);
}

static void parameters_have_the_type_that_is_asked_for(void **state)
{
    static const struct {
        const char *text;
        gboolean integer, number;
    } cases[] = {
        {"300", TRUE, TRUE},
        {" 300 ", TRUE, TRUE},
        {"-3", TRUE, TRUE},
        {"0.5", FALSE, TRUE},
        {"1e3", FALSE, TRUE},
        {"", FALSE, FALSE},
        {"abc", FALSE, FALSE},
        {"300dpi", FALSE, FALSE},
        {"inf", FALSE, FALSE},
        {"nan", FALSE, FALSE},
        {"0x10", FALSE, FALSE},
        {"1e999", FALSE, FALSE},
        {"99999999999999999999", FALSE, TRUE},
        {"3 0", FALSE, FALSE},
        {"1,5", FALSE, FALSE},
    };
    g_autoptr(DaProfile) profile = shipped();
    const DaRule *rule = da_profile_rule(profile, "IMG-003");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) integer_error = NULL, number_error = NULL;
        gint64 integer;
        double number;
        g_hash_table_insert(rule->parameters, g_strdup("minimum"), g_strdup(cases[i].text));
        if (da_rule_integer(rule, "minimum", &integer, &integer_error) != cases[i].integer ||
            da_rule_number(rule, "minimum", &number, &number_error) != cases[i].number)
            fail_msg("'%s'", cases[i].text);
        const GError *error = integer_error ? integer_error : number_error;
        if (error) {
            assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
            assert_non_null(
                strstr(error->message, "'soe-retiree': rule IMG-003: parameter 'minimum'"));
        }
    }
    g_autoptr(GError) error = NULL;
    gint64 value;
    assert_false(da_rule_integer(rule, "absent", &value, &error));
    assert_non_null(strstr(error->message, "rule IMG-003 has no parameter 'absent'"));
    assert_null(da_rule_text(rule, "absent"));
}

static void a_profile_is_found_by_name_and_by_path(void **state)
{
    char *folder = scratch_begin();
    g_autofree char *text = shipped_text();
    g_autofree char *path = scratch_file(folder, "my-city.xml", text);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProfile) by_name = da_profile_load("my-city", folder, &error);
    assert_non_null(by_name);
    g_autoptr(DaProfile) by_path = da_profile_load(path, NULL, &error);
    assert_non_null(by_path);
    g_autoptr(DaProfile) missing = da_profile_load("my-town", folder, &error);
    assert_null(missing);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, "'my-town'"));
    assert_non_null(strstr(error->message, "my-city"));
    g_clear_error(&error);
    g_autoptr(DaProfile) folder_itself = da_profile_load(folder, NULL, &error);
    assert_null(folder_itself);
    g_clear_error(&error);
    g_autoptr(DaProfile) traversal = da_profile_load("../my-city", folder, &error);
    assert_null(traversal);
    scratch_end(folder);
}

static void a_profile_is_found_in_the_data_folder(void **state)
{
    char *folder = scratch_begin();
    g_autofree char *profiles = g_build_filename(folder, "profiles", NULL);
    assert_int_equal(g_mkdir_with_parents(profiles, 0755), 0);
    g_autofree char *text = shipped_text();
    g_autofree char *path G_GNUC_UNUSED = scratch_file(profiles, "my-city.xml", text);
    g_setenv("DANGAN_DATADIR", folder, TRUE);
    g_autoptr(DaProfile) profile = da_profile_load("my-city", NULL, NULL);
    assert_non_null(profile);
    g_unsetenv("DANGAN_DATADIR");
    scratch_end(folder);
}

static void a_wrong_profile_is_refused_with_the_place(void **state)
{
    static const struct {
        const char *label, *from, *to, *named;
    } cases[] = {
        {"quality", "access-quality=\"85\"", "access-quality=\"101\"", "access-quality"},
        {"quality in words", "access-quality=\"85\"", "access-quality=\"good\"", "access-quality"},
        {"severity", "severity=\"fatal\"", "severity=\"dreadful\"", "severity"},
        {"rule twice", "id=\"BAG-002\"", "id=\"BAG-001\"", "BAG-001"},
        {"class code", "code=\"9-1\"", "code=\"九-1\"", "code"},
        {"class twice", "code=\"9-1\"", "code=\"9-2\"", "means both class"},
        {"field", "field=\"employer\"", "field=\"boss\"", "field"},
        {"field twice", "field=\"employer\"", "field=\"name\"", "two columns for field 'name'"},
        {"no catalogue", "<catalogue ", "<katalog ", "katalog"},
        {"form twice", "<form name=\"resume\"", "<form name=\"staff-registration\"",
         "stands twice"},
        {"class of a form", "<class scheme=\"cadre-2018\" code=\"1\"/>",
         "<class scheme=\"cadre-2018\" code=\"4\"/>", "that holds materials"},
        {"scheme of a form", "<class scheme=\"cadre-2018\" code=\"1\"/>",
         "<class scheme=\"cadre-2099\" code=\"1\"/>", "that holds materials"},
        {"expected form", "<form>retirement-approval</form>", "<form>nothing</form>",
         "there is no form"},
        {"item of no nature", " item=\"1-12\"", " item=\"4-50\"", "no nature has the item 4-50"},
        {"item twice", "<item code=\"1-2\"", "<item code=\"1-1\"", "stands twice"},
        {"nature", "<nature name=\"safety\"", "<nature name=\"beauty\"", "name"},
        {"label twice", "<label>生于</label>", "<label>出生年月</label>", "stands twice"},
        {"between without an end", " until=\"同志\"", "", "go together"},
        {"years of a field", "from=\"1900\"", "from=\"long ago\"", "from"},
        {"no version", "version=\"2026.2\"", "", "version"},
        {"namespace", "urn:dangan:profile:1", "urn:other", "profile"},
        {"doctype", "<profile ", "<!DOCTYPE profile><profile ", "document type"},
        {"truncated", "</profile>", "", "line"},
    };
    g_autofree char *text = shipped_text();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *folder = scratch_begin();
        g_auto(GStrv) parts = g_strsplit(text, cases[i].from, 2);
        assert_int_equal(g_strv_length(parts), 2);
        g_autofree char *wrong = g_strjoinv(cases[i].to, parts);
        g_autofree char *path G_GNUC_UNUSED = scratch_file(folder, "wrong.xml", wrong);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaProfile) profile = da_profile_load("wrong", folder, &error);
        if (profile)
            fail_msg("%s was read", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, "wrong.xml"));
        if (!strstr(error->message, cases[i].named))
            fail_msg("%s: %s", cases[i].label, error->message);
        scratch_end(folder);
    }
}

/* --- includes ----------------------------------------------------------------------------------------------------------- */

#define HEAD(name)                                                                                 \
    "<profile xmlns=\"urn:dangan:profile:1\" name=\"" name "\" version=\"1\"><title>t</title>"     \
    "<title-zh>t</title-zh>"
#define PARTS "<include profile=\"soe-retiree\" parts=\"schemes handover catalogue images lists\"/>"
#define RULE(id, text)                                                                             \
    "<rule id=\"" id "\" check=\"title\" severity=\"info\"><title>" text "</title>"                \
    "<title-zh>t</title-zh><source>s</source></rule>"

/* A folder with the shipped profiles and one more. */
static char *folder_with(const char *name, const char *text)
{
    char *folder = scratch_begin();
    static const char *const shipped_names[] = {"soe-retiree", "dat31-2017", "bagit"};
    g_autofree char *from = shipped_folder();
    for (guint i = 0; i < G_N_ELEMENTS(shipped_names); i++) {
        g_autofree char *file = g_strconcat(shipped_names[i], ".xml", NULL);
        g_autofree char *path = g_build_filename(from, file, NULL);
        g_autofree char *content = NULL;
        assert_true(g_file_get_contents(path, &content, NULL, NULL));
        g_autofree char *copy G_GNUC_UNUSED = scratch_file(folder, file, content);
    }
    g_autofree char *small G_GNUC_UNUSED =
        scratch_file(folder, "small.xml", HEAD("small") "<rules/></profile>");
    g_autofree char *file = g_strconcat(name, ".xml", NULL);
    g_autofree char *path G_GNUC_UNUSED = scratch_file(folder, file, text);
    return folder;
}

static void a_short_profile_takes_the_rest_from_another(void **state)
{
    char *folder = folder_with(
        "my-city",
        HEAD("my-city") PARTS "<rules>" RULE(
            "ZZZ-001",
            "first") "<include profile=\"soe-retiree\" except=\"PER-003\"/>" RULE("IMG-003", "mine")
            RULE("ZZZ-002", "last") "</rules></profile>");
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProfile) profile = da_profile_load("my-city", folder, &error);
    if (!profile)
        fail_msg("%s", error->message);
    g_autoptr(DaProfile) base = shipped();
    assert_string_equal(profile->name, "my-city");
    assert_int_equal(profile->schemes->len, 2);
    assert_int_equal(profile->handover->columns->len, 14);
    assert_non_null(da_profile_list(profile, "ethnicity"));
    assert_int_equal(profile->rules->len, base->rules->len - 1 + 2);
    assert_null(da_profile_rule(profile, "PER-003"));
    assert_string_equal(da_profile_rule(profile, "IMG-003")->title, "mine");
    assert_string_equal(((DaRule *)profile->rules->pdata[0])->id, "ZZZ-001");
    assert_string_equal(((DaRule *)profile->rules->pdata[profile->rules->len - 1])->id, "ZZZ-002");
    scratch_end(folder);
}

/* What a package carries is enough to judge it by, with nothing beside it. */
static void what_is_loaded_has_no_include_left(void **state)
{
    g_autoptr(DaProfile) profile = shipped();
    char *folder = scratch_begin();
    g_autofree char *text = shipped_text();
    assert_null(strstr(text, "<include profile=\"bagit\""));
    g_autofree char *path = scratch_file(folder, "carried.xml", text);
    g_setenv("DANGAN_DATADIR", folder, TRUE);
    g_autoptr(DaProfile) carried = da_profile_load(path, NULL, NULL);
    g_unsetenv("DANGAN_DATADIR");
    assert_non_null(carried);
    assert_int_equal(carried->rules->len, profile->rules->len);
    assert_true(g_bytes_equal(carried->xml, profile->xml));
    scratch_end(folder);
}

static void a_wrong_include_is_refused(void **state)
{
    static const struct {
        const char *label, *text, *named;
    } cases[] = {
        {"itself", HEAD("wrong") "<include profile=\"wrong\" parts=\"schemes\"/><rules/></profile>",
         "leads back"},
        {"its own rules",
         HEAD("wrong") PARTS "<rules><include profile=\"wrong\"/></rules></profile>", "leads back"},
        {"no such profile",
         HEAD("wrong") PARTS "<rules><include profile=\"nowhere\"/></rules></profile>", "nowhere"},
        {"a path", HEAD("wrong") PARTS "<rules><include profile=\"../bagit\"/></rules></profile>",
         "../bagit"},
        {"an address",
         HEAD("wrong") PARTS "<rules><include profile=\"http://127.0.0.1/x\"/></rules></profile>",
         "127.0.0.1"},
        {"no such part",
         HEAD("wrong") "<include profile=\"bagit\" parts=\"colours\"/><rules/></profile>",
         "colours"},
        {"no such rule",
         HEAD("wrong") PARTS
         "<rules><include profile=\"bagit\" except=\"PER-001\"/></rules></profile>",
         "PER-001"},
        {"parts missing", HEAD("wrong") "<rules/></profile>", "schemes"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *folder = folder_with("wrong", cases[i].text);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaProfile) profile = da_profile_load("wrong", folder, &error);
        if (profile)
            fail_msg("%s was read", cases[i].label);
        if (!strstr(error->message, cases[i].named))
            fail_msg("%s: %s", cases[i].label, error->message);
        scratch_end(folder);
    }
}

static void code_lists_know_text_code_and_alias(void **state)
{
    g_autoptr(DaProfile) profile = shipped();
    const DaCodeList *list = da_profile_list(profile, "ethnicity");
    static const char *const same[] = {"汉族", "汉", "01"};
    for (guint i = 0; i < G_N_ELEMENTS(same); i++)
        assert_string_equal(da_code_list_find(list, same[i])->text, "汉族");
    assert_null(da_code_list_find(list, "汗族"));
    assert_null(da_code_list_find(list, ""));
    assert_null(da_profile_list(profile, "no-such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_profile_is_whole),
        cmocka_unit_test(every_shipped_rule_says_where_it_is_from_and_how_to_mend),
        cmocka_unit_test(classes_are_found_in_whatever_form_they_are_printed),
        cmocka_unit_test(a_finding_is_filled_from_its_rule),
        cmocka_unit_test(parameters_have_the_type_that_is_asked_for),
        cmocka_unit_test(a_profile_is_found_by_name_and_by_path),
        cmocka_unit_test(a_profile_is_found_in_the_data_folder),
        cmocka_unit_test(a_wrong_profile_is_refused_with_the_place),
        cmocka_unit_test(a_short_profile_takes_the_rest_from_another),
        cmocka_unit_test(what_is_loaded_has_no_include_left),
        cmocka_unit_test(a_wrong_include_is_refused),
        cmocka_unit_test(code_lists_know_text_code_and_alias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
