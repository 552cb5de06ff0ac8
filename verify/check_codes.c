/* Values of the person against code lists, and numbers that check themselves. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/identity.h>
#include <string.h>

#define DOSSIER_FILE "dossier.xml"

static DaFinding *add(DaCheckRun *run, DaField field, const char *message, const char *message_zh)
{
    DaFinding *finding = da_check_add(run, DOSSIER_FILE, message, message_zh);
    da_finding_set(&finding->found, "%s %s", da_field_label_zh(field),
                   da_dossier_get(run->subject->dossier, field));
    return finding;
}

static const DaCodeList *list_of(const DaCheckRun *run, const char *name, GError **error)
{
    const DaCodeList *list = da_profile_list(run->subject->profile, name);
    if (!list)
        da_error_set(error, DA_ERROR_INPUT,
                     "profile '%s': rule %s names the code list '%s', which "
                     "is not there",
                     run->subject->profile->name, run->rule->id, name);
    return list;
}

/* Some values, so that the reader sees what kind of text is wanted. */
static char *examples(const DaCodeList *list)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(list->codes->len, 6); i++)
        g_string_append_printf(text, "%s%s", i ? "、" : "",
                               ((const DaCode *)list->codes->pdata[i])->text);
    if (list->codes->len > 6)
        g_string_append(text, "…");
    return g_string_free(text, FALSE);
}

/* `pair` is "field=list". */
static gboolean look_up(DaCheckRun *run, const char *pair, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(pair, "=", 2);
    const DaCodeList *list = parts[1] ? list_of(run, parts[1], error) : NULL;
    if (!list)
        return parts[1] ? FALSE
                        : da_error_set(error, DA_ERROR_INPUT, "rule %s: '%s' is not field=list",
                                       run->rule->id, pair);
    DaField field = da_check_field(run, parts[0], error);
    if (field == DA_FIELD_N)
        return FALSE;
    const char *text = da_dossier_get(run->subject->dossier, field);
    if (!text || da_code_list_find(list, text))
        return TRUE;
    DaFinding *finding = add(run, field, "the value is not in its code list", "取值不在代码表内");
    g_autofree char *wanted = examples(list);
    da_finding_set(&finding->wanted, "%s: %s", list->source, wanted);
    return TRUE;
}

gboolean da_check_code_lists(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) pairs =
        da_check_needs_dossier(run, error) ? da_check_words(run, "fields", error) : NULL;
    if (!pairs)
        return FALSE;
    for (guint i = 0; pairs[i]; i++)
        if (!look_up(run, pairs[i], error))
            return FALSE;
    return TRUE;
}

/* --- GB/T 2260 -------------------------------------------------------------------------------------------------------- */

/* Six digits, or nine or twelve down to street and community; an ID number begins with the code of its issue. Old codes were
 * withdrawn by the hundred, so only the province is looked up. */
static gboolean is_division(const DaCodeList *provinces, DaField field, const char *text)
{
    gsize length = strlen(text);
    g_autofree char *province = g_strndup(text, 2);
    gboolean form = field == DA_FIELD_ID_NUMBER ? length == 18
                                                : (length == 6 || length == 9 || length == 12) &&
                                                      strspn(text, "0123456789") == length;
    /* An ID number of another length is the business of another rule. */
    return form ? da_code_list_find(provinces, province) != NULL : field == DA_FIELD_ID_NUMBER;
}

static gboolean compare_district(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) names = da_check_words(run, "in-district", error);
    const char *district = run->subject->dossier->district;
    if (!names)
        return FALSE;
    for (guint i = 0; names[i]; i++) {
        DaField field = da_check_field(run, names[i], error);
        if (field == DA_FIELD_N)
            return FALSE;
        const char *code = da_dossier_get(run->subject->dossier, field);
        if (!code || !district || strlen(district) < 6 || !strncmp(code, district, 6))
            continue;
        DaFinding *finding = add(run, field, "the place lies outside the receiving district",
                                 "所在地不属于接收区县");
        da_finding_set(&finding->wanted, "%s…", district);
    }
    return TRUE;
}

gboolean da_check_division_codes(DaCheckRun *run, GError **error)
{
    const char *name = da_rule_text(run->rule, "list");
    g_auto(GStrv) fields =
        da_check_needs_dossier(run, error) ? da_check_words(run, "fields", error) : NULL;
    const DaCodeList *provinces = fields ? list_of(run, name ? name : "", error) : NULL;
    if (!provinces)
        return FALSE;
    for (guint i = 0; fields[i]; i++) {
        DaField field = da_check_field(run, fields[i], error);
        if (field == DA_FIELD_N)
            return FALSE;
        const char *text = da_dossier_get(run->subject->dossier, field);
        if (text && !is_division(provinces, field, text))
            add(run, field, "the number does not begin with a division code",
                "不是有效的行政区划代码");
    }
    return compare_district(run, error);
}

gboolean da_check_credit_code(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const char *code = da_dossier_get(run->subject->dossier, DA_FIELD_EMPLOYER_CODE);
    if (code && !da_credit_code_is_valid(code))
        add(run, DA_FIELD_EMPLOYER_CODE, "the credit code has a wrong check digit or form",
            "统一社会信用代码校验码或格式有误");
    return TRUE;
}

/* --- names ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    gint64 least, most;
    const char *extra;
} NameRule;

/* What is wrong with the name; NULL = nothing. */
static const char *fault_of_name(const NameRule *rule, const char *name)
{
    glong length = g_utf8_strlen(name, -1);
    for (const char *p = name; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_type(c) == G_UNICODE_PRIVATE_USE)
            return "U+E000 … U+F8FF";
        if (g_unichar_get_script(c) != G_UNICODE_SCRIPT_HAN && !g_utf8_strchr(rule->extra, -1, c))
            return "汉字";
    }
    return length < rule->least || length > rule->most ? "长度" : NULL;
}

gboolean da_check_name_characters(DaCheckRun *run, GError **error)
{
    NameRule rule = {.extra = da_rule_text(run->rule, "extra")};
    g_auto(GStrv) fields =
        da_check_needs_dossier(run, error) ? da_check_words(run, "fields", error) : NULL;
    if (!fields || !da_rule_integer(run->rule, "min-characters", &rule.least, error) ||
        !da_rule_integer(run->rule, "max-characters", &rule.most, error))
        return FALSE;
    if (!rule.extra)
        rule.extra = "";
    for (guint i = 0; fields[i]; i++) {
        DaField field = da_check_field(run, fields[i], error);
        if (field == DA_FIELD_N)
            return FALSE;
        const char *name = da_dossier_get(run->subject->dossier, field);
        const char *fault = name ? fault_of_name(&rule, name) : NULL;
        if (fault) {
            DaFinding *finding =
                add(run, field, "the name has characters or a length that names do not have",
                    "姓名用字或长度不合常规");
            da_finding_set(&finding->wanted, "%s; %" G_GINT64_FORMAT "–%" G_GINT64_FORMAT, fault,
                           rule.least, rule.most);
        }
    }
    return TRUE;
}
