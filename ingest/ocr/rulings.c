#include "rulings.h"

/* Shorter runs are strokes of large characters; measured on dossier forms: titles are up to 8 mm high. */
#define RULING_MM 12.0
/* A ruling is thinner than this; what is thicker is a bar or a picture. */
#define THICK_MM 1.2

static int to_px(double mm, guint dpi)
{
    return MAX(1, (int)(mm / 25.4 * dpi + 0.5));
}

/* Long straight runs in one direction, widened to their ragged edges. */
static Pix *find_rulings(Pix *page, int length, int thick, gboolean across)
{
    g_autoptr(Pix) runs = pixOpenCompBrick(NULL, page, across ? length : 1, across ? 1 : length);
    if (runs == NULL)
        return NULL;
    /* Bars and pictures survive an opening across the line; they are no rulings. */
    g_autoptr(Pix) solid = pixOpenBrick(NULL, runs, across ? 1 : thick, across ? thick : 1);
    if (solid == NULL)
        return NULL;
    pixSubtract(runs, runs, solid);
    return pixDilateBrick(NULL, runs, across ? 5 : 3, across ? 3 : 5);
}

/* What a ruling covered comes back where strokes enter it from both sides. */
static gboolean mend(Pix *rest, Pix *page, Pix *rulings, gboolean across)
{
    g_autoptr(Pix) closed = pixCloseSafeBrick(NULL, rest, across ? 1 : 7, across ? 7 : 1);
    if (closed == NULL)
        return FALSE;
    pixAnd(closed, closed, rulings);
    pixAnd(closed, closed, page);
    pixOr(rest, rest, closed);
    return TRUE;
}

Pix *da_rulings_remove(Pix *page, guint dpi)
{
    int length = to_px(RULING_MM, dpi), thick = to_px(THICK_MM, dpi);
    g_autoptr(Pix) rows = find_rulings(page, length, thick, TRUE);
    g_autoptr(Pix) columns = find_rulings(page, length, thick, FALSE);
    g_autoptr(Pix) rest = rows && columns ? pixSubtract(NULL, page, rows) : NULL;
    if (rest == NULL || pixSubtract(rest, rest, columns) == NULL)
        return NULL;
    if (!mend(rest, page, rows, TRUE) || !mend(rest, page, columns, FALSE))
        return NULL;
    return g_steal_pointer(&rest);
}
