#include "form_text.h"

static double width_of(const char *text, int height)
{
    double width = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        width += g_unichar_iswide(g_utf8_get_char(p)) ? height : height / 2.0;
    return width;
}

void form_text_add(DaPageText *page, int x, int y, int height, const char *text, double confidence)
{
    DaLine *line = da_page_text_add(page);
    double right = x + width_of(text, height), bottom = y + height * 1.2;
    const double quad[4][2] = {{x, y}, {right, y}, {right, bottom}, {x, bottom}};
    for (guint i = 0; i < 4; i++)
        for (guint k = 0; k < 2; k++)
            line->quad[i][k] = quad[i][k];
    line->text = g_strdup(text);
    line->confidence = confidence;
}

DaPageText *form_text(const FormRow *rows)
{
    DaPageText *page = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "by hand");
    for (; rows->text; rows++)
        form_text_add(page, rows->x, rows->y, rows->height, rows->text, 0.95);
    return page;
}
