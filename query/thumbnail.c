#include "thumbnail.h"

#include <dangan/error.h>
#include <dangan/image.h>

#define QUALITY 75

/* The cheap reduction of the decoder goes as far as it leaves enough pixels for the last step. */
static guint denominator_for(guint longer_px)
{
    guint denominator = 1;
    while (denominator < 8 && longer_px / (denominator * 2) >= DA_THUMBNAIL_SIDE_PX)
        denominator *= 2;
    return denominator;
}

GBytes *da_thumbnail_make(GBytes *image, GError **error)
{
    DaImageInfo info;
    if (!da_image_probe(image, &info, error))
        return NULL;
    g_autoptr(Pix) reduced =
        da_image_decode_reduced(image, denominator_for(MAX(info.width_px, info.height_px)), error);
    if (reduced == NULL)
        return NULL;
    int longer = MAX(pixGetWidth(reduced), pixGetHeight(reduced));
    float scale = MIN(1.0f, (float)DA_THUMBNAIL_SIDE_PX / (float)longer);
    g_autoptr(Pix) wide = pixGetDepth(reduced) == 1 ? pixConvertTo8(reduced, 0) : pixClone(reduced);
    g_autoptr(Pix) small = wide == NULL ? NULL : pixScale(wide, scale, scale);
    if (small == NULL) {
        da_error_set(error, DA_ERROR_SYSTEM, "cannot make the small picture of a page");
        return NULL;
    }
    return da_image_encode_jpeg(small, QUALITY, error);
}
