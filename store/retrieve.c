#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/retrieve.h>

guint da_retrieve_head(PGconn *db, const char *dossier_id, GError **error)
{
    if (!g_uuid_string_is_valid(dossier_id)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "'%s' is no package and no dossier id", dossier_id);
        return 0;
    }
    g_autoptr(PGresult) rows =
        da_db_query(db, error, "SELECT version FROM dossier WHERE id = $1::uuid", dossier_id, NULL);
    if (!rows)
        return 0;
    if (PQntuples(rows))
        return (guint)da_db_integer(rows, 0, "version");
    da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no dossier '%s'", dossier_id);
    return 0;
}

/* The digest of a version's manifest. The caller owns it. */
static char *find_manifest(PGconn *db, const char *dossier_id, guint version, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", version);
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT manifest FROM dossier_version WHERE dossier = $1::uuid AND version = $2::integer",
        dossier_id, number, NULL);
    if (!rows)
        return NULL;
    if (PQntuples(rows))
        return g_strdup(da_db_text(rows, 0, "manifest"));
    da_error_set(error, DA_ERROR_NOT_FOUND, "dossier '%s' has no version %u", dossier_id, version);
    return NULL;
}

json_t *da_retrieve_state(DaObjectStore *store, const char *manifest, GError **error)
{
    g_autoptr(GBytes) bytes = da_object_read(store, manifest, error);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    g_autoptr(json_t) inventory = data ? json_loadb(data, size, 0, NULL) : NULL;
    const char *head = json_string_value(json_object_get(inventory, "head"));
    json_t *versions = json_object_get(inventory, "versions");
    json_t *state = head ? json_object_get(json_object_get(versions, head), "state") : NULL;
    if (bytes && !json_object_size(state))
        da_error_set(error, DA_ERROR_DISK, "manifest '%s' is damaged: it lists no files", manifest);
    return json_object_size(state) ? json_incref(state) : NULL;
}

static gboolean place_file(DaObjectStore *store, const char *sha256, const char *inside,
                           const char *folder, GError **error)
{
    if (!da_digest_is_valid(sha256) || !inside || !da_path_is_safe(inside))
        return da_error_set(error, DA_ERROR_DISK, "the manifest names the unsafe file '%s'",
                            inside ? inside : "");
    g_autofree char *to = g_build_filename(folder, inside, NULL);
    g_autofree char *above = g_path_get_dirname(to);
    g_autoptr(GError) failed = NULL;
    if (!da_dir_make(above, error))
        return FALSE;
    if (da_object_place_at(store, sha256, to, &failed))
        return TRUE;
    if (g_error_matches(failed, DA_ERROR, DA_ERROR_NOT_FOUND))
        return da_error_set(error, DA_ERROR_DISK,
                            "object '%s' is not there; bring it back from a copy", sha256);
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

static gboolean place_all(DaObjectStore *store, const json_t *state, const char *folder,
                          GError **error)
{
    const char *sha256;
    json_t *paths;
    json_object_foreach((json_t *)state, sha256, paths)
    {
        size_t i;
        json_t *path;
        json_array_foreach(paths, i, path) if (!place_file(store, sha256, json_string_value(path),
                                                           folder, error)) return FALSE;
    }
    return TRUE;
}

gboolean da_retrieve_manifest(DaArchive *archive, const char *manifest, const char *path,
                              GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(json_t) state = store ? da_retrieve_state(store, manifest, error) : NULL;
    return state && da_dir_make(path, error) && place_all(store, state, path, error);
}

gboolean da_retrieve(DaArchive *archive, PGconn *db, const char *dossier_id, guint version,
                     const char *path, GError **error)
{
    g_autofree char *manifest = find_manifest(db, dossier_id, version, error);
    if (!manifest)
        return FALSE;
    if (da_retrieve_manifest(archive, manifest, path, error))
        return TRUE;
    g_prefix_error(error, "dossier '%s' version %u: ", dossier_id, version);
    return FALSE;
}
