#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/worker.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

typedef struct {
    const char *const *jobs; /* NULL: numbers from 0 */
    guint count, given, ended;
    guint outcomes[4];
    GPtrArray *answers; /* of the jobs that were done */
    GPtrArray *errors;  /* texts of the others */
    GArray *codes;
    guint fail_done_at; /* 0 = never */
    volatile sig_atomic_t stop;
    guint stop_at;
} Log;

static void log_init(Log *log, const char *const *jobs, guint count)
{
    *log = (Log){.jobs = jobs, .count = count};
    log->answers = g_ptr_array_new_with_free_func(g_free);
    log->errors = g_ptr_array_new_with_free_func(g_free);
    log->codes = g_array_new(FALSE, FALSE, sizeof(int));
}

static void log_clear(Log *log)
{
    g_ptr_array_unref(log->answers);
    g_ptr_array_unref(log->errors);
    g_array_unref(log->codes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Log, log_clear)

static char *next_job(gpointer data)
{
    Log *log = data;
    if (log->given == log->count)
        return NULL;
    guint i = log->given++;
    return log->jobs != NULL ? g_strdup(log->jobs[i]) : g_strdup_printf("%u", i);
}

static gboolean job_done(const char *job, DaWorkerOutcome outcome, const char *answer,
                         const GError *job_error, gpointer data, GError **error)
{
    Log *log = data;
    assert_non_null(job);
    assert_true((outcome == DA_WORKER_DONE) == (answer != NULL));
    assert_true((outcome == DA_WORKER_DONE) == (job_error == NULL));
    log->outcomes[outcome]++;
    log->ended++;
    if (answer != NULL)
        g_ptr_array_add(log->answers, g_strdup(answer));
    if (job_error != NULL) {
        g_ptr_array_add(log->errors, g_strdup(job_error->message));
        g_array_append_val(log->codes, job_error->code);
    }
    if (log->ended == log->stop_at)
        log->stop = 1;
    if (log->ended == log->fail_done_at)
        return da_error_set(error, DA_ERROR_DISK, "cannot keep the answer");
    return TRUE;
}

static char *fill_memory(void)
{
    gsize size = (gsize)2 << 30;
    char *memory = g_malloc(size);
    memset(memory, 1, size);
    return memory;
}

/* A job is a word that says what is to happen. */
static char *do_word(const char *job, gpointer entered, GError **error)
{
    if (strcmp(job, "segfault") == 0)
        raise(SIGSEGV);
    if (strcmp(job, "exit") == 0)
        exit(1);
    if (strcmp(job, "hang") == 0)
        pause();
    if (strcmp(job, "deaf") == 0) {
        /* What a library that closes every descriptor does: the child lives on, but cannot be heard. */
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        pause();
    }
    if (strcmp(job, "memory") == 0)
        return fill_memory();
    if (strcmp(job, "large") == 0)
        return g_strnfill(1 << 20, 'x');
    if (strcmp(job, "silent") == 0)
        return NULL;
    if (strcmp(job, "foreign") == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "an error of another domain");
        return NULL;
    }
    if (strcmp(job, "refuse") == 0) {
        da_error_set(error, DA_ERROR_LIMIT, "页面太大");
        return NULL;
    }
    return g_strdup(job);
}

static DaWorkerPool words(Log *log, guint processes)
{
    return (DaWorkerPool){.processes = processes,
                          .seconds = 60,
                          .next = next_job,
                          .work = do_word,
                          .done = job_done,
                          .data = log};
}

static void no_child_is_left(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void thousands_of_jobs_are_each_done_once(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 5000);
    DaWorkerPool pool = words(&log, 4);
    g_autoptr(GError) error = NULL;
    assert_true(da_workers_run(&pool, &error));
    assert_int_equal(log.outcomes[DA_WORKER_DONE], 5000);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < log.answers->len; i++)
        assert_true(g_hash_table_add(seen, log.answers->pdata[i]));
    no_child_is_left();
}

static void no_job_is_no_work(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 0);
    DaWorkerPool pool = words(&log, 3);
    assert_true(da_workers_run(&pool, NULL));
    assert_int_equal(log.ended, 0);
    no_child_is_left();
}

static void an_answer_of_a_mebibyte_arrives_whole(void **state)
{
    (void)state;
    static const char *const jobs[] = {"large", "large", "", "large"};
    g_auto(Log) log;
    log_init(&log, jobs, G_N_ELEMENTS(jobs));
    DaWorkerPool pool = words(&log, 2);
    assert_true(da_workers_run(&pool, NULL));
    gsize bytes = 0;
    for (guint i = 0; i < log.answers->len; i++)
        bytes += strlen(log.answers->pdata[i]);
    assert_int_equal(bytes, 3 << 20);
}

static void a_large_job_arrives_whole(void **state)
{
    (void)state;
    g_autofree char *job = g_strnfill(3 << 20, 'j');
    const char *const jobs[] = {job};
    g_auto(Log) log;
    log_init(&log, jobs, 1);
    DaWorkerPool pool = words(&log, 1);
    assert_true(da_workers_run(&pool, NULL));
    assert_string_equal(log.answers->pdata[0], job);
}

static void a_bad_job_costs_only_itself(void **state)
{
    (void)state;
    static const struct {
        const char *job;
        DaWorkerOutcome outcome;
        DaErrorCode code;
        const char *says;
    } cases[] = {
        {"segfault", DA_WORKER_CRASHED, DA_ERROR_INPUT, "crashed ("},
        {"exit", DA_WORKER_CRASHED, DA_ERROR_INPUT, "ended with status 1"},
        {"deaf", DA_WORKER_CRASHED, DA_ERROR_INPUT, "worker process"},
        {"hang", DA_WORKER_TIMED_OUT, DA_ERROR_LIMIT, "longer than 1 s"},
        {"refuse", DA_WORKER_FAILED, DA_ERROR_LIMIT, "页面太大"},
        {"foreign", DA_WORKER_FAILED, DA_ERROR_SYSTEM, "another domain"},
        {"silent", DA_WORKER_FAILED, DA_ERROR_SYSTEM, "without saying why"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *jobs[] = {"a", cases[i].job, "b", "c", cases[i].job, "d"};
        g_auto(Log) log;
        log_init(&log, jobs, G_N_ELEMENTS(jobs));
        DaWorkerPool pool = words(&log, 2);
        pool.seconds = 1;
        assert_true(da_workers_run(&pool, NULL));
        assert_int_equal(log.outcomes[DA_WORKER_DONE], 4);
        assert_int_equal(log.outcomes[cases[i].outcome], 2);
        assert_int_equal(g_array_index(log.codes, int, 0), cases[i].code);
        assert_non_null(strstr(log.errors->pdata[0], cases[i].says));
        no_child_is_left();
    }
}

static void a_child_may_not_take_more_memory_than_allowed(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    static const char *const jobs[] = {"a", "memory", "b"};
    g_auto(Log) log;
    log_init(&log, jobs, G_N_ELEMENTS(jobs));
    DaWorkerPool pool = words(&log, 1);
    pool.memory_bytes = (guint64)256 << 20;
    assert_true(da_workers_run(&pool, NULL));
    assert_int_equal(log.outcomes[DA_WORKER_DONE], 2);
    assert_int_equal(log.outcomes[DA_WORKER_CRASHED], 1);
    assert_int_equal(g_array_index(log.codes, int, 0), DA_ERROR_LIMIT);
    assert_non_null(strstr(log.errors->pdata[0], "256 MiB of memory"));
}

/* As a library does that gets no memory and knows nothing better. */
static char *fill_and_abort(const char *job, gpointer entered, GError **error)
{
    if (strcmp(job, "memory") != 0)
        return g_strdup(job);
    for (;;) {
        void *piece = malloc(1 << 20);
        if (!piece)
            abort();
        memset(piece, 1, 1 << 20);
    }
}

static char *fill_and_refuse(const char *job, gpointer entered, GError **error)
{
    g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(free);
    for (void *piece; strcmp(job, "memory") == 0 && (piece = malloc(1 << 20));)
        g_ptr_array_add(pieces, piece);
    if (pieces->len == 0)
        return g_strdup(job);
    g_ptr_array_set_size(pieces, 0);
    da_error_set(error, DA_ERROR_INPUT, "cannot decode");
    return NULL;
}

static void a_library_that_gets_no_memory_is_reported_as_that(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    static const char *const jobs[] = {"a", "memory", "b"};
    char *(*const works[])(const char *, gpointer, GError **) = {fill_and_abort, fill_and_refuse};
    for (gsize i = 0; i < G_N_ELEMENTS(works); i++) {
        g_auto(Log) log;
        log_init(&log, jobs, G_N_ELEMENTS(jobs));
        DaWorkerPool pool = words(&log, 1);
        pool.memory_bytes = (guint64)256 << 20;
        pool.work = works[i];
        assert_true(da_workers_run(&pool, NULL));
        assert_int_equal(log.outcomes[DA_WORKER_DONE], 2);
        assert_non_null(strstr(log.errors->pdata[0], "256 MiB of memory"));
    }
}

static char *tell_pid(const char *job, gpointer entered, GError **error)
{
    return g_strdup_printf("%d", *(int *)entered);
}

static gpointer keep_pid(gpointer data, GError **error)
{
    int *pid = g_new(int, 1);
    *pid = (int)getpid();
    return pid;
}

static void a_child_enters_once_and_serves_many_jobs(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 200);
    DaWorkerPool pool = words(&log, 3);
    pool.enter = keep_pid;
    pool.work = tell_pid;
    assert_true(da_workers_run(&pool, NULL));
    g_autoptr(GHashTable) pids = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < log.answers->len; i++)
        g_hash_table_add(pids, log.answers->pdata[i]);
    assert_in_range(g_hash_table_size(pids), 1, 3);
}

static gpointer never_enter(gpointer data, GError **error)
{
    da_error_set(error, DA_ERROR_NOT_FOUND, "no language data");
    return NULL;
}

static void a_pool_that_cannot_enter_ends_with_that_error(void **state)
{
    (void)state;
    static const struct {
        guint jobs, processes, most;
    } cases[] = {{1000, 4, 4}, {2, 8, 2}, {1, 1, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Log) log;
        log_init(&log, NULL, cases[i].jobs);
        DaWorkerPool pool = words(&log, cases[i].processes);
        pool.enter = never_enter;
        g_autoptr(GError) error = NULL;
        assert_false(da_workers_run(&pool, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
        assert_non_null(strstr(error->message, "no language data"));
        assert_int_equal(log.outcomes[DA_WORKER_FAILED], log.ended);
        assert_in_range(log.ended, 1, cases[i].most);
        no_child_is_left();
    }
}

/* The first child of all makes the marker and cannot enter. */
static gpointer enter_unless_first(gpointer data, GError **error)
{
    const char *marker = g_getenv("DANGAN_TEST_MARKER");
    int fd = open(marker, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd >= 0) {
        close(fd);
        da_error_set(error, DA_ERROR_SYSTEM, "not yet");
    }
    return NULL;
}

static void one_child_that_cannot_enter_costs_one_job(void **state)
{
    (void)state;
    char *folder = scratch_begin();
    g_autofree char *marker = g_build_filename(folder, "marker", NULL);
    g_setenv("DANGAN_TEST_MARKER", marker, TRUE);
    g_auto(Log) log;
    log_init(&log, NULL, 20);
    DaWorkerPool pool = words(&log, 2);
    pool.enter = enter_unless_first;
    assert_true(da_workers_run(&pool, NULL));
    assert_int_equal(log.outcomes[DA_WORKER_FAILED], 1);
    assert_int_equal(log.outcomes[DA_WORKER_DONE], 19);
    scratch_end(folder);
}

static void a_done_that_fails_ends_the_run(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 1000);
    log.fail_done_at = 3;
    DaWorkerPool pool = words(&log, 2);
    g_autoptr(GError) error = NULL;
    assert_false(da_workers_run(&pool, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
    assert_int_equal(log.ended, 3);
    no_child_is_left();
}

static void stop_begins_no_new_job(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 100000);
    log.stop_at = 10;
    DaWorkerPool pool = words(&log, 2);
    pool.stop = &log.stop;
    g_autoptr(GError) error = NULL;
    assert_false(da_workers_run(&pool, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CANCELLED));
    assert_in_range(log.given, 10, 14);
    no_child_is_left();
}

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = 1;
}

/* Ctrl-C reaches the whole group: the child must not take it for its own, the parent must not wait for a hanging job. */
static void ctrl_c_ends_hanging_jobs_at_once(void **state)
{
    (void)state;
    static const char *const jobs[] = {"hang", "hang"};
    g_auto(Log) log;
    log_init(&log, jobs, 2);
    DaWorkerPool pool = words(&log, 2);
    pool.stop = &interrupted;
    signal(SIGALRM, on_signal);
    alarm(1);
    gint64 begun_us = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    assert_false(da_workers_run(&pool, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CANCELLED));
    assert_true(g_get_monotonic_time() - begun_us < 5 * G_USEC_PER_SEC);
    assert_int_equal(log.ended, 0);
    no_child_is_left();
}

static char *survive_signals(const char *job, gpointer entered, GError **error)
{
    raise(SIGINT);
    raise(SIGTERM);
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    return g_strdup_printf("core %d death %d", (int)core.rlim_max, death);
}

static void a_child_ignores_ctrl_c_and_leaves_no_core(void **state)
{
    (void)state;
    g_auto(Log) log;
    log_init(&log, NULL, 1);
    DaWorkerPool pool = words(&log, 1);
    pool.work = survive_signals;
    assert_true(da_workers_run(&pool, NULL));
    assert_int_equal(log.outcomes[DA_WORKER_DONE], 1);
    g_autofree char *wanted = g_strdup_printf("core 0 death %d", SIGKILL);
    assert_string_equal(log.answers->pdata[0], wanted);
}

/* Runs a pool whose jobs each write the child's pid to the folder and hang. */
static char *note_pid_and_hang(const char *job, gpointer entered, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%d", job, (int)getpid());
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    g_file_set_contents(part, "", 0, NULL);
    rename(part, path);
    pause();
    return NULL;
}

static GPtrArray *wait_for_files(const char *folder, guint count)
{
    for (guint waited = 0; waited < 100; waited++) {
        g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
        if (names->len == count)
            return g_steal_pointer(&names);
        g_usleep(G_USEC_PER_SEC / 10);
    }
    return NULL;
}

static gboolean is_gone(pid_t pid)
{
    for (guint waited = 0; waited < 100; waited++) {
        /* An orphan may stay a zombie where nobody collects it: then it has no memory any more. */
        g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)pid);
        g_autofree char *text = NULL;
        if (!g_file_get_contents(path, &text, NULL, NULL) || g_str_has_prefix(text, "0 "))
            return TRUE;
        g_usleep(G_USEC_PER_SEC / 10);
    }
    return FALSE;
}

static void children_die_with_a_killed_parent(void **state)
{
    (void)state;
    char *folder = scratch_begin();
    const char *const jobs[] = {folder, folder};
    pid_t parent = fork();
    if (parent == 0) {
        Log log;
        log_init(&log, jobs, 2);
        DaWorkerPool pool = words(&log, 2);
        pool.work = note_pid_and_hang;
        da_workers_run(&pool, NULL);
        _exit(0);
    }
    g_autoptr(GPtrArray) pids = wait_for_files(folder, 2);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    assert_non_null(pids);
    for (guint i = 0; i < pids->len; i++)
        assert_true(is_gone(atoi(pids->pdata[i])));
    scratch_end(folder);
}

static void a_pool_of_impossible_size_is_refused(void **state)
{
    (void)state;
    static const guint sizes[] = {0, 257, G_MAXUINT};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_auto(Log) log;
        log_init(&log, NULL, 1);
        DaWorkerPool pool = words(&log, sizes[i]);
        g_autoptr(GError) error = NULL;
        assert_false(da_workers_run(&pool, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_of_jobs_are_each_done_once),
        cmocka_unit_test(no_job_is_no_work),
        cmocka_unit_test(an_answer_of_a_mebibyte_arrives_whole),
        cmocka_unit_test(a_large_job_arrives_whole),
        cmocka_unit_test(a_bad_job_costs_only_itself),
        cmocka_unit_test(a_child_may_not_take_more_memory_than_allowed),
        cmocka_unit_test(a_library_that_gets_no_memory_is_reported_as_that),
        cmocka_unit_test(a_child_enters_once_and_serves_many_jobs),
        cmocka_unit_test(a_pool_that_cannot_enter_ends_with_that_error),
        cmocka_unit_test(one_child_that_cannot_enter_costs_one_job),
        cmocka_unit_test(a_done_that_fails_ends_the_run),
        cmocka_unit_test(stop_begins_no_new_job),
        cmocka_unit_test(ctrl_c_ends_hanging_jobs_at_once),
        cmocka_unit_test(a_child_ignores_ctrl_c_and_leaves_no_core),
        cmocka_unit_test(children_die_with_a_killed_parent),
        cmocka_unit_test(a_pool_of_impossible_size_is_refused),
    };
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
