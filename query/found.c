#include "found.h"

#include <string.h>

#define SNIPPET_AROUND 20

static void hit_free(gpointer data)
{
    DaPageHit *hit = data;
    g_free(hit->page);
    g_free(hit->snippet);
    g_free(hit);
}

static void found_free(gpointer data)
{
    DaFound *found = data;
    g_free(found->dossier);
    g_free(found->name);
    g_ptr_array_unref(found->hits);
    g_free(found);
}

GHashTable *da_found_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, found_free);
}

DaFound *da_found_get(GHashTable *found, const char *dossier, const char *name, DaRank rank,
                      const char *match)
{
    DaFound *entry = g_hash_table_lookup(found, dossier);
    if (entry != NULL)
        return entry;
    entry = g_new0(DaFound, 1);
    entry->dossier = g_strdup(dossier);
    entry->name = g_strdup(name);
    entry->rank = rank;
    entry->match = match;
    entry->hits = g_ptr_array_new_with_free_func(hit_free);
    g_hash_table_insert(found, entry->dossier, entry);
    return entry;
}

/* --- snippets ----------------------------------------------------------------------------------------------------- */

static glong line_start(const char *text, glong from, glong least)
{
    const char *p = g_utf8_offset_to_pointer(text, from);
    for (; from > least; from--) {
        p = g_utf8_prev_char(p);
        if (*p == '\n')
            break;
    }
    return from;
}

static glong line_end(const char *text, glong from, glong most)
{
    const char *p = g_utf8_offset_to_pointer(text, from);
    for (; from < most && *p != '\0' && *p != '\n'; from++)
        p = g_utf8_next_char(p);
    return from;
}

static DaPageHit *hit_new(const char *page, const char *text, const DaFoldMatch *match)
{
    glong end = match->start + match->length;
    glong from = line_start(text, match->start, MAX(0, match->start - SNIPPET_AROUND));
    glong to = line_end(text, end, end + SNIPPET_AROUND);
    DaPageHit *hit = g_new0(DaPageHit, 1);
    hit->page = g_strdup(page);
    hit->snippet = g_utf8_substring(text, from, to);
    hit->match_start = match->start - from;
    hit->match_length = match->length;
    return hit;
}

void da_found_add_page(DaFound *found, const char *page, const char *text, const DaFoldMatch *match,
                       guint shown)
{
    if (found->hit_pages++ < shown)
        g_ptr_array_add(found->hits, hit_new(page, text, match));
}

/* --- order --------------------------------------------------------------------------------------------------------- */

static gint compare(gconstpointer a, gconstpointer b)
{
    const DaFound *x = *(const DaFound *const *)a, *y = *(const DaFound *const *)b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->rank == DA_RANK_TEXT && x->hit_pages != y->hit_pages)
        return x->hit_pages > y->hit_pages ? -1 : 1;
    int by_name = g_strcmp0(x->name, y->name);
    return by_name != 0 ? by_name : strcmp(x->dossier, y->dossier);
}

GPtrArray *da_found_sorted(GHashTable *found)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter iter;
    gpointer entry;
    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, NULL, &entry))
        g_ptr_array_add(sorted, entry);
    g_ptr_array_sort(sorted, compare);
    return sorted;
}
