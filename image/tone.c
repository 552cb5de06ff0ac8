#include "tone.h"

#include <math.h>

/* As light as a fold or a stain, darker than the grain of paper: what the other side shows. */
#define FAINT_LEVEL 235
#define RED_EXCESS 40
/* A scanner's last step at either end. */
#define WHITE 254
#define BLACK 2
/* The paper is the lighter part of the sheet. */
#define PAPER_PART 0.80
/* Ink is the darker part of what characters are made of. */
#define INK_PART 0.25
#define MIN_INK_PX 400
/* Paper as dark as this is no paper that dossiers are written on (brown covers have 150 in red): too little light. */
#define MIN_PAPER 128
/* Too much light: paper is burnt out to white over this share of the sheet, and ink with it to a grey as light as this. */
#define BURNT_SHARE 0.40
#define BURNT_INK 90

/* The value below which `part` of what was counted lies. */
static double quantile(const guint *histogram, double part)
{
    guint64 count = 0, below = 0;
    for (guint i = 0; i < 256; i++)
        count += histogram[i];
    for (guint i = 0; i < 256 && count > 0; i++) {
        below += histogram[i];
        if ((double)below >= part * (double)count)
            return i;
    }
    return NAN;
}

/* Light of the px of characters. */
static double ink_grey(const DaPlane *plane, const DaContent *content)
{
    guint histogram[256] = {0}, count = 0;
    for (guint i = 0; i < content->ink->runs->len; i++) {
        const DaRun *run = &g_array_index(content->ink->runs, DaRun, i);
        if (g_array_index(content->ink_kind, DaKind, run->blob) != DA_KIND_GLYPH)
            continue;
        for (guint x = run->x0; x < run->x1; x++)
            histogram[plane->light[(gsize)run->y * plane->width + x]]++;
        count += (guint)(run->x1 - run->x0);
    }
    return count < MIN_INK_PX ? NAN : quantile(histogram, INK_PART);
}

static void judge_exposure(DaMeasure *measure)
{
    measure->exposure = DA_EXPOSURE_NORMAL;
    if (measure->paper_grey < MIN_PAPER)
        measure->exposure = DA_EXPOSURE_UNDER;
    else if (measure->white_share > BURNT_SHARE && measure->ink_grey > BURNT_INK)
        measure->exposure = DA_EXPOSURE_OVER;
}

void da_tone_measure(const DaPlane *plane, const DaContent *content, DaMeasure *measure)
{
    guint histogram[256] = {0};
    guint64 sum = 0, squares = 0, count = 0, red = 0, marks = 0, white = 0, black = 0;
    for (guint y = 0; y < plane->height; y++) {
        for (guint x = 0; x < plane->width; x++) {
            if (!da_plane_is_inside(plane, x, y))
                continue;
            gsize at = (gsize)y * plane->width + x;
            guint light = plane->light[at];
            histogram[light]++;
            sum += light;
            squares += light * light;
            count++;
            marks += plane->level[at] < FAINT_LEVEL;
            red += plane->red != NULL && plane->red[at] >= RED_EXCESS;
            white += light >= WHITE && (plane->blue == NULL || plane->blue[at] >= WHITE);
            black += light <= BLACK;
        }
    }
    double n = (double)MAX(1, count);
    double ink = (double)da_content_area(content, DA_KIND_GLYPH) +
                 da_content_area(content, DA_KIND_LINES) + da_content_area(content, DA_KIND_LINE) +
                 da_content_area(content, DA_KIND_SOLID);
    measure->mean_grey = (double)sum / n;
    measure->contrast = sqrt(MAX(0, (double)squares / n - measure->mean_grey * measure->mean_grey));
    measure->ink_share = ink / n;
    measure->red_share = (double)red / n;
    measure->show_through = MAX(0, (double)marks - ink) / n;
    measure->white_share = (double)white / n;
    measure->black_share = (double)black / n;
    measure->paper_grey = quantile(histogram, PAPER_PART);
    measure->ink_grey = ink_grey(plane, content);
    judge_exposure(measure);
}
