/*
 * Objects on a file system: the open store, and where an object lies.
 */
#pragma once

#include "backend.h"

#define DA_OBJECT_FOLDERS 6 /* "ab/cd" and its NUL */

typedef struct {
    DaObjectStore store;
    char *objects, *staging;
    int objects_fd, staging_fd;
} DaObjectPosix;

typedef struct {
    char first[3];                  /* "ab" */
    char folder[DA_OBJECT_FOLDERS]; /* "ab/cd" */
    char path[DA_OBJECT_FOLDERS + DA_DIGEST_HEX + 1];
} DaObjectPlace;

DaObjectStore *da_object_posix_open(const char *dir, GError **error);

/* Relative to objects/. */
DaObjectPlace da_object_posix_place(const char *sha256);
/* A folder below `parent`, never through a link; -1 with errno. */
int da_object_posix_folder(int parent, const char *name);

/* posix_stage.c */
DaObjectStage *da_object_posix_stage_begin(DaObjectStore *store, GError **error);
gboolean da_object_posix_stage_file(DaObjectStage *stage, const char *path, const char *sha256, GError **error);
gboolean da_object_posix_stage_bytes(DaObjectStage *stage, const void *data, gsize size, const char *sha256, GError **error);
gboolean da_object_posix_stage_commit(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes, GError **error);
void da_object_posix_stage_free(DaObjectStage *stage);

/* posix_list.c */
DaObjectList *da_object_posix_list_begin(DaObjectStore *store, const char *after, GError **error);
const DaObjectEntry *da_object_posix_list_next(DaObjectList *list, GError **error);
void da_object_posix_list_free(DaObjectList *list);
