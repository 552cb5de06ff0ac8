/* Lists and catalogues that people make: csv of all encodings, xlsx. */
#include "target.h"

#include <dangan/handle/fd.h>
#include <dangan/table.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    da_autofd int fd = memfd_create("table", MFD_CLOEXEC);
    g_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTable) table = da_table_read(path, &error);
    g_assert((table == NULL) == (error != NULL));
    return 0;
}
