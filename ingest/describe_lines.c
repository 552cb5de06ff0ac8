#include "describe_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double da_area_height(const DaArea *area)
{
    return area->y1 - area->y0;
}

double da_area_middle(const DaArea *area)
{
    return (area->y0 + area->y1) / 2;
}

void da_area_join(DaArea *area, const DaArea *other)
{
    if (area->x1 <= area->x0 && area->y1 <= area->y0) {
        *area = *other;
        return;
    }
    area->x0 = MIN(area->x0, other->x0);
    area->y0 = MIN(area->y0, other->y0);
    area->x1 = MAX(area->x1, other->x1);
    area->y1 = MAX(area->y1, other->y1);
}

/* --- a line as characters ------------------------------------------------------------------------------------------------ */

static DaArea area_of_quad(const DaLine *line)
{
    DaArea area = {line->quad[0][0], line->quad[0][1], line->quad[0][0], line->quad[0][1]};
    for (guint i = 1; i < 4; i++) {
        area.x0 = MIN(area.x0, line->quad[i][0]);
        area.x1 = MAX(area.x1, line->quad[i][0]);
        area.y0 = MIN(area.y0, line->quad[i][1]);
        area.y1 = MAX(area.y1, line->quad[i][1]);
    }
    return area;
}

static gunichar folded(gunichar c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms of ! to ~ */
        return c - 0xFEE0;
    return c == 0x3000 ? ' ' : c;
}

/* A Chinese character is set on a square, a Latin one on about half of it. */
static double width_of(gunichar c)
{
    return g_unichar_iswide(c) ? 1.0 : 0.5;
}

/* Deals `area` to the characters of `text`, along it. Blanks take room and leave no glyph but between letters or digits. */
static void add_text(GArray *glyphs, const char *text, const DaArea *area, gboolean vertical,
                     double confidence)
{
    double whole = 0, at = 0;
    gunichar before = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        whole += width_of(g_utf8_get_char(p));
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = folded(g_utf8_get_char(p));
        double from = at / whole, to = (at + width_of(g_utf8_get_char(p))) / whole;
        at += width_of(g_utf8_get_char(p));
        /* dossier.xml cannot hold them, and no form says them. */
        if (g_unichar_iscntrl(c) || (c & 0xFFFE) == 0xFFFE)
            continue;
        gunichar next = folded(g_utf8_get_char(g_utf8_next_char(p)));
        if (g_unichar_isspace(c) && !(before < 0x80 && g_ascii_isalnum((char)before) &&
                                      next < 0x80 && g_ascii_isalnum((char)next)))
            continue;
        DaGlyph glyph = {.c = c, .area = *area, .confidence = confidence};
        if (vertical) {
            glyph.area.y0 = area->y0 + from * da_area_height(area);
            glyph.area.y1 = area->y0 + to * da_area_height(area);
        } else {
            glyph.area.x0 = area->x0 + from * (area->x1 - area->x0);
            glyph.area.x1 = area->x0 + to * (area->x1 - area->x0);
        }
        g_array_append_val(glyphs, glyph);
        before = c;
    }
}

/* TRUE when the words say the line's text, so that their places may be used. */
static gboolean words_say_it(const DaLine *line)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    g_autofree char *whole = da_text_join_han(line->text);
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = line->words->pdata[i];
        g_string_append(joined, word->text);
    }
    const char *p = joined->str, *q = whole;
    for (;;) {
        while (g_unichar_isspace(g_utf8_get_char(p)))
            p = g_utf8_next_char(p);
        while (g_unichar_isspace(g_utf8_get_char(q)))
            q = g_utf8_next_char(q);
        if (!*p || !*q)
            return !*p && !*q;
        if (g_utf8_get_char(p) != g_utf8_get_char(q))
            return FALSE;
        p = g_utf8_next_char(p);
        q = g_utf8_next_char(q);
    }
}

static void add_words(GArray *glyphs, const DaLine *line)
{
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = line->words->pdata[i];
        DaArea area = {word->x_px, word->y_px, word->x_px + word->w_px, word->y_px + word->h_px};
        gunichar first = g_utf8_get_char(word->text);
        gunichar last = glyphs->len ? g_array_index(glyphs, DaGlyph, glyphs->len - 1).c : 0;
        /* Two numbers stay two numbers. */
        if (first < 0x80 && g_ascii_isalnum((char)first) && last && last < 0x80 &&
            g_ascii_isalnum((char)last)) {
            DaGlyph blank = {.c = ' ', .area = area, .confidence = word->confidence};
            blank.area.x1 = blank.area.x0;
            g_array_append_val(glyphs, blank);
        }
        add_text(glyphs, word->text, &area, line->vertical,
                 isnan(word->confidence) ? line->confidence : word->confidence);
    }
}

static DaRow *row_of(const DaLine *line)
{
    DaRow *row = g_new0(DaRow, 1);
    row->glyphs = g_array_new(FALSE, FALSE, sizeof(DaGlyph));
    row->area = area_of_quad(line);
    row->vertical = line->vertical;
    if (line->words->len && !line->vertical && words_say_it(line)) {
        add_words(row->glyphs, line);
    } else {
        g_autofree char *text = da_text_join_han(line->text);
        add_text(row->glyphs, text, &row->area, row->vertical, line->confidence);
    }
    return row;
}

static void row_free(gpointer data)
{
    DaRow *row = data;
    g_array_unref(row->glyphs);
    g_free(row);
}

GPtrArray *da_rows_of_page(const DaPageText *text)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = text->lines->pdata[i];
        if (line->kind == DA_LINE_SEAL) /* it lies across what is filled in */
            continue;
        DaRow *row = row_of(line);
        if (row->glyphs->len)
            g_ptr_array_add(rows, row);
        else
            row_free(row);
    }
    return rows;
}

/* --- many of them ----------------------------------------------------------------------------------------------------------- */

static gint by_value(gconstpointer a, gconstpointer b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

double da_rows_height(const GPtrArray *rows)
{
    g_autoptr(GArray) heights = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < rows->len; i++) {
        const DaRow *row = rows->pdata[i];
        double height = da_area_height(&row->area);
        for (guint k = 0; k < row->glyphs->len && !row->vertical; k++)
            g_array_append_val(heights, height);
    }
    g_array_sort(heights, by_value);
    return heights->len ? g_array_index(heights, double, heights->len / 2) : 0;
}

char *da_glyphs_text(const GArray *glyphs, guint from, guint to)
{
    GString *text = g_string_new(NULL);
    for (guint i = from; i < to && i < glyphs->len; i++)
        g_string_append_unichar(text, g_array_index(glyphs, DaGlyph, i).c);
    return g_string_free(text, FALSE);
}

DaArea da_glyphs_area(const GArray *glyphs, guint from, guint to)
{
    DaArea area = {0};
    for (guint i = from; i < to && i < glyphs->len; i++)
        da_area_join(&area, &g_array_index(glyphs, DaGlyph, i).area);
    return area;
}

double da_glyphs_confidence(const GArray *glyphs, guint from, guint to)
{
    double sum = 0;
    guint n = 0;
    for (guint i = from; i < to && i < glyphs->len; i++) {
        double confidence = g_array_index(glyphs, DaGlyph, i).confidence;
        if (!isnan(confidence)) {
            sum += confidence;
            n++;
        }
    }
    return n ? sum / n : NAN;
}

/* Beyond it nothing lies on a scan. */
#define PLACE_MAX_PX 1000000.0

static int pixel(double place)
{
    return isnan(place) ? 0 : (int)CLAMP(place, -PLACE_MAX_PX, PLACE_MAX_PX);
}

void da_claim_set_place(DaClaim *claim, const DaArea *area, double confidence)
{
    claim->x_px = pixel(floor(area->x0));
    claim->y_px = pixel(floor(area->y0));
    claim->w_px = MAX(pixel(ceil(area->x1)) - claim->x_px, 0);
    claim->h_px = MAX(pixel(ceil(area->y1)) - claim->y_px, 0);
    claim->confidence = isnan(confidence) ? NAN : CLAMP(confidence, 0, 1);
}
