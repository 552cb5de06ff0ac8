/*
 * A pool of worker processes.
 *
 * Decoders and OCR read bytes that nobody vouches for, so they run in children of the calling process with a limit on
 * memory and time. A child that crashes, hangs or asks for too much costs the job it had; a new child takes its place and
 * the rest goes on. A job and its answer are short texts (a path, a JSON object); large results go through files. Memory
 * of the parent depends on the number of workers, not of jobs.
 *
 * Thread rule: call from a process that has no other threads (children are made by fork without exec).
 */
#pragma once

#include <glib.h>
#include <signal.h>

#define DA_WORKERS_MAX 256

typedef enum {
    DA_WORKER_DONE,      /* `answer` is set */
    DA_WORKER_FAILED,    /* work returned NULL; `error` is what it said */
    DA_WORKER_CRASHED,   /* the child ended by a signal or exit; `error` says which */
    DA_WORKER_TIMED_OUT, /* killed after `seconds` */
} DaWorkerOutcome;

typedef struct {
    guint processes;                  /* 1 to DA_WORKERS_MAX */
    guint64 memory_bytes;             /* RLIMIT_AS of a child; 0 = no limit (sanitizer builds ignore it) */
    guint seconds;                    /* wall time of one job, the child's `enter` included; 0 = no limit */
    const volatile sig_atomic_t *stop; /* may be NULL; once non-zero no new job begins, and running ones are ended */

    /* Parent: the next job (the pool frees it), or NULL when there is none left. Asked for before `done` learns of the job that the
     * child has just ended, so that the child works meanwhile. */
    char *(*next)(gpointer data);
    /* Child, once, before its first job (may be NULL: then `entered` is `data`): makes what every job of this child shares. An
     * error fails the job at hand; when no child can enter, it ends the run. */
    gpointer (*enter)(gpointer data, GError **error);
    /* Child: does one job; returns its answer (at most 64 MiB; the pool frees it) or NULL with `error`. */
    char *(*work)(const char *job, gpointer entered, GError **error);
    /* Parent: learns how a job ended, in the order in which they end. FALSE with `error` ends the run. */
    gboolean (*done)(const char *job, DaWorkerOutcome outcome, const char *answer, const GError *job_error,
                     gpointer data, GError **error);
    gpointer data;                    /* given to next, enter and done */
} DaWorkerPool;

/* Runs jobs until `next` has none and all have ended. FALSE when the pool itself failed, when `done` said so, or with
 * DA_ERROR_CANCELLED when `stop` was set (jobs that were running then are not reported). No child outlives the call. The code
 * of a job's error is kept; a crash is DA_ERROR_INPUT, a time or memory limit DA_ERROR_LIMIT. Children ignore SIGINT and SIGTERM and are
 * killed with their parent. */
gboolean da_workers_run(const DaWorkerPool *pool, GError **error);
