#include "iiif_render.h"

#include <dangan/error.h>
#include <dangan/image.h>

#define QUALITY 85u
#define BITONAL_THRESHOLD 128

static Pix *no_memory(GError **error)
{
    da_error_set(error, DA_ERROR_SYSTEM, "cannot make an image: no memory");
    return NULL;
}

/* --- what is done to the region -------------------------------------------------------------------------------------- */

static Pix *turned(Pix *image, const DaIiifRequest *request)
{
    g_autoptr(Pix) seen = request->mirrored ? pixFlipLR(NULL, image) : pixClone(image);
    return seen && request->quarters ? pixRotateOrth(seen, (int)request->quarters)
                                     : g_steal_pointer(&seen);
}

static Pix *in_quality(Pix *image, DaIiifQuality quality)
{
    if (quality != DA_IIIF_GRAY && quality != DA_IIIF_BITONAL)
        return pixClone(image);
    g_autoptr(Pix) gray = pixConvertTo8(image, FALSE);
    return gray && quality == DA_IIIF_BITONAL ? pixThresholdToBinary(gray, BITONAL_THRESHOLD)
                                              : g_steal_pointer(&gray);
}

/* The region in its pixels becomes the answer. */
static GBytes *finish(Pix *region, const DaIiifRequest *request, GError **error)
{
    g_autoptr(Pix) deep =
        pixGetDepth(region) == 1 ? pixConvertTo8(region, FALSE) : pixClone(region);
    gboolean as_is = deep && pixGetWidth(deep) == (int)request->width &&
                     pixGetHeight(deep) == (int)request->height;
    g_autoptr(Pix) sized = !deep ? NULL
                           : as_is
                               ? pixClone(deep)
                               : pixScaleToSize(deep, (int)request->width, (int)request->height);
    g_autoptr(Pix) upright = sized ? turned(sized, request) : NULL;
    g_autoptr(Pix) done = upright ? in_quality(upright, request->quality) : NULL;
    if (!done)
        return (GBytes *)no_memory(error);
    return request->png ? da_image_encode_png(done, error)
                        : da_image_encode_jpeg(done, QUALITY, error);
}

GBytes *da_iiif_render(Pix *image, const DaIiifRequest *request, GError **error)
{
    g_autoptr(Box) box = boxCreate((int)request->x, (int)request->y, (int)request->region_width,
                                   (int)request->region_height);
    g_autoptr(Pix) region = pixClipRectangle(image, box, NULL);
    return region ? finish(region, request, error) : (GBytes *)no_memory(error);
}

/* --- out of the pyramid ---------------------------------------------------------------------------------------------- */

/* The smallest level that has as many pixels as are asked for. */
static guint level_for(const DaPyramid *pyramid, const DaIiifRequest *request)
{
    guint level = 0;
    while (level + 1 < da_pyramid_levels(pyramid) &&
           request->region_width >> (level + 1) >= request->width &&
           request->region_height >> (level + 1) >= request->height)
        level++;
    return level;
}

GBytes *da_iiif_render_pyramid(const DaPyramid *pyramid, const DaIiifRequest *request,
                               GError **error)
{
    guint level = level_for(pyramid, request), width = 0, height = 0;
    da_pyramid_size(pyramid, level, &width, &height);
    guint x = MIN(request->x >> level, width - 1), y = MIN(request->y >> level, height - 1);
    guint right = MIN(width, MAX(x + 1, (request->x + request->region_width) >> level));
    guint bottom = MIN(height, MAX(y + 1, (request->y + request->region_height) >> level));
    g_autoptr(Pix) region = da_pyramid_read(pyramid, level, x, y, right - x, bottom - y, error);
    return region ? finish(region, request, error) : NULL;
}

/* --- tiles as they lie ----------------------------------------------------------------------------------------------- */

/* Does [begin, begin + length) of an image's side hold just the tiles' column or row of this number? */
static gboolean is_step(guint begin, guint length, guint side, guint step, guint *number)
{
    *number = begin / step;
    return begin % step == 0 && length == MIN(step, side - begin);
}

static gboolean fits(guint wanted, guint level_side, guint number)
{
    return wanted == MIN(DA_PYRAMID_TILE_PX, level_side - number * DA_PYRAMID_TILE_PX);
}

gboolean da_iiif_is_tile(const DaPyramid *pyramid, const DaIiifRequest *request, guint64 *offset,
                         gsize *bytes)
{
    guint whole_width = 0, whole_height = 0;
    if (request->png || request->mirrored || request->quarters || request->quality >= DA_IIIF_GRAY)
        return FALSE;
    da_pyramid_size(pyramid, 0, &whole_width, &whole_height);
    for (guint level = 0; level < da_pyramid_levels(pyramid); level++) {
        guint step = DA_PYRAMID_TILE_PX << level, column = 0, row = 0, width = 0, height = 0;
        da_pyramid_size(pyramid, level, &width, &height);
        if (is_step(request->x, request->region_width, whole_width, step, &column) &&
            is_step(request->y, request->region_height, whole_height, step, &row) &&
            fits(request->width, width, column) &&
            (request->width_alone || fits(request->height, height, row)))
            return da_pyramid_tile(pyramid, level, column, row, offset, bytes);
    }
    return FALSE;
}
