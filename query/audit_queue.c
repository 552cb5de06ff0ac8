#include "audit_queue.h"

#include <dangan/error.h>
#include <dangan/handle/pg.h>

/* In one transaction. */
#define TOGETHER_MAX 500u

typedef struct {
    const DaAuditEntry *entry;
    gboolean done;
    GError *error; /* NULL = it is durable */
} Waiting;

struct DaAuditQueue {
    DaArchive *archive;
    PGconn *db; /* the writer's; NULL = not connected */
    GMutex mutex;
    GCond came, settled;
    GQueue waiting; /* Waiting * */
    gboolean ending;
    GThread *writer;
};

/* --- the writer ------------------------------------------------------------------------------------------------------ */

/* Those that wait, at most TOGETHER_MAX; waits for the first. The caller owns the array; empty = the queue ends. */
static GPtrArray *take(DaAuditQueue *queue)
{
    GPtrArray *taken = g_ptr_array_new();
    g_mutex_lock(&queue->mutex);
    while (g_queue_is_empty(&queue->waiting) && !queue->ending)
        g_cond_wait(&queue->came, &queue->mutex);
    while (!g_queue_is_empty(&queue->waiting) && taken->len < TOGETHER_MAX)
        g_ptr_array_add(taken, g_queue_pop_head(&queue->waiting));
    g_mutex_unlock(&queue->mutex);
    return taken;
}

static gboolean append(DaAuditQueue *queue, const GPtrArray *taken, GError **error)
{
    g_autofree DaAuditEntry *entries = g_new(DaAuditEntry, taken->len);
    for (guint i = 0; i < taken->len; i++)
        entries[i] = *((const Waiting *)taken->pdata[i])->entry;
    if (queue->db && PQstatus(queue->db) != CONNECTION_OK)
        g_clear_pointer(&queue->db, PQfinish);
    if (!queue->db)
        queue->db = da_archive_connect(queue->archive, error);
    return queue->db && da_audit_append(queue->db, entries, taken->len, error);
}

/* The server may have been restarted since: once more with a new connection. */
static gboolean append_again(DaAuditQueue *queue, const GPtrArray *taken, GError **error)
{
    g_autoptr(GError) first = NULL;
    if (append(queue, taken, &first))
        return TRUE;
    if (queue->db && PQstatus(queue->db) == CONNECTION_OK) {
        g_propagate_error(error, g_steal_pointer(&first));
        return FALSE;
    }
    return append(queue, taken, error);
}

static void settle(DaAuditQueue *queue, const GPtrArray *taken, const GError *error)
{
    g_mutex_lock(&queue->mutex);
    for (guint i = 0; i < taken->len; i++) {
        Waiting *waiting = taken->pdata[i];
        waiting->error = error ? g_error_copy(error) : NULL;
        waiting->done = TRUE;
    }
    g_cond_broadcast(&queue->settled);
    g_mutex_unlock(&queue->mutex);
}

static gpointer write_all(gpointer data)
{
    DaAuditQueue *queue = data;
    for (;;) {
        g_autoptr(GPtrArray) taken = take(queue);
        g_autoptr(GError) error = NULL;
        if (!taken->len)
            return NULL;
        append_again(queue, taken, &error);
        settle(queue, taken, error);
    }
}

/* --- the queue ------------------------------------------------------------------------------------------------------- */

DaAuditQueue *da_audit_queue_new(DaArchive *archive)
{
    DaAuditQueue *queue = g_new0(DaAuditQueue, 1);
    queue->archive = archive;
    g_mutex_init(&queue->mutex);
    g_cond_init(&queue->came);
    g_cond_init(&queue->settled);
    g_queue_init(&queue->waiting);
    queue->writer = g_thread_new("audit", write_all, queue);
    return queue;
}

void da_audit_queue_free(DaAuditQueue *queue)
{
    g_mutex_lock(&queue->mutex);
    queue->ending = TRUE;
    g_cond_signal(&queue->came);
    g_mutex_unlock(&queue->mutex);
    g_thread_join(queue->writer);
    g_clear_pointer(&queue->db, PQfinish);
    g_cond_clear(&queue->came);
    g_cond_clear(&queue->settled);
    g_mutex_clear(&queue->mutex);
    g_free(queue);
}

gboolean da_audit_queue_put(DaAuditQueue *queue, const DaAuditEntry *entry, GError **error)
{
    Waiting waiting = {.entry = entry};
    g_mutex_lock(&queue->mutex);
    g_queue_push_tail(&queue->waiting, &waiting);
    g_cond_signal(&queue->came);
    while (!waiting.done)
        g_cond_wait(&queue->settled, &queue->mutex);
    g_mutex_unlock(&queue->mutex);
    if (waiting.error)
        g_propagate_error(error, waiting.error);
    return !waiting.error;
}
