/* The verdict as a page for people (dangan/signed_page.h). */
#include <dangan/error.h>
#include <dangan/signed_page.h>
#include <dangan/verdict.h>
#include <string.h>

/* More rows than a person reads; the signed document has them all. */
#define MAX_ROWS 500u

static void end_table(DaSignedPage *page, gsize rows)
{
    g_string_append(page->html, "</table>\n");
    if (rows > MAX_ROWS)
        da_signed_page_put(page,
                           "<p class=\"note\">共 %" G_GSIZE_FORMAT
                           " 行，此处列出前 %u 行；签名文件中有全部内容。"
                           "<span class=\"en\">The first %u of %" G_GSIZE_FORMAT
                           " rows; the signed document has them all.</span></p>\n",
                           rows, MAX_ROWS, MAX_ROWS, rows);
}

/* --- head -------------------------------------------------------------------------------------------------------------------- */

static const char *label_of(const char *outcome)
{
    for (DaOutcome o = DA_OUTCOME_ACCEPTED; o <= DA_OUTCOME_OPEN; o++)
        if (!strcmp(da_outcome_name(o), outcome))
            return da_outcome_label_zh(o);
    return outcome;
}

static void put_outcome(DaSignedPage *page)
{
    const char *outcome = da_signed_page_text(page->document, "outcome");
    const json_t *reasons = json_object_get(page->document, "reasons");
    da_signed_page_put(
        page, "<div class=\"outcome %s\"><b>%s</b><br><span class=\"en\">%s</span></div>\n",
        outcome, label_of(outcome), outcome);
    if (!json_array_size(reasons))
        return;
    g_string_append(page->html, "<ul>");
    for (gsize i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        da_signed_page_put(
            page, "<li><b>%s</b> %s <span class=\"en\">%s</span> %s</li>",
            da_signed_page_text(reason, "rule"), da_signed_page_text(reason, "message_zh"),
            da_signed_page_text(reason, "message"), da_signed_page_text(reason, "clause"));
    }
    g_string_append(page->html, "</ul>\n");
}

/* Not run is not passed: it must be seen without reading the table. */
static void put_not_run(DaSignedPage *page)
{
    const json_t *rules = json_object_get(page->document, "rules");
    g_autoptr(GString) ids = g_string_new(NULL);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (*da_signed_page_text(rule, "reason"))
            g_string_append_printf(ids, "%s%s", ids->len ? ", " : "",
                                   da_signed_page_text(rule, "rule"));
    }
    da_signed_page_pair(page, "未检规则 not run", ids->str);
}

static void put_facts(DaSignedPage *page)
{
    const json_t *profile = json_object_get(page->document, "profile");
    const json_t *counts = json_object_get(page->document, "counts");
    const json_t *sample = json_object_get(page->document, "sample");
    g_autofree char *by = g_strdup_printf("%s · %s %s", da_signed_page_text(profile, "title_zh"),
                                          da_signed_page_text(profile, "name"),
                                          da_signed_page_text(profile, "version"));
    g_autofree char *size = g_format_size((guint64)da_signed_page_number(counts, "bytes"));
    g_autofree char *amount = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT " 个包 packages, %" JSON_INTEGER_FORMAT
        " 页 pages, %" JSON_INTEGER_FORMAT " 个文件 files, %s",
        da_signed_page_number(counts, "packages"), da_signed_page_number(counts, "pages"),
        da_signed_page_number(counts, "files"), size);
    g_autofree char *found = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT " 条 findings; %" JSON_INTEGER_FORMAT
        " 处错误 errors; %" JSON_INTEGER_FORMAT " 处疑点经确认 suspicions confirmed",
        da_signed_page_number(counts, "findings"), da_signed_page_number(counts, "errors"),
        da_signed_page_number(counts, "confirmed_suspicions"));
    g_string_append(page->html, "<dl>");
    da_signed_page_pair(page, "依据 profile", by);
    da_signed_page_pair(page, "规范摘要 its digest", da_signed_page_text(profile, "sha256"));
    da_signed_page_pair(page, "移交内容 delivery", amount);
    da_signed_page_pair(page, "问题 found", found);
    put_not_run(page);
    if (sample) {
        g_autofree char *drawn = g_strdup_printf(
            "%" JSON_INTEGER_FORMAT " / %" JSON_INTEGER_FORMAT " %s, ≥ %s %%%s",
            da_signed_page_number(sample, "drawn"), da_signed_page_number(sample, "units"),
            strcmp(da_signed_page_text(sample, "unit"), "page") ? "卷 dossiers" : "页 pages",
            da_signed_page_text(sample, "percent"),
            json_is_true(json_object_get(sample, "escalated")) ? " · 扩大抽检 escalated" : "");
        da_signed_page_pair(page, "抽检 sample", drawn);
        da_signed_page_pair(page, "抽检种子 seed", da_signed_page_text(sample, "seed"));
    }
    da_signed_page_pair(page, "签署 signed by", da_signed_page_text(page->document, "signed_by"));
    da_signed_page_pair(page, "时间 at", da_signed_page_text(page->document, "signed_at"));
    da_signed_page_pair(page, "程序 program", da_signed_page_text(page->document, "program"));
    g_string_append(page->html, "</dl>\n");
}

/* --- tables --------------------------------------------------------------------------------------------------------------------- */

static void put_strata(DaSignedPage *page)
{
    static const char *const heads[] = {"单位 Enterprise", "加工人员 Operator", "#总数 Units",
                                        "#抽检 Drawn", NULL};
    const json_t *strata = json_object_get(json_object_get(page->document, "sample"), "strata");
    if (!json_array_size(strata))
        return;
    da_signed_page_table(page, "抽检分层", "Strata of the sample", heads);
    for (gsize i = 0; i < MIN(json_array_size(strata), MAX_ROWS); i++) {
        const json_t *stratum = json_array_get(strata, i);
        da_signed_page_put(page, "<tr><td>%s</td><td>%s</td>",
                           da_signed_page_text(stratum, "enterprise"),
                           da_signed_page_text(stratum, "operator"));
        da_signed_page_count(page, da_signed_page_number(stratum, "units"));
        da_signed_page_count(page, da_signed_page_number(stratum, "drawn"));
        g_string_append(page->html, "</tr>\n");
    }
    end_table(page, json_array_size(strata));
}

static void put_questions(DaSignedPage *page)
{
    static const char *const heads[] = {
        "规则 Rule",   "检查内容 Question", "#合格 Good",   "#不合格 Bad",
        "#不适用 n/a", "#未判 Open",        "#应达 Wanted", NULL};
    const json_t *rules = json_object_get(page->document, "rules");
    da_signed_page_table(page, "人工检查", "What people judged", heads);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        const char *wanted = da_signed_page_text(rule, "wanted_percent");
        if (!json_object_get(rule, "good"))
            continue;
        da_signed_page_put(page,
                           "<tr><td class=\"id\">%s</td><td>%s <span class=\"en\">%s</span></td>",
                           da_signed_page_text(rule, "rule"), da_signed_page_text(rule, "title_zh"),
                           da_signed_page_text(rule, "title"));
        da_signed_page_count(page, da_signed_page_number(rule, "good"));
        da_signed_page_count(page, da_signed_page_number(rule, "bad"));
        da_signed_page_count(page, da_signed_page_number(rule, "not_applicable"));
        da_signed_page_count(page, da_signed_page_number(rule, "open"));
        da_signed_page_put(page, "<td class=\"n\">%s%s</td></tr>\n", *wanted ? wanted : "疑点",
                           *wanted ? " %" : "");
    }
    end_table(page, 0);
}

static void put_rules(DaSignedPage *page)
{
    static const char *const heads[] = {
        "规则 Rule",      "内容 Title", "#通过 Passed", "#未通过 Failed", "#未检 Not run",
        "#问题 Findings", NULL};
    const json_t *rules = json_object_get(page->document, "rules");
    da_signed_page_table(page, "机检规则", "Rules that the program checks", heads);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (!json_object_get(rule, "passed"))
            continue;
        da_signed_page_put(page, "<tr><td class=\"id\">%s</td><td>%s <span class=\"en\">%s</span>",
                           da_signed_page_text(rule, "rule"), da_signed_page_text(rule, "title_zh"),
                           da_signed_page_text(rule, "title"));
        if (*da_signed_page_text(rule, "reason"))
            da_signed_page_put(page, "<br><span class=\"en\">未检 not run: %s</span>",
                               da_signed_page_text(rule, "reason"));
        g_string_append(page->html, "</td>");
        da_signed_page_count(page, da_signed_page_number(rule, "passed"));
        da_signed_page_count(page, da_signed_page_number(rule, "failed"));
        da_signed_page_count(page, da_signed_page_number(rule, "not_run"));
        da_signed_page_count(page, da_signed_page_number(rule, "findings"));
        g_string_append(page->html, "</tr>\n");
    }
    end_table(page, 0);
}

static void put_subjects(DaSignedPage *page, const char *title, const char *title_en,
                         gboolean lists)
{
    static const char *const heads[2][5] = {
        {"名称 Name", "摘要 Digest", "#页 Pages", "机检 Checked", NULL},
        {"名称 Name", "摘要 Digest", "#行 Rows", "核对 Compared", NULL}};
    const json_t *subjects = json_object_get(page->document, lists ? "handover" : "packages");
    if (!json_array_size(subjects))
        return;
    da_signed_page_table(page, title, title_en, heads[lists ? 1 : 0]);
    for (gsize i = 0; i < MIN(json_array_size(subjects), MAX_ROWS); i++) {
        const json_t *subject = json_array_get(subjects, i);
        gboolean accepted = json_is_true(json_object_get(subject, "accepted"));
        da_signed_page_put(page, "<tr><td>%s</td><td class=\"mono\">%s</td>",
                           da_signed_page_text(subject, lists ? "list" : "package"),
                           da_signed_page_text(subject, "digest"));
        da_signed_page_count(page, da_signed_page_number(subject, lists ? "rows" : "pages"));
        da_signed_page_put(page, "<td class=\"%s\">%s</td></tr>\n", accepted ? "" : "bad",
                           accepted ? "合格" : "不合格");
    }
    end_table(page, json_array_size(subjects));
}

static void put_refusals(DaSignedPage *page)
{
    static const char *const heads[] = {"规则 Rule", "位置 Place",  "检查人 Who",
                                        "日期 When", "备注 Remark", NULL};
    const json_t *judgements = json_object_get(page->document, "judgements");
    gsize rows = 0;
    for (gsize i = 0; i < json_array_size(judgements); i++) {
        const json_t *judgement = json_array_get(judgements, i);
        const char *place = da_signed_page_text(judgement, "page");
        if (strcmp(da_signed_page_text(judgement, "judgement"), "bad") || rows++ >= MAX_ROWS)
            continue;
        if (rows == 1)
            da_signed_page_table(page, "人工判为不合格", "Judged bad", heads);
        da_signed_page_put(
            page,
            "<tr><td class=\"id\">%s</td><td>%s %s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
            da_signed_page_text(judgement, "rule"), da_signed_page_text(judgement, "package"),
            *place ? place : da_signed_page_text(judgement, "material"),
            da_signed_page_text(judgement, "who"), da_signed_page_text(judgement, "when"),
            da_signed_page_text(judgement, "remark"));
    }
    if (rows)
        end_table(page, rows);
}

static void put_findings(DaSignedPage *page)
{
    static const char *const heads[] = {"级别 Severity", "规则 Rule", "位置 Place", "问题 Finding",
                                        NULL};
    const json_t *findings = json_object_get(page->document, "findings");
    if (!json_array_size(findings))
        return;
    da_signed_page_table(page, "机检问题", "Findings", heads);
    for (gsize i = 0; i < MIN(json_array_size(findings), MAX_ROWS); i++) {
        const json_t *finding = json_array_get(findings, i);
        da_signed_page_put(
            page,
            "<tr><td>%s</td><td class=\"id\">%s</td><td>%s %s</td><td>%s <span "
            "class=\"en\">%s</span></td></tr>\n",
            da_signed_page_text(finding, "severity"), da_signed_page_text(finding, "rule"),
            da_signed_page_text(finding, "subject"), da_signed_page_text(finding, "page"),
            da_signed_page_text(finding, "message_zh"), da_signed_page_text(finding, "message"));
    }
    end_table(page, json_array_size(findings));
}

char *da_verdict_html(const char *signed_text, GError **error)
{
    g_auto(DaSignedPage) page = {0};
    if (!da_signed_page_open(&page, signed_text) ||
        strcmp(da_signed_page_text(page.document, "kind"), "acceptance-verdict") != 0) {
        da_error_set(error, DA_ERROR_INPUT, "it is no signed verdict");
        return NULL;
    }
    da_signed_page_head(&page, "档案验收结论", "Acceptance verdict", NULL);
    put_outcome(&page);
    put_facts(&page);
    put_questions(&page);
    put_refusals(&page);
    put_strata(&page);
    put_subjects(&page, "移交清单", "Handover lists", TRUE);
    put_subjects(&page, "档案包", "Packages", FALSE);
    put_rules(&page);
    put_findings(&page);
    return da_signed_page_close(&page, signed_text);
}

/* --- checking -------------------------------------------------------------------------------------------------------------------- */

DaSigned *da_verdict_check(GBytes *file, const DaSignKey *expected, GError **error)
{
    return da_signed_page_check(file, expected, da_verdict_html, error);
}
