#include "describe_field.h"

#include "describe_date.h"

#include <dangan/identity.h>
#include <math.h>
#include <string.h>

/* Reach of a label, in heights of a text row. */
#define BAND_REACH 0.8       /* a value's middle lies so near the label's middle */
#define STACK_GAP 0.9        /* between two rows of one cell */
#define SPREAD_GAP 5.0       /* between characters of one label that stand far apart */
#define GO_ON_GAP 3.0        /* between pieces of one value */
#define UNDER_REACH 3.2      /* a value under its label */
#define FIRST_GAP_SHARE 0.35 /* of the page's width: between label and value */

#define STACKED_CHARACTERS 6u
#define NAME_CHARACTERS_MIN 2u
#define NAME_CHARACTERS_MAX 4u
#define LONG_NAME_MAX 12u /* names with · */

/* --- labels on the page ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const DaLabel *label;
    guint row;      /* of the last part */
    guint from, to; /* glyphs of that row */
    DaArea area;
    double height;  /* of one row of it */
    gboolean whole; /* made of several rows */
} Found;

typedef struct {
    const GPtrArray *rows;
    const DaFormBook *book;
    guint width_px;
    GArray *found; /* Found, by row and place */
    guint8 *used;  /* by row: the row is part of a label made of several rows */
    GPtrArray *claims;
} Page;

static const DaRow *row_at(const Page *page, guint i)
{
    return page->rows->pdata[i];
}

static gboolean stands_at(const GArray *glyphs, guint at, const char *text, guint *to,
                          guint changes_from)
{
    guint n = 0, changed = 0, length = (guint)g_utf8_strlen(text, -1);
    for (const char *p = text; *p; p = g_utf8_next_char(p), n++) {
        if (at + n >= glyphs->len)
            return FALSE;
        if (g_array_index(glyphs, DaGlyph, at + n).c != g_utf8_get_char(p) &&
            (n < changes_from || ++changed > 1))
            return FALSE;
    }
    *to = at + length;
    return TRUE;
}

/* One damaged character is borne in labels of four and more; in short ones not in the first half, which tells them apart (入党时间, 入团时间). */
static guint changes_from(const char *text)
{
    glong length = g_utf8_strlen(text, -1);
    return length >= 6 ? 0 : length >= 4 ? 2 : G_MAXUINT;
}

static const DaLabel *label_at(const Page *page, const GArray *glyphs, guint at, gboolean damaged,
                               guint *to)
{
    for (guint i = 0; i < page->book->labels->len; i++) {
        const DaLabel *label = page->book->labels->pdata[i];
        if (stands_at(glyphs, at, label->text, to, damaged ? changes_from(label->text) : G_MAXUINT))
            return label;
    }
    return NULL;
}

/* The same words may be a label before its value and one behind it. */
static void add_found(Page *page, const DaLabel *label, const Found *found)
{
    for (guint i = 0; i < page->book->labels->len; i++) {
        const DaLabel *other = page->book->labels->pdata[i];
        if (strcmp(other->text, label->text))
            continue;
        Found one = *found;
        one.label = other;
        g_array_append_val(page->found, one);
    }
}

static void find_in_row(Page *page, guint r)
{
    const DaRow *row = row_at(page, r);
    for (guint at = 0; at < row->glyphs->len;) {
        guint to = at;
        const DaLabel *label = label_at(page, row->glyphs, at, FALSE, &to);
        /* 出生年用 is 出生年月 rather than 出生 with something behind it. */
        guint damaged_to = at;
        const DaLabel *damaged = label_at(page, row->glyphs, at, TRUE, &damaged_to);
        if (damaged && (!label || damaged_to >= to + 2)) {
            label = damaged;
            to = damaged_to;
        }
        if (!label) {
            at++;
            continue;
        }
        Found found = {.row = r,
                       .from = at,
                       .to = to,
                       .area = da_glyphs_area(row->glyphs, at, to),
                       .height = row->vertical ? row->area.x1 - row->area.x0
                                               : da_area_height(&row->area)};
        add_found(page, label, &found);
        at = to;
    }
}

/* --- labels of several rows -------------------------------------------------------------------------------------------------- */

static double overlap(double a0, double a1, double b0, double b1)
{
    return MIN(a1, b1) - MAX(a0, b0);
}

static gboolean is_under(const DaRow *upper, const DaRow *lower)
{
    double height = da_area_height(&upper->area);
    double gap = lower->area.y0 - upper->area.y1;
    return gap > -0.4 * height && gap < STACK_GAP * height &&
           overlap(upper->area.x0, upper->area.x1, lower->area.x0, lower->area.x1) >
               0.5 * MIN(upper->area.x1 - upper->area.x0, lower->area.x1 - lower->area.x0);
}

static gboolean is_beside(const DaRow *left, const DaRow *right)
{
    double height = da_area_height(&left->area);
    return fabs(da_area_middle(&left->area) - da_area_middle(&right->area)) < 0.5 * height &&
           right->area.x0 >= left->area.x1 - 0.3 * height &&
           right->area.x0 - left->area.x1 < SPREAD_GAP * height;
}

static const DaLabel *label_of(const Page *page, const char *text)
{
    for (guint i = 0; i < page->book->labels->len; i++) {
        const DaLabel *label = page->book->labels->pdata[i];
        if (!strcmp(label->text, text))
            return label;
    }
    return NULL;
}

typedef gboolean (*Follows)(const DaRow *one, const DaRow *next);

/* Up to three short rows from `r` on whose text together is a label. */
static gboolean join_from(Page *page, guint r, Follows follows)
{
    const DaRow *row = row_at(page, r);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *first = da_glyphs_text(row->glyphs, 0, row->glyphs->len);
    guint parts[3] = {r}, n = 1;
    Found found = {.area = row->area, .height = da_area_height(&row->area), .whole = TRUE};
    g_string_append(text, first);
    for (guint k = 0; k < page->rows->len && n < 3; k++) {
        const DaRow *next = row_at(page, k);
        if (k == parts[n - 1] || page->used[k] || next->vertical ||
            next->glyphs->len > STACKED_CHARACTERS || !follows(row_at(page, parts[n - 1]), next))
            continue;
        g_autofree char *more = da_glyphs_text(next->glyphs, 0, next->glyphs->len);
        g_string_append(text, more);
        parts[n++] = k;
        da_area_join(&found.area, &next->area);
        const DaLabel *label = label_of(page, text->str);
        if (label) {
            for (guint i = 0; i < n; i++)
                page->used[parts[i]] = TRUE;
            found.row = parts[n - 1];
            found.to = row_at(page, found.row)->glyphs->len;
            add_found(page, label, &found);
            return TRUE;
        }
        k = G_MAXUINT; /* from the top again: rows need not be in order */
    }
    return FALSE;
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const Found *one = a, *other = b;
    if (one->row != other->row)
        return one->row < other->row ? -1 : 1;
    return one->from < other->from ? -1 : one->from > other->from;
}

static void find_labels(Page *page)
{
    for (guint r = 0; r < page->rows->len; r++) {
        const DaRow *row = row_at(page, r);
        if (!row->vertical && row->glyphs->len <= STACKED_CHARACTERS && !page->used[r] &&
            !join_from(page, r, is_under))
            join_from(page, r, is_beside);
    }
    for (guint r = 0; r < page->rows->len; r++)
        if (!page->used[r])
            find_in_row(page, r);
    g_array_sort(page->found, by_place);
}

/* --- rows beside a label -------------------------------------------------------------------------------------------------------- */

static gboolean in_band(const Found *label, const DaRow *row)
{
    double reach = MAX(BAND_REACH * label->height,
                       da_area_height(&label->area) / 2); /* all of a label in several rows */
    return fabs(da_area_middle(&row->area) - da_area_middle(&label->area)) < reach;
}

/* A label of relatives in the same row, on either side. */
static gboolean is_about_relatives(const Page *page, const Found *label)
{
    for (guint i = 0; i < page->found->len; i++) {
        const Found *other = &g_array_index(page->found, Found, i);
        if (other->label->kind == DA_LABEL_RELATIVE && !row_at(page, other->row)->vertical &&
            fabs(da_area_middle(&other->area) - da_area_middle(&label->area)) <
                BAND_REACH * label->height)
            return TRUE;
    }
    return FALSE;
}

/* Where the first label at or behind glyph `from` of row `r` begins; the row's end when there is none. Labels that only stand behind
 * their value end nothing. */
static guint next_label(const Page *page, guint r, guint from)
{
    if (page->used[r])
        return 0;
    for (guint i = 0; i < page->found->len; i++) {
        const Found *found = &g_array_index(page->found, Found, i);
        if (found->row == r && !found->whole && found->from >= from &&
            found->label->place != DA_LABEL_BEFORE)
            return found->from;
    }
    return row_at(page, r)->glyphs->len;
}

typedef struct {
    GArray *glyphs;
    double right; /* end of the last piece */
} Value;

static gint by_left(gconstpointer a, gconstpointer b, gpointer data)
{
    const Page *page = data;
    const DaRow *one = row_at(page, *(const guint *)a), *other = row_at(page, *(const guint *)b);
    /* Two rows of one cell stand above each other. */
    if (overlap(one->area.x0, one->area.x1, other->area.x0, other->area.x1) >
        0.5 * MIN(one->area.x1 - one->area.x0, other->area.x1 - other->area.x0))
        return one->area.y0 < other->area.y0 ? -1 : 1;
    return one->area.x0 < other->area.x0 ? -1 : one->area.x0 > other->area.x0;
}

static GArray *rows_right_of(const Page *page, const Found *label)
{
    GArray *beside = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint r = 0; r < page->rows->len; r++) {
        const DaRow *row = row_at(page, r);
        if (r != label->row && in_band(label, row) &&
            row->area.x0 > label->area.x1 - 0.5 * label->height)
            g_array_append_val(beside, r);
    }
    g_array_sort_with_data(beside, by_left, (gpointer)page);
    return beside;
}

/* Appends rows beside the label up to the next label. */
static void append_beside(const Page *page, const Found *label, Value *value)
{
    g_autoptr(GArray) beside = rows_right_of(page, label);
    for (guint i = 0; i < beside->len; i++) {
        guint r = g_array_index(beside, guint, i);
        const DaRow *row = row_at(page, r);
        double gap = row->area.x0 - value->right;
        double most =
            value->glyphs->len ? GO_ON_GAP * label->height : FIRST_GAP_SHARE * page->width_px;
        guint end = next_label(page, r, 0);
        if (gap > most || end == 0)
            return;
        g_array_append_vals(value->glyphs, row->glyphs->data, end);
        value->right = MAX(value->right, row->area.x1);
        if (end < row->glyphs->len)
            return;
    }
}

/* The row under a label that has none beside it: a table whose labels stand over their values. Where more rows follow below, it is a
 * list, and its first line means nothing. */
static void append_under(const Page *page, const Found *label, Value *value)
{
    const DaRow *under = NULL;
    guint below = 0;
    double reach = UNDER_REACH * label->height;
    for (guint r = 0; r < page->rows->len; r++) {
        const DaRow *row = row_at(page, r);
        double middle = (row->area.x0 + row->area.x1) / 2, gap = row->area.y0 - label->area.y1;
        if (r == label->row || row->vertical || gap < -0.3 * label->height || gap > 2 * reach ||
            middle < label->area.x0 - label->height || middle > label->area.x1 + label->height)
            continue;
        if (gap <= reach && (!under || row->area.y0 < under->area.y0)) {
            below += under != NULL;
            under = row;
        } else {
            below++;
        }
    }
    if (!under || below)
        return;
    for (guint r = 0; r < page->rows->len; r++)
        if (row_at(page, r) == under)
            g_array_append_vals(value->glyphs, under->glyphs->data, next_label(page, r, 0));
}

static GArray *value_beside(const Page *page, const Found *label)
{
    Value value = {.glyphs = g_array_new(FALSE, FALSE, sizeof(DaGlyph)), .right = label->area.x1};
    const DaRow *row = row_at(page, label->row);
    guint end = label->whole ? label->to : next_label(page, label->row, label->to);
    if (end > label->to) {
        g_array_append_vals(value.glyphs, &g_array_index(row->glyphs, DaGlyph, label->to),
                            end - label->to);
        value.right = row->area.x1;
    }
    if (label->whole || end == row->glyphs->len)
        append_beside(page, label, &value);
    if (value.glyphs->len == 0)
        append_under(page, label, &value);
    return value.glyphs;
}

/* --- values ---------------------------------------------------------------------------------------------------------------------- */

static void add_claim(Page *page, DaField field, const GArray *glyphs, guint from, guint to,
                      const DaWrittenDate *date)
{
    DaClaim *claim = da_claim_new(field);
    DaArea area = da_glyphs_area(glyphs, from, to);
    claim->text = da_glyphs_text(glyphs, from, to);
    da_claim_set_place(claim, &area, da_glyphs_confidence(glyphs, from, to));
    if (date) {
        claim->date = date->date;
        claim->doubtful = date->repaired;
    }
    g_ptr_array_add(page->claims, claim);
}

static guint glyph_of_byte(const char *text, gsize byte)
{
    return (guint)g_utf8_strlen(text, (gssize)byte);
}

/* What may stand between a label and its value. */
static gboolean is_filling(gunichar c)
{
    return !g_unichar_isalnum(c) || g_utf8_strchr("于是为在公历阳新约时间", -1, c);
}

static gboolean all_filling(const GArray *glyphs, guint from, guint to)
{
    for (guint i = from; i < to && i < glyphs->len; i++)
        if (!is_filling(g_array_index(glyphs, DaGlyph, i).c))
            return FALSE;
    return TRUE;
}

/* The date must be what the value begins with: a date further on is another one's. A stray character is borne. */
static void claim_date(Page *page, const Found *label, const GArray *glyphs)
{
    g_autofree char *text = da_glyphs_text(glyphs, 0, glyphs->len);
    DaWrittenDate date;
    if (!da_written_date_find(text, page->book->two_digit_years_from, &date) &&
        (date.span || !da_written_year_find(text, &date)))
        return;
    guint from = glyph_of_byte(text, date.from), to = glyph_of_byte(text, date.to);
    if (from > 1 && !all_filling(glyphs, 0, from))
        return;
    add_claim(page, label->label->field, glyphs, from, to, &date);
}

static gboolean is_han_at(const GArray *glyphs, guint at)
{
    return g_unichar_get_script(g_array_index(glyphs, DaGlyph, at).c) == G_UNICODE_SCRIPT_HAN;
}

static gboolean is_name_character(gunichar c)
{
    return g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN || c == 0xB7 || c == 0x2022 ||
           c == 0x30FB;
}

/* The Chinese characters that the value begins with, where they are as many as a name has. */
static void claim_name(Page *page, const Found *label, const GArray *glyphs)
{
    guint from = 0, dots = 0;
    while (from < glyphs->len && !is_name_character(g_array_index(glyphs, DaGlyph, from).c) &&
           from < 3)
        from++;
    guint to = from;
    while (to < glyphs->len && is_name_character(g_array_index(glyphs, DaGlyph, to).c))
        to++;
    while (to > from && !is_han_at(glyphs, to - 1))
        to--;
    for (guint i = from; i < to; i++)
        dots += !is_han_at(glyphs, i);
    g_autofree char *text = da_glyphs_text(glyphs, from, to);
    if (to - from >= NAME_CHARACTERS_MIN &&
        to - from <= (dots ? LONG_NAME_MAX : NAME_CHARACTERS_MAX) && strcmp(text, "没有"))
        add_claim(page, label->label->field, glyphs, from, to, NULL);
}

/* What recognition gives for digits. */
static char id_character(gunichar c)
{
    static const char *const confused[] = {"OoQDＯ〇", "lI|i丨", "Zz", NULL, NULL,
                                           "Ss",       "b",      NULL, "B",  "gq"};
    if (c < 0x80 && g_ascii_isdigit((char)c))
        return (char)c;
    if (c == 'X' || c == 'x' || c == 0xD7)
        return 'X';
    for (guint d = 0; d < G_N_ELEMENTS(confused); d++)
        if (confused[d] && g_utf8_strchr(confused[d], -1, c))
            return (char)('0' + d);
    return 0;
}

/* A number of 18 characters whose check digit is right, or of 15 digits with a date in it; behind its label others are kept as text. */
static void claim_id(Page *page, DaField field, const GArray *glyphs, gboolean labelled)
{
    g_autoptr(GString) number = g_string_new(NULL);
    guint first = G_MAXUINT, last = 0;
    for (guint i = 0; i < glyphs->len && number->len < 19; i++) {
        char c = id_character(g_array_index(glyphs, DaGlyph, i).c);
        if (!c && number->len == 0)
            continue;
        if (!c && g_unichar_isalnum(g_array_index(glyphs, DaGlyph, i).c))
            break;
        if (!c)
            continue;
        first = MIN(first, i);
        last = i + 1;
        g_string_append_c(number, c);
    }
    g_autofree char *upgraded = da_id_number_upgrade(number->str);
    gboolean right =
        da_id_number_check(number->str) == DA_IDENTITY_OK || (labelled && upgraded != NULL);
    if (!right && !(labelled && number->len >= 12))
        return;
    add_claim(page, field, glyphs, first, last, NULL);
    DaClaim *claim = page->claims->pdata[page->claims->len - 1];
    claim->doubtful = !right;
    if (right) {
        g_free(claim->text);
        claim->text = upgraded ? g_steal_pointer(&upgraded) : g_strdup(number->str);
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

static void read_beside(Page *page, const Found *label)
{
    g_autoptr(GArray) glyphs = value_beside(page, label);
    if (label->label->field == DA_FIELD_ID_NUMBER)
        claim_id(page, label->label->field, glyphs, TRUE);
    else if (da_field_is_date(label->label->field))
        claim_date(page, label, glyphs);
    else
        claim_name(page, label, glyphs);
}

#define BEFORE_CHARACTERS 24u /* of a sentence are looked at before a label */
#define BETWEEN_DATE_AND_LABEL 6u

/* "1975年6月在厂入党": the last date before the label, in the same sentence. */
static void read_before(Page *page, const Found *label)
{
    const GArray *glyphs = row_at(page, label->row)->glyphs;
    guint from = label->from;
    if (label->whole || row_at(page, label->row)->vertical)
        return;
    while (from > 0 && label->from - from < BEFORE_CHARACTERS &&
           !g_utf8_strchr("，。；,;!！?？:", -1, g_array_index(glyphs, DaGlyph, from - 1).c))
        from--;
    g_autofree char *text = da_glyphs_text(glyphs, from, label->from);
    DaWrittenDate date;
    if (!da_written_date_find(text, page->book->two_digit_years_from, &date))
        return;
    guint begin = from + glyph_of_byte(text, date.from), end = from + glyph_of_byte(text, date.to);
    if (label->from - end <= BETWEEN_DATE_AND_LABEL && begin - from <= BETWEEN_DATE_AND_LABEL)
        add_claim(page, label->label->field, glyphs, begin, end, &date);
}

static void read_between(Page *page, const Found *label)
{
    const GArray *glyphs = row_at(page, label->row)->glyphs;
    for (guint at = label->to; at < glyphs->len && at - label->to <= LONG_NAME_MAX; at++) {
        guint to;
        if (!stands_at(glyphs, at, label->label->until, &to, G_MAXUINT))
            continue;
        g_autoptr(GArray) value = g_array_new(FALSE, FALSE, sizeof(DaGlyph));
        if (at > label->to)
            g_array_append_vals(value, &g_array_index(glyphs, DaGlyph, label->to), at - label->to);
        if (da_field_is_date(label->label->field))
            claim_date(page, label, value);
        else
            claim_name(page, label, value);
        return;
    }
}

static void read_label(Page *page, const Found *label)
{
    if (label->label->kind != DA_LABEL_FIELD || is_about_relatives(page, label))
        return;
    if (label->label->place == DA_LABEL_BEFORE)
        read_before(page, label);
    else if (label->label->place == DA_LABEL_BETWEEN)
        read_between(page, label);
    else
        read_beside(page, label);
}

static gboolean has_claim(const GPtrArray *claims, DaField field)
{
    for (guint i = 0; i < claims->len; i++)
        if (((const DaClaim *)claims->pdata[i])->field == field)
            return TRUE;
    return FALSE;
}

/* A right number says itself what it is. */
static void find_bare_ids(Page *page)
{
    for (guint r = 0; r < page->rows->len && !has_claim(page->claims, DA_FIELD_ID_NUMBER); r++) {
        const GArray *glyphs = row_at(page, r)->glyphs;
        for (guint at = 0; at + 18 <= glyphs->len; at++) {
            g_autofree char *text = da_glyphs_text(glyphs, at, at + 18);
            if (da_id_number_check(text) == DA_IDENTITY_OK) {
                add_claim(page, DA_FIELD_ID_NUMBER, glyphs, at, at + 18, NULL);
                break;
            }
        }
    }
}

void da_fields_find(GPtrArray *claims, const GPtrArray *rows, guint width_px,
                    const DaFormBook *book)
{
    g_autoptr(GArray) found = g_array_new(FALSE, TRUE, sizeof(Found));
    g_autofree guint8 *used = g_new0(guint8, rows->len + 1);
    Page page = {.rows = rows,
                 .book = book,
                 .width_px = width_px,
                 .found = found,
                 .used = used,
                 .claims = claims};
    find_labels(&page);
    for (guint i = 0; i < found->len; i++)
        read_label(&page, &g_array_index(found, Found, i));
    find_bare_ids(&page);
}
