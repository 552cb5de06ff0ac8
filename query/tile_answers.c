#include "tile_answers.h"

#include <string.h>

/* One that is larger is a whole page, and asked for seldom. */
#define ONE_MAX_BYTES ((gsize)256 << 10)

typedef struct {
    char *name, *dossier, *tag;
    DaHttpResponse *response;
    gsize bytes;
} Entry;

struct DaTileAnswers {
    GMutex mutex;
    GQueue recent;       /* Entry *, the latest at the head */
    GHashTable *entries; /* name → link in `recent` */
    gsize held, max_bytes;
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->name);
    g_free(entry->dossier);
    g_free(entry->tag);
    da_http_response_free(entry->response);
    g_free(entry);
}

DaTileAnswers *da_tile_answers_new(gsize max_bytes)
{
    DaTileAnswers *answers = g_new0(DaTileAnswers, 1);
    g_mutex_init(&answers->mutex);
    g_queue_init(&answers->recent);
    answers->entries = g_hash_table_new(g_str_hash, g_str_equal);
    answers->max_bytes = max_bytes;
    return answers;
}

void da_tile_answers_free(DaTileAnswers *answers)
{
    g_hash_table_unref(answers->entries);
    g_queue_clear_full(&answers->recent, entry_free);
    g_mutex_clear(&answers->mutex);
    g_free(answers);
}

DaHttpResponse *da_tile_answers_get(DaTileAnswers *answers, const char *name, const char *dossier,
                                    const char *has, gboolean *unchanged)
{
    DaHttpResponse *response = NULL;
    *unchanged = FALSE;
    g_mutex_lock(&answers->mutex);
    GList *link = g_hash_table_lookup(answers->entries, name);
    if (link && !strcmp(((Entry *)link->data)->dossier, dossier)) {
        const Entry *entry = link->data;
        g_queue_unlink(&answers->recent, link);
        g_queue_push_head_link(&answers->recent, link);
        *unchanged = has && !strcmp(has, entry->tag);
        response = *unchanged ? NULL : da_http_response_ref(entry->response);
    }
    g_mutex_unlock(&answers->mutex);
    return response;
}

static void drop_oldest(DaTileAnswers *answers)
{
    Entry *oldest = g_queue_pop_tail(&answers->recent);
    g_hash_table_remove(answers->entries, oldest->name);
    answers->held -= oldest->bytes;
    entry_free(oldest);
}

void da_tile_answers_put(DaTileAnswers *answers, const char *name, const char *dossier,
                         const char *tag, DaHttpResponse *response)
{
    gsize bytes = da_http_size(response);
    if (bytes > ONE_MAX_BYTES || !da_http_keep(response))
        return;
    g_mutex_lock(&answers->mutex);
    if (!g_hash_table_contains(answers->entries, name)) {
        Entry *entry = g_new0(Entry, 1);
        *entry = (Entry){g_strdup(name), g_strdup(dossier), g_strdup(tag),
                         da_http_response_ref(response), bytes};
        g_queue_push_head(&answers->recent, entry);
        g_hash_table_insert(answers->entries, entry->name, answers->recent.head);
        answers->held += bytes;
        while (answers->held > answers->max_bytes && answers->recent.length > 1)
            drop_oldest(answers);
    }
    g_mutex_unlock(&answers->mutex);
}
