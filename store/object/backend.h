/*
 * What a kind of object store has to do. store/object.c checks digests and calls these; `sha256` is always valid here. The promises stand in
 * dangan/object.h, and tests/store/object_contract.h holds every backend to them. A backend's own structs begin with these.
 */
#pragma once

#include <dangan/digest.h>
#include <dangan/object.h>

typedef struct {
    void (*free)(DaObjectStore *store);
    /* Filling a stage comes once for a digest that the store has not, for several digests from several threads; when it fails, nothing of it
     * stays. The digest of bytes has been checked, that of a file is for the backend, which reads it once. */
    DaObjectStage *(*stage_begin)(DaObjectStore *store, GError **error);
    gboolean (*stage_file)(DaObjectStage *stage, const char *path, const char *sha256, GError **error);
    gboolean (*stage_bytes)(DaObjectStage *stage, const void *data, gsize size, const char *sha256, GError **error);
    gboolean (*stage_commit)(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes, GError **error);
    void (*stage_free)(DaObjectStage *stage);
    gboolean (*size)(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error);
    int (*open)(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error);
    /* Without a look at the digest; `sink` is never NULL. */
    gboolean (*stream)(DaObjectStore *store, const char *sha256, DaObjectSink sink, gpointer data, GError **error);
    gboolean (*place_at)(DaObjectStore *store, const char *sha256, const char *path, GError **error);
    DaObjectList *(*list_begin)(DaObjectStore *store, const char *after, GError **error);
    const DaObjectEntry *(*list_next)(DaObjectList *list, GError **error);
    void (*list_free)(DaObjectList *list);
    gboolean (*remove)(DaObjectStore *store, const char *sha256, GError **error);
} DaObjectBackend;

struct DaObjectStore {
    const DaObjectBackend *backend;
};

struct DaObjectStage {
    DaObjectStore *store; /* borrowed */
    GMutex lock;          /* over what the threads of a stage share */
    GHashTable *claimed;  /* set of sha256: all that were asked for */
};

struct DaObjectList {
    DaObjectStore *store; /* borrowed */
};

/* DA_ERROR_INPUT when what was found is not what was recorded. */
gboolean da_object_is_recorded(const char *what, const char *sha256, const DaDigest *found, GError **error);
