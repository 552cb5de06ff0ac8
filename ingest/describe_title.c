#include "describe_title.h"

#include <math.h>
#include <string.h>

/* Titles stand in the upper part of a page; a printed head may stand above them. */
#define TITLE_PART 0.38
/* Booklets repeat their title small at the head of a page. */
#define RUNNING_HEAD_PART 0.15
/* A title that begins a form is so much larger than its text; a running head is not. */
#define BEGINS_LARGER 1.15
/* A line longer than this is text. */
#define TITLE_MAX_CHARACTERS 40u
/* A title that the profile does not know must be this much larger than the text of the page. */
#define TITLE_LARGER 1.35
#define UNKNOWN_MAX_CHARACTERS 24u
/* One damaged character in so many. */
#define CHARACTERS_A_DAMAGE 5u
#define STRAY_CHARACTERS 2u

void da_title_clear(DaTitle *title)
{
    g_free(title->text);
    *title = (DaTitle){.confidence = NAN};
}

/* --- a written title against a text ---------------------------------------------------------------------------------------- */

typedef struct {
    gunichar *c;
    guint n;
} Text;

static Text text_of(const char *utf8)
{
    glong n = 0;
    gunichar *c = g_utf8_to_ucs4_fast(utf8, -1, &n);
    return (Text){c, (guint)n};
}

/* Where `piece` stands in `text` from `from` on with least damage (insertions, losses, changes), earliest of equals. FALSE when it
 * costs more than `most`. Source: P. H. Sellers, "The theory and computation of evolutionary distances", J. Algorithms 1 (1980). */
static gboolean find_piece(const Text *text, guint from, const Text *piece, guint most,
                           guint *begin, guint *end, guint *cost)
{
    g_autofree guint *column = g_new(guint, piece->n + 1);
    g_autofree guint *start = g_new(guint, piece->n + 1);
    *cost = G_MAXUINT;
    for (guint i = 0; i <= piece->n; i++) {
        column[i] = i;
        start[i] = from;
    }
    for (guint t = from; t < text->n; t++) {
        guint corner = 0, corner_start = t;
        column[0] = 0;
        start[0] = t + 1;
        for (guint i = 1; i <= piece->n; i++) {
            guint change = corner + (text->c[t] != piece->c[i - 1]);
            guint lost = column[i - 1] + 1, added = column[i] + 1;
            guint best = MIN(change, MIN(lost, added));
            guint best_start = best == change ? corner_start
                               : best == lost ? start[i - 1]
                                              : start[i];
            corner = column[i];
            corner_start = start[i];
            column[i] = best;
            start[i] = best_start;
        }
        if (column[piece->n] < *cost) {
            *cost = column[piece->n];
            *begin = start[piece->n];
            *end = t + 1;
        }
    }
    return *cost <= most;
}

/* What a written title costs on a text: FALSE when it is not there. */
static gboolean match(const Text *text, const char *written, guint *characters, guint *damaged)
{
    g_auto(GStrv) pieces = g_strsplit(written, "*", -1);
    guint at = 0, first = G_MAXUINT, pieces_n = g_strv_length(pieces);
    *characters = *damaged = 0;
    for (guint i = 0; i < pieces_n; i++)
        *characters += (guint)g_utf8_strlen(pieces[i], -1);
    guint allowed = *characters / CHARACTERS_A_DAMAGE;
    for (guint i = 0; i < pieces_n; i++) {
        if (!*pieces[i])
            continue;
        Text piece = text_of(pieces[i]);
        g_autofree gunichar *owned G_GNUC_UNUSED = piece.c;
        guint begin, end, cost, most = piece.n < 3 ? 0 : allowed - *damaged;
        if (!find_piece(text, at, &piece, MIN(most, piece.n / 3), &begin, &end, &cost))
            return FALSE;
        *damaged += cost;
        first = MIN(first, begin);
        at = end;
    }
    gboolean open_begin = !*pieces[0], open_end = !*pieces[pieces_n - 1];
    return (open_begin || first <= STRAY_CHARACTERS) &&
           (open_end || text->n - at <= STRAY_CHARACTERS);
}

/* Letters and Chinese characters alone, without what stands in brackets: titles carry （正本）, (1978年度). */
static Text bare(const char *utf8)
{
    g_autoptr(GString) kept = g_string_new(NULL);
    guint depth = 0;
    for (const char *p = utf8; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '(' || c == 0xFF08 || c == 0x3014 || c == '[')
            depth++;
        else if (c == ')' || c == 0xFF09 || c == 0x3015 || c == ']')
            depth -= depth > 0;
        else if (!depth && g_unichar_isalnum(c))
            g_string_append_unichar(kept, c);
    }
    return text_of(kept->str);
}

static Text bare_written(const char *utf8)
{
    g_autoptr(GString) kept = g_string_new(NULL);
    for (const char *p = utf8; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '*' || g_unichar_isalnum(c))
            g_string_append_unichar(kept, c);
    }
    return text_of(kept->str);
}

/* More characters say more, each damage takes back two. */
static double score_of(guint characters, guint damaged)
{
    return (double)characters - 2.0 * damaged;
}

static const DaFormKind *best_form(const DaFormBook *book, const Text *text, double *score,
                                   guint *damaged)
{
    const DaFormKind *best = NULL;
    *score = 0;
    for (guint f = 0; f < book->forms->len; f++) {
        const DaFormKind *form = book->forms->pdata[f];
        for (guint i = 0; i < form->titles->len; i++) {
            Text written = bare_written(form->titles->pdata[i]);
            g_autofree char *utf8 = g_ucs4_to_utf8(written.c, written.n, NULL, NULL, NULL);
            g_free(written.c);
            guint characters, cost;
            if (utf8 && match(text, utf8, &characters, &cost) &&
                score_of(characters, cost) > *score) {
                best = form;
                *score = score_of(characters, cost);
                *damaged = cost;
            }
        }
    }
    return best;
}

const DaFormKind *da_title_form(const DaFormBook *book, const char *title, guint *damaged)
{
    double score;
    guint cost = 0;
    Text text = bare(title);
    const DaFormKind *form = text.n ? best_form(book, &text, &score, &cost) : NULL;
    g_free(text.c);
    if (damaged)
        *damaged = cost;
    return form;
}

/* --- on a page --------------------------------------------------------------------------------------------------------------- */

typedef struct {
    GArray *glyphs; /* of one row, or of rows beside each other */
    DaArea area;
} Head;

static void head_free(gpointer data)
{
    Head *head = data;
    g_array_unref(head->glyphs);
    g_free(head);
}

static gint by_left(gconstpointer a, gconstpointer b)
{
    const DaRow *one = *(DaRow *const *)a, *other = *(DaRow *const *)b;
    return one->area.x0 < other->area.x0 ? -1 : one->area.x0 > other->area.x0;
}

/* A title whose characters stand far apart comes as several rows of one height. */
static gboolean goes_on(const Head *head, const DaRow *row)
{
    double height = da_area_height(&head->area), other = da_area_height(&row->area);
    return fabs(da_area_middle(&head->area) - da_area_middle(&row->area)) < height * 0.4 &&
           other > height * 0.7 && other < height * 1.4 && row->area.x0 > head->area.x0 &&
           row->area.x0 - head->area.x1 < height * 3;
}

static GPtrArray *heads_of(const GPtrArray *rows, guint height_px)
{
    GPtrArray *heads = g_ptr_array_new_with_free_func(head_free);
    g_autoptr(GPtrArray) upper = g_ptr_array_new();
    for (guint i = 0; i < rows->len; i++) {
        DaRow *row = rows->pdata[i];
        if (!row->vertical && row->area.y0 < height_px * TITLE_PART)
            g_ptr_array_add(upper, row);
    }
    g_ptr_array_sort(upper, by_left);
    for (guint i = 0; i < upper->len; i++) {
        const DaRow *row = upper->pdata[i];
        Head *head = g_new0(Head, 1);
        head->glyphs = g_array_new(FALSE, FALSE, sizeof(DaGlyph));
        g_array_append_vals(head->glyphs, row->glyphs->data, row->glyphs->len);
        head->area = row->area;
        for (guint k = i + 1; k < upper->len; k++) {
            const DaRow *next = upper->pdata[k];
            if (goes_on(head, next)) {
                g_array_append_vals(head->glyphs, next->glyphs->data, next->glyphs->len);
                da_area_join(&head->area, &next->area);
            }
        }
        g_ptr_array_add(heads, head);
        /* And the row alone, where others stand beside it. */
        if (head->glyphs->len > row->glyphs->len) {
            Head *alone = g_new0(Head, 1);
            alone->glyphs = g_array_new(FALSE, FALSE, sizeof(DaGlyph));
            g_array_append_vals(alone->glyphs, row->glyphs->data, row->glyphs->len);
            alone->area = row->area;
            g_ptr_array_add(heads, alone);
        }
    }
    return heads;
}

static gboolean is_centred(const DaArea *area, guint width_px)
{
    double middle = (area->x0 + area->x1) / 2;
    return middle > width_px * 0.33 && middle < width_px * 0.67;
}

static guint han_characters(const GArray *glyphs)
{
    guint n = 0;
    for (guint i = 0; i < glyphs->len; i++)
        n += g_unichar_get_script(g_array_index(glyphs, DaGlyph, i).c) == G_UNICODE_SCRIPT_HAN;
    return n;
}

static void take(DaTitle *title, const Head *head, const DaFormKind *form, guint damaged)
{
    da_title_clear(title);
    title->form = form;
    title->text = da_glyphs_text(head->glyphs, 0, head->glyphs->len);
    title->area = head->area;
    title->confidence = da_glyphs_confidence(head->glyphs, 0, head->glyphs->len);
    title->damaged = damaged;
}

/* A short title ("自传", "证明") is one only where it stands alone in the middle or is larger than the text: the same characters
 * stand in labels and sentences. */
static gboolean may_be_title(const Head *head, guint width_px, guint height_px, double text_height)
{
    guint n = head->glyphs->len;
    double height = da_area_height(&head->area);
    if (n < 2 || n > TITLE_MAX_CHARACTERS)
        return FALSE;
    /* 入党志愿 at the head of each page of a booklet */
    gboolean running_head = n == 4 && head->area.y1 < height_px * RUNNING_HEAD_PART;
    return n > 4 || running_head
               ? height > text_height * 0.7
               : is_centred(&head->area, width_px) || height > text_height * TITLE_LARGER;
}

void da_title_find(DaTitle *title, const GPtrArray *rows, guint width_px, guint height_px,
                   const DaFormBook *book)
{
    double text_height = da_rows_height(rows), best = 0, largest = text_height * TITLE_LARGER;
    g_autoptr(GPtrArray) heads = heads_of(rows, height_px);
    const Head *unknown = NULL;
    *title = (DaTitle){.confidence = NAN};
    for (guint i = 0; i < heads->len; i++) {
        const Head *head = heads->pdata[i];
        if (!may_be_title(head, width_px, height_px, text_height))
            continue;
        g_autofree char *utf8 = da_glyphs_text(head->glyphs, 0, head->glyphs->len);
        Text text = bare(utf8);
        double score = 0, height = da_area_height(&head->area);
        guint damaged = 0;
        const DaFormKind *form = best_form(book, &text, &score, &damaged);
        g_free(text.c);
        /* Of two that match, the larger and higher one. */
        score *= (text_height > 0 ? MIN(height / text_height, 2.5) : 1) *
                 (1 - 0.5 * head->area.y0 / MAX(height_px, 1u));
        if (form && score > best) {
            best = score;
            take(title, head, form, damaged);
        }
        if (height > largest && is_centred(&head->area, width_px) &&
            han_characters(head->glyphs) >= 2 && head->glyphs->len <= UNKNOWN_MAX_CHARACTERS) {
            largest = height;
            unknown = head;
        }
    }
    if (!title->form && unknown)
        take(title, unknown, NULL, 0);
    title->large = title->text && (da_area_height(&title->area) > BEGINS_LARGER * text_height ||
                                   is_centred(&title->area, width_px));
}
