#include "codec.h"
#include "jpeg_guard.h"

#include <dangan/error.h>
#include <stdlib.h>

#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define LEPTONICA_RGB JCS_EXT_XBGR
#else
#define LEPTONICA_RGB JCS_EXT_RGBX
#endif

typedef struct {
    DaJpegGuard guard;
    struct jpeg_compress_struct cinfo;
    Pix *pix; /* 8 or 32 bits; borrowed */
    int quality;
    unsigned char *out; /* malloc */
    unsigned long size_bytes;
    guint32 *line; /* one row of grey in the order of bytes */
} Writer;

static void writer_clear(Writer *writer)
{
    jpeg_destroy_compress(&writer->cinfo);
    free(writer->out);
    g_free(writer->line);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Writer, writer_clear)

static void set_parameters(Writer *writer)
{
    struct jpeg_compress_struct *cinfo = &writer->cinfo;
    gboolean grey = pixGetDepth(writer->pix) == 8;
    cinfo->image_width = (JDIMENSION)pixGetWidth(writer->pix);
    cinfo->image_height = (JDIMENSION)pixGetHeight(writer->pix);
    cinfo->input_components = grey ? 1 : 4;
    cinfo->in_color_space = grey ? JCS_GRAYSCALE : LEPTONICA_RGB;
    jpeg_set_defaults(cinfo); /* 4:2:0 for colour */
    jpeg_set_quality(cinfo, writer->quality, TRUE);
    int dpi_x = pixGetXRes(writer->pix), dpi_y = pixGetYRes(writer->pix);
    if (dpi_x > 0 && dpi_y > 0 && dpi_x <= G_MAXUINT16 && dpi_y <= G_MAXUINT16) {
        cinfo->density_unit = 1;
        cinfo->X_density = (UINT16)dpi_x;
        cinfo->Y_density = (UINT16)dpi_y;
    }
}

static JSAMPROW row_of(Writer *writer, guint y)
{
    int words = pixGetWpl(writer->pix);
    guint32 *source = pixGetData(writer->pix) + (gsize)y * (gsize)words;
    if (writer->line == NULL)
        return (JSAMPROW)source;
    for (int i = 0; i < words; i++)
        writer->line[i] = GUINT32_TO_BE(source[i]);
    return (JSAMPROW)writer->line;
}

static void write_pixels(void *data)
{
    Writer *writer = data;
    struct jpeg_compress_struct *cinfo = &writer->cinfo;
    jpeg_create_compress(cinfo);
    jpeg_mem_dest(cinfo, &writer->out, &writer->size_bytes);
    set_parameters(writer);
    jpeg_start_compress(cinfo, TRUE);
    while (cinfo->next_scanline < cinfo->image_height) {
        JSAMPROW row = row_of(writer, cinfo->next_scanline);
        jpeg_write_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_compress(cinfo);
}

GBytes *da_codec_jpeg_encode(Pix *pix, guint quality, GError **error)
{
    g_auto(Writer) writer = {.pix = pix, .quality = (int)CLAMP(quality, 1, 100)};
    writer.cinfo.err = da_jpeg_guard_init(&writer.guard);
    if (pixGetDepth(pix) == 8)
        writer.line = g_new(guint32, (gsize)pixGetWpl(pix));
    if (!da_jpeg_guard_run(&writer.guard, write_pixels, &writer, error))
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&writer.out), writer.size_bytes);
}
