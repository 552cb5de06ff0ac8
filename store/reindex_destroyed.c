#include "reindex_destroyed.h"

#include "destroy_parts.h"
#include "intake_parts.h"

#include <dangan/db.h>
#include <dangan/handle/json.h>
#include <string.h>

gboolean da_reindex_begin(PGconn *db, GError **error)
{
    return da_db_run(db, error,
                     "CREATE TEMPORARY TABLE found_destruction (sha256 text, dossier text,"
                     " listing text) ON COMMIT DROP",
                     NULL);
}

gboolean da_reindex_note(PGconn *db, const DaRecord *record, GError **error)
{
    if (strcmp(record->kind, "destruction") != 0)
        return TRUE;
    const char *listing = da_record_text(record, "listing");
    char *packages = json_dumps(json_object_get(record->body, "packages"), JSON_COMPACT);
    gboolean kept = da_db_run(db, error,
                              "INSERT INTO found_destruction SELECT $1, dossier, $2 FROM"
                              " json_to_recordset($3::json) AS row (dossier text)",
                              record->sha256, listing ? listing : "", packages ? packages : "[]",
                              NULL);
    free(packages);
    return kept;
}

gboolean da_reindex_destroyed(PGconn *db, GHashTable *destroyed, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT dossier, listing FROM found_destruction JOIN chain USING (sha256)", NULL);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        g_hash_table_insert(destroyed, g_strdup(da_db_text(rows, row, "dossier")),
                            g_strdup(da_db_text(rows, row, "listing")));
    return rows != NULL;
}

gboolean da_reindex_bring(PGconn *db, DaObjectStore *store, const DaRecord *record,
                          const char *listing, GError **error)
{
    g_autoptr(json_t) dossiers = da_destroy_listing_read(store, listing, error);
    g_autofree char *version = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(record->body, "version")));
    const json_t *objects =
        json_object_get(json_object_get(dossiers, record->dossier), version);
    if (!dossiers)
        return FALSE;
    char *text = objects ? json_dumps(objects, JSON_COMPACT) : NULL;
    gboolean done =
        da_db_run(db, error, "SELECT open_district($1)", record->district, NULL) &&
        da_db_run(db, error,
                  "INSERT INTO object (sha256, bytes) SELECT object ->> 0,"
                  " (object ->> 1)::bigint FROM json_array_elements($1::json) AS object"
                  " ON CONFLICT DO NOTHING",
                  text ? text : "[]", NULL) &&
        da_intake_note_deposit(db, record, error);
    free(text);
    return done;
}

gboolean da_reindex_drop(PGconn *db, DaObjectStore *store, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT DISTINCT sha256 FROM destroyed_object JOIN object USING (sha256)", NULL);
    for (int row = 0; rows && row < PQntuples(rows); row++) {
        const char *sha256 = da_db_text(rows, row, "sha256");
        if (!da_object_has(store, sha256) &&
            !da_db_run(db, error, "DELETE FROM object WHERE sha256 = $1", sha256, NULL))
            return FALSE;
    }
    return rows != NULL;
}
