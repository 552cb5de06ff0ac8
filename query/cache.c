#include "cache.h"

typedef struct {
    char *name;
    GBytes *bytes;
} Entry;

struct DaCache {
    GMutex mutex;
    GQueue recent;       /* Entry *, the latest at the head */
    GHashTable *entries; /* name → link in `recent` */
    gsize held, max_bytes;
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->name);
    g_bytes_unref(entry->bytes);
    g_free(entry);
}

DaCache *da_cache_new(gsize max_bytes)
{
    DaCache *cache = g_new0(DaCache, 1);
    g_mutex_init(&cache->mutex);
    g_queue_init(&cache->recent);
    cache->entries = g_hash_table_new(g_str_hash, g_str_equal);
    cache->max_bytes = max_bytes;
    return cache;
}

void da_cache_free(DaCache *cache)
{
    g_hash_table_unref(cache->entries);
    g_queue_clear_full(&cache->recent, entry_free);
    g_mutex_clear(&cache->mutex);
    g_free(cache);
}

GBytes *da_cache_get(DaCache *cache, const char *name)
{
    GBytes *bytes = NULL;
    g_mutex_lock(&cache->mutex);
    GList *link = g_hash_table_lookup(cache->entries, name);
    if (link != NULL) {
        g_queue_unlink(&cache->recent, link);
        g_queue_push_head_link(&cache->recent, link);
        bytes = g_bytes_ref(((Entry *)link->data)->bytes);
    }
    g_mutex_unlock(&cache->mutex);
    return bytes;
}

static void drop_oldest(DaCache *cache)
{
    Entry *oldest = g_queue_pop_tail(&cache->recent);
    g_hash_table_remove(cache->entries, oldest->name);
    cache->held -= g_bytes_get_size(oldest->bytes);
    entry_free(oldest);
}

void da_cache_put(DaCache *cache, const char *name, GBytes *bytes)
{
    g_mutex_lock(&cache->mutex);
    if (!g_hash_table_contains(cache->entries, name)) {
        Entry *entry = g_new0(Entry, 1);
        entry->name = g_strdup(name);
        entry->bytes = g_bytes_ref(bytes);
        g_queue_push_head(&cache->recent, entry);
        g_hash_table_insert(cache->entries, entry->name, cache->recent.head);
        cache->held += g_bytes_get_size(bytes);
        while (cache->held > cache->max_bytes && cache->recent.length > 1)
            drop_oldest(cache);
    }
    g_mutex_unlock(&cache->mutex);
}
