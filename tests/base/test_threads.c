#include <dangan/error.h>
#include <dangan/threads.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TASKS 1000

static gboolean count(guint i, gpointer data, GError **error)
{
    g_atomic_int_inc((gint *)data + i);
    return TRUE;
}

static void each_task_is_done_once(void **state)
{
    static const guint numbers[] = {0, 1, 2, TASKS};
    for (guint n = 0; n < G_N_ELEMENTS(numbers); n++) {
        gint done[TASKS] = {0};
        g_autoptr(GError) error = NULL;
        assert_true(da_threads_run(numbers[n], count, done, &error));
        assert_null(error);
        for (guint i = 0; i < TASKS; i++)
            assert_int_equal(done[i], i < numbers[n]);
    }
}

static gboolean fail_at_some(guint i, gpointer data, GError **error)
{
    g_atomic_int_inc((gint *)data);
    return i % 7 != 3 || da_error_set(error, DA_ERROR_INPUT, "task %u", i);
}

static void one_error_ends_the_whole(void **state)
{
    gint done = 0;
    g_autoptr(GError) error = NULL;
    assert_false(da_threads_run(TASKS, fail_at_some, &done, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_true(done < TASKS);
    assert_false(da_threads_run(TASKS, fail_at_some, &done, NULL));
}

/* A thread that lasted would stand in /proc/self/task. */
static guint threads_of_this_process(void)
{
    g_autofree char *status = NULL;
    assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    const char *line = strstr(status, "\nThreads:");
    assert_non_null(line);
    return (guint)g_ascii_strtoull(line + strlen("\nThreads:"), NULL, 10);
}

static gboolean wait_a_little(guint i, gpointer data, GError **error)
{
    g_usleep(1000);
    return TRUE;
}

static void no_thread_lasts(void **state)
{
    guint before = threads_of_this_process();
    assert_true(da_threads_run(20, wait_a_little, NULL, NULL));
    for (guint i = 0; i < 100 && threads_of_this_process() > before; i++)
        g_usleep(1000); /* a thread that was joined may still be on its way out of the kernel */
    assert_int_equal(threads_of_this_process(), before);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_is_done_once),
        cmocka_unit_test(one_error_ends_the_whole),
        cmocka_unit_test(no_thread_lasts),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
