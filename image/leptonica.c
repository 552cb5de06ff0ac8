#include "leptonica.h"

#include <allheaders.h>
#include <glib.h>

void da_leptonica_quiet(void)
{
    static gsize done = 0;
    if (g_once_init_enter(&done)) {
        setMsgSeverity(L_SEVERITY_NONE);
        g_once_init_leave(&done, 1);
    }
}
