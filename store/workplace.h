/*
 * A folder to work in, on the file system of the objects, so that they can be linked into it: below DIR/staging, removed when it is freed,
 * or after a kill by whoever stages objects next.
 */
#pragma once

#include <glib.h>

typedef struct DaWorkplace DaWorkplace;

/* `dir` is the archive's folder. */
DaWorkplace *da_workplace_new(const char *dir, GError **error);
const char *da_workplace_path(const DaWorkplace *place);
void da_workplace_free(DaWorkplace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaWorkplace, da_workplace_free)
