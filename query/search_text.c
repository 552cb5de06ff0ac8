#include "found.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/handle/json.h>
#include <dangan/pinyin.h>
#include <dangan/search.h>

#define TO_TEXT(x) #x
#define SQL_NUMBER(x) TO_TEXT(x)

/* Candidates by the index. In one dossier the order is that of its pages. */
static PGresult *candidates(PGconn *db, const char *query, const char *dossier, GError **error)
{
    return da_db_query(db, error,
                       "SELECT t.page, t.dossier, t.text, d.name "
                       "FROM pages_with($1::tsquery, $2::uuid, " SQL_NUMBER(
                           DA_SEARCH_MAX_CANDIDATES) ") t "
                                                     "JOIN dossier d ON d.id = t.dossier "
                                                     "JOIN page p ON p.id = t.page "
                                                     "ORDER BY t.dossier, p.position",
                       query, dossier == NULL ? DA_DB_NULL : dossier, NULL);
}

static gboolean find_words(DaSearching *searching, const char *words, const char *dossier,
                           guint shown, GError **error)
{
    g_auto(GStrv) terms = da_fold_terms(words);
    g_autofree char *query = da_bigram_query(words);
    if (query == NULL)
        return TRUE;
    g_autoptr(PGresult) rows = candidates(searching->db, query, dossier, error);
    if (rows == NULL)
        return FALSE;
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *text = da_db_text(rows, i, "text");
        DaFoldMatch match = {0};
        if (!da_fold_find(text, terms, &match))
            continue;
        DaFound *entry = da_found_get(searching->found, da_db_text(rows, i, "dossier"),
                                      da_db_text(rows, i, "name"), DA_RANK_TEXT, "text");
        da_found_add_page(entry, da_db_text(rows, i, "page"), text, &match, shown);
    }
    searching->capped |= PQntuples(rows) >= DA_SEARCH_MAX_CANDIDATES;
    return TRUE;
}

/* Recognized text is in simplified forms; text from elsewhere may not be. */
gboolean da_search_text(DaSearching *searching, const char *words, const char *dossier, guint shown,
                        GError **error)
{
    g_autofree char *simplified = da_han_simplified(words);
    return find_words(searching, words, dossier, shown, error) &&
           (strcmp(simplified, words) == 0 ||
            find_words(searching, simplified, dossier, shown, error));
}

/* --- hits as JSON --------------------------------------------------------------------------------------------------- */

/* Page ids hold nothing that an array literal would have to escape. */
static char *array_of_pages(const GPtrArray *hits)
{
    GString *list = g_string_new("{");
    for (guint i = 0; i < hits->len; i++)
        g_string_append_printf(list, "%s\"%s\"", i > 0 ? "," : "",
                               ((const DaPageHit *)hits->pdata[i])->page);
    g_string_append_c(list, '}');
    return g_string_free(list, FALSE);
}

static json_t *hit_json(const DaPageHit *hit, const PGresult *rows, int row)
{
    return json_pack("{s:s,s:s,s:s?,s:s,s:I,s:I}", "page", hit->page, "stem",
                     da_db_text(rows, row, "stem"), "material", da_db_text(rows, row, "title"),
                     "snippet", hit->snippet, "match_start", (json_int_t)hit->match_start,
                     "match_length", (json_int_t)hit->match_length);
}

json_t *da_search_hits_json(PGconn *db, const GPtrArray *hits, GError **error)
{
    g_autofree char *pages = array_of_pages(hits);
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT p.stem, m.title FROM unnest($1::text[]) WITH ORDINALITY AS asked (page, n) "
        "JOIN page p ON p.id = asked.page JOIN material m ON m.dossier = p.dossier "
        "AND m.version = p.version AND m.number = p.material ORDER BY asked.n",
        pages, NULL);
    if (rows == NULL)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows) && (guint)i < hits->len; i++)
        json_array_append_new(list, hit_json(hits->pdata[i], rows, i));
    return list;
}
