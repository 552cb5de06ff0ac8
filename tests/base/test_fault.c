#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/fault.h>
#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many of five passages of each of two points a process survives under the setting; 10 = all. */
static int passages(const char *setting)
{
    int counter[2];
    assert_int_equal(pipe(counter), 0);
    pid_t child = fork();
    if (child == 0) {
        if (setting != NULL)
            g_setenv("DANGAN_FAULT", setting, TRUE);
        else
            g_unsetenv("DANGAN_FAULT");
        for (int i = 0; i < 5; i++) {
            da_fault_point("deposit.staged");
            if (write(counter[1], "", 1) != 1)
                _exit(1);
            da_fault_point_of("deposit.renamed", i == 1 ? "packages.csv" : "objects");
            if (write(counter[1], "", 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(counter[1]);
    int survived = 0, status = 0;
    for (char byte; read(counter[0], &byte, 1) == 1;)
        survived++;
    close(counter[0]);
    waitpid(child, &status, 0);
    if (survived < 10)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return survived;
}

static void a_process_dies_at_the_named_passage_and_nowhere_else(void **state)
{
    static const struct {
        const char *setting;
        int survived;
    } cases[] = {
        {NULL, 10},
        {"", 10},
        {"kill:deposit.staged", 0},
        {"kill:deposit.staged:1", 0},
        {"kill:deposit.renamed", 1},
        {"kill:deposit.staged:3", 4},
        {"kill:deposit.renamed:5", 9},
        {"kill:deposit.staged:6", 10},
        {"kill:deposit", 10},
        {"kill:deposit.staged2", 10},
        {"kill:deposit.staged:0", 10},
        {"kill:deposit.staged:x", 10},
        {"kill:deposit.staged:", 10},
        {"kill:deposit.renamed:packages.csv", 3},
        {"kill:deposit.staged:packages.csv", 10},
        {"kill:", 10},
        {"halt:deposit.staged", 10},
        {"deposit.staged", 10},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        int survived = passages(cases[i].setting);
        if (survived != cases[i].survived)
            fail_msg("'%s': %d instead of %d", cases[i].setting, survived, cases[i].survived);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_dies_at_the_named_passage_and_nowhere_else),
    };
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
