#include "fixture.h"

#include <string.h>

static void set(Fixture *fixture, DaField field, const char *text)
{
    da_dossier_set(fixture->dossier, field, text, DA_ORIGIN_LIST, "row 3");
}

static void wrong_check_digit(Fixture *fixture)
{
    set(fixture, DA_FIELD_ID_NUMBER, "110105194912310021");
}

static void short_number(Fixture *fixture)
{
    set(fixture, DA_FIELD_ID_NUMBER, "11010519491231002");
}

static void wrong_sex(Fixture *fixture)
{
    set(fixture, DA_FIELD_SEX, "男");
}

static void wrong_birth(Fixture *fixture)
{
    set(fixture, DA_FIELD_BIRTH, "1949-12-30");
}

static void retired_before_work(Fixture *fixture)
{
    set(fixture, DA_FIELD_WORK_START, "1970-03");
    set(fixture, DA_FIELD_RETIREMENT, "1969-12");
}

static void worked_as_child(Fixture *fixture)
{
    set(fixture, DA_FIELD_WORK_START, "1959");
}

static void retired_young(Fixture *fixture)
{
    set(fixture, DA_FIELD_RETIREMENT, "1979-12-31");
}

static void retired_in_the_future(Fixture *fixture)
{
    set(fixture, DA_FIELD_RETIREMENT, "2199-12-31");
}

static void latin_name(Fixture *fixture)
{
    set(fixture, DA_FIELD_NAME, "Gong杉榕");
}

static void private_character(Fixture *fixture)
{
    set(fixture, DA_FIELD_NAME, "龚\xEE\xA0\x80榕"); /* U+E800 */
}

static void name_of_one_character(Fixture *fixture)
{
    set(fixture, DA_FIELD_NAME, "龚");
}

static void ethnicity_unknown(Fixture *fixture)
{
    set(fixture, DA_FIELD_ETHNICITY, "汗族");
}

static void retirement_kind_unknown(Fixture *fixture)
{
    set(fixture, DA_FIELD_RETIREMENT_KIND, "下岗");
}

static void no_province(Fixture *fixture)
{
    set(fixture, DA_FIELD_REGISTERED_CODE, "991102");
}

static void division_too_short(Fixture *fixture)
{
    set(fixture, DA_FIELD_RESIDENCE_CODE, "3611");
}

static void other_district(Fixture *fixture)
{
    fixture->dossier->district = g_strdup("361102");
    set(fixture, DA_FIELD_RESIDENCE_CODE, "361103001");
}

static void dead_without_date(Fixture *fixture)
{
    set(fixture, DA_FIELD_VITAL_STATUS, "死亡");
}

static void alive_with_date(Fixture *fixture)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) before = g_date_time_add_years(now, -1);
    g_autofree char *date = g_date_time_format(before, "%Y-%m-%d");
    set(fixture, DA_FIELD_VITAL_STATUS, "健在");
    set(fixture, DA_FIELD_DEATH, date);
}

static void dead_for_long(Fixture *fixture)
{
    set(fixture, DA_FIELD_VITAL_STATUS, "死亡");
    set(fixture, DA_FIELD_DEATH, "2011-05-06");
}

static void wrong_credit_code(Fixture *fixture)
{
    set(fixture, DA_FIELD_EMPLOYER_CODE, "91350100M000100Y44");
}

static void veteran_cadre(Fixture *fixture)
{
    set(fixture, DA_FIELD_RETIREMENT_KIND, "离休");
}

static void secret_bearing(Fixture *fixture)
{
    set(fixture, DA_FIELD_NOTE, "原涉密人员");
}

const Damage damages_person[] = {
    {"wrong check digit", "PER-001", .before = wrong_check_digit},
    {"number of 17 characters", "PER-001", .before = short_number},
    {"sex against the ID number", "PER-002", .before = wrong_sex},
    {"birth against the ID number", "PER-003", .before = wrong_birth},
    {"retired before the first day of work", "PER-004", .before = retired_before_work},
    {"at work as a child", "PER-004", .before = worked_as_child},
    {"retired at thirty", "PER-004", .before = retired_young},
    {"retired in the future", "PER-004", .before = retired_in_the_future},
    {"name in Latin letters", "PER-005", .before = latin_name},
    {"name from the private area", "PER-005", .before = private_character},
    {"name of one character", "PER-005", .before = name_of_one_character},
    {"ethnicity that the list has not", "PER-006", .before = ethnicity_unknown},
    {"kind of retirement that the list has not", "PER-006", .before = retirement_kind_unknown},
    {"division of no province", "PER-007", .before = no_province},
    {"division of four digits", "PER-007", .before = division_too_short},
    {"residence in another district", "PER-007", .before = other_district},
    {"dead without a date", "PER-008", .before = dead_without_date},
    {"alive with a date of death", "PER-008", .before = alive_with_date},
    {"dead for many years", "PER-008", .before = dead_for_long},
    {"wrong credit code", "PER-009", .before = wrong_credit_code},
    {"veteran cadre", "PER-011", .before = veteran_cadre},
    {"secret-bearing staff", "PER-011", .before = secret_bearing},
    {NULL},
};
