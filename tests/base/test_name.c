#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/file.h>
#include <string.h>

/* In ascending order; each is compared with each. */
static const char *const ordered[] = {
    "",
    "1",
    "01x",
    "2",
    "9-1-2-003",
    "9-1-2-003.jpg",
    "9-1-10-001",
    "10",
    "99999999999999999999998",
    "99999999999999999999999",
    "scan",
    "scan1",
    "scan2",
    "scan02x",
    "scan10",
    "scan10a",
    "scan10b",
    "scan11",
    "scan20000000000000000000000",
    "档案1",
    "档案2",
    "档案10",
};

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void names_are_in_natural_order(void **state)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(ordered); i++) {
        for (int j = 0; j < (int)G_N_ELEMENTS(ordered); j++) {
            if (sign(da_name_compare(ordered[i], ordered[j])) != sign(i - j))
                fail_msg("'%s' against '%s'", ordered[i], ordered[j]);
        }
    }
}

static void equal_numbers_are_told_apart_by_bytes(void **state)
{
    assert_true(da_name_compare("scan01", "scan1") < 0);
    assert_true(da_name_compare("scan1", "scan01") > 0);
    assert_true(da_name_compare("scan001a2", "scan1a1") > 0);
    assert_int_equal(da_name_compare("scan1", "scan1"), 0);
    assert_true(da_name_compare("0", "00") < 0);
}

static void a_path_is_safe_only_below_its_base(void **state)
{
    static const struct {
        const char *path;
        gboolean safe;
    } cases[] = {
        {"a", TRUE},
        {"data/9-1-2-003.jpg", TRUE},
        {"卷/目录.xlsx", TRUE},
        {"a..b/...", TRUE},
        {".hidden", TRUE},
        {"a~b", TRUE},
        {"", FALSE},
        {"/", FALSE},
        {"/etc/passwd", FALSE},
        {"~root/x", FALSE},
        {"..", FALSE},
        {".", FALSE},
        {"../x", FALSE},
        {"a/../../x", FALSE},
        {"a/..", FALSE},
        {"a/./b", FALSE},
        {"a//b", FALSE},
        {"a/", FALSE},
        {"C:/x", FALSE},
        {"c:x", FALSE},
        {"a\\b", FALSE},
        {"..\\x", FALSE},
        {"a\nb", FALSE},
        {"a\x7f", FALSE},
        {"a\xC2\x85", FALSE},
        {"\xB5\xB5\xB0\xB8", FALSE},
        {"a\xC0\xAE\xC0\xAE", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (da_path_is_safe(cases[i].path) != cases[i].safe)
            fail_msg("'%s'", cases[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_in_natural_order),
        cmocka_unit_test(equal_numbers_are_told_apart_by_bytes),
        cmocka_unit_test(a_path_is_safe_only_below_its_base),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
