/* Scans and containers of scans: TIFF with its directories, PDF with its content. Masters are taken out, not decoded. */
#include "target.h"

#include <dangan/handle/fd.h>
#include <dangan/split.h>
#include <sys/mman.h>

/* Pages of one input that are taken: the rest is like them. */
#define PAGES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    da_autofd int fd = memfd_create("scan", MFD_CLOEXEC);
    g_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaScanFile) scan = da_scan_file_open(path, &error);
    g_assert((scan == NULL) == (error != NULL));
    for (guint page = 1; scan && page <= MIN(da_scan_file_frames(scan), PAGES); page++) {
        g_autoptr(GError) refused = NULL;
        guint dpi = 0;
        g_autoptr(GBytes) master = da_scan_file_master(scan, page, &dpi, &refused);
        g_assert((master == NULL) == (refused != NULL));
    }
    return 0;
}
