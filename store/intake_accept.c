#include "intake_check.h"
#include "intake_parts.h"
#include "intake_verdict.h"
#include "receipt_parts.h"
#include "turn.h"
#include "workplace.h"

#include <dangan/deposit.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <string.h>

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const DaAcceptOptions *options;
    const DaIntakeWatch *watch;
    const DaIntake *batch;
    DaIntakeCheck *check;
    DaIntakeVerdicts *verdicts;
    DaAcceptResult *result;
    const GPtrArray *waiting, *decided; /* DaIntakePackage * */
    GPtrArray *taken; /* the same, borrowed: dossier versions now, or since a run that was killed */
    GHashTable *rules; /* rule → findings, of everything that waited */
} Accepting;

/* --- a package in a folder ------------------------------------------------------------------------------------------- */

typedef gboolean (*Step)(Accepting *accepting, DaIntakePackage *package,
                         DaVerification *verification, const char *path, GError **error);

static gboolean with_package(Accepting *accepting, DaIntakePackage *package, Step step,
                             GError **error)
{
    g_autoptr(DaWorkplace) place = da_workplace_new(da_archive_dir(accepting->archive), error);
    if (!place)
        return FALSE;
    g_autofree char *path = g_build_filename(da_workplace_path(place), package->package, NULL);
    DaVerification *verification =
        da_intake_check(accepting->check, package, accepting->batch->district, path, error);
    return verification && step(accepting, package, verification, path, error);
}

static gboolean with_each(Accepting *accepting, Step step, GError **error)
{
    for (guint i = 0; i < accepting->waiting->len; i++) {
        if (!da_intake_goes_on(accepting->watch, i, accepting->waiting->len, error) ||
            !with_package(accepting, accepting->waiting->pdata[i], step, error))
            return FALSE;
        da_progress_add(accepting->watch->progress, 1);
    }
    return TRUE;
}

/* --- the automatic rules --------------------------------------------------------------------------------------------- */

static void count_rules(Accepting *accepting, const DaVerification *verification)
{
    for (guint i = 0; i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(accepting->rules, finding->rule));
        g_hash_table_insert(accepting->rules, g_strdup(finding->rule), GUINT_TO_POINTER(n + 1));
    }
}

static gboolean judge(Accepting *accepting, DaIntakePackage *package, DaVerification *verification,
                      const char *path, GError **error)
{
    g_autoptr(DaVerification) judged = verification;
    if (judged->accepted && !da_intake_check_person(accepting->check, judged, path, error))
        return FALSE;
    accepting->result->checked += accepting->check->checked;
    accepting->result->refused += !judged->accepted;
    count_rules(accepting, judged);
    da_intake_tell(accepting->watch, judged->accepted ? DA_INTAKE_PASSED : DA_INTAKE_REFUSED,
                   package->package, NULL, judged->findings);
    return TRUE;
}

/* Lists are judged with the packages, by whoever signs the verdict. */
static gboolean wants_verdict(const Accepting *accepting)
{
    return accepting->batch->list_errors > 0 ||
           da_profile_rule(accepting->options->profile, "accept-sample-size") != NULL;
}

/* --- deposits -------------------------------------------------------------------------------------------------------- */

static void note_kept(Accepting *accepting, DaIntakePackage *package,
                      const DaDepositResult *deposited)
{
    g_autofree char *words =
        g_strdup_printf("dossier '%s' version %u", deposited->dossier_id, deposited->version);
    g_free(package->dossier);
    package->dossier = g_strdup(deposited->dossier_id);
    package->version = deposited->version;
    g_ptr_array_add(accepting->taken, package);
    accepting->result->kept++;
    da_intake_tell(accepting->watch, DA_INTAKE_KEPT, package->package, words, NULL);
}

/* One that cannot be deposited does not stop the rest, and goes on waiting. */
static gboolean deposit(Accepting *accepting, DaIntakePackage *package,
                        DaVerification *verification, const char *path, GError **error)
{
    const DaDepositOptions options = {.district = accepting->batch->district,
                                      .profile = accepting->options->profile,
                                      .batch = accepting->batch->id,
                                      .number = package->number};
    DaDepositResult deposited;
    g_autoptr(GError) problem = NULL;
    if (da_deposit_verified(accepting->archive, accepting->db, path, &options, verification,
                            &deposited, &problem))
        note_kept(accepting, package, &deposited);
    da_deposit_result_clear(&deposited);
    if (problem && da_intake_is_machine(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (problem) {
        accepting->result->wrong++;
        da_intake_tell(accepting->watch, DA_INTAKE_WRONG, package->package, problem->message, NULL);
    }
    da_fault_point("accept.deposited");
    return TRUE;
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static json_t *rules_json(const Accepting *accepting)
{
    json_t *rules = json_array();
    g_autoptr(GList) names =
        g_list_sort(g_hash_table_get_keys(accepting->rules), (GCompareFunc)strcmp);
    for (const GList *item = names; item; item = item->next)
        json_array_append_new(
            rules,
            json_pack("{s:s, s:i}", "rule", (const char *)item->data, "findings",
                      (int)GPOINTER_TO_UINT(g_hash_table_lookup(accepting->rules, item->data))));
    return rules;
}

static json_t *body_of(const Accepting *accepting)
{
    const DaProfile *profile = accepting->options->profile;
    const DaIntake *batch = accepting->batch;
    json_t *body =
        json_pack("{s:s, s:s, s:I, s:{s:s, s:s, s:s, s:s}, s:o, s:o, s:o, s:O}", "batch", batch->id,
                  "outcome", "accepted", "arrival", (json_int_t)batch->arrival, "profile", "name",
                  profile->name, "version", profile->version, "title_zh", profile->title_zh,
                  "sha256", accepting->check->profile_digest, "counts",
                  da_intake_counts(accepting->taken), "packages", da_intake_rows(accepting->taken),
                  "rules", rules_json(accepting), "verdicts", accepting->verdicts->summary);
    if (batch->enterprise)
        json_object_set_new(body, "enterprise", json_string(batch->enterprise));
    da_receipt_seal(body);
    return body;
}

static gboolean record(Accepting *accepting, GError **error)
{
    g_autoptr(json_t) body = body_of(accepting);
    da_fault_point("accept.recording");
    if (!da_intake_verdicts_keep(accepting->verdicts, accepting->archive, error) ||
        !da_intake_record(accepting->archive, accepting->db, "acceptance", accepting->batch, body,
                          &accepting->result->record, error))
        return FALSE;
    da_fault_point("accept.recorded");
    return TRUE;
}

/* --- acceptance ------------------------------------------------------------------------------------------------------ */

static gint by_number(gconstpointer a, gconstpointer b)
{
    const DaIntakePackage *left = *(DaIntakePackage *const *)a,
                          *right = *(DaIntakePackage *const *)b;
    return (gint)left->number - (gint)right->number;
}

static gboolean take_all(Accepting *accepting, GError **error)
{
    da_progress_more(accepting->watch->progress, accepting->waiting->len);
    if (!with_each(accepting, deposit, error))
        return FALSE;
    g_ptr_array_sort(accepting->taken, by_number);
    DaReturnResult removed = {0};
    return !accepting->taken->len ||
           (record(accepting, error) && da_intake_purge(accepting->archive, accepting->db,
                                                        accepting->batch->id, &removed, error));
}

static gboolean read_verdicts(Accepting *accepting, GError **error)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new();
    const GPtrArray *const parts[] = {accepting->waiting, accepting->taken};
    for (guint part = 0; part < G_N_ELEMENTS(parts); part++)
        for (guint i = 0; i < parts[part]->len; i++)
            g_ptr_array_add(due, parts[part]->pdata[i]);
    return da_intake_verdicts_read(accepting->verdicts, accepting->options, due, accepting->decided,
                                   error);
}

static gboolean decide(Accepting *accepting, GError **error)
{
    DaAcceptResult *result = accepting->result;
    if (!read_verdicts(accepting, error) || !with_each(accepting, judge, error))
        return FALSE;
    gboolean judged = json_array_size(accepting->verdicts->summary) > 0;
    result->outcome = result->refused                       ? DA_INTAKE_NOT_PASSED
                      : wants_verdict(accepting) && !judged ? DA_INTAKE_VERDICT_DUE
                                                            : DA_INTAKE_ACCEPTED;
    return result->outcome != DA_INTAKE_ACCEPTED || take_all(accepting, error);
}

/* Nothing waits, and nothing is on its way. What a killed run did not remove is removed. */
static gboolean settle_unchanged(DaArchive *archive, PGconn *db, const DaIntake *batch,
                                 DaAcceptResult *result, GError **error)
{
    DaReturnResult removed = {0};
    if (!batch->accepted)
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "batch '%s' was returned (record %" G_GUINT64_FORMAT
                            "); receive its packages again",
                            batch->id, batch->decision);
    result->unchanged = TRUE;
    result->record = batch->decision;
    return da_intake_purge(archive, db, batch->id, &removed, error);
}

static gboolean accept_in_turn(DaArchive *archive, PGconn *db, const char *id,
                               const DaAcceptOptions *options, const DaIntakeWatch *watch,
                               DaAcceptResult *result, GError **error)
{
    g_autoptr(DaIntake) batch = da_intake_find(db, id, error);
    g_autoptr(GPtrArray) waiting =
        batch ? da_intake_packages(db, id, DA_INTAKE_WAITING, error) : NULL;
    g_autoptr(GPtrArray) before =
        waiting ? da_intake_packages(db, id, DA_INTAKE_TAKEN, error) : NULL;
    g_autoptr(GPtrArray) decided =
        before ? da_intake_packages(db, id, DA_INTAKE_DECIDED, error) : NULL;
    if (!decided)
        return FALSE;
    if (!waiting->len && !before->len)
        return settle_unchanged(archive, db, batch, result, error);
    g_auto(DaIntakeCheck) check = {0};
    g_auto(DaIntakeVerdicts) verdicts = {0};
    g_autoptr(GPtrArray) taken = g_ptr_array_copy(before, NULL, NULL);
    g_autoptr(GHashTable) rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    da_intake_check_init(&check, archive, db, options->profile);
    Accepting accepting = {.archive = archive,
                           .db = db,
                           .options = options,
                           .watch = watch,
                           .batch = batch,
                           .check = &check,
                           .verdicts = &verdicts,
                           .result = result,
                           .waiting = waiting,
                           .decided = decided,
                           .taken = taken,
                           .rules = rules};
    g_ptr_array_set_free_func(taken, NULL);
    da_progress_total(watch->progress, waiting->len);
    return decide(&accepting, error);
}

gboolean da_intake_accept(DaArchive *archive, PGconn *db, const char *id,
                          const DaAcceptOptions *options, const DaIntakeWatch *watch,
                          DaAcceptResult *result, GError **error)
{
    g_auto(DaTurn) turn = {0};
    g_autofree char *name = da_intake_turn(id);
    *result = (DaAcceptResult){0};
    return da_turn_take(&turn, db, name, error) &&
           accept_in_turn(archive, db, id, options, watch, result, error);
}
