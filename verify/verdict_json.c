#include <dangan/verdict.h>
#include <string.h>

/* Rows of one kind in a document. A delivery of ten thousand dossiers that is looked at as a whole has millions of judgements that are good;
 * what is left out is counted. */
#define MAX_ROWS 50000u

static void put(json_t *object, const char *name, const char *text)
{
    if (!text)
        return;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_object_set_new(object, name, json_string(valid));
}

static void put_count(json_t *object, const char *name, guint64 count)
{
    json_object_set_new(object, name, json_integer((json_int_t)count));
}

/* An exchange delivery is named by person and ID number. */
static void put_name(json_t *object, const char *member, const char *text)
{
    g_autofree char *shown = da_finding_mask(text);
    put(object, member, shown);
}

static json_t *profile_json(const DaProfile *profile)
{
    json_t *object = json_object();
    put(object, "name", profile->name);
    put(object, "version", profile->version);
    put(object, "title", profile->title);
    put(object, "title_zh", profile->title_zh);
    if (profile->xml) {
        g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, profile->xml);
        put(object, "sha256", digest);
    }
    return object;
}

static json_t *reasons_json(const DaVerdict *verdict)
{
    json_t *reasons = json_array();
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const DaFinding *finding = verdict->reasons->pdata[i];
        json_t *reason = json_object();
        put(reason, "rule", finding->rule);
        put(reason, "clause", finding->clause);
        put(reason, "message", finding->message);
        put(reason, "message_zh", finding->message_zh);
        json_array_append_new(reasons, reason);
    }
    return reasons;
}

static json_t *subject_json(const DaVerification *verification)
{
    json_t *object = json_object();
    g_autofree char *name = da_verification_name(verification);
    put_name(object, verification->is_handover ? "list" : "package", name);
    put(object, "digest", verification->digest);
    json_object_set_new(object, "accepted", json_boolean(verification->accepted));
    if (verification->is_handover) {
        put_count(object, "rows", verification->rows);
        put_count(object, "matched", verification->matched);
    } else {
        put_count(object, "files", verification->files);
        put_count(object, "bytes", verification->bytes);
        put_count(object, "pages", verification->sides_with_content);
    }
    return object;
}

static json_t *subjects_json(const GPtrArray *verifications, gboolean handover)
{
    json_t *subjects = json_array();
    for (guint i = 0; i < verifications->len; i++)
        if (((const DaVerification *)verifications->pdata[i])->is_handover == handover)
            json_array_append_new(subjects, subject_json(verifications->pdata[i]));
    return subjects;
}

static json_t *counts_json(const DaVerdict *verdict, const GPtrArray *verifications)
{
    guint64 packages = 0, accepted = 0, files = 0, bytes = 0, pages = 0, findings = 0;
    for (guint i = 0; i < verifications->len; i++) {
        const DaVerification *verification = verifications->pdata[i];
        packages += !verification->is_handover;
        accepted += !verification->is_handover && verification->accepted;
        files += verification->files;
        bytes += verification->bytes;
        pages += verification->sides_with_content;
        for (guint k = 0; k < verification->results->len; k++)
            findings += ((const DaRuleResult *)verification->results->pdata[k])->findings;
    }
    json_t *counts = json_object();
    put_count(counts, "packages", packages);
    put_count(counts, "packages_accepted", accepted);
    put_count(counts, "files", files);
    put_count(counts, "bytes", bytes);
    put_count(counts, "pages", pages);
    put_count(counts, "findings", findings);
    put_count(counts, "errors", verdict->errors);
    put_count(counts, "confirmed_suspicions", verdict->confirmed);
    return counts;
}

/* --- rules -------------------------------------------------------------------------------------------------------------------- */

static const DaScore *score_of(const DaVerdict *verdict, const DaRule *rule)
{
    for (guint i = 0; i < verdict->scores->len; i++)
        if (((const DaScore *)verdict->scores->pdata[i])->rule == rule)
            return verdict->scores->pdata[i];
    return NULL;
}

static void put_score(json_t *object, const DaScore *score)
{
    put_count(object, "good", score->good);
    put_count(object, "bad", score->bad);
    put_count(object, "not_applicable", score->not_applicable);
    put_count(object, "open", score->open);
    if (score->of_suspicions)
        return;
    g_autofree char *percent = g_strdup_printf("%g", score->wanted_percent);
    put(object, "wanted_percent", percent);
}

static const char *add_results(json_t *object, const GPtrArray *verifications, guint index)
{
    guint64 outcome[DA_RULE_NOT_RUN + 1] = {0}, findings = 0;
    const char *reason = NULL;
    const DaRule *rule = NULL;
    for (guint i = 0; i < verifications->len; i++) {
        const DaVerification *verification = verifications->pdata[i];
        const DaRuleResult *result = verification->results->pdata[index];
        rule = result->rule;
        /* Packages are not asked what lists are, nor lists what packages are. */
        if (verification->is_handover == !g_strcmp0(rule->scope, "package") &&
            result->outcome == DA_RULE_NOT_RUN)
            continue;
        outcome[result->outcome]++;
        findings += result->findings;
        if (!reason)
            reason = result->reason;
    }
    put_count(object, "passed", outcome[DA_RULE_PASSED]);
    put_count(object, "failed", outcome[DA_RULE_FAILED]);
    put_count(object, "not_run", outcome[DA_RULE_NOT_RUN]);
    put_count(object, "findings", findings);
    if (outcome[DA_RULE_PASSED] + outcome[DA_RULE_FAILED] + outcome[DA_RULE_NOT_RUN])
        return reason;
    if (rule && !g_strcmp0(rule->scope, "archive"))
        return "asked when packages come into an archive";
    return rule && !g_strcmp0(rule->scope, "ingest") ? "for forms as they are read by ingest"
                                                     : "no handover list was given";
}

/* A sampled rule ran when people were asked; a rule that reaches the verdict, always. */
static json_t *rule_json(const DaVerdict *verdict, const GPtrArray *verifications,
                         const DaProfile *profile, guint index)
{
    const DaRule *rule = profile->rules->pdata[index];
    const DaScore *score = score_of(verdict, rule);
    json_t *object = json_object();
    put(object, "rule", rule->id);
    put(object, "title", rule->title);
    put(object, "title_zh", rule->title_zh);
    put(object, "clause", rule->clause);
    put(object, "severity", da_severity_name(rule->severity));
    put(object, "mode", rule->mode);
    gboolean judges = g_str_has_prefix(rule->check, "accept-");
    const char *reason = NULL;
    if (strcmp(rule->mode, "sampled") && !judges)
        reason = add_results(object, verifications, index);
    else if (!score && !judges)
        reason = "no sample was drawn";
    put(object, "reason", reason);
    if (score)
        put_score(object, score);
    return object;
}

static json_t *rules_json(const DaVerdict *verdict, const GPtrArray *verifications,
                          const DaProfile *profile)
{
    json_t *rules = json_array();
    for (guint i = 0; i < profile->rules->len; i++)
        json_array_append_new(rules, rule_json(verdict, verifications, profile, i));
    return rules;
}

/* --- findings and judgements ---------------------------------------------------------------------------------------------------- */

/* The worst first, as far as there is room. */
static void put_findings(json_t *document, const GPtrArray *verifications)
{
    json_t *findings = json_array();
    guint64 left_out = 0;
    for (int severity = DA_SEVERITY_FATAL; severity >= DA_SEVERITY_INFO; severity--)
        for (guint i = 0; i < verifications->len; i++) {
            const GPtrArray *found = ((const DaVerification *)verifications->pdata[i])->findings;
            for (guint k = 0; k < found->len; k++) {
                const DaFinding *finding = found->pdata[k];
                if ((int)finding->severity != severity)
                    continue;
                if (json_array_size(findings) < MAX_ROWS)
                    json_array_append_new(findings, da_finding_to_public_json(finding));
                else
                    left_out++;
            }
        }
    json_object_set_new(document, "findings", findings);
    put_count(document, "findings_left_out", left_out);
}

static json_t *judgement_json(const DaSampleItem *item)
{
    static const char *const names[] = {"open", "good", "bad", "not-applicable"};
    g_autofree char *name = item->package ? da_verification_name(item->package) : NULL;
    json_t *object = json_object();
    put(object, "item", item->key);
    put(object, "rule", item->rule->id);
    put_name(object, "package", name);
    put(object, item->is_page ? "page" : "material", item->place);
    put(object, "asked", item->finding || item->more ? "suspicion" : "sample");
    put(object, "judgement", names[item->judgement]);
    put(object, "who", item->who);
    put(object, "when", item->when);
    put(object, "remark", item->remark && *item->remark ? item->remark : NULL);
    return object;
}

/* How much each person judged. */
static json_t *people_json(const DaSample *sample)
{
    json_t *people = json_object();
    for (guint i = 0; i < sample->items->len; i++) {
        const DaSampleItem *item = sample->items->pdata[i];
        if (!item->who)
            continue;
        g_autofree char *who = g_utf8_make_valid(item->who, -1);
        put_count(people, who, (guint64)json_integer_value(json_object_get(people, who)) + 1);
    }
    return people;
}

/* What is not good first, as far as there is room. */
static void put_judgements(json_t *document, const DaSample *sample)
{
    json_t *judgements = json_array();
    guint64 left_out = 0;
    for (int good = 0; good < 2; good++)
        for (guint i = 0; i < sample->items->len; i++) {
            const DaSampleItem *item = sample->items->pdata[i];
            if ((item->judgement == DA_JUDGEMENT_GOOD) != good)
                continue;
            if (json_array_size(judgements) < MAX_ROWS)
                json_array_append_new(judgements, judgement_json(item));
            else
                left_out++;
        }
    json_object_set_new(document, "judgements", judgements);
    put_count(document, "judgements_left_out", left_out);
    json_object_set_new(document, "judged_by", people_json(sample));
}

json_t *da_verdict_json(const DaVerdict *verdict, const GPtrArray *verifications,
                        const DaSample *sample, const DaProfile *profile)
{
    json_t *document = json_object();
    put(document, "kind", "acceptance-verdict");
    put(document, "program", "dangan " DANGAN_VERSION);
    put(document, "outcome", da_outcome_name(verdict->outcome));
    json_object_set_new(document, "reasons", reasons_json(verdict));
    json_object_set_new(document, "profile", profile_json(profile));
    json_object_set_new(document, "counts", counts_json(verdict, verifications));
    json_object_set_new(document, "packages", subjects_json(verifications, FALSE));
    json_object_set_new(document, "handover", subjects_json(verifications, TRUE));
    json_object_set_new(document, "rules", rules_json(verdict, verifications, profile));
    json_t *drawn = da_sample_json(sample);
    if (drawn) {
        json_t *packages = json_object_get(drawn, "packages");
        for (gsize i = 0; i < json_array_size(packages); i++) {
            json_t *package = json_array_get(packages, i);
            g_autofree char *name =
                g_strdup(json_string_value(json_object_get(package, "package")));
            put_name(package, "package", name);
        }
        json_object_set_new(drawn, "escalated", json_boolean(verdict->escalated));
        json_object_set_new(document, "sample", drawn);
    }
    put_judgements(document, sample);
    put_findings(document, verifications);
    return document;
}
