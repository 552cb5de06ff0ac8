#include "found.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/identity.h>
#include <dangan/pinyin.h>
#include <dangan/search.h>
#include <string.h>

#define TO_TEXT(x) #x
#define SQL_NUMBER(x) TO_TEXT(x)

/* The least text that is greater than every text with this beginning, in the order of bytes. The highest code point has no
 * successor and is in no text. */
static char *after_prefix(const char *prefix)
{
    GString *after = g_string_new(prefix);
    char *last = g_utf8_prev_char(after->str + after->len);
    gunichar next = g_utf8_get_char(last) + 1;
    if (next >= 0xD800 && next <= 0xDFFF)
        next = 0xE000;
    g_string_truncate(after, (gsize)(last - after->str));
    g_string_append_unichar(after, MIN(next, 0x10FFFF));
    return g_string_free(after, FALSE);
}

static gboolean is_spoken(const char *kind)
{
    return strcmp(kind, "pinyin") == 0 || strcmp(kind, "initials") == 0;
}

static DaRank rank_of(const char *kind, gboolean exact)
{
    if (strcmp(kind, "employer") == 0)
        return DA_RANK_EMPLOYER;
    if (is_spoken(kind))
        return DA_RANK_PINYIN;
    if (exact)
        return DA_RANK_EXACT;
    return strcmp(kind, "name") == 0 ? DA_RANK_NAME : DA_RANK_ID;
}

/* `kind` as a text that lasts. */
static const char *match_of(const char *kind)
{
    static const char *const kinds[] = {"name", "id", "employer"};
    if (is_spoken(kind))
        return "pinyin";
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kind, kinds[i]) == 0)
            return kinds[i];
    return "";
}

/* The better of two ways to the same dossier wins. */
static void take(const PGresult *rows, int row, const char *kind, GHashTable *found)
{
    DaRank rank = rank_of(kind, da_db_boolean(rows, row, "exact"));
    DaFound *entry = da_found_get(found, da_db_text(rows, row, "dossier"),
                                  da_db_text(rows, row, "name"), rank, match_of(kind));
    if (rank < entry->rank) {
        entry->rank = rank;
        entry->match = match_of(kind);
    }
}

/* Ranges in the order of bytes (~>=~, ~<~) are leakproof, so row security leaves them the index; LIKE is not. One kind at a
 * time, because only then the index gives the order as well. */
static gboolean find_keys(DaSearching *searching, const char *key, const char *kind, GError **error)
{
    g_autofree char *after = after_prefix(key);
    g_autoptr(PGresult) rows =
        da_db_query(searching->db, error,
                    "SELECT k.dossier, k.key = $1 AS exact, d.name FROM ("
                    "SELECT dossier, key FROM person_key WHERE district = ANY ($4::text[]) "
                    "AND kind = $3 AND key ~>=~ $1 AND key ~<~ $2 "
                    "ORDER BY key USING ~<~ LIMIT " SQL_NUMBER(
                        DA_SEARCH_MAX_CANDIDATES) ") k "
                                                  "JOIN dossier d ON d.id = k.dossier",
                    key, after, kind, searching->districts, NULL);
    if (rows == NULL)
        return FALSE;
    for (int i = 0; i < PQntuples(rows); i++)
        take(rows, i, kind, searching->found);
    searching->capped |= PQntuples(rows) >= DA_SEARCH_MAX_CANDIDATES;
    return TRUE;
}

/* What the words say as an ID number: × or Ⅹ at the end is X, and an old number of 15 digits has a new form. */
static gboolean find_numbers(DaSearching *searching, const char *words, const char *key,
                             GError **error)
{
    g_autofree char *number = da_id_number_normalize(words);
    g_autofree char *upgraded = number == NULL ? NULL : da_id_number_upgrade(number);
    g_autofree char *now = number == NULL ? NULL : da_person_key(number);
    g_autofree char *next = upgraded == NULL ? NULL : da_person_key(upgraded);
    if (!find_keys(searching, now == NULL ? key : now, "id", error))
        return FALSE;
    return next == NULL || find_keys(searching, next, "id", error);
}

/* As typed, and where that is another text in simplified forms, and without rare variants. */
static gboolean find_names(DaSearching *searching, const char *words, const char *key,
                           GError **error)
{
    g_autofree char *simplified = da_han_simplified(words), *common = da_han_usual(words);
    g_autofree char *other = da_person_key(simplified), *third = da_person_key(common);
    return find_keys(searching, key, "name", error) &&
           (g_strcmp0(other, key) == 0 || find_keys(searching, other, "name", error)) &&
           (g_strcmp0(third, key) == 0 || g_strcmp0(third, other) == 0 ||
            find_keys(searching, third, "name", error));
}

static gboolean find_kind(DaSearching *searching, const char *words, const char *key,
                          const char *kind, GError **error)
{
    if (strcmp(kind, "id") == 0)
        return find_numbers(searching, words, key, error);
    if (strcmp(kind, "name") == 0)
        return find_names(searching, words, key, error);
    if (!is_spoken(kind))
        return find_keys(searching, key, kind, error);
    g_autofree char *spoken = da_pinyin_words(words);
    return spoken == NULL || find_keys(searching, spoken, kind, error);
}

gboolean da_search_persons(DaSearching *searching, const char *words, const char *const *kinds,
                           GError **error)
{
    g_autofree char *key = da_person_key(words);
    for (guint i = 0; key != NULL && kinds[i] != NULL; i++)
        if (!find_kind(searching, words, key, kinds[i], error))
            return FALSE;
    return TRUE;
}
