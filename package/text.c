#include <dangan/text.h>
#include <math.h>
#include <string.h>

static void word_free(DaWord *word)
{
    g_free(word->text);
    g_free(word);
}

static void line_free(DaLine *line)
{
    g_free(line->text);
    g_ptr_array_unref(line->words);
    g_free(line);
}

static const char *const kind_names[DA_LINE_KINDS] = {
    [DA_LINE_TEXT] = "text", [DA_LINE_RED_HEAD] = "red-head", [DA_LINE_SEAL] = "seal"};

const char *da_line_kind_name(DaLineKind kind)
{
    return kind_names[kind];
}

DaLineKind da_line_kind_of(const char *name)
{
    for (guint i = 0; name != NULL && i < DA_LINE_KINDS; i++)
        if (strcmp(name, kind_names[i]) == 0)
            return (DaLineKind)i;
    return DA_LINE_TEXT;
}

DaPageText *da_page_text_new(guint width_px, guint height_px, const char *engine)
{
    DaPageText *text = g_new0(DaPageText, 1);
    text->width_px = width_px;
    text->height_px = height_px;
    text->engine = g_strdup(engine);
    text->lines = g_ptr_array_new_with_free_func((GDestroyNotify)line_free);
    return text;
}

void da_page_text_free(DaPageText *text)
{
    if (!text)
        return;
    g_free(text->engine);
    g_ptr_array_unref(text->lines);
    g_free(text);
}

DaLine *da_page_text_add(DaPageText *text)
{
    DaLine *line = g_new0(DaLine, 1);
    line->words = g_ptr_array_new_with_free_func((GDestroyNotify)word_free);
    g_ptr_array_add(text->lines, line);
    return line;
}

DaWord *da_line_add_word(DaLine *line)
{
    DaWord *word = g_new0(DaWord, 1);
    g_ptr_array_add(line->words, word);
    return word;
}

char *da_page_text_plain(const DaPageText *text)
{
    GString *plain = g_string_new(NULL);
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = g_ptr_array_index(text->lines, i);
        if (i > 0)
            g_string_append_c(plain, '\n');
        g_string_append(plain, line->text ? line->text : "");
    }
    return g_string_free(plain, FALSE);
}

static guint characters(const char *text)
{
    guint n = 0;
    for (const char *p = text ? text : ""; *p; p = g_utf8_next_char(p))
        n += !g_unichar_isspace(g_utf8_get_char(p));
    return n;
}

double da_page_text_confidence(const DaPageText *text)
{
    double sum = 0;
    guint n = 0;
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = g_ptr_array_index(text->lines, i);
        guint of_line = characters(line->text);
        if (isnan(line->confidence) || line->kind == DA_LINE_SEAL)
            continue;
        sum += line->confidence * of_line;
        n += of_line;
    }
    return n > 0 ? sum / n : NAN;
}

/* --- spaces -------------------------------------------------------------------------------------------------------- */

typedef enum { GLYPH_OTHER, GLYPH_HAN, GLYPH_QUOTE } GlyphKind;

/* Han, and the punctuation and full-width forms that are set on the same square. Source: Unicode blocks 3000, FF00. */
static gboolean is_square(gunichar c)
{
    return g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN || (c >= 0x3001 && c <= 0x303F) ||
           (c >= 0xFF01 && c <= 0xFFEF);
}

/* Marks that Chinese and Latin text share: · — ‘ ’ “ ” … */
static gboolean is_shared_mark(gunichar c)
{
    return c == 0xB7 || c == 0x2014 || (c >= 0x2018 && c <= 0x201D) || c == 0x2026;
}

static GlyphKind glyph_kind(gunichar c)
{
    return is_square(c) ? GLYPH_HAN : is_shared_mark(c) ? GLYPH_QUOTE : GLYPH_OTHER;
}

static gboolean keeps_space(gunichar before, gunichar after)
{
    GlyphKind a = glyph_kind(before), b = glyph_kind(after);
    return a == GLYPH_OTHER || b == GLYPH_OTHER || (a == GLYPH_QUOTE && b == GLYPH_QUOTE);
}

char *da_text_join_han(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *joined = g_string_sized_new(64);
    gunichar before = 0;
    gboolean blank = FALSE;
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c)) {
            blank = TRUE;
            continue;
        }
        if (blank && before != 0 && keeps_space(before, c))
            g_string_append_c(joined, ' ');
        g_string_append_unichar(joined, c);
        before = c;
        blank = FALSE;
    }
    return g_string_free(joined, FALSE);
}
