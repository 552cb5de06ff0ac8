#include <dangan/bigram.h>
#include <string.h>

char *da_text_fold(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(composed, -1);
    GString *out = g_string_new(NULL);
    gboolean blank = FALSE;
    for (const char *p = folded; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c)) {
            blank = TRUE;
            continue;
        }
        if (blank && out->len > 0)
            g_string_append_c(out, ' ');
        blank = FALSE;
        g_string_append_unichar(out, c);
    }
    return g_string_free(out, FALSE);
}

char *da_person_key(const char *text)
{
    g_autofree char *folded = da_text_fold(text);
    g_auto(GStrv) parts = g_strsplit(folded, " ", -1);
    g_autofree char *key = g_strjoinv("", parts);
    return *key ? g_steal_pointer(&key) : NULL;
}

/* --- runs ----------------------------------------------------------------------------------------------------------- */

typedef enum { RUN_NONE, RUN_HAN, RUN_WORD } RunKind;

static RunKind kind_of(gunichar c)
{
    if (g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN)
        return RUN_HAN;
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ? RUN_WORD : RUN_NONE;
}

/* The next run from `*place` on, which moves behind it; RUN_NONE at the end of the text. */
static RunKind next_run(const char **place, const char **run, const char **end)
{
    const char *p = *place;
    while (*p && kind_of(g_utf8_get_char(p)) == RUN_NONE)
        p = g_utf8_next_char(p);
    RunKind kind = *p ? kind_of(g_utf8_get_char(p)) : RUN_NONE;
    *run = p;
    while (*p && kind_of(g_utf8_get_char(p)) == kind)
        p = g_utf8_next_char(p);
    *place = *end = p;
    return kind;
}

static char *word_of(const char *run, const char *end)
{
    glong length = MIN(g_utf8_strlen(run, end - run), DA_BIGRAM_WORD_MAX);
    return g_utf8_substring(run, 0, length);
}

static void add_pairs(GHashTable *lexemes, const char *run, const char *end)
{
    const char *next = g_utf8_next_char(run);
    for (; next < end; run = next, next = g_utf8_next_char(next))
        g_hash_table_add(lexemes, g_strndup(run, (gsize)(g_utf8_next_char(next) - run)));
}

static void add_characters(GHashTable *lexemes, const char *run, const char *end)
{
    for (const char *p = run; p < end; p = g_utf8_next_char(p))
        g_hash_table_add(lexemes, g_strndup(p, (gsize)(g_utf8_next_char(p) - p)));
}

static gint compare_lexemes(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lexemes of a text in the order of bytes, so that equal texts give equal rows. */
static GPtrArray *lexemes_of(const char *text, gboolean for_query)
{
    g_autoptr(GHashTable) lexemes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *place = text, *run, *end;
    for (RunKind kind = next_run(&place, &run, &end); kind != RUN_NONE;
         kind = next_run(&place, &run, &end)) {
        gboolean alone = kind == RUN_HAN && g_utf8_next_char(run) == end;
        if (kind == RUN_WORD)
            g_hash_table_add(lexemes, word_of(run, end));
        else
            add_pairs(lexemes, run, end);
        if (kind == RUN_HAN && (alone || !for_query))
            add_characters(lexemes, run, end);
    }
    GPtrArray *sorted = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer lexeme;
    g_hash_table_iter_init(&iter, lexemes);
    while (g_hash_table_iter_next(&iter, &lexeme, NULL)) {
        g_hash_table_iter_steal(&iter);
        g_ptr_array_add(sorted, lexeme);
    }
    g_ptr_array_sort(sorted, compare_lexemes);
    return sorted;
}

/* --- texts for the server ------------------------------------------------------------------------------------------- */

/* Lexemes hold letters, digits and marks only: nothing in them needs an escape inside the quotes. */
static char *join(const GPtrArray *lexemes, char quote, const char *between)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < lexemes->len; i++)
        g_string_append_printf(out, "%s%c%s%c", i > 0 ? between : "", quote,
                               (const char *)lexemes->pdata[i], quote);
    return g_string_free(out, FALSE);
}

/* Line ends must go on separating, so each line is folded by itself. */
static char *fold_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *folded = da_text_fold(lines[i]);
        g_free(lines[i]);
        lines[i] = folded;
    }
    return g_strjoinv("\n", lines);
}

char *da_bigram_vector(const char *text)
{
    g_autofree char *folded = fold_lines(text);
    g_autoptr(GPtrArray) lexemes = lexemes_of(folded, FALSE);
    g_autofree char *list = join(lexemes, '"', ",");
    return g_strdup_printf("{%s}", list);
}

char *da_bigram_query(const char *words)
{
    g_autofree char *folded = fold_lines(words);
    g_autoptr(GPtrArray) lexemes = lexemes_of(folded, TRUE);
    return lexemes->len > 0 ? join(lexemes, '\'', " & ") : NULL;
}
