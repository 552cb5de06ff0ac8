#include "deposit_record.h"
#include "intake_parts.h"
#include "receipt_parts.h"
#include "workplace.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/finding.h>
#include <dangan/handle/json.h>
#include <dangan/package.h>
#include <dangan/retrieve.h>

#define PLACE "package"

typedef struct {
    const DaDepositing *depositing;
    const DaDepositRows *rows;
    DaDepositResult *result;
} Prepared;

/* --- making ---------------------------------------------------------------------------------------------------------- */

static void put_text(json_t *object, const char *member, const char *text)
{
    if (text)
        json_object_set_new(object, member, json_string(text));
}

static json_t *package_row(const DaDepositing *depositing)
{
    const DaDossier *dossier = depositing->dossier;
    g_autofree char *archival = da_finding_mask(da_dossier_get(dossier, DA_FIELD_ARCHIVAL_NUMBER));
    json_t *row = json_pack("{s:i, s:s, s:s, s:i, s:i, s:I, s:s, s:i}", "number", 1, "package",
                            depositing->package_id, "digest", depositing->digest, "pages",
                            (int)da_dossier_sides_with_content(dossier), "files",
                            (int)depositing->files->len, "bytes", (json_int_t)depositing->bytes,
                            "dossier", dossier->id, "version", (int)depositing->version);
    put_text(row, "archival_number", archival);
    return row;
}

static json_t *body_of(const DaDepositing *depositing)
{
    const DaDossier *dossier = depositing->dossier;
    const DaProfile *profile = depositing->profile;
    json_t *body = json_pack(
        "{s:s, s:s, s:s, s:i, s:{s:s, s:s, s:s?}, s:{s:i, s:i, s:I, s:i}, s:[o], s:i}", "outcome",
        "accepted", "package_digest", depositing->digest, "manifest", depositing->manifest,
        "version", (int)depositing->version, "profile", "name", profile->name, "version",
        profile->version, "title_zh", profile->title_zh, "counts", "packages", 1, "files",
        (int)depositing->files->len, "bytes", (json_int_t)depositing->bytes, "pages",
        (int)da_dossier_sides_with_content(dossier), "packages", package_row(depositing),
        "warnings", (int)json_array_size(depositing->findings));
    put_text(body, "findings", *depositing->findings_sha256 ? depositing->findings_sha256 : NULL);
    put_text(body, "enterprise", da_dossier_get(dossier, DA_FIELD_EMPLOYER));
    put_text(body, "batch", depositing->batch);
    if (depositing->batch)
        json_object_set_new(body, "number", json_integer(depositing->number));
    da_receipt_seal(body);
    return body;
}

gboolean da_deposit_record_make(const DaDepositing *depositing, const DaDepositRows *rows,
                                DaDepositResult *result, GError **error)
{
    g_autoptr(json_t) body = body_of(depositing);
    const Prepared prepared = {depositing, rows, result};
    const DaRecordDraft draft = {.kind = "deposit",
                                 .district = depositing->district,
                                 .dossier = depositing->dossier->id,
                                 .body = body,
                                 .prepared = &prepared};
    g_autoptr(DaRecord) record =
        da_record_append(depositing->archive, depositing->db, &draft, error);
    if (record)
        result->receipt = record->number;
    return record != NULL;
}

/* --- applying -------------------------------------------------------------------------------------------------------- */

static json_t *read_findings(DaArchive *archive, const char *sha256, guint64 *bytes, GError **error)
{
    if (!sha256)
        return json_array();
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(GBytes) text = store ? da_object_read(store, sha256, error) : NULL;
    if (!text)
        return NULL;
    *bytes = g_bytes_get_size(text);
    json_t *findings = json_loadb(g_bytes_get_data(text, NULL), *bytes, 0, NULL);
    if (!json_is_array(findings))
        da_error_set(error, DA_ERROR_DISK, "object '%s' holds no findings", sha256);
    return findings;
}

static gboolean manifest_size(DaArchive *archive, DaDepositing *depositing, GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    return store && da_object_size(store, depositing->manifest, &depositing->manifest_bytes, error);
}

/* What the row said before there was a record (deposit_adopt.c). */
static gboolean restore_adopted(const DaDepositing *depositing, const DaRecord *record,
                                GError **error)
{
    json_t *adopted = json_object_get(record->body, "adopted");
    if (!adopted)
        return TRUE;
    char *text = json_dumps(adopted, JSON_COMPACT);
    g_autofree char *version = g_strdup_printf("%u", depositing->version);
    gboolean done =
        da_db_run(depositing->db, error,
                  "UPDATE dossier_version v SET (deposited_at, objects_new, bytes_new) ="
                  " ROW (a.deposited_at, a.objects_new, a.bytes_new) FROM"
                  " json_populate_record(NULL::dossier_version, $1::json) a"
                  " WHERE v.dossier = $2 AND v.version = $3",
                  text, record->dossier, version, NULL);
    free(text);
    return done;
}

/* The rows of the package that stands in `place` as it was deposited. */
static gboolean write_from(DaDepositing *depositing, const DaRecord *record, const char *place,
                           GError **error)
{
    g_autoptr(DaDossier) dossier = da_package_read(place, error);
    g_autoptr(GPtrArray) files =
        dossier ? da_deposit_files(place, depositing->digest, error) : NULL;
    if (!files)
        return FALSE;
    g_autofree char *package_id = g_strdup(dossier->id);
    g_free(dossier->id);
    dossier->id = g_strdup(record->dossier);
    depositing->package = place;
    depositing->package_id = package_id;
    depositing->dossier = dossier;
    depositing->files = files;
    depositing->bytes = da_deposit_bytes(files);
    DaDepositResult result = {0};
    g_autoptr(DaDepositRows) rows = da_deposit_rows_read(depositing, error);
    return rows && da_deposit_rows_write(depositing, rows, record, &result, error) &&
           restore_adopted(depositing, record, error);
}

static gboolean replay(const DaRecordApplying *applying, const DaRecord *record, GError **error)
{
    const json_t *profile = json_object_get(record->body, "profile");
    DaDepositing depositing = {
        .archive = applying->archive,
        .db = applying->db,
        .district = record->district,
        .version = (guint)json_integer_value(json_object_get(record->body, "version")),
        .digest = da_record_text(record, "package_digest"),
        .manifest = da_record_text(record, "manifest"),
    };
    const char *name = json_string_value(json_object_get(profile, "name"));
    const char *version = json_string_value(json_object_get(profile, "version"));
    if (!depositing.district || !record->dossier || !depositing.version || !depositing.digest ||
        !depositing.manifest || !name || !version)
        return da_error_set(error, DA_ERROR_INPUT, "it does not say what was deposited");
    g_autofree char *title = g_strdup_printf("%s %s", name, version);
    depositing.judged_by = title;
    const char *findings_sha256 = da_record_text(record, "findings");
    g_strlcpy(depositing.findings_sha256, findings_sha256 ? findings_sha256 : "",
              sizeof depositing.findings_sha256);
    g_autoptr(json_t) findings =
        read_findings(applying->archive, findings_sha256, &depositing.findings_bytes, error);
    g_autoptr(DaWorkplace) work =
        findings ? da_workplace_new(da_archive_dir(applying->archive), error) : NULL;
    if (!work)
        return FALSE;
    depositing.findings = findings;
    g_autofree char *place = g_build_filename(da_workplace_path(work), PLACE, NULL);
    return manifest_size(applying->archive, &depositing, error) &&
           da_retrieve_manifest(applying->archive, depositing.manifest, place, error) &&
           write_from(&depositing, record, place, error);
}

gboolean da_deposit_record_apply(const DaRecordApplying *applying, const DaRecord *record,
                                 GError **error)
{
    const Prepared *prepared = applying->prepared;
    gboolean written = prepared ? da_deposit_rows_write(prepared->depositing, prepared->rows,
                                                        record, prepared->result, error)
                                : replay(applying, record, error);
    return written && da_intake_note_deposit(applying->db, record, error);
}
