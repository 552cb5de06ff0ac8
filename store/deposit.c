#include "deposit_parts.h"
#include "deposit_record.h"
#include "received.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/identity.h>
#include <dangan/package.h>
#include <dangan/retrieve.h>
#include <string.h>

void da_deposit_result_clear(DaDepositResult *result)
{
    g_clear_pointer(&result->dossier_id, g_free);
    g_clear_pointer(&result->verification, da_verification_free);
}

/* --- what is there already ------------------------------------------------------------------------------------------- */

/* Who names the dossier answers for it, as long as nothing says the contrary. */
static gboolean is_same_person(const PGresult *row, const DaDossier *dossier, gboolean joins)
{
    g_autofree char *kept = da_received_number(da_db_text(row, 0, "id_number"));
    g_autofree char *brought = da_received_number(da_dossier_get(dossier, DA_FIELD_ID_NUMBER));
    if (joins && (!kept || !brought))
        return TRUE;
    if (kept || brought)
        return g_strcmp0(kept, brought) == 0;
    return g_strcmp0(da_db_text(row, 0, "name"), da_dossier_get(dossier, DA_FIELD_NAME)) == 0;
}

/* The version that this package is to be: a new one, or the one that it is already (`unchanged`). */
static gboolean find_version(const DaDepositing *depositing, guint *version, gboolean *unchanged,
                             guint64 *receipt, GError **error)
{
    g_autoptr(PGresult) same = da_db_query(
        depositing->db, error,
        "SELECT version, record FROM dossier_version WHERE dossier = $1 AND package_digest = $2",
        depositing->dossier->id, depositing->digest, NULL);
    g_autoptr(PGresult) kept =
        same ? da_db_query(depositing->db, error,
                           "SELECT version, name, id_number FROM dossier WHERE id = $1",
                           depositing->dossier->id, NULL)
             : NULL;
    if (!kept)
        return FALSE;
    *unchanged = PQntuples(same) > 0;
    *receipt = *unchanged ? (guint64)da_db_integer(same, 0, "record") : 0;
    *version = *unchanged            ? (guint)da_db_integer(same, 0, "version")
               : PQntuples(kept) > 0 ? (guint)da_db_integer(kept, 0, "version") + 1
                                     : 1;
    if (PQntuples(kept) == 0 || *unchanged ||
        is_same_person(kept, depositing->dossier, depositing->joins))
        return TRUE;
    return da_error_set(error, DA_ERROR_CONFLICT,
                        "dossier '%s' is there and belongs to another person (ID number or name "
                        "differ); correct the package, or give it an id of its own",
                        depositing->dossier->id);
}

/* --- the deposit ----------------------------------------------------------------------------------------------------- */

/* What verification said of a version cannot be found out again: the profile may be another one then. */
static gboolean stage_findings(DaDepositing *depositing, DaObjectStage *stage, GError **error)
{
    if (json_array_size(depositing->findings) == 0)
        return TRUE;
    char *text = json_dumps(depositing->findings, JSON_COMPACT | JSON_SORT_KEYS);
    depositing->findings_bytes = strlen(text);
    DaDigest digest = da_digest_bytes(text, depositing->findings_bytes);
    g_strlcpy(depositing->findings_sha256, digest.hex, sizeof depositing->findings_sha256);
    gboolean staged = da_object_stage_bytes(stage, text, depositing->findings_bytes,
                                            depositing->findings_sha256, error);
    free(text);
    return staged;
}

static DaObjectStage *stage_objects(DaDepositing *depositing, DaObjectStore *store,
                                    GBytes *manifest, GError **error)
{
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(store, error);
    gsize size = 0;
    const void *data = g_bytes_get_data(manifest, &size);
    depositing->manifest_bytes = size;
    if (!stage || !da_deposit_stage_files(depositing, stage, error) ||
        !da_object_stage_bytes(stage, data, size, depositing->manifest, error) ||
        !stage_findings(depositing, stage, error))
        return NULL;
    da_fault_point("deposit.staged");
    return g_steal_pointer(&stage);
}

typedef struct {
    DaObjectStage *stage;
    gboolean done;
    GError *error;
} Commit;

static gpointer commit_stage(gpointer data)
{
    Commit *commit = data;
    commit->done = da_object_stage_commit(commit->stage, NULL, NULL, &commit->error);
    return NULL;
}

/* The rows are read from the package while the disk makes its objects durable. */
static DaDepositRows *commit_and_read(const DaDepositing *depositing, DaObjectStage *stage,
                                      GError **error)
{
    Commit commit = {.stage = stage};
    GThread *thread = g_thread_new("commit", commit_stage, &commit);
    g_autoptr(GError) problem = NULL;
    g_autoptr(DaDepositRows) rows = da_deposit_rows_read(depositing, &problem);
    g_thread_join(thread);
    if (!commit.done)
        g_propagate_error(error, commit.error);
    else if (!rows)
        g_propagate_error(error, g_steal_pointer(&problem));
    return commit.done ? g_steal_pointer(&rows) : NULL;
}

static gboolean put_rows(const DaDepositing *depositing, const DaDepositRows *rows,
                         DaDepositResult *result, GError **error)
{
    g_autoptr(DaTransaction) transaction = da_transaction_begin(depositing->db, error);
    if (!transaction || !da_deposit_record_make(depositing, rows, result, error) ||
        !da_deposit_log(depositing->db, depositing->dossier->id, depositing->version,
                        depositing->digest, FALSE, error))
        return FALSE;
    da_fault_point("deposit.rows");
    if (!da_transaction_commit(transaction, error))
        return FALSE;
    da_fault_point("deposit.committed");
    return TRUE;
}

static json_t *findings_of(const DaVerification *verification)
{
    json_t *findings = json_array();
    for (guint i = 0; i < verification->findings->len; i++)
        json_array_append_new(findings, da_finding_to_json(verification->findings->pdata[i]));
    return findings;
}

static gboolean put(DaDepositing *depositing, const char *dir, DaDepositResult *result,
                    GError **error)
{
    g_autoptr(json_t) findings = findings_of(result->verification);
    g_autoptr(GPtrArray) files = da_deposit_files(depositing->package, depositing->digest, error);
    if (!files)
        return FALSE;
    depositing->findings = findings;
    depositing->files = files;
    depositing->bytes = da_deposit_bytes(files);
    g_autoptr(GBytes) manifest = da_deposit_manifest(depositing);
    gsize size = 0;
    const void *data = g_bytes_get_data(manifest, &size);
    DaDigest digest = da_digest_bytes(data, size);
    depositing->manifest = digest.hex;
    g_autoptr(DaObjectStore) store = da_object_store_open(dir, error);
    g_autoptr(DaObjectStage) stage =
        store ? stage_objects(depositing, store, manifest, error) : NULL;
    g_autoptr(DaDepositRows) rows = stage ? commit_and_read(depositing, stage, error) : NULL;
    return rows && put_rows(depositing, rows, result, error);
}

/* The rule has run now. */
static void note_outcome(const DaVerification *verification, const DaProfile *profile,
                         gboolean found)
{
    const DaRule *rule = da_profile_rule(profile, "person-received");
    for (guint i = 0; i < verification->results->len; i++) {
        DaRuleResult *result = verification->results->pdata[i];
        if (result->rule != rule)
            continue;
        result->outcome = found ? DA_RULE_FAILED : DA_RULE_PASSED;
        result->findings = found;
        g_clear_pointer(&result->reason, g_free);
    }
}

/* A new dossier of a person who has one already is a finding. Two that come at once must not both find none. */
static gboolean check_person(const DaDepositing *depositing, DaTurn *turn,
                             DaVerification *verification, GError **error)
{
    DaFinding *finding = NULL;
    g_autofree char *name = da_received_turn(depositing->dossier);
    if ((name && !da_turn_take(turn, depositing->db, name, error)) ||
        !da_received_find(depositing->db, depositing->profile, depositing->dossier, &finding,
                          error))
        return FALSE;
    note_outcome(verification, depositing->profile, finding != NULL);
    if (!finding)
        return TRUE;
    g_ptr_array_add(verification->findings, finding);
    verification->accepted = finding->severity < DA_SEVERITY_ERROR;
    return verification->accepted ||
           da_error_set(error, DA_ERROR_INPUT, "%s: %s", finding->rule, finding->message);
}

/* A dossier that is held stays where it is: it moves by transfer (dangan/transfer.h). The district is the caller's. */
static gboolean settle_district(DaDepositing *depositing, const char *wanted, char **held,
                                GError **error)
{
    g_autoptr(PGresult) row =
        da_db_query(depositing->db, error, "SELECT district FROM dossier WHERE id = $1",
                    depositing->dossier->id, NULL);
    if (!row || PQntuples(row) == 0)
        return row != NULL;
    *held = g_strdup(da_db_text(row, 0, "district"));
    if (wanted && strcmp(wanted, *held) != 0)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "dossier '%s' is held by district %s, not %s; it goes there by "
                            "dangan transfer",
                            depositing->dossier->id, *held, wanted);
    depositing->district = *held;
    return TRUE;
}

/* What comes back after its destruction is not the same dossier. */
static gboolean check_not_destroyed(const DaDepositing *depositing, GError **error)
{
    g_autoptr(PGresult) gone =
        da_db_query(depositing->db, error, "SELECT record FROM destroyed WHERE dossier = $1",
                    depositing->dossier->id, NULL);
    return gone && (PQntuples(gone) == 0 ||
                    da_error_set(error, DA_ERROR_CONFLICT,
                                 "dossier '%s' was destroyed with record No. %s; what comes back "
                                 "needs an id of its own",
                                 depositing->dossier->id, da_db_text(gone, 0, "record")));
}

static gboolean deposit_in_turn(DaDepositing *depositing, const char *wanted,
                                DaDepositResult *result, GError **error)
{
    g_auto(DaTurn) turn = {0}, person = {0}, objects = {0};
    g_autofree char *held = NULL;
    const char *dir = da_archive_dir(depositing->archive);
    if (!da_turn_take(&turn, depositing->db, depositing->dossier->id, error) ||
        !find_version(depositing, &depositing->version, &result->unchanged, &result->receipt,
                      error))
        return FALSE;
    result->version = depositing->version;
    if (result->unchanged)
        return da_deposit_mend(depositing, dir, &result->objects_mended, error) &&
               da_deposit_log(depositing->db, depositing->dossier->id, depositing->version,
                              depositing->digest, TRUE, error);
    if (depositing->version == 1 &&
        (!check_not_destroyed(depositing, error) ||
         !check_person(depositing, &person, result->verification, error)))
        return FALSE;
    return settle_district(depositing, wanted, &held, error) &&
           da_turn_share_objects(&objects, depositing->db, error) &&
           put(depositing, dir, result, error);
}

/* --- before it ------------------------------------------------------------------------------------------------------- */

static DaVerification *verify(const char *package, const DaDepositOptions *options, GError **error)
{
    if (options->verify_timer)
        g_timer_continue(options->verify_timer);
    DaVerification *verification = da_verify_package(package, options->profile, error);
    if (options->verify_timer)
        g_timer_stop(options->verify_timer);
    return verification;
}

static gboolean is_accepted(const DaVerification *verification, GError **error)
{
    return (verification->accepted && verification->digest) ||
           da_error_set(error, DA_ERROR_INPUT, "it is not accepted, with %u findings",
                        verification->findings->len);
}

const char *da_deposit_district(const DaArchive *archive, const char *wanted,
                                const DaDossier *dossier, GError **error)
{
    const char *district = wanted ? wanted
                           : dossier->district
                               ? dossier->district
                               : da_config_text(da_archive_config(archive), "district");
    if (!district) {
        da_error_set(error, DA_ERROR_USAGE,
                     "nothing says which district it is for; give --district, or set district in "
                     "dangan.conf");
        return NULL;
    }
    return da_district_check(district, error) ? district : NULL;
}

/* A package joins the dossier of its own id, unless another one is named. */
static gboolean choose_dossier(DaDepositing *depositing, DaDossier *dossier, const char *wanted,
                               GError **error)
{
    if (!g_uuid_string_is_valid(dossier->id))
        return da_error_set(error, DA_ERROR_INPUT, "its id '%s' is no UUID", dossier->id);
    if (!wanted)
        return TRUE;
    if (!da_retrieve_head(depositing->db, wanted, error))
        return FALSE;
    g_free(dossier->id);
    dossier->id = g_strdup(wanted);
    return TRUE;
}

static gboolean deposit_verified(DaArchive *archive, PGconn *db, const char *package,
                                 const DaDepositOptions *options, DaDepositResult *result,
                                 GError **error)
{
    g_autoptr(DaDossier) dossier = da_package_read(package, error);
    const char *district =
        dossier ? da_deposit_district(archive, options->district, dossier, error) : NULL;
    if (!district)
        return FALSE;
    g_autofree char *package_id = g_strdup(dossier->id);
    g_autofree char *judged_by =
        g_strdup_printf("%s %s", options->profile->name, options->profile->version);
    DaDepositing depositing = {.archive = archive,
                               .db = db,
                               .package = package,
                               .package_id = package_id,
                               .joins = options->dossier != NULL,
                               .district = district,
                               .batch = options->batch,
                               .number = options->number,
                               .profile = options->profile,
                               .judged_by = judged_by,
                               .digest = result->verification->digest,
                               .dossier = dossier};
    if (!choose_dossier(&depositing, dossier, options->dossier, error))
        return FALSE;
    g_free(result->dossier_id);
    result->dossier_id = g_strdup(dossier->id);
    result->pages = da_dossier_sides(dossier);
    return deposit_in_turn(&depositing, options->district, result, error);
}

static gboolean finish(gboolean done, const char *package, GError **error)
{
    g_autofree char *shown = g_filename_display_name(package);
    if (!done)
        g_prefix_error(error, "cannot deposit package '%s': ", shown);
    return done;
}

static void take_verification(DaDepositResult *result, DaVerification *verification)
{
    *result = (DaDepositResult){.verification = verification,
                                .dossier_id = g_strdup(verification->id),
                                .files = verification->files,
                                .bytes = verification->bytes};
}

gboolean da_deposit_verified(DaArchive *archive, PGconn *db, const char *package,
                             const DaDepositOptions *options, DaVerification *verification,
                             DaDepositResult *result, GError **error)
{
    take_verification(result, verification);
    return finish(is_accepted(verification, error) &&
                      deposit_verified(archive, db, package, options, result, error),
                  package, error);
}

gboolean da_deposit(DaArchive *archive, PGconn *db, const char *package,
                    const DaDepositOptions *options, DaDepositResult *result, GError **error)
{
    *result = (DaDepositResult){0};
    DaVerification *verification = verify(package, options, error);
    if (!verification)
        return finish(FALSE, package, error);
    da_fault_point("deposit.verified");
    return da_deposit_verified(archive, db, package, options, verification, result, error);
}
