#include <dangan/paper.h>

#include <math.h>
#include <stddef.h>

#define MM_PER_INCH 25.4
/* Old sheets were cut by hand and shrink: 5 mm are seen on dossier forms. */
#define TOLERANCE_MM 6.0
/* No sheet of a dossier is as large (A2) or as small (half an A7): then the header's resolution is wrong. */
#define MAX_SIDE_MM 600.0
#define MIN_SIDE_MM 37.0
/* What programs write when they do not know; no scanner of records works as coarse. */
#define MIN_HONEST_DPI 100

/* Source: ISO 216 (A, B), GB/T 148-1997 and the trade sizes of 787 x 1092 mm paper (开). */
static const struct {
    const char *name;
    double shorter_mm, longer_mm;
} papers[] = {
    {"A3", 297, 420},     {"A4", 210, 297},    {"A5", 148, 210},     {"A6", 105, 148},
    {"B4", 250, 353},     {"B5", 176, 250},    {"JIS B4", 257, 364}, {"JIS B5", 182, 257},
    {"8开", 260, 368},    {"大8开", 285, 420}, {"16开", 184, 260},   {"32开", 130, 184},
    {"Letter", 216, 279},
};

const char *da_paper_name(double width_mm, double height_mm)
{
    const char *best = NULL;
    double least = TOLERANCE_MM, shorter = MIN(width_mm, height_mm),
           longer = MAX(width_mm, height_mm);
    for (gsize i = 0; i < G_N_ELEMENTS(papers); i++) {
        double off = MAX(fabs(shorter - papers[i].shorter_mm), fabs(longer - papers[i].longer_mm));
        if (off >= least)
            continue;
        least = off;
        best = papers[i].name;
    }
    return best;
}

guint da_paper_likely_dpi(double width_px, double height_px, guint dpi)
{
    static const guint usual[] = {300, 200, 400, 600, 150, 240, 100, 1200};
    double longer = MAX(width_px, height_px) / dpi * MM_PER_INCH;
    if (dpi >= MIN_HONEST_DPI && longer <= MAX_SIDE_MM && longer >= MIN_SIDE_MM)
        return dpi;
    for (gsize i = 0; i < G_N_ELEMENTS(usual); i++) {
        double mm = MM_PER_INCH / usual[i];
        if (da_paper_name(width_px * mm, height_px * mm) != NULL)
            return usual[i];
    }
    return longer <= MAX_SIDE_MM && longer >= MIN_SIDE_MM ? dpi : 0;
}
