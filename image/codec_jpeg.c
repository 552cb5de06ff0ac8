#include "codec.h"
#include "jpeg_guard.h"

#include <dangan/error.h>
#include <string.h>

#define CM_PER_INCH 2.54
/* A progressive file of real encoders has about ten scans; thousands of empty ones cost hours ("Two issues with the JPEG
 * standard", libjpeg-turbo project). */
#define MAX_SCANS 100
/* Rows decoded at a time: a multiple of the 16 rows that 4:2:0 gives at once. */
#define ROWS 16

/* Leptonica keeps red in the highest byte of a word. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define LEPTONICA_RGB JCS_EXT_XBGR
#else
#define LEPTONICA_RGB JCS_EXT_RGBX
#endif

typedef struct {
    DaJpegGuard guard;
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress;
    const guint8 *data;
    gsize size;
    guint denominator;
    Pix *pix;
    guint8 *line; /* one row of CMYK */
} Reader;

static void reader_clear(Reader *reader)
{
    jpeg_destroy_decompress(&reader->cinfo);
    pixDestroy(&reader->pix);
    g_free(reader->line);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static void on_progress(j_common_ptr cinfo)
{
    Reader *reader = cinfo->client_data;
    if (reader->cinfo.input_scan_number > MAX_SCANS)
        da_jpeg_guard_fail(&reader->guard, "more scans than any encoder makes");
}

static void read_header(void *data)
{
    Reader *reader = data;
    jpeg_create_decompress(&reader->cinfo);
    reader->cinfo.client_data = reader;
    reader->progress.progress_monitor = on_progress;
    reader->cinfo.progress = &reader->progress;
    jpeg_mem_src(&reader->cinfo, reader->data, reader->size);
    jpeg_save_markers(&reader->cinfo, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&reader->cinfo, TRUE);
}

static void read_resolution(const struct jpeg_decompress_struct *cinfo, DaImageInfo *info)
{
    double per_inch = cinfo->density_unit == 2 ? CM_PER_INCH : 1;
    if (cinfo->saw_JFIF_marker && cinfo->density_unit != 0) {
        info->dpi_x = da_codec_dpi(cinfo->X_density, per_inch);
        info->dpi_y = da_codec_dpi(cinfo->Y_density, per_inch);
    }
    for (jpeg_saved_marker_ptr m = cinfo->marker_list; m != NULL; m = m->next) {
        if (m->data_length < 6 || memcmp(m->data, "Exif\0", 6) != 0)
            continue;
        DaExif exif = da_exif_read(m->data + 6, m->data_length - 6);
        info->exif_orientation = exif.orientation;
        info->dpi_x = info->dpi_x != 0 ? info->dpi_x : exif.dpi_x;
        info->dpi_y = info->dpi_y != 0 ? info->dpi_y : exif.dpi_y;
        return;
    }
}

static gboolean reader_open(Reader *reader, GBytes *bytes, DaImageInfo *info, GError **error)
{
    reader->data = g_bytes_get_data(bytes, &reader->size);
    reader->cinfo.err = da_jpeg_guard_init(&reader->guard);
    if (!da_jpeg_guard_run(&reader->guard, read_header, reader, error))
        return FALSE;
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    *info = (DaImageInfo){.format = DA_IMAGE_JPEG,
                          .width_px = cinfo->image_width,
                          .height_px = cinfo->image_height,
                          .bits_per_sample = (guint)cinfo->data_precision,
                          .channels = (guint)cinfo->num_components,
                          .frames = 1,
                          .exif_orientation = 1};
    read_resolution(cinfo, info);
    return da_codec_check_size(cinfo->image_width, cinfo->image_height, error);
}

gboolean da_codec_jpeg_probe(GBytes *bytes, DaImageInfo *info, GError **error)
{
    g_auto(Reader) reader = {0};
    return reader_open(&reader, bytes, info, error);
}

/* Adobe writes ink as light: 255 = no ink. Without its marker 0 = no ink. */
static void cmyk_to_words(const guint8 *cmyk, guint32 *words, guint width, gboolean adobe)
{
    for (guint x = 0; x < width; x++, cmyk += 4) {
        guint light[4];
        for (guint i = 0; i < 4; i++)
            light[i] = adobe ? cmyk[i] : 255u - cmyk[i];
        composeRGBPixel((int)(light[0] * light[3] / 255), (int)(light[1] * light[3] / 255),
                        (int)(light[2] * light[3] / 255), &words[x]);
    }
}

static void read_cmyk_rows(Reader *reader)
{
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    guint32 *words = pixGetData(reader->pix);
    gsize words_per_line = (gsize)pixGetWpl(reader->pix);
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW row = reader->line;
        guint32 *target = words + cinfo->output_scanline * words_per_line;
        if (jpeg_read_scanlines(cinfo, &row, 1) == 1)
            cmyk_to_words(reader->line, target, cinfo->output_width, cinfo->saw_Adobe_marker);
    }
}

static void read_rows(Reader *reader)
{
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    guint8 *base = (guint8 *)pixGetData(reader->pix);
    gsize stride = (gsize)pixGetWpl(reader->pix) * 4;
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW rows[ROWS];
        guint count = MIN(ROWS, cinfo->output_height - cinfo->output_scanline);
        for (guint i = 0; i < count; i++)
            rows[i] = base + (cinfo->output_scanline + i) * stride;
        jpeg_read_scanlines(cinfo, rows, count);
    }
}

static gboolean is_cmyk(const struct jpeg_decompress_struct *cinfo)
{
    return cinfo->jpeg_color_space == JCS_CMYK || cinfo->jpeg_color_space == JCS_YCCK;
}

static void set_output(void *data)
{
    Reader *reader = data;
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    cinfo->scale_num = 1;
    cinfo->scale_denom = reader->denominator;
    cinfo->out_color_space = cinfo->num_components == 1 ? JCS_GRAYSCALE
                             : is_cmyk(cinfo)           ? JCS_CMYK
                                                        : LEPTONICA_RGB;
    jpeg_calc_output_dimensions(cinfo);
}

/* jpeg_finish_decompress reads up to the end mark, so that a file that lacks it is noticed. */
static void read_pixels(void *data)
{
    Reader *reader = data;
    jpeg_start_decompress(&reader->cinfo);
    if (reader->line != NULL)
        read_cmyk_rows(reader);
    else
        read_rows(reader);
    jpeg_finish_decompress(&reader->cinfo);
}

Pix *da_codec_jpeg_decode(GBytes *bytes, guint denominator, DaImageInfo *info, GError **error)
{
    g_auto(Reader) reader = {.denominator = denominator};
    if (!reader_open(&reader, bytes, info, error) ||
        !da_jpeg_guard_run(&reader.guard, set_output, &reader, error))
        return NULL;
    gboolean grey = reader.cinfo.out_color_space == JCS_GRAYSCALE;
    reader.pix = da_codec_new_pix(reader.cinfo.output_width, reader.cinfo.output_height,
                                  grey ? 8 : 32, error);
    if (reader.pix == NULL)
        return NULL;
    if (reader.cinfo.out_color_space == JCS_CMYK)
        reader.line = g_malloc((gsize)reader.cinfo.output_width * 4);
    if (!da_jpeg_guard_run(&reader.guard, read_pixels, &reader, error))
        return NULL;
    if (grey)
        pixEndianByteSwap(reader.pix);
    return g_steal_pointer(&reader.pix);
}
