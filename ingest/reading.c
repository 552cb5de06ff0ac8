#include <dangan/reading.h>

#include <dangan/inspect.h>
#include <dangan/upright.h>

typedef struct {
    DaUpright upright;
    double width_px, height_px;
} Back;

static void map_line(DaLine *line, const Back *back)
{
    for (guint i = 0; i < 4; i++)
        da_upright_unmap(&back->upright, back->width_px, back->height_px, &line->quad[i][0],
                         &line->quad[i][1]);
}

static void map_word(DaWord *word, const Back *back)
{
    double left = G_MAXDOUBLE, top = G_MAXDOUBLE, right = -G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
    for (guint i = 0; i < 4; i++) {
        double x = word->x_px + (i & 1 ? word->w_px : 0), y = word->y_px + (i & 2 ? word->h_px : 0);
        da_upright_unmap(&back->upright, back->width_px, back->height_px, &x, &y);
        left = MIN(left, x);
        right = MAX(right, x);
        top = MIN(top, y);
        bottom = MAX(bottom, y);
    }
    word->x_px = left;
    word->y_px = top;
    word->w_px = right - left;
    word->h_px = bottom - top;
}

static void map_back(DaPageText *text, const Back *back)
{
    text->width_px = (guint)back->width_px;
    text->height_px = (guint)back->height_px;
    for (guint i = 0; i < text->lines->len; i++) {
        DaLine *line = g_ptr_array_index(text->lines, i);
        map_line(line, back);
        for (guint k = 0; k < line->words->len; k++)
            map_word(g_ptr_array_index(line->words, k), back);
    }
}

DaPageText *da_reading_of_scan(Pix *pix, guint dpi, DaRecognizer *recognizer, GError **error)
{
    DaInspection inspection = {0};
    Back back = {.width_px = pixGetWidth(pix), .height_px = pixGetHeight(pix)};
    if (!da_inspect_page(pix, dpi, recognizer, &inspection, error))
        return NULL;
    if (inspection.measure.blank)
        return da_page_text_new((guint)back.width_px, (guint)back.height_px, "none");
    back.upright = (DaUpright){.turn_cw_deg = inspection.turn_cw_deg,
                               .skew_cw_deg = inspection.measure.skew_cw_deg};
    g_autoptr(Pix) level = da_upright_apply(pix, &back.upright, error);
    g_autoptr(DaPageText) text = level ? da_recognizer_read(recognizer, level, dpi, error) : NULL;
    if (!text)
        return NULL;
    map_back(text, &back);
    return g_steal_pointer(&text);
}
