#include <dangan/split.h>

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/image.h>

#include "split_internal.h"

#include <string.h>

/* ISO 32000-1 Annex H.3.4: readers accept the header within the first 1024 bytes. */
#define PDF_HEADER_BYTES 1024

struct DaScanFile {
    char *name; /* for messages */
    GBytes *bytes;
    GArray *pages;   /* TIFF: directories; NULL for the others */
    DaSplitPdf *pdf; /* NULL for the others */
};

static GBytes *map_file(const char *path, GError **error)
{
    guint64 size = 0;
    da_autofd int fd = da_file_open(path, &size, error);
    if (fd < 0)
        return NULL;
    g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(fd, FALSE, error);
    return file == NULL ? NULL : g_mapped_file_get_bytes(file);
}

static gboolean is_pdf(const void *data, gsize size)
{
    return size > 0 && memmem(data, MIN(size, PDF_HEADER_BYTES), "%PDF-", 5) != NULL;
}

static gboolean open_content(DaScanFile *file, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(file->bytes, &size);
    DaImageInfo info;
    switch (da_image_format(data, size)) {
    case DA_IMAGE_TIFF:
        file->pages = da_split_tiff_pages(file->bytes, error);
        return file->pages != NULL;
    case DA_IMAGE_JPEG:
    case DA_IMAGE_PNG:
        return da_image_probe(file->bytes, &info, error);
    case DA_IMAGE_UNKNOWN:
        break;
    }
    if (size == 0)
        return da_error_set(error, DA_ERROR_INPUT, "the file is empty");
    if (!is_pdf(data, size))
        return da_error_set(error, DA_ERROR_INPUT, "neither JPEG, TIFF, PNG nor PDF");
    file->pdf = da_split_pdf_open(file->bytes, error);
    return file->pdf != NULL;
}

DaScanFile *da_scan_file_open(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = map_file(path, error);
    if (bytes == NULL)
        return NULL;
    g_autoptr(DaScanFile) file = g_new0(DaScanFile, 1);
    g_autofree char *base = g_path_get_basename(path);
    file->name = da_name_text(base);
    file->bytes = g_steal_pointer(&bytes);
    if (!open_content(file, error)) {
        g_prefix_error(error, "cannot read scan '%s': ", file->name);
        return NULL;
    }
    return g_steal_pointer(&file);
}

void da_scan_file_free(DaScanFile *file)
{
    if (file == NULL)
        return;
    da_split_pdf_free(file->pdf);
    if (file->pages != NULL)
        g_array_unref(file->pages);
    g_clear_pointer(&file->bytes, g_bytes_unref);
    g_free(file->name);
    g_free(file);
}

guint da_scan_file_frames(const DaScanFile *file)
{
    if (file->pdf != NULL)
        return da_split_pdf_pages(file->pdf);
    return file->pages != NULL ? file->pages->len : 1;
}

gboolean da_scan_file_is_container(const DaScanFile *file)
{
    return file->pdf != NULL || da_scan_file_frames(file) > 1;
}

static GBytes *master_of(DaScanFile *file, guint frame, guint *dpi, GError **error)
{
    if (file->pdf != NULL)
        return da_split_pdf_image(file->pdf, frame, dpi, error);
    g_autoptr(GBytes) master = NULL;
    if (da_scan_file_is_container(file))
        master =
            da_split_tiff_copy(file->bytes, g_array_index(file->pages, guint, frame - 1), error);
    else
        master = g_bytes_new(g_bytes_get_data(file->bytes, NULL), g_bytes_get_size(file->bytes));
    DaImageInfo info;
    if (master == NULL || !da_image_probe(master, &info, error))
        return NULL;
    *dpi = info.dpi_x;
    return g_steal_pointer(&master);
}

GBytes *da_scan_file_master(DaScanFile *file, guint frame, guint *dpi, GError **error)
{
    guint ignored = 0;
    dpi = dpi != NULL ? dpi : &ignored;
    *dpi = 0;
    if (frame < 1 || frame > da_scan_file_frames(file)) {
        da_error_set(error, DA_ERROR_USAGE, "scan '%s' has no page %u", file->name, frame);
        return NULL;
    }
    GBytes *master = master_of(file, frame, dpi, error);
    if (master == NULL)
        g_prefix_error(error, "cannot take page %u out of scan '%s': ", frame, file->name);
    return master;
}
