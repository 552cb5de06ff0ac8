#include "remark.h"

/* An ID number, new or old form. */
#define ID_DIGITS_MIN 15

DaFinding *da_remark_new(const DaProfile *profile, const char *id, DaSeverity severity,
                         const char *subject, const char *message, const char *message_zh)
{
    const DaRule *rule = da_profile_rule(profile, id);
    DaFinding *finding =
        rule ? da_rule_finding(rule, subject) : da_finding_new(id, severity, subject);
    da_finding_set(&finding->message, "%s", message);
    da_finding_set(&finding->message_zh, "%s", message_zh);
    return finding;
}

gboolean da_remark_any_error(const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (finding->severity >= DA_SEVERITY_ERROR)
            return TRUE;
    }
    return FALSE;
}

guint da_remark_count(const GPtrArray *findings, DaSeverity severity)
{
    guint count = 0;
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        count += finding->severity == severity;
    }
    return count;
}

/* Chinese in every character that is not ASCII; FALSE when there is none. */
static gboolean is_chinese(const char *text)
{
    gboolean any = FALSE;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0x80 && g_unichar_get_script(c) != G_UNICODE_SCRIPT_HAN)
            return FALSE;
        any |= c >= 0x80;
    }
    return any;
}

/* A character that UTF-8 writes with three bytes and more: Chinese, full-width forms, signs. */
static gboolean holds_wide(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_utf8_get_char(p) >= 0x800)
            return TRUE;
    return FALSE;
}

/* Some names of two or three characters are valid in both (钱某 is Ǯĳ): who writes Chinese means Chinese. */
char *da_remark_name(const char *bytes)
{
    gboolean utf8 = g_utf8_validate(bytes, -1, NULL);
    if (utf8 && (g_str_is_ascii(bytes) || holds_wide(bytes)))
        return g_strdup(bytes);
    g_autofree char *text = g_convert(bytes, -1, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (utf8)
        return g_strdup(text && is_chinese(text) ? text : bytes);
    return text ? g_steal_pointer(&text) : g_filename_display_name(bytes);
}

static gsize digits_at(const char *p)
{
    gsize n = 0;
    while (g_ascii_isdigit(p[n]))
        n++;
    return n;
}

char *da_remark_masked(const char *name)
{
    g_autofree char *text = da_remark_name(name);
    GString *masked = g_string_new(NULL);
    for (const char *p = text; *p;) {
        gsize digits = digits_at(p);
        gunichar c = g_utf8_get_char(p);
        if (digits >= ID_DIGITS_MIN) {
            g_string_append_printf(masked, "%.6s…%.3s", p, p + digits - 3);
            p += digits;
        } else {
            gboolean han = g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN;
            g_string_append_unichar(masked, han ? 0xFF0A : g_unichar_iscntrl(c) ? ' ' : c);
            p = g_utf8_next_char(p);
        }
    }
    return g_string_free(masked, FALSE);
}
