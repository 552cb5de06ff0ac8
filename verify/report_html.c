#include "report_crop.h"

#include <gio/gio.h>
#include <string.h>

typedef struct {
    GString *html;
    const GPtrArray *verifications;
    const DaProfile *profile;
    GHashTable *crops;
} Report;

/* --- pieces --------------------------------------------------------------------------------------------------------- */

/* Appends `format` with every text argument escaped: everything shown comes from outside. */
static void put(Report *report, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void put(Report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(report->html, text);
}

static void put_pair(Report *report, const char *term, const char *text)
{
    if (text && *text)
        put(report, "<dt>%s</dt><dd>%s</dd>", term, text);
}

static void put_two(Report *report, const char *chinese, const char *english)
{
    put(report, "%s", chinese ? chinese : english);
    if (chinese && english)
        put(report, " <span class=\"en\">%s</span>", english);
}

static const char *pill_of(DaRuleOutcome outcome, DaSeverity severity)
{
    if (outcome == DA_RULE_FAILED)
        return da_severity_name(severity);
    return outcome == DA_RULE_PASSED ? "good" : "not-run";
}

/* --- head ----------------------------------------------------------------------------------------------------------- */

static void put_head(Report *report)
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
    put(report,
        "<h1>档案验收报告 <span class=\"en\">Verification report</span></h1>\n<p class=\"meta\">%s "
        "· ",
        made);
    put_two(report, report->profile->title_zh, report->profile->title);
    put(report, " · %s %s · dangan %s</p>\n", report->profile->name, report->profile->version,
        DANGAN_VERSION);
}

static void put_verdict(Report *report)
{
    guint accepted = 0, findings = 0, packages = 0;
    gboolean good = report->verifications->len > 0;
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        packages += !verification->is_handover;
        accepted += !verification->is_handover && verification->accepted;
        good = good && verification->accepted;
        for (guint k = 0; k < verification->results->len; k++)
            findings += ((const DaRuleResult *)verification->results->pdata[k])->findings;
    }
    put(report,
        "<div class=\"verdict %s\"><strong>%s</strong><div>%u 个包中 %u 个合格, 共 %u 条问题"
        "<br><span class=\"en\">%s: of %u package(s) %u accepted, %u "
        "finding(s)</span></div></div>\n",
        good ? "good" : "bad", good ? "合格" : "不合格", packages, accepted, findings,
        good ? "Accepted" : "Not accepted", packages, accepted, findings);
}

/* A reader must see at once that less was checked than the profile says. */
static void put_not_run(Report *report)
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
        put(report,
            "<div class=\"loud\">有规则未检: %s。原因见下表; 未检不等于合格。<br><span "
            "class=\"en\">Rules that did not "
            "run: %s. The reasons stand in the table below; not run is not passed.</span></div>\n",
            names->str, names->str);
    g_string_free(names, TRUE);
}

/* --- packages --------------------------------------------------------------------------------------------------------- */

static void put_package_table(Report *report)
{
    put(report, "<section><h2>包 <span class=\"en\">Packages</span></h2><table><tr><th>包 "
                "Package</th><th>结论 Verdict</th>"
                "<th>问题 Findings</th><th>文件 Files</th><th>字节 Size</th></tr>\n");
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        g_autofree char *name = da_verification_name(verification);
        g_autofree char *size = g_format_size(verification->bytes);
        if (verification->is_handover)
            continue;
        put(report,
            "<tr><td><a href=\"#p%u\">%s</a></td><td><span class=\"pill %s\">%s</span></td><td "
            "class=\"n\">%u</td>"
            "<td class=\"n\">%" G_GUINT64_FORMAT "</td><td class=\"n\">%s</td></tr>\n",
            i, name, verification->accepted ? "good" : "error",
            verification->accepted ? "合格" : "不合格", verification->findings->len,
            verification->files, size);
    }
    put(report, "</table></section>\n");
}

static char *where(const DaFinding *finding)
{
    GString *text = g_string_new(finding->file);
    if (finding->page)
        g_string_append_printf(text, "%s页 page %s", text->len ? " · " : "", finding->page);
    if (finding->row)
        g_string_append_printf(text, "%s行 row %u", text->len ? " · " : "", finding->row);
    return g_string_free(text, FALSE);
}

static void put_finding(Report *report, const DaFinding *finding)
{
    const char *crop = g_hash_table_lookup(report->crops, finding);
    g_autofree char *place = where(finding);
    put(report, "<div class=\"finding%s\"><div><p><span class=\"pill %s\">%s</span> <b>%s</b> ",
        crop ? "" : " plain", da_severity_name(finding->severity),
        da_severity_label_zh(finding->severity), finding->rule);
    put_two(report, finding->message_zh, finding->message);
    put(report, "</p><p class=\"where\">%s</p><dl>", place);
    put_pair(report, "实际 found", finding->found);
    put_pair(report, "应为 wanted", finding->wanted);
    put_pair(report, "依据 clause", finding->clause);
    if (finding->mend_zh || finding->mend) {
        put(report, "<dt>处理 mend</dt><dd>");
        put_two(report, finding->mend_zh, finding->mend);
        put(report, "</dd>");
    }
    put(report, "</dl></div>");
    if (crop)
        put(report,
            "<figure><img alt=\"%s\" "
            "src=\"data:image/jpeg;base64,%s\"><figcaption>%s</figcaption></figure>",
            finding->page, crop, finding->page);
    put(report, "</div>\n");
}

/* What only a person can decide stands apart from what is wrong. */
static void put_queue(Report *report, const DaVerification *verification)
{
    guint waiting = 0;
    for (guint i = 0; i < verification->findings->len; i++)
        waiting += ((const DaFinding *)verification->findings->pdata[i])->screened != FALSE;
    if (!waiting)
        return;
    put(report,
        "<h3>待人工判定 %u 处 <span class=\"en\">%u place(s) for a person to look at; they do not "
        "refuse the package by themselves</span></h3>\n",
        waiting, waiting);
    for (guint i = 0; i < verification->findings->len; i++)
        if (((const DaFinding *)verification->findings->pdata[i])->screened)
            put_finding(report, verification->findings->pdata[i]);
}

static guint surplus(const DaVerification *verification)
{
    guint all = 0;
    for (guint i = 0; i < verification->results->len; i++)
        all += ((const DaRuleResult *)verification->results->pdata[i])->findings;
    return all - verification->findings->len;
}

static void put_package(Report *report, guint index)
{
    const DaVerification *verification = report->verifications->pdata[index];
    g_autofree char *name = da_verification_name(verification);
    g_autofree char *size = g_format_size(verification->bytes);
    put(report, "<section id=\"p%u\"><h2>%s <span class=\"pill %s\">%s</span></h2>", index, name,
        verification->accepted ? "good" : "error",
        verification->accepted ? "合格 accepted" : "不合格 not accepted");
    if (verification->is_handover)
        put(report,
            "<p class=\"meta\">移交清单 handover list · %u 行 rows · %u 行各有一个档案包 with one "
            "package</p>\n",
            verification->rows, verification->matched);
    else
        put(report,
            "<p class=\"meta\">%" G_GUINT64_FORMAT " 个文件 files · %s · 包摘要 digest %s</p>\n",
            verification->files, size, verification->digest ? verification->digest : "—");
    for (guint i = 0; i < verification->findings->len; i++)
        if (!((const DaFinding *)verification->findings->pdata[i])->screened)
            put_finding(report, verification->findings->pdata[i]);
    put_queue(report, verification);
    if (!verification->findings->len)
        put(report, "<p>没有问题 <span class=\"en\">no findings</span></p>");
    if (surplus(verification))
        put(report,
            "<p>另有 %u 条同类问题未列出 <span class=\"en\">%u more findings of the same rules are "
            "not listed</span></p>",
            surplus(verification), surplus(verification));
    put(report, "</section>\n");
}

/* --- rules -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint packages[DA_RULE_NOT_RUN + 1];
    guint findings;
    const char *reason;
} RuleSum;

/* Lists are not asked what packages are asked, nor packages what lists are, where there is one. */
static gboolean is_asked(const Report *report, const DaVerification *verification,
                         const DaRuleResult *result)
{
    const GPtrArray *all = report->verifications;
    gboolean with_list =
        all->len && ((const DaVerification *)all->pdata[all->len - 1])->is_handover;
    gboolean of_package = !g_strcmp0(result->rule->scope, "package");
    return !with_list || result->outcome != DA_RULE_NOT_RUN ||
           verification->is_handover != of_package;
}

static RuleSum sum_rule(const Report *report, guint index)
{
    RuleSum sum = {0};
    for (guint i = 0; i < report->verifications->len; i++) {
        const DaVerification *verification = report->verifications->pdata[i];
        const DaRuleResult *result = verification->results->pdata[index];
        if (!is_asked(report, verification, result))
            continue;
        sum.packages[result->outcome]++;
        sum.findings += result->findings;
        if (result->reason)
            sum.reason = result->reason;
    }
    return sum;
}

static void put_rule(Report *report, guint index)
{
    static const char *const labels[] = {"通过 passed", "未通过 failed", "未检 not run"};
    const DaRule *rule = report->profile->rules->pdata[index];
    RuleSum sum = sum_rule(report, index);
    put(report, "<tr><td class=\"id\">%s</td><td>", rule->id);
    put_two(report, rule->title_zh, rule->title);
    if (sum.reason)
        put(report, "<br><span class=\"en\">%s</span>", sum.reason);
    put(report, "</td><td>%s</td><td>", rule->clause ? rule->clause : "");
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
        if (!sum.packages[i])
            continue;
        put(report, "<span class=\"pill %s\">%s", pill_of((DaRuleOutcome)i, rule->severity),
            labels[i]);
        if (report->verifications->len > 1)
            put(report, " %u", sum.packages[i]);
        put(report, "</span> ");
    }
    put(report, "</td><td class=\"n\">%u</td></tr>\n", sum.findings);
}

static void put_rules(Report *report)
{
    put(report, "<section><h2>规则 <span class=\"en\">Rules</span></h2><table><tr><th>编号 "
                "Id</th><th>内容 Rule</th>"
                "<th>依据 Clause</th><th>结果 Outcome</th><th>问题 Findings</th></tr>\n");
    for (guint i = 0; i < report->profile->rules->len; i++)
        put_rule(report, i);
    put(report, "</table></section>\n");
}

char *da_verify_report_html(const GPtrArray *verifications, const DaProfile *profile)
{
    g_autoptr(GHashTable) crops = da_report_crops(verifications);
    Report report = {g_string_new(NULL), verifications, profile, crops};
    put_head(&report);
    put_verdict(&report);
    put_not_run(&report);
    if (verifications->len > 1)
        put_package_table(&report);
    for (guint i = 0; i < verifications->len; i++)
        put_package(&report, i);
    put_rules(&report);
    g_string_append(report.html, "</main></body></html>\n");
    return g_string_free(report.html, FALSE);
}
