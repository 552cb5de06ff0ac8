#include "report_html.h"

/* What an item came to, for a reader who looks at one column. */
static void put_outcome(DaReport *report, const DaNatureSum *sum)
{
    const char *pill = "not-run", *label = "未检 not run";
    if (!sum->rules) {
        da_report_put(report, "<span class=\"en\">未设规则 no rule</span>");
        return;
    }
    if (sum->failed) {
        pill = "error";
        label = "未通过 failed";
    } else if (sum->waiting) {
        pill = "warning";
        label = "待人工 waiting";
    } else if (sum->passed && !sum->not_run) {
        pill = "good";
        label = "通过 passed";
    } else if (sum->passed) {
        label = "部分未检 partly not run";
    }
    da_report_put(report, "<span class=\"pill %s\">%s</span>", pill, label);
}

static void put_numbers(DaReport *report, const DaNatureSum *sum)
{
    const guint numbers[] = {sum->rules - sum->not_run, sum->passed, sum->failed, sum->waiting,
                             sum->not_run};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        da_report_put(report,
                      numbers[i] ? "<td class=\"n\">%u</td>" : "<td class=\"n none\">%u</td>",
                      numbers[i]);
}

/* The nature's own row: all its items together. */
static void put_nature(DaReport *report, const GArray *sums, const DaNature *nature)
{
    DaNatureSum all = {.nature = nature};
    for (guint i = 0; i < sums->len; i++) {
        const DaNatureSum *sum = &g_array_index(sums, DaNatureSum, i);
        if (sum->nature != nature)
            continue;
        all.rules += sum->rules;
        all.passed += sum->passed;
        all.failed += sum->failed;
        all.waiting += sum->waiting;
        all.not_run += sum->not_run;
    }
    da_report_put(report, "<tr class=\"nature\"><td></td><td>");
    da_report_put_two(report, nature->title_zh, nature->title);
    da_report_put(report, "</td>");
    put_numbers(report, &all);
    da_report_put(report, "<td>");
    put_outcome(report, &all);
    da_report_put(report, "</td></tr>\n");
}

static void put_item(DaReport *report, const DaNatureSum *sum)
{
    da_report_put(report, "<tr><td class=\"id\">%s</td><td>", sum->item->code);
    da_report_put_two(report, sum->item->title_zh, sum->item->title);
    da_report_put(report, "</td>");
    put_numbers(report, sum);
    da_report_put(report, "<td>");
    put_outcome(report, sum);
    da_report_put(report, "</td></tr>\n");
}

void da_report_put_natures(DaReport *report)
{
    const DaNature *last = NULL;
    g_autoptr(GArray) sums = da_verify_natures(report->verifications, report->profile);
    if (!sums->len)
        return;
    da_report_put(
        report, "<section><h2>四性检测 <span class=\"en\">Four natures, DA/T 70-2018; numbers of "
                "rules</span></h2><table class=\"natures\"><tr><th>项 Item</th><th>内容 "
                "Content</th><th>已检 Run</th><th>通过 Passed</th><th>未通过 Failed</th><th>待人工 "
                "Waiting</th><th>未检 Not run</th><th>结论 Outcome</th></tr>\n");
    for (guint i = 0; i < sums->len; i++) {
        const DaNatureSum *sum = &g_array_index(sums, DaNatureSum, i);
        if (sum->nature != last)
            put_nature(report, sums, sum->nature);
        last = sum->nature;
        put_item(report, sum);
    }
    da_report_put(report, "</table></section>\n");
}
