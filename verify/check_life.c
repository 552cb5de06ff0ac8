/* What a life allows: the order of its dates, ages, and who is handed over. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>

#define DOSSIER_FILE "dossier.xml"

static DaDate date_of(const DaDossier *dossier, DaField field)
{
    DaDate date = {0};
    const char *text = da_dossier_get(dossier, field);
    if (text)
        (void)da_date_parse(text, &date, NULL);
    return date;
}

static DaFinding *add(DaCheckRun *run, DaField field, const char *message, const char *message_zh)
{
    DaFinding *finding = da_check_add(run, DOSSIER_FILE, message, message_zh);
    const char *found = da_dossier_get(run->subject->dossier, field);
    da_finding_set(&finding->found, "%s %s", da_field_label_zh(field), found ? found : "—");
    return finding;
}

/* --- order and ages ---------------------------------------------------------------------------------------------------- */

static gboolean read_fields(const DaCheckRun *run, char **names, DaField *fields, guint max,
                            guint *n, GError **error)
{
    for (*n = 0; names[*n]; (*n)++) {
        DaField field = da_field_by_name(names[*n]);
        if (*n == max || !da_field_is_date(field))
            return da_error_set(error, DA_ERROR_INPUT, "rule %s: '%s' is no field with a date",
                                run->rule->id, names[*n]);
        fields[*n] = field;
    }
    return TRUE;
}

/* Each date that is known against the last one before it that is. */
static void compare_order(DaCheckRun *run, const DaField *fields, guint n)
{
    const DaDossier *dossier = run->subject->dossier;
    DaField before = DA_FIELD_N;
    for (guint i = 0; i < n; i++) {
        DaDate date = date_of(dossier, fields[i]);
        if (!date.year)
            continue;
        if (da_date_compare(date, da_check_today()) > 0) {
            DaFinding *finding = add(run, fields[i], "the date lies in the future", "日期晚于今日");
            g_autofree char *today = da_date_format(da_check_today());
            da_finding_set(&finding->wanted, "≤ %s", today);
        } else if (before != DA_FIELD_N && da_date_compare(date_of(dossier, before), date) > 0) {
            DaFinding *finding =
                add(run, fields[i], "the dates of a life are out of order", "人生各时间点先后颠倒");
            da_finding_set(&finding->wanted, "≥ %s %s", da_field_label_zh(before),
                           da_dossier_get(dossier, before));
        }
        before = fields[i];
    }
}

static gboolean compare_age(DaCheckRun *run, DaField field, const char *minimum,
                            const char *maximum, GError **error)
{
    gint64 least = 0, most = 0;
    if (!da_rule_integer(run->rule, minimum, &least, error) ||
        !da_rule_integer(run->rule, maximum, &most, error))
        return FALSE;
    DaDate birth = date_of(run->subject->dossier, DA_FIELD_BIRTH);
    DaDate date = date_of(run->subject->dossier, field);
    if (!birth.year || !date.year || da_date_compare(birth, date) > 0)
        return TRUE; /* nothing to compare, or said by the order already */
    /* The year alone decides: who is fourteen in December began at fourteen. */
    gint64 age = (gint64)date.year - birth.year;
    if (age >= least && age <= most)
        return TRUE;
    DaFinding *finding = add(run, field, "the age at this date is unusual", "当时年龄不合常理");
    da_finding_set(&finding->wanted,
                   "%" G_GINT64_FORMAT " ≤ %" G_GINT64_FORMAT " ≤ %" G_GINT64_FORMAT, least, age,
                   most);
    return TRUE;
}

gboolean da_check_life_dates(DaCheckRun *run, GError **error)
{
    DaField fields[DA_FIELD_N];
    guint n = 0;
    g_auto(GStrv) names =
        da_check_needs_dossier(run, error) ? da_check_words(run, "order", error) : NULL;
    if (!names || !read_fields(run, names, fields, DA_FIELD_N, &n, error))
        return FALSE;
    compare_order(run, fields, n);
    return compare_age(run, DA_FIELD_WORK_START, "min-work-age", "max-work-age", error) &&
           compare_age(run, DA_FIELD_RETIREMENT, "min-retirement-age", "max-retirement-age", error);
}

/* --- alive or not ------------------------------------------------------------------------------------------------------- */

gboolean da_check_vital_status(DaCheckRun *run, GError **error)
{
    gint64 years = 0;
    g_auto(GStrv) dead =
        da_check_needs_dossier(run, error) ? da_check_words(run, "dead", error) : NULL;
    if (!dead || !da_rule_integer(run->rule, "max-years-dead", &years, error))
        return FALSE;
    const DaDossier *dossier = run->subject->dossier;
    const char *status = da_dossier_get(dossier, DA_FIELD_VITAL_STATUS);
    DaDate death = date_of(dossier, DA_FIELD_DEATH), limit = da_check_today();
    gboolean is_dead = status && g_strv_contains((const char *const *)dead, status);
    if (status && is_dead != (death.year > 0)) {
        DaFinding *finding =
            add(run, DA_FIELD_VITAL_STATUS,
                is_dead ? "a dead person without a date of death"
                        : "a date of death, but the status is not dead",
                is_dead ? "生存状态为死亡而无死亡日期" : "有死亡日期而生存状态不是死亡");
        da_finding_set(&finding->wanted, "%s",
                       death.year ? da_dossier_get(dossier, DA_FIELD_DEATH)
                                  : da_field_label_zh(DA_FIELD_DEATH));
    }
    limit.year = (guint16)(limit.year - years);
    if (death.year && da_date_compare(death, limit) < 0) {
        DaFinding *finding = add(run, DA_FIELD_DEATH, "the person has been dead for too long",
                                 "死亡时间超过移交年限");
        g_autofree char *earliest = da_date_format(limit);
        da_finding_set(&finding->wanted, "≥ %s", earliest);
    }
    return TRUE;
}

gboolean da_check_handover_scope(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) fields =
        da_check_needs_dossier(run, error) ? da_check_words(run, "fields", error) : NULL;
    g_auto(GStrv) words = fields ? da_check_words(run, "words", error) : NULL;
    if (!words)
        return FALSE;
    for (guint i = 0; fields[i]; i++) {
        DaField field = da_check_field(run, fields[i], error);
        if (field == DA_FIELD_N)
            return FALSE;
        const char *text = da_dossier_get(run->subject->dossier, field);
        for (guint k = 0; text && words[k]; k++)
            if (strstr(text, words[k]))
                add(run, field, "dossiers of such persons are not handed over",
                    "此类人员档案不在移交范围");
    }
    return TRUE;
}
