#include "split_internal.h"

#include <dangan/error.h>
#include <dangan/image.h>
#include <stdlib.h>
#include <string.h>

/* Source: ISO 32000-1 §7.4 (filters), §8.9.5 (image dictionaries). */

typedef enum { CODEC_NONE, CODEC_DCT, CODEC_CCITT, CODEC_OTHER } Codec;

typedef struct {
    qpdf_data qpdf;
    qpdf_oh stream, dict;
    guint filters;
    Codec codec;   /* of the last filter */
    qpdf_oh parms; /* of the last filter; null when it has none */
} Stream;

static qpdf_oh get(const Stream *stream, const char *key)
{
    return qpdf_oh_get_key(stream->qpdf, stream->dict, key);
}

/* Item `i` of an array, or the thing itself. */
static qpdf_oh item(qpdf_data qpdf, qpdf_oh value, guint i)
{
    return qpdf_oh_is_array(qpdf, value) ? qpdf_oh_get_array_item(qpdf, value, (int)i) : value;
}

static Codec codec_of(qpdf_data qpdf, qpdf_oh name)
{
    static const struct {
        const char *name;
        Codec codec;
    } known[] = {
        {"/DCTDecode", CODEC_DCT},        {"/DCT", CODEC_DCT},
        {"/CCITTFaxDecode", CODEC_CCITT}, {"/CCF", CODEC_CCITT},
        {"/FlateDecode", CODEC_NONE},     {"/Fl", CODEC_NONE},
        {"/LZWDecode", CODEC_NONE},       {"/LZW", CODEC_NONE},
        {"/ASCII85Decode", CODEC_NONE},   {"/A85", CODEC_NONE},
        {"/ASCIIHexDecode", CODEC_NONE},  {"/AHx", CODEC_NONE},
        {"/RunLengthDecode", CODEC_NONE}, {"/RL", CODEC_NONE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (qpdf_oh_is_name_and_equals(qpdf, name, known[i].name))
            return known[i].codec;
    }
    return CODEC_OTHER;
}

static Stream stream_of(qpdf_data qpdf, qpdf_oh image)
{
    Stream stream = {.qpdf = qpdf, .stream = image, .dict = qpdf_oh_get_dict(qpdf, image)};
    qpdf_oh filter = get(&stream, "/Filter");
    if (qpdf_oh_is_array(qpdf, filter))
        stream.filters = (guint)qpdf_oh_get_array_n_items(qpdf, filter);
    else
        stream.filters = qpdf_oh_is_name(qpdf, filter);
    if (stream.filters == 0)
        return stream;
    stream.codec = codec_of(qpdf, item(qpdf, filter, stream.filters - 1));
    stream.parms = item(qpdf, get(&stream, "/DecodeParms"), stream.filters - 1);
    return stream;
}

/* Bytes after `level` of decoding; NULL when a filter is not known or broken. */
static GBytes *decode(qpdf_data qpdf, qpdf_oh stream, enum qpdf_stream_decode_level_e level)
{
    unsigned char *data = NULL;
    size_t size = 0;
    QPDF_BOOL filtered = QPDF_FALSE;
    QPDF_ERROR_CODE code = qpdf_oh_get_stream_data(qpdf, stream, level, &filtered, &data, &size);
    if (code == QPDF_SUCCESS && !qpdf_has_error(qpdf) && !qpdf_more_warnings(qpdf) &&
        (filtered || level == qpdf_dl_none))
        return g_bytes_new_take(data, size);
    free(data);
    return NULL;
}

/* The codec's own bytes: what is left when the filters around it (ASCII85, Flate) are undone. qpdf does all filters or none, so
 * the raw bytes go into a stream that has only the outer ones. */
static GBytes *codec_bytes(const Stream *stream)
{
    qpdf_data qpdf = stream->qpdf;
    g_autoptr(GBytes) raw = decode(qpdf, stream->stream, qpdf_dl_none);
    if (raw == NULL || stream->filters == 1)
        return g_steal_pointer(&raw);
    qpdf_oh filters = qpdf_oh_new_array(qpdf), parms = qpdf_oh_new_array(qpdf);
    for (guint i = 0; i + 1 < stream->filters; i++) {
        qpdf_oh_append_item(qpdf, filters, item(qpdf, get(stream, "/Filter"), i));
        qpdf_oh_append_item(qpdf, parms, item(qpdf, get(stream, "/DecodeParms"), i));
    }
    qpdf_oh outer = qpdf_oh_new_stream(qpdf);
    gsize size = 0;
    const unsigned char *data = g_bytes_get_data(raw, &size);
    qpdf_oh_replace_stream_data(qpdf, outer, data, size, filters, parms);
    return decode(qpdf, outer, qpdf_dl_generalized);
}

static guint number(const Stream *stream, qpdf_oh dict, const char *key, guint fallback)
{
    qpdf_oh value = qpdf_oh_is_dictionary(stream->qpdf, dict)
                        ? qpdf_oh_get_key(stream->qpdf, dict, key)
                        : qpdf_oh_new_null(stream->qpdf);
    int n = qpdf_oh_is_integer(stream->qpdf, value)
                ? qpdf_oh_get_int_value_as_int(stream->qpdf, value)
                : -1;
    return n >= 0 ? (guint)n : fallback;
}

static gboolean flag(const Stream *stream, const char *key)
{
    qpdf_oh value = qpdf_oh_get_key(stream->qpdf, stream->parms, key);
    return qpdf_oh_is_bool(stream->qpdf, value) && qpdf_oh_get_bool_value(stream->qpdf, value);
}

/* 1 for grey, 3 for RGB, 0 for what cannot be kept as plain TIFF. */
static guint channels_of(const Stream *stream)
{
    qpdf_data qpdf = stream->qpdf;
    qpdf_oh space = get(stream, "/ColorSpace");
    qpdf_oh name = item(qpdf, space, 0);
    if (qpdf_oh_is_null(qpdf, space) || qpdf_oh_is_name_and_equals(qpdf, name, "/DeviceGray") ||
        qpdf_oh_is_name_and_equals(qpdf, name, "/CalGray") ||
        qpdf_oh_is_name_and_equals(qpdf, name, "/G"))
        return 1;
    if (qpdf_oh_is_name_and_equals(qpdf, name, "/DeviceRGB") ||
        qpdf_oh_is_name_and_equals(qpdf, name, "/CalRGB") ||
        qpdf_oh_is_name_and_equals(qpdf, name, "/RGB"))
        return 3;
    if (!qpdf_oh_is_array(qpdf, space) || !qpdf_oh_is_name_and_equals(qpdf, name, "/ICCBased"))
        return 0;
    qpdf_oh profile = qpdf_oh_get_array_item(qpdf, space, 1);
    guint n = qpdf_oh_is_stream(qpdf, profile)
                  ? number(stream, qpdf_oh_get_dict(qpdf, profile), "/N", 0)
                  : 0;
    return n == 1 || n == 3 ? n : 0;
}

static gboolean decode_is_inverted(const Stream *stream)
{
    qpdf_oh decode_array = get(stream, "/Decode");
    return qpdf_oh_is_array(stream->qpdf, decode_array) &&
           qpdf_oh_get_numeric_value(stream->qpdf,
                                     qpdf_oh_get_array_item(stream->qpdf, decode_array, 0)) > 0.5;
}

static gboolean raster_of(const Stream *stream, guint dpi, DaSplitRaster *raster, GError **error)
{
    *raster = (DaSplitRaster){.width_px = number(stream, stream->dict, "/Width", 0),
                              .height_px = number(stream, stream->dict, "/Height", 0),
                              .bits = number(stream, stream->dict, "/BitsPerComponent", 1),
                              .channels = channels_of(stream),
                              .dpi = dpi,
                              .white_is_zero = decode_is_inverted(stream)};
    if (raster->width_px == 0 || raster->height_px == 0)
        return da_error_set(error, DA_ERROR_INPUT, "its image has no size");
    if ((guint64)raster->width_px * raster->height_px > DA_IMAGE_MAX_PIXELS)
        return da_error_set(error, DA_ERROR_LIMIT,
                            "its image of %u x %u px is larger than the limit", raster->width_px,
                            raster->height_px);
    if (qpdf_oh_has_key(stream->qpdf, stream->dict, "/SMask") ||
        qpdf_oh_has_key(stream->qpdf, stream->dict, "/Mask"))
        return da_error_set(error, DA_ERROR_INPUT,
                            "its image is made of layers (a mask); save it as TIFF");
    return TRUE;
}

static GBytes *take_ccitt(const Stream *stream, DaSplitRaster *raster, GError **error)
{
    qpdf_oh k = qpdf_oh_is_dictionary(stream->qpdf, stream->parms)
                    ? qpdf_oh_get_key(stream->qpdf, stream->parms, "/K")
                    : qpdf_oh_new_null(stream->qpdf);
    gboolean g4 =
        qpdf_oh_is_number(stream->qpdf, k) && qpdf_oh_get_numeric_value(stream->qpdf, k) < 0;
    if (!g4 || flag(stream, "/EncodedByteAlign") || raster->channels != 1 ||
        number(stream, stream->parms, "/Columns", 1728) != raster->width_px) {
        da_error_set(error, DA_ERROR_INPUT, "its fax image is not plain group 4; save it as TIFF");
        return NULL;
    }
    g_autoptr(GBytes) data = codec_bytes(stream);
    if (data == NULL) {
        da_error_set(error, DA_ERROR_INPUT, "its image data cannot be read");
        return NULL;
    }
    /* Runs of black are black in TIFF's white-is-zero; BlackIs1 and Decode each turn that round once. */
    raster->white_is_zero = flag(stream, "/BlackIs1") == raster->white_is_zero;
    raster->bits = 1;
    return da_split_tiff_from_g4(raster, g_bytes_get_data(data, NULL), g_bytes_get_size(data),
                                 error);
}

static GBytes *take_samples(const Stream *stream, const DaSplitRaster *raster, GError **error)
{
    gboolean known = (raster->channels == 1 && (raster->bits == 1 || raster->bits == 8)) ||
                     (raster->channels == 3 && raster->bits == 8 && !raster->white_is_zero);
    if (!known) {
        da_error_set(error, DA_ERROR_INPUT,
                     "its image is neither 1-bit, 8-bit grey nor 24-bit RGB; save it as TIFF");
        return NULL;
    }
    g_autoptr(GBytes) data = stream->filters == 0
                                 ? decode(stream->qpdf, stream->stream, qpdf_dl_none)
                                 : decode(stream->qpdf, stream->stream, qpdf_dl_generalized);
    if (data == NULL) {
        da_error_set(error, DA_ERROR_INPUT, "its image data cannot be read");
        return NULL;
    }
    return da_split_tiff_from_samples(raster, g_bytes_get_data(data, NULL), g_bytes_get_size(data),
                                      error);
}

static GBytes *take_jpeg(const Stream *stream, GError **error)
{
    g_autoptr(GBytes) data = codec_bytes(stream);
    gsize size = 0;
    const void *bytes = data != NULL ? g_bytes_get_data(data, &size) : NULL;
    if (da_image_format(bytes, size) == DA_IMAGE_JPEG)
        return g_steal_pointer(&data);
    da_error_set(error, DA_ERROR_INPUT, "its JPEG data cannot be read");
    return NULL;
}

GBytes *da_split_pdf_take_image(qpdf_data qpdf, qpdf_oh image, guint dpi, GError **error)
{
    Stream stream = stream_of(qpdf, image);
    DaSplitRaster raster;
    if (!raster_of(&stream, dpi, &raster, error))
        return NULL;
    switch (stream.codec) {
    case CODEC_DCT:
        return take_jpeg(&stream, error);
    case CODEC_CCITT:
        return take_ccitt(&stream, &raster, error);
    case CODEC_NONE:
        return take_samples(&stream, &raster, error);
    case CODEC_OTHER:
        break;
    }
    da_error_set(error, DA_ERROR_INPUT,
                 "its image is stored as JBIG2, JPEG 2000 or worse; save it as JPEG or TIFF");
    return NULL;
}
