#include "report_html.h"
#include "report_crop.h"

#include <gio/gio.h>
#include <string.h>

/* A row takes some 400 bytes and a group 700: with its pictures a report stays below 10 MB, which every browser opens and every mail takes. */
#define MAX_ROWS 4000
#define MAX_GROUPS 3000
/* So many findings are read through; more are looked through. */
#define FEW_FINDINGS 60

/* --- pieces --------------------------------------------------------------------------------------------------------- */

void da_report_put(DaReport *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(report->html, text);
}

void da_report_put_two(DaReport *report, const char *chinese, const char *english)
{
    da_report_put(report, "%s", chinese ? chinese : english);
    if (chinese && english)
        da_report_put(report, " <span class=\"en\">%s</span>", english);
}

static const char *pill_of(DaRuleOutcome outcome, DaSeverity severity)
{
    if (outcome == DA_RULE_FAILED)
        return da_severity_name(severity);
    return outcome == DA_RULE_PASSED ? "good" : "not-run";
}

/* --- head ----------------------------------------------------------------------------------------------------------- */

static void put_head(DaReport *report)
{
    g_autoptr(GBytes) css =
        g_resources_lookup_data("/dangan/verify/report.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_string_append(report->html,
                    "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<title>档案验收报告 · Verification report</title>\n<style>\n");
    if (css)
        g_string_append_len(report->html, g_bytes_get_data(css, NULL),
                            (gssize)g_bytes_get_size(css));
    g_string_append(report->html, "</style></head><body><main>\n");
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *made = g_date_time_format(now, "%Y-%m-%d %H:%M %Z");
    da_report_put(
        report,
        "<h1>档案验收报告 <span class=\"en\">Verification report</span></h1>\n<p class=\"meta\">%s "
        "· ",
        made);
    da_report_put_two(report, report->profile->title_zh, report->profile->title);
    da_report_put(report, " · %s %s · dangan %s</p>\n", report->profile->name,
                  report->profile->version, DANGAN_VERSION);
}

static guint findings_of(const DaVerification *verification)
{
    guint findings = 0;
    for (guint k = 0; k < verification->results->len; k++)
        findings += ((const DaRuleResult *)verification->results->pdata[k])->findings;
    return findings;
}

static void put_verdict(DaReport *report)
{
    guint accepted = 0, findings = 0, packages = 0;
    gboolean good = report->verifications->len > 0;
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        packages += !verification->is_handover;
        accepted += !verification->is_handover && verification->accepted;
        good = good && verification->accepted;
        findings += findings_of(verification);
    }
    da_report_put(
        report,
        "<div class=\"verdict %s\"><strong>%s</strong><div>%u 个包中 %u 个合格, 共 %u 条问题"
        "<br><span class=\"en\">%s: of %u package(s) %u accepted, %u "
        "finding(s)</span></div></div>\n",
        good ? "good" : "bad", good ? "机检合格" : "机检不合格", packages, accepted, findings,
        good ? "Automatic rules passed" : "Automatic rules failed", packages, accepted, findings);
}

/* A reader must see at once that less was checked than the profile says. */
static void put_not_run(DaReport *report)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        const GPtrArray *results = verification->results;
        if (verification->is_handover) /* what lists do not show, packages do */
            continue;
        for (guint k = 0; k < results->len; k++) {
            const DaRuleResult *result = results->pdata[k];
            if (result->outcome == DA_RULE_NOT_RUN && !strcmp(result->rule->mode, "automatic") &&
                !g_strcmp0(result->rule->scope, "package") &&
                g_hash_table_add(seen, result->rule->id))
                g_string_append_printf(names, "%s%s", names->len ? ", " : "", result->rule->id);
        }
    }
    if (names->len)
        da_report_put(
            report,
            "<div class=\"loud\">有规则未检: %s。原因见下表; 未检不等于合格。<br><span "
            "class=\"en\">Rules that did not "
            "run: %s. The reasons stand in the table below; not run is not passed.</span></div>\n",
            names->str, names->str);
    g_string_free(names, TRUE);
}

/* --- packages --------------------------------------------------------------------------------------------------------- */

static void put_package_table(DaReport *report)
{
    da_report_put(report,
                  "<section><h2>包 <span class=\"en\">Packages</span></h2><table><tr><th>包 "
                  "Package</th><th>结论 Verdict</th>"
                  "<th>问题 Findings</th><th>文件 Files</th><th>字节 Size</th></tr>\n");
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        g_autofree char *name = da_verification_name(verification);
        g_autofree char *size = g_format_size(verification->bytes);
        da_report_put(report,
                      da_report_has_section(report, i) ? "<tr><td><a href=\"#p%u\">%s</a>"
                                                       : "<tr id=\"p%u\"><td>%s",
                      i, name);
        da_report_put(report,
                      "</td><td><span class=\"pill %s\">%s</span></td><td "
                      "class=\"n\">%u</td>"
                      "<td class=\"n\">%" G_GUINT64_FORMAT "</td><td class=\"n\">%s</td></tr>\n",
                      verification->accepted ? "good" : "error",
                      verification->accepted ? "合格" : "不合格", findings_of(verification),
                      verification->files, size);
    }
    da_report_put(report, "</table></section>\n");
}

/* --- rules -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint packages[DA_RULE_NOT_RUN + 1];
    guint findings;
    const char *reason;
} RuleSum;

static RuleSum sum_rule(const DaReport *report, guint index)
{
    RuleSum sum = {0};
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        const DaRuleResult *result = verification->results->pdata[index];
        if (!da_verification_is_asked(report->verifications, verification, result))
            continue;
        sum.packages[result->outcome]++;
        sum.findings += result->findings;
        if (result->reason)
            sum.reason = result->reason;
    }
    return sum;
}

static void put_rule(DaReport *report, guint index)
{
    static const char *const labels[] = {"通过 passed", "未通过 failed", "未检 not run"};
    const DaRule *rule = report->profile->rules->pdata[index];
    RuleSum sum = sum_rule(report, index);
    da_report_put(report, "<tr><td class=\"id\">%s</td><td>", rule->id);
    da_report_put_two(report, rule->title_zh, rule->title);
    if (sum.reason)
        da_report_put(report, "<br><span class=\"en\">%s</span>", sum.reason);
    da_report_put(report, "</td><td>%s</td><td>", rule->clause ? rule->clause : "");
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
        if (!sum.packages[i])
            continue;
        da_report_put(report, "<span class=\"pill %s\">%s",
                      pill_of((DaRuleOutcome)i, rule->severity), labels[i]);
        if (report->verifications->len > 1)
            da_report_put(report, " %u", sum.packages[i]);
        da_report_put(report, "</span> ");
    }
    da_report_put(report, "</td><td class=\"n\">%u</td></tr>\n", sum.findings);
}

static void put_rules(DaReport *report)
{
    da_report_put(report,
                  "<section><h2>规则 <span class=\"en\">Rules</span></h2><table><tr><th>编号 "
                  "Id</th><th>内容 Rule</th>"
                  "<th>依据 Clause</th><th>结果 Outcome</th><th>问题 Findings</th></tr>\n");
    for (guint i = 0; i < report->profile->rules->len; i++)
        put_rule(report, i);
    da_report_put(report, "</table></section>\n");
}

/* Sections until the report is full; what is left out is said. */
static void put_packages(DaReport *report)
{
    guint left_out = 0;
    for (guint i = 0; i < report->verifications->len; i++)
        if (da_report_has_section(report, i))
            left_out += !da_report_put_package(report, i);
    if (left_out)
        da_report_put(report,
                      "<div class=\"loud\">另有 %u 个包的问题未列出，见 JSON 报告。<br><span "
                      "class=\"en\">The findings of %u more packages are not listed here; the JSON "
                      "report has them.</span></div>\n",
                      left_out, left_out);
}

static gboolean has_few_findings(const GPtrArray *verifications)
{
    guint findings = 0;
    for (guint i = 0; i < verifications->len; i++)
        findings += findings_of(verifications->pdata[i]);
    return findings <= FEW_FINDINGS;
}

char *da_verify_report_html(const GPtrArray *verifications, const DaProfile *profile,
                            const char *section)
{
    g_autoptr(GHashTable) crops = da_report_crops(verifications, profile);
    DaReport report = {.html = g_string_new(NULL),
                       .verifications = verifications,
                       .profile = profile,
                       .crops = crops,
                       .rows = MAX_ROWS,
                       .groups = MAX_GROUPS,
                       .unfolded = has_few_findings(verifications)};
    put_head(&report);
    put_verdict(&report);
    put_not_run(&report);
    if (section)
        g_string_append(report.html, section);
    if (verifications->len > 1)
        put_package_table(&report);
    put_packages(&report);
    da_report_put_natures(&report);
    put_rules(&report);
    g_string_append(report.html, "</main></body></html>\n");
    return g_string_free(report.html, FALSE);
}
