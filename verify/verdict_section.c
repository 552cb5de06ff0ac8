/* Sample and verdict as a part of the report, in its look. */
#include "report_html.h"

#include <dangan/verdict.h>

static void put_reasons(DaReport *report, const DaVerdict *verdict)
{
    if (!verdict->reasons->len)
        return;
    g_string_append(report->html, "<ul>");
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const DaFinding *reason = verdict->reasons->pdata[i];
        da_report_put(report, "<li><b>%s</b> ", reason->rule);
        da_report_put_two(report, reason->message_zh, reason->message);
        g_string_append(report->html, "</li>");
    }
    g_string_append(report->html, "</ul>\n");
}

static void put_scores(DaReport *report, const DaVerdict *verdict)
{
    g_string_append(
        report->html,
        "<table><tr><th>规则 Rule</th><th>内容 Question</th><th>合格 Good</th><th>不合格 "
        "Bad</th><th>不适用 n/a</th><th>未判 Open</th></tr>\n");
    for (guint i = 0; i < verdict->scores->len; i++) {
        const DaScore *score = verdict->scores->pdata[i];
        da_report_put(report, "<tr><td class=\"id\">%s</td><td>", score->rule->id);
        da_report_put_two(report, score->rule->title_zh, score->rule->title);
        da_report_put(report,
                      "</td><td class=\"n\">%u</td><td class=\"n\">%u</td><td "
                      "class=\"n\">%u</td><td class=\"n\">%u</td></tr>\n",
                      score->good, score->bad, score->not_applicable, score->open);
    }
    g_string_append(report->html, "</table>\n");
}

static void put_sample(DaReport *report, const DaSample *sample)
{
    if (!sample->seed)
        return;
    da_report_put(
        report,
        "<p>抽检种子 <span class=\"en\">seed</span> <b>%s</b> · ≥ %g %% · %u / %u %s · %u 层 "
        "<span class=\"en\">strata</span></p>\n",
        sample->seed, sample->percent, sample->drawn, sample->units,
        sample->by_page ? "页 pages" : "卷 dossiers", sample->strata->len);
}

char *da_verdict_section(const DaVerdict *verdict, const DaSample *sample)
{
    DaReport report = {.html = g_string_new(NULL)};
    da_report_put(&report,
                  "<section><h2>抽检与验收结论：%s <span class=\"en\">Sample and verdict: "
                  "%s</span></h2>\n",
                  da_outcome_label_zh(verdict->outcome), da_outcome_name(verdict->outcome));
    put_sample(&report, sample);
    put_reasons(&report, verdict);
    if (verdict->scores->len)
        put_scores(&report, verdict);
    g_string_append(report.html, "</section>\n");
    return g_string_free(report.html, FALSE);
}
