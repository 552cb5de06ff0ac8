/*
 * What a search has found so far: one entry a dossier, from whichever way it was found.
 */
#pragma once

#include "fold.h"

#include <dangan/db.h>
#include <jansson.h>

/* Lower is better; the order of the list. */
typedef enum {
    DA_RANK_EXACT,
    DA_RANK_NAME,
    DA_RANK_PINYIN,
    DA_RANK_ID,
    DA_RANK_EMPLOYER,
    DA_RANK_TEXT
} DaRank;

typedef struct {
    char *page;
    char *snippet;
    glong match_start, match_length; /* in the snippet */
} DaPageHit;

typedef struct {
    char *dossier;
    char *name;        /* for the order; NULL = not known */
    const char *match; /* "name", "pinyin", "id", "employer", "text" */
    DaRank rank;
    guint hit_pages;
    GPtrArray *hits; /* DaPageHit *, the first few */
} DaFound;

/* dossier id → DaFound * */
GHashTable *da_found_new(void);
/* The entry of a dossier, made when it is not there yet (then with this rank and match). Borrowed. */
DaFound *da_found_get(GHashTable *found, const char *dossier, const char *name, DaRank rank,
                      const char *match);
/* Adds a page whose text holds the words at `match`; of more than `shown` pages only the number is kept. */
void da_found_add_page(DaFound *found, const char *page, const char *text, const DaFoldMatch *match,
                       guint shown);
/* Entries in the order of the list (DaFound *, borrowed from `found`). */
GPtrArray *da_found_sorted(GHashTable *found);

/* One search under way. */
typedef struct {
    PGconn *db; /* borrowed */
    DaTransaction *view;
    /* The connection's scope as an array literal. Row security holds to it anyway; said in the query it spares looking into the
     * partitions of other districts. */
    char *districts;
    GHashTable *found;
    gboolean capped; /* there were more candidates than a search looks at */
} DaSearching;

/* Adds persons with a key of one of `kinds` (NULL-terminated) that begins with the words. */
gboolean da_search_persons(DaSearching *searching, const char *words, const char *const *kinds,
                           GError **error);
/* Adds dossiers with pages that hold the words; `dossier` NULL = all. */
gboolean da_search_text(DaSearching *searching, const char *words, const char *dossier, guint shown,
                        GError **error);
/* `hits` as JSON with stem and material. NULL with error. */
json_t *da_search_hits_json(PGconn *db, const GPtrArray *hits, GError **error);
