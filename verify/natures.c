/* The four-natures table (四性检测): what the rules of each item came to. Source: DA/T 70-2018. */
#include "report_html.h"

#include <string.h>

typedef enum { PASSED, WAITING, NOT_RUN, FAILED } RuleState;

gboolean da_verification_is_asked(const GPtrArray *verifications,
                                  const DaVerification *verification, const DaRuleResult *result)
{
    const DaVerification *last = verifications->pdata[verifications->len - 1];
    gboolean of_package = !g_strcmp0(result->rule->scope, "package");
    return !last->is_handover || result->outcome != DA_RULE_NOT_RUN ||
           verification->is_handover != of_package;
}

/* Rules of which a finding is not for a person to judge: their findings refuse, or are facts. */
static GHashTable *rules_that_failed(const GPtrArray *verifications)
{
    GHashTable *failed = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < verifications->len; i++) {
        const GPtrArray *findings = ((const DaVerification *)verifications->pdata[i])->findings;
        for (guint k = 0; k < findings->len; k++) {
            const DaFinding *finding = findings->pdata[k];
            if (!finding->screened)
                g_hash_table_add(failed, finding->rule);
        }
    }
    return failed;
}

static const DaRuleResult *result_of(const DaVerification *verification, const DaRule *rule)
{
    for (guint i = 0; i < verification->results->len; i++) {
        const DaRuleResult *result = verification->results->pdata[i];
        if (!strcmp(result->rule->id, rule->id))
            return result;
    }
    return NULL;
}

/* A rule that did not run on one package has not passed, whatever it said of the others. */
static RuleState state_of(const GPtrArray *verifications, const DaRule *rule, GHashTable *failed,
                          guint *findings)
{
    gboolean ran = verifications->len > 0;
    for (guint i = 0; i < verifications->len; i++) {
        const DaRuleResult *result = result_of(verifications->pdata[i], rule);
        if (result && !da_verification_is_asked(verifications, verifications->pdata[i], result))
            continue;
        *findings += result ? result->findings : 0;
        ran = ran && result && result->outcome != DA_RULE_NOT_RUN;
    }
    if (g_hash_table_contains(failed, rule->id))
        return FAILED;
    return *findings ? WAITING : ran ? PASSED : NOT_RUN;
}

static void add_rule(DaNatureSum *sum, RuleState state, guint findings)
{
    sum->rules++;
    sum->findings += findings;
    sum->passed += state == PASSED;
    sum->failed += state == FAILED;
    sum->waiting += state == WAITING;
    sum->not_run += state == NOT_RUN;
}

static DaNatureSum sum_item(const GPtrArray *verifications, const DaProfile *profile,
                            GHashTable *failed, const char *code)
{
    DaNatureSum sum = {0};
    for (guint i = 0; i < profile->rules->len; i++) {
        const DaRule *rule = profile->rules->pdata[i];
        guint findings = 0;
        if (g_strcmp0(rule->item, code))
            continue;
        RuleState state = state_of(verifications, rule, failed, &findings);
        add_rule(&sum, state, findings);
    }
    return sum;
}

GArray *da_verify_natures(const GPtrArray *verifications, const DaProfile *profile)
{
    GArray *sums = g_array_new(FALSE, FALSE, sizeof(DaNatureSum));
    g_autoptr(GHashTable) failed = rules_that_failed(verifications);
    for (guint i = 0; i < profile->natures->len; i++) {
        const DaNature *nature = profile->natures->pdata[i];
        for (guint k = 0; k < nature->items->len; k++) {
            const DaNatureItem *item = nature->items->pdata[k];
            DaNatureSum sum = sum_item(verifications, profile, failed, item->code);
            sum.nature = nature;
            sum.item = item;
            g_array_append_val(sums, sum);
        }
    }
    return sums;
}
