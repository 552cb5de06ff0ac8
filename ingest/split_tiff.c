#include "split_internal.h"

#include <dangan/error.h>
#include <dangan/tiff_memory.h>

/* More directories are a loop or an attack. */
#define MAX_PAGES 20000

/* Source: TIFF 6.0, TIFF Technical Note 2 (JPEG). What decoding needs, and what the scanner said about the page. */
static const guint32 short_tags[] = {
    TIFFTAG_BITSPERSAMPLE,    TIFFTAG_SAMPLESPERPIXEL, TIFFTAG_PHOTOMETRIC,    TIFFTAG_PLANARCONFIG,
    TIFFTAG_FILLORDER,        TIFFTAG_ORIENTATION,     TIFFTAG_RESOLUTIONUNIT, TIFFTAG_SAMPLEFORMAT,
    TIFFTAG_YCBCRPOSITIONING, TIFFTAG_INKSET,          TIFFTAG_THRESHHOLDING,
};
static const guint32 long_tags[] = {
    TIFFTAG_SUBFILETYPE,  TIFFTAG_IMAGEWIDTH, TIFFTAG_IMAGELENGTH,
    TIFFTAG_ROWSPERSTRIP, TIFFTAG_TILEWIDTH,  TIFFTAG_TILELENGTH,
};
static const guint32 float_tags[] = {TIFFTAG_XRESOLUTION, TIFFTAG_YRESOLUTION};
static const guint32 float_array_tags[] = {TIFFTAG_REFERENCEBLACKWHITE, TIFFTAG_YCBCRCOEFFICIENTS,
                                           TIFFTAG_WHITEPOINT, TIFFTAG_PRIMARYCHROMATICITIES};
static const guint32 text_tags[] = {TIFFTAG_MAKE,         TIFFTAG_MODEL,
                                    TIFFTAG_SOFTWARE,     TIFFTAG_DATETIME,
                                    TIFFTAG_HOSTCOMPUTER, TIFFTAG_IMAGEDESCRIPTION,
                                    TIFFTAG_DOCUMENTNAME};

static gboolean fail(const DaTiffLog *log, const char *what, GError **error)
{
    return da_error_set(error, DA_ERROR_INPUT, "%s: %s", what,
                        log->faulty ? log->message : "broken TIFF");
}

static guint64 number_at(const guint8 *data, gsize size, guint64 at, guint bytes,
                         gboolean big_endian)
{
    guint64 value = 0;
    for (guint i = 0; i < bytes && at + bytes <= size; i++)
        value |= (guint64)data[at + i] << 8 * (big_endian ? bytes - 1 - i : i);
    return value;
}

/* libtiff ends a list that loops with a warning, as if it were at its end: what is behind would be lost without a word.
 * Source: TIFF 6.0 §2, BigTIFF (the fields of 8 bytes). */
static gboolean is_last(GBytes *bytes, TIFF *tiff, guint64 directory)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    gboolean big_endian = TIFFIsBigEndian(tiff) != 0;
    gboolean big = number_at(data, size, 2, 2, big_endian) == 43;
    guint count_bytes = big ? 8 : 2, entry_bytes = big ? 20 : 12;
    guint64 count = number_at(data, size, directory, count_bytes, big_endian);
    return number_at(data, size, directory + count_bytes + count * entry_bytes, big ? 8 : 4,
                     big_endian) == 0;
}

GArray *da_split_tiff_pages(GBytes *bytes, GError **error)
{
    DaTiffLog log = {0};
    g_autoptr(TIFF) tiff = da_tiff_memory_open(bytes, &log, error);
    if (tiff == NULL)
        return NULL;
    g_autoptr(GArray) pages = g_array_new(FALSE, FALSE, sizeof(guint));
    guint directory = 0;
    guint64 last = 0;
    do {
        guint32 type = 0;
        last = TIFFCurrentDirOffset(tiff);
        TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &type);
        if ((type & FILETYPE_REDUCEDIMAGE) == 0)
            g_array_append_val(pages, directory);
        directory++;
    } while (directory < MAX_PAGES && TIFFReadDirectory(tiff) == 1);
    if (log.faulty || pages->len == 0 || directory == MAX_PAGES || !is_last(bytes, tiff, last)) {
        fail(&log, "the list of pages is broken", error);
        return NULL;
    }
    return g_steal_pointer(&pages);
}

static void copy_plain_tags(TIFF *in, TIFF *out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(long_tags); i++) {
        guint32 value = 0;
        if (TIFFGetField(in, long_tags[i], &value) == 1)
            TIFFSetField(out, long_tags[i], value);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(short_tags); i++) {
        guint16 value = 0;
        if (TIFFGetField(in, short_tags[i], &value) == 1)
            TIFFSetField(out, short_tags[i], value);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(float_tags); i++) {
        float value = 0;
        if (TIFFGetField(in, float_tags[i], &value) == 1)
            TIFFSetField(out, float_tags[i], (double)value);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(text_tags); i++) {
        char *value = NULL;
        if (TIFFGetField(in, text_tags[i], &value) == 1 && value != NULL)
            TIFFSetField(out, text_tags[i], value);
    }
}

static void copy_array_tags(TIFF *in, TIFF *out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(float_array_tags); i++) {
        float *values = NULL;
        if (TIFFGetField(in, float_array_tags[i], &values) == 1 && values != NULL)
            TIFFSetField(out, float_array_tags[i], values);
    }
    guint16 across = 0, down = 0, count16 = 0, *red = NULL, *green = NULL, *blue = NULL,
            *extra = NULL;
    if (TIFFGetField(in, TIFFTAG_YCBCRSUBSAMPLING, &across, &down) == 1)
        TIFFSetField(out, TIFFTAG_YCBCRSUBSAMPLING, across, down);
    if (TIFFGetField(in, TIFFTAG_COLORMAP, &red, &green, &blue) == 1)
        TIFFSetField(out, TIFFTAG_COLORMAP, red, green, blue);
    if (TIFFGetField(in, TIFFTAG_EXTRASAMPLES, &count16, &extra) == 1 && count16 > 0)
        TIFFSetField(out, TIFFTAG_EXTRASAMPLES, count16, extra);
    guint32 count = 0;
    void *data = NULL;
    if (TIFFGetField(in, TIFFTAG_ICCPROFILE, &count, &data) == 1 && count > 0)
        TIFFSetField(out, TIFFTAG_ICCPROFILE, count, data);
}

/* Tags that exist only beside their compression. */
static gboolean copy_compression(TIFF *in, TIFF *out, GError **error)
{
    guint16 compression = COMPRESSION_NONE, predictor = 0;
    guint32 options = 0, count = 0;
    void *tables = NULL;
    TIFFGetFieldDefaulted(in, TIFFTAG_COMPRESSION, &compression);
    if (compression == COMPRESSION_OJPEG || !TIFFIsCODECConfigured(compression))
        return da_error_set(error, DA_ERROR_INPUT,
                            "TIFF compression %u cannot be split without recompression",
                            compression);
    TIFFSetField(out, TIFFTAG_COMPRESSION, compression);
    switch (compression) {
    case COMPRESSION_LZW:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
        if (TIFFGetField(in, TIFFTAG_PREDICTOR, &predictor) == 1)
            TIFFSetField(out, TIFFTAG_PREDICTOR, predictor);
        break;
    case COMPRESSION_CCITTFAX3:
        if (TIFFGetField(in, TIFFTAG_GROUP3OPTIONS, &options) == 1)
            TIFFSetField(out, TIFFTAG_GROUP3OPTIONS, options);
        break;
    case COMPRESSION_CCITTFAX4:
        if (TIFFGetField(in, TIFFTAG_GROUP4OPTIONS, &options) == 1)
            TIFFSetField(out, TIFFTAG_GROUP4OPTIONS, options);
        break;
    case COMPRESSION_JPEG:
        if (TIFFGetField(in, TIFFTAG_JPEGTABLES, &count, &tables) == 1 && count > 0)
            TIFFSetField(out, TIFFTAG_JPEGTABLES, count, tables);
        break;
    default:
        break;
    }
    return TRUE;
}

static gboolean copy_chunk(TIFF *in, TIFF *out, guint32 index, gsize limit)
{
    guint64 size = TIFFGetStrileByteCount(in, index); /* strips and tiles alike */
    if (size == 0 || size > limit)
        return FALSE;
    tmsize_t bytes = (tmsize_t)size;
    g_autofree guint8 *data = g_malloc(size);
    if (TIFFIsTiled(in))
        return TIFFReadRawTile(in, index, data, bytes) == bytes &&
               TIFFWriteRawTile(out, index, data, bytes) == bytes;
    return TIFFReadRawStrip(in, index, data, bytes) == bytes &&
           TIFFWriteRawStrip(out, index, data, bytes) == bytes;
}

static gboolean copy_page(TIFF *in, TIFF *out, gsize limit, GError **error)
{
    if (!copy_compression(in, out, error))
        return FALSE;
    copy_plain_tags(in, out);
    copy_array_tags(in, out);
    guint32 count = TIFFIsTiled(in) ? TIFFNumberOfTiles(in) : TIFFNumberOfStrips(in);
    if (count != (TIFFIsTiled(out) ? TIFFNumberOfTiles(out) : TIFFNumberOfStrips(out)))
        return da_error_set(error, DA_ERROR_INPUT, "the strips do not fit the size of the image");
    for (guint32 i = 0; i < count; i++) {
        if (!copy_chunk(in, out, i, limit))
            return da_error_set(error, DA_ERROR_INPUT, "strip %u of %u is not in the file", i + 1,
                                count);
    }
    if (TIFFWriteDirectory(out) != 1)
        return da_error_set(error, DA_ERROR_INPUT, "its tags cannot be written");
    return TRUE;
}

GBytes *da_split_tiff_copy(GBytes *bytes, guint directory, GError **error)
{
    DaTiffLog in_log = {0}, out_log = {0};
    g_autoptr(TIFF) in = da_tiff_memory_open(bytes, &in_log, error);
    if (in == NULL)
        return NULL;
    if (TIFFSetDirectory(in, (tdir_t)directory) != 1) {
        fail(&in_log, "its directory cannot be read", error);
        return NULL;
    }
    g_autoptr(GByteArray) data = g_byte_array_new();
    TIFF *out = da_tiff_memory_create(data, TIFFIsBigEndian(in) != 0, &out_log, error);
    if (out == NULL)
        return NULL;
    gboolean ok = copy_page(in, out, g_bytes_get_size(bytes), error);
    TIFFClose(out);
    if (ok && (in_log.faulty || out_log.faulty))
        ok = fail(in_log.faulty ? &in_log : &out_log, "the page cannot be copied", error);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&data)) : NULL;
}
