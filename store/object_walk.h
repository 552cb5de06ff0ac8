/*
 * All files below an objects/ folder, in the order of their digests: a stream that can be merged with one of rows. It holds the names
 * of one folder of each level at a time, whatever the number of objects.
 *
 * Nothing is followed and nothing is skipped: what is no object is given as such, in the place where it lies.
 */
#pragma once

#include <dangan/digest.h>
#include <sys/stat.h>

typedef struct DaObjectWalk DaObjectWalk;

/* What lies there. */
typedef enum {
    DA_FOUND_OBJECT,  /* a regular file in the place of its name */
    DA_FOUND_FOREIGN, /* anything else: a link, another name, another place, a device, a folder too deep */
} DaFoundKind;

typedef struct {
    DaFoundKind kind;
    char path[3 * NAME_MAX]; /* relative to objects/ */
    const char *sha256;      /* of an object: points into `path` */
    struct stat stat;
} DaFound;

/* `objects` is the path of the folder. NULL with error. */
DaObjectWalk *da_object_walk_new(const char *objects, GError **error);
/* The next file; borrowed until the next call. `*found` NULL = that was the last one. */
gboolean da_object_walk_next(DaObjectWalk *walk, const DaFound **found, GError **error);
void da_object_walk_free(DaObjectWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaObjectWalk, da_object_walk_free)
