/* Which objects dossiers consist of. */
#include "destroy_parts.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/record.h>
#include <dangan/retrieve.h>

typedef struct {
    PGconn *db;
    DaObjectStore *store;
    GHashTable *seen; /* digests that are listed already */
} Listing;

json_t *da_destroy_version(DaObjectStore *store, const PGresult *versions, int row, GError **error)
{
    const char *manifest = da_db_text(versions, row, "manifest");
    g_autoptr(GBytes) text = da_object_read(store, da_db_text(versions, row, "sha256"), error);
    g_autoptr(DaRecord) record = text ? da_record_parse(text, NULL, error) : NULL;
    json_t *objects = record ? da_retrieve_state(store, manifest, error) : NULL;
    const char *findings = objects ? da_record_text(record, "findings") : NULL;
    if (objects)
        json_object_set_new(objects, manifest, json_null());
    if (findings)
        json_object_set_new(objects, findings, json_null());
    return objects;
}

/* Those that no former version has. */
static json_t *digests_of(Listing *listing, const PGresult *versions, int row, GError **error)
{
    g_autoptr(json_t) objects = da_destroy_version(listing->store, versions, row, error);
    json_t *digests = objects ? json_array() : NULL;
    const char *sha256;
    json_t *paths;
    json_object_foreach(objects, sha256,
                        paths) if (g_hash_table_add(listing->seen, g_strdup(sha256)))
        json_array_append_new(digests, json_string(sha256));
    return digests;
}

/* [["…", bytes], …], in the order of digests. */
static json_t *with_sizes(PGconn *db, const json_t *digests, GError **error)
{
    char *list = json_dumps(digests, JSON_COMPACT);
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT coalesce(json_agg(json_build_array(sha256, bytes) ORDER BY sha256),"
                    " '[]') AS list FROM object WHERE sha256 IN"
                    " (SELECT json_array_elements_text($1::json))",
                    list, NULL);
    free(list);
    return rows ? json_loads(da_db_text(rows, 0, "list"), 0, NULL) : NULL;
}

static json_t *versions_of(Listing *listing, const char *dossier, GError **error)
{
    g_autoptr(json_t) listed = json_object();
    g_autoptr(PGresult) versions =
        da_db_query(listing->db, error,
                    "SELECT v.version, v.manifest, r.sha256 FROM dossier_version v"
                    " JOIN record r ON r.number = v.record WHERE v.dossier = $1 ORDER BY v.version",
                    dossier, NULL);
    if (!versions)
        return NULL;
    for (int row = 0; row < PQntuples(versions); row++) {
        g_autoptr(json_t) digests = digests_of(listing, versions, row, error);
        json_t *sized = digests ? with_sizes(listing->db, digests, error) : NULL;
        if (!sized)
            return NULL;
        json_object_set_new(listed, da_db_text(versions, row, "version"), sized);
    }
    return g_steal_pointer(&listed);
}

json_t *da_destroy_listing(PGconn *db, DaObjectStore *store, const DaLeaving *leaving,
                           GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Listing listing = {.db = db, .store = store, .seen = seen};
    g_autoptr(json_t) dossiers = json_object();
    for (int row = 0; row < PQntuples(leaving->rows); row++) {
        const char *dossier = da_db_text(leaving->rows, row, "dossier");
        g_autoptr(GError) problem = NULL;
        json_t *versions = versions_of(&listing, dossier, &problem);
        if (!versions) {
            da_error_set(error, DA_ERROR_DISK,
                         "what dossier '%s' consists of cannot be read: %s; see dangan fsck "
                         "--repair",
                         dossier, problem ? problem->message : "no manifest");
            return NULL;
        }
        json_object_set_new(dossiers, dossier, versions);
    }
    return g_steal_pointer(&dossiers);
}

json_t *da_destroy_listing_read(DaObjectStore *store, const char *sha256, GError **error)
{
    g_autoptr(GBytes) text = da_object_read(store, sha256, error);
    if (!text)
        return NULL;
    json_t *listing = json_loadb(g_bytes_get_data(text, NULL), g_bytes_get_size(text), 0, NULL);
    if (!json_is_object(listing)) {
        json_decref(listing);
        da_error_set(error, DA_ERROR_DISK, "object '%s' is no list of what was destroyed", sha256);
        return NULL;
    }
    return listing;
}
