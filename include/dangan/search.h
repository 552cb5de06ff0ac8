/*
 * Search over the index: by name, by ID number, by employer, by words of the text.
 *
 * Persons are found by the beginning of their keys (equality and ranges, so row security does not hinder the index); texts by bigrams
 * (pairs of neighbouring characters) in the GIN index, and each page is then read and checked, so a hit really holds every
 * word. docs/search.md has the exact rules.
 */
#pragma once

#include <dangan/handle/pg.h>
#include <jansson.h>

#define DA_SEARCH_MAX_LIMIT 200u
#define DA_SEARCH_MAX_OFFSET 10000u
#define DA_SEARCH_MAX_CHARACTERS 100 /* of what is searched for */
#define DA_SEARCH_MAX_CANDIDATES 2000 /* persons, and pages, that one search looks at */
#define DA_SEARCH_SHOWN_PAGES 4       /* hits that a list shows of one dossier */

typedef enum { DA_SEARCH_ANY, DA_SEARCH_NAME, DA_SEARCH_ID, DA_SEARCH_EMPLOYER, DA_SEARCH_TEXT } DaSearchField;

/* "name", "id", "employer", "text", "any"; FALSE for another word. */
gboolean da_search_field_parse(const char *text, DaSearchField *field);

typedef struct {
    const char *words;
    DaSearchField field;
    guint limit;  /* 1 to DA_SEARCH_MAX_LIMIT */
    guint offset;
} DaSearchQuery;

/* {"query", "field", "more": bool, "capped": bool, "elsewhere": [district, …], "results": [{"dossier", "name", "sex", "birth", "id_number", "employer",
 * "archival_number", "materials", "pages", "match": "name"|"id"|"employer"|"text", "hit_pages", "hits": [{"page", "stem", "material", "snippet",
 * "match_start", "match_length"}]}]}. `match_start` and `match_length` count characters (code points). `capped`: there were more
 * candidates than a search looks at. Lists mask the ID number (first 6, last 4) unless the query was that number. `elsewhere`: districts out of the scope of `db` that
 * hold somebody of just this name or ID number. Empty words and invalid UTF-8 are DA_ERROR_USAGE, too many characters DA_ERROR_LIMIT. The caller owns the object. */
json_t *da_search(PGconn *db, const DaSearchQuery *query, GError **error);

/* The pages of one dossier that hold the words, in order: {"query", "hits": [as above]}. An unknown dossier has none. */
json_t *da_search_pages(PGconn *db, const char *dossier, const char *words, GError **error);

/* "110105********0021"; a text of another length is masked whole. The caller owns it. */
char *da_search_mask(const char *id_number);
