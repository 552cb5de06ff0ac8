#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <string.h>
#include <unistd.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

/* The examples of FIPS 180-2, appendix B. */
static void known_digests_come_out(void **state)
{
    assert_string_equal(da_digest_bytes("", 0).hex, EMPTY);
    assert_string_equal(da_digest_bytes(NULL, 0).hex, EMPTY);
    assert_string_equal(da_digest_bytes("abc", 3).hex, ABC);
    g_autofree char *million = g_strnfill(1000000, 'a');
    assert_string_equal(da_digest_bytes(million, 1000000).hex, MILLION_A);
}

static void a_file_has_the_digest_of_its_bytes(void **state)
{
    char *folder = scratch_begin();
    g_autofree char *million = g_strnfill(1000000, 'a');
    const struct {
        const char *text, *hex;
    } cases[] = {{"", EMPTY}, {"abc", ABC}, {million, MILLION_A}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = scratch_file(folder, "file", cases[i].text);
        DaDigest digest;
        guint64 size = 7;
        assert_true(da_digest_file(path, &digest, &size, NULL));
        assert_string_equal(digest.hex, cases[i].hex);
        assert_int_equal(size, strlen(cases[i].text));
        assert_true(da_digest_file(path, &digest, NULL, NULL));
    }
    scratch_end(folder);
}

static void a_file_that_cannot_be_read_has_no_digest(void **state)
{
    static const struct {
        const char *path;
        DaErrorCode code;
    } cases[] = {
        {"/nowhere/x", DA_ERROR_NOT_FOUND}, {"/", DA_ERROR_INPUT}, {"/dev/zero", DA_ERROR_INPUT}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DaDigest digest;
        assert_false(da_digest_file(cases[i].path, &digest, NULL, &error));
        assert_true(g_error_matches(error, DA_ERROR, cases[i].code));
    }
}

static void parts_of_a_key_do_not_run_into_each_other(void **state)
{
    DaDigest keys[] = {
        da_digest_key("ab", "c", NULL), da_digest_key("a", "bc", NULL), da_digest_key("abc", NULL),
        da_digest_key("abc", "", NULL), da_digest_key("", "abc", NULL), da_digest_key("", NULL),
        da_digest_key("", "", NULL),
    };
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        assert_true(da_digest_is_valid(keys[i].hex));
        for (gsize j = 0; j < i; j++)
            assert_string_not_equal(keys[i].hex, keys[j].hex);
    }
    assert_string_equal(da_digest_key("ab", "c", NULL).hex, keys[0].hex);
}

static void only_64_lower_case_digits_are_a_digest(void **state)
{
    assert_true(da_digest_is_valid(ABC));
    static const char *const wrong[] = {
        "",
        "abc",
        ABC "0",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        " a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "../../../../../../../../../../../../../../../../../../etc/passwd",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_false(da_digest_is_valid(wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests_come_out),
        cmocka_unit_test(a_file_has_the_digest_of_its_bytes),
        cmocka_unit_test(a_file_that_cannot_be_read_has_no_digest),
        cmocka_unit_test(parts_of_a_key_do_not_run_into_each_other),
        cmocka_unit_test(only_64_lower_case_digits_are_a_digest),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
