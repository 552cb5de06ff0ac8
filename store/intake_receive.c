#include "deposit_parts.h"
#include "intake_check.h"
#include "intake_parts.h"
#include "receipt_parts.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/package.h>
#include <string.h>

#define NAME_MAX_CHARACTERS 64
/* Findings of lists in a receipt; more are counted. */
#define FINDINGS_MAX 1000u

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const DaReceiveOptions *options;
    const DaIntakeWatch *watch;
    DaReceiveResult *result;
    DaIntake batch;            /* what is known of it so far */
    GPtrArray *packages;       /* DaIntakePackage *: what is new */
    GPtrArray *verifications;  /* the same for lists to be held against; empty without lists */
    GPtrArray *findings;       /* DaFinding *: persons that were received before, lists */
    GPtrArray *lists;          /* DaVerification * of them */
    GHashTable *digests, *ids; /* of `packages` */
    DaIntakeCheck persons;     /* that were received before */
    GHashTable *known_in;      /* batches that hold what is known already */
} Receiving;

void da_receive_result_clear(DaReceiveResult *result)
{
    g_clear_pointer(&result->batch, g_free);
}

static void receiving_init(Receiving *receiving)
{
    receiving->packages = g_ptr_array_new_with_free_func((GDestroyNotify)da_intake_package_free);
    receiving->verifications = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    receiving->lists = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    receiving->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    receiving->digests = g_hash_table_new(g_str_hash, g_str_equal);
    receiving->ids = g_hash_table_new(g_str_hash, g_str_equal);
    da_intake_check_init(&receiving->persons, receiving->archive, receiving->db,
                         receiving->options->profile);
    receiving->known_in = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void receiving_clear(Receiving *receiving)
{
    GPtrArray *const arrays[] = {receiving->packages, receiving->verifications, receiving->lists,
                                 receiving->findings};
    GHashTable *const tables[] = {receiving->digests, receiving->ids, receiving->known_in};
    for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
        if (arrays[i])
            g_ptr_array_unref(arrays[i]);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        if (tables[i])
            g_hash_table_unref(tables[i]);
    da_intake_check_clear(&receiving->persons);
    g_free(receiving->batch.id);
    g_free(receiving->batch.district);
    g_free(receiving->batch.enterprise);
    g_free(receiving->batch.enterprise_code);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Receiving, receiving_clear)

/* --- what is there already ------------------------------------------------------------------------------------------- */

/* Where a package of this digest is; NULL without an error = nowhere. The caller owns it. */
static char *find_known(Receiving *receiving, const char *digest, const char *id, GError **error)
{
    g_autoptr(PGresult) batch = da_db_query(
        receiving->db, error,
        "SELECT batch FROM batch_package WHERE package_digest = $1 AND state <> 'returned'"
        " ORDER BY batch LIMIT 1",
        digest, NULL);
    g_autoptr(PGresult) version =
        batch ? da_db_query(receiving->db, error,
                            "SELECT version FROM dossier_version WHERE dossier = $1::uuid"
                            " AND package_digest = $2",
                            id, digest, NULL)
              : NULL;
    if (!version)
        return NULL;
    if (PQntuples(batch)) {
        g_hash_table_add(receiving->known_in, g_strdup(da_db_text(batch, 0, "batch")));
        return g_strdup_printf("it is in batch '%s' already", da_db_text(batch, 0, "batch"));
    }
    if (PQntuples(version))
        return g_strdup_printf("it is version %s of dossier '%s' already",
                               da_db_text(version, 0, "version"), id);
    return NULL;
}

/* A dossier's versions come in the order in which they were received: of one id only one package waits. */
static gboolean waits_not(Receiving *receiving, const char *id, GError **error)
{
    g_autoptr(PGresult) waiting = da_db_query(
        receiving->db, error,
        "SELECT batch FROM batch_package WHERE package = $1::uuid AND state = 'received'", id,
        NULL);
    if (!waiting)
        return FALSE;
    return !PQntuples(waiting) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "a package of the same id '%s' and other content waits in batch '%s'; "
                        "accept or return that one first",
                        id, da_db_text(waiting, 0, "batch"));
}

/* --- one package ----------------------------------------------------------------------------------------------------- */

/* One batch is for one district. */
static gboolean settle_district(Receiving *receiving, const DaDossier *dossier, GError **error)
{
    const char *district =
        da_deposit_district(receiving->archive, receiving->options->district, dossier, error);
    if (!district)
        return FALSE;
    if (!receiving->batch.district)
        receiving->batch.district = g_strdup(district);
    return !strcmp(receiving->batch.district, district) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "it is for district %s and the batch for %s; receive it apart", district,
                        receiving->batch.district);
}

/* Its objects, durable, and among them the listing. */
static gboolean keep_objects(Receiving *receiving, DaDepositing *depositing,
                             DaIntakePackage *package, GError **error)
{
    g_autoptr(DaObjectStore) store =
        da_object_store_open(da_archive_dir(receiving->archive), error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    if (!stage || !da_deposit_stage_files(depositing, stage, error))
        return FALSE;
    g_autoptr(GBytes) listing = da_deposit_manifest(depositing);
    gsize size = 0;
    const void *data = g_bytes_get_data(listing, &size);
    DaDigest digest = da_digest_bytes(data, size);
    package->listing = g_strdup(digest.hex);
    return da_object_stage_bytes(stage, data, size, digest.hex, error) &&
           da_object_stage_commit(stage, NULL, NULL, error);
}

static gboolean keep(Receiving *receiving, const char *path, const DaDossier *dossier,
                     DaIntakePackage *package, GError **error)
{
    g_autoptr(GPtrArray) files = da_deposit_files(path, package->digest, error);
    if (!files)
        return FALSE;
    DaDepositing depositing = {.db = receiving->db,
                               .package = path,
                               .package_id = package->package,
                               .district = receiving->batch.district,
                               .profile = receiving->options->profile,
                               .digest = package->digest,
                               .dossier = dossier,
                               .files = files};
    package->files = files->len;
    package->bytes = da_deposit_bytes(files);
    return keep_objects(receiving, &depositing, package, error);
}

/* What a list is held against. */
static void note_for_lists(Receiving *receiving, const char *path, const DaDossier *dossier,
                           const DaIntakePackage *package)
{
    if (!receiving->options->lists)
        return;
    DaVerification *verification = g_new0(DaVerification, 1);
    verification->path = g_canonicalize_filename(path, NULL);
    verification->id = g_strdup(package->package);
    verification->digest = g_strdup(package->digest);
    verification->files = package->files;
    verification->bytes = package->bytes;
    verification->sides_with_content = da_dossier_sides_with_content(dossier);
    verification->results = g_ptr_array_new();
    verification->findings = g_ptr_array_new();
    verification->materials = g_ptr_array_new();
    verification->accepted = TRUE;
    for (DaField field = 0; field < DA_FIELD_N; field++)
        verification->field[field] = g_strdup(da_dossier_get(dossier, field));
    g_ptr_array_add(receiving->verifications, verification);
}

/* The batch is kept all the same; acceptance will refuse. */
static gboolean look_for_person(Receiving *receiving, const DaDossier *dossier, const char *path,
                                GError **error)
{
    DaFinding *finding = NULL;
    if (!da_intake_find_person(&receiving->persons, dossier, &finding, error))
        return FALSE;
    if (!finding)
        return TRUE;
    g_autofree char *words = g_strdup_printf("%s: %s", finding->rule, finding->message);
    da_intake_tell(receiving->watch, DA_INTAKE_FINDING, path, words, NULL);
    g_ptr_array_add(receiving->findings, finding);
    return TRUE;
}

static void note_enterprise(Receiving *receiving, const DaDossier *dossier)
{
    const char *employer = da_dossier_get(dossier, DA_FIELD_EMPLOYER);
    const char *code = da_dossier_get(dossier, DA_FIELD_EMPLOYER_CODE);
    gboolean first = receiving->packages->len == 1;
    if (first) {
        receiving->batch.enterprise = g_strdup(employer);
        receiving->batch.enterprise_code = g_strdup(code);
    }
    /* Where packages differ, nobody has said whose batch it is. */
    if (g_strcmp0(receiving->batch.enterprise, employer) != 0)
        g_clear_pointer(&receiving->batch.enterprise, g_free);
    if (g_strcmp0(receiving->batch.enterprise_code, code) != 0)
        g_clear_pointer(&receiving->batch.enterprise_code, g_free);
}

static gboolean take_new(Receiving *receiving, const char *path, const DaDossier *dossier,
                         const char *digest, GError **error)
{
    DaIntakePackage *package = g_new0(DaIntakePackage, 1);
    package->package = g_strdup(dossier->id);
    package->digest = g_strdup(digest);
    package->pages = da_dossier_sides_with_content(dossier);
    package->archival_number = da_finding_mask(da_dossier_get(dossier, DA_FIELD_ARCHIVAL_NUMBER));
    if (!settle_district(receiving, dossier, error) ||
        !keep(receiving, path, dossier, package, error)) {
        da_intake_package_free(package);
        return FALSE;
    }
    da_fault_point("receive.kept");
    g_ptr_array_add(receiving->packages, package);
    package->number = receiving->packages->len;
    g_hash_table_insert(receiving->digests, package->digest, package);
    g_hash_table_insert(receiving->ids, package->package, package);
    note_enterprise(receiving, dossier);
    note_for_lists(receiving, path, dossier, package);
    return look_for_person(receiving, dossier, path, error);
}

/* TRUE with `known` when there is nothing to be done for it. */
static gboolean receive_one(Receiving *receiving, const char *path, char **known, GError **error)
{
    g_autofree char *digest = da_bag_digest(path, error);
    g_autoptr(DaDossier) dossier = digest ? da_package_read(path, error) : NULL;
    g_autoptr(GError) problem = NULL;
    if (!dossier)
        return FALSE;
    if (!g_uuid_string_is_valid(dossier->id))
        return da_error_set(error, DA_ERROR_INPUT, "its id '%s' is no UUID", dossier->id);
    if (g_hash_table_contains(receiving->digests, digest)) {
        *known = g_strdup("it is given twice");
        return TRUE;
    }
    if (g_hash_table_contains(receiving->ids, dossier->id))
        return da_error_set(error, DA_ERROR_INPUT,
                            "another package of the same id '%s' is in the batch", dossier->id);
    *known = find_known(receiving, digest, dossier->id, &problem);
    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    return *known || (waits_not(receiving, dossier->id, error) &&
                      take_new(receiving, path, dossier, digest, error));
}

static gboolean receive_and_tell(Receiving *receiving, const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *known = NULL;
    if (receive_one(receiving, path, &known, &problem)) {
        receiving->result->known += known != NULL;
        da_intake_tell(receiving->watch, known ? DA_INTAKE_KNOWN : DA_INTAKE_RECEIVED, path, known,
                       NULL);
    } else if (!da_intake_is_machine(problem)) {
        receiving->result->wrong++;
        da_intake_tell(receiving->watch, DA_INTAKE_WRONG, path, problem->message, NULL);
    } else {
        g_autofree char *shown = g_filename_display_name(path);
        g_propagate_prefixed_error(error, g_steal_pointer(&problem),
                                   "cannot receive package '%s': ", shown);
        return FALSE;
    }
    da_progress_add(receiving->watch->progress, 1);
    return TRUE;
}

/* --- lists ----------------------------------------------------------------------------------------------------------- */

static gboolean compare_lists(Receiving *receiving, GError **error)
{
    for (guint i = 0; receiving->options->lists && receiving->options->lists[i]; i++) {
        DaVerification *list =
            da_verify_handover(receiving->options->lists[i], receiving->verifications,
                               receiving->options->profile, error);
        if (!list)
            return FALSE;
        g_ptr_array_add(receiving->lists, list);
        for (guint k = 0; k < list->findings->len; k++)
            receiving->result->list_errors +=
                ((const DaFinding *)list->findings->pdata[k])->severity >= DA_SEVERITY_ERROR;
    }
    return TRUE;
}

static json_t *lists_json(const Receiving *receiving)
{
    json_t *lists = json_array();
    for (guint i = 0; i < receiving->lists->len; i++) {
        const DaVerification *list = receiving->lists->pdata[i];
        g_autofree char *name = da_verification_name(list);
        g_autofree char *shown = da_finding_mask(name);
        json_array_append_new(lists, json_pack("{s:s, s:s, s:i, s:i, s:b}", "list", shown, "digest",
                                               list->digest, "rows", (int)list->rows, "matched",
                                               (int)list->matched, "accepted", list->accepted));
    }
    return lists;
}

static void add_findings(json_t *findings, const GPtrArray *found, guint *left_out)
{
    for (guint i = 0; i < found->len; i++)
        if (json_array_size(findings) < FINDINGS_MAX)
            json_array_append_new(findings, da_finding_to_public_json(found->pdata[i]));
        else
            (*left_out)++;
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static void put_text(json_t *object, const char *member, const char *text)
{
    if (text)
        json_object_set_new(object, member, json_string(text));
}

static json_t *body_of(const Receiving *receiving)
{
    json_t *body = json_object();
    json_t *findings = json_array();
    guint left_out = 0;
    add_findings(findings, receiving->findings, &left_out);
    for (guint i = 0; i < receiving->lists->len; i++)
        add_findings(findings, ((const DaVerification *)receiving->lists->pdata[i])->findings,
                     &left_out);
    put_text(body, "batch", receiving->batch.id);
    put_text(body, "enterprise", receiving->batch.enterprise);
    put_text(body, "enterprise_code", receiving->batch.enterprise_code);
    json_object_set_new(body, "counts", da_intake_counts(receiving->packages));
    json_object_set_new(body, "packages", da_intake_rows(receiving->packages));
    json_object_set_new(body, "handover", lists_json(receiving));
    json_object_set_new(body, "list_errors", json_integer(receiving->result->list_errors));
    json_object_set_new(body, "findings", findings);
    json_object_set_new(body, "findings_left_out", json_integer(left_out));
    da_receipt_seal(body);
    return body;
}

static gboolean name_is_good(const char *name, GError **error)
{
    g_autofree char *masked = da_finding_mask(name);
    gboolean good = g_utf8_validate(name, -1, NULL) && *name && *name != '-' &&
                    g_utf8_strlen(name, -1) <= NAME_MAX_CHARACTERS && !strchr(name, '/') &&
                    !strcmp(name, masked);
    for (const char *p = name; good && *p; p = g_utf8_next_char(p))
        good = g_unichar_isprint(g_utf8_get_char(p));
    return good || da_error_set(error, DA_ERROR_USAGE,
                                "a batch is called by 1 to %d printable characters, without '/', "
                                "not beginning with '-', and never by an ID number",
                                NAME_MAX_CHARACTERS);
}

static char *next_name(PGconn *db, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *year = g_date_time_format(now, "%Y");
    g_autoptr(PGresult) last =
        da_db_query(db, error,
                    "SELECT coalesce(max(substring(id FROM 6)::integer), 0) + 1 AS next FROM batch"
                    " WHERE id ~ ('^' || $1 || '-[0-9]{4,8}$')",
                    year, NULL);
    return last ? g_strdup_printf("%s-%04d", year, (int)da_db_integer(last, 0, "next")) : NULL;
}

static gboolean choose_name(Receiving *receiving, GError **error)
{
    const char *wanted = receiving->options->batch;
    if (!wanted) {
        receiving->batch.id = next_name(receiving->db, error);
        return receiving->batch.id != NULL;
    }
    g_autoptr(PGresult) taken =
        da_db_query(receiving->db, error, "SELECT 1 FROM batch WHERE id = $1", wanted, NULL);
    if (!taken)
        return FALSE;
    receiving->batch.id = g_strdup(wanted);
    return !PQntuples(taken) ||
           da_error_set(error, DA_ERROR_CONFLICT,
                        "batch '%s' is there and holds other packages; give this one another name",
                        wanted);
}

/* TRUE when it is still new; else it was told. */
static gboolean is_still_new(Receiving *receiving, const DaIntakePackage *package, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *known = find_known(receiving, package->digest, package->package, &problem);
    if (known) {
        receiving->result->known++;
        da_intake_tell(receiving->watch, DA_INTAKE_KNOWN, package->package, known, NULL);
    } else if (problem || !waits_not(receiving, package->package, &problem)) {
        if (da_intake_is_machine(problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        receiving->result->wrong++;
        da_intake_tell(receiving->watch, DA_INTAKE_WRONG, package->package, problem->message, NULL);
    }
    return !known && !problem;
}

/* What somebody else received while this run was at work. */
static gboolean drop_known(Receiving *receiving, GError **error)
{
    for (guint i = 0; i < receiving->packages->len;) {
        g_autoptr(GError) problem = NULL;
        if (is_still_new(receiving, receiving->packages->pdata[i], &problem)) {
            i++;
            continue;
        }
        if (problem) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        g_ptr_array_remove_index(receiving->packages, i);
        if (receiving->verifications->len)
            g_ptr_array_remove_index(receiving->verifications, i);
    }
    for (guint i = 0; i < receiving->packages->len; i++)
        ((DaIntakePackage *)receiving->packages->pdata[i])->number = i + 1;
    return TRUE;
}

static gboolean settle_unchanged(Receiving *receiving, GError **error)
{
    DaReceiveResult *result = receiving->result;
    const char *only = NULL;
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, receiving->known_in);
    if (g_hash_table_size(receiving->known_in) != 1 ||
        !g_hash_table_iter_next(&iter, (gpointer *)&only, NULL))
        return TRUE;
    g_autoptr(DaIntake) batch = da_intake_find(receiving->db, only, error);
    if (!batch)
        return FALSE;
    result->batch = g_strdup(only);
    result->record = batch->arrival;
    result->unchanged = result->known > 0 && result->wrong == 0;
    return TRUE;
}

static gboolean settle_new(Receiving *receiving, GError **error)
{
    DaIntake *batch = &receiving->batch;
    DaReceiveResult *result = receiving->result;
    const DaReceiveOptions *options = receiving->options;
    if (options->enterprise) {
        g_free(batch->enterprise);
        batch->enterprise = g_strdup(options->enterprise);
    }
    if (options->enterprise_code) {
        g_free(batch->enterprise_code);
        batch->enterprise_code = g_strdup(options->enterprise_code);
    }
    if (!choose_name(receiving, error) || !compare_lists(receiving, error))
        return FALSE;
    g_autoptr(json_t) body = body_of(receiving);
    da_fault_point("receive.recording");
    if (!da_intake_record(receiving->archive, receiving->db, "arrival", batch, body,
                          &result->record, error))
        return FALSE;
    da_fault_point("receive.recorded");
    result->batch = g_strdup(batch->id);
    result->received = receiving->packages->len;
    return TRUE;
}

/* One arrival at a time is settled, and nobody removes objects meanwhile. */
static gboolean settle(Receiving *receiving, GError **error)
{
    g_auto(DaTurn) turn = {0}, objects = {0};
    if (!da_turn_take(&turn, receiving->db, "dangan arrivals", error) ||
        !da_turn_share_objects(&objects, receiving->db, error) || !drop_known(receiving, error))
        return FALSE;
    return receiving->packages->len ? settle_new(receiving, error)
                                    : settle_unchanged(receiving, error);
}

gboolean da_intake_receive(DaArchive *archive, PGconn *db, const GPtrArray *packages,
                           const DaReceiveOptions *options, const DaIntakeWatch *watch,
                           DaReceiveResult *result, GError **error)
{
    g_auto(Receiving) receiving = {
        .archive = archive, .db = db, .options = options, .watch = watch, .result = result};
    *result = (DaReceiveResult){0};
    receiving_init(&receiving);
    if (options->batch && !name_is_good(options->batch, error))
        return FALSE;
    for (guint i = 0; i < packages->len; i++)
        if (!da_intake_goes_on(watch, i, packages->len, error) ||
            !receive_and_tell(&receiving, packages->pdata[i], error))
            return FALSE;
    return settle(&receiving, error);
}
