#include "lines.h"
#include "transcribe.h"

#include <math.h>
#include <string.h>

/* Marks at the ends of lines that are there have at least this confidence. */
#define SURE_OF_MARK 0.6
#define SURE_ON_SEAL 0.6
/* Of the ring, on either side of its lowest point. */
#define RING_FREE 0.05

gboolean da_is_han(const char *text)
{
    return g_unichar_get_script(g_utf8_get_char(text)) == G_UNICODE_SCRIPT_HAN;
}

static const DaCharacter *character(const GArray *characters, guint i)
{
    return &g_array_index(characters, DaCharacter, i);
}

/* Rulings look like dots, dashes and bars, hardly like brackets. */
static gboolean is_doubtful(const DaCharacter *seen)
{
    gunichar c = g_utf8_get_char(seen->text);
    GUnicodeType type = g_unichar_type(c);
    return !g_unichar_isalnum(c) && type != G_UNICODE_OPEN_PUNCTUATION &&
           type != G_UNICODE_CLOSE_PUNCTUATION && seen->confidence < SURE_OF_MARK;
}

/* On a seal there are no marks; and its text leaves the lowest part of the ring free. */
static gboolean is_doubtful_on_seal(const DaCharacter *seen)
{
    double middle = (seen->from + seen->to) / 2;
    gboolean is_mark = !g_unichar_isalnum(g_utf8_get_char(seen->text));
    return is_mark || seen->confidence < SURE_ON_SEAL || middle < RING_FREE ||
           middle > 1 - RING_FREE;
}

static void trim(GArray *characters, gboolean (*drops)(const DaCharacter *))
{
    guint first = 0;
    while (characters->len > 0 && drops(character(characters, characters->len - 1)))
        g_array_set_size(characters, characters->len - 1);
    while (first < characters->len && drops(character(characters, first)))
        first++;
    if (first > 0)
        g_array_remove_range(characters, 0, first);
}

/* Writing that shines through is mirrored; the recognizer takes it for hatching. */
static gboolean is_hatching(const DaCharacter *seen)
{
    return *seen->text == '#' && seen->confidence < SURE_OF_MARK;
}

void da_characters_tidy(GArray *characters)
{
    for (guint i = characters->len; i > 0; i--)
        if (is_hatching(character(characters, i - 1)))
            g_array_remove_index(characters, i - 1);
    trim(characters, is_doubtful);
}

void da_characters_tidy_seal(GArray *characters)
{
    trim(characters, is_doubtful_on_seal);
}

/* Paper between two characters that is wider than this, in heights of the line, divides it. */
#define PART_GAP 1.5

/* --- words ------------------------------------------------------------------------------------------------------------ */

static gboolean is_letter(const char *text)
{
    return g_unichar_isalnum(g_utf8_get_char(text)) && !da_is_han(text);
}

/* Han characters are words of their own, as far as places go; letters and digits stay together. */
static guint word_length(const GArray *characters, guint first)
{
    guint n = 1;
    while (is_letter(character(characters, first)->text) && first + n < characters->len &&
           is_letter(character(characters, first + n)->text))
        n++;
    return n;
}

static void set_box(DaWord *word, const DaQuad *quad)
{
    double box[4] = {G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE, -G_MAXDOUBLE};
    for (int i = 0; i < 4; i++) {
        box[0] = MIN(box[0], quad->corner[i][0]);
        box[1] = MIN(box[1], quad->corner[i][1]);
        box[2] = MAX(box[2], quad->corner[i][0]);
        box[3] = MAX(box[3], quad->corner[i][1]);
    }
    word->x_px = box[0];
    word->y_px = box[1];
    word->w_px = box[2] - box[0];
    word->h_px = box[3] - box[1];
}

static void add_word(DaLine *line, const GArray *characters, guint first, guint n,
                     const DaQuad *place)
{
    g_autoptr(GString) text = g_string_new(NULL);
    double confidence = 0;
    for (guint i = first; i < first + n; i++) {
        g_string_append(text, character(characters, i)->text);
        confidence += character(characters, i)->confidence;
    }
    DaWord *word = da_line_add_word(line);
    set_box(word, place);
    word->confidence = confidence / n;
    word->text = g_string_free(g_steal_pointer(&text), FALSE);
}

/* --- lines ------------------------------------------------------------------------------------------------------------ */

static DaLine *add_line(DaPageText *page, const GArray *characters)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < characters->len; i++)
        g_string_append(text, character(characters, i)->text);
    g_autofree char *joined = da_text_join_han(text->str);
    if (!*joined)
        return NULL;
    DaLine *line = da_page_text_add(page);
    line->text = g_steal_pointer(&joined);
    line->confidence = da_characters_confidence(characters);
    return line;
}

DaLine *da_lines_add(DaPageText *page, const DaQuad *quad, const GArray *characters)
{
    DaLine *line = add_line(page, characters);
    for (guint i = 0, n; line != NULL && i < characters->len; i += n) {
        n = word_length(characters, i);
        DaQuad place = da_quad_part(quad, character(characters, i)->from,
                                    character(characters, i + n - 1)->to);
        if (*character(characters, i)->text != ' ')
            add_word(line, characters, i, n, &place);
    }
    if (line == NULL)
        return NULL;
    DaQuad taken = da_quad_part(quad, character(characters, 0)->from,
                                character(characters, characters->len - 1)->to);
    memcpy(line->quad, taken.corner, sizeof line->quad);
    return line;
}

void da_lines_add_parts(DaPageText *page, const DaQuad *quad, const GArray *characters)
{
    double gap = PART_GAP * da_quad_height(quad) / fmax(1, da_quad_width(quad));
    for (guint first = 0, end; first < characters->len; first = end) {
        g_autoptr(GArray) part = g_array_new(FALSE, FALSE, sizeof(DaCharacter));
        for (end = first; end < characters->len; end++) {
            if (end > first &&
                character(characters, end)->from - character(characters, end - 1)->to > gap)
                break;
            g_array_append_val(part, *character(characters, end));
        }
        da_characters_tidy(part);
        da_lines_add(page, quad, part);
    }
}

static const DaQuad *cell_of(const GArray *cells, const DaCharacter *seen)
{
    guint at = (guint)((seen->from + seen->to) / 2 * cells->len);
    return &g_array_index(cells, DaQuad, MIN(at, cells->len - 1));
}

DaLine *da_lines_add_column(DaPageText *page, const GArray *cells, const GArray *characters)
{
    DaLine *line = add_line(page, characters);
    if (line == NULL)
        return NULL;
    for (guint i = 0; i < characters->len; i++)
        if (*character(characters, i)->text != ' ')
            add_word(line, characters, i, 1, cell_of(cells, character(characters, i)));
    double left = G_MAXDOUBLE, right = 0;
    for (guint i = 0; i < cells->len; i++) {
        left = MIN(left, g_array_index(cells, DaQuad, i).corner[0][0]);
        right = MAX(right, g_array_index(cells, DaQuad, i).corner[1][0]);
    }
    DaQuad whole = da_quad_of_box(left, g_array_index(cells, DaQuad, 0).corner[0][1], right,
                                  g_array_index(cells, DaQuad, cells->len - 1).corner[3][1]);
    memcpy(line->quad, whole.corner, sizeof line->quad);
    line->vertical = TRUE;
    return line;
}

DaLine *da_lines_add_seal(DaPageText *page, const DaSeal *seal, const GArray *characters)
{
    DaLine *line = add_line(page, characters);
    if (line == NULL)
        return NULL;
    for (guint i = 0; i < characters->len; i++) {
        const DaCharacter *seen = character(characters, i);
        DaQuad place = da_seal_place(seal, seen->from, seen->to);
        if (*seen->text != ' ')
            add_word(line, characters, i, 1, &place);
    }
    double r = seal->radius;
    DaQuad whole = da_quad_of_box(seal->x - r, seal->y - r, seal->x + r, seal->y + r);
    memcpy(line->quad, whole.corner, sizeof line->quad);
    line->kind = DA_LINE_SEAL;
    return line;
}

void da_lines_drop_in(DaPageText *page, const DaQuad *quad)
{
    for (guint i = page->lines->len; i > 0; i--) {
        const DaLine *line = page->lines->pdata[i - 1];
        double x = (line->quad[0][0] + line->quad[2][0]) / 2;
        double y = (line->quad[0][1] + line->quad[2][1]) / 2;
        if (line->kind == DA_LINE_TEXT && x > quad->corner[0][0] && x < quad->corner[2][0] &&
            y > quad->corner[0][1] && y < quad->corner[2][1])
            g_ptr_array_remove_index(page->lines, i - 1);
    }
}

/* --- order ------------------------------------------------------------------------------------------------------------ */

static gboolean is_seal(const DaLine *line)
{
    return line->kind == DA_LINE_SEAL;
}

static double middle_y(const DaLine *line)
{
    return (line->quad[0][1] + line->quad[2][1]) / 2;
}

/* A column is read where it begins. */
static double row_y(const DaLine *line)
{
    return line->vertical ? line->quad[0][1] : middle_y(line);
}

static gint by_row(gconstpointer a, gconstpointer b)
{
    gboolean one = is_seal(*(DaLine *const *)a), other = is_seal(*(DaLine *const *)b);
    if (one != other)
        return one ? 1 : -1;
    double first = row_y(*(DaLine *const *)a), second = row_y(*(DaLine *const *)b);
    return first < second ? -1 : first > second;
}

static gint by_left(gconstpointer a, gconstpointer b)
{
    double first = (*(DaLine *const *)a)->quad[0][0], second = (*(DaLine *const *)b)->quad[0][0];
    return first < second ? -1 : first > second;
}

/* A line belongs to the row whose first line's middle it overlaps. */
void da_lines_sort(GPtrArray *lines)
{
    g_ptr_array_sort(lines, by_row);
    for (guint first = 0, end; first < lines->len; first = end) {
        const DaLine *top = lines->pdata[first];
        double half =
            top->vertical ? top->quad[1][0] - top->quad[0][0] : top->quad[3][1] - top->quad[0][1];
        for (end = first + 1; end < lines->len; end++)
            if (is_seal(lines->pdata[end]) != is_seal(top) ||
                row_y(lines->pdata[end]) - row_y(top) > half / 2)
                break;
        qsort(lines->pdata + first, end - first, sizeof(gpointer), by_left);
    }
}
