#include "fold.h"

#include <dangan/bigram.h>
#include <string.h>

/* A text folded piece by piece, so that each byte of it knows its character in the original. */
typedef struct {
    GString *text;
    GArray *origin; /* glong: for each byte of `text` the original character; one more at the end */
} Folded;

static void folded_clear(Folded *folded)
{
    g_string_free(folded->text, TRUE);
    g_array_unref(folded->origin);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folded, folded_clear)

/* Most characters of a dossier: they fold to themselves. */
static gboolean is_plain(gunichar c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c > ' ' && c < 'A') || (c > 'Z' && c <= '~');
}

static void append(Folded *folded, const char *bytes, gsize size, glong origin)
{
    g_string_append_len(folded->text, bytes, (gssize)size);
    for (gsize i = 0; i < size; i++)
        g_array_append_val(folded->origin, origin);
}

/* The end of the character at `p` with the marks that follow it: they are composed together. */
static const char *cluster_end(const char *p, glong *characters)
{
    const char *end = g_utf8_next_char(p);
    *characters = 1;
    while (*end != '\0' && g_unichar_ismark(g_utf8_get_char(end))) {
        end = g_utf8_next_char(end);
        ++*characters;
    }
    return end;
}

/* Line ends stay, other blanks become one space. */
static void append_blank(Folded *folded, gunichar c, glong origin)
{
    char last = folded->text->len > 0 ? folded->text->str[folded->text->len - 1] : '\n';
    if (c == '\n' || c == '\r')
        append(folded, "\n", 1, origin);
    else if (last != ' ' && last != '\n')
        append(folded, " ", 1, origin);
}

static void fold(const char *text, Folded *folded)
{
    folded->text = g_string_sized_new(strlen(text));
    folded->origin = g_array_new(FALSE, FALSE, sizeof(glong));
    glong place = 0;
    for (const char *p = text; *p != '\0';) {
        gunichar c = g_utf8_get_char(p);
        glong characters = 0;
        const char *end = cluster_end(p, &characters);
        if (g_unichar_isspace(c)) {
            append_blank(folded, c, place);
        } else if (characters == 1 && is_plain(c)) {
            append(folded, p, (gsize)(end - p), place);
        } else {
            g_autofree char *piece = g_strndup(p, (gsize)(end - p));
            g_autofree char *small = da_text_fold(piece);
            append(folded, small, strlen(small), place);
        }
        place += characters;
        p = end;
    }
    g_array_append_val(folded->origin, place);
}

char **da_fold_terms(const char *words)
{
    g_autofree char *folded = da_text_fold(words);
    g_auto(GStrv) parts = g_strsplit(folded, " ", -1);
    GPtrArray *terms = g_ptr_array_new();
    for (guint i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
            g_ptr_array_add(terms, g_strdup(parts[i]));
    g_ptr_array_add(terms, NULL);
    return (char **)g_ptr_array_free(terms, FALSE);
}

static gboolean is_word(gunichar c)
{
    return g_unichar_isalnum(c) && g_unichar_get_script(c) != G_UNICODE_SCRIPT_HAN;
}

static gunichar before(const char *text, const char *p)
{
    return p == text ? 0 : g_utf8_get_char(g_utf8_prev_char(p));
}

static gunichar last_of(const char *term)
{
    return g_utf8_get_char(g_utf8_prev_char(term + strlen(term)));
}

static gboolean stands_alone(const char *text, const char *found, const char *term)
{
    gboolean cuts_begin = is_word(g_utf8_get_char(term)) && is_word(before(text, found));
    gboolean cuts_end = is_word(last_of(term)) && is_word(g_utf8_get_char(found + strlen(term)));
    return !cuts_begin && !cuts_end;
}

static const char *find(const char *text, const char *term)
{
    for (const char *found = strstr(text, term); found != NULL; found = strstr(found + 1, term))
        if (stands_alone(text, found, term))
            return found;
    return NULL;
}

gboolean da_fold_find(const char *text, char *const *terms, DaFoldMatch *match)
{
    g_auto(Folded) folded = {0};
    fold(text, &folded);
    for (guint i = 0; terms[i] != NULL; i++) {
        const char *found = find(folded.text->str, terms[i]);
        if (found == NULL)
            return FALSE;
        if (i > 0)
            continue;
        gsize start = (gsize)(found - folded.text->str);
        gsize last = start + strlen(terms[i]) - 1;
        match->start = g_array_index(folded.origin, glong, start);
        match->length = g_array_index(folded.origin, glong, last) - match->start + 1;
    }
    return terms[0] != NULL;
}
