/* The actions backup and restore of `dangan archive`. */
#pragma once

#include <glib.h>

/* Both return the exit status: 0, 1 (restored, and fsck finds something), 3 (some objects could not be copied and are named), or that of a failure. */
int da_cli_archive_backup(const char *dir, const char *to, guint keep, gboolean json);
int da_cli_archive_restore(const char *from, const char *dir, gboolean json);
