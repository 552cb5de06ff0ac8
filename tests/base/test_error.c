#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/error.h>
#include <errno.h>
#include <string.h>

static void each_code_has_its_answers(void **state)
{
    static const struct {
        DaErrorCode code;
        int exit_status;
        unsigned http_status;
    } cases[] = {
        {DA_ERROR_USAGE, 2, 400},     {DA_ERROR_INPUT, 2, 400},       {DA_ERROR_LIMIT, 2, 413},
        {DA_ERROR_NOT_FOUND, 2, 404}, {DA_ERROR_DENIED, 2, 403},      {DA_ERROR_CONFLICT, 2, 409},
        {DA_ERROR_PART, 3, 500},      {DA_ERROR_CANCELLED, 130, 503}, {DA_ERROR_DISK, 4, 507},
        {DA_ERROR_DATABASE, 4, 503},  {DA_ERROR_SYSTEM, 4, 500},
    };
    assert_int_equal(G_N_ELEMENTS(cases), DA_ERROR_SYSTEM + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(da_error_set(&error, cases[i].code, "case %d", (int)i));
        assert_int_equal(error->domain, DA_ERROR);
        assert_int_equal(error->code, cases[i].code);
        assert_int_equal(da_error_exit_status(error), cases[i].exit_status);
        assert_int_equal(da_error_http_status(error), cases[i].http_status);
    }
}

static void no_error_is_success(void **state)
{
    assert_int_equal(da_error_exit_status(NULL), 0);
    assert_int_equal(da_error_http_status(NULL), 200);
}

static void a_foreign_error_is_the_systems(void **state)
{
    static const int codes[] = {0, 3, -1, G_MAXINT};
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, codes[i], "?");
        g_autoptr(GError) unknown =
            g_error_new_literal(DA_ERROR, codes[i] == 0 ? 11 : codes[i], "?");
        assert_int_equal(da_error_exit_status(foreign), 4);
        if (codes[i] != 3)
            assert_int_equal(da_error_http_status(unknown), 500);
    }
}

static void errno_decides_the_code(void **state)
{
    static const struct {
        int errnum;
        DaErrorCode code;
    } cases[] = {
        {ENOSPC, DA_ERROR_DISK},   {EDQUOT, DA_ERROR_DISK},      {EIO, DA_ERROR_DISK},
        {EROFS, DA_ERROR_DISK},    {ENOENT, DA_ERROR_NOT_FOUND}, {ENOTDIR, DA_ERROR_NOT_FOUND},
        {EACCES, DA_ERROR_DENIED}, {EPERM, DA_ERROR_DENIED},     {EMFILE, DA_ERROR_SYSTEM},
        {ENOMEM, DA_ERROR_SYSTEM},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(da_error_set_errno(&error, cases[i].errnum, "cannot write '%s'", "卷.xml"));
        assert_true(g_error_matches(error, DA_ERROR, cases[i].code));
        assert_true(g_str_has_prefix(error->message, "cannot write '卷.xml': "));
        assert_non_null(strstr(error->message, g_strerror(cases[i].errnum)));
    }
}

static void a_full_disk_says_what_to_do(void **state)
{
    g_autoptr(GError) error = NULL;
    da_error_set_errno(&error, ENOSPC, "cannot write 'x'");
    assert_true(g_str_has_suffix(error->message, "; free space and run the same command again"));
}

static void nobody_need_listen(void **state)
{
    assert_false(da_error_set(NULL, DA_ERROR_INPUT, "%s", "unheard"));
    assert_false(da_error_set_errno(NULL, ENOSPC, "%s", "unheard"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_its_answers),      cmocka_unit_test(no_error_is_success),
        cmocka_unit_test(a_foreign_error_is_the_systems), cmocka_unit_test(errno_decides_the_code),
        cmocka_unit_test(a_full_disk_says_what_to_do),    cmocka_unit_test(nobody_need_listen),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
