#include "intake_check.h"

#include "received.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/handle/json.h>
#include <dangan/package.h>
#include <dangan/retrieve.h>

void da_intake_check_init(DaIntakeCheck *check, DaArchive *archive, PGconn *db,
                          const DaProfile *profile)
{
    *check = (DaIntakeCheck){.archive = archive, .db = db, .profile = profile};
    check->profile_digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, profile->xml);
    check->persons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void da_intake_check_clear(DaIntakeCheck *check)
{
    g_clear_pointer(&check->profile_digest, g_free);
    g_clear_pointer(&check->persons, g_hash_table_unref);
}

/* --- what is kept ---------------------------------------------------------------------------------------------------- */

static DaVerification *verification_new(const DaIntakePackage *package)
{
    DaVerification *verification = g_new0(DaVerification, 1);
    verification->path = g_strdup(package->package);
    verification->id = g_strdup(package->package);
    verification->digest = g_strdup(package->digest);
    verification->files = package->files;
    verification->bytes = package->bytes;
    verification->results = g_ptr_array_new();
    verification->materials = g_ptr_array_new();
    verification->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    return verification;
}

static gboolean read_findings(DaVerification *verification, const char *text, GError **error)
{
    g_autoptr(json_t) findings = json_loads(text, 0, NULL);
    for (gsize i = 0; i < json_array_size(findings); i++) {
        DaFinding *finding = da_finding_from_json(json_array_get(findings, i), error);
        if (!finding)
            return FALSE;
        g_ptr_array_add(verification->findings, finding);
    }
    return TRUE;
}

/* What was said of it last. NULL without an error when nothing was. */
static DaVerification *kept_check(const DaIntakeCheck *check, const DaIntakePackage *package,
                                  GError **error)
{
    g_autoptr(PGresult) row = da_db_query(
        check->db, error,
        "SELECT accepted, findings FROM batch_check WHERE package_digest = $1 AND profile = $2",
        package->digest, check->profile_digest, NULL);
    if (!row || !PQntuples(row))
        return NULL;
    g_autoptr(DaVerification) verification = verification_new(package);
    verification->accepted = da_db_boolean(row, 0, "accepted");
    if (!read_findings(verification, da_db_text(row, 0, "findings"), error))
        return NULL;
    return g_steal_pointer(&verification);
}

static gboolean keep(const DaIntakeCheck *check, const char *district,
                     const DaVerification *verification, const DaIntakePackage *package,
                     GError **error)
{
    g_autoptr(json_t) findings = json_array();
    for (guint i = 0; i < verification->findings->len; i++)
        json_array_append_new(findings, da_finding_to_json(verification->findings->pdata[i]));
    char *text = json_dumps(findings, JSON_COMPACT);
    gboolean done = da_db_run(check->db, error,
                              "INSERT INTO batch_check (package_digest, district, profile,"
                              " accepted, findings) VALUES ($1, $2, $3, $4, $5)"
                              " ON CONFLICT (package_digest) DO UPDATE SET profile = $3,"
                              " accepted = $4, findings = $5, checked_at = now()",
                              package->digest, district, check->profile_digest,
                              verification->accepted ? "t" : "f", text, NULL);
    free(text);
    return done;
}

/* --- looking --------------------------------------------------------------------------------------------------------- */

/* Before the enterprise is blamed: are the objects what came? */
static gboolean is_undamaged(const DaIntakeCheck *check, const DaIntakePackage *package,
                             GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(check->archive), error);
    g_autoptr(json_t) state = store ? da_retrieve_state(store, package->listing, error) : NULL;
    if (!state)
        return FALSE;
    const char *sha256;
    json_t *paths;
    json_object_foreach(state, sha256, paths)
    {
        if (da_object_stream(store, sha256, NULL, NULL, error))
            continue;
        g_prefix_error(error, "package '%s' is not as it was received, bring it back from a copy: ",
                       package->package);
        return FALSE;
    }
    return TRUE;
}

static DaVerification *look(DaIntakeCheck *check, const DaIntakePackage *package,
                            const char *district, const char *path, GError **error)
{
    g_autoptr(DaVerification) verification = da_verify_package(path, check->profile, error);
    if (!verification || (!verification->accepted && !is_undamaged(check, package, error)))
        return NULL;
    if (g_strcmp0(verification->digest, package->digest) != 0) {
        da_error_set(error, DA_ERROR_DISK,
                     "package '%s' was kept with digest %s and has another now", package->package,
                     package->digest);
        return NULL;
    }
    check->checked = TRUE;
    return keep(check, district, verification, package, error) ? g_steal_pointer(&verification)
                                                               : NULL;
}

DaVerification *da_intake_check(DaIntakeCheck *check, const DaIntakePackage *package,
                                const char *district, const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    check->checked = FALSE;
    if (!da_retrieve_manifest(check->archive, package->listing, path, error))
        return NULL;
    DaVerification *verification = kept_check(check, package, &problem);
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    else if (!verification)
        verification = look(check, package, district, path, error);
    if (verification)
        da_fault_point("accept.checked");
    return verification;
}

/* --- the person ------------------------------------------------------------------------------------------------------ */

static DaFinding *second_of_batch(const DaIntakeCheck *check, const DaDossier *dossier)
{
    const DaRule *rule = da_profile_rule(check->profile, "person-received");
    g_autofree char *number = da_received_number(da_dossier_get(dossier, DA_FIELD_ID_NUMBER));
    const char *other = number ? g_hash_table_lookup(check->persons, number) : NULL;
    if (number && !other)
        g_hash_table_insert(check->persons, g_steal_pointer(&number), g_strdup(dossier->id));
    if (!other || !rule)
        return NULL;
    DaFinding *finding = da_rule_finding(rule, dossier->id);
    da_finding_set(&finding->message, "the batch has another package of this person: '%s'", other);
    da_finding_set(&finding->message_zh, "本批另有该人员的档案包“%s”", other);
    return finding;
}

gboolean da_intake_find_person(DaIntakeCheck *check, const DaDossier *dossier, DaFinding **finding,
                               GError **error)
{
    g_autoptr(PGresult) kept = da_db_query(
        check->db, error, "SELECT 1 FROM dossier WHERE id = $1::uuid", dossier->id, NULL);
    *finding = NULL;
    if (!kept ||
        (!PQntuples(kept) && !da_received_find(check->db, check->profile, dossier, finding, error)))
        return FALSE;
    DaFinding *second = second_of_batch(check, dossier);
    if (*finding)
        da_finding_free(second);
    else
        *finding = second;
    return TRUE;
}

gboolean da_intake_check_person(DaIntakeCheck *check, DaVerification *verification,
                                const char *path, GError **error)
{
    DaFinding *finding = NULL;
    g_autoptr(DaDossier) dossier = da_package_read(path, error);
    if (!dossier || !da_intake_find_person(check, dossier, &finding, error))
        return FALSE;
    if (!finding)
        return TRUE;
    g_ptr_array_add(verification->findings, finding);
    verification->accepted = finding->severity < DA_SEVERITY_ERROR;
    return TRUE;
}
