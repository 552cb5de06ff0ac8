#include <dangan/threads.h>

/* More find the disk busy. */
#define THREADS_MAX 8

typedef struct {
    DaThreadTask task;
    gpointer data;
    guint n;
    gint next;   /* atomic */
    gint failed; /* atomic */
    GMutex lock;
    GError *error; /* under the lock */
} Run;

static void note_error(Run *run, GError *error)
{
    g_atomic_int_set(&run->failed, TRUE);
    g_mutex_lock(&run->lock);
    if (run->error)
        g_clear_error(&error);
    else
        run->error = error;
    g_mutex_unlock(&run->lock);
}

static gpointer work(gpointer data)
{
    Run *run = data;
    while (!g_atomic_int_get(&run->failed)) {
        guint i = (guint)g_atomic_int_add(&run->next, 1);
        GError *error = NULL;
        if (i >= run->n)
            break;
        if (!run->task(i, run->data, &error))
            note_error(run, error);
    }
    return NULL;
}

gboolean da_threads_run(guint n, DaThreadTask task, gpointer data, GError **error)
{
    Run run = {.task = task, .data = data, .n = n};
    GThread *threads[THREADS_MAX];
    guint others = 0, wanted = MIN(MIN(g_get_num_processors(), THREADS_MAX), n);
    g_mutex_init(&run.lock);
    while (others + 1 < wanted &&
           (threads[others] = g_thread_try_new("task", work, &run, NULL)) != NULL)
        others++;
    work(&run);
    for (guint i = 0; i < others; i++)
        g_thread_join(threads[i]);
    g_mutex_clear(&run.lock);
    if (run.failed)
        g_propagate_error(error, run.error);
    return !run.failed;
}
