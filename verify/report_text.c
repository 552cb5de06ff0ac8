#include <dangan/verify.h>

#include <dangan/error.h>

static void add_counts(GString *out, const DaVerification *verification, gboolean chinese)
{
    guint by_severity[DA_SEVERITY_FATAL + 1] = {0};
    for (guint i = 0; i < verification->findings->len; i++)
        by_severity[((const DaFinding *)verification->findings->pdata[i])->severity]++;
    g_autofree char *size = g_format_size(verification->bytes);
    if (verification->is_handover)
        g_string_append_printf(out,
                               chinese ? "  清单 %u 行, 其中 %u 行各有一个档案包;"
                                       : "  %u rows, %u of them with one package;",
                               verification->rows, verification->matched);
    else
        g_string_append_printf(out,
                               chinese ? "  %" G_GUINT64_FORMAT " 个文件, %s;"
                                       : "  %" G_GUINT64_FORMAT " files, %s;",
                               verification->files, size);
    for (int severity = DA_SEVERITY_FATAL; severity >= DA_SEVERITY_INFO; severity--)
        if (by_severity[severity])
            g_string_append_printf(out, " %s %u",
                                   chinese ? da_severity_label_zh(severity)
                                           : da_severity_name(severity),
                                   by_severity[severity]);
    g_string_append(out, verification->findings->len ? "\n"
                         : chinese                   ? " 没有问题\n"
                                                     : " no findings\n");
}

/* Values come from outside; a terminal obeys control characters. */
static void add_value(GString *out, const char *label, const char *value)
{
    if (!value)
        return;
    g_autofree char *shown = g_utf8_make_valid(value, -1);
    for (char *p = shown; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    g_string_append_printf(out, "    %s: %s\n", label, shown);
}

static void add_finding(GString *out, const DaFinding *finding, gboolean chinese)
{
    g_autofree char *line = da_finding_line(finding, chinese);
    g_string_append_printf(out, "  %s\n", line);
    add_value(out, chinese ? "实际" : "found", finding->found);
    add_value(out, chinese ? "应为" : "wanted", finding->wanted);
}

/* A rule found more than is kept: the rest must not look as if it were not there. */
static void add_surplus(GString *out, const DaVerification *verification,
                        const DaRuleResult *result, gboolean chinese)
{
    guint kept = 0;
    for (guint i = 0; i < verification->findings->len; i++)
        kept += !g_strcmp0(((const DaFinding *)verification->findings->pdata[i])->rule,
                           result->rule->id);
    if (result->findings > kept)
        g_string_append_printf(
            out, chinese ? "  %s: 另有 %u 条未列出\n" : "  %s: %u more are not listed\n",
            result->rule->id, result->findings - kept);
}

/* That a list says nothing of images goes without saying. */
static gboolean goes_without_saying(const DaVerification *verification, const DaRuleResult *result)
{
    return verification->is_handover && result->outcome == DA_RULE_NOT_RUN &&
           !g_strcmp0(result->rule->scope, "package");
}

/* Rules that did not run for one reason share a line, which stands at the first of them. */
static void add_reason(GString *out, const GPtrArray *results, guint index, gboolean chinese)
{
    const char *reason = ((const DaRuleResult *)results->pdata[index])->reason;
    GString *ids = g_string_new(NULL);
    gboolean is_first = TRUE;
    for (guint i = 0; i < results->len; i++) {
        const DaRuleResult *result = results->pdata[i];
        if (result->outcome != DA_RULE_NOT_RUN || g_strcmp0(result->reason, reason))
            continue;
        is_first = is_first && i >= index;
        g_string_append_printf(ids, " %s", result->rule->id);
    }
    if (is_first)
        g_string_append_printf(out, chinese ? "    未检%s: %s\n" : "    not run:%s: %s\n", ids->str,
                               reason);
    g_string_free(ids, TRUE);
}

static void add_rules(GString *out, const DaVerification *verification, gboolean chinese)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new();
    guint ran = 0;
    for (guint i = 0; i < verification->results->len; i++) {
        DaRuleResult *result = verification->results->pdata[i];
        ran += result->outcome != DA_RULE_NOT_RUN;
        if (!goes_without_saying(verification, result))
            g_ptr_array_add(results, result);
    }
    g_string_append_printf(
        out, chinese ? "  已检 %u 条规则, 未检 %u 条\n" : "  %u rules ran, %u did not\n", ran,
        results->len - ran);
    for (guint i = 0; i < results->len; i++) {
        const DaRuleResult *result = results->pdata[i];
        if (result->outcome == DA_RULE_NOT_RUN)
            add_reason(out, results, i, chinese);
        else
            add_surplus(out, verification, result, chinese);
    }
}

static void add_package(GString *out, const DaVerification *verification, gboolean chinese)
{
    g_autofree char *name = g_path_get_basename(verification->path);
    g_string_append_printf(out, "%s %s\n",
                           verification->accepted ? (chinese ? "合格" : "accepted")
                           : chinese              ? "不合格"
                                                  : "NOT ACCEPTED",
                           name);
    add_counts(out, verification, chinese);
    for (guint i = 0; i < verification->findings->len; i++)
        add_finding(out, verification->findings->pdata[i], chinese);
    add_rules(out, verification, chinese);
}

static void add_sum(GString *out, const DaNatureSum *sum, gboolean chinese)
{
    g_string_append_printf(out,
                           chinese
                               ? "    %-4s 通过 %2u  未通过 %2u  待人工 %2u  未检 %2u  %s\n"
                               : "    %-4s passed %2u  failed %2u  waiting %2u  not run %2u  %s\n",
                           sum->item->code, sum->passed, sum->failed, sum->waiting, sum->not_run,
                           chinese ? sum->item->title_zh : sum->item->title);
}

/* Items without a rule say nothing here; the other reports list them. */
static void add_natures(GString *out, const GPtrArray *verifications, const DaProfile *profile,
                        gboolean chinese)
{
    const DaNature *last = NULL;
    g_autoptr(GArray) sums = da_verify_natures(verifications, profile);
    if (sums->len)
        g_string_append(out, chinese ? "四性检测（DA/T 70-2018），按规则计\n"
                                     : "four natures (DA/T 70-2018), in rules\n");
    for (guint i = 0; i < sums->len; i++) {
        const DaNatureSum *sum = &g_array_index(sums, DaNatureSum, i);
        if (!sum->rules)
            continue;
        if (sum->nature != last)
            g_string_append_printf(out, "  %s\n",
                                   chinese ? sum->nature->title_zh : sum->nature->title);
        last = sum->nature;
        add_sum(out, sum, chinese);
    }
}

char *da_verify_report_text(const GPtrArray *verifications, const DaProfile *profile,
                            gboolean chinese)
{
    GString *out = g_string_new(NULL);
    guint packages = 0, accepted = 0;
    for (guint i = 0; i < verifications->len; i++) {
        const DaVerification *verification = verifications->pdata[i];
        add_package(out, verification, chinese);
        packages += !verification->is_handover;
        accepted += !verification->is_handover && verification->accepted;
    }
    add_natures(out, verifications, profile, chinese);
    if (packages != 1)
        g_string_append_printf(out,
                               chinese ? "%u 个包中 %u 个合格\n" : "of %u packages %u accepted\n",
                               packages, accepted);
    return g_string_free(out, FALSE);
}
