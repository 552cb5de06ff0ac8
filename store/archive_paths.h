/* What archive.c and archive_status.c both need to know of an archive folder. */
#pragma once

#include <glib.h>

/* DIR/dangan.conf. The caller owns it. */
char *da_archive_settings_path(const char *dir);
/* DA_ERROR_NOT_FOUND when `dir` is no complete archive. */
gboolean da_archive_check(const char *dir, GError **error);
