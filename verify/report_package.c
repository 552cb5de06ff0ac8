/* What was found in one package: a group a rule, worst first. */
#include "report_crop.h"
#include "report_html.h"

#include <string.h>

typedef struct {
    const DaRule *rule; /* NULL = the profile has it no more */
    const char *id;
    DaSeverity severity;
    gboolean screened;
    GPtrArray *findings; /* borrowed */
    guint count;         /* kept or not */
} Group;

static void group_free(gpointer data)
{
    Group *group = data;
    g_ptr_array_unref(group->findings);
    g_free(group);
}

static Group *group_for(GPtrArray *groups, const DaReport *report, const DaFinding *finding)
{
    for (guint i = 0; i < groups->len; i++) {
        Group *group = groups->pdata[i];
        if (!strcmp(group->id, finding->rule) && group->screened == finding->screened)
            return group;
    }
    Group *group = g_new0(Group, 1);
    group->rule = da_profile_rule(report->profile, finding->rule);
    group->id = finding->rule;
    group->screened = finding->screened;
    group->findings = g_ptr_array_new();
    g_ptr_array_add(groups, group);
    return group;
}

/* Screened ones last, then the worst first; else in the order of the rules. */
static gint compare(gconstpointer a, gconstpointer b)
{
    const Group *first = *(Group *const *)a, *second = *(Group *const *)b;
    if (first->screened != second->screened)
        return first->screened ? 1 : -1;
    return (gint)second->severity - (gint)first->severity;
}

/* A rule has findings that were counted and not kept: they belong to its last group. */
static void count_surplus(GPtrArray *groups, const DaVerification *verification)
{
    for (guint i = 0; i < verification->results->len; i++) {
        const DaRuleResult *result = verification->results->pdata[i];
        Group *last = NULL;
        guint kept = 0;
        for (guint k = 0; k < groups->len; k++) {
            Group *group = groups->pdata[k];
            if (strcmp(group->id, result->rule->id))
                continue;
            kept += group->findings->len;
            last = group;
        }
        if (last && result->findings > kept)
            last->count += result->findings - kept;
    }
}

static GPtrArray *groups_of(const DaReport *report, const DaVerification *verification)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    for (guint i = 0; i < verification->findings->len; i++) {
        DaFinding *finding = verification->findings->pdata[i];
        Group *group = group_for(groups, report, finding);
        group->severity = MAX(group->severity, finding->severity);
        group->count++;
        g_ptr_array_add(group->findings, finding);
    }
    count_surplus(groups, verification);
    g_ptr_array_sort(groups, compare);
    return groups;
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

static void put_pair(DaReport *report, const char *term, const char *text)
{
    if (text && *text)
        da_report_put(report, "<dt>%s</dt><dd>%s</dd>", term, text);
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

static void put_crop(DaReport *report, const DaFinding *finding, const char *crop)
{
    da_report_put(report,
                  "<figure><img alt=\"%s\" "
                  "src=\"data:image/jpeg;base64,",
                  finding->page);
    g_string_append(report->html, crop); /* our own, and of an alphabet that needs no escape */
    da_report_put(report, "\"><figcaption>%s</figcaption></figure>", finding->page);
}

static void put_row(DaReport *report, const DaFinding *finding, const char *shared)
{
    const char *crop = g_hash_table_lookup(report->crops, finding);
    g_autofree char *place = where(finding);
    da_report_put(report, "<div class=\"finding%s\"><div>", crop ? "" : " plain");
    if (g_strcmp0(finding->message, shared)) {
        da_report_put(report, "<p>");
        da_report_put_two(report, finding->message_zh, finding->message);
        da_report_put(report, "</p>");
    }
    da_report_put(report, "<p class=\"where\">%s</p><dl>", place);
    put_pair(report, "实际 found", finding->found);
    put_pair(report, "应为 wanted", finding->wanted);
    da_report_put(report, "</dl></div>");
    if (crop)
        put_crop(report, finding, crop);
    da_report_put(report, "</div>\n");
    report->rows--;
}

/* --- groups ------------------------------------------------------------------------------------------------------------ */

/* The first finding, when all of the group say the same: it is said once then. */
static const DaFinding *spokesman(const Group *group)
{
    const DaFinding *first = group->findings->pdata[0];
    for (guint i = 1; i < group->findings->len; i++)
        if (g_strcmp0(((const DaFinding *)group->findings->pdata[i])->message, first->message))
            return NULL;
    return first;
}

static void put_facts(DaReport *report, const DaFinding *first)
{
    da_report_put(report, "<dl>");
    put_pair(report, "依据 clause", first->clause);
    if (first->mend_zh || first->mend) {
        da_report_put(report, "<dt>处理 mend</dt><dd>");
        da_report_put_two(report, first->mend_zh, first->mend);
        da_report_put(report, "</dd>");
    }
    da_report_put(report, "</dl>\n");
}

static void put_group(DaReport *report, const Group *group)
{
    const DaFinding *same = spokesman(group), *first = group->findings->pdata[0];
    guint rows = MIN(MIN(group->findings->len, DA_REPORT_ROWS_A_GROUP), report->rows);
    da_report_put(report,
                  "<details class=\"group\"%s><summary><span class=\"pill %s\">%s</span> "
                  "<b>%s</b> ",
                  report->unfolded ? " open" : "", da_severity_name(group->severity),
                  da_severity_label_zh(group->severity), group->id);
    if (same)
        da_report_put_two(report, same->message_zh, same->message);
    else if (group->rule)
        da_report_put_two(report, group->rule->title_zh, group->rule->title);
    da_report_put(report, " <span class=\"count\">%u 处</span></summary>\n", group->count);
    put_facts(report, first);
    for (guint i = 0; i < rows; i++)
        put_row(report, group->findings->pdata[i], same ? same->message : NULL);
    if (group->count > rows)
        da_report_put(report,
                      "<p class=\"en\">另有 %u 处未列出，见 JSON 报告 · %u more are not listed "
                      "here; see the JSON report</p>\n",
                      group->count - rows, group->count - rows);
    da_report_put(report, "</details>\n");
    report->groups--;
}

/* What only a person can decide stands apart from what is wrong. */
static void put_groups(DaReport *report, const GPtrArray *groups, gboolean screened)
{
    guint waiting = 0;
    for (guint i = 0; i < groups->len; i++)
        waiting += screened && ((const Group *)groups->pdata[i])->screened
                       ? ((const Group *)groups->pdata[i])->count
                       : 0;
    if (waiting)
        da_report_put(report,
                      "<h3>待人工判定 %u 处 <span class=\"en\">%u place(s) for a person to look "
                      "at; they do not "
                      "refuse the package by themselves</span></h3>\n",
                      waiting, waiting);
    for (guint i = 0; i < groups->len; i++)
        if (((const Group *)groups->pdata[i])->screened == screened)
            put_group(report, groups->pdata[i]);
}

/* --- the package ------------------------------------------------------------------------------------------------------- */

gboolean da_report_has_section(const DaReport *report, guint index)
{
    const DaVerification *verification = report->verifications->pdata[index];
    return report->verifications->len == 1 || verification->is_handover ||
           verification->findings->len > 0;
}

gboolean da_report_put_package(DaReport *report, guint index)
{
    const DaVerification *verification = report->verifications->pdata[index];
    g_autoptr(GPtrArray) groups = groups_of(report, verification);
    g_autofree char *name = da_verification_name(verification);
    g_autofree char *size = g_format_size(verification->bytes);
    if (groups->len > report->groups)
        return FALSE;
    da_report_put(report, "<section id=\"p%u\"><h2>%s <span class=\"pill %s\">%s</span></h2>",
                  index, name, verification->accepted ? "good" : "error",
                  verification->accepted ? "合格 accepted" : "不合格 not accepted");
    if (verification->is_handover)
        da_report_put(report,
                      "<p class=\"meta\">移交清单 handover list · %u 行 rows · %u "
                      "行各有一个档案包 with one package</p>\n",
                      verification->rows, verification->matched);
    else
        da_report_put(report,
                      "<p class=\"meta\">%" G_GUINT64_FORMAT
                      " 个文件 files · %s · 包摘要 digest %s</p>\n",
                      verification->files, size, verification->digest ? verification->digest : "—");
    put_groups(report, groups, FALSE);
    put_groups(report, groups, TRUE);
    if (!verification->findings->len)
        da_report_put(report, "<p>没有问题 <span class=\"en\">no findings</span></p>");
    da_report_put(report, "</section>\n");
    return TRUE;
}
