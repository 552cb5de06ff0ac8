/*
 * Objects: immutable bytes named by their SHA-256, `objects/ab/cd/<sha256>`, read-only files.
 *
 * A deposit stages all its objects, makes them durable together (one syncfs), then renames each into place and syncs the
 * folders. An object that is there already is not written again; its bytes are read and compared by digest instead (DA_ERROR_DISK when
 * they have changed). No object is ever overwritten or seen half-written. Files are read-only (0444), folders 0755.
 * Thread rule: one thread a stage; a store may be used by several. The interface is small so that an S3 backend can serve it later.
 */
#pragma once

#include <glib.h>

/* What da_object_read() takes into memory. */
#define DA_OBJECT_MAX_BYTES ((gsize)1 << 30)

typedef struct DaObjectStore DaObjectStore;
typedef struct DaObjectStage DaObjectStage;

/* `dir` holds objects/ and staging/ on one file system. */
DaObjectStore *da_object_store_open(const char *dir, GError **error);
void da_object_store_free(DaObjectStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaObjectStore, da_object_store_free)

/* `sha256` is 64 lower-case hexadecimal digits wherever something is staged. */

/* A set of objects to be made visible together; removed when freed without a commit. Leftovers of dead processes are swept
 * by the next stage. */
DaObjectStage *da_object_stage_begin(DaObjectStore *store, GError **error);
/* Copies a file in and checks that its digest is `sha256`; DA_ERROR_INPUT when it is not. */
gboolean da_object_stage_file(DaObjectStage *stage, const char *path, const char *sha256, GError **error);
gboolean da_object_stage_bytes(DaObjectStage *stage, const void *data, gsize size, const char *sha256, GError **error);
/* Durable and visible. `new_objects` and `new_bytes` (may be NULL) count what was not there before. */
gboolean da_object_stage_commit(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes, GError **error);
void da_object_stage_free(DaObjectStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaObjectStage, da_object_stage_free)

gboolean da_object_has(DaObjectStore *store, const char *sha256);
/* The whole object, digest checked: DA_ERROR_DISK when the bytes have changed, DA_ERROR_NOT_FOUND. The caller owns them. */
GBytes *da_object_read(DaObjectStore *store, const char *sha256, GError **error);
/* A descriptor open for reading, for delivery without a copy; -1 with error. */
int da_object_open(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error);
