#include "worker.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* How often the stop flag and the time limits are looked at. */
#define TICK_MS 100

typedef struct {
    pid_t pid; /* 0 = not born */
    int fd;
    char *job; /* NULL = idle */
    gint64 deadline_us;
    GByteArray *inbox;
} Worker;

typedef struct {
    const DaWorkerPool *pool;
    Worker *workers;
    gboolean drained;     /* next has no more */
    gboolean any_entered; /* a child has got as far as a job */
    guint barren;         /* children that could not enter */
} Run;

static void close_siblings(const Run *run)
{
    for (guint i = 0; i < run->pool->processes; i++) {
        if (run->workers[i].pid != 0)
            close(run->workers[i].fd);
    }
}

static gboolean give_birth(const Run *run, Worker *worker, GError **error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return da_error_set_errno(error, errno, "cannot start a worker process");
    da_autofd int mine = pair[0];
    da_autofd int its = pair[1];
    fflush(NULL); /* else a child that calls exit() prints our unwritten text again */
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return da_error_set_errno(error, errno, "cannot start a worker process");
    if (pid == 0) {
        close(mine);
        close_siblings(run);
        da_worker_child(run->pool, its, parent);
    }
    worker->pid = pid;
    worker->fd = mine;
    mine = -1;
    g_byte_array_set_size(worker->inbox, 0);
    return TRUE;
}

typedef struct {
    int status;         /* of wait; -1 when somebody else has collected the child */
    guint64 peak_bytes; /* of memory that it had at once */
} Death;

/* Ends the child. One that is ending already keeps the status it ends with; one that only closed its socket must not keep us
 * waiting. */
static Death bury(Worker *worker)
{
    Death death = {.status = -1};
    struct rusage usage = {0};
    kill(worker->pid, SIGKILL);
    while (wait4(worker->pid, &death.status, 0, &usage) < 0 && errno == EINTR)
        continue;
    death.peak_bytes = (guint64)usage.ru_maxrss * 1024;
    close(worker->fd);
    worker->pid = 0;
    return death;
}

static gboolean report(Run *run, Worker *worker, DaWorkerOutcome outcome, const char *answer,
                       const GError *job_error, GError **error)
{
    g_autofree char *job = g_steal_pointer(&worker->job);
    return run->pool->done(job, outcome, answer, job_error, run->pool->data, error);
}

static gboolean give_job(Run *run, Worker *worker, GError **error)
{
    worker->job = run->pool->next(run->pool->data);
    run->drained = worker->job == NULL;
    if (run->drained)
        return TRUE;
    if (worker->pid == 0 && !give_birth(run, worker, error))
        return FALSE;
    gint64 allowed_us = (gint64)run->pool->seconds * G_USEC_PER_SEC;
    worker->deadline_us = allowed_us > 0 ? g_get_monotonic_time() + allowed_us : G_MAXINT64;
    /* A child that died meanwhile is noticed when its end of the socket is read. */
    if (da_message_send(worker->fd, DA_MESSAGE_JOB, 0, worker->job) || errno != EMSGSIZE)
        return TRUE;
    return da_error_set(error, DA_ERROR_LIMIT,
                        "cannot give a job of more than %u bytes to a worker",
                        DA_MESSAGE_MAX_BYTES);
}

static gboolean is_stopped(const Run *run)
{
    return run->pool->stop != NULL && *run->pool->stop;
}

/* What an answer makes the parent do may take as long as a job (a package is written): the child has its next job before that. */
static gboolean on_answer(Run *run, Worker *worker, const char *answer, GError **error)
{
    g_autofree char *job = g_steal_pointer(&worker->job);
    if (!run->drained && !is_stopped(run) && !give_job(run, worker, error))
        return FALSE;
    return run->pool->done(job, DA_WORKER_DONE, answer, NULL, run->pool->data, error);
}

static gboolean any_busy(const Run *run)
{
    for (guint i = 0; i < run->pool->processes; i++) {
        if (run->workers[i].job != NULL)
            return TRUE;
    }
    return FALSE;
}

/* Ends the run when it is clear that no child can enter: as many failed as work side by side, or all there were jobs for. */
static gboolean give_up(const Run *run, const GError *why, GError **error)
{
    gboolean all = run->barren >= run->pool->processes || (run->drained && !any_busy(run));
    if (run->any_entered || !all)
        return FALSE;
    g_propagate_prefixed_error(error, g_error_copy(why), "no worker process could begin: ");
    return TRUE;
}

static GError *too_much_memory(const DaWorkerPool *pool)
{
    return g_error_new(DA_ERROR, DA_ERROR_LIMIT,
                       "it needs more than the %" G_GUINT64_FORMAT
                       " MiB of memory that a worker may take",
                       pool->memory_bytes >> 20);
}

static gboolean on_message(Run *run, Worker *worker, const DaMessageHead *head, const char *text,
                           GError **error)
{
    run->any_entered |= head->kind != DA_MESSAGE_NOT_ENTERED;
    if (head->kind == DA_MESSAGE_ANSWER)
        return on_answer(run, worker, text, error);
    if (head->kind == DA_MESSAGE_NO_MEMORY) {
        g_autoptr(GError) why = too_much_memory(run->pool);
        bury(worker);
        return report(run, worker, DA_WORKER_CRASHED, NULL, why, error);
    }
    int code = head->code <= DA_ERROR_SYSTEM ? (int)head->code : DA_ERROR_SYSTEM;
    g_autoptr(GError) job_error = g_error_new_literal(DA_ERROR, code, text);
    gboolean barren = head->kind == DA_MESSAGE_NOT_ENTERED;
    if (barren) {
        bury(worker);
        run->barren++;
    }
    return report(run, worker, DA_WORKER_FAILED, NULL, job_error, error) &&
           !(barren && give_up(run, job_error, error));
}

/* A library that gets no memory may abort. Half of the limit in use says that it was so; the other half may have been asked for at
 * once. */
static GError *describe_death(const DaWorkerPool *pool, Death death)
{
    if (death.status != -1 && WIFEXITED(death.status))
        return g_error_new(DA_ERROR, DA_ERROR_INPUT, "the worker process ended with status %d",
                           WEXITSTATUS(death.status));
    int number = death.status == -1 ? 0 : WTERMSIG(death.status);
    const char *name = number == 0 ? "status unknown" : g_strsignal(number);
    if ((number == SIGABRT || number == SIGTRAP) && pool->memory_bytes > 0 &&
        death.peak_bytes > pool->memory_bytes / 2)
        return too_much_memory(pool);
    return g_error_new(DA_ERROR, DA_ERROR_INPUT, "the worker process crashed (%s)%s", name,
                       number == SIGKILL ? "; perhaps the machine had no memory left" : "");
}

static gboolean on_death(Run *run, Worker *worker, GError **error)
{
    run->any_entered =
        TRUE; /* a crash is the job's doing until proven otherwise; the run goes on */
    g_autoptr(GError) job_error = describe_death(run->pool, bury(worker));
    return report(run, worker, DA_WORKER_CRASHED, NULL, job_error, error);
}

/* Appends what there is to the inbox. FALSE when the child is gone, or says what no child of ours says. */
static gboolean receive(Worker *worker, DaMessageHead *head)
{
    guint8 piece[65536];
    ssize_t n = recv(worker->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        n = 0;
    else if (n <= 0)
        return FALSE;
    g_byte_array_append(worker->inbox, piece, (guint)n);
    if (worker->inbox->len < sizeof *head)
        return TRUE;
    memcpy(head, worker->inbox->data, sizeof *head);
    return head->size <= DA_MESSAGE_MAX_BYTES && worker->inbox->len <= sizeof *head + head->size;
}

static gboolean hear(Run *run, Worker *worker, GError **error)
{
    DaMessageHead head = {0};
    if (!receive(worker, &head))
        return on_death(run, worker, error);
    if (worker->inbox->len < sizeof head || worker->inbox->len < sizeof head + head.size)
        return TRUE;
    g_autofree char *text = g_strndup((char *)worker->inbox->data + sizeof head, head.size);
    g_byte_array_set_size(worker->inbox, 0);
    return on_message(run, worker, &head, text, error);
}

static gboolean end_overdue(Run *run, GError **error)
{
    gint64 now_us = g_get_monotonic_time();
    for (guint i = 0; i < run->pool->processes; i++) {
        Worker *worker = &run->workers[i];
        if (worker->job == NULL || now_us < worker->deadline_us)
            continue;
        bury(worker);
        g_autoptr(GError) job_error = g_error_new(
            DA_ERROR, DA_ERROR_LIMIT, "it took longer than %u s and was ended", run->pool->seconds);
        if (!report(run, worker, DA_WORKER_TIMED_OUT, NULL, job_error, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean wait_and_hear(Run *run, GError **error)
{
    guint n = run->pool->processes;
    g_autofree struct pollfd *polls = g_new0(struct pollfd, n);
    for (guint i = 0; i < n; i++) {
        gboolean busy = run->workers[i].job != NULL;
        polls[i] = (struct pollfd){.fd = busy ? run->workers[i].fd : -1, .events = POLLIN};
    }
    if (poll(polls, n, TICK_MS) < 0) /* then revents say nothing */
        return errno == EINTR || da_error_set_errno(error, errno, "cannot wait for workers");
    for (guint i = 0; i < n; i++) {
        if (polls[i].revents != 0 && !hear(run, &run->workers[i], error))
            return FALSE;
    }
    return end_overdue(run, error);
}

static gboolean drive(Run *run, GError **error)
{
    const DaWorkerPool *pool = run->pool;
    do {
        if (is_stopped(run))
            return da_error_set(error, DA_ERROR_CANCELLED,
                                "stopped; the same command goes on from here");
        for (guint i = 0; i < pool->processes && !run->drained; i++) {
            if (run->workers[i].job == NULL && !give_job(run, &run->workers[i], error))
                return FALSE;
        }
        if (any_busy(run) && !wait_and_hear(run, error))
            return FALSE;
    } while (!run->drained || any_busy(run));
    return TRUE;
}

gboolean da_workers_run(const DaWorkerPool *pool, GError **error)
{
    if (pool->processes < 1 || pool->processes > DA_WORKERS_MAX)
        return da_error_set(error, DA_ERROR_USAGE,
                            "%u worker processes wanted, 1 to %d are possible", pool->processes,
                            DA_WORKERS_MAX);
    g_autofree Worker *workers = g_new0(Worker, pool->processes);
    Run run = {.pool = pool, .workers = workers};
    for (guint i = 0; i < pool->processes; i++)
        workers[i].inbox = g_byte_array_new();
    gboolean done = drive(&run, error);
    for (guint i = 0; i < pool->processes; i++) {
        if (workers[i].pid != 0)
            bury(&workers[i]);
        g_free(workers[i].job);
        g_byte_array_unref(workers[i].inbox);
    }
    return done;
}
