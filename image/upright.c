#include <dangan/error.h>
#include <dangan/upright.h>

#include "leptonica.h"
#include "resample.h"

#include <math.h>

#define DEGREES (G_PI / 180)
#define MAX_SKEW_DEG 45
#define MM_PER_INCH 25.4
#define DEFAULT_DPI 300
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

/* Bitonal pages become grey: a threshold after resampling would eat thin strokes. */
static Pix *plain_pix(Pix *pix)
{
    if (pixGetColormap(pix) == NULL && (pixGetDepth(pix) == 8 || pixGetDepth(pix) == 32))
        return pixClone(pix);
    return pixConvertTo8Or32(pix, L_COPY, 0);
}

static DaUprightCrop crop_of(const DaUpright *upright, const Frame *frame)
{
    if (upright->crop.w_px > 0)
        return upright->crop;
    return (DaUprightCrop){0, 0, (int)frame->width, (int)frame->height};
}

/* Where the upright image takes its px from: three of its points say it all. */
static DaAffine way_back(const DaUpright *upright, double width, double height)
{
    double x[3] = {0, 1, 0}, y[3] = {0, 0, 1};
    for (guint i = 0; i < 3; i++)
        da_upright_unmap(upright, width, height, &x[i], &y[i]);
    return (DaAffine){.xx = x[1] - x[0],
                      .xy = x[2] - x[0],
                      .x0 = x[0],
                      .yx = y[1] - y[0],
                      .yy = y[2] - y[0],
                      .y0 = y[0]};
}

static Pix *level(Pix *pix, const DaUpright *upright, const DaUprightCrop *crop)
{
    g_autoptr(Pix) plain = plain_pix(pix);
    if (plain == NULL)
        return NULL;
    DaAffine affine = way_back(upright, pixGetWidth(plain), pixGetHeight(plain));
    return da_resample(plain, &affine, crop->w_px, crop->h_px, bed_value(plain));
}

/* Px stay as they are. */
static Pix *turn_and_cut(Pix *pix, guint quarters, const DaUprightCrop *crop, gboolean cut)
{
    g_autoptr(Pix) turned = quarters == 0 ? pixClone(pix) : pixRotateOrth(pix, (int)quarters);
    if (turned == NULL || !cut)
        return g_steal_pointer(&turned);
    Box *box = boxCreate(crop->x_px, crop->y_px, crop->w_px, crop->h_px);
    Pix *part = box != NULL ? pixClipRectangle(turned, box, NULL) : NULL;
    boxDestroy(&box);
    return part;
}

static gboolean is_possible(const DaUpright *upright, const Frame *frame)
{
    const DaUprightCrop *crop = &upright->crop;
    gboolean inside = crop->x_px >= 0 && crop->y_px >= 0 && crop->w_px >= 0 && crop->h_px >= 0 &&
                      (double)crop->x_px + crop->w_px <= frame->width &&
                      (double)crop->y_px + crop->h_px <= frame->height &&
                      (crop->w_px > 0) == (crop->h_px > 0);
    return upright->turn_cw_deg % 90 == 0 && upright->turn_cw_deg >= 0 &&
           upright->turn_cw_deg <= 270 && !(fabs(upright->skew_cw_deg) > MAX_SKEW_DEG) && inside;
}

Pix *da_upright_apply(Pix *pix, DaUpright *upright, GError **error)
{
    da_leptonica_quiet();
    upright->turned = upright->rotated = upright->cropped = FALSE;
    Frame frame = frame_of(upright, pixGetWidth(pix), pixGetHeight(pix));
    if (!is_possible(upright, &frame)) {
        da_error_set(error, DA_ERROR_USAGE,
                     "cannot undo a turn of %d° with a skew of %g° and a crop of %d x %d px",
                     upright->turn_cw_deg, upright->skew_cw_deg, upright->crop.w_px,
                     upright->crop.h_px);
        return NULL;
    }
    guint quarters = quarters_to_undo(upright);
    DaUprightCrop crop = crop_of(upright, &frame);
    gboolean cut = crop.w_px < frame.width || crop.h_px < frame.height;
    Pix *result =
        has_skew(upright) ? level(pix, upright, &crop) : turn_and_cut(pix, quarters, &crop, cut);
    if (result == NULL) {
        da_error_set(error, DA_ERROR_LIMIT, "no room to make an image of %d x %d px upright",
                     pixGetWidth(pix), pixGetHeight(pix));
        return NULL;
    }
    gboolean sideways = quarters % 2 == 1;
    pixSetResolution(result, sideways ? pixGetYRes(pix) : pixGetXRes(pix),
                     sideways ? pixGetXRes(pix) : pixGetYRes(pix));
    upright->turned = quarters != 0;
    upright->rotated = has_skew(upright);
    upright->cropped = cut;
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

/* Turned about the px at half the size, rounded down; growing moved it by half of the difference. */
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
    if (has_skew(upright)) {
        double turned_x = 0, turned_y = 0, x = 0, y = 0;
        middles(&frame, &turned_x, &turned_y, &x, &y);
        rotate_point(-upright->skew_cw_deg, turned_x, turned_y, x, y, x_px, y_px);
    }
    *x_px -= upright->crop.x_px;
    *y_px -= upright->crop.y_px;
}

void da_upright_unmap(const DaUpright *upright, double width_px, double height_px, double *x_px,
                      double *y_px)
{
    Frame frame = frame_of(upright, width_px, height_px);
    *x_px += upright->crop.x_px;
    *y_px += upright->crop.y_px;
    if (has_skew(upright)) {
        double turned_x = 0, turned_y = 0, x = 0, y = 0;
        middles(&frame, &turned_x, &turned_y, &x, &y);
        rotate_point(upright->skew_cw_deg, x, y, turned_x, turned_y, x_px, y_px);
    }
    turn_point((4 - quarters_to_undo(upright)) % 4, frame.turned_width, frame.turned_height, x_px,
               y_px);
}

/* The sheet in the level frame, grown by the margin to whole px inside the frame. */
static DaUprightCrop box_of_sheet(const DaUpright *upright, const double sheet_px[4][2],
                                  const Frame *frame, double margin_px, double width_px,
                                  double height_px)
{
    DaUpright uncut = {.turn_cw_deg = upright->turn_cw_deg, .skew_cw_deg = upright->skew_cw_deg};
    double left = frame->width, top = frame->height, right = 0, bottom = 0;
    for (guint i = 0; i < 4; i++) {
        /* corners lie between px, the mapping is of their middles */
        double x = sheet_px[i][0] - 0.5, y = sheet_px[i][1] - 0.5;
        da_upright_map(&uncut, width_px, height_px, &x, &y);
        left = MIN(left, x + 0.5);
        right = MAX(right, x + 0.5);
        top = MIN(top, y + 0.5);
        bottom = MAX(bottom, y + 0.5);
    }
    DaUprightCrop box = {.x_px = (int)floor(MAX(0, left - margin_px)),
                         .y_px = (int)floor(MAX(0, top - margin_px))};
    box.w_px = (int)ceil(MIN(frame->width, right + margin_px)) - box.x_px;
    box.h_px = (int)ceil(MIN(frame->height, bottom + margin_px)) - box.y_px;
    return box;
}

void da_upright_level_size(const DaUpright *upright, double width_px, double height_px,
                           double *level_width_px, double *level_height_px)
{
    Frame frame = frame_of(upright, width_px, height_px);
    *level_width_px = frame.width;
    *level_height_px = frame.height;
}

void da_upright_crop_to_sheet(DaUpright *upright, const double sheet_px[4][2], guint dpi,
                              double width_px, double height_px)
{
    upright->crop = (DaUprightCrop){0};
    double px_per_mm = (dpi != 0 ? dpi : DEFAULT_DPI) / MM_PER_INCH;
    Frame frame = frame_of(upright, width_px, height_px);
    DaUprightCrop box = box_of_sheet(upright, sheet_px, &frame, DA_UPRIGHT_MARGIN_MM * px_per_mm,
                                     width_px, height_px);
    double most = MAX(MAX(box.x_px, box.y_px),
                      MAX(frame.width - box.x_px - box.w_px, frame.height - box.y_px - box.h_px));
    if (box.w_px <= 0 || box.h_px <= 0 ||
        most <= (has_skew(upright) ? 0 : DA_UPRIGHT_WORTH_MM * px_per_mm))
        return;
    upright->crop = box;
}
