#include <dangan/identity.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void id_number_faults_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        DaIdentityFault wanted;
        const char *says; /* NULL = nothing is wrong */
    } cases[] = {
        {"34052419800101001X", DA_IDENTITY_OK, NULL},
        {"11010519491231002X", DA_IDENTITY_OK, NULL},
        {"606129196201204759", DA_IDENTITY_OK, NULL},
        {"", DA_IDENTITY_EMPTY, "is empty"},
        {NULL, DA_IDENTITY_EMPTY, "is empty"},
        {"340524800101001", DA_IDENTITY_OLD_FORM, "15 digits"},
        {"3405241980010100", DA_IDENTITY_LENGTH, "has 16 characters, 18 wanted"},
        {"34052419800101001XX", DA_IDENTITY_LENGTH, "has 19 characters"},
        {"34052480010100X", DA_IDENTITY_LENGTH, "has 15 characters"},
        {"34052419800101001x", DA_IDENTITY_CHARACTER, "character 18"},
        {"3405241980O101001X", DA_IDENTITY_CHARACTER, "character 11"},
        {"3405241980010100XX", DA_IDENTITY_CHARACTER, "character 17"},
        {"340524198001010０1X", DA_IDENTITY_CHARACTER, "character 16"},
        {"34052419801301001X", DA_IDENTITY_DATE, "19801301"},
        {"34052419810229001X", DA_IDENTITY_DATE, "19810229"},
        {"340524198001010017", DA_IDENTITY_CHECK, "check digit is 7, computed X"},
        {"34052419800102001X", DA_IDENTITY_CHECK, "check digit is X, computed 5"},
        {"\xff\xfe", DA_IDENTITY_CHARACTER, "character 1"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *fault = da_id_number_fault_text(cases[i].text);
        if (da_id_number_check(cases[i].text) != cases[i].wanted)
            fail_msg("'%s': %s", cases[i].text, fault);
        assert_int_equal(fault == NULL, cases[i].says == NULL);
        if (fault && !strstr(fault, cases[i].says))
            fail_msg("'%s': %s", cases[i].text, fault);
    }
}

/* One wrong digit or two neighbours exchanged: what the check character is for. */
static void every_single_wrong_digit_is_found(void **state)
{
    for (guint at = 0; at < 17; at++) {
        char text[] = "606129196201204759";
        for (char digit = '0'; digit <= '9'; digit++) {
            text[at] = digit;
            gboolean same = !strcmp(text, "606129196201204759");
            assert_int_equal(da_id_number_check(text) == DA_IDENTITY_OK, same);
        }
    }
}

static void normalize_folds_what_keyboards_give(void **state)
{
    static const char *const forms[] = {
        "34052419800101001X",        "34052419800101001x",
        " 340524 19800101 001X\t",   "３４０５２４１９８００１０１００１Ｘ",
        "34052419800101001×",        "34052419800101001Ⅹ",
        "\u300034052419800101001ｘ", "\ufeff34052419800101001X",
    };
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *normal = da_id_number_normalize(forms[i]);
        assert_string_equal(normal, "34052419800101001X");
    }
    g_autofree char *nothing = da_id_number_normalize(NULL);
    assert_string_equal(nothing, "");
    g_autofree char *broken = da_id_number_normalize("\xff");
    assert_string_equal(broken, "");
}

static void old_numbers_are_upgraded(void **state)
{
    static const struct {
        const char *old, *wanted;
    } cases[] = {
        {"340524800101001", "34052419800101001X"},
        {"110105491231002", "11010519491231002X"},
        {"110105991231997", "110105189912319971"},
        {"340524801301001", NULL},
        {"34052480010100X", NULL},
        {"34052419800101001X", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *upgraded = da_id_number_upgrade(cases[i].old);
        if (!cases[i].wanted) {
            assert_null(upgraded);
            continue;
        }
        assert_non_null(upgraded);
        assert_memory_equal(upgraded, cases[i].wanted, 17);
        assert_int_equal(da_id_number_check(upgraded), DA_IDENTITY_OK);
    }
}

static void birth_and_sex_come_from_valid_numbers_only(void **state)
{
    DaDate birth = da_id_number_birth("606129196201204759");
    assert_int_equal(birth.year, 1962);
    assert_int_equal(birth.month, 1);
    assert_int_equal(birth.day, 20);
    assert_string_equal(da_id_number_sex("606129196201204759"), "男");
    assert_string_equal(da_id_number_sex("11010519491231002X"), "女");
    assert_null(da_id_number_sex("606129196201204758"));
    assert_int_equal(da_id_number_birth("606129196201204758").year, 0);
    assert_null(da_id_number_sex(""));
}

static void credit_codes_check_both_digits(void **state)
{
    static const struct {
        const char *text;
        gboolean valid;
    } cases[] = {
        {"91350100M000100Y43", TRUE},
        {"91110000802100433B", TRUE},
        {"91350100M000100Y44", FALSE},
        {"91350100M000100Y3X", FALSE},
        {"91110000802100433b", FALSE},
        {"9111000080210043", FALSE},
        {"9111000080210O433B", FALSE},
        {"", FALSE},
        {NULL, FALSE},
        {"91110000802100433BB", FALSE},
        {"91110000802100434B", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        if (da_credit_code_is_valid(cases[i].text) != cases[i].valid)
            fail_msg("'%s'", cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_number_faults_are_told_apart),
        cmocka_unit_test(every_single_wrong_digit_is_found),
        cmocka_unit_test(normalize_folds_what_keyboards_give),
        cmocka_unit_test(old_numbers_are_upgraded),
        cmocka_unit_test(birth_and_sex_come_from_valid_numbers_only),
        cmocka_unit_test(credit_codes_check_both_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
