#include "pdf_page.h"

#include "text_box.h"

#include <math.h>
#include <string.h>

#define POINTS_PER_INCH 72.0
#define DEFAULT_DPI 300u
/* A part of a line that is narrower than this share of its height is counted to the part before it. */
#define NARROWEST 0.1

static void put_numbers(GString *content, const double *value, guint n, const char *operator)
{
    char buffer[DA_PDF_NUMBER];
    for (guint i = 0; i < n; i++)
        g_string_append_printf(content, "%s ", da_pdf_number(value[i], buffer));
    g_string_append_printf(content, "%s\n", operator);
}

DaPdfSize da_pdf_page_size(const DaImageInfo *info, guint dpi)
{
    gboolean sideways = info->exif_orientation >= 5;
    double scale = POINTS_PER_INCH / (dpi ? dpi : DEFAULT_DPI);
    return (DaPdfSize){(sideways ? info->height_px : info->width_px) * scale,
                       (sideways ? info->width_px : info->height_px) * scale};
}

/* Where the unit square of the image goes, for each orientation. Source: EXIF 2.3 §4.6.4 (Orientation). */
void da_pdf_draw_image(GString *content, const DaImageInfo *info, DaPdfSize size)
{
    const double w = size.width_pt, h = size.height_pt;
    const double matrix[8][6] = {
        {w, 0, 0, h, 0, 0},   {-w, 0, 0, h, w, 0}, {-w, 0, 0, -h, w, h}, {w, 0, 0, -h, 0, h},
        {0, -h, -w, 0, w, h}, {0, -h, w, 0, 0, h}, {0, h, w, 0, 0, 0},   {0, h, -w, 0, w, 0},
    };
    guint orientation = CLAMP(info->exif_orientation, 1u, 8u);
    g_string_append(content, "q\n");
    put_numbers(content, matrix[orientation - 1], 6, "cm");
    g_string_append(content, "/I0 Do\nQ\n");
}

/* --- one line --------------------------------------------------------------------------------------------------------------- */

/* A line in points: where it begins, which way it runs, how long and how high it is. */
typedef struct {
    double x, y;         /* lower left corner of its box */
    double cosine, sine; /* of its direction */
    double length, height;
} Run;

/* Characters that share a stretch of the line. */
typedef struct {
    GString *hex;
    guint width;  /* natural, in 1/1000 of the font size */
    double start; /* along the line, in points */
} Part;

static gboolean run_of(const DaLine *line, double scale_x, double scale_y, double height_pt,
                       Run *run)
{
    DaBox box = da_box_of_quad(line->quad);
    const double(*quad)[2] = line->quad;
    if (line->vertical && box.bottom - box.top > box.right - box.left) {
        *run = (Run){.x = box.left * scale_x,
                     .y = height_pt - box.top * scale_y,
                     .cosine = 0,
                     .sine = -1,
                     .length = (box.bottom - box.top) * scale_y,
                     .height = (box.right - box.left) * scale_x};
        return run->height > 0;
    }
    double dx = (quad[2][0] - quad[3][0]) * scale_x, dy = (quad[2][1] - quad[3][1]) * scale_y;
    double length = hypot(dx, dy);
    double height = hypot((quad[3][0] - quad[0][0]) * scale_x, (quad[3][1] - quad[0][1]) * scale_y);
    if (!(length > 0) || !(height > 0))
        return FALSE;
    *run = (Run){.x = quad[3][0] * scale_x,
                 .y = height_pt - quad[3][1] * scale_y,
                 .cosine = dx / length,
                 .sine = -dy / length,
                 .length = length,
                 .height = height};
    return TRUE;
}

/* Where a word begins along its line. */
static double start_of(const DaWord *word, const DaLine *line, double scale_x, double scale_y)
{
    DaBox box = da_box_of_quad(line->quad);
    if (line->vertical && box.bottom - box.top > box.right - box.left)
        return (word->y_px - box.top) * scale_y;
    return (word->x_px - line->quad[3][0]) * scale_x;
}

static Part *add_part(GArray *parts, double start)
{
    Part part = {.hex = g_string_new(NULL), .start = start};
    g_array_append_val(parts, part);
    return &g_array_index(parts, Part, parts->len - 1);
}

static void part_clear(gpointer data)
{
    g_string_free(((Part *)data)->hex, TRUE);
}

/* TRUE when the words, one after the other, are the text but for spaces. */
static gboolean words_are_text(const DaLine *line)
{
    g_autoptr(GString) words = g_string_new(NULL), text = g_string_new(NULL);
    for (guint i = 0; i < line->words->len; i++)
        g_string_append(words, ((const DaWord *)line->words->pdata[i])->text);
    for (const char *p = words->str; *p; p++)
        if (*p == ' ')
            return FALSE;
    for (const char *p = line->text; *p; p++)
        if (*p != ' ')
            g_string_append_c(text, *p);
    return line->words->len > 0 && g_string_equal(words, text);
}

/* The line in parts: a word reaches to the beginning of the next one, so that there is no gap that a reader would take for a space. */
static void split_line(const DaLine *line, DaPdfFont *font, const Run *run, double scale_x,
                       double scale_y, GArray *parts)
{
    gboolean by_word = words_are_text(line);
    guint next_word = 0;
    const char *word_end = NULL; /* in the text of the line */
    Part *part = add_part(parts, 0);
    for (const char *p = line->text; *p; p = g_utf8_next_char(p)) {
        gboolean begins = by_word && *p != ' ' && (!word_end || p >= word_end);
        if (begins && next_word < line->words->len) {
            const DaWord *word = line->words->pdata[next_word++];
            double start = start_of(word, line, scale_x, scale_y);
            if (part->width && start > part->start + NARROWEST * run->height &&
                start < run->length - NARROWEST * run->height)
                part = add_part(parts, start);
            word_end = p + strlen(word->text);
        }
        part->width += da_pdf_font_add(font, g_utf8_get_char(p), part->hex);
    }
}

static void draw_parts(GString *content, const GArray *parts, const Run *run)
{
    for (guint i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);
        double end = i + 1 < parts->len ? g_array_index(parts, Part, i + 1).start : run->length;
        double natural = part->width * run->height / 1000;
        if (!part->width)
            continue;
        put_numbers(content, (double[]){100 * (end - part->start) / natural}, 1, "Tz");
        g_string_append_printf(content, "<%s> Tj\n", part->hex->str);
    }
}

static void draw_line(GString *content, DaPdfFont *font, const DaLine *line, double scale_x,
                      double scale_y, double height_pt)
{
    Run run;
    if (!*line->text || !run_of(line, scale_x, scale_y, height_pt, &run))
        return;
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(parts, part_clear);
    split_line(line, font, &run, scale_x, scale_y, parts);
    double rise = run.height * DA_PDF_DESCENT / 1000;
    double matrix[6] = {run.cosine,
                        run.sine,
                        -run.sine,
                        run.cosine,
                        run.x - run.sine * rise,
                        run.y + run.cosine * rise};
    char size[DA_PDF_NUMBER];
    g_string_append_printf(content, "BT\n3 Tr\n/F0 %s Tf\n", da_pdf_number(run.height, size));
    put_numbers(content, matrix, 6, "Tm");
    draw_parts(content, parts, &run);
    g_string_append(content, "ET\n");
}

void da_pdf_draw_text(GString *content, DaPdfFont *font, const DaPageText *text, DaPdfSize size)
{
    if (!text->width_px || !text->height_px)
        return;
    double scale_x = size.width_pt / text->width_px, scale_y = size.height_pt / text->height_px;
    for (guint i = 0; i < text->lines->len; i++)
        draw_line(content, font, text->lines->pdata[i], scale_x, scale_y, size.height_pt);
}
