/* Where something will stand: the opened folder, its name there, and the name it has while it is made. */
#pragma once

#include <glib.h>

typedef struct {
    int dir; /* open folder, -1 before da_place_open */
    char *folder;
    char *name;
    char *part; /* ".<name>.part" */
} DaPlace;

/* The folder of `path` must exist; `path` itself need not. */
gboolean da_place_open(DaPlace *place, const char *path, GError **error);
void da_place_clear(DaPlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaPlace, da_place_clear)

/* Sets `error` from errno as da_error_set_errno does, with the path as people read it in `…`: "cannot <verb> '…'". */
gboolean da_place_fail(GError **error, int errnum, const char *verb, const char *path);
