#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/datadir.h>
#include <dangan/file.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void the_variable_decides(void **state)
{
    g_setenv("DANGAN_DATADIR", "/some/卷", TRUE);
    g_autofree char *path = da_datadir_path("profiles", "soe-retiree.xml", NULL);
    assert_string_equal(path, "/some/卷/profiles/soe-retiree.xml");
}

/* Data folders beside this very program, as an installation and a build folder have them. */
static void else_it_is_beside_the_program(void **state)
{
    static const char *const unset[] = {NULL, ""};
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(program);
    g_autofree char *wanted = g_build_filename(folder, "share", "dangan", "web", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(unset); i++) {
        if (unset[i] == NULL)
            g_unsetenv("DANGAN_DATADIR");
        else
            g_setenv("DANGAN_DATADIR", unset[i], TRUE);
        g_autofree char *path = da_datadir_path("web", NULL);
        assert_string_equal(path, wanted);
    }
}

/* A copy of this program in bin/ prints what it finds. */
static void an_installed_program_finds_share_beside_bin(void **state)
{
    char *prefix = scratch_begin();
    g_autofree char *bin = g_build_filename(prefix, "bin", NULL);
    g_autofree char *share = g_build_filename(prefix, "share", "dangan", NULL);
    g_autofree char *copy = g_build_filename(bin, "program", NULL);
    assert_true(da_dir_make(bin, NULL) && da_dir_make(share, NULL));
    assert_true(da_file_copy("/proc/self/exe", copy, NULL));
    assert_int_equal(chmod(copy, 0755), 0);
    g_unsetenv("DANGAN_DATADIR");
    g_autofree char *output = NULL;
    char *arguments[] = {copy, (char *)"--print", NULL};
    gboolean ran =
        g_spawn_sync(NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL, NULL);
    g_autofree char *wanted = g_build_filename(share, "profiles", NULL);
    g_autofree char *found = realpath(share, NULL);
    scratch_end(prefix);
    assert_true(ran);
    assert_string_equal(output, wanted);
    assert_non_null(found);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        g_autofree char *path = da_datadir_path("profiles", NULL);
        g_print("%s", path);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_variable_decides),
        cmocka_unit_test(else_it_is_beside_the_program),
        cmocka_unit_test(an_installed_program_finds_share_beside_bin),
    };
    return cmocka_run_group_tests_name("datadir", tests, NULL, NULL);
}
