#include "deposit_parts.h"
#include "turn.h"

#include <dangan/db.h>

/* A row says that the archive has it, and it is not there. What was destroyed has no row, and stays away. */
static gboolean is_missing(const DaDepositing *depositing, DaObjectStore *store, const char *sha256,
                           gboolean *missing, GError **error)
{
    *missing = FALSE;
    if (da_object_has(store, sha256))
        return TRUE;
    g_autoptr(PGresult) rows =
        da_db_query(depositing->db, error, "SELECT 1 FROM object WHERE sha256 = $1", sha256, NULL);
    *missing = rows && PQntuples(rows) > 0;
    return rows != NULL;
}

static gboolean stage_missing(const DaDepositing *depositing, DaObjectStore *store,
                              DaObjectStage *stage, guint *missing, GError **error)
{
    for (guint i = 0; i < depositing->files->len; i++) {
        const DaBagEntry *entry = depositing->files->pdata[i];
        g_autofree char *place = g_build_filename(depositing->package, entry->path, NULL);
        gboolean wanted;
        if (!is_missing(depositing, store, entry->sha256, &wanted, error) ||
            (wanted && !da_object_stage_file(stage, place, entry->sha256, error)))
            return FALSE;
        *missing += wanted;
    }
    return TRUE;
}

gboolean da_deposit_mend(DaDepositing *depositing, const char *dir, guint64 *mended, GError **error)
{
    g_auto(DaTurn) objects = {0};
    guint missing = 0;
    g_autoptr(GPtrArray) files =
        da_deposit_files(depositing->package, depositing->digest, error);
    g_autoptr(DaObjectStore) store = files ? da_object_store_open(dir, error) : NULL;
    if (!store || !da_turn_share_objects(&objects, depositing->db, error))
        return FALSE;
    depositing->files = files;
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(store, error);
    gboolean done = stage && stage_missing(depositing, store, stage, &missing, error) &&
                    (missing == 0 || da_object_stage_commit(stage, mended, NULL, error));
    depositing->files = NULL;
    return done;
}
