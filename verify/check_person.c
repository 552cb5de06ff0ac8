/* The person: GB 11643 and what follows from it. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/identity.h>
#include <string.h>

#define DOSSIER_FILE "dossier.xml"

gboolean da_check_person_complete(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) fields =
        da_check_needs_dossier(run, error) ? da_check_words(run, "fields", error) : NULL;
    if (!fields)
        return FALSE;
    for (guint i = 0; fields[i]; i++) {
        DaField field = da_check_field(run, fields[i], error);
        if (field == DA_FIELD_N)
            return FALSE;
        if (da_dossier_get(run->subject->dossier, field))
            continue;
        DaFinding *finding = da_check_add(
            run, DOSSIER_FILE, "a required field of the person is empty", "人员必填项为空");
        da_finding_set(&finding->wanted, "%s (%s)", fields[i], da_field_label_zh(field));
    }
    return TRUE;
}

gboolean da_check_id_number(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const char *number = da_dossier_get(run->subject->dossier, DA_FIELD_ID_NUMBER);
    g_autofree char *fault = da_id_number_fault_text(number ? number : "");
    if (!fault)
        return TRUE;
    DaFinding *finding = da_check_add(run, DOSSIER_FILE, "the ID number is wrong", "身份号码有误");
    da_finding_set(&finding->found, "%s", number ? number : "—");
    da_finding_set(&finding->wanted, "%s", fault);
    return TRUE;
}

/* A number that is itself wrong says nothing about sex or birth. */
static const char *sound_number(const DaCheckRun *run)
{
    const char *number = da_dossier_get(run->subject->dossier, DA_FIELD_ID_NUMBER);
    return number && da_id_number_check(number) == DA_IDENTITY_OK ? number : NULL;
}

gboolean da_check_sex(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const char *number = sound_number(run);
    const char *sex = da_dossier_get(run->subject->dossier, DA_FIELD_SEX);
    if (!number || !sex || !strcmp(sex, da_id_number_sex(number)))
        return TRUE;
    DaFinding *finding =
        da_check_add(run, DOSSIER_FILE, "sex is not what the ID number says", "性别与身份号码不符");
    da_finding_set(&finding->found, "%s", sex);
    da_finding_set(&finding->wanted, "%s", da_id_number_sex(number));
    return TRUE;
}

gboolean da_check_birth(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const char *number = sound_number(run);
    const char *text = da_dossier_get(run->subject->dossier, DA_FIELD_BIRTH);
    DaDate birth;
    if (!number || !text || !da_date_parse(text, &birth, NULL) ||
        !da_date_compare(birth, da_id_number_birth(number)))
        return TRUE;
    DaFinding *finding = da_check_add(
        run, DOSSIER_FILE, "the birth date is not that of the ID number", "出生日期与身份号码不符");
    g_autofree char *wanted = da_date_format(da_id_number_birth(number));
    da_finding_set(&finding->found, "%s", text);
    da_finding_set(&finding->wanted, "%s", wanted);
    return TRUE;
}
