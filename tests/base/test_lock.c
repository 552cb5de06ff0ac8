#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/lock.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static char *path;

static int begin(void **state)
{
    folder = scratch_begin();
    path = g_build_filename(folder, "lock", NULL);
    return 0;
}

static int end(void **state)
{
    g_free(path);
    scratch_end(folder);
    return 0;
}

/* A process that holds the lock, with a child of its own that has inherited it as a worker would, until it is killed. */
static pid_t hold_elsewhere(gboolean with_child)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t holder = fork();
    if (holder == 0) {
        if (da_lock_take(path, NULL) == NULL)
            _exit(1);
        if (with_child && fork() == 0) {
            g_usleep(G_USEC_PER_SEC / 2); /* outlives its parent by a moment */
            _exit(0);
        }
        if (write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return holder;
}

static void end_holder(pid_t holder)
{
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
}

static void a_lock_is_taken_and_given_back(void **state)
{
    for (int i = 0; i < 3; i++) {
        g_autoptr(DaLock) lock = da_lock_take(path, NULL);
        assert_non_null(lock);
    }
}

static void one_process_cannot_take_it_twice(void **state)
{
    g_autoptr(DaLock) lock = da_lock_take(path, NULL);
    assert_non_null(lock);
    g_autoptr(GError) error = NULL;
    assert_null(da_lock_take(path, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
}

static void a_conflict_names_the_holder(void **state)
{
    pid_t holder = hold_elsewhere(FALSE);
    g_autoptr(GError) error = NULL;
    DaLock *lock = da_lock_take(path, &error);
    end_holder(holder);
    assert_null(lock);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    g_autofree char *named = g_strdup_printf("process %d;", (int)holder);
    assert_non_null(strstr(error->message, named));
}

static void the_lock_of_a_killed_process_is_free(void **state)
{
    end_holder(hold_elsewhere(FALSE));
    g_autoptr(DaLock) lock = da_lock_take(path, NULL);
    assert_non_null(lock);
}

static void dying_workers_of_a_killed_process_are_waited_for(void **state)
{
    end_holder(hold_elsewhere(TRUE));
    g_autoptr(GError) error = NULL;
    g_autoptr(DaLock) lock = da_lock_take(path, &error);
    assert_non_null(lock);
}

static void a_lock_that_cannot_be_made_says_why(void **state)
{
    g_autofree char *missing = g_build_filename(folder, "missing", "lock", NULL);
    g_autofree char *link_name = g_build_filename(folder, "link", NULL);
    assert_int_equal(symlink("elsewhere", link_name), 0);
    static const DaErrorCode codes[] = {DA_ERROR_NOT_FOUND, DA_ERROR_SYSTEM, DA_ERROR_SYSTEM};
    const char *const paths[] = {missing, link_name, folder};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(da_lock_take(paths[i], &error));
        assert_true(g_error_matches(error, DA_ERROR, codes[i]));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_lock_is_taken_and_given_back),
        CASE(one_process_cannot_take_it_twice),
        CASE(a_conflict_names_the_holder),
        CASE(the_lock_of_a_killed_process_is_free),
        CASE(dying_workers_of_a_killed_process_are_waited_for),
        CASE(a_lock_that_cannot_be_made_says_why),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
