#include <dangan/error.h>
#include <dangan/finding.h>
#include <dangan/handle/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static DaFinding *full_finding(void)
{
    DaFinding *finding = da_finding_new("PER-001", DA_SEVERITY_FATAL, "handover list");
    da_finding_set(&finding->clause, "GB 11643-1999 §%d", 6);
    da_finding_set(&finding->file, "移交案卷目录.xlsx");
    da_finding_set(&finding->page, "9-1-2-003");
    da_finding_set(&finding->message, "the ID number is wrong");
    da_finding_set(&finding->message_zh, "身份号码有误");
    da_finding_set(&finding->found, "6061291962012047%d", 58);
    da_finding_set(&finding->wanted, "check digit is 8, computed 9");
    da_finding_set(&finding->mend, "correct the cell");
    da_finding_set(&finding->mend_zh, "更正该单元格");
    finding->row = 3;
    finding->has_box = TRUE;
    finding->x_px = -4;
    finding->y_px = 5;
    finding->w_px = 600;
    finding->h_px = 70;
    return finding;
}

static void a_finding_survives_json(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaFinding) finding = full_finding();
    g_autoptr(json_t) object = da_finding_to_json(finding);
    g_autoptr(DaFinding) again = da_finding_from_json(object, &error);
    assert_non_null(again);
    g_autoptr(json_t) object_again = da_finding_to_json(again);
    assert_true(json_equal(object, object_again));
    assert_int_equal(json_object_size(object), 14);
    assert_int_equal(again->severity, DA_SEVERITY_FATAL);
    assert_string_equal(again->found, "606129196201204758");
    assert_int_equal(again->x_px, -4);
    assert_int_equal(again->row, 3);
}

static void members_that_are_not_set_are_left_out(void **state)
{
    g_autoptr(DaFinding) finding = da_finding_new("IMG-001", DA_SEVERITY_INFO, NULL);
    g_autoptr(json_t) object = da_finding_to_json(finding);
    g_autofree char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"rule\":\"IMG-001\",\"severity\":\"info\"}");
}

static void json_that_is_no_finding_is_refused(void **state)
{
    static const char *const wrong[] = {
        "[]",
        "{}",
        "{\"rule\":\"A\"}",
        "{\"rule\":1,\"severity\":\"info\"}",
        "{\"rule\":\"A\",\"severity\":\"dreadful\"}",
        "{\"rule\":\"A\",\"severity\":3}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"row\":0}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"row\":\"3\"}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"row\":4294967296}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"box\":[1,2,3]}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"box\":[1,2,3,\"4\"]}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"box\":[1,2,3,9999999999]}",
        "{\"rule\":\"A\",\"severity\":\"info\",\"mend\":null}",
    };
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) object = json_loads(wrong[i], 0, NULL);
        assert_non_null(object);
        g_autoptr(DaFinding) finding = da_finding_from_json(object, &error);
        if (finding)
            fail_msg("%s was read", wrong[i]);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
}

static void a_line_names_the_place_and_hides_the_value(void **state)
{
    g_autoptr(DaFinding) finding = full_finding();
    g_autofree char *line = da_finding_line(finding, FALSE);
    g_autofree char *line_zh = da_finding_line(finding, TRUE);
    assert_string_equal(line, "fatal PER-001 handover list 移交案卷目录.xlsx row 3 page 9-1-2-003: "
                              "the ID number is wrong; correct the cell");
    assert_string_equal(line_zh,
                        "致命 PER-001 handover list 移交案卷目录.xlsx 第 3 行 第 9-1-2-003 页: "
                        "身份号码有误；更正该单元格");
}

static void a_line_obeys_no_control_character(void **state)
{
    g_autoptr(DaFinding) finding = da_finding_new("PKG-002", DA_SEVERITY_ERROR, "a\x1b[2J\nb");
    g_autofree char *line = da_finding_line(finding, TRUE);
    assert_null(strchr(line, '\x1b'));
    assert_null(strchr(line, '\n'));
}

static void bytes_that_are_no_utf8_still_become_json(void **state)
{
    g_autoptr(DaFinding) finding = da_finding_new("PKG-002", DA_SEVERITY_ERROR, "\xc4\xbf\xc2");
    g_autoptr(json_t) object = da_finding_to_json(finding);
    assert_non_null(json_object_get(object, "subject"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_survives_json),
        cmocka_unit_test(members_that_are_not_set_are_left_out),
        cmocka_unit_test(json_that_is_no_finding_is_refused),
        cmocka_unit_test(a_line_names_the_place_and_hides_the_value),
        cmocka_unit_test(a_line_obeys_no_control_character),
        cmocka_unit_test(bytes_that_are_no_utf8_still_become_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
