#include "fixture.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Two dossiers as a delivery has them, without any package on disk: comparing looks at what verification kept. */
typedef struct {
    char *folder;
    DaProfile *profile;
    GPtrArray *packages;
} Delivery;

#define DIGEST_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static DaVerification *package(const char *id, const char *digest, const char *name,
                               const char *number, guint pages)
{
    DaVerification *package = g_new0(DaVerification, 1);
    package->path = g_strdup_printf("/delivery/%s", id);
    package->id = g_strdup(id);
    package->digest = g_strdup(digest);
    package->files = 40;
    package->bytes = 1000000;
    package->sides_with_content = pages;
    package->field[DA_FIELD_NAME] = g_strdup(name);
    package->field[DA_FIELD_ID_NUMBER] = g_strdup(number);
    package->field[DA_FIELD_BIRTH] = g_strdup("1949-12-31");
    package->field[DA_FIELD_EMPLOYER] = g_strdup("虚构机械厂");
    package->results = g_ptr_array_new();
    package->findings = g_ptr_array_new();
    package->materials = g_ptr_array_new();
    return package;
}

static void begin(Delivery *delivery)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    delivery->folder = g_dir_make_tmp("dangan-handover-XXXXXX", NULL);
    delivery->profile = da_profile_load("soe-retiree", profiles, &error);
    if (!delivery->profile)
        fail_msg("%s", error->message);
    delivery->packages = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    g_ptr_array_add(delivery->packages,
                    package("one", DIGEST_A, "龚杉榕", "11010519491231002X", 2));
    g_ptr_array_add(delivery->packages,
                    package("two", DIGEST_B, "钱无忌", "440524188001010014", 3));
    DaVerification *second = delivery->packages->pdata[1];
    g_free(second->field[DA_FIELD_BIRTH]);
    second->field[DA_FIELD_BIRTH] = g_strdup("1880-01");
}

static void end(Delivery *delivery)
{
    da_tree_remove(delivery->folder, NULL);
    g_free(delivery->folder);
    da_profile_free(delivery->profile);
    g_ptr_array_unref(delivery->packages);
}

static DaVerification *compare(const Delivery *delivery, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(delivery->folder, "list.csv", NULL);
    fixture_put(path, text, strlen(text));
    return da_verify_handover(path, delivery->packages, delivery->profile, error);
}

#define TITLE "国有企业退休人员人事档案移交案卷目录\n"
#define HEADER                                                                                                                           \
    "序号,姓名,身份证号码,性别,出生日期,退休手续办理时间,生存状态,死亡日期,所属单位,户籍所在地," \
    "页数,档案局档号,保管期限,备注\n"
#define ROW_ONE                                                                                    \
    "1,龚杉榕,11010519491231002X,女,19491231,20050101,健在,,虚构机械厂,某地,2,RS-1,永久,\n"
#define ROW_TWO                                                                                    \
    "2,钱无忌,440524188001010014,男,18800101,20050101,健在,,虚构机械厂,某地,3,RS-2,永久,\n"
#define LISTED "id,档号,files,bytes,digest\n"
#define LISTED_ONE "one,RS-1,40,1000000," DIGEST_A "\n"
#define LISTED_TWO "two,RS-2,40,1000000," DIGEST_B "\n"

static void a_list_that_fits_is_accepted(void **state)
{
    static const char *const lists[] = {
        TITLE HEADER ROW_ONE ROW_TWO,
        TITLE HEADER ROW_TWO ROW_ONE,
        LISTED LISTED_ONE LISTED_TWO,
        LISTED "two,,,," DIGEST_B "\none,,40,\"1,000,000\"," DIGEST_A "\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        Delivery delivery;
        begin(&delivery);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaVerification) result = compare(&delivery, lists[i], &error);
        if (!result)
            fail_msg("%u: %s", i, error->message);
        for (guint k = 0; k < result->findings->len; k++) {
            g_autofree char *line = da_finding_line(result->findings->pdata[k], FALSE);
            fail_msg("%u: %s", i, line);
        }
        assert_true(result->accepted);
        assert_true(result->is_handover);
        assert_int_equal(result->rows, 2);
        assert_int_equal(result->matched, 2);
        end(&delivery);
    }
}

/* One way in which list and packages differ, and the finding that says so. */
typedef struct {
    const char *label, *list;
    const char *rule;
    guint row;
    const char *subject;                 /* package or list that the finding is about */
    void (*change)(GPtrArray *packages); /* NULL = the two packages as they are */
} Fault;

static void second_comes_twice(GPtrArray *packages)
{
    g_ptr_array_add(packages, package("two again", DIGEST_B, "钱无忌", "440524188001010014", 3));
}

static void second_is_unreadable(GPtrArray *packages)
{
    DaVerification *second = packages->pdata[1];
    g_clear_pointer(&second->id, g_free);
    for (DaField field = 0; field < DA_FIELD_N; field++)
        g_clear_pointer(&second->field[field], g_free);
}

static void second_has_other_digest(GPtrArray *packages)
{
    ((DaVerification *)packages->pdata[1])->digest[0] = 'c';
}

static void second_has_a_page_more(GPtrArray *packages)
{
    ((DaVerification *)packages->pdata[1])->sides_with_content++;
}

static const Fault faults[] = {
    {"a dossier is missing",
     TITLE HEADER ROW_ONE ROW_TWO
     "3,某,110101195306153019,男,19530615,20050101,健在,,虚构机械厂,某地,3,RS-3,永久,\n",
     "LST-003", 5, "list.csv", NULL},
    {"a package is missing", LISTED LISTED_ONE LISTED_TWO "three,,1,1," DIGEST_A "\n", "LST-003", 4,
     "list.csv", NULL},
    {"a dossier too many", TITLE HEADER ROW_ONE, "LST-003", 0, "two", NULL},
    {"a package too many", LISTED LISTED_TWO, "LST-003", 0, "one", NULL},
    {"a dossier comes twice", TITLE HEADER ROW_ONE ROW_TWO, "LST-003", 4, "two again",
     second_comes_twice},
    {"a row stands twice", TITLE HEADER ROW_ONE ROW_TWO ROW_TWO, "LST-004", 5, "移交案卷目录",
     NULL},
    {"a package stands twice", LISTED LISTED_ONE LISTED_TWO LISTED_TWO, "LST-004", 4, "delivery",
     NULL},
    {"files", LISTED LISTED_ONE "two,,41,1000000," DIGEST_B "\n", "PKG-007", 3, "two", NULL},
    {"bytes", LISTED LISTED_ONE "two,,40,1000001," DIGEST_B "\n", "PKG-007", 3, "two", NULL},
    {"pages", TITLE HEADER ROW_ONE ROW_TWO, "PKG-007", 4, "two", second_has_a_page_more},
    {"digest", LISTED LISTED_ONE LISTED_TWO, "PKG-008", 3, "two", second_has_other_digest},
    {"a digest that is none", LISTED LISTED_ONE "two,,40,1000000,abc\n", "LST-005", 3, "delivery",
     NULL},
    {"a digest left out", LISTED LISTED_ONE "two,,40,1000000,\n", "LST-006", 3, "delivery", NULL},
    {"a number that is none", LISTED LISTED_ONE "two,,many,1000000," DIGEST_B "\n", "LST-005", 3,
     "delivery", NULL},
    {"another name",
     TITLE HEADER ROW_ONE
     "2,钱有忌,440524188001010014,男,18800101,20050101,健在,,虚构机械厂,某地,3,RS-2,永久,\n",
     "LST-007", 4, "two", NULL},
    {"another employer",
     TITLE HEADER ROW_ONE
     "2,钱无忌,440524188001010014,男,18800101,20050101,健在,,另一厂,某地,3,RS-2,永久,\n",
     "LST-007", 4, "two", NULL},
};

static void each_fault_is_told_once_by_its_rule(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        const Fault *fault = &faults[i];
        Delivery delivery;
        begin(&delivery);
        if (fault->change)
            fault->change(delivery.packages);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaVerification) result = compare(&delivery, fault->list, &error);
        if (!result)
            fail_msg("%s: %s", fault->label, error->message);
        if (result->findings->len != 1)
            fail_msg("%s: %u findings", fault->label, result->findings->len);
        const DaFinding *finding = result->findings->pdata[0];
        if (strcmp(finding->rule, fault->rule) || finding->row != fault->row ||
            strcmp(finding->subject, fault->subject))
            fail_msg("%s: %s in row %u about %s", fault->label, finding->rule, finding->row,
                     finding->subject);
        assert_non_null(finding->clause);
        assert_false(result->accepted);
        assert_int_equal(fixture_result(result, fault->rule)->outcome, DA_RULE_FAILED);
        assert_int_equal(fixture_result(result, fault->rule)->findings, 1);
        end(&delivery);
    }
}

static void a_package_that_cannot_be_read_is_missing_for_a_list_of_persons(void **state)
{
    Delivery delivery;
    begin(&delivery);
    second_is_unreadable(delivery.packages);
    g_autoptr(DaVerification) persons = compare(&delivery, TITLE HEADER ROW_ONE ROW_TWO, NULL);
    assert_int_equal(fixture_count(persons, "LST-003"), 2);
    /* A list of packages knows it by the name of its folder. */
    g_autoptr(DaVerification) packages = compare(&delivery, LISTED LISTED_ONE LISTED_TWO, NULL);
    assert_int_equal(packages->findings->len, 0);
    end(&delivery);
}

static void rules_without_a_column_are_not_run(void **state)
{
    Delivery delivery;
    begin(&delivery);
    g_autoptr(DaVerification) persons = compare(&delivery, TITLE HEADER ROW_ONE ROW_TWO, NULL);
    assert_int_equal(fixture_result(persons, "PKG-008")->outcome, DA_RULE_NOT_RUN);
    assert_non_null(fixture_result(persons, "PKG-008")->reason);
    assert_int_equal(fixture_result(persons, "PKG-007")->outcome, DA_RULE_PASSED);
    assert_int_equal(fixture_result(persons, "IMG-001")->outcome, DA_RULE_NOT_RUN);
    assert_int_equal(fixture_result(persons, "ACC-001")->outcome, DA_RULE_NOT_RUN);
    g_autoptr(DaVerification) packages =
        compare(&delivery, LISTED "one,,,," DIGEST_A "\ntwo,,,," DIGEST_B "\n", NULL);
    assert_int_equal(fixture_result(packages, "PKG-007")->outcome, DA_RULE_NOT_RUN);
    assert_int_equal(fixture_result(packages, "PKG-008")->outcome, DA_RULE_PASSED);
    assert_int_equal(fixture_result(packages, "LST-007")->outcome, DA_RULE_NOT_RUN);
    end(&delivery);
}

static void a_list_that_is_none_is_an_error(void **state)
{
    static const char *const lists[] = {"", "hello\n", "id,files\none,1\n", "姓名,性别\n某,女\n"};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        Delivery delivery;
        begin(&delivery);
        g_autoptr(GError) error = NULL;
        assert_null(compare(&delivery, lists[i], &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, "list.csv"));
        end(&delivery);
    }
    Delivery delivery;
    begin(&delivery);
    g_autoptr(GError) error = NULL;
    assert_null(
        da_verify_handover("/nowhere/list.csv", delivery.packages, delivery.profile, &error));
    assert_non_null(error);
    end(&delivery);
}

static void a_profile_without_rules_for_lists_says_so(void **state)
{
    Delivery delivery;
    begin(&delivery);
    g_autoptr(GError) error = NULL;
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    da_profile_free(delivery.profile);
    delivery.profile = da_profile_load("bagit", profiles, NULL);
    assert_null(compare(&delivery, LISTED LISTED_ONE, &error));
    assert_non_null(strstr(error->message, "'bagit'"));
    end(&delivery);
}

static void what_a_package_says_is_kept_for_the_list(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(DaVerification) kept = fixture_verify(fixture);
    assert_string_equal(kept->field[DA_FIELD_NAME], "龚杉榕");
    assert_string_equal(kept->operator_name, "操作员甲");
    assert_int_equal(kept->sides_with_content, 2);
    assert_int_equal(kept->materials->len, 2);
    assert_int_equal(((const DaVerifiedMaterial *)kept->materials->pdata[0])->sides, 2);
    g_autofree char *text =
        g_strdup_printf(LISTED "%s,,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%s\n", kept->id,
                        kept->files, kept->bytes, kept->digest);
    g_autofree char *path = g_build_filename(fixture->folder, "delivery.csv", NULL);
    g_autoptr(GPtrArray) packages = g_ptr_array_new();
    g_ptr_array_add(packages, kept);
    fixture_put(path, text, strlen(text));
    g_autoptr(DaVerification) result = da_verify_handover(path, packages, fixture->profile, NULL);
    assert_int_equal(result->findings->len, 0);
    assert_int_equal(result->matched, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_fits_is_accepted),
        cmocka_unit_test(each_fault_is_told_once_by_its_rule),
        cmocka_unit_test(a_package_that_cannot_be_read_is_missing_for_a_list_of_persons),
        cmocka_unit_test(rules_without_a_column_are_not_run),
        cmocka_unit_test(a_list_that_is_none_is_an_error),
        cmocka_unit_test(a_profile_without_rules_for_lists_says_so),
        cmocka_unit_test(what_a_package_says_is_kept_for_the_list),
    };
    return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
