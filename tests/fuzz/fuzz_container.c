/* Zip and tar of other makers: read through, nothing is written. */
#include "target.h"

#include <dangan/container.h>
#include <dangan/handle/fd.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    da_autofd int fd = memfd_create("container", MFD_CLOEXEC);
    g_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    DaContainerLimits limits = DA_CONTAINER_LIMITS;
    limits.max_bytes = (guint64)16 << 20; /* a bomb within the limits only costs time here */
    g_autoptr(DaContainer) container = da_container_unpack_here(fd, NULL, &limits, NULL);
    g_assert(container != NULL);
    g_assert(container->bytes <= limits.max_bytes + (1 << 20));
    return 0;
}
