#include "object/backend.h"

#include <dangan/error.h>
#include <dangan/threads.h>

DaObjectStage *da_object_stage_begin(DaObjectStore *store, GError **error)
{
    DaObjectStage *stage = store->backend->stage_begin(store, error);
    if (!stage)
        return NULL;
    stage->store = store;
    stage->claimed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_mutex_init(&stage->lock);
    return stage;
}

void da_object_stage_free(DaObjectStage *stage)
{
    if (!stage)
        return;
    g_hash_table_unref(stage->claimed);
    g_mutex_clear(&stage->lock);
    stage->store->backend->stage_free(stage);
}

/* --- filling --------------------------------------------------------------------------------------------------------- */

gboolean da_object_is_recorded(const char *what, const char *sha256, const DaDigest *found,
                               GError **error)
{
    return g_str_equal(sha256, found->hex) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "'%s' is not the file that was recorded: digest %s, recorded %s", what,
                        found->hex, sha256);
}

/* TRUE for the first who asks for it. */
static gboolean claim(DaObjectStage *stage, const char *sha256)
{
    g_assert(da_digest_is_valid(sha256));
    g_mutex_lock(&stage->lock);
    gboolean first = g_hash_table_add(stage->claimed, g_strdup(sha256));
    g_mutex_unlock(&stage->lock);
    return first;
}

static gboolean keep_claim(DaObjectStage *stage, const char *sha256, gboolean done)
{
    if (done)
        return TRUE;
    g_mutex_lock(&stage->lock);
    g_hash_table_remove(stage->claimed, sha256);
    g_mutex_unlock(&stage->lock);
    return FALSE;
}

static gboolean check_file(const char *path, const char *sha256, GError **error)
{
    DaDigest digest;
    g_autofree char *shown = g_filename_display_name(path);
    return da_digest_file(path, &digest, NULL, error) &&
           da_object_is_recorded(shown, sha256, &digest, error);
}

/* An object that is there is trusted no more than a new one: the deposit will say that these bytes are kept. */
static gboolean check_kept(DaObjectStage *stage, const char *sha256, GError **error)
{
    return da_object_stream(stage->store, sha256, NULL, NULL, error);
}

static gboolean bring_file(DaObjectStage *stage, const char *path, const char *sha256,
                           GError **error)
{
    if (da_object_has(stage->store, sha256))
        return check_file(path, sha256, error) && check_kept(stage, sha256, error);
    return stage->store->backend->stage_file(stage, path, sha256, error);
}

gboolean da_object_stage_file(DaObjectStage *stage, const char *path, const char *sha256,
                              GError **error)
{
    if (!claim(stage, sha256))
        return check_file(path, sha256, error);
    return keep_claim(stage, sha256, bring_file(stage, path, sha256, error));
}

static gboolean bring_bytes(DaObjectStage *stage, const void *data, gsize size, const char *sha256,
                            GError **error)
{
    if (da_object_has(stage->store, sha256))
        return check_kept(stage, sha256, error);
    return stage->store->backend->stage_bytes(stage, data, size, sha256, error);
}

gboolean da_object_stage_bytes(DaObjectStage *stage, const void *data, gsize size,
                               const char *sha256, GError **error)
{
    DaDigest digest = da_digest_bytes(data, size);
    if (!da_object_is_recorded("an object", sha256, &digest, error))
        return FALSE;
    return !claim(stage, sha256) ||
           keep_claim(stage, sha256, bring_bytes(stage, data, size, sha256, error));
}

/* --- many ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    DaObjectStage *stage;
    const DaObjectFile *files;
} Many;

static gboolean stage_one(guint i, gpointer data, GError **error)
{
    const Many *many = data;
    return da_object_stage_file(many->stage, many->files[i].path, many->files[i].sha256, error);
}

gboolean da_object_stage_files(DaObjectStage *stage, const DaObjectFile *files, guint n,
                               GError **error)
{
    Many many = {stage, files};
    return da_threads_run(n, stage_one, &many, error);
}

gboolean da_object_stage_commit(DaObjectStage *stage, guint64 *new_objects, guint64 *new_bytes,
                                GError **error)
{
    guint64 objects = 0, bytes = 0;
    if (!stage->store->backend->stage_commit(stage, &objects, &bytes, error))
        return FALSE;
    if (new_objects)
        *new_objects = objects;
    if (new_bytes)
        *new_bytes = bytes;
    return TRUE;
}
