#include "content.h"

#include <math.h>
#include <string.h>

/* Levels are of paper = 255. A mark is darker than 82 % of the paper; shown-through print seldom is, even weak ink always. */
#define MARK_LEVEL 209
/* Ink: below 66 %. */
#define STRONG_LEVEL 168
/* … or a mark with an edge this steep from px to px: print seen through paper has none. */
#define STRONG_STEP 40
/* Seal ink on white and on yellowed paper, weak impressions included. */
#define RED_EXCESS 40

/* Ink is blue when blue, as light as it is on paper, exceeds red by this. */
#define BLUE_EXCESS 25
#define BLUE_PART 4
/* Every n-th px tells the colour of paper, which lies above FAINT_LEVEL. */
#define TINT_STEP 7
#define FAINT_LEVEL 235

/* Sizes in mm. */
#define DUST_MM 0.9
#define GLYPH_MM 14.0
#define SOLID_MM 6.0
#define SOLID_FILL 0.5
#define LINE_MM 1.2
#define HOLE_MIN_MM 3.5
#define HOLE_MAX_MM 9.0
#define HOLE_FILL 0.68 /* a disc fills 0.79 of its box */
#define HOLE_EDGE_MM 25.0
#define SEAL_MM 7.0
/* A blob is ink when this share of it is strong. */
#define STRONG_SHARE 0.12

/* Less than two or three characters of ink is no content. */
#define BLANK_GLYPHS 3
#define BLANK_MM2 4.0
#define BLANK_SEAL_MM2 12.0
#define BLANK_SOLID_MM2 60.0

static gboolean is_strong(const DaPlane *plane, gsize at, guint x, guint y)
{
    guint level = plane->level[at];
    if (level < STRONG_LEVEL)
        return TRUE;
    gboolean right = x + 1 < plane->width && plane->level[at + 1] >= level + STRONG_STEP;
    gboolean left = x > 0 && plane->level[at - 1] >= level + STRONG_STEP;
    gboolean down = y + 1 < plane->height && plane->level[at + plane->width] >= level + STRONG_STEP;
    gboolean up = y > 0 && plane->level[at - plane->width] >= level + STRONG_STEP;
    return right || left || down || up;
}

static DaBlobs *find_ink(const DaPlane *plane)
{
    g_autofree guint8 *mask = g_malloc0((gsize)plane->width * plane->height);
    for (guint y = 0; y < plane->height; y++) {
        for (guint x = 0; x < plane->width; x++) {
            gsize at = (gsize)y * plane->width + x;
            if (plane->level[at] < MARK_LEVEL)
                mask[at] = is_strong(plane, at, x, y) ? DA_MARK_STRONG : DA_MARK;
        }
    }
    return da_blobs_find(mask, plane->width, plane->height);
}

static DaBlobs *find_red(const DaPlane *plane)
{
    g_autofree guint8 *mask = g_malloc0((gsize)plane->width * plane->height);
    for (guint y = 0; plane->red != NULL && y < plane->height; y++) {
        for (guint x = 0; x < plane->width; x++) {
            gsize at = (gsize)y * plane->width + x;
            if (plane->red[at] >= RED_EXCESS && da_plane_is_inside(plane, x, y))
                mask[at] = DA_MARK_STRONG;
        }
    }
    return da_blobs_find(mask, plane->width, plane->height);
}

typedef struct {
    double width, height, longer, shorter, thickness,
        fill; /* mm; thickness as if it were one stroke */
} Shape;

static Shape shape_of(const DaBlob *blob, double px_per_mm)
{
    Shape s = {.width = (blob->x1 - blob->x0) / px_per_mm,
               .height = (blob->y1 - blob->y0) / px_per_mm};
    double area = blob->area_px / (px_per_mm * px_per_mm);
    s.longer = MAX(s.width, s.height);
    s.shorter = MIN(s.width, s.height);
    s.thickness = area / hypot(s.width, s.height);
    s.fill = area / (s.width * s.height);
    return s;
}

/* The distance of a blob to the nearest side of the scan, mm. */
static double edge_distance(const DaBlob *blob, const DaPlane *plane)
{
    guint x = MIN(blob->x0, plane->width - blob->x1), y = MIN(blob->y0, plane->height - blob->y1);
    return MIN(x, y) / plane->px_per_mm;
}

static DaKind kind_of_ink(const DaBlob *blob, const DaPlane *plane)
{
    Shape s = shape_of(blob, plane->px_per_mm);
    if (s.longer < DUST_MM)
        return DA_KIND_DUST;
    if (blob->strong_px < STRONG_SHARE * blob->area_px)
        return DA_KIND_FAINT;
    if (s.shorter >= HOLE_MIN_MM && s.longer <= HOLE_MAX_MM && s.longer < 1.3 * s.shorter &&
        s.fill >= HOLE_FILL && edge_distance(blob, plane) < HOLE_EDGE_MM)
        return DA_KIND_HOLE;
    if (s.longer <= GLYPH_MM && s.fill < 0.9)
        return DA_KIND_GLYPH;
    if (s.shorter >= SOLID_MM && s.fill >= SOLID_FILL)
        return DA_KIND_SOLID;
    return s.thickness < LINE_MM ? DA_KIND_LINE : DA_KIND_LINES;
}

static DaKind kind_of_red(const DaBlob *blob, const DaPlane *plane)
{
    Shape s = shape_of(blob, plane->px_per_mm);
    if (s.longer < DUST_MM)
        return DA_KIND_DUST;
    if (s.shorter >= SEAL_MM && s.longer < 2 * s.shorter)
        return DA_KIND_SEAL;
    return s.longer <= GLYPH_MM ? DA_KIND_GLYPH : DA_KIND_LINES;
}

static GArray *kinds_of(const DaBlobs *blobs, const DaPlane *plane,
                        DaKind (*judge)(const DaBlob *, const DaPlane *))
{
    GArray *kinds = g_array_sized_new(FALSE, FALSE, sizeof(DaKind), blobs->blobs->len);
    for (guint i = 0; i < blobs->blobs->len; i++) {
        DaKind kind = judge(&g_array_index(blobs->blobs, DaBlob, i), plane);
        g_array_append_val(kinds, kind);
    }
    return kinds;
}

DaContent *da_content_find(const DaPlane *plane)
{
    DaContent *content = g_new0(DaContent, 1);
    content->ink = find_ink(plane);
    content->red = find_red(plane);
    content->ink_kind = kinds_of(content->ink, plane, kind_of_ink);
    content->red_kind = kinds_of(content->red, plane, kind_of_red);
    return content;
}

void da_content_free(DaContent *content)
{
    if (content == NULL)
        return;
    da_blobs_free(content->ink);
    da_blobs_free(content->red);
    g_array_unref(content->ink_kind);
    g_array_unref(content->red_kind);
    g_free(content);
}

static guint area_of(const DaBlobs *blobs, const GArray *kinds, DaKind kind, guint *count)
{
    guint area = 0;
    *count = 0;
    for (guint i = 0; i < kinds->len; i++) {
        if (g_array_index(kinds, DaKind, i) != kind)
            continue;
        area += g_array_index(blobs->blobs, DaBlob, i).area_px;
        (*count)++;
    }
    return area;
}

guint da_content_area(const DaContent *content, DaKind kind)
{
    guint count = 0;
    return area_of(content->ink, content->ink_kind, kind, &count);
}

gboolean da_content_is_blank(const DaContent *content, const DaPlane *plane)
{
    double px_per_mm2 = plane->px_per_mm * plane->px_per_mm;
    guint glyphs = 0, red_glyphs = 0, ignored = 0;
    double glyph_area = area_of(content->ink, content->ink_kind, DA_KIND_GLYPH, &glyphs);
    double lines_area = da_content_area(content, DA_KIND_LINES);
    double solid_area = da_content_area(content, DA_KIND_SOLID);
    double red_area = area_of(content->red, content->red_kind, DA_KIND_GLYPH, &red_glyphs);
    red_area += area_of(content->red, content->red_kind, DA_KIND_LINES, &ignored);
    red_area += area_of(content->red, content->red_kind, DA_KIND_SEAL, &ignored);
    return (glyphs < BLANK_GLYPHS || glyph_area < BLANK_MM2 * px_per_mm2) &&
           lines_area < BLANK_SOLID_MM2 * px_per_mm2 && solid_area < BLANK_SOLID_MM2 * px_per_mm2 &&
           red_area < BLANK_SEAL_MM2 * px_per_mm2;
}

static gboolean shows_direction(DaKind kind)
{
    return kind == DA_KIND_GLYPH || kind == DA_KIND_LINES || kind == DA_KIND_LINE;
}

/* How much lighter the paper is in red than in blue: yellowed sheets make black ink look blue otherwise. */
static double paper_tint(const DaPlane *plane)
{
    guint64 light = 0, blue = 0;
    for (gsize i = 0; i < (gsize)plane->width * plane->height; i += TINT_STEP) {
        if (plane->level[i] < FAINT_LEVEL || plane->level[i] == 255)
            continue;
        light += plane->light[i];
        blue += plane->blue[i];
    }
    return blue > 0 ? (double)light / (double)blue : 1;
}

/* Print is black and straight; what is written with blue ink drifts with the hand, so it counts less. */
static void weaken_blue_ink(guint8 *weight, const DaPlane *plane)
{
    float tint = (float)paper_tint(plane);
    for (gsize i = 0; i < (gsize)plane->width * plane->height; i++) {
        if (weight[i] != 0 && (float)plane->blue[i] * tint > plane->light[i] + BLUE_EXCESS)
            weight[i] /= BLUE_PART;
    }
}

guint8 *da_content_weight(const DaContent *content, const DaPlane *plane)
{
    guint8 *weight = g_malloc0((gsize)plane->width * plane->height);
    for (guint i = 0; i < content->ink->runs->len; i++) {
        const DaRun *run = &g_array_index(content->ink->runs, DaRun, i);
        gsize row = (gsize)run->y * plane->width;
        if (!shows_direction(g_array_index(content->ink_kind, DaKind, run->blob)))
            continue;
        for (guint x = run->x0; x < run->x1; x++)
            weight[row + x] = (guint8)(255 - plane->level[row + x]);
    }
    if (plane->blue != NULL)
        weaken_blue_ink(weight, plane);
    for (guint i = 0; i < content->red->runs->len; i++) {
        const DaRun *run = &g_array_index(content->red->runs, DaRun, i);
        gsize row = (gsize)run->y * plane->width;
        if (!shows_direction(g_array_index(content->red_kind, DaKind, run->blob)))
            continue;
        for (guint x = run->x0; x < run->x1; x++)
            weight[row + x] = MAX(weight[row + x], plane->red[row + x]);
    }
    return weight;
}

guint8 *da_content_glyphs(const DaContent *content, const DaPlane *plane)
{
    guint8 *mask = g_malloc0((gsize)plane->width * plane->height);
    for (guint i = 0; i < content->ink->runs->len; i++) {
        const DaRun *run = &g_array_index(content->ink->runs, DaRun, i);
        if (g_array_index(content->ink_kind, DaKind, run->blob) == DA_KIND_GLYPH)
            memset(mask + (gsize)run->y * plane->width + run->x0, DA_MARK,
                   (gsize)(run->x1 - run->x0));
    }
    return mask;
}
