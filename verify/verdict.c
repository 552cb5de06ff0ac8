#include <dangan/error.h>
#include <dangan/verdict.h>
#include <string.h>

typedef struct {
    const GPtrArray *verifications;
    const DaProfile *profile;
    DaSample *sample;
    DaVerdict *verdict;
    gboolean failed; /* for good */
    gboolean open;
} Judging;

const char *da_outcome_name(DaOutcome outcome)
{
    static const char *const names[] = {"accepted", "returned", "open"};
    return names[outcome];
}

const char *da_outcome_label_zh(DaOutcome outcome)
{
    static const char *const labels[] = {"接收", "退回", "待定"};
    return labels[outcome];
}

void da_verdict_free(DaVerdict *verdict)
{
    if (!verdict)
        return;
    g_ptr_array_unref(verdict->reasons);
    g_ptr_array_unref(verdict->scores);
    g_free(verdict);
}

/* --- reasons --------------------------------------------------------------------------------------------------------------- */

/* Takes both messages. */
static void give_reason(Judging *judging, const char *check, char *message, char *message_zh)
{
    const DaRule *rule = da_profile_rule(judging->profile, check);
    DaFinding *reason = rule ? da_rule_finding(rule, "delivery")
                             : da_finding_new(check, DA_SEVERITY_FATAL, "delivery");
    g_free(reason->message);
    g_free(reason->message_zh);
    reason->message = message;
    reason->message_zh = message_zh;
    g_ptr_array_add(judging->verdict->reasons, reason);
}

/* --- what the program checked ------------------------------------------------------------------------------------------------- */

static gboolean has_word(const char *text, const char *word)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n", -1);
    return g_strv_contains((const char *const *)words, word);
}

/* A rule that is asked of packages must have run on each; one about lists, on one of the lists. */
static gboolean ran(const Judging *judging, guint index)
{
    const DaRule *rule = judging->profile->rules->pdata[index];
    gboolean of_packages = !g_strcmp0(rule->scope, "package");
    gboolean any = FALSE;
    for (guint i = 0; i < judging->verifications->len; i++) {
        const DaVerification *verification = judging->verifications->pdata[i];
        const DaRuleResult *result = verification->results->pdata[index];
        if (verification->is_handover == of_packages)
            continue;
        any = any || result->outcome != DA_RULE_NOT_RUN;
        if (of_packages && result->outcome == DA_RULE_NOT_RUN)
            return FALSE;
    }
    return any || of_packages;
}

static gboolean is_asked(const DaRule *rule)
{
    return !strcmp(rule->mode, "automatic") && g_strcmp0(rule->scope, "ingest") &&
           g_strcmp0(rule->scope, "archive") && !g_str_has_prefix(rule->check, "accept-");
}

static gboolean has_list(const Judging *judging)
{
    for (guint i = 0; i < judging->verifications->len; i++)
        if (((const DaVerification *)judging->verifications->pdata[i])->is_handover)
            return TRUE;
    return FALSE;
}

static void look_at_rules_not_run(Judging *judging, const char *may_not_run)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < judging->profile->rules->len; i++) {
        const DaRule *rule = judging->profile->rules->pdata[i];
        if (is_asked(rule) && !ran(judging, i) && !has_word(may_not_run, rule->id))
            g_string_append_printf(ids, "%s%s", ids->len ? " " : "", rule->id);
    }
    if (!ids->len)
        return;
    gboolean listed = has_list(judging);
    judging->open = TRUE;
    give_reason(judging, "accept-automatic",
                g_strdup_printf("automatic rules were not run on everything: %s%s", ids->str,
                                listed ? "" : "; no handover list was given (--handover)"),
                g_strdup_printf("有机检规则未对全部内容检查：%s%s", ids->str,
                                listed ? "" : "；未提供移交清单（--handover）"));
}

static gboolean judge_automatic(Judging *judging, GError **error)
{
    const DaRule *rule = da_profile_rule(judging->profile, "accept-automatic");
    guint refused = 0;
    gint64 allowed = 0;
    if (!rule)
        return da_error_set(error, DA_ERROR_INPUT,
                            "profile '%s' has no rules for a verdict (check 'accept-automatic')",
                            judging->profile->name);
    if (!da_rule_integer(rule, "max-errors", &allowed, error))
        return FALSE;
    for (guint i = 0; i < judging->verifications->len; i++) {
        const DaVerification *verification = judging->verifications->pdata[i];
        refused += !verification->accepted;
        for (guint k = 0; k < verification->findings->len; k++) {
            const DaFinding *finding = verification->findings->pdata[k];
            judging->verdict->errors +=
                !finding->screened && finding->severity >= DA_SEVERITY_ERROR;
        }
    }
    if (judging->verdict->errors > allowed || (refused && !judging->verdict->errors)) {
        judging->failed = TRUE;
        give_reason(
            judging, "accept-automatic",
            g_strdup_printf("%u errors in %u packages or lists", judging->verdict->errors, refused),
            g_strdup_printf("%u 个包或清单不合格，共 %u 处错误", refused,
                            judging->verdict->errors));
    }
    look_at_rules_not_run(judging, da_rule_text(rule, "may-not-run"));
    return TRUE;
}

/* --- what people said ------------------------------------------------------------------------------------------------------------ */

static DaScore *score_of(Judging *judging, const DaSampleItem *item)
{
    gboolean of_suspicions = item->finding || item->more;
    for (guint i = 0; i < judging->verdict->scores->len; i++) {
        DaScore *score = judging->verdict->scores->pdata[i];
        if (score->rule == item->rule && score->of_suspicions == of_suspicions)
            return score;
    }
    DaScore *score = g_new0(DaScore, 1);
    score->rule = item->rule;
    score->of_suspicions = of_suspicions;
    g_ptr_array_add(judging->verdict->scores, score);
    return score;
}

static void count_answers(Judging *judging)
{
    g_ptr_array_set_size(judging->verdict->scores, 0);
    for (guint i = 0; i < judging->sample->items->len; i++) {
        const DaSampleItem *item = judging->sample->items->pdata[i];
        DaScore *score = score_of(judging, item);
        score->good += item->judgement == DA_JUDGEMENT_GOOD;
        score->bad += item->judgement == DA_JUDGEMENT_BAD;
        score->open += item->judgement == DA_JUDGEMENT_OPEN;
        score->not_applicable += item->judgement == DA_JUDGEMENT_NOT_APPLICABLE;
    }
}

/* The rule that says how much of what was asked must be good. */
static const DaRule *criterion_of(const Judging *judging, const DaRule *asked)
{
    if (!strcmp(asked->check, "accept-correspondence") || !strcmp(asked->check, "accept-forms"))
        return asked;
    return da_profile_rule(judging->profile, "accept-others");
}

static gboolean set_wanted(const Judging *judging, DaScore *score, GError **error)
{
    const DaRule *criterion = criterion_of(judging, score->rule);
    score->wanted_percent = 100;
    if (score->of_suspicions || !criterion || !strcmp(criterion->check, "accept-forms"))
        return TRUE;
    return da_rule_number(criterion, "min-percent", &score->wanted_percent, error);
}

static gboolean suffices(guint good, guint bad, double percent)
{
    return !bad || good * 100.0 >= percent * (good + bad) - 1e-9;
}

/* Fails whatever is said of what is still open. */
static gboolean has_failed(const DaScore *score)
{
    return !suffices(score->good + score->open, score->bad, score->wanted_percent);
}

/* Not even if all that was not drawn were good. */
static gboolean is_hopeless(const Judging *judging, const DaScore *score)
{
    guint all = da_sample_population(judging->sample, score->rule);
    return !suffices(all > score->bad ? all - score->bad : 0, score->bad, score->wanted_percent);
}

static void tell_failed(Judging *judging, const DaScore *score)
{
    const DaRule *criterion = criterion_of(judging, score->rule);
    guint judged = score->good + score->bad;
    give_reason(judging, criterion ? criterion->check : score->rule->check,
                g_strdup_printf("%s: %u of %u judged are good (%.4g %%), wanted are %g %%",
                                score->rule->id, score->good, judged,
                                judged ? 100.0 * score->good / judged : 0, score->wanted_percent),
                g_strdup_printf("%s：已检 %u 处，合格 %u 处（%.4g %%），应达 %g %%",
                                score->rule->id, judged, score->good,
                                judged ? 100.0 * score->good / judged : 0, score->wanted_percent));
}

typedef struct {
    guint failed, hopeless, open;
} SampleState;

static SampleState look_at_sample(const Judging *judging)
{
    SampleState state = {0};
    for (guint i = 0; i < judging->verdict->scores->len; i++) {
        const DaScore *score = judging->verdict->scores->pdata[i];
        if (score->of_suspicions)
            continue;
        state.open += score->open;
        state.failed += has_failed(score);
        state.hopeless += has_failed(score) && is_hopeless(judging, score);
    }
    return state;
}

static gboolean count_sample(Judging *judging, SampleState *state, GError **error)
{
    count_answers(judging);
    for (guint i = 0; i < judging->verdict->scores->len; i++)
        if (!set_wanted(judging, judging->verdict->scores->pdata[i], error))
            return FALSE;
    *state = look_at_sample(judging);
    return TRUE;
}

static gboolean read_lists(DaSample *sample, char **lists, GError **error)
{
    for (guint i = 0; lists && lists[i]; i++)
        if (!da_sample_read(sample, lists[i], error))
            return FALSE;
    return TRUE;
}

/* After a sample that failed. TRUE in `larger` = a larger one was drawn and counted. */
static gboolean escalate(Judging *judging, char **lists, SampleState *state, gboolean *larger,
                         GError **error)
{
    const DaRule *rule = da_profile_rule(judging->profile, "accept-escalation");
    double percent = 0;
    *larger = FALSE;
    if (!rule || state->hopeless)
        return TRUE;
    if (!da_rule_number(rule, "percent", &percent, error))
        return FALSE;
    if (percent <= judging->sample->percent || judging->sample->drawn == judging->sample->units)
        return TRUE;
    *larger = TRUE;
    return da_sample_enlarge(judging->sample, percent, error) &&
           read_lists(judging->sample, lists, error) && count_sample(judging, state, error);
}

static void tell_sample(Judging *judging, const SampleState *state)
{
    if (judging->verdict->escalated)
        give_reason(
            judging, "accept-escalation",
            g_strdup_printf("the first sample failed: %g %% are looked at",
                            judging->sample->percent),
            g_strdup_printf("首次抽检不合格，抽检比例扩大到 %g %%", judging->sample->percent));
    for (guint i = 0; i < judging->verdict->scores->len; i++) {
        const DaScore *score = judging->verdict->scores->pdata[i];
        if (!score->of_suspicions && has_failed(score))
            tell_failed(judging, score);
    }
    if (state->open)
        give_reason(judging, "accept-sample-size",
                    g_strdup_printf("%u questions of the sample are not judged yet", state->open),
                    g_strdup_printf("抽检尚有 %u 项未作结论", state->open));
    judging->failed = judging->failed || state->failed;
    judging->open = judging->open || state->open;
}

/* The lists are read where they can be followed: rows of the larger sample are unknown to the first. */
static gboolean judge_sample(Judging *judging, char **lists, GError **error)
{
    SampleState state = {0};
    const DaRule *size = da_profile_rule(judging->profile, "accept-sample-size");
    if (!judging->sample->seed) {
        judging->open = TRUE;
        give_reason(judging, size ? size->check : "accept-sample-size",
                    g_strdup("no sample was drawn (--sample SEED)"),
                    g_strdup("未抽检（--sample SEED）"));
        return read_lists(judging->sample, lists, error) && count_sample(judging, &state, error);
    }
    g_autoptr(GError) unknown = NULL;
    gboolean read = read_lists(judging->sample, lists, &unknown);
    if (!count_sample(judging, &state, error))
        return FALSE;
    if (state.failed && !escalate(judging, lists, &state, &judging->verdict->escalated, error))
        return FALSE;
    if (!read && !judging->verdict->escalated) {
        g_propagate_error(error, g_steal_pointer(&unknown));
        return FALSE;
    }
    tell_sample(judging, &state);
    return TRUE;
}

static void judge_suspicions(Judging *judging)
{
    guint open = 0, refusing = 0;
    for (guint i = 0; i < judging->verdict->scores->len; i++) {
        const DaScore *score = judging->verdict->scores->pdata[i];
        if (!score->of_suspicions)
            continue;
        open += score->open;
        judging->verdict->confirmed += score->bad;
        refusing += score->rule->severity >= DA_SEVERITY_ERROR ? score->bad : 0;
    }
    judging->verdict->errors += refusing;
    judging->open = judging->open || open;
    judging->failed = judging->failed || refusing;
    if (refusing)
        give_reason(judging, "accept-screened",
                    g_strdup_printf("%u suspicions of errors were confirmed", refusing),
                    g_strdup_printf("%u 处疑点经人工确认为错误", refusing));
    if (open)
        give_reason(judging, "accept-screened",
                    g_strdup_printf("%u suspicions are not judged yet", open),
                    g_strdup_printf("尚有 %u 处疑点未作结论", open));
}

DaVerdict *da_verdict_reach(const GPtrArray *verifications, DaSample *sample, char **lists,
                            const DaProfile *profile, GError **error)
{
    g_autoptr(DaVerdict) verdict = g_new0(DaVerdict, 1);
    verdict->reasons = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    verdict->scores = g_ptr_array_new_with_free_func(g_free);
    Judging judging = {
        .verifications = verifications, .profile = profile, .sample = sample, .verdict = verdict};
    if (!judge_automatic(&judging, error) || !judge_sample(&judging, lists, error))
        return NULL;
    judge_suspicions(&judging);
    verdict->outcome = judging.failed ? DA_OUTCOME_RETURNED
                       : judging.open ? DA_OUTCOME_OPEN
                                      : DA_OUTCOME_ACCEPTED;
    return g_steal_pointer(&verdict);
}

/* --- for a terminal ---------------------------------------------------------------------------------------------------------- */

static void add_sample(GString *out, const DaSample *sample, gboolean chinese)
{
    if (sample->seed)
        g_string_append_printf(out,
                               chinese ? "  抽检: 种子 %s, %u 层, %u 个%s中抽 %u 个\n"
                                       : "  sample: seed %s, %u strata, of %u %s %u drawn\n",
                               sample->seed, sample->strata->len, sample->units,
                               sample->by_page ? (chinese ? "页" : "pages")
                                               : (chinese ? "卷" : "dossiers"),
                               sample->drawn);
}

static void add_score(GString *out, const DaScore *score, gboolean chinese)
{
    g_string_append_printf(out,
                           chinese ? "  %s %s: 合格 %u, 不合格 %u, 不适用 %u, 未判 %u\n"
                                   : "  %s %s: %u good, %u bad, %u not applicable, %u open\n",
                           score->rule->id,
                           score->of_suspicions ? (chinese ? "疑点" : "suspicions")
                                                : (chinese ? "抽检" : "sample"),
                           score->good, score->bad, score->not_applicable, score->open);
}

char *da_verdict_text(const DaVerdict *verdict, const DaSample *sample, gboolean chinese)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, chinese ? "验收结论: %s\n" : "verdict: %s\n",
                           chinese ? da_outcome_label_zh(verdict->outcome)
                                   : da_outcome_name(verdict->outcome));
    add_sample(out, sample, chinese);
    for (guint i = 0; i < verdict->scores->len; i++)
        add_score(out, verdict->scores->pdata[i], chinese);
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const DaFinding *reason = verdict->reasons->pdata[i];
        g_string_append_printf(out, "  %s: %s\n", reason->rule,
                               chinese ? reason->message_zh : reason->message);
    }
    return g_string_free(out, FALSE);
}
