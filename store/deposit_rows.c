#include "deposit_parts.h"
#include "index.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/package.h>
#include <string.h>

#define DESCRIPTIVE "metadata/descriptive/dossier.xml"

struct DaDepositRows {
    json_t *objects, *materials, *pages, *texts, *keys, *findings;
};

static json_t *object_rows(const DaDepositing *depositing)
{
    json_t *rows = json_array();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < depositing->files->len; i++) {
        const DaBagEntry *entry = depositing->files->pdata[i];
        if (g_hash_table_add(seen, entry->sha256))
            json_array_append_new(rows, json_pack("{s:s, s:I}", "sha256", entry->sha256, "bytes",
                                                  (json_int_t)entry->size_bytes));
    }
    json_array_append_new(rows, json_pack("{s:s, s:I}", "sha256", depositing->manifest, "bytes",
                                          (json_int_t)depositing->manifest_bytes));
    if (*depositing->findings_sha256)
        json_array_append_new(rows, json_pack("{s:s, s:I}", "sha256", depositing->findings_sha256,
                                              "bytes", (json_int_t)depositing->findings_bytes));
    return rows;
}

static json_t *finding_rows(const DaDepositing *depositing)
{
    json_t *rows = json_array();
    size_t i;
    json_t *finding;
    json_array_foreach(depositing->findings, i, finding) json_array_append_new(
        rows,
        json_pack("{s:s, s:s, s:i, s:i, s:O, s:O, s:O?, s:O}", "dossier", depositing->dossier->id,
                  "district", depositing->district, "version", (int)depositing->version, "number",
                  (int)i + 1, "rule", json_object_get(finding, "rule"), "severity",
                  json_object_get(finding, "severity"), "page", json_object_get(finding, "page"),
                  "body", finding));
    return rows;
}

DaDepositRows *da_deposit_rows_read(const DaDepositing *depositing, GError **error)
{
    json_t *texts = da_deposit_texts(depositing, error);
    if (!texts)
        return NULL;
    DaDepositRows *rows = g_new0(DaDepositRows, 1);
    rows->texts = texts;
    rows->objects = object_rows(depositing);
    rows->materials = da_deposit_materials(depositing);
    rows->pages = da_deposit_pages(depositing);
    rows->keys = da_deposit_keys(depositing);
    rows->findings = finding_rows(depositing);
    return rows;
}

void da_deposit_rows_free(DaDepositRows *rows)
{
    if (!rows)
        return;
    json_t *const all[] = {rows->objects, rows->materials, rows->pages,
                           rows->texts,   rows->keys,      rows->findings};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        json_decref(all[i]);
    g_free(rows);
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

/* One statement for all rows of a table: a parameter is a JSON array. */
static PGresult *write_json(PGconn *db, const char *sql, const json_t *rows, GError **error)
{
    char *text = json_dumps(rows, JSON_COMPACT);
    PGresult *result = da_db_query(db, error, sql, text, NULL);
    free(text);
    return result;
}

static gboolean write_rows(PGconn *db, const char *sql, const json_t *rows, GError **error)
{
    if (json_array_size(rows) == 0)
        return TRUE;
    g_autoptr(PGresult) result = write_json(db, sql, rows, error);
    return result != NULL;
}

/* In the order of digests: two deposits that share objects must not wait for each other crosswise. */
static gboolean write_objects(PGconn *db, const json_t *rows, DaDepositResult *result,
                              GError **error)
{
    g_autoptr(PGresult) fresh =
        write_json(db,
                   "WITH fresh AS (INSERT INTO object (sha256, bytes)"
                   " SELECT sha256, bytes FROM json_populate_recordset(NULL::object, $1::json)"
                   " ORDER BY sha256 ON CONFLICT DO NOTHING RETURNING bytes)"
                   " SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes FROM fresh",
                   rows, error);
    if (!fresh)
        return FALSE;
    result->objects_new = (guint64)da_db_integer(fresh, 0, "objects");
    result->bytes_new = (guint64)da_db_integer(fresh, 0, "bytes");
    return TRUE;
}

static json_t *dossier_row(const DaDepositing *depositing)
{
    const DaDossier *dossier = depositing->dossier;
    return json_pack(
        "[{s:s, s:s, s:i, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:i, s:i, s:i}]", "id",
        dossier->id, "district", depositing->district, "version", (int)depositing->version,
        "archival_number", da_dossier_get(dossier, DA_FIELD_ARCHIVAL_NUMBER), "name",
        da_dossier_get(dossier, DA_FIELD_NAME), "former_name",
        da_dossier_get(dossier, DA_FIELD_FORMER_NAME), "sex", da_dossier_get(dossier, DA_FIELD_SEX),
        "birth", da_dossier_get(dossier, DA_FIELD_BIRTH), "id_number",
        da_dossier_get(dossier, DA_FIELD_ID_NUMBER), "employer",
        da_dossier_get(dossier, DA_FIELD_EMPLOYER), "vital_status",
        da_dossier_get(dossier, DA_FIELD_VITAL_STATUS), "materials", (int)dossier->materials->len,
        "pages", (int)da_dossier_sides(dossier), "pages_content",
        (int)da_dossier_sides_with_content(dossier));
}

static gboolean write_dossier(const DaDepositing *depositing, GError **error)
{
    g_autoptr(json_t) row = dossier_row(depositing);
    return write_rows(
        depositing->db,
        "INSERT INTO dossier SELECT * FROM json_populate_recordset(NULL::dossier, "
        "$1::json)"
        " ON CONFLICT (id) DO UPDATE SET (district, version, archival_number, name,"
        " former_name, sex, birth, id_number, employer, vital_status, materials, pages,"
        " pages_content) = ROW (excluded.district, excluded.version,"
        " excluded.archival_number, excluded.name, excluded.former_name, excluded.sex,"
        " excluded.birth, excluded.id_number, excluded.employer,"
        " excluded.vital_status, excluded.materials, excluded.pages,"
        " excluded.pages_content)",
        row, error);
}

static const char *descriptive_of(const DaDepositing *depositing)
{
    g_autofree char *path = da_package_payload(depositing->package_id, DESCRIPTIVE);
    for (guint i = 0; i < depositing->files->len; i++) {
        const DaBagEntry *entry = depositing->files->pdata[i];
        if (!strcmp(entry->path, path))
            return entry->sha256;
    }
    return DA_DB_NULL;
}

static gboolean write_version(const DaDepositing *depositing, const DaRecord *record,
                              const DaDepositResult *result, GError **error)
{
    g_autofree char *version = g_strdup_printf("%u", depositing->version);
    g_autofree char *files = g_strdup_printf("%u", depositing->files->len);
    g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, depositing->bytes);
    g_autofree char *objects = g_strdup_printf("%" G_GUINT64_FORMAT, result->objects_new);
    g_autofree char *fresh = g_strdup_printf("%" G_GUINT64_FORMAT, result->bytes_new);
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, record->number);
    return da_db_run(depositing->db, error,
                     "INSERT INTO dossier_version (dossier, version, package_digest, manifest,"
                     " descriptive, profile, created, files, bytes, objects_new, bytes_new,"
                     " deposited_at, record, district)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                     depositing->dossier->id, version, depositing->digest, depositing->manifest,
                     descriptive_of(depositing), depositing->judged_by,
                     depositing->dossier->created, files, bytes, objects, fresh, record->at, number,
                     depositing->district, NULL);
}

/* Search finds current versions only. */
static gboolean write_index(const DaDepositing *depositing, const DaDepositRows *rows,
                            GError **error)
{
    DaIndexed dossier = {depositing->dossier->id, depositing->district};
    return da_index_put_texts(depositing->db, &dossier, rows->texts, error) &&
           da_index_put_keys(depositing->db, &dossier, rows->keys, error);
}

gboolean da_deposit_log(PGconn *db, const char *dossier, guint version, const char *digest,
                        gboolean unchanged, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", version);
    return da_db_run(db, error,
                     "INSERT INTO deposit_log (operator, dossier, version, package_digest,"
                     " unchanged, district) SELECT $1, id, $3, $4, $5, district FROM dossier"
                     " WHERE id = $2",
                     g_get_user_name(), dossier, number, digest, unchanged ? "t" : "f", NULL);
}

gboolean da_deposit_rows_write(const DaDepositing *depositing, const DaDepositRows *rows,
                               const DaRecord *record, DaDepositResult *result, GError **error)
{
    PGconn *db = depositing->db;
    return da_db_run(db, error, "SELECT open_district($1)", depositing->district, NULL) &&
           write_objects(db, rows->objects, result, error) && write_dossier(depositing, error) &&
           write_version(depositing, record, result, error) &&
           write_rows(db,
                      "INSERT INTO material SELECT * FROM json_populate_recordset("
                      "NULL::material, $1::json)",
                      rows->materials, error) &&
           write_rows(
               db, "INSERT INTO page SELECT * FROM json_populate_recordset(NULL::page, $1::json)",
               rows->pages, error) &&
           write_index(depositing, rows, error) &&
           write_rows(db,
                      "INSERT INTO finding SELECT * FROM json_populate_recordset("
                      "NULL::finding, $1::json)",
                      rows->findings, error);
}
