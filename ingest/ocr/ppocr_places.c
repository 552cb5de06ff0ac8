#include "column.h"
#include "lines.h"
#include "ppocr.h"

#include <math.h>

/* Taller than wide by this: a column, or a thin character. */
#define TALL 1.5
/* The network looks at a strip every few px: narrow digits and what is written close need more of them than the shape of the line gives. */
#define WIDEN 1.3
#define SURE 0.8

static GArray *transcribe_at(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, double widen,
                             GError **error)
{
    g_autoptr(Pix) strip =
        da_quad_cut_wide(quad, grey, widen, DA_STRIP_HEIGHT_PX, DA_STRIP_MAX_WIDTH_PX);
    GArray *characters =
        strip ? da_transcribe(ppocr->transcriber, strip, widen * DA_STRIP_CHARACTER_PX, error)
              : NULL;
    if (characters != NULL)
        da_characters_tidy(characters);
    return characters;
}

/* How probable a reading is, by the character; one doubtful character weighs more here than in the mean. */
static double likelihood(const GArray *characters)
{
    double sum = 0;
    for (guint i = 0; i < characters->len; i++)
        sum += log(fmax(g_array_index(characters, DaCharacter, i).confidence, 1e-6));
    return characters->len > 0 ? exp(sum / characters->len) : 0;
}

/* What the recognizer is not sure of is read once more in the line's own shape; the more probable reading counts. */
GArray *da_ppocr_transcribe(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, GError **error)
{
    g_autoptr(GArray) wide = transcribe_at(ppocr, grey, quad, WIDEN, error);
    if (wide == NULL || da_characters_confidence(wide) >= SURE)
        return g_steal_pointer(&wide);
    g_autoptr(GArray) shaped = transcribe_at(ppocr, grey, quad, 1, error);
    if (shaped == NULL || likelihood(shaped) > likelihood(wide))
        return g_steal_pointer(&shaped);
    return g_steal_pointer(&wide);
}

GArray *da_ppocr_transcribe_cells(const DaPpocr *ppocr, Pix *grey, const GArray *cells,
                                  GError **error)
{
    g_autoptr(Pix) strip = da_column_strip(grey, cells);
    return strip ? da_transcribe(ppocr->transcriber, strip, DA_STRIP_CHARACTER_PX, error) : NULL;
}

gboolean da_ppocr_all_han(const GArray *characters)
{
    for (guint i = 0; i < characters->len; i++)
        if (!da_is_han(g_array_index(characters, DaCharacter, i).text))
            return FALSE;
    return TRUE;
}

/* How far apart characters of columns stand: set close, as usual, spaced out. */
static const double pitches[] = {1.0, 1.25, 1.7};

typedef struct {
    GArray *cells, *characters;
    double confidence;
} Column;

static void column_clear(Column *column)
{
    g_clear_pointer(&column->cells, g_array_unref);
    g_clear_pointer(&column->characters, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Column, column_clear)

/* Takes a reading that the recognizer is surer of, with as many characters as there are cells. */
static gboolean try_pitch(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, double pitch,
                          Column *best, GError **error)
{
    g_autoptr(GArray) cells = da_column_cells(grey, quad, pitch);
    if (cells->len < 2 || (best->cells && best->cells->len == cells->len))
        return TRUE;
    g_autoptr(GArray) characters = da_ppocr_transcribe_cells(ppocr, grey, cells, error);
    if (characters == NULL)
        return FALSE;
    double confidence = da_characters_confidence(characters);
    if (characters->len != cells->len || confidence <= best->confidence)
        return TRUE;
    column_clear(best);
    *best = (Column){g_steal_pointer(&cells), g_steal_pointer(&characters), confidence};
    return TRUE;
}

/* A tall place is read both as it stands and as a column; what the recognizer is surer of counts. */
static gboolean read_tall(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, DaPageText *text,
                          GError **error)
{
    g_autoptr(GArray) standing = da_ppocr_transcribe(ppocr, grey, quad, error);
    if (standing == NULL)
        return FALSE;
    g_auto(Column) column = {.confidence = da_characters_confidence(standing)};
    for (guint i = 0; i < G_N_ELEMENTS(pitches); i++)
        if (!try_pitch(ppocr, grey, quad, pitches[i], &column, error))
            return FALSE;
    if (column.cells != NULL)
        da_lines_add_column(text, column.cells, column.characters);
    else
        da_lines_add(text, quad, standing);
    return TRUE;
}

static gboolean read_place(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, DaPageText *text,
                           GError **error)
{
    if (da_quad_height(quad) > TALL * da_quad_width(quad))
        return read_tall(ppocr, grey, quad, text, error);
    g_autoptr(GArray) characters = da_ppocr_transcribe(ppocr, grey, quad, error);
    if (characters == NULL)
        return FALSE;
    da_lines_add_parts(text, quad, characters);
    return TRUE;
}

/* Reads characters that stand below each other as one column if that gives a Han character each; else they stay apart. */
static gboolean read_column(const DaPpocr *ppocr, Pix *grey, const GArray *places,
                            const GArray *column, DaPageText *text, gboolean *done, GError **error)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(DaQuad));
    for (guint i = 0; i < column->len; i++)
        g_array_append_val(
            cells, g_array_index(places, DaTextPlace, g_array_index(column, guint, i)).quad);
    g_autoptr(GArray) characters = da_ppocr_transcribe_cells(ppocr, grey, cells, error);
    if (characters == NULL)
        return FALSE;
    gboolean is_column = characters->len == cells->len && da_ppocr_all_han(characters);
    if (is_column)
        da_lines_add_column(text, cells, characters);
    for (guint i = 0; is_column && i < column->len; i++)
        done[g_array_index(column, guint, i)] = TRUE;
    return TRUE;
}

gboolean da_ppocr_read_places(const DaPpocr *ppocr, Pix *grey, const GArray *places,
                              DaPageText *text, GError **error)
{
    g_autofree gboolean *done = g_new0(gboolean, places->len + 1);
    g_autoptr(GPtrArray) columns = da_columns_find(grey, places);
    for (guint i = 0; i < columns->len; i++)
        if (!read_column(ppocr, grey, places, columns->pdata[i], text, done, error))
            return FALSE;
    for (guint i = 0; i < places->len; i++)
        if (!done[i] &&
            !read_place(ppocr, grey, &g_array_index(places, DaTextPlace, i).quad, text, error))
            return FALSE;
    return TRUE;
}
