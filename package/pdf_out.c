#include "pdf_out.h"

#include <dangan/error.h>
#include <dangan/outfile.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

struct DaPdfOut {
    DaOutFile *file;
    GArray *offsets; /* guint64; index = object number, 0 = not written */
    GError *failure;
};

static void put(DaPdfOut *out, const void *data, gsize size)
{
    if (!out->failure)
        da_outfile_write(out->file, data, size, &out->failure);
}

static void put_text(DaPdfOut *out, const char *text)
{
    put(out, text, strlen(text));
}

DaPdfOut *da_pdf_out_new(const char *path, gboolean replace, GError **error)
{
    DaOutFile *file = da_outfile_new(path, replace, error);
    if (!file)
        return NULL;
    DaPdfOut *out = g_new0(DaPdfOut, 1);
    out->file = file;
    out->offsets = g_array_new(FALSE, TRUE, sizeof(guint64));
    g_array_set_size(out->offsets, 1);
    /* The second line says that the file is binary. Source: ISO 32000-1 §7.5.2. */
    put_text(out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    return out;
}

void da_pdf_out_free(DaPdfOut *out)
{
    if (!out)
        return;
    da_outfile_free(out->file);
    g_array_unref(out->offsets);
    g_clear_error(&out->failure);
    g_free(out);
}

guint da_pdf_out_reserve(DaPdfOut *out)
{
    g_array_set_size(out->offsets, out->offsets->len + 1);
    return out->offsets->len - 1;
}

static void begin(DaPdfOut *out, guint number)
{
    g_autofree char *head = g_strdup_printf("%u 0 obj\n", number);
    g_array_index(out->offsets, guint64, number) = da_outfile_size(out->file);
    put_text(out, head);
}

void da_pdf_out_object(DaPdfOut *out, guint number, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    begin(out, number);
    put_text(out, text);
    put_text(out, "\nendobj\n");
}

void da_pdf_out_stream(DaPdfOut *out, guint number, const char *entries, const void *data,
                       gsize size, gboolean deflate)
{
    uLongf packed_size = deflate ? compressBound(size) : 0;
    g_autofree void *packed = deflate ? g_malloc(packed_size) : NULL;
    if (deflate && compress2(packed, &packed_size, data, size, 9) != Z_OK)
        g_error("zlib refuses a buffer in memory");
    gsize length = deflate ? packed_size : size;
    g_autofree char *head =
        g_strdup_printf("<< %s%s/Length %" G_GSIZE_FORMAT " >>\nstream\n", entries,
                        deflate ? " /Filter /FlateDecode " : " ", length);
    begin(out, number);
    put_text(out, head);
    put(out, deflate ? packed : data, length);
    put_text(out, "\nendstream\nendobj\n");
}

static void put_table(DaPdfOut *out, guint catalog, guint info, const char *id)
{
    guint64 start = da_outfile_size(out->file);
    g_autoptr(GString) table = g_string_new(NULL);
    g_string_append_printf(table, "xref\n0 %u\n0000000000 65535 f \n", out->offsets->len);
    for (guint i = 1; i < out->offsets->len; i++)
        g_string_append_printf(table, "%010" G_GUINT64_FORMAT " 00000 n \n",
                               g_array_index(out->offsets, guint64, i));
    g_string_append_printf(table,
                           "trailer\n<< /Size %u /Root %u 0 R /Info %u 0 R /ID [<%s> <%s>] "
                           ">>\nstartxref\n%" G_GUINT64_FORMAT "\n%%%%EOF\n",
                           out->offsets->len, catalog, info, id, id, start);
    put(out, table->str, table->len);
}

gboolean da_pdf_out_commit(DaPdfOut *out, guint catalog, guint info, const char *id, GError **error)
{
    put_table(out, catalog, info, id);
    if (out->failure) {
        g_propagate_error(error, g_steal_pointer(&out->failure));
        return FALSE;
    }
    /* The table has ten digits for a place. */
    if (da_outfile_size(out->file) > 9999999999u)
        return da_error_set(error, DA_ERROR_LIMIT, "the PDF would be larger than 10 GB");
    return da_outfile_commit(out->file, error);
}

char *da_pdf_text(const char *utf8)
{
    glong units = 0;
    g_autofree char *valid = g_utf8_make_valid(utf8, -1);
    g_autofree gunichar2 *utf16 = g_utf8_to_utf16(valid, -1, NULL, &units, NULL);
    GString *text = g_string_new("<FEFF");
    for (glong i = 0; i < units; i++)
        g_string_append_printf(text, "%04X", utf16[i]);
    g_string_append_c(text, '>');
    return g_string_free(text, FALSE);
}

const char *da_pdf_number(double value, char buffer[DA_PDF_NUMBER])
{
    if (!isfinite(value) || fabs(value) > 1e9)
        value = 0;
    g_ascii_formatd(buffer, DA_PDF_NUMBER, "%.4f", value);
    char *end = buffer + strlen(buffer);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        *--end = '\0';
    return g_str_equal(buffer, "-0") ? "0" : buffer;
}
