#include "turn.h"
#include "workplace.h"

#include <dangan/addition.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/identity.h>
#include <dangan/package.h>
#include <dangan/retrieve.h>
#include <dangan/supplement.h>
#include <string.h>

#define REPORT_INSIDE "documentation/ingest-report.json"
#define PROFILE_INSIDE "documentation/profile.xml"
#define DOCUMENT_MAX_BYTES ((gsize)64 << 20)

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const DaAdditionOptions *options;
    DaDepositResult *result;
    DaDossier *later;   /* what comes */
    const char *digest; /* of its package */
    char *id;           /* of the dossier that receives it */
    char *district;
} Adding;

static void adding_clear(Adding *adding)
{
    g_clear_pointer(&adding->later, da_dossier_free);
    g_free(adding->id);
    g_free(adding->district);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Adding, adding_clear)

/* --- which dossier --------------------------------------------------------------------------------------------------- */

static PGresult *find_person(const Adding *adding, GError **error)
{
    const char *number = da_dossier_get(adding->later, DA_FIELD_ID_NUMBER);
    const char *name = da_dossier_get(adding->later, DA_FIELD_NAME);
    const char *birth = da_dossier_get(adding->later, DA_FIELD_BIRTH);
    if (number) {
        g_autofree char *normal = da_id_number_normalize(number);
        g_autofree char *upgraded = da_id_number_upgrade(normal);
        return da_db_query(adding->db, error, "SELECT id FROM dossier WHERE id_number IN ($1, $2)",
                           normal, upgraded ? upgraded : normal, NULL);
    }
    return da_db_query(
        adding->db, error,
        "SELECT id FROM dossier WHERE id_number IS NULL AND name = $1 AND birth = $2",
        name ? name : DA_DB_NULL, birth ? birth : DA_DB_NULL, NULL);
}

static gboolean choose_dossier(Adding *adding, GError **error)
{
    if (adding->options->dossier) {
        adding->id = g_strdup(adding->options->dossier);
        return TRUE;
    }
    g_autoptr(PGresult) rows = find_person(adding, error);
    if (!rows)
        return FALSE;
    if (PQntuples(rows) == 0)
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "the archive has no dossier of this person; deposit it as a dossier of "
                            "its own");
    if (PQntuples(rows) > 1)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "the archive has %d dossiers of this person; say which with --dossier",
                            PQntuples(rows));
    adding->id = g_strdup(da_db_text(rows, 0, "id"));
    return TRUE;
}

static gboolean find_district(Adding *adding, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        adding->db, error, "SELECT district FROM dossier WHERE id = $1::uuid", adding->id, NULL);
    if (!rows)
        return FALSE;
    if (PQntuples(rows) == 0)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no dossier '%s'",
                            adding->id);
    adding->district = g_strdup(da_db_text(rows, 0, "district"));
    return TRUE;
}

/* --- the new package --------------------------------------------------------------------------------------------------- */

/* A document that the current version carries, NULL without an error when it carries none. */
static gboolean carried(const char *package, const char *id, const char *inside, GBytes **bytes,
                        GError **error)
{
    g_autofree char *payload = da_package_payload(id, inside);
    g_autofree char *path = g_build_filename(package, payload, NULL);
    *bytes = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    *bytes = da_file_read(path, DOCUMENT_MAX_BYTES, error);
    return *bytes != NULL;
}

static gboolean join(Adding *adding, DaDossier *current, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *at = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    const DaAddition how = {.at = at,
                            .by = (char *)adding->options->by,
                            .from = (char *)adding->options->from,
                            .digest = (char *)adding->digest,
                            .made = adding->later->created,
                            .operator_name = adding->later->operator_name,
                            .scanner = adding->later->scanner};
    const DaScheme *scheme = da_profile_scheme(adding->options->profile, current->scheme);
    return da_dossier_supplement(current, adding->later, scheme, &how, error);
}

/* The package keeps the profile and the report of what it was first: they tell how those pages were made. */
static gboolean write_package(const Adding *adding, const DaDossier *dossier, const char *from,
                              const char *path, GError **error)
{
    g_autoptr(GBytes) report = NULL;
    g_autoptr(GBytes) xml = NULL;
    g_autofree char *digest = NULL;
    if (!carried(from, adding->id, REPORT_INSIDE, &report, error) ||
        !carried(from, adding->id, PROFILE_INSIDE, &xml, error))
        return FALSE;
    const DaProfile made_to = {.xml = xml};
    return da_package_write(dossier, xml ? &made_to : NULL, report, path, FALSE, &digest, error);
}

static gboolean deposit_whole(const Adding *adding, const char *path, GError **error)
{
    const DaDepositOptions options = {.district = adding->district,
                                      .profile = adding->options->profile};
    da_fault_point("addition.packaged");
    da_deposit_result_clear(adding->result);
    return da_deposit(adding->archive, adding->db, path, &options, adding->result, error);
}

static gboolean report_unchanged(const Adding *adding, const DaDossier *current, guint version)
{
    adding->result->unchanged = TRUE;
    adding->result->version = version;
    adding->result->pages = da_dossier_sides(current);
    g_free(adding->result->dossier_id);
    adding->result->dossier_id = g_strdup(adding->id);
    return TRUE;
}

static gboolean add_in(Adding *adding, const char *folder, GError **error)
{
    g_autofree char *kept = g_build_filename(folder, "current", NULL);
    g_autofree char *path = g_build_filename(folder, adding->id, NULL);
    guint version = da_retrieve_head(adding->db, adding->id, error);
    if (!version || !da_retrieve(adding->archive, adding->db, adding->id, version, kept, error))
        return FALSE;
    g_autoptr(DaDossier) current = da_package_read(kept, error);
    if (!current)
        return FALSE;
    if (da_dossier_same_person(current, adding->later) &&
        da_dossier_has_addition(current, adding->digest))
        return report_unchanged(adding, current, version);
    return join(adding, current, error) && write_package(adding, current, kept, path, error) &&
           deposit_whole(adding, path, error);
}

static gboolean add_in_turn(Adding *adding, GError **error)
{
    g_auto(DaTurn) turn = {NULL};
    if (!find_district(adding, error) || !da_turn_take(&turn, adding->db, adding->id, error))
        return FALSE;
    g_autoptr(DaWorkplace) place = da_workplace_new(da_archive_dir(adding->archive), error);
    return place && add_in(adding, da_workplace_path(place), error);
}

static gboolean verify(Adding *adding, const char *package, GError **error)
{
    DaVerification *verification = da_verify_package(package, adding->options->profile, error);
    adding->result->verification = verification;
    if (!verification)
        return FALSE;
    if (!verification->accepted || !verification->digest)
        return da_error_set(error, DA_ERROR_INPUT, "it is not accepted, with %u findings",
                            verification->findings->len);
    return TRUE;
}

static gboolean add(Adding *adding, const char *package, GError **error)
{
    if (!verify(adding, package, error))
        return FALSE;
    g_autofree char *digest = g_strdup(adding->result->verification->digest);
    adding->digest = digest;
    adding->later = da_package_read(package, error);
    if (!adding->later || !choose_dossier(adding, error))
        return FALSE;
    if (!g_uuid_string_is_valid(adding->id))
        return da_error_set(error, DA_ERROR_NOT_FOUND, "'%s' is no dossier id", adding->id);
    return add_in_turn(adding, error);
}

gboolean da_addition_deposit(DaArchive *archive, PGconn *db, const char *package,
                             const DaAdditionOptions *options, DaDepositResult *result,
                             GError **error)
{
    *result = (DaDepositResult){0};
    g_auto(Adding) adding = {.archive = archive, .db = db, .options = options, .result = result};
    if (add(&adding, package, error))
        return TRUE;
    g_autofree char *shown = g_filename_display_name(package);
    g_prefix_error(error, "cannot add package '%s': ", shown);
    return FALSE;
}
