/* The page shows a signed verdict and nothing else, so that it can be made again from what it carries and compared. */
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/verdict.h>
#include <gio/gio.h>
#include <string.h>

#define CARRIED_BEGIN "<script type=\"text/plain\" id=\"signed\">"
#define CARRIED_END "</script>"
/* More rows than a person reads; the signed document has them all. */
#define MAX_ROWS 500u

typedef struct {
    GString *html;
    const json_t *document, *signature;
} Page;

/* --- pieces ------------------------------------------------------------------------------------------------------------------ */

static void put(Page *page, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void put(Page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(page->html, text);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static json_int_t count_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void put_pair(Page *page, const char *term, const char *text)
{
    if (*text)
        put(page, "<dt>%s</dt><dd>%s</dd>", term, text);
}

static void put_count(Page *page, json_int_t count)
{
    put(page, "<td class=\"n\">%" JSON_INTEGER_FORMAT "</td>", count);
}

static void begin_table(Page *page, const char *title, const char *title_en,
                        const char *const *heads)
{
    put(page, "<h2>%s <span class=\"en\">%s</span></h2><table><tr>", title, title_en);
    for (; *heads; heads++)
        put(page, **heads == '#' ? "<th class=\"n\">%s</th>" : "<th>%s</th>",
            *heads + (**heads == '#'));
    g_string_append(page->html, "</tr>\n");
}

static void end_table(Page *page, gsize rows)
{
    g_string_append(page->html, "</table>\n");
    if (rows > MAX_ROWS)
        put(page,
            "<p class=\"note\">共 %" G_GSIZE_FORMAT " 行，此处列出前 %u 行；签名文件中有全部内容。"
            "<span class=\"en\">The first %u of %" G_GSIZE_FORMAT
            " rows; the signed document has them all.</span></p>\n",
            rows, MAX_ROWS, MAX_ROWS, rows);
}

/* --- head -------------------------------------------------------------------------------------------------------------------- */

static void put_head(Page *page)
{
    g_autoptr(GBytes) css =
        g_resources_lookup_data("/dangan/verify/verdict.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_string_append(page->html,
                    "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<title>档案验收结论 · Acceptance verdict</title>\n<style>\n");
    if (css)
        g_string_append_len(page->html, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
    g_string_append(page->html, "</style></head><body><main>\n<h1>档案验收结论 <span class=\"en\">"
                                "Acceptance verdict</span></h1>\n");
}

static const char *label_of(const char *outcome)
{
    for (DaOutcome o = DA_OUTCOME_ACCEPTED; o <= DA_OUTCOME_OPEN; o++)
        if (!strcmp(da_outcome_name(o), outcome))
            return da_outcome_label_zh(o);
    return outcome;
}

static void put_outcome(Page *page)
{
    const char *outcome = text_of(page->document, "outcome");
    const json_t *reasons = json_object_get(page->document, "reasons");
    put(page, "<div class=\"outcome %s\"><b>%s</b><br><span class=\"en\">%s</span></div>\n",
        outcome, label_of(outcome), outcome);
    if (!json_array_size(reasons))
        return;
    g_string_append(page->html, "<ul>");
    for (gsize i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        put(page, "<li><b>%s</b> %s <span class=\"en\">%s</span> %s</li>", text_of(reason, "rule"),
            text_of(reason, "message_zh"), text_of(reason, "message"), text_of(reason, "clause"));
    }
    g_string_append(page->html, "</ul>\n");
}

/* Not run is not passed: it must be seen without reading the table. */
static void put_not_run(Page *page)
{
    const json_t *rules = json_object_get(page->document, "rules");
    g_autoptr(GString) ids = g_string_new(NULL);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (*text_of(rule, "reason"))
            g_string_append_printf(ids, "%s%s", ids->len ? ", " : "", text_of(rule, "rule"));
    }
    put_pair(page, "未检规则 not run", ids->str);
}

static void put_facts(Page *page)
{
    const json_t *profile = json_object_get(page->document, "profile");
    const json_t *counts = json_object_get(page->document, "counts");
    const json_t *sample = json_object_get(page->document, "sample");
    g_autofree char *by = g_strdup_printf("%s · %s %s", text_of(profile, "title_zh"),
                                          text_of(profile, "name"), text_of(profile, "version"));
    g_autofree char *size = g_format_size((guint64)count_of(counts, "bytes"));
    g_autofree char *amount = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT " 个包 packages, %" JSON_INTEGER_FORMAT
        " 页 pages, %" JSON_INTEGER_FORMAT " 个文件 files, %s",
        count_of(counts, "packages"), count_of(counts, "pages"), count_of(counts, "files"), size);
    g_autofree char *found = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT " 条 findings; %" JSON_INTEGER_FORMAT
        " 处错误 errors; %" JSON_INTEGER_FORMAT " 处疑点经确认 suspicions confirmed",
        count_of(counts, "findings"), count_of(counts, "errors"),
        count_of(counts, "confirmed_suspicions"));
    g_string_append(page->html, "<dl>");
    put_pair(page, "依据 profile", by);
    put_pair(page, "规范摘要 its digest", text_of(profile, "sha256"));
    put_pair(page, "移交内容 delivery", amount);
    put_pair(page, "问题 found", found);
    put_not_run(page);
    if (sample) {
        g_autofree char *drawn = g_strdup_printf(
            "%" JSON_INTEGER_FORMAT " / %" JSON_INTEGER_FORMAT " %s, ≥ %s %%%s",
            count_of(sample, "drawn"), count_of(sample, "units"),
            strcmp(text_of(sample, "unit"), "page") ? "卷 dossiers" : "页 pages",
            text_of(sample, "percent"),
            json_is_true(json_object_get(sample, "escalated")) ? " · 扩大抽检 escalated" : "");
        put_pair(page, "抽检 sample", drawn);
        put_pair(page, "抽检种子 seed", text_of(sample, "seed"));
    }
    put_pair(page, "签署 signed by", text_of(page->document, "signed_by"));
    put_pair(page, "时间 at", text_of(page->document, "signed_at"));
    put_pair(page, "程序 program", text_of(page->document, "program"));
    g_string_append(page->html, "</dl>\n");
}

/* --- tables --------------------------------------------------------------------------------------------------------------------- */

static void put_strata(Page *page)
{
    static const char *const heads[] = {"单位 Enterprise", "加工人员 Operator", "#总数 Units",
                                        "#抽检 Drawn", NULL};
    const json_t *strata = json_object_get(json_object_get(page->document, "sample"), "strata");
    if (!json_array_size(strata))
        return;
    begin_table(page, "抽检分层", "Strata of the sample", heads);
    for (gsize i = 0; i < MIN(json_array_size(strata), MAX_ROWS); i++) {
        const json_t *stratum = json_array_get(strata, i);
        put(page, "<tr><td>%s</td><td>%s</td>", text_of(stratum, "enterprise"),
            text_of(stratum, "operator"));
        put_count(page, count_of(stratum, "units"));
        put_count(page, count_of(stratum, "drawn"));
        g_string_append(page->html, "</tr>\n");
    }
    end_table(page, json_array_size(strata));
}

static void put_questions(Page *page)
{
    static const char *const heads[] = {
        "规则 Rule",   "检查内容 Question", "#合格 Good",   "#不合格 Bad",
        "#不适用 n/a", "#未判 Open",        "#应达 Wanted", NULL};
    const json_t *rules = json_object_get(page->document, "rules");
    begin_table(page, "人工检查", "What people judged", heads);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        const char *wanted = text_of(rule, "wanted_percent");
        if (!json_object_get(rule, "good"))
            continue;
        put(page, "<tr><td class=\"id\">%s</td><td>%s <span class=\"en\">%s</span></td>",
            text_of(rule, "rule"), text_of(rule, "title_zh"), text_of(rule, "title"));
        put_count(page, count_of(rule, "good"));
        put_count(page, count_of(rule, "bad"));
        put_count(page, count_of(rule, "not_applicable"));
        put_count(page, count_of(rule, "open"));
        put(page, "<td class=\"n\">%s%s</td></tr>\n", *wanted ? wanted : "疑点",
            *wanted ? " %" : "");
    }
    end_table(page, 0);
}

static void put_rules(Page *page)
{
    static const char *const heads[] = {
        "规则 Rule",      "内容 Title", "#通过 Passed", "#未通过 Failed", "#未检 Not run",
        "#问题 Findings", NULL};
    const json_t *rules = json_object_get(page->document, "rules");
    begin_table(page, "机检规则", "Rules that the program checks", heads);
    for (gsize i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (!json_object_get(rule, "passed"))
            continue;
        put(page, "<tr><td class=\"id\">%s</td><td>%s <span class=\"en\">%s</span>",
            text_of(rule, "rule"), text_of(rule, "title_zh"), text_of(rule, "title"));
        if (*text_of(rule, "reason"))
            put(page, "<br><span class=\"en\">未检 not run: %s</span>", text_of(rule, "reason"));
        g_string_append(page->html, "</td>");
        put_count(page, count_of(rule, "passed"));
        put_count(page, count_of(rule, "failed"));
        put_count(page, count_of(rule, "not_run"));
        put_count(page, count_of(rule, "findings"));
        g_string_append(page->html, "</tr>\n");
    }
    end_table(page, 0);
}

static void put_subjects(Page *page, const char *title, const char *title_en, gboolean lists)
{
    static const char *const heads[2][5] = {
        {"名称 Name", "摘要 Digest", "#页 Pages", "机检 Checked", NULL},
        {"名称 Name", "摘要 Digest", "#行 Rows", "核对 Compared", NULL}};
    const json_t *subjects = json_object_get(page->document, lists ? "handover" : "packages");
    if (!json_array_size(subjects))
        return;
    begin_table(page, title, title_en, heads[lists ? 1 : 0]);
    for (gsize i = 0; i < MIN(json_array_size(subjects), MAX_ROWS); i++) {
        const json_t *subject = json_array_get(subjects, i);
        gboolean accepted = json_is_true(json_object_get(subject, "accepted"));
        put(page, "<tr><td>%s</td><td class=\"mono\">%s</td>",
            text_of(subject, lists ? "list" : "package"), text_of(subject, "digest"));
        put_count(page, count_of(subject, lists ? "rows" : "pages"));
        put(page, "<td class=\"%s\">%s</td></tr>\n", accepted ? "" : "bad",
            accepted ? "合格" : "不合格");
    }
    end_table(page, json_array_size(subjects));
}

static void put_refusals(Page *page)
{
    static const char *const heads[] = {"规则 Rule", "位置 Place",  "检查人 Who",
                                        "日期 When", "备注 Remark", NULL};
    const json_t *judgements = json_object_get(page->document, "judgements");
    gsize rows = 0;
    for (gsize i = 0; i < json_array_size(judgements); i++) {
        const json_t *judgement = json_array_get(judgements, i);
        const char *place = text_of(judgement, "page");
        if (strcmp(text_of(judgement, "judgement"), "bad") || rows++ >= MAX_ROWS)
            continue;
        if (rows == 1)
            begin_table(page, "人工判为不合格", "Judged bad", heads);
        put(page,
            "<tr><td class=\"id\">%s</td><td>%s %s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
            text_of(judgement, "rule"), text_of(judgement, "package"),
            *place ? place : text_of(judgement, "material"), text_of(judgement, "who"),
            text_of(judgement, "when"), text_of(judgement, "remark"));
    }
    if (rows)
        end_table(page, rows);
}

static void put_findings(Page *page)
{
    static const char *const heads[] = {"级别 Severity", "规则 Rule", "位置 Place", "问题 Finding",
                                        NULL};
    const json_t *findings = json_object_get(page->document, "findings");
    if (!json_array_size(findings))
        return;
    begin_table(page, "机检问题", "Findings", heads);
    for (gsize i = 0; i < MIN(json_array_size(findings), MAX_ROWS); i++) {
        const json_t *finding = json_array_get(findings, i);
        put(page,
            "<tr><td>%s</td><td class=\"id\">%s</td><td>%s %s</td><td>%s <span "
            "class=\"en\">%s</span></td></tr>\n",
            text_of(finding, "severity"), text_of(finding, "rule"), text_of(finding, "subject"),
            text_of(finding, "page"), text_of(finding, "message_zh"), text_of(finding, "message"));
    }
    end_table(page, json_array_size(findings));
}

static void put_signature(Page *page, const char *signed_text)
{
    g_autofree char *carried = g_base64_encode((const guchar *)signed_text, strlen(signed_text));
    g_string_append(page->html, "<h2>签名 <span class=\"en\">Signature</span></h2><dl>");
    put_pair(page, "算法 algorithm", text_of(page->signature, "algorithm"));
    put_pair(page, "公钥指纹 key", text_of(page->signature, "key"));
    put_pair(page, "签名值 value", text_of(page->signature, "value"));
    g_string_append(
        page->html,
        "</dl><p class=\"note\">核验：dangan receipt check 本文件 --key "
        "公钥。须与签署单位另行公布的"
        "公钥指纹核对。<span class=\"en\">To check: dangan receipt check FILE --key KEY; compare "
        "the "
        "fingerprint with what the signer has made known.</span></p>\n</main>\n" CARRIED_BEGIN
        "\n");
    g_string_append(page->html, carried);
    g_string_append(page->html, "\n" CARRIED_END "\n</body></html>\n");
}

char *da_verdict_html(const char *signed_text, GError **error)
{
    g_autoptr(json_t) envelope = json_loads(signed_text, 0, NULL);
    Page page = {.document = json_object_get(envelope, "document"),
                 .signature = json_object_get(envelope, "signature")};
    if (strcmp(text_of(page.document, "kind"), "acceptance-verdict")) {
        da_error_set(error, DA_ERROR_INPUT, "it is no signed verdict");
        return NULL;
    }
    page.html = g_string_new(NULL);
    put_head(&page);
    put_outcome(&page);
    put_facts(&page);
    put_questions(&page);
    put_refusals(&page);
    put_strata(&page);
    put_subjects(&page, "移交清单", "Handover lists", TRUE);
    put_subjects(&page, "档案包", "Packages", FALSE);
    put_rules(&page);
    put_findings(&page);
    put_signature(&page, signed_text);
    return g_string_free(page.html, FALSE);
}

/* --- checking -------------------------------------------------------------------------------------------------------------------- */

/* The signed document that a page carries. The caller owns it; NULL when it carries none. */
static char *carried_by(const char *html)
{
    const char *begin = strstr(html, CARRIED_BEGIN);
    const char *end = begin ? strstr(begin, CARRIED_END) : NULL;
    if (!end)
        return NULL;
    begin += strlen(CARRIED_BEGIN);
    g_autofree char *encoded = g_strndup(begin, (gsize)(end - begin));
    gsize size = 0;
    g_autofree guchar *raw = g_base64_decode(encoded, &size);
    return g_strndup((const char *)raw, size);
}

static gboolean shows_what_was_signed(const char *html, gsize size, const char *signed_text,
                                      const DaSigned *checked, GError **error)
{
    const char *program = text_of(checked->document, "program");
    g_autofree char *again = da_verdict_html(signed_text, error);
    if (!again)
        return FALSE;
    if (strlen(again) == size && !memcmp(again, html, size))
        return TRUE;
    if (strcmp(program, "dangan " DANGAN_VERSION))
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page was made by %s and cannot be compared here; check its JSON "
                            "file instead",
                            program);
    return da_error_set(error, DA_ERROR_INPUT,
                        "the page was altered: it does not show what was signed");
}

DaSigned *da_verdict_check(GBytes *file, const DaSignKey *expected, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(file, &size);
    g_autofree char *text = g_strndup(data ? data : "", size);
    gboolean is_page = g_str_has_prefix(text, "<!DOCTYPE html>");
    if (!is_page)
        return da_signed_check(data ? data : "", size, expected, error);
    g_autofree char *carried = carried_by(text);
    if (!carried) {
        da_error_set(error, DA_ERROR_INPUT,
                     "the page is not whole, or none of ours: it carries no signed document");
        return NULL;
    }
    g_autoptr(DaSigned) checked = da_signed_check(carried, strlen(carried), expected, error);
    if (!checked || !shows_what_was_signed(text, size, carried, checked, error))
        return NULL;
    return g_steal_pointer(&checked);
}
