#include "remark.h"

#include <dangan/file.h>

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

static gsize digits_at(const char *p)
{
    gsize n = 0;
    while (g_ascii_isdigit(p[n]))
        n++;
    return n;
}

char *da_remark_masked(const char *name)
{
    g_autofree char *text = da_name_text(name);
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
