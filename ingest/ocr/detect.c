#include "detect.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

/* The network halves the image five times. */
#define STEP_PX 32
/* Mean and deviation of the images that the model was trained on, for blue, green and red. Source: PaddleOCR, ch_PP-OCRv4_det. */
static const float mean[3] = {0.485f, 0.456f, 0.406f}, deviation[3] = {0.229f, 0.224f, 0.225f};

/* Cursive writing is found with less than the usual 0.3 and 0.6; with less still, print that shines through joins the lines. */
#define TEXT_PROBABILITY 0.25f
#define MIN_SCORE 0.45
#define MIN_SIDE_PX 3
/* The model marks the core of a line; the line is wider by this much of area / perimeter. */
#define UNCLIP 1.6
/* Along the line more than across it: what is cut off a first or last character cannot be read, what is added is paper. */
#define UNCLIP_ALONG 1.4
/* A short mark has no direction of its own. */
#define DIRECTED_SHAPE 3.0
#define MAX_SLANT_DEG 12.0

typedef struct {
    const float *probability;
    guint width, height;
    double x_scale, y_scale; /* px of the page for one of the map */
} Map;

typedef struct {
    double x, y;          /* middle */
    double width, height; /* along and across the direction */
    double angle;         /* radians, clockwise */
} Rectangle;

/* --- the map ---------------------------------------------------------------------------------------------------------- */

static guint whole_steps(double px)
{
    return MAX(1, (guint)lround(px / STEP_PX)) * STEP_PX;
}

static float *make_input(Pix *grey, guint width, guint height)
{
    g_autoptr(Pix) small = pixScaleToSize(grey, (int)width, (int)height);
    gsize plane = (gsize)width * height;
    float *input = small ? g_new(float, plane * 3) : NULL;
    for (guint y = 0; input && y < height; y++) {
        const guint32 *row = pixGetData(small) + (gsize)y * (gsize)pixGetWpl(small);
        for (guint x = 0; x < width; x++) {
            float value = (float)GET_DATA_BYTE(row, x) / 255.0f;
            for (guint c = 0; c < 3; c++)
                input[c * plane + (gsize)y * width + x] = (value - mean[c]) / deviation[c];
        }
    }
    return input;
}

static gboolean make_map(DaOnnxModel *detector, Pix *grey, guint longest_px, Map *map,
                         DaOnnxAnswer *answer, GError **error)
{
    double width = pixGetWidth(grey), height = pixGetHeight(grey);
    double scale = fmin(1, longest_px / fmax(width, height));
    map->width = whole_steps(width * scale);
    map->height = whole_steps(height * scale);
    map->x_scale = width / map->width;
    map->y_scale = height / map->height;
    g_autofree float *input = make_input(grey, map->width, map->height);
    if (input == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot reduce an image of %.0f x %.0f px",
                            width, height);
    if (!da_onnx_model_run(detector, input, 3, map->height, map->width, answer, error))
        return FALSE;
    if (answer->rank != 4 || answer->size[2] != map->height || answer->size[3] != map->width)
        return da_error_set(error, DA_ERROR_SYSTEM,
                            "the detection model answers with another size than it was given");
    map->probability = answer->data;
    return TRUE;
}

static Pix *threshold(const Map *map)
{
    Pix *text = pixCreate((int)map->width, (int)map->height, 1);
    for (guint y = 0; text && y < map->height; y++) {
        guint32 *row = pixGetData(text) + (gsize)y * (gsize)pixGetWpl(text);
        for (guint x = 0; x < map->width; x++)
            if (map->probability[(gsize)y * map->width + x] > TEXT_PROBABILITY)
                SET_DATA_BIT(row, x);
    }
    return text;
}

/* --- rectangles --------------------------------------------------------------------------------------------------------- */

/* Both ends of each row of a component, as edges of pixels; 4 points a row. */
static GArray *outline(Pix *component)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(double[2]));
    int width = pixGetWidth(component), height = pixGetHeight(component);
    for (int y = 0; y < height; y++) {
        const guint32 *row = pixGetData(component) + (gsize)y * (gsize)pixGetWpl(component);
        int first = 0, last = width - 1;
        while (first < width && !GET_DATA_BIT(row, first))
            first++;
        while (last > first && !GET_DATA_BIT(row, last))
            last--;
        if (first == width)
            continue;
        const double ends[4][2] = {{first, y}, {last + 1, y}, {first, y + 1}, {last + 1, y + 1}};
        g_array_append_vals(points, ends, 4);
    }
    return points;
}

/* The rectangle around `points` whose sides run at `angle`. */
static Rectangle around(const GArray *points, double angle)
{
    double c = cos(angle), s = sin(angle);
    double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
    for (guint i = 0; i < points->len; i++) {
        const double *p = (const double *)(gpointer)points->data + 2 * i;
        double u = p[0] * c + p[1] * s, v = p[1] * c - p[0] * s;
        left = fmin(left, u);
        right = fmax(right, u);
        top = fmin(top, v);
        bottom = fmax(bottom, v);
    }
    double u = (left + right) / 2, v = (top + bottom) / 2;
    return (Rectangle){u * c - v * s, u * s + v * c, right - left, bottom - top, angle};
}

static double area_at(const GArray *points, double angle)
{
    Rectangle r = around(points, angle);
    return r.width * r.height;
}

/* The smallest rectangle with a slight slant; the page is level, so only handwriting slants. The area has one valley there. */
static Rectangle smallest(const GArray *points)
{
    double low = -MAX_SLANT_DEG * G_PI / 180, high = -low;
    while (high - low > 0.001) {
        double third = (high - low) / 3;
        if (area_at(points, low + third) < area_at(points, high - third))
            high -= third;
        else
            low += third;
    }
    return around(points, (low + high) / 2);
}

static Rectangle rectangle_of(Pix *component)
{
    g_autoptr(GArray) points = outline(component);
    Rectangle level = around(points, 0);
    if (level.width < DIRECTED_SHAPE * level.height)
        return level;
    Rectangle slanted = smallest(points);
    return slanted.width * slanted.height < 0.95 * level.width * level.height ? slanted : level;
}

static double mean_probability(const Map *map, const Rectangle *r)
{
    double c = cos(r->angle), s = sin(r->angle), sum = 0, count = 0;
    double reach = hypot(r->width, r->height) / 2;
    int top = (int)fmax(0, r->y - reach), bottom = (int)fmin(map->height - 1, r->y + reach);
    int left = (int)fmax(0, r->x - reach), right = (int)fmin(map->width - 1, r->x + reach);
    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            double dx = x + 0.5 - r->x, dy = y + 0.5 - r->y;
            if (fabs(dx * c + dy * s) > r->width / 2 || fabs(dy * c - dx * s) > r->height / 2)
                continue;
            sum += map->probability[(gsize)y * map->width + (gsize)x];
            count++;
        }
    }
    return count > 0 ? sum / count : 0;
}

static DaQuad quad_of(const Map *map, const Rectangle *r)
{
    double grow = r->width * r->height * UNCLIP / (2 * (r->width + r->height));
    double c = cos(r->angle), s = sin(r->angle);
    double w = r->width / 2 + grow, h = r->height / 2 + grow;
    if (r->width >= r->height)
        w += (UNCLIP_ALONG - 1) * grow;
    const double sides[4][2] = {{-w, -h}, {w, -h}, {w, h}, {-w, h}};
    DaQuad quad;
    for (int i = 0; i < 4; i++) {
        quad.corner[i][0] = (r->x + sides[i][0] * c - sides[i][1] * s) * map->x_scale;
        quad.corner[i][1] = (r->y + sides[i][0] * s + sides[i][1] * c) * map->y_scale;
    }
    return quad;
}

static void add_place(const Map *map, Pix *component, const Box *box, GArray *places)
{
    Rectangle r = rectangle_of(component);
    r.x += box->x;
    r.y += box->y;
    if (fmin(r.width, r.height) < MIN_SIDE_PX)
        return;
    DaTextPlace place = {.score = mean_probability(map, &r)};
    if (place.score < MIN_SCORE)
        return;
    place.quad = quad_of(map, &r);
    g_array_append_val(places, place);
}

GArray *da_detect_lines(DaOnnxModel *detector, Pix *grey, guint longest_px, GError **error)
{
    g_auto(DaOnnxAnswer) answer = {0};
    Map map = {0};
    if (!make_map(detector, grey, longest_px, &map, &answer, error))
        return NULL;
    GArray *places = g_array_new(FALSE, FALSE, sizeof(DaTextPlace));
    g_autoptr(Pix) text = threshold(&map);
    Pixa *found = NULL;
    g_autoptr(Boxa) boxes = text ? pixConnComp(text, &found, 8) : NULL;
    g_autoptr(Pixa) components = found;
    for (int i = 0; boxes && components && i < boxaGetCount(boxes); i++) {
        g_autoptr(Pix) component = pixaGetPix(components, i, L_CLONE);
        g_autoptr(Box) box = boxaGetBox(boxes, i, L_CLONE);
        add_place(&map, component, box, places);
    }
    return places;
}
