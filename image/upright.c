#include <dangan/error.h>
#include <dangan/upright.h>

#include "leptonica.h"

#include <math.h>

#define DEGREES (G_PI / 180)
/* Every n-th px of the border tells the colour of the bed. */
#define BORDER_STEP 8

/* 1 for a skew that is resampled away. */
static gboolean has_skew(const DaUpright *upright)
{
    return !isnan(upright->skew_cw_deg) && fabs(upright->skew_cw_deg) >= DA_UPRIGHT_STRAIGHT_DEG;
}

static guint quarters_to_undo(const DaUpright *upright)
{
    return (guint)((360 - upright->turn_cw_deg) / 90 % 4);
}

/* The size of the upright image: after whole turns, and with the canvas grown for the skew. */
typedef struct {
    double turned_width, turned_height, width, height;
} Frame;

static Frame frame_of(const DaUpright *upright, double width, double height)
{
    gboolean across = quarters_to_undo(upright) % 2 == 1;
    Frame frame = {across ? height : width, across ? width : height, 0, 0};
    frame.width = frame.turned_width;
    frame.height = frame.turned_height;
    if (!has_skew(upright))
        return frame;
    double sine = fabs(sin(upright->skew_cw_deg * DEGREES)),
           cosine = fabs(cos(upright->skew_cw_deg * DEGREES));
    frame.width = ceil(frame.turned_width * cosine + frame.turned_height * sine);
    frame.height = ceil(frame.turned_height * cosine + frame.turned_width * sine);
    /* an even difference keeps the middle between the same px */
    frame.width += fmod(frame.width - frame.turned_width, 2);
    frame.height += fmod(frame.height - frame.turned_height, 2);
    return frame;
}

static int byte_median(const guint *histogram)
{
    guint count = 0, below = 0;
    for (guint i = 0; i < 256; i++)
        count += histogram[i];
    for (guint i = 0; i < 256; i++) {
        below += histogram[i];
        if (below * 2 >= count)
            return (int)i;
    }
    return 255;
}

static void count_px(Pix *pix, int x, int y, guint histogram[3][256])
{
    l_uint32 value = 0;
    int red = 0, green = 0, blue = 0;
    pixGetPixel(pix, x, y, &value);
    if (pixGetDepth(pix) == 32)
        extractRGBValues(value, &red, &green, &blue);
    else
        red = green = blue = (int)value;
    histogram[0][red & 0xFF]++;
    histogram[1][green & 0xFF]++;
    histogram[2][blue & 0xFF]++;
}

/* The border shows the bed wherever the sheet is smaller than the scan: its median in each channel, as a value of a px. */
static guint32 bed_value(Pix *pix)
{
    guint histogram[3][256] = {{0}};
    int width = pixGetWidth(pix), height = pixGetHeight(pix);
    for (int x = 0; x < width; x += BORDER_STEP) {
        count_px(pix, x, 0, histogram);
        count_px(pix, x, height - 1, histogram);
    }
    for (int y = 0; y < height; y += BORDER_STEP) {
        count_px(pix, 0, y, histogram);
        count_px(pix, width - 1, y, histogram);
    }
    l_uint32 value = (l_uint32)byte_median(histogram[0]);
    if (pixGetDepth(pix) == 32)
        composeRGBPixel((int)value, byte_median(histogram[1]), byte_median(histogram[2]), &value);
    return value;
}

/* The page in the middle of a larger one of the bed's colour. */
static Pix *grow(Pix *pix, const Frame *frame, guint32 bed)
{
    g_autoptr(Pix) canvas =
        pixCreateNoInit((int)frame->width, (int)frame->height, pixGetDepth(pix));
    if (canvas == NULL)
        return NULL;
    pixCopyResolution(canvas, pix);
    pixSetAllArbitrary(canvas, bed);
    int left = (int)(frame->width - frame->turned_width) / 2,
        top = (int)(frame->height - frame->turned_height) / 2;
    pixRasterop(canvas, left, top, pixGetWidth(pix), pixGetHeight(pix), PIX_SRC, pix, 0, 0);
    return g_steal_pointer(&canvas);
}

/* Bitonal pages become grey: a threshold after resampling would eat thin strokes. */
static Pix *level(Pix *pix, const DaUpright *upright)
{
    g_autoptr(Pix) plain =
        pixGetColormap(pix) == NULL && (pixGetDepth(pix) == 8 || pixGetDepth(pix) == 32)
            ? pixClone(pix)
            : pixConvertTo8Or32(pix, L_COPY, 0);
    if (plain == NULL)
        return NULL;
    guint32 bed = bed_value(plain);
    Frame frame = {pixGetWidth(plain), pixGetHeight(plain), 0, 0};
    DaUpright skew = {.skew_cw_deg = upright->skew_cw_deg};
    frame = frame_of(&skew, frame.turned_width, frame.turned_height);
    g_autoptr(Pix) canvas = grow(plain, &frame, bed);
    if (canvas == NULL)
        return NULL;
    float angle = (float)(-upright->skew_cw_deg * DEGREES); /* Leptonica: positive is clockwise */
    if (pixGetDepth(canvas) == 32)
        return pixRotateAMColor(canvas, angle, bed);
    return pixRotateAMGray(canvas, angle, (l_uint8)bed);
}

Pix *da_upright_apply(Pix *pix, DaUpright *upright, GError **error)
{
    da_leptonica_quiet();
    upright->turned = upright->rotated = FALSE;
    if (upright->turn_cw_deg % 90 != 0 || upright->turn_cw_deg < 0 || upright->turn_cw_deg > 270 ||
        fabs(upright->skew_cw_deg) > 45) {
        da_error_set(error, DA_ERROR_USAGE, "cannot undo a turn of %d° with a skew of %g°",
                     upright->turn_cw_deg, upright->skew_cw_deg);
        return NULL;
    }
    guint quarters = quarters_to_undo(upright);
    g_autoptr(Pix) turned = quarters == 0 ? pixClone(pix) : pixRotateOrth(pix, (int)quarters);
    if (turned != NULL && quarters % 2 == 1)
        pixSetResolution(turned, pixGetYRes(pix), pixGetXRes(pix));
    Pix *result =
        turned != NULL && has_skew(upright) ? level(turned, upright) : g_steal_pointer(&turned);
    if (result == NULL) {
        da_error_set(error, DA_ERROR_LIMIT, "no room to make an image of %d x %d px upright",
                     pixGetWidth(pix), pixGetHeight(pix));
        return NULL;
    }
    upright->turned = quarters != 0;
    upright->rotated = has_skew(upright);
    return result;
}

/* Px have their middles at whole numbers: turned by quarters, the last px of a row becomes the first of another. */
static void turn_point(guint quarters_cw, double width, double height, double *x, double *y)
{
    double old_x = *x, old_y = *y;
    switch (quarters_cw) {
    case 1:
        *x = height - 1 - old_y;
        *y = old_x;
        break;
    case 2:
        *x = width - 1 - old_x;
        *y = height - 1 - old_y;
        break;
    case 3:
        *x = old_y;
        *y = width - 1 - old_x;
        break;
    default:
        break;
    }
}

static void rotate_point(double cw_deg, double from_x, double from_y, double to_x, double to_y,
                         double *x, double *y)
{
    double sine = sin(cw_deg * DEGREES), cosine = cos(cw_deg * DEGREES);
    double dx = *x - from_x, dy = *y - from_y;
    *x = to_x + dx * cosine - dy * sine;
    *y = to_y + dx * sine + dy * cosine;
}

/* Leptonica turns about the px at half the size, rounded down; growing moved it by half of the difference. */
static void middles(const Frame *frame, double *turned_x, double *turned_y, double *x, double *y)
{
    *x = floor(frame->width / 2);
    *y = floor(frame->height / 2);
    *turned_x = *x - (frame->width - frame->turned_width) / 2;
    *turned_y = *y - (frame->height - frame->turned_height) / 2;
}

void da_upright_map(const DaUpright *upright, double width_px, double height_px, double *x_px,
                    double *y_px)
{
    Frame frame = frame_of(upright, width_px, height_px);
    turn_point(quarters_to_undo(upright), width_px, height_px, x_px, y_px);
    if (!has_skew(upright))
        return;
    double turned_x = 0, turned_y = 0, x = 0, y = 0;
    middles(&frame, &turned_x, &turned_y, &x, &y);
    rotate_point(-upright->skew_cw_deg, turned_x, turned_y, x, y, x_px, y_px);
}

void da_upright_unmap(const DaUpright *upright, double width_px, double height_px, double *x_px,
                      double *y_px)
{
    Frame frame = frame_of(upright, width_px, height_px);
    if (has_skew(upright)) {
        double turned_x = 0, turned_y = 0, x = 0, y = 0;
        middles(&frame, &turned_x, &turned_y, &x, &y);
        rotate_point(upright->skew_cw_deg, x, y, turned_x, turned_y, x_px, y_px);
    }
    turn_point((4 - quarters_to_undo(upright)) % 4, frame.turned_width, frame.turned_height, x_px,
               y_px);
}
