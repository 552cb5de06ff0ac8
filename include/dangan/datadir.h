/*
 * Where the program's data lie (profiles, the reading room): DANGAN_DATADIR if set, else `../share/dangan` or
 * `share/dangan` beside the running executable. The caller owns the path, whether or not it exists.
 */
#pragma once

#include <glib.h>

char *da_datadir_path(const char *first, ...) G_GNUC_NULL_TERMINATED;
