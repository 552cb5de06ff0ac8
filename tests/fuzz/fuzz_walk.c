/* The structure walkers of JPEG, TIFF and PNG. */
#include "target.h"

#include <dangan/walk.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(DaWalk) walk = da_walk_image(data, size);
    g_assert(walk->faults->len <= DA_WALK_MAX_KEPT);
    g_assert(walk->trailing_bytes <= size);
    for (guint i = 0; i < walk->faults->len; i++)
        g_assert(((DaWalkFault *)walk->faults->pdata[i])->kind < DA_WALK_KINDS_N);
    return 0;
}
