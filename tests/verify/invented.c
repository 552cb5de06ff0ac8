#include "invented.h"

#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void material_free(gpointer data)
{
    DaVerifiedMaterial *material = data;
    g_free(material->class_code);
    g_free(material->title);
    g_free(material);
}

/* Every rule that is asked of it passed. */
static DaVerification *verification_new(const Invented *delivery, const char *path,
                                        gboolean is_list)
{
    DaVerification *verification = g_new0(DaVerification, 1);
    verification->path = g_strdup(path);
    verification->is_handover = is_list;
    verification->accepted = TRUE;
    verification->results = g_ptr_array_new_with_free_func(g_free);
    verification->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    verification->materials = g_ptr_array_new_with_free_func(material_free);
    for (guint i = 0; i < delivery->profile->rules->len; i++) {
        DaRuleResult *result = g_new0(DaRuleResult, 1);
        result->rule = delivery->profile->rules->pdata[i];
        gboolean of_packages = !strcmp(result->rule->scope, "package");
        result->outcome = of_packages != is_list && strcmp(result->rule->mode, "sampled") &&
                                  !g_str_has_prefix(result->rule->check, "accept-")
                              ? DA_RULE_PASSED
                              : DA_RULE_NOT_RUN;
        g_ptr_array_add(verification->results, result);
    }
    return verification;
}

void invented_init(Invented *delivery)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    delivery->folder = g_dir_make_tmp("dangan-invented-XXXXXX", NULL);
    delivery->profile = da_profile_load("soe-retiree", profiles, &error);
    if (!delivery->profile)
        fail_msg("%s", error->message);
    delivery->all = g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    g_ptr_array_add(delivery->all, verification_new(delivery, "/delivery/list.csv", TRUE));
}

void invented_clear(Invented *delivery)
{
    da_tree_remove(delivery->folder, NULL);
    g_free(delivery->folder);
    g_ptr_array_unref(delivery->all);
    da_profile_free(delivery->profile);
}

DaVerification *invented_add(Invented *delivery, const char *id, const char *employer,
                             const char *operator_name, guint materials, guint sides)
{
    g_autofree char *path = g_strdup_printf("/delivery/%s", id);
    DaVerification *package = verification_new(delivery, path, FALSE);
    package->id = g_strdup(id);
    package->digest = g_strdup_printf("digest of %s", id);
    package->files = 10;
    package->bytes = 1000;
    package->sides_with_content = materials * sides;
    package->field[DA_FIELD_EMPLOYER] = g_strdup(employer);
    package->operator_name = g_strdup(operator_name);
    for (guint m = 1; m <= materials; m++) {
        DaVerifiedMaterial *material = g_new0(DaVerifiedMaterial, 1);
        material->class_code = g_strdup("9-1");
        material->sequence = m;
        material->title = g_strdup("工资变动审批表");
        material->sides = sides;
        g_ptr_array_add(package->materials, material);
    }
    g_ptr_array_insert(delivery->all, (gint)delivery->all->len - 1, package);
    return package;
}

void invented_add_many(Invented *delivery, guint from, guint count, const char *employer,
                       const char *operator_name)
{
    for (guint i = from; i < from + count; i++) {
        g_autofree char *id = g_strdup_printf("p%03u", i);
        invented_add(delivery, id, employer, operator_name, 2, 3);
    }
}

static DaRuleResult *result_of(DaVerification *package, const char *rule)
{
    for (guint i = 0; i < package->results->len; i++) {
        DaRuleResult *result = package->results->pdata[i];
        if (!strcmp(result->rule->id, rule))
            return result;
    }
    fail_msg("no rule %s", rule);
    return NULL;
}

void invented_find(Invented *delivery, DaVerification *package, const char *rule, const char *page)
{
    DaFinding *finding = da_rule_finding(da_profile_rule(delivery->profile, rule), package->id);
    DaRuleResult *result = result_of(package, rule);
    finding->page = g_strdup(page);
    g_ptr_array_add(package->findings, finding);
    result->outcome = DA_RULE_FAILED;
    result->findings++;
    if (!finding->screened && finding->severity >= DA_SEVERITY_ERROR)
        package->accepted = FALSE;
}

void invented_set_outcome(DaVerification *package, const char *rule, DaRuleOutcome outcome)
{
    result_of(package, rule)->outcome = outcome;
}

void invented_set(Invented *delivery, const char *rule, const char *parameter, const char *value)
{
    g_hash_table_replace(da_profile_rule(delivery->profile, rule)->parameters, g_strdup(parameter),
                         g_strdup(value));
}

void invented_without(Invented *delivery, const char *rule)
{
    for (guint i = 0; i < delivery->profile->rules->len; i++) {
        if (strcmp(((const DaRule *)delivery->profile->rules->pdata[i])->id, rule))
            continue;
        for (guint k = 0; k < delivery->all->len; k++)
            g_ptr_array_remove_index(((DaVerification *)delivery->all->pdata[k])->results, i);
        g_ptr_array_remove_index(delivery->profile->rules, i);
        return;
    }
    fail_msg("no rule %s", rule);
}

DaSample *invented_draw(const Invented *delivery, const char *seed)
{
    g_autoptr(GError) error = NULL;
    DaSample *sample = da_sample_draw(delivery->all, delivery->profile, seed, &error);
    if (!sample)
        fail_msg("%s", error->message);
    return sample;
}

void invented_judge(DaSample *sample, const char *rule, DaJudgement judgement)
{
    for (guint i = 0; i < sample->items->len; i++) {
        DaSampleItem *item = sample->items->pdata[i];
        if (!rule || !strcmp(item->rule->id, rule))
            item->judgement = judgement;
    }
}

DaSampleItem *invented_item(const DaSample *sample, const char *rule, guint index)
{
    for (guint i = 0; i < sample->items->len; i++) {
        DaSampleItem *item = sample->items->pdata[i];
        if (!strcmp(item->rule->id, rule) && index-- == 0)
            return item;
    }
    fail_msg("rule %s was not asked", rule);
    return NULL;
}
