/*
 * An image request of the IIIF Image API 3.0: "{region}/{size}/{rotation}/{quality}.{format}" (§4) for an image of a size.
 *
 * Everything of level 2, and mirroring and bitonal. Enlarging is asked for with ^ and not done.
 */
#pragma once

#include <glib.h>

typedef enum { DA_IIIF_DEFAULT, DA_IIIF_COLOR, DA_IIIF_GRAY, DA_IIIF_BITONAL } DaIiifQuality;

typedef struct {
    guint x, y, region_width, region_height; /* px of the image, inside it */
    guint width, height;                     /* px of the answer, before it is turned; not larger than the region */
    gboolean width_alone;                    /* "w,": the height followed from it by rounding */
    gboolean mirrored;                       /* left and right, before it is turned */
    guint quarters;                          /* clockwise quarter turns, 0 to 3 */
    DaIiifQuality quality;
    gboolean png; /* else JPEG */
    gboolean unsupported; /* of a request that failed: it is right, and this is not done here (501, not 400) */
} DaIiifRequest;

/* The four segments behind the identifier. DA_ERROR_USAGE says what was wanted instead. */
gboolean da_iiif_request_parse(const char *region, const char *size, const char *rotation, const char *file, guint image_width,
                               guint image_height, DaIiifRequest *request, GError **error);

/* "x,y,w,h/w,h/90/gray.jpg": the one form of this request (§4.7). The caller owns it. */
char *da_iiif_request_canonical(const DaIiifRequest *request, guint image_width, guint image_height);
