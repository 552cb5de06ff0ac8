#include <dangan/verify.h>

#include <dangan/handle/json.h>

/* schemas/json/verify-report.schema.json */
#define REPORT_FORMAT "urn:dangan:verify-report:1"

static const char *outcome_name(DaRuleOutcome outcome)
{
    static const char *const names[] = {"passed", "failed", "not-run"};
    return names[outcome];
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static json_t *result_json(const DaRuleResult *result)
{
    json_t *object = json_object();
    set_text(object, "rule", result->rule->id);
    set_text(object, "clause", result->rule->clause);
    set_text(object, "item", result->rule->item);
    set_text(object, "outcome", outcome_name(result->outcome));
    json_object_set_new(object, "findings", json_integer(result->findings));
    set_text(object, "reason", result->reason);
    return object;
}

/* Pages that a person looks at, in the order of their findings: what to look for on each stands in `rules`. */
static json_t *queue_json(const DaVerification *verification)
{
    json_t *queue = json_array();
    g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        if (!finding->screened)
            continue;
        const char *page = finding->page ? finding->page : "";
        json_t *place = g_hash_table_lookup(places, page);
        if (!place) {
            place = json_pack("{s:s,s:[]}", "page", page, "rules");
            json_array_append_new(queue, place);
            g_hash_table_insert(places, (gpointer)page, place);
        }
        json_array_append_new(json_object_get(place, "rules"), json_string(finding->rule));
    }
    return queue;
}

static json_t *package_json(const DaVerification *verification)
{
    json_t *object = json_object();
    g_autofree char *name = da_verification_name(verification);
    set_text(object, verification->is_handover ? "list" : "package", name);
    set_text(object, "id", verification->id);
    set_text(object, "digest", verification->digest);
    json_object_set_new(object, "accepted", json_boolean(verification->accepted));
    if (verification->is_handover) {
        json_object_set_new(object, "rows", json_integer(verification->rows));
        json_object_set_new(object, "matched", json_integer(verification->matched));
    } else {
        json_object_set_new(object, "files", json_integer((json_int_t)verification->files));
        json_object_set_new(object, "bytes", json_integer((json_int_t)verification->bytes));
    }
    json_t *rules = json_array();
    for (guint i = 0; i < verification->results->len; i++)
        json_array_append_new(rules, result_json(verification->results->pdata[i]));
    json_object_set_new(object, "rules", rules);
    json_t *findings = json_array();
    for (guint i = 0; i < verification->findings->len; i++)
        json_array_append_new(findings, da_finding_to_json(verification->findings->pdata[i]));
    json_object_set_new(object, "findings", findings);
    json_object_set_new(object, "queue", queue_json(verification));
    return object;
}

static json_t *sum_json(const DaNatureSum *sum)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "item", sum->item->code,
                     "title", sum->item->title, "title_zh", sum->item->title_zh, "rules",
                     (int)sum->rules, "passed", (int)sum->passed, "failed", (int)sum->failed,
                     "waiting", (int)sum->waiting, "not_run", (int)sum->not_run, "findings",
                     (int)sum->findings);
}

static json_t *natures_json(const GPtrArray *verifications, const DaProfile *profile)
{
    json_t *natures = json_array(), *items = NULL;
    const DaNature *last = NULL;
    g_autoptr(GArray) sums = da_verify_natures(verifications, profile);
    for (guint i = 0; i < sums->len; i++) {
        const DaNatureSum *sum = &g_array_index(sums, DaNatureSum, i);
        if (sum->nature != last) {
            last = sum->nature;
            json_array_append_new(natures,
                                  json_pack("{s:s, s:s, s:s, s:[]}", "nature", last->name, "title",
                                            last->title, "title_zh", last->title_zh, "items"));
            items = json_object_get(json_array_get(natures, json_array_size(natures) - 1), "items");
        }
        json_array_append_new(items, sum_json(sum));
    }
    return natures;
}

json_t *da_verify_report_json(const GPtrArray *verifications, const DaProfile *profile)
{
    json_t *report = json_object();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *made = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    set_text(report, "format", REPORT_FORMAT);
    set_text(report, "made", made);
    set_text(report, "program", "dangan " DANGAN_VERSION);
    json_object_set_new(
        report, "profile",
        json_pack("{s:s?,s:s?}", "name", profile->name, "version", profile->version));
    gboolean accepted = verifications->len > 0;
    json_t *packages = json_array(), *handover = json_array();
    for (guint i = 0; i < verifications->len; i++) {
        const DaVerification *verification = verifications->pdata[i];
        accepted = accepted && verification->accepted;
        json_array_append_new(verification->is_handover ? handover : packages,
                              package_json(verification));
    }
    json_object_set_new(report, "accepted", json_boolean(accepted));
    json_object_set_new(report, "natures", natures_json(verifications, profile));
    json_object_set_new(report, "packages", packages);
    json_object_set_new(report, "handover", handover);
    return report;
}
