/*
 * Objects on a POSIX file system: the open store, and where an object lies.
 */
#pragma once

#include <dangan/digest.h>
#include <dangan/object.h>

#define DA_OBJECT_FOLDERS 6 /* "ab/cd" and its NUL */

struct DaObjectStore {
    char *objects, *staging;
    int objects_fd, staging_fd;
};

typedef struct {
    char first[3];                  /* "ab" */
    char folder[DA_OBJECT_FOLDERS]; /* "ab/cd" */
    char path[DA_OBJECT_FOLDERS + DA_DIGEST_HEX + 1];
} DaObjectPlace;

/* Relative to objects/. `sha256` is valid. */
DaObjectPlace da_object_place(const char *sha256);
