#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <string.h>

static void result_free(gpointer data)
{
    DaRuleResult *result = data;
    g_free(result->reason);
    g_free(result);
}

void da_verification_free(DaVerification *verification)
{
    if (!verification)
        return;
    g_free(verification->path);
    g_free(verification->id);
    g_free(verification->digest);
    g_ptr_array_unref(verification->results);
    g_ptr_array_unref(verification->findings);
    for (DaField field = 0; field < DA_FIELD_N; field++)
        g_free(verification->field[field]);
    g_free(verification->operator_name);
    g_ptr_array_unref(verification->materials);
    g_free(verification);
}

static void material_free(gpointer data)
{
    DaVerifiedMaterial *material = data;
    g_free(material->class_code);
    g_free(material->title);
    g_free(material);
}

DaVerification *da_verification_new(const char *path)
{
    DaVerification *verification = g_new0(DaVerification, 1);
    verification->path = g_canonicalize_filename(path, NULL);
    verification->results = g_ptr_array_new_with_free_func(result_free);
    verification->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    verification->materials = g_ptr_array_new_with_free_func(material_free);
    return verification;
}

char *da_verification_name(const DaVerification *verification)
{
    g_autofree char *name = g_path_get_basename(verification->path);
    return g_utf8_make_valid(name, -1);
}

/* What lists and samples ask for later: the dossier itself, with every page and claim, would fill the memory of a large delivery. */
static void keep_dossier(DaVerification *verification, const DaDossier *dossier)
{
    for (DaField field = 0; field < DA_FIELD_N; field++)
        verification->field[field] = g_strdup(da_dossier_get(dossier, field));
    verification->operator_name = g_strdup(dossier->operator_name);
    verification->sides_with_content = da_dossier_sides_with_content(dossier);
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = dossier->materials->pdata[i];
        DaVerifiedMaterial *kept = g_new0(DaVerifiedMaterial, 1);
        kept->class_code = g_strdup(material->class_code);
        kept->sequence = material->sequence;
        kept->title = g_strdup(material->title);
        kept->sides = material->pages->len;
        g_ptr_array_add(verification->materials, kept);
    }
}

static DaVerification *verification_of(const DaSubject *subject, const char *path)
{
    DaVerification *verification = da_verification_new(path);
    verification->id = subject->dossier ? g_strdup(subject->dossier->id) : NULL;
    const DaEntry *tags = da_subject_entry(subject, "tagmanifest-sha256.txt");
    if (tags && tags->kind == DA_ENTRY_FILE)
        verification->digest = g_strdup(tags->facts.sha256);
    else if (subject->delivery->exchange)
        verification->digest = g_strdup(subject->delivery->digest);
    if (subject->dossier)
        keep_dossier(verification, subject->dossier);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        verification->files += entry->kind == DA_ENTRY_FILE;
        verification->bytes += entry->size_bytes;
    }
    return verification;
}

/* What is not a package, or not to be believed, has only this to be told. */
static gboolean is_about_delivery(const DaSubject *subject, const DaRule *rule)
{
    const DaExchange *exchange = subject->delivery->exchange;
    for (guint i = 0; exchange && i < exchange->findings->len; i++)
        if (!strcmp(((const DaFinding *)exchange->findings->pdata[i])->rule, rule->id))
            return TRUE;
    return !exchange &&
           (!strcmp(rule->check, "archive-sound") || !strcmp(rule->check, "safe-names"));
}

/* Why a rule is not for this program to run on a package; NULL when it is. The caller owns it. */
static char *reason_not_run(const DaSubject *subject, const DaRule *rule)
{
    if (!subject->delivery->folder && !is_about_delivery(subject, rule))
        return g_strdup("the delivery could not be opened as a package");
    if (!g_strcmp0(rule->scope, "list"))
        return g_strdup("for handover lists and catalogue files, not for packages");
    if (!g_strcmp0(rule->scope, "ingest"))
        return g_strdup("for forms as they are read while scans become packages");
    if (!g_strcmp0(rule->scope, "archive"))
        return g_strdup("asked when the package comes into an archive (receive, accept, deposit)");
    if (!g_strcmp0(rule->scope, "delivery"))
        return g_strdup("about a whole delivery, not about one package");
    if (!strcmp(rule->mode, "sampled"))
        return g_strdup("a person checks a sample");
    if (!da_check_by_name(rule->check))
        return g_strdup_printf("verification of a package has no check '%s'", rule->check);
    return NULL;
}

static gboolean is_machine_failure(const GError *error)
{
    return g_error_matches(error, DA_ERROR, DA_ERROR_DISK) ||
           g_error_matches(error, DA_ERROR, DA_ERROR_SYSTEM);
}

/* What the exchange reader found under this rule, where the check itself found nothing: one fault is told once. */
static void take_exchange_findings(DaCheckRun *run)
{
    const DaExchange *exchange = run->subject->delivery->exchange;
    if (!exchange || run->count)
        return;
    for (guint i = 0; i < exchange->findings->len; i++) {
        const DaFinding *found = exchange->findings->pdata[i];
        if (strcmp(found->rule, run->rule->id) != 0)
            continue;
        DaFinding *finding = da_check_add(run, found->file, found->message, found->message_zh);
        finding->severity = MIN(finding->severity, found->severity);
        finding->row = found->row;
        finding->page = g_strdup(found->page);
        finding->found = g_strdup(found->found);
        finding->wanted = g_strdup(found->wanted);
    }
}

/* Runs the check of one rule and keeps its outcome in `result`. FALSE when the machine fails. */
static gboolean run_check(const DaSubject *subject, DaRuleResult *result, GPtrArray *findings,
                          GError **error)
{
    DaCheckRun run = {.subject = subject, .rule = result->rule, .findings = findings};
    g_autoptr(GError) problem = NULL;
    gboolean ran = da_check_by_name(result->rule->check)(&run, &problem);
    take_exchange_findings(&run);
    da_finding_free(run.surplus);
    result->findings = run.count;
    if (!ran && is_machine_failure(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    result->outcome = run.count ? DA_RULE_FAILED : ran ? DA_RULE_PASSED : DA_RULE_NOT_RUN;
    if (!ran)
        result->reason = g_strdup(problem->message);
    return TRUE;
}

static gboolean run_rules(const DaSubject *subject, DaVerification *verification, GError **error)
{
    const GPtrArray *rules = subject->profile->rules;
    for (guint i = 0; i < rules->len; i++) {
        DaRuleResult *result = g_new0(DaRuleResult, 1);
        result->rule = rules->pdata[i];
        result->outcome = DA_RULE_NOT_RUN;
        result->reason = reason_not_run(subject, result->rule);
        g_ptr_array_add(verification->results, result);
        if (!result->reason && !run_check(subject, result, verification->findings, error))
            return FALSE;
    }
    return TRUE;
}

/* What cannot be read is not accepted, even by a profile that has no rule to say so. */
static gboolean is_acceptable(const DaSubject *subject, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (finding->severity >= DA_SEVERITY_ERROR && !finding->screened)
            return FALSE;
    }
    if (!subject->delivery->folder)
        return FALSE;
    switch (subject->profile->judges) {
    case DA_JUDGED_PACKAGE:
        return da_bag_manifest(subject->bag, FALSE) && subject->dossier && subject->mets;
    case DA_JUDGED_BAG:
        return da_bag_manifest(subject->bag, FALSE) != NULL;
    case DA_JUDGED_INFORMATION_PACKAGE:
        return subject->mets != NULL;
    case DA_JUDGED_EXCHANGE:
        return subject->dossier != NULL;
    }
    return FALSE;
}

guint da_verify_count_pages(const char *path)
{
    g_autofree char *data = g_build_filename(path, "data", NULL);
    g_autoptr(GPtrArray) ids = da_package_is(path) ? da_dir_list(data, NULL) : NULL;
    guint pages = 0;
    for (guint i = 0; ids && i < ids->len; i++) {
        g_autofree char *masters =
            g_build_filename(data, ids->pdata[i], "representations", "master", "data", NULL);
        g_autoptr(GDir) folder = g_dir_open(masters, 0, NULL);
        while (folder && g_dir_read_name(folder))
            pages++;
    }
    return pages;
}

/* What could not be counted beforehand. */
static void count_more(DaProgress *progress, const DaSubject *subject, const char *path)
{
    guint counted = da_verify_count_pages(path), pages = da_subject_pages(subject);
    if (pages > counted)
        da_progress_more(progress, pages - counted);
}

DaVerification *da_verify_package(const char *path, const DaProfile *profile, GError **error)
{
    return da_verify_package_watched(path, profile, NULL, error);
}

DaVerification *da_verify_package_watched(const char *path, const DaProfile *profile,
                                          DaProgress *progress, GError **error)
{
    g_autoptr(DaDelivery) delivery = da_delivery_open(path, profile, error);
    g_autoptr(DaSubject) subject = delivery ? da_subject_open(delivery, profile, error) : NULL;
    if (subject && progress)
        count_more(progress, subject, path);
    if (!subject || !da_subject_survey(subject, progress, error)) {
        g_prefix_error(error, "cannot verify '%s': ", path);
        return NULL;
    }
    g_autoptr(DaVerification) verification = verification_of(subject, path);
    if (!run_rules(subject, verification, error)) {
        g_prefix_error(error, "cannot verify '%s': ", path);
        return NULL;
    }
    verification->accepted = is_acceptable(subject, verification->findings);
    return g_steal_pointer(&verification);
}

/* Archives that cannot be read here are found too, so that they are named and not passed over. */
static gboolean is_delivery(const char *path, const char *name, gboolean archives)
{
    if (*name == '.')
        return FALSE;
    return da_package_is(path) || (archives && da_delivery_is_archive_name(name) &&
                                   g_file_test(path, G_FILE_TEST_IS_REGULAR));
}

GPtrArray *da_verify_find(const char *path, const DaProfile *profile, GError **error)
{
    if (profile && profile->judges == DA_JUDGED_EXCHANGE)
        return da_exchange_find(path, error);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    if (da_package_is(path) || (profile && g_file_test(path, G_FILE_TEST_IS_REGULAR))) {
        g_ptr_array_add(found, g_strdup(path));
        return g_steal_pointer(&found);
    }
    g_autoptr(GPtrArray) names = da_dir_list(path, error);
    if (!names)
        return NULL;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *below = g_build_filename(path, names->pdata[i], NULL);
        if (is_delivery(below, names->pdata[i], profile != NULL))
            g_ptr_array_add(found, g_steal_pointer(&below));
    }
    if (found->len)
        return g_steal_pointer(&found);
    da_error_set(error, DA_ERROR_INPUT,
                 "no package in '%s': neither it nor a folder in it holds bagit.txt%s", path,
                 profile ? ", and no tar or zip is there" : "");
    return NULL;
}
