#include "jpeg_guard.h"

#include <dangan/error.h>

static void on_error(j_common_ptr cinfo)
{
    DaJpegGuard *guard = (DaJpegGuard *)cinfo->err;
    cinfo->err->format_message(cinfo, guard->message);
    longjmp(guard->jump, 1);
}

/* Negative levels are warnings: corrupt or missing data, which libjpeg would fill with grey. The rest is chatter. */
static void on_message(j_common_ptr cinfo, int level)
{
    if (level < 0)
        on_error(cinfo);
}

struct jpeg_error_mgr *da_jpeg_guard_init(DaJpegGuard *guard)
{
    struct jpeg_error_mgr *manager = jpeg_std_error(&guard->manager);
    manager->error_exit = on_error;
    manager->emit_message = on_message;
    return manager;
}

gboolean da_jpeg_guard_run(DaJpegGuard *guard, DaJpegWork work, void *data, GError **error)
{
    if (setjmp(guard->jump) != 0)
        return da_error_set(error, DA_ERROR_INPUT, "broken JPEG: %s", guard->message);
    work(data);
    return TRUE;
}

void da_jpeg_guard_fail(DaJpegGuard *guard, const char *message)
{
    g_strlcpy(guard->message, message, sizeof guard->message);
    longjmp(guard->jump, 1);
}
