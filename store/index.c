#include "index.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <stdlib.h>

/* To be changed with every change of what da_person_keys() and da_bigram_vector() make. */
#define RULES "3"
#define TO_TEXT(x) #x
#define SQL_NUMBER(x) TO_TEXT(x)
#define BATCH 100 /* dossiers a transaction */

/* --- writing --------------------------------------------------------------------------------------------------------- */

/* Parameters: the rows as JSON, the dossier, its district. */
static gboolean put(PGconn *db, const DaIndexed *indexed, const char *sql, const json_t *rows,
                    GError **error)
{
    if (json_array_size(rows) == 0)
        return TRUE;
    char *text = json_dumps(rows, JSON_COMPACT);
    gboolean done = da_db_run(db, error, sql, text, indexed->dossier, indexed->district, NULL);
    free(text);
    return done;
}

gboolean da_index_put_keys(PGconn *db, const DaIndexed *indexed, const json_t *keys, GError **error)
{
    return da_db_run(db, error, "DELETE FROM person_key WHERE dossier = $1::uuid AND district = $2",
                     indexed->dossier, indexed->district, NULL) &&
           put(db, indexed,
               "INSERT INTO person_key SELECT kind, key, $2::uuid, $3"
               " FROM json_to_recordset($1::json) AS row (kind text, key text)"
               " ON CONFLICT DO NOTHING",
               keys, error);
}

gboolean da_index_put_texts(PGconn *db, const DaIndexed *indexed, const json_t *texts,
                            GError **error)
{
    return da_db_run(db, error, "DELETE FROM page_text WHERE dossier = $1::uuid AND district = $2",
                     indexed->dossier, indexed->district, NULL) &&
           put(db, indexed,
               "INSERT INTO page_text SELECT page, $2::uuid, $3, text,"
               " array_to_tsvector(bigrams::text[]) FROM json_to_recordset($1::json)"
               " AS row (page text, text text, bigrams text)",
               texts, error);
}

/* --- making anew ----------------------------------------------------------------------------------------------------- */

static gboolean is_current(PGconn *db, gboolean *current, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error, "SELECT rules = $1 AS current FROM index_rules", RULES, NULL);
    if (!rows)
        return FALSE;
    *current = PQntuples(rows) == 1 && da_db_boolean(rows, 0, "current");
    return TRUE;
}

static gboolean remake_keys(PGconn *db, const PGresult *dossiers, int row, GError **error)
{
    DaIndexed indexed = {da_db_text(dossiers, row, "id"), da_db_text(dossiers, row, "district")};
    DaPerson person = {da_db_text(dossiers, row, "name"), da_db_text(dossiers, row, "former_name"),
                       da_db_text(dossiers, row, "id_number"),
                       da_db_text(dossiers, row, "employer")};
    g_autoptr(json_t) keys = da_person_keys(&person);
    return da_index_put_keys(db, &indexed, keys, error);
}

static gboolean remake_bigrams(PGconn *db, const PGresult *dossiers, int row, GError **error)
{
    DaIndexed indexed = {da_db_text(dossiers, row, "id"), da_db_text(dossiers, row, "district")};
    g_autoptr(PGresult) pages = da_db_query(
        db, error, "SELECT page, text FROM page_text WHERE dossier = $1::uuid AND district = $2",
        indexed.dossier, indexed.district, NULL);
    g_autoptr(json_t) rows = json_array();
    for (int i = 0; pages && i < PQntuples(pages); i++) {
        g_autofree char *bigrams = da_bigram_vector(da_db_text(pages, i, "text"));
        json_array_append_new(rows, json_pack("{s:s, s:s}", "page", da_db_text(pages, i, "page"),
                                              "bigrams", bigrams));
    }
    return pages && put(db, &indexed,
                        "UPDATE page_text AS t SET bigrams = array_to_tsvector(row.bigrams::text[])"
                        " FROM json_to_recordset($1::json) AS row (page text, bigrams text)"
                        " WHERE t.page = row.page AND t.dossier = $2::uuid AND t.district = $3",
                        rows, error);
}

/* The next dossiers, locked: a deposit of one of them waits until its new keys are there. */
static PGresult *next(PGconn *db, GError **error)
{
    return da_db_query(db, error,
                       "SELECT id, district, name, former_name, id_number, employer FROM dossier"
                       " WHERE id > (SELECT coalesce(after,"
                       " '00000000-0000-0000-0000-000000000000') FROM index_rules)"
                       " ORDER BY id LIMIT " SQL_NUMBER(BATCH) " FOR UPDATE",
                       NULL);
}

static gboolean remake(PGconn *db, int *n, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(PGresult) dossiers = transaction ? next(db, error) : NULL;
    if (!dossiers)
        return FALSE;
    *n = PQntuples(dossiers);
    for (int i = 0; i < *n; i++)
        if (!remake_keys(db, dossiers, i, error) || !remake_bigrams(db, dossiers, i, error))
            return FALSE;
    if (*n > 0 && !da_db_run(db, error, "UPDATE index_rules SET after = $1::uuid",
                             da_db_text(dossiers, *n - 1, "id"), NULL))
        return FALSE;
    if (!da_transaction_commit(transaction, error))
        return FALSE;
    da_fault_point("index.batch");
    return TRUE;
}

/* Work that was begun by other rules counts for nothing. */
static gboolean begin(PGconn *db, DaProgress *progress, GError **error)
{
    if (!da_db_run(db, error,
                   "UPDATE index_rules SET making = $1, after = NULL"
                   " WHERE making IS DISTINCT FROM $1",
                   RULES, NULL))
        return FALSE;
    g_autoptr(PGresult) counts =
        da_db_query(db, error,
                    "SELECT count(*) AS all, count(*) FILTER (WHERE id <= after) AS done"
                    " FROM dossier, index_rules",
                    NULL);
    if (!counts)
        return FALSE;
    if (progress) {
        da_progress_total(progress, (guint64)da_db_integer(counts, 0, "all"));
        da_progress_skip(progress, (guint64)da_db_integer(counts, 0, "done"));
    }
    return TRUE;
}

static gboolean remake_all(PGconn *db, DaProgress *progress, GError **error)
{
    gboolean current = FALSE;
    if (!is_current(db, &current, error))
        return FALSE;
    if (current)
        return TRUE;
    if (!begin(db, progress, error))
        return FALSE;
    guint64 made = 0;
    for (int n = BATCH; n > 0; made += (guint64)n) {
        if (!remake(db, &n, error))
            return FALSE;
        da_progress_add(progress, (guint64)n);
    }
    if (made > 0)
        da_progress_line(progress, "index: made anew for %" G_GUINT64_FORMAT " dossiers", made);
    return da_db_run(db, error, "UPDATE index_rules SET rules = $1, making = NULL, after = NULL",
                     RULES, NULL);
}

gboolean da_index_refresh(PGconn *db, DaProgress *progress, GError **error)
{
    gboolean current = FALSE;
    if (!is_current(db, &current, error))
        return FALSE;
    if (current)
        return TRUE;
    if (!da_db_run(db, error, "SELECT pg_advisory_lock(hashtext('dangan index'))", NULL))
        return FALSE;
    gboolean done = remake_all(db, progress, error);
    da_db_run(db, NULL, "SELECT pg_advisory_unlock(hashtext('dangan index'))", NULL);
    return done;
}
