#include "iiif_request.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

#define PERCENT_MAX 100.0
#define TURN_DEGREES 360.0
#define QUARTER_DEGREES 90.0

/* --- numbers --------------------------------------------------------------------------------------------------------- */

/* Digits alone; FALSE for anything else. */
static gboolean whole(const char *text, guint *number)
{
    guint64 value = 0;
    if (!*text || text[strspn(text, "0123456789")] ||
        !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &value, NULL))
        return FALSE;
    *number = (guint)value;
    return TRUE;
}

/* "12.5"; no sign, no exponent. */
static gboolean decimal(const char *text, double *number)
{
    const char *point = strchrnul(text, '.');
    if (!g_ascii_isdigit(*text) || text[strspn(text, "0123456789.")] ||
        (*point && (strchr(point + 1, '.') || !point[1])))
        return FALSE;
    *number = g_ascii_strtod(text, NULL);
    return isfinite(*number);
}

/* Right, and not done here. */
static gboolean lacks(DaIiifRequest *request, const char *what, GError **error)
{
    request->unsupported = TRUE;
    return da_error_set(error, DA_ERROR_USAGE, "%s", what);
}

/* --- region ---------------------------------------------------------------------------------------------------------- */

static gboolean refuse(const char *what, const char *text, const char *wanted, GError **error)
{
    return da_error_set(error, DA_ERROR_USAGE, "%s '%s' is wrong: %s", what, text, wanted);
}

/* Cuts off what lies outside; FALSE when nothing is left. */
static gboolean place(double x, double y, double width, double height, guint image_width,
                      guint image_height, DaIiifRequest *request)
{
    if (width < 1 || height < 1 || x >= image_width || y >= image_height)
        return FALSE;
    request->x = (guint)x;
    request->y = (guint)y;
    request->region_width = (guint)MIN(width, (double)image_width - x);
    request->region_height = (guint)MIN(height, (double)image_height - y);
    return request->region_width && request->region_height;
}

static gboolean percent_region(char **parts, guint image_width, guint image_height,
                               DaIiifRequest *request)
{
    double share[4];
    for (guint i = 0; i < G_N_ELEMENTS(share); i++) {
        if (!decimal(parts[i], &share[i]))
            return FALSE;
        share[i] *= (i % 2 ? image_height : image_width) / PERCENT_MAX;
    }
    return place(round(share[0]), round(share[1]), round(share[2]), round(share[3]), image_width,
                 image_height, request);
}

static gboolean pixel_region(char **parts, guint image_width, guint image_height,
                             DaIiifRequest *request)
{
    guint px[4];
    for (guint i = 0; i < G_N_ELEMENTS(px); i++)
        if (!whole(parts[i], &px[i]))
            return FALSE;
    return place(px[0], px[1], px[2], px[3], image_width, image_height, request);
}

static gboolean parse_region(const char *text, guint image_width, guint image_height,
                             DaIiifRequest *request, GError **error)
{
    guint side = MIN(image_width, image_height);
    gboolean percent = g_str_has_prefix(text, "pct:");
    if (!strcmp(text, "full"))
        return place(0, 0, image_width, image_height, image_width, image_height, request);
    if (!strcmp(text, "square"))
        return place((image_width - side) / 2, (image_height - side) / 2, side, side, image_width,
                     image_height, request);
    g_auto(GStrv) parts = g_strsplit(percent ? text + strlen("pct:") : text, ",", -1);
    gboolean good = g_strv_length(parts) == 4 &&
                    (percent ? percent_region(parts, image_width, image_height, request)
                             : pixel_region(parts, image_width, image_height, request));
    return good ||
           refuse("region", text,
                  "wanted is full, square, x,y,w,h or pct:x,y,w,h that lies in the image", error);
}

/* --- size ------------------------------------------------------------------------------------------------------------ */

#define SIZES "wanted is max, w,  ,h  pct:n  w,h or !w,h, not larger than the region"

static guint scaled(guint length, double by)
{
    return MAX(1u, (guint)round(length * by));
}

/* Of "w,", ",h" and "w,h"; 0 = left out. */
static gboolean lengths(const char *text, guint *width, guint *height)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    *width = *height = 0;
    if (g_strv_length(parts) != 2 || (!*parts[0] && !*parts[1]))
        return FALSE;
    return (!*parts[0] || (whole(parts[0], width) && *width)) &&
           (!*parts[1] || (whole(parts[1], height) && *height));
}

/* As large as possible inside width and height. */
static void confine(DaIiifRequest *request, guint width, guint height)
{
    double by = MIN((double)width / request->region_width, (double)height / request->region_height);
    request->width = scaled(request->region_width, by);
    request->height = scaled(request->region_height, by);
}

static gboolean size_of(const char *text, DaIiifRequest *request)
{
    double percent = 0;
    guint width = 0, height = 0, full_width = request->region_width,
          full_height = request->region_height;
    if (!strcmp(text, "max")) {
        request->width = full_width;
        request->height = full_height;
        return TRUE;
    }
    if (g_str_has_prefix(text, "pct:")) {
        if (!decimal(text + strlen("pct:"), &percent) || percent <= 0)
            return FALSE;
        request->width = scaled(full_width, percent / PERCENT_MAX);
        request->height = scaled(full_height, percent / PERCENT_MAX);
        return TRUE;
    }
    gboolean inside = *text == '!';
    if (!lengths(text + inside, &width, &height) || (inside && (!width || !height)))
        return FALSE;
    if (inside) {
        confine(request, width, height);
        return TRUE;
    }
    request->width_alone = !height;
    request->width = width ? width : scaled(full_width, (double)height / full_height);
    request->height = height ? height : scaled(full_height, (double)width / full_width);
    return TRUE;
}

static gboolean parse_size(const char *text, DaIiifRequest *request, GError **error)
{
    gboolean enlarging = *text == '^';
    const char *plain = text + enlarging;
    if (!size_of(plain, request))
        return refuse("size", text, SIZES, error);
    gboolean larger =
        request->width > request->region_width || request->height > request->region_height;
    if (!larger)
        return TRUE;
    if (enlarging)
        return lacks(request, "images are not enlarged", error);
    if (*plain != '!')
        return refuse("size", text, SIZES, error);
    request->width = request->region_width;
    request->height = request->region_height;
    return TRUE;
}

/* --- rotation, quality, format --------------------------------------------------------------------------------------- */

static gboolean parse_rotation(const char *text, DaIiifRequest *request, GError **error)
{
    double degrees = 0;
    request->mirrored = *text == '!';
    if (!decimal(text + request->mirrored, &degrees) || degrees > TURN_DEGREES)
        return refuse("rotation", text, "wanted is 0 to 360, perhaps with ! before it", error);
    if (fmod(degrees, QUARTER_DEGREES) != 0)
        return lacks(request, "images are turned by 0, 90, 180 and 270", error);
    request->quarters = (guint)(degrees / QUARTER_DEGREES) % 4;
    return TRUE;
}

static gboolean parse_file(const char *text, DaIiifRequest *request, GError **error)
{
    static const char *const qualities[] = {"default", "color", "gray", "bitonal", NULL};
    static const char *const others[] = {"tif", "gif", "pdf", "jp2", "webp", NULL};
    g_auto(GStrv) parts = g_strsplit(text, ".", -1);
    if (g_strv_length(parts) != 2)
        return refuse("file", text, "wanted is {quality}.{format}", error);
    guint quality = 0;
    while (qualities[quality] && strcmp(qualities[quality], parts[0]) != 0)
        quality++;
    if (!qualities[quality])
        return refuse("quality", parts[0], "wanted is default, color, gray or bitonal", error);
    request->quality = (DaIiifQuality)quality;
    request->png = !strcmp(parts[1], "png");
    if (request->png || !strcmp(parts[1], "jpg"))
        return TRUE;
    return g_strv_contains(others, parts[1])
               ? lacks(request, "images are given as jpg and png", error)
               : refuse("format", parts[1], "wanted is jpg or png", error);
}

gboolean da_iiif_request_parse(const char *region, const char *size, const char *rotation,
                               const char *file, guint image_width, guint image_height,
                               DaIiifRequest *request, GError **error)
{
    *request = (DaIiifRequest){0};
    return parse_region(region, image_width, image_height, request, error) &&
           parse_size(size, request, error) && parse_rotation(rotation, request, error) &&
           parse_file(file, request, error);
}

char *da_iiif_request_canonical(const DaIiifRequest *request, guint image_width, guint image_height)
{
    static const char *const qualities[] = {"default", "color", "gray", "bitonal"};
    gboolean full = request->region_width == image_width && request->region_height == image_height;
    gboolean max =
        request->width == request->region_width && request->height == request->region_height;
    g_autofree char *region = full ? g_strdup("full")
                                   : g_strdup_printf("%u,%u,%u,%u", request->x, request->y,
                                                     request->region_width, request->region_height);
    g_autofree char *size =
        max ? g_strdup("max") : g_strdup_printf("%u,%u", request->width, request->height);
    return g_strdup_printf("%s/%s/%s%u/%s.%s", region, size, request->mirrored ? "!" : "",
                           request->quarters * (guint)QUARTER_DEGREES, qualities[request->quality],
                           request->png ? "png" : "jpg");
}
