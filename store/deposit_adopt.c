#include "deposit_adopt.h"
#include "receipt_parts.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/record.h>
#include <stdlib.h>
#include <string.h>

/* The partial index dossier_version_unrecorded makes this cheap for who opens an archive. */
#define NEXT                                                                                       \
    "SELECT v.dossier, v.version, d.district, d.employer, v.package_digest, v.manifest,"           \
    " v.files, v.bytes, v.objects_new, v.bytes_new, split_part(v.profile, ' ', 1) AS profile,"     \
    " substr(v.profile, strpos(v.profile, ' ') + 1) AS profile_version,"                           \
    " to_char(v.deposited_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at,"      \
    " (SELECT count(*) FROM page p WHERE p.dossier = v.dossier AND p.version = v.version"          \
    " AND NOT blank) AS pages,"                                                                    \
    " (SELECT json_agg(body ORDER BY number) FROM finding f WHERE f.dossier = v.dossier"           \
    " AND f.version = v.version) AS findings"                                                      \
    " FROM dossier_version v JOIN dossier d ON d.id = v.dossier WHERE v.record IS NULL"            \
    " ORDER BY v.deposited_at, v.dossier, v.version LIMIT 1 FOR UPDATE OF v"

static json_t *number_of(const PGresult *row, const char *column)
{
    return json_integer((json_int_t)da_db_integer(row, 0, column));
}

static json_t *text_of(const PGresult *row, const char *column)
{
    return json_string(da_db_text(row, 0, column));
}

static json_t *package_row(const PGresult *row)
{
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number", 1, "package",
                     text_of(row, "dossier"), "digest", text_of(row, "package_digest"), "pages",
                     number_of(row, "pages"), "files", number_of(row, "files"), "bytes",
                     number_of(row, "bytes"), "dossier", text_of(row, "dossier"), "version",
                     number_of(row, "version"));
}

/* As deposit_record.c makes it, and with `adopted`: what the rows said that were there before the record. */
static json_t *body_of(const PGresult *row, const json_t *findings, const char *findings_sha256)
{
    json_t *body = json_pack(
        "{s:s, s:o, s:o, s:o, s:{s:o, s:o}, s:{s:i, s:o, s:o, s:o}, s:[o], s:i, s:{s:o, s:o, s:o}}",
        "outcome", "accepted", "package_digest", text_of(row, "package_digest"), "manifest",
        text_of(row, "manifest"), "version", number_of(row, "version"), "profile", "name",
        text_of(row, "profile"), "version", text_of(row, "profile_version"), "counts", "packages",
        1, "files", number_of(row, "files"), "bytes", number_of(row, "bytes"), "pages",
        number_of(row, "pages"), "packages", package_row(row), "warnings",
        (int)json_array_size(findings), "adopted", "deposited_at", text_of(row, "at"),
        "objects_new", number_of(row, "objects_new"), "bytes_new", number_of(row, "bytes_new"));
    if (findings_sha256)
        json_object_set_new(body, "findings", json_string(findings_sha256));
    if (da_db_text(row, 0, "employer"))
        json_object_set_new(body, "enterprise", text_of(row, "employer"));
    da_receipt_seal(body);
    return body;
}

/* The findings as an object, like those of later deposits; `sha256` "" = there are none. */
static gboolean keep_findings(DaArchive *archive, PGconn *db, const json_t *findings,
                              char sha256[DA_DIGEST_HEX + 1], GError **error)
{
    *sha256 = '\0';
    if (json_array_size(findings) == 0)
        return TRUE;
    char *text = json_dumps(findings, JSON_COMPACT | JSON_SORT_KEYS);
    gsize size = strlen(text);
    g_autofree char *bytes = g_strdup_printf("%" G_GSIZE_FORMAT, size);
    g_strlcpy(sha256, da_digest_bytes(text, size).hex, DA_DIGEST_HEX + 1);
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    gboolean kept = stage && da_object_stage_bytes(stage, text, size, sha256, error) &&
                    da_object_stage_commit(stage, NULL, NULL, error) &&
                    da_db_run(db, error,
                              "INSERT INTO object (sha256, bytes) VALUES ($1, $2)"
                              " ON CONFLICT DO NOTHING",
                              sha256, bytes, NULL);
    free(text);
    return kept;
}

static gboolean adopt(DaArchive *archive, PGconn *db, const PGresult *row, GError **error)
{
    const char *rows = da_db_text(row, 0, "findings");
    g_autoptr(json_t) findings = rows ? json_loads(rows, 0, NULL) : NULL;
    char sha256[DA_DIGEST_HEX + 1];
    if (!keep_findings(archive, db, findings, sha256, error))
        return FALSE;
    g_autoptr(json_t) body = body_of(row, findings, *sha256 ? sha256 : NULL);
    const DaRecordDraft draft = {.kind = "deposit",
                                 .district = da_db_text(row, 0, "district"),
                                 .dossier = da_db_text(row, 0, "dossier"),
                                 .body = body,
                                 .rows_are_there = TRUE};
    g_autoptr(DaRecord) record = da_record_append(archive, db, &draft, error);
    g_autofree char *number = record ? g_strdup_printf("%" G_GUINT64_FORMAT, record->number) : NULL;
    return record && da_db_run(db, error,
                               "UPDATE dossier_version SET record = $1"
                               " WHERE dossier = $2 AND version = $3",
                               number, draft.dossier, da_db_text(row, 0, "version"), NULL);
}

static gboolean adopt_next(DaArchive *archive, PGconn *db, gboolean *more, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, error);
    g_autoptr(PGresult) row = transaction ? da_db_query(db, error, NEXT, NULL) : NULL;
    *more = row && PQntuples(row) > 0;
    return row && (!*more || adopt(archive, db, row, error)) &&
           da_transaction_commit(transaction, error);
}

gboolean da_deposit_adopt(DaArchive *archive, PGconn *db, GError **error)
{
    gboolean more = TRUE;
    while (more)
        if (!adopt_next(archive, db, &more, error))
            return FALSE;
    return TRUE;
}
