/*
 * A folder becomes a zip: members stored, not compressed (scans hardly shrink, and what is damaged is then one page), in the order of
 * their names, UTF-8 by the flag, all with one time: the same folder gives the same bytes.
 */
#pragma once

#include <glib.h>

/* Packs what lies below `folder` into the new file `path`. `time` is RFC 3339, NULL = 1980. DA_ERROR_CONFLICT when `path` exists, unless
 * `replace`. */
gboolean da_zip_write(const char *folder, const char *path, const char *time, gboolean replace,
                      GError **error);
