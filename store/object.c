#include "object/backend.h"
#include "object/posix.h"

#include <dangan/digest.h>
#include <dangan/error.h>

DaObjectStore *da_object_store_open(const char *dir, GError **error)
{
    return da_object_posix_open(dir, error);
}

void da_object_store_free(DaObjectStore *store)
{
    if (store)
        store->backend->free(store);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean is_digest(const char *sha256, GError **error)
{
    return da_digest_is_valid(sha256) ||
           da_error_set(error, DA_ERROR_NOT_FOUND, "there is no object '%s': this is no digest",
                        sha256);
}

gboolean da_object_size(DaObjectStore *store, const char *sha256, guint64 *size_bytes,
                        GError **error)
{
    return is_digest(sha256, error) && store->backend->size(store, sha256, size_bytes, error);
}

gboolean da_object_has(DaObjectStore *store, const char *sha256)
{
    guint64 size;
    return da_object_size(store, sha256, &size, NULL);
}

int da_object_open(DaObjectStore *store, const char *sha256, guint64 *size_bytes, GError **error)
{
    return is_digest(sha256, error) ? store->backend->open(store, sha256, size_bytes, error) : -1;
}

typedef struct {
    DaDigesting *digesting;
    DaObjectSink sink;
    gpointer data;
} Checked;

static gboolean check_piece(const void *piece, gsize size, gpointer data, GError **error)
{
    Checked *checked = data;
    da_digesting_add(checked->digesting, piece, size);
    return !checked->sink || checked->sink(piece, size, checked->data, error);
}

gboolean da_object_stream(DaObjectStore *store, const char *sha256, DaObjectSink sink,
                          gpointer data, GError **error)
{
    g_autoptr(DaDigesting) digesting = da_digesting_new();
    Checked checked = {digesting, sink, data};
    if (!is_digest(sha256, error) ||
        !store->backend->stream(store, sha256, check_piece, &checked, error))
        return FALSE;
    DaDigest digest = da_digesting_end(digesting);
    return g_str_equal(digest.hex, sha256) ||
           da_error_set(error, DA_ERROR_DISK,
                        "object '%s' is damaged: its digest is now %s; bring it back from a copy",
                        sha256, digest.hex);
}

static gboolean gather(const void *piece, gsize size, gpointer data, GError **error)
{
    GByteArray *bytes = data;
    if (size > DA_OBJECT_MAX_BYTES - bytes->len)
        return da_error_set(error, DA_ERROR_LIMIT,
                            "cannot read an object into memory: it has more than %" G_GSIZE_FORMAT
                            " bytes",
                            DA_OBJECT_MAX_BYTES);
    g_byte_array_append(bytes, piece, (guint)size);
    return TRUE;
}

GBytes *da_object_read(DaObjectStore *store, const char *sha256, GError **error)
{
    guint64 size = 0;
    if (!da_object_size(store, sha256, &size, error))
        return NULL;
    g_autoptr(GByteArray) bytes =
        g_byte_array_sized_new((guint)MIN(size, (guint64)DA_OBJECT_MAX_BYTES));
    if (!da_object_stream(store, sha256, gather, bytes, error))
        return NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

gboolean da_object_place_at(DaObjectStore *store, const char *sha256, const char *path,
                            GError **error)
{
    return is_digest(sha256, error) && store->backend->place_at(store, sha256, path, error);
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

DaObjectList *da_object_list_begin(DaObjectStore *store, const char *after, GError **error)
{
    if (after && !is_digest(after, error))
        return NULL;
    DaObjectList *list = store->backend->list_begin(store, after, error);
    if (list)
        list->store = store;
    return list;
}

const DaObjectEntry *da_object_list_next(DaObjectList *list, GError **error)
{
    return list->store->backend->list_next(list, error);
}

void da_object_list_free(DaObjectList *list)
{
    if (list)
        list->store->backend->list_free(list);
}

gboolean da_object_remove(DaObjectStore *store, const char *sha256, GError **error)
{
    return is_digest(sha256, error) && store->backend->remove(store, sha256, error);
}
