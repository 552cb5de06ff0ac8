#include "sheet.h"

#include <math.h>
#include <string.h>

/* As many px of the plane beyond a line are still noise: two specks of dust, or 0.3 mm² of a torn edge. */
#define NOISE_PX 12
/* A sheet smaller than this is a scrap, or what dust and shadow left of the search. */
#define MIN_SIDE_MM 25.0

/* How many px of the sheet each line of the level frame holds, in both directions; bins are px of the plane. */
typedef struct {
    const DaPlane *plane;
    double sine, cosine;
    guint bins;
    guint *across, *down; /* by place along a row, along a column */
} Profile;

static void profile_clear(Profile *profile)
{
    g_free(profile->across);
    g_free(profile->down);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

/* The edge of the sheet runs through cells of the sheet that touch another one, and through their neighbours. */
static gboolean is_edge(const DaPlane *plane, guint cell_x, guint cell_y)
{
    gboolean sheet = FALSE, other = FALSE;
    for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
            guint x = cell_x + (guint)dx, y = cell_y + (guint)dy;
            gboolean in =
                x < plane->cells_x && y < plane->cells_y && plane->sheet[y * plane->cells_x + x];
            sheet |= in;
            other |= !in;
        }
    }
    return sheet && other;
}

static void add_cell(Profile *profile, guint cell_x, guint cell_y)
{
    const DaPlane *plane = profile->plane;
    guint bottom = MIN(plane->height, (cell_y + 1) * DA_PLANE_CELL);
    guint right = MIN(plane->width, (cell_x + 1) * DA_PLANE_CELL);
    double middle = profile->bins / 2.0;
    for (guint y = cell_y * DA_PLANE_CELL; y < bottom; y++) {
        for (guint x = cell_x * DA_PLANE_CELL; x < right; x++) {
            gsize at = (gsize)y * plane->width + x;
            guint blue = plane->blue != NULL ? plane->blue[at] : 0;
            if (!da_plane_differs_from_bed(plane, plane->light[at], blue))
                continue;
            double dx = x + 0.5 - plane->width / 2.0, dy = y + 0.5 - plane->height / 2.0;
            profile->across[(guint)(middle + dx * profile->cosine + dy * profile->sine)]++;
            profile->down[(guint)(middle + dy * profile->cosine - dx * profile->sine)]++;
        }
    }
}

/* First and last place that holds more than noise, measured from the middle; px of the plane. */
static void ends(const guint *counts, guint bins, double *first, double *last)
{
    guint low = 0, high = bins, sum = 0;
    while (low < bins && (sum += counts[low]) <= NOISE_PX)
        low++;
    for (sum = 0; high > low && (sum += counts[high - 1]) <= NOISE_PX;)
        high--;
    *first = low - bins / 2.0;
    *last = high - bins / 2.0;
}

/* A place of the level frame, from the middle in px of the plane, in px of the scan. */
static void to_scan(const Profile *profile, double across, double down, double point[2])
{
    const DaPlane *plane = profile->plane;
    double x = across * profile->cosine - down * profile->sine;
    double y = across * profile->sine + down * profile->cosine;
    point[0] = (x + plane->width / 2.0) * plane->factor;
    point[1] = (y + plane->height / 2.0) * plane->factor;
}

gboolean da_sheet_find(const DaPlane *plane, double skew_cw_deg, double quad[4][2])
{
    if (!plane->bed_known)
        return FALSE;
    double angle = isnan(skew_cw_deg) ? 0 : skew_cw_deg * G_PI / 180;
    g_auto(Profile) profile = {.plane = plane,
                               .sine = sin(angle),
                               .cosine = cos(angle),
                               .bins = (guint)ceil(hypot(plane->width, plane->height)) + 4};
    profile.across = g_new0(guint, profile.bins);
    profile.down = g_new0(guint, profile.bins);
    for (guint y = 0; y < plane->cells_y; y++) {
        for (guint x = 0; x < plane->cells_x; x++) {
            if (is_edge(plane, x, y))
                add_cell(&profile, x, y);
        }
    }
    double left = 0, right = 0, top = 0, bottom = 0;
    ends(profile.across, profile.bins, &left, &right);
    ends(profile.down, profile.bins, &top, &bottom);
    if (MIN(right - left, bottom - top) < MIN_SIDE_MM * plane->px_per_mm)
        return FALSE;
    to_scan(&profile, left, top, quad[0]);
    to_scan(&profile, right, top, quad[1]);
    to_scan(&profile, right, bottom, quad[2]);
    to_scan(&profile, left, bottom, quad[3]);
    return TRUE;
}
