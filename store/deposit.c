#include "deposit_parts.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/identity.h>
#include <dangan/package.h>
#include <string.h>

#define DISTRICT_DIGITS_MIN 6  /* county; GB/T 2260 */
#define DISTRICT_DIGITS_MAX 12 /* down to the neighbourhood; GB/T 10114 */

void da_deposit_result_clear(DaDepositResult *result)
{
    g_clear_pointer(&result->dossier_id, g_free);
    g_clear_pointer(&result->verification, da_verification_free);
}

/* --- one deposit a dossier at a time --------------------------------------------------------------------------------- */

typedef struct {
    PGconn *db; /* NULL = not held */
    const char *dossier;
} Turn;

static gboolean turn_take(Turn *turn, PGconn *db, const char *dossier, GError **error)
{
    if (!da_db_run(db, error, "SELECT pg_advisory_lock(hashtextextended($1, 0))", dossier, NULL))
        return FALSE;
    *turn = (Turn){db, dossier};
    return TRUE;
}

static void turn_clear(Turn *turn)
{
    if (turn->db)
        da_db_run(turn->db, NULL, "SELECT pg_advisory_unlock(hashtextextended($1, 0))",
                  turn->dossier, NULL);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Turn, turn_clear)

/* --- what is there already ------------------------------------------------------------------------------------------- */

/* 18 characters where it can be: a number of before 2013 is the same person's. NULL = none. */
static char *plain_id(const char *text)
{
    g_autofree char *normal = text ? da_id_number_normalize(text) : NULL;
    if (!normal || !*normal)
        return NULL;
    char *upgraded = da_id_number_upgrade(normal);
    return upgraded ? upgraded : g_steal_pointer(&normal);
}

static gboolean is_same_person(const PGresult *row, const DaDossier *dossier)
{
    g_autofree char *kept = plain_id(da_db_text(row, 0, "id_number"));
    g_autofree char *brought = plain_id(da_dossier_get(dossier, DA_FIELD_ID_NUMBER));
    if (kept || brought)
        return g_strcmp0(kept, brought) == 0;
    return g_strcmp0(da_db_text(row, 0, "name"), da_dossier_get(dossier, DA_FIELD_NAME)) == 0;
}

/* The version that this package is to be: a new one, or the one that it is already (`unchanged`). */
static gboolean find_version(const DaDepositing *depositing, guint *version, gboolean *unchanged,
                             GError **error)
{
    g_autoptr(PGresult) same = da_db_query(
        depositing->db, error,
        "SELECT version FROM dossier_version WHERE dossier = $1 AND package_digest = $2",
        depositing->dossier->id, depositing->verification->digest, NULL);
    g_autoptr(PGresult) kept =
        same ? da_db_query(depositing->db, error,
                           "SELECT version, name, id_number FROM dossier WHERE id = $1",
                           depositing->dossier->id, NULL)
             : NULL;
    if (!kept)
        return FALSE;
    *unchanged = PQntuples(same) > 0;
    *version = *unchanged            ? (guint)da_db_integer(same, 0, "version")
               : PQntuples(kept) > 0 ? (guint)da_db_integer(kept, 0, "version") + 1
                                     : 1;
    if (PQntuples(kept) == 0 || *unchanged || is_same_person(kept, depositing->dossier))
        return TRUE;
    return da_error_set(error, DA_ERROR_CONFLICT,
                        "dossier '%s' is there and belongs to another person (ID number or name "
                        "differ); correct the package, or give it an id of its own",
                        depositing->dossier->id);
}

/* --- the deposit ----------------------------------------------------------------------------------------------------- */

static gboolean put_objects(DaDepositing *depositing, const char *dir, GBytes *manifest,
                            GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(dir, error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(manifest, &size);
    depositing->manifest_bytes = size;
    if (!stage || !da_deposit_stage_files(depositing, stage, error) ||
        !da_object_stage_bytes(stage, data, size, depositing->manifest, error))
        return FALSE;
    da_fault_point("deposit.staged");
    return da_object_stage_commit(stage, NULL, NULL, error);
}

static gboolean put_rows(const DaDepositing *depositing, const DaDepositRows *rows,
                         DaDepositResult *result, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(depositing->db, error);
    if (!transaction || !da_deposit_rows_write(depositing, rows, result, error))
        return FALSE;
    da_fault_point("deposit.rows");
    if (!da_transaction_commit(transaction, error))
        return FALSE;
    da_fault_point("deposit.committed");
    return TRUE;
}

static gboolean put(DaDepositing *depositing, const char *dir, DaDepositResult *result,
                    GError **error)
{
    g_autoptr(GPtrArray) files =
        da_deposit_files(depositing->package, depositing->verification->digest, error);
    if (!files)
        return FALSE;
    depositing->files = files;
    g_autoptr(GBytes) manifest = da_deposit_manifest(depositing);
    gsize size = 0;
    const void *data = g_bytes_get_data(manifest, &size);
    DaDigest digest = da_digest_bytes(data, size);
    depositing->manifest = digest.hex;
    if (!put_objects(depositing, dir, manifest, error))
        return FALSE;
    g_autoptr(DaDepositRows) rows = da_deposit_rows_read(depositing, error);
    return rows && put_rows(depositing, rows, result, error);
}

static gboolean deposit_in_turn(DaDepositing *depositing, const char *dir, DaDepositResult *result,
                                GError **error)
{
    g_auto(Turn) turn = {NULL, NULL};
    if (!turn_take(&turn, depositing->db, depositing->dossier->id, error) ||
        !find_version(depositing, &depositing->version, &result->unchanged, error))
        return FALSE;
    result->version = depositing->version;
    if (result->unchanged)
        return da_deposit_log(depositing->db, depositing->dossier->id, depositing->version,
                              depositing->verification->digest, TRUE, error);
    return put(depositing, dir, result, error);
}

/* --- before it ------------------------------------------------------------------------------------------------------- */

static gboolean verify(const char *package, const DaDepositOptions *options,
                       DaDepositResult *result, GError **error)
{
    if (options->verify_timer)
        g_timer_continue(options->verify_timer);
    result->verification = da_verify_package(package, options->profile, error);
    if (options->verify_timer)
        g_timer_stop(options->verify_timer);
    if (!result->verification)
        return FALSE;
    result->dossier_id = g_strdup(result->verification->id);
    result->files = result->verification->files;
    result->bytes = result->verification->bytes;
    if (result->verification->accepted && result->verification->digest)
        return TRUE;
    return da_error_set(error, DA_ERROR_INPUT, "it is not accepted, with %u findings",
                        result->verification->findings->len);
}

static const char *settle_district(const DaArchive *archive, const DaDepositOptions *options,
                                   const DaDossier *dossier, GError **error)
{
    const char *district = options->district ? options->district
                           : dossier->district
                               ? dossier->district
                               : da_config_text(da_archive_config(archive), "district");
    if (!district) {
        da_error_set(error, DA_ERROR_USAGE,
                     "nothing says which district it is for; give --district, or set district in "
                     "dangan.conf");
        return NULL;
    }
    gsize length = strlen(district);
    if (strspn(district, "0123456789") == length && length >= DISTRICT_DIGITS_MIN &&
        length <= DISTRICT_DIGITS_MAX)
        return district;
    da_error_set(error, DA_ERROR_USAGE, "'%s' is no district code (GB/T 2260: six digits)",
                 district);
    return NULL;
}

static gboolean deposit(DaArchive *archive, PGconn *db, const char *package,
                        const DaDepositOptions *options, DaDepositResult *result, GError **error)
{
    if (!verify(package, options, result, error))
        return FALSE;
    da_fault_point("deposit.verified");
    g_autoptr(DaDossier) dossier = da_package_read(package, error);
    const char *district = dossier ? settle_district(archive, options, dossier, error) : NULL;
    if (!district)
        return FALSE;
    if (!g_uuid_string_is_valid(dossier->id))
        return da_error_set(error, DA_ERROR_INPUT, "its id '%s' is no UUID", dossier->id);
    DaDepositing depositing = {.db = db,
                               .package = package,
                               .district = district,
                               .profile = options->profile,
                               .verification = result->verification,
                               .dossier = dossier};
    result->pages = da_dossier_sides(dossier);
    return deposit_in_turn(&depositing, da_archive_dir(archive), result, error);
}

gboolean da_deposit(DaArchive *archive, PGconn *db, const char *package,
                    const DaDepositOptions *options, DaDepositResult *result, GError **error)
{
    *result = (DaDepositResult){0};
    if (deposit(archive, db, package, options, result, error))
        return TRUE;
    g_autofree char *shown = g_filename_display_name(package);
    g_prefix_error(error, "cannot deposit package '%s': ", shown);
    return FALSE;
}
