#include "../base/scratch.h"
#include "table_probe.h"

#include <dangan/file.h>
#include <dangan/handover.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TITLE "国有企业退休人员人事档案移交案卷目录,,,,,,,,,,,,,\n"
#define HEADERS                                                                                                                          \
    "序号,姓名,身份证号码,性别,出生日期,退休手续办理时间,生存状态,死亡日期,所属单位,户籍所在地," \
    "页数,档案局档号,保管期限,备注\n"
#define GOOD                                                                                                       \
    "1,钟勇学,606129196201204759,男,19620120,20190101,健在,,上饶东方红轴承厂,江西省上饶市,10," \
    "RS-1,永久,\n"
#define CATALOGUE_HEADERS "类号,序号,材料名称,材料形成时间,份数,页数,备注\n"

typedef struct {
    char *folder;
    DaProfile *profile;
    GPtrArray *findings;
} Fixture;

static int begin(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    fixture->folder = scratch_begin();
    fixture->profile = da_profile_load("soe-retiree", profiles, NULL);
    fixture->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    *state = fixture;
    return fixture->profile ? 0 : -1;
}

static int end(void **state)
{
    Fixture *fixture = *state;
    g_ptr_array_unref(fixture->findings);
    da_profile_free(fixture->profile);
    scratch_end(fixture->folder);
    g_free(fixture);
    return 0;
}

/* "RULE:row RULE:row …" of all findings, which are then forgotten. */
static char *take_findings(Fixture *fixture)
{
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < fixture->findings->len; i++) {
        const DaFinding *finding = fixture->findings->pdata[i];
        assert_non_null(finding->file);
        assert_non_null(finding->subject);
        assert_non_null(finding->message_zh);
        g_string_append_printf(all, "%s%s:%u", i ? " " : "", finding->rule, finding->row);
    }
    g_ptr_array_set_size(fixture->findings, 0);
    return g_string_free(all, FALSE);
}

static DaHandover *read_list(Fixture *fixture, const char *text, GError **error)
{
    g_autofree char *path = scratch_file(fixture->folder, "移交案卷目录.csv", text);
    return da_handover_read(path, fixture->profile, fixture->findings, error);
}

static const char *value(const DaHandover *handover, guint row, DaField field)
{
    return ((const DaHandoverRow *)handover->rows->pdata[row])->field[field].text;
}

static void a_right_list_gives_rows_and_no_finding(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DaHandover) handover = read_list(fixture, TITLE HEADERS GOOD ",,,,\n", &error);
    assert_non_null(handover);
    g_autofree char *findings = take_findings(fixture);
    assert_string_equal(findings, "");
    assert_int_equal(handover->rows->len, 1);
    assert_string_equal(handover->file, "移交案卷目录.csv");
    const DaHandoverRow *row = handover->rows->pdata[0];
    assert_int_equal(row->row, 3);
    assert_int_equal(row->pages, 10);
    assert_string_equal(value(handover, 0, DA_FIELD_NAME), "钟勇学");
    assert_string_equal(value(handover, 0, DA_FIELD_BIRTH), "1962-01-20");
    assert_string_equal(value(handover, 0, DA_FIELD_ARCHIVAL_NUMBER), "RS-1");
    assert_null(value(handover, 0, DA_FIELD_DEATH));
    assert_int_equal(row->field[DA_FIELD_NAME].origin, DA_ORIGIN_LIST);
    assert_string_equal(row->field[DA_FIELD_NAME].source, "row 3");
}

static void each_fault_of_a_list_is_found_in_its_row(void **state)
{
    static const struct {
        const char *label, *text, *findings;
    } cases[] = {
        {"no title", HEADERS GOOD, "LST-001:1"},
        {"wrong title", "移交目录\n" HEADERS GOOD, "LST-001:1"},
        {"aliases and marks in headers",
         TITLE "序号,姓 名,公民身份号码,性别,出生日期（YYYYMMDD）,退休时间,生存状态,死亡日期,"
               "原工作单位,户口所在地,页数,档号,保管期限,备注\n" GOOD,
         ""},
        {"column missing",
         TITLE "序号,姓名,身份证号码,性别,出生日期,退休手续办理时间,生存状态,死亡日期,所属单位,"
               "户籍所在地,页数,档案局档号,保管期限\n" GOOD,
         "LST-001:2"},
        {"other order",
         TITLE "姓名,序号,身份证号码,性别,出生日期,退休手续办理时间,生存状态,死亡日期,所属单位,"
               "户籍所在地,页数,档案局档号,保管期限,备注\n"
               "钟勇学,1,606129196201204759,男,19620120,20190101,健在,,厂,江西,10,RS-1,永久,\n",
         "LST-001:2"},
        {"wrong check digit",
         TITLE HEADERS "1,钟,606129196201204758,男,19620120,20190101,,,厂,江西,10,,,\n",
         "PER-001:3"},
        {"rounded by a spreadsheet",
         TITLE HEADERS "1,钟,6.06129E+17,男,19620120,20190101,,,厂,江西,10,,,\n", "PER-001:3"},
        {"full-width and lower-case",
         TITLE HEADERS "1,钟,３４０５２４１９８００１０１００１ｘ,男,１９８００１０１,20190101,,,"
                       "厂,江西,１０,,,\n",
         ""},
        {"old form", TITLE HEADERS "1,钟,340524800101001,男,19800101,20190101,,,厂,江西,10,,,\n",
         "PER-010:3"},
        {"sex and birth",
         TITLE HEADERS "1,钟,606129196201204759,女,19620121,20190101,,,厂,江西,10,,,\n",
         "PER-002:3 PER-003:3"},
        {"birth as far as known",
         TITLE HEADERS "1,钟,606129196201204759,男,196201,20190101,,,厂,江西,10,,,\n", ""},
        {"empty cells", TITLE HEADERS "1,,,,,,,,,,,,,\n",
         "LST-006:3 LST-006:3 LST-006:3 LST-006:3 LST-006:3 LST-006:3 LST-006:3"},
        {"dates and numbers",
         TITLE HEADERS "1,钟,606129196201204759,男,1962.13,不详,,x,厂,江西,十,,,\n",
         "LST-005:3 LST-005:3 LST-005:3 LST-005:3"},
        {"no pages", TITLE HEADERS "1,钟,606129196201204759,男,19620120,20190101,,,厂,江西,0,,,\n",
         "LST-005:3"},
        {"blanks",
         TITLE HEADERS
         "1, 钟,606129196201204759,男\xe3\x80\x80,19620120,20190101,,,厂,江西,10,,,\n",
         "LST-002:3 LST-002:3"},
        {"twice", TITLE HEADERS GOOD "\n" GOOD, "LST-004:5"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture *fixture = *state;
        g_autoptr(GError) error = NULL;
        g_autoptr(DaHandover) handover = read_list(fixture, cases[i].text, &error);
        if (!handover)
            fail_msg("%s: %s", cases[i].label, error->message);
        g_autofree char *findings = take_findings(fixture);
        if (strcmp(findings, cases[i].findings))
            fail_msg("%s: %s", cases[i].label, findings);
    }
}

static void a_finding_names_file_row_and_cell(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(DaHandover) handover = read_list(
        fixture, TITLE HEADERS "1,钟,606129196201204758,男,19620120,20190101,,,厂,江西,10,,,\n",
        NULL);
    assert_non_null(handover);
    assert_int_equal(fixture->findings->len, 1);
    const DaFinding *finding = fixture->findings->pdata[0];
    assert_string_equal(finding->message, "cell C3 (身份证号码): the ID number is wrong");
    assert_string_equal(finding->file, "移交案卷目录.csv");
    assert_string_equal(finding->found, "606129196201204758");
    assert_string_equal(finding->wanted, "check digit is 8, computed 9");
    assert_non_null(finding->mend);
    assert_null(strstr(finding->message, "606129"));
}

static void an_old_number_is_carried_on_as_the_new_one(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(DaHandover) handover = read_list(
        fixture, TITLE HEADERS "1,钟,340524800101001,男,19800101,20190101,,,厂,江西,10,,,\n", NULL);
    assert_string_equal(value(handover, 0, DA_FIELD_ID_NUMBER), "34052419800101001X");
    const DaHandoverRow *row = handover->rows->pdata[0];
    assert_int_equal(row->field[DA_FIELD_ID_NUMBER].origin, DA_ORIGIN_DERIVED);
}

static void a_list_without_its_headers_is_an_error(void **state)
{
    static const struct {
        const char *label, *text, *named;
    } cases[] = {
        {"other table", "a,b\n1,2\n", "none of its first 20 rows is the header row"},
        {"no ID number", TITLE "序号,姓名,性别,出生日期\n1,钟,男,1962\n",
         "row 2 has no column '身份证号码'"},
        {"name twice", "姓名,身份证号码,性别,出生日期,退休时间,所属单位,户籍所在地,姓名\n",
         "has column '姓名' twice"},
        {"empty", "", "is empty"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture *fixture = *state;
        g_autoptr(GError) error = NULL;
        g_autoptr(DaHandover) handover = read_list(fixture, cases[i].text, &error);
        if (handover)
            fail_msg("%s was read", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        if (!strstr(error->message, cases[i].named) || !strstr(error->message, "移交案卷目录.csv"))
            fail_msg("%s: %s", cases[i].label, error->message);
    }
}

static void a_rule_that_the_profile_has_not_gives_no_finding(void **state)
{
    Fixture *fixture = *state;
    g_ptr_array_set_size(fixture->profile->rules, 0);
    g_autoptr(DaHandover) handover = read_list(fixture, HEADERS "1,,12,x,y,z,,,,,0,,,\n", NULL);
    assert_non_null(handover);
    assert_int_equal(fixture->findings->len, 0);
}

static void ten_thousand_rows_are_quick(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *rows = table_probe_repeated(GOOD, 10000);
    g_autofree char *text = g_strconcat(TITLE HEADERS, rows, NULL);
    g_autoptr(DaHandover) handover = read_list(fixture, text, NULL);
    assert_int_equal(handover->rows->len, 10000);
    assert_int_equal(fixture->findings->len, 9999);
}

static GPtrArray *read_catalogue(Fixture *fixture, const char *text, const char *scheme,
                                 GError **error)
{
    g_autofree char *path = scratch_file(fixture->folder, "目录.csv", text);
    return da_catalogue_read(path, fixture->profile, scheme, "606129", fixture->findings, error);
}

static void a_right_catalogue_gives_materials_and_no_finding(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) materials = read_catalogue(
        fixture,
        "人事档案目录\n" CATALOGUE_HEADERS "一,1,职工登记表,197502,1,2,原件\n一,2,干部履历表,,,1,"
        "\n\n（九）－１,1,退休审批表,1986年9月11日,1,1,\n",
        NULL, NULL);
    g_autofree char *findings = take_findings(fixture);
    assert_string_equal(findings, "");
    assert_int_equal(materials->len, 3);
    const DaMaterial *first = materials->pdata[0], *last = materials->pdata[2];
    assert_string_equal(first->class_code, "1");
    assert_string_equal(first->note, "原件");
    assert_int_equal(first->pages_claimed, 2);
    assert_int_equal(first->formed.month, 2);
    assert_int_equal(first->row, 3);
    assert_string_equal(last->class_code, "9-1");
    assert_int_equal(last->sequence, 1);
    assert_int_equal(last->formed.day, 11);
    assert_int_equal(last->row, 6);
    assert_int_equal(((const DaMaterial *)materials->pdata[1])->formed.year, 0);
}

static void a_date_may_stand_in_three_columns(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) materials =
        read_catalogue(fixture,
                       "类号,序号,材料名称,年,月,日,页数\n1,1,a表,1975,2,3,1\n1,2,b表,1975,,,1\n1,"
                       "3,c表,,,,1\n1,4,d表,,5,,1\n",
                       NULL, NULL);
    g_autofree char *findings = take_findings(fixture);
    assert_string_equal(findings, "CAT-004:5");
    assert_int_equal(((const DaMaterial *)materials->pdata[0])->formed.day, 3);
    assert_int_equal(((const DaMaterial *)materials->pdata[1])->formed.year, 1975);
    assert_int_equal(((const DaMaterial *)materials->pdata[1])->formed.month, 0);
    assert_int_equal(((const DaMaterial *)materials->pdata[2])->formed.year, 0);
}

static void each_fault_of_a_catalogue_is_found_in_its_row(void **state)
{
    static const struct {
        const char *label, *rows, *scheme, *findings;
    } cases[] = {
        {"class unknown", "十一,1,表格,,1,1,\n", NULL, "CAT-001:2"},
        {"class empty", ",1,表格,,1,1,\n", NULL, "CAT-001:2"},
        {"no leaf", "九,1,表格,,1,1,\n", NULL, "CAT-001:2"},
        {"leaf of the other scheme", "九,1,表格,,1,1,\n", "worker-1992", ""},
        {"class that became a date", "20260401,1,表格,,1,1,\n", NULL, "CAT-001:2"},
        {"gap", "一,1,表格,,1,1,\n一,3,表格,,1,1,\n", NULL, "CAT-002:3"},
        {"repeat", "一,1,表格,,1,1,\n一,1,表格,,1,1,\n", NULL, "CAT-002:3"},
        {"does not begin with 1", "一,2,表格,,1,1,\n一,3,表格,,1,1,\n", NULL, "CAT-002:2"},
        {"sequence in words", "一,x,表格,,1,1,\n一,2,表格,,1,1,\n", NULL, "CAT-002:2"},
        {"sequence too large", "一,1000,表格,,1,1,\n", NULL, "CAT-002:2"},
        {"no title", "一,1,,,1,1,\n", NULL, "CAT-003:2"},
        {"placeholder", "一,1,待确认,,1,1,\n", NULL, "CAT-003:2"},
        {"date", "一,1,表格,1962.2.30,1,1,\n", NULL, "CAT-004:2"},
        {"pages empty", "一,1,表格,,1,,\n", NULL, "CAT-007:2"},
        {"pages negative", "一,1,表格,,1,-1,\n", NULL, "CAT-007:2"},
        {"pages broken", "一,1,表格,,1,1.5,\n", NULL, "CAT-007:2"},
        {"copies", "一,1,表格,,0,1,\n", NULL, "CAT-007:2"},
        {"blanks", " 一,1,表格 ,,1,1,\n", NULL, "LST-002:2 LST-002:2"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture *fixture = *state;
        g_autofree char *text = g_strconcat(CATALOGUE_HEADERS, cases[i].rows, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) materials = read_catalogue(fixture, text, cases[i].scheme, &error);
        if (!materials)
            fail_msg("%s: %s", cases[i].label, error->message);
        g_autofree char *findings = take_findings(fixture);
        if (strcmp(findings, cases[i].findings))
            fail_msg("%s: %s", cases[i].label, findings);
    }
}

static void a_catalogue_that_cannot_be_read_is_an_error(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    assert_null(read_catalogue(fixture, "类号,序号,材料名称\n一,1,x\n", NULL, &error));
    assert_non_null(strstr(error->message, "row 1 has no column '页数'"));
    g_clear_error(&error);
    assert_null(read_catalogue(fixture, CATALOGUE_HEADERS, "no-such", &error));
    assert_non_null(strstr(error->message, "no class scheme 'no-such'"));
}

static void the_list_is_found_by_its_name(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    const DaListForm *form = fixture->profile->catalogue;
    assert_null(da_list_find(fixture->folder, form, &error));
    assert_null(error);
    g_autofree char *other G_GNUC_UNUSED = scratch_file(fixture->folder, "~$目录.xlsx", "x");
    g_autofree char *copy G_GNUC_UNUSED = scratch_file(fixture->folder, "目录2.csv", "x");
    assert_null(da_list_find(fixture->folder, form, &error));
    g_autofree char *path = scratch_file(fixture->folder, "目录.XLSX", "x");
    g_autofree char *found = da_list_find(fixture->folder, form, &error);
    assert_string_equal(found, path);
    g_autofree char *second G_GNUC_UNUSED = scratch_file(fixture->folder, "目录.csv", "x");
    assert_null(da_list_find(fixture->folder, form, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_non_null(strstr(error->message, "目录.csv"));
    g_clear_error(&error);
    assert_null(da_list_find("/nonexistent", form, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

static void read_sample_catalogue(Fixture *fixture, const char *batch, const char *id_number)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(batch, id_number, NULL);
    g_autofree char *path = da_list_find(folder, fixture->profile->catalogue, &error);
    if (!path)
        fail_msg("no catalogue in %s", folder);
    g_autoptr(GPtrArray) materials =
        da_catalogue_read(path, fixture->profile, NULL, id_number, fixture->findings, &error);
    if (!materials)
        fail_msg("%s", error->message);
    assert_true(materials->len > 0);
}

static void the_sample_batch_is_read_without_a_finding(void **state)
{
    Fixture *fixture = *state;
    const char *batch = g_getenv("DANGAN_SAMPLES");
    if (!batch || !g_file_test(batch, G_FILE_TEST_IS_DIR)) {
        print_message("# skipped: DANGAN_SAMPLES names no folder\n");
        skip();
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *path = da_list_find(batch, fixture->profile->handover, &error);
    assert_non_null(path);
    g_autoptr(DaHandover) handover =
        da_handover_read(path, fixture->profile, fixture->findings, &error);
    if (!handover)
        fail_msg("%s", error->message);
    for (guint i = 0; i < handover->rows->len; i++)
        read_sample_catalogue(fixture, batch, value(handover, i, DA_FIELD_ID_NUMBER));
    print_message("# %u rows, %u findings\n", handover->rows->len, fixture->findings->len);
    g_autofree char *findings = take_findings(fixture);
    assert_string_equal(findings, "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_right_list_gives_rows_and_no_finding),
        CASE(each_fault_of_a_list_is_found_in_its_row),
        CASE(a_finding_names_file_row_and_cell),
        CASE(an_old_number_is_carried_on_as_the_new_one),
        CASE(a_list_without_its_headers_is_an_error),
        CASE(a_rule_that_the_profile_has_not_gives_no_finding),
        CASE(ten_thousand_rows_are_quick),
        CASE(a_right_catalogue_gives_materials_and_no_finding),
        CASE(a_date_may_stand_in_three_columns),
        CASE(each_fault_of_a_catalogue_is_found_in_its_row),
        CASE(a_catalogue_that_cannot_be_read_is_an_error),
        CASE(the_list_is_found_by_its_name),
        CASE(the_sample_batch_is_read_without_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
