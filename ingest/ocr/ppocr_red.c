#include "lines.h"
#include "ppocr.h"
#include "red.h"

#include <math.h>

/* Seals are worn and crossed by strokes; what is read with less confidence is rather a pattern than text. */
#define SURE_OF_SEAL 0.6
/* Stamped words stand alone; arcs of seals that were not told apart look like some. */
#define SURE_OF_STAMP 0.85
/* A red head stands in the upper part of a page and is long. */
#define SURE_OF_HEAD 0.5
#define HEAD_SHARE 0.4
#define HEAD_SHAPE 2.5
/* Red heads are large, and there is little else. */
#define DETECTOR_PX 960

static guint count_letters(const GArray *characters)
{
    guint n = 0;
    for (guint i = 0; i < characters->len; i++)
        n += g_unichar_isalnum(g_utf8_get_char(g_array_index(characters, DaCharacter, i).text));
    return n;
}

static gboolean read_round_seal(const DaPpocr *ppocr, Pix *layer, const DaSeal *seal,
                                DaPageText *text, GError **error)
{
    g_autoptr(Pix) strip = da_seal_unroll(layer, seal, DA_STRIP_HEIGHT_PX);
    g_autoptr(GArray) characters =
        strip ? da_transcribe(ppocr->transcriber, strip, DA_STRIP_CHARACTER_PX, error) : NULL;
    if (characters == NULL)
        return FALSE;
    da_characters_tidy_seal(characters);
    if (da_characters_confidence(characters) >= SURE_OF_SEAL)
        da_lines_add_seal(text, seal, characters);
    return TRUE;
}

static gboolean read_square_seal(const DaPpocr *ppocr, Pix *layer, const DaSeal *seal,
                                 DaPageText *text, GError **error)
{
    g_autoptr(GArray) cells = da_seal_cells(seal);
    g_autoptr(GArray) characters = da_ppocr_transcribe_cells(ppocr, layer, cells, error);
    if (characters == NULL)
        return FALSE;
    if (characters->len != cells->len || !da_ppocr_all_han(characters) ||
        da_characters_confidence(characters) < SURE_OF_SEAL)
        return TRUE;
    da_lines_add_column(text, cells, characters)->kind = DA_LINE_SEAL;
    return TRUE;
}

static gboolean read_seals(const DaPpocr *ppocr, Pix *layer, const GArray *seals, DaPageText *text,
                           GError **error)
{
    for (guint i = 0; i < seals->len; i++) {
        const DaSeal *seal = &g_array_index(seals, DaSeal, i);
        guint before = text->lines->len;
        if (!(seal->round ? read_round_seal : read_square_seal)(ppocr, layer, seal, text, error))
            return FALSE;
        if (seal->round || text->lines->len > before)
            da_seal_erase(layer, seal);
    }
    return TRUE;
}

static gboolean is_in_seal(const DaQuad *quad, const GArray *seals)
{
    double x, y;
    da_quad_point(quad, 0.5, 0.5, &x, &y);
    for (guint i = 0; i < seals->len; i++) {
        const DaSeal *seal = &g_array_index(seals, DaSeal, i);
        if (fabs(x - seal->x) < seal->radius && fabs(y - seal->y) < seal->radius)
            return TRUE;
    }
    return FALSE;
}

/* What is left when the text around the seals is read: text inside them, stamped words, red heads. */
static gboolean read_red_line(const DaPpocr *ppocr, Pix *layer, const GArray *seals,
                              const DaQuad *quad, DaPageText *text, GError **error)
{
    g_autoptr(GArray) characters = da_ppocr_transcribe(ppocr, layer, quad, error);
    if (characters == NULL)
        return FALSE;
    gboolean in_head = quad->corner[3][1] < HEAD_SHARE * pixGetHeight(layer) &&
                       da_quad_width(quad) > HEAD_SHAPE * da_quad_height(quad) &&
                       !is_in_seal(quad, seals);
    if (count_letters(characters) < 2 ||
        da_characters_confidence(characters) < (in_head ? SURE_OF_HEAD : SURE_OF_STAMP))
        return TRUE;
    if (in_head)
        da_lines_drop_in(text, quad);
    DaLine *line = da_lines_add(text, quad, characters);
    if (line != NULL)
        line->kind = in_head ? DA_LINE_RED_HEAD : DA_LINE_SEAL;
    return TRUE;
}

static gboolean read_red_lines(const DaPpocr *ppocr, Pix *layer, const GArray *seals,
                               DaPageText *text, GError **error)
{
    g_autoptr(GArray) places = da_detect_lines(ppocr->detector, layer, DETECTOR_PX, error);
    for (guint i = 0; places && i < places->len; i++)
        if (!read_red_line(ppocr, layer, seals, &g_array_index(places, DaTextPlace, i).quad, text,
                           error))
            return FALSE;
    return places != NULL;
}

gboolean da_ppocr_read_red(const DaPpocr *ppocr, Pix *pix, guint dpi, DaPageText *text,
                           GError **error)
{
    g_autoptr(Pix) layer = da_red_layer(pix, dpi);
    if (layer == NULL)
        return TRUE;
    g_autoptr(GArray) seals = da_red_find_seals(layer, dpi);
    return read_seals(ppocr, layer, seals, text, error) &&
           read_red_lines(ppocr, layer, seals, text, error);
}
