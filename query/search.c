#include <dangan/search.h>

#include "found.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/identity.h>
#include <string.h>

#define ID_LENGTH 18
#define ID_HEAD 6
#define ID_TAIL 4

static const struct {
    const char *name;
    DaSearchField field;
    const char *kinds[6]; /* of person_key; NULL ends them */
    gboolean text;
} fields[] = {
    {"any", DA_SEARCH_ANY, {"name", "pinyin", "initials", "id", "employer"}, TRUE},
    {"name", DA_SEARCH_NAME, {"name", "pinyin", "initials"}, FALSE},
    {"id", DA_SEARCH_ID, {"id"}, FALSE},
    {"employer", DA_SEARCH_EMPLOYER, {"employer"}, FALSE},
    {"text", DA_SEARCH_TEXT, {NULL}, TRUE},
};

gboolean da_search_field_parse(const char *text, DaSearchField *field)
{
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (strcmp(text, fields[i].name) == 0) {
            *field = fields[i].field;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean check_words(const char *words, GError **error)
{
    if (!g_utf8_validate(words, -1, NULL))
        return da_error_set(error, DA_ERROR_USAGE, "cannot search: the words are not UTF-8");
    if (g_utf8_strlen(words, -1) > DA_SEARCH_MAX_CHARACTERS)
        return da_error_set(error, DA_ERROR_LIMIT,
                            "cannot search: the words have more than %d characters",
                            DA_SEARCH_MAX_CHARACTERS);
    g_auto(GStrv) terms = da_fold_terms(words);
    return terms[0] != NULL ||
           da_error_set(error, DA_ERROR_USAGE, "cannot search: there are no words");
}

char *da_search_mask(const char *id_number)
{
    gsize length = strlen(id_number);
    char *masked = g_strnfill(length, '*');
    if (length == ID_LENGTH) {
        memcpy(masked, id_number, ID_HEAD);
        memcpy(masked + length - ID_TAIL, id_number + length - ID_TAIL, ID_TAIL);
    }
    return masked;
}

/* Whoever knows the number may see it. */
static char *shown_id(const char *id_number, const char *words)
{
    if (id_number == NULL)
        return NULL;
    g_autofree char *asked = da_id_number_normalize(words);
    g_autofree char *upgraded = asked == NULL ? NULL : da_id_number_upgrade(asked);
    if (g_strcmp0(asked, id_number) == 0 || g_strcmp0(upgraded, id_number) == 0)
        return g_strdup(id_number);
    return da_search_mask(id_number);
}

/* --- results as JSON -------------------------------------------------------------------------------------------------- */

static json_t *result_json(PGconn *db, const DaFound *found, const PGresult *rows, int row,
                           const char *words, GError **error)
{
    json_t *hits = da_search_hits_json(db, found->hits, error);
    if (hits == NULL)
        return NULL;
    g_autofree char *id_number = shown_id(da_db_text(rows, row, "id_number"), words);
    return json_pack("{s:s,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:I,s:I,s:s,s:i,s:o}", "dossier",
                     found->dossier, "name", da_db_text(rows, row, "name"), "sex",
                     da_db_text(rows, row, "sex"), "birth", da_db_text(rows, row, "birth"),
                     "id_number", id_number, "employer", da_db_text(rows, row, "employer"),
                     "archival_number", da_db_text(rows, row, "archival_number"), "materials",
                     (json_int_t)da_db_integer(rows, row, "materials"), "pages",
                     (json_int_t)da_db_integer(rows, row, "pages"), "match", found->match,
                     "hit_pages", (int)found->hit_pages, "hits", hits);
}

static char *array_of_dossiers(const GPtrArray *sorted, guint from, guint to)
{
    GString *list = g_string_new("{");
    for (guint i = from; i < to; i++)
        g_string_append_printf(list, "%s%s", i > from ? "," : "",
                               ((const DaFound *)sorted->pdata[i])->dossier);
    g_string_append_c(list, '}');
    return g_string_free(list, FALSE);
}

static json_t *results_json(PGconn *db, const GPtrArray *sorted, guint from, guint to,
                            const char *words, GError **error)
{
    g_autofree char *ids = array_of_dossiers(sorted, from, to);
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT d.* FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, n) "
                    "JOIN dossier d ON d.id = asked.id ORDER BY asked.n",
                    ids, NULL);
    if (rows == NULL)
        return NULL;
    g_autoptr(json_t) results = json_array();
    for (int i = 0; i < PQntuples(rows) && from + (guint)i < to; i++) {
        json_t *result = result_json(db, sorted->pdata[from + (guint)i], rows, i, words, error);
        if (result == NULL)
            return NULL;
        json_array_append_new(results, result);
    }
    return g_steal_pointer(&results);
}

/* --- elsewhere ---------------------------------------------------------------------------------------------------------- */

static gboolean ask_elsewhere(PGconn *db, const char *kind, const char *key, json_t *districts,
                              GError **error)
{
    g_autoptr(PGresult) rows =
        key == NULL ? NULL
                    : da_db_query(db, error, "SELECT district FROM held_elsewhere($1, $2)", kind,
                                  key, NULL);
    for (int i = 0; rows != NULL && i < PQntuples(rows); i++)
        json_object_set_new(districts, da_db_text(rows, i, "district"), json_true());
    return key == NULL || rows != NULL;
}

/* Other districts that hold somebody of just this name or ID number: where to ask. NULL with error. */
static json_t *elsewhere_json(PGconn *db, const DaSearchQuery *query, GError **error)
{
    g_autoptr(json_t) districts = json_object();
    g_autoptr(json_t) list = json_array();
    g_autofree char *name = da_person_key(query->words);
    g_autofree char *usual = da_id_number_normalize(query->words);
    g_autofree char *number = usual == NULL ? NULL : da_person_key(usual);
    gboolean names = query->field == DA_SEARCH_ANY || query->field == DA_SEARCH_NAME;
    gboolean numbers = query->field == DA_SEARCH_ANY || query->field == DA_SEARCH_ID;
    if ((names && !ask_elsewhere(db, "name", name, districts, error)) ||
        (numbers && !ask_elsewhere(db, "id", number, districts, error)))
        return NULL;
    const char *district;
    json_t *is;
    json_object_foreach(districts, district, is) json_array_append_new(list, json_string(district));
    return g_steal_pointer(&list);
}

/* --- the search --------------------------------------------------------------------------------------------------------- */

static void searching_clear(DaSearching *searching)
{
    g_clear_pointer(&searching->view, da_transaction_free);
    g_clear_pointer(&searching->districts, g_free);
    g_clear_pointer(&searching->found, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaSearching, searching_clear)

/* All statements of one search see the same holdings. */
static gboolean searching_begin(DaSearching *searching, PGconn *db, GError **error)
{
    searching->db = db;
    searching->found = da_found_new();
    searching->view = da_transaction_begin(db, error);
    if (searching->view == NULL ||
        !da_db_run(db, error, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL))
        return FALSE;
    g_autoptr(PGresult) scope =
        da_db_query(db, error, "SELECT scope_districts() AS districts", NULL);
    if (scope == NULL)
        return FALSE;
    searching->districts = g_strdup(da_db_text(scope, 0, "districts"));
    return TRUE;
}

static gboolean collect(DaSearching *searching, const DaSearchQuery *query, GError **error)
{
    const char *const *kinds = fields[query->field].kinds;
    if (!da_search_persons(searching, query->words, kinds, error))
        return FALSE;
    return !fields[query->field].text ||
           da_search_text(searching, query->words, NULL, DA_SEARCH_SHOWN_PAGES, error);
}

json_t *da_search(PGconn *db, const DaSearchQuery *query, GError **error)
{
    if (!check_words(query->words, error))
        return NULL;
    g_auto(DaSearching) searching = {0};
    if (!searching_begin(&searching, db, error) || !collect(&searching, query, error))
        return NULL;
    g_autoptr(GPtrArray) sorted = da_found_sorted(searching.found);
    guint from = MIN(query->offset, sorted->len), to = MIN(from + query->limit, sorted->len);
    g_autoptr(json_t) elsewhere = elsewhere_json(db, query, error);
    json_t *results =
        elsewhere == NULL ? NULL : results_json(db, sorted, from, to, query->words, error);
    if (results == NULL)
        return NULL;
    return json_pack("{s:s,s:s,s:b,s:b,s:O,s:o}", "query", query->words, "field",
                     fields[query->field].name, "more", to < sorted->len, "capped",
                     searching.capped, "elsewhere", elsewhere, "results", results);
}

json_t *da_search_pages(PGconn *db, const char *dossier, const char *words, GError **error)
{
    if (!check_words(words, error))
        return NULL;
    g_auto(DaSearching) searching = {0};
    if (!searching_begin(&searching, db, error) ||
        (g_uuid_string_is_valid(dossier) &&
         !da_search_text(&searching, words, dossier, DA_SEARCH_MAX_CANDIDATES, error)))
        return NULL;
    const DaFound *entry = g_hash_table_lookup(searching.found, dossier);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    json_t *hits = da_search_hits_json(db, entry == NULL ? none : entry->hits, error);
    return hits == NULL ? NULL : json_pack("{s:s,s:o}", "query", words, "hits", hits);
}
