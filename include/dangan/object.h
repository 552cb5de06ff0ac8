/*
 * Objects: immutable bytes named by their SHA-256.
 *
 * What an object store promises, wherever it keeps its bytes (store/object/backend.h is what a backend fills in; tests/store/object_contract.h
 * is what it must pass): an object is seen whole or not at all, is never overwritten, and is there for good once a commit has said so. An object
 * that is there already is not written again; its bytes are read and compared by digest instead (DA_ERROR_DISK when they have changed).
 *
 * On a file system (store/object/posix.c) an object is the read-only file `objects/ab/cd/<sha256>`. A deposit stages all its
 * objects, makes them durable together (one syncfs), renames each into place and makes the names durable.
 * Thread rule: one thread a stage or a list; a store may be used by several.
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

/* --- bringing ------------------------------------------------------------------------------------------------------------- */

/* `sha256` is 64 lower-case hexadecimal digits wherever something is staged. */

/* A set of objects to be made visible together; removed when freed without a commit. Leftovers of dead processes are swept
 * by the next stage. */
DaObjectStage *da_object_stage_begin(DaObjectStore *store, GError **error);
/* Copies a file in and checks that its digest is `sha256`; DA_ERROR_INPUT when it is not. */
gboolean da_object_stage_file(DaObjectStage *stage, const char *path, const char *sha256, GError **error);
/* Many files on all processors (dangan/threads.h). */
typedef struct {
    char *path;
    const char *sha256;
} DaObjectFile;
gboolean da_object_stage_files(DaObjectStage *stage, const DaObjectFile *files, guint n, GError **error);
gboolean da_object_stage_bytes(DaObjectStage *stage, const void *data, gsize size, const char *sha256, GError **error);
/* Durable and visible. `new_objects` and `new_bytes` (may be NULL) count what was not there before. */
gboolean da_object_stage_commit(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes, GError **error);
void da_object_stage_free(DaObjectStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaObjectStage, da_object_stage_free)

/* --- reading ------------------------------------------------------------------------------------------------------------ */

/* FALSE also when the store cannot be asked. */
gboolean da_object_has(DaObjectStore *store, const char *sha256);
/* How many bytes the store has of it; DA_ERROR_NOT_FOUND. */
gboolean da_object_size(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error);
/* The whole object, digest checked: DA_ERROR_DISK when the bytes have changed, DA_ERROR_NOT_FOUND. The caller owns them. */
GBytes *da_object_read(DaObjectStore *store, const char *sha256, GError **error);
/* A descriptor open for reading, for delivery without a copy; its bytes are as they lie there, unchecked. -1 with error. */
int da_object_open(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error);

/* Takes a piece of an object; FALSE with error ends the reading. */
typedef gboolean (*DaObjectSink)(const void *piece, gsize size, gpointer data, GError **error);
/* Gives the object to `sink` (NULL = only check it) piece by piece, in memory that does not grow with it. What the sink got is right when this
 * is TRUE: the digest is known at the end. DA_ERROR_DISK when it is not the one in its name, or the bytes cannot be read;
 * DA_ERROR_NOT_FOUND. */
gboolean da_object_stream(DaObjectStore *store, const char *sha256, DaObjectSink sink, gpointer data, GError **error);
/* Makes the file `path` of it, which must not exist: read-only, a link where the store can, so that the bytes are those that lie there,
 * unchecked. Not durable by itself. */
gboolean da_object_place_at(DaObjectStore *store, const char *sha256, const char *path, GError **error);

/* --- all of them --------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *sha256; /* NULL: no object, but it lies where objects lie */
    const char *where;  /* as people would look for it, e.g. "objects/ab/cd/…" */
    guint64 size_bytes;
    gint64 since_us;    /* Unix time: since when it lies there as it is */
    gboolean writable;  /* somebody could change it in place; FALSE where nobody can */
    const char *what;   /* "a file", "a link", "a folder" …, for people */
} DaObjectEntry;

/* All objects in the order of their digests, in memory that does not grow with their number; those that come or go
 * meanwhile may be listed or not. What is no object stands where its name sorts. */
typedef struct DaObjectList DaObjectList;
/* `after` is a digest, listed before: what follows it is listed. NULL = from the first. */
DaObjectList *da_object_list_begin(DaObjectStore *store, const char *after, GError **error);
/* Borrowed until the next call. NULL without error = there are no more. The list ends before its store. */
const DaObjectEntry *da_object_list_next(DaObjectList *list, GError **error);
void da_object_list_free(DaObjectList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaObjectList, da_object_list_free)

/* Takes an object away for good: for destruction and for leftovers that no row names, by whoever keeps depositors out (da_turn_own_objects).
 * DA_ERROR_NOT_FOUND when it is not there. */
gboolean da_object_remove(DaObjectStore *store, const char *sha256, GError **error);
