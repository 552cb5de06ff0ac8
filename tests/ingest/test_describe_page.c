/* Titles and fields of single pages: wordings, layouts, damaged recognition. Invented people only. */
#include "form_text.h"
#include "scene.h"

#include <dangan/describe.h>
#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static DaProfile *profile;

static int load(void **state)
{
    profile = scene_profile();
    return 0;
}

static int unload(void **state)
{
    da_profile_free(profile);
    return 0;
}

static DaPageDescription *describe(const FormRow *rows)
{
    g_autoptr(DaPageText) text = form_text(rows);
    return da_describe_page(text, profile);
}

/* What the page claims of a field: its date, else its text; "" = nothing, "?" = more than once. */
static char *claimed(const DaPageDescription *page, DaField field)
{
    char *found = NULL;
    for (guint i = 0; i < page->claims->len; i++) {
        const DaClaim *claim = page->claims->pdata[i];
        if (claim->field != field)
            continue;
        if (found) {
            g_free(found);
            return g_strdup("?");
        }
        found = claim->date.year ? da_date_format(claim->date) : g_strdup(claim->text);
    }
    return found ? found : g_strdup("");
}

typedef struct {
    const char *label;
    DaField field;
    const char *value;
    FormRow rows[10];
} Case;

static void expect(const Case *cases, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        g_autoptr(DaPageDescription) page = describe(cases[i].rows);
        g_autofree char *value = claimed(page, cases[i].field);
        if (g_strcmp0(value, cases[i].value))
            fail_msg("%s: '%s', wanted '%s'", cases[i].label, value, cases[i].value);
    }
}

#define CASES(name) expect(name, G_N_ELEMENTS(name))

static void a_value_stands_after_beside_or_under_its_label(void **state)
{
    static const Case cases[] = {
        {"in the same line", DA_FIELD_BIRTH, "1956-03", {{200, 600, 46, "出生年月1956年3月"}}},
        {"with a colon", DA_FIELD_BIRTH, "1956-03-12", {{200, 600, 46, "出生日期：1956.3.12"}}},
        {"in the next cell",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年月"}, {520, 590, 60, "1956.3"}}},
        {"in the next cell, higher",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年月"}, {520, 572, 60, "1956.3"}}},
        {"a date in pieces",
         DA_FIELD_BIRTH,
         "1956-03-12",
         {{200, 600, 46, "出生年月"},
          {480, 600, 46, "1956年"},
          {680, 602, 46, "3月"},
          {800, 598, 46, "12日"}}},
        {"a date in two rows of one cell",
         DA_FIELD_BIRTH,
         "1956-03-12",
         {{200, 600, 46, "出生年月日"}, {520, 574, 46, "1956年3月"}, {520, 628, 46, "12日"}}},
        {"under a heading",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年月"},
          {500, 600, 46, "性别"},
          {200, 700, 46, "1956.3"},
          {500, 700, 46, "男"}}},
        {"a whole row in one line",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "姓名王大山性别男出生年月1956年3月民族汉"}}},
        {"… and its name",
         DA_FIELD_NAME,
         "王大山",
         {{200, 600, 46, "姓名王大山性别男出生年月1956年3月民族汉"}}},
        {"… and what starts work",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 600, 46, "姓名王大山 参加工作时间1975.9 性别男"}}},
        {"another label's date is not taken",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "参加工作时间"}, {900, 600, 46, "1975.9"}}},
        {"a date far along the line is not taken",
         DA_FIELD_WORK_START,
         "",
         {{200, 600, 46, "参加工作以后在党组织培养下一九七一年三月被招收为学徒"}}},
        {"a cell that is too far away",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "出生年月"}, {2000, 600, 46, "1956.3"}}},
        {"the row below is another row",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "出生年月"}, {520, 720, 46, "1956.3"}}},
        {"an empty cell",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "性别"}, {700, 600, 46, "男"}}},
    };
    CASES(cases);
}

static void labels_have_many_wordings_and_layouts(void **state)
{
    static const Case cases[] = {
        {"何时参加工作",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 600, 46, "何时参加工作"}, {560, 600, 46, "一九七五年九月"}}},
        {"何时何地入党",
         DA_FIELD_PARTY_DATE,
         "1974-07-01",
         {{200, 600, 46, "何时何地入党"}, {560, 600, 46, "1974.7.1"}}},
        {"入党时间",
         DA_FIELD_PARTY_DATE,
         "1974-07",
         {{200, 600, 46, "入党时间"}, {560, 600, 46, "74年7月"}}},
        {"退休时间",
         DA_FIELD_RETIREMENT,
         "2016-03",
         {{200, 600, 46, "退休时间"}, {560, 600, 46, "2016年3月"}}},
        {"生于",
         DA_FIELD_BIRTH,
         "1956-03-12",
         {{200, 1600, 46, "王大山，男，生于1956年3月12日，汉族"}}},
        {"出生于", DA_FIELD_BIRTH, "1956-03", {{200, 1600, 46, "我出生于一九五六年三月"}}},
        {"date before 出生",
         DA_FIELD_BIRTH,
         "1956-03-12",
         {{200, 1600, 46, "该同志1956年3月12日出生，汉族"}}},
        {"date before 入党",
         DA_FIELD_PARTY_DATE,
         "1974-07",
         {{200, 1600, 46, "一九七四年七月在厂入党，历任班长"}}},
        {"date before 加入中国共产党",
         DA_FIELD_PARTY_DATE,
         "1974-07",
         {{200, 1600, 46, "1974年7月加入中国共产党"}}},
        {"date before 参加工作",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 1600, 46, "1975年9月参加工作，当学徒"}}},
        {"a date in another sentence",
         DA_FIELD_PARTY_DATE,
         "",
         {{200, 1600, 46, "1974年7月毕业，后来入党"}}},
        {"label in two rows",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 580, 46, "参加工作"}, {245, 636, 46, "时间"}, {520, 606, 46, "1975.9"}}},
        {"label in three rows",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 540, 46, "参加"},
          {200, 596, 46, "工作"},
          {200, 652, 46, "时间"},
          {520, 600, 46, "1975.9"}}},
        {"label with characters far apart",
         DA_FIELD_NAME,
         "王大山",
         {{200, 600, 46, "姓"}, {330, 600, 46, "名"}, {520, 600, 46, "王大山"}}},
        {"label with blanks inside",
         DA_FIELD_NAME,
         "王大山",
         {{200, 600, 46, "姓  名"}, {520, 600, 46, "王大山"}}},
        {"full-width digits",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "１９５６．３"}}},
        {"former name",
         DA_FIELD_FORMER_NAME,
         "王小山",
         {{200, 600, 46, "曾用名"}, {520, 600, 46, "王小山"}}},
        {"name with a dot",
         DA_FIELD_NAME,
         "买买提·艾力",
         {{200, 600, 46, "姓名"}, {520, 600, 46, "买买提·艾力"}}},
        {"of whom a letter is",
         DA_FIELD_NAME,
         "王大山",
         {{600, 600, 68, "关于王大山同志退休待遇的批复"}}},
    };
    CASES(cases);
}

static void what_is_about_other_persons_is_not_read(void **state)
{
    static const Case cases[] = {
        {"table of relatives",
         DA_FIELD_NAME,
         "",
         {{200, 600, 46, "称谓"},
          {400, 600, 46, "姓名"},
          {700, 600, 46, "出生年月"},
          {200, 700, 46, "父亲"},
          {400, 700, 46, "王老山"},
          {700, 700, 46, "1920.5"}}},
        {"… and their dates",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "称谓"},
          {400, 600, 46, "姓名"},
          {700, 600, 46, "出生年月"},
          {200, 700, 46, "父亲"},
          {400, 700, 46, "王老山"},
          {700, 700, 46, "1920.5"}}},
        {"a list below a heading",
         DA_FIELD_NAME,
         "",
         {{200, 600, 46, "姓名"},
          {500, 600, 46, "年龄"},
          {200, 700, 46, "王老山"},
          {500, 700, 46, "56"},
          {200, 800, 46, "李小花"},
          {500, 800, 46, "52"}}},
        {"a name that is a label",
         DA_FIELD_NAME,
         "",
         {{200, 600, 46, "姓名"}, {500, 600, 46, "性别"}}},
        {"no name",
         DA_FIELD_NAME,
         "",
         {{200, 600, 46, "姓名"}, {500, 600, 46, "该同志工作认真负责服从分配"}}},
        {"no former name",
         DA_FIELD_FORMER_NAME,
         "",
         {{200, 600, 46, "曾用名"}, {500, 600, 46, "无"}}},
        {"from a span of years",
         DA_FIELD_WORK_START,
         "",
         {{200, 600, 46, "参加工作时间"}, {560, 600, 46, "1956.3至1959.4"}}},
    };
    CASES(cases);
}

static void damaged_labels_and_values_are_borne_where_it_is_safe(void **state)
{
    static const Case cases[] = {
        {"a damaged label",
         DA_FIELD_WORK_START,
         "1975-09",
         {{200, 600, 46, "参加土作时间"}, {560, 600, 46, "1975.9"}}},
        {"a damaged end",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年用"}, {560, 600, 46, "1956.3"}}},
        {"入团 is not 入党",
         DA_FIELD_PARTY_DATE,
         "",
         {{200, 600, 46, "入团时间"}, {560, 600, 46, "1970.5"}}},
        {"入校 is not 入党",
         DA_FIELD_PARTY_DATE,
         "",
         {{200, 600, 46, "入校时间"}, {560, 600, 46, "1970.5"}}},
        {"a stray mark before the date",
         DA_FIELD_BIRTH,
         "1956-03",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "|1956.3"}}},
        {"a letter for a digit",
         DA_FIELD_BIRTH,
         "1950-03",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "195O.3"}}},
        {"a year and a damaged rest",
         DA_FIELD_BIRTH,
         "1956",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "19565日"}}},
        {"nothing that can be read",
         DA_FIELD_BIRTH,
         "",
         {{200, 600, 46, "出生年月"}, {520, 600, 46, "八弓匕"}}},
    };
    CASES(cases);
}

static void repaired_and_impossible_dates_are_doubtful(void **state)
{
    static const struct {
        const char *value;
        gboolean doubtful;
    } cases[] = {{"1956.3.12", FALSE},
                 {"195O.3.12", TRUE},
                 {"1956年13月", FALSE},
                 {"1856.3.12", TRUE},
                 {"2019.3.12", TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const FormRow rows[] = {{200, 600, 46, "出生年月"}, {520, 600, 46, cases[i].value}, {0}};
        g_autoptr(DaPageDescription) page = describe(rows);
        assert_int_equal(page->claims->len, 1);
        const DaClaim *claim = page->claims->pdata[0];
        if (claim->doubtful != cases[i].doubtful)
            fail_msg("'%s' is %sdoubtful", cases[i].value, claim->doubtful ? "" : "not ");
    }
}

static void id_numbers_are_told_by_their_check_digit(void **state)
{
    static const Case cases[] = {
        {"labelled",
         DA_FIELD_ID_NUMBER,
         SCENE_ID_A,
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, SCENE_ID_A}}},
        {"with confused characters",
         DA_FIELD_ID_NUMBER,
         SCENE_ID_A,
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, "11O105194912310O2x"}}},
        {"in pieces",
         DA_FIELD_ID_NUMBER,
         SCENE_ID_A,
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, "110105 19491231 002X"}}},
        {"without a label",
         DA_FIELD_ID_NUMBER,
         SCENE_ID_A,
         {{560, 1600, 46, "（" SCENE_ID_A "）"}}},
        {"wrong and without a label",
         DA_FIELD_ID_NUMBER,
         "",
         {{560, 1600, 46, "110105194912310021"}}},
        {"wrong, labelled: kept as text",
         DA_FIELD_ID_NUMBER,
         "110105194912310021",
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, "110105194912310021"}}},
        {"the old form",
         DA_FIELD_ID_NUMBER,
         SCENE_ID_A,
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, "110105491231002"}}},
        {"too short",
         DA_FIELD_ID_NUMBER,
         "",
         {{200, 600, 46, "身份证号码"}, {560, 600, 46, "1101"}}},
    };
    CASES(cases);
    g_autoptr(DaPageDescription) wrong = describe(cases[5].rows);
    assert_true(((const DaClaim *)wrong->claims->pdata[0])->doubtful);
}

static void a_claim_knows_its_place_and_confidence(void **state)
{
    const FormRow rows[] = {{200, 600, 40, "姓名王大山出生年月"}, {700, 600, 40, "1956年3月"}, {0}};
    g_autoptr(DaPageDescription) page = describe(rows);
    assert_int_equal(page->claims->len, 2);
    const DaClaim *name = page->claims->pdata[0], *birth = page->claims->pdata[1];
    assert_int_equal(name->x_px, 280);
    assert_int_equal(name->w_px, 120);
    assert_int_equal(birth->x_px, 700);
    assert_int_equal(birth->y_px, 600);
    assert_true(fabs(birth->confidence - 0.95) < 1e-9);
}

/* Where the engine gives words, their places and confidences count. */
static void words_tell_the_place_of_a_value(void **state)
{
    g_autoptr(DaPageText) text = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "by hand");
    form_text_add(text, 200, 600, 40, "姓名王大山", 0.9);
    const struct {
        const char *text;
        double x, confidence;
    } words[] = {{"姓名", 200, 0.99}, {"王大山", 700, 0.55}};
    for (gsize i = 0; i < 2; i++) {
        DaWord *word = da_line_add_word(text->lines->pdata[0]);
        *word = (DaWord){g_strdup(words[i].text), words[i].x, 600, 120, 48, words[i].confidence};
    }
    g_autoptr(DaPageDescription) page = da_describe_page(text, profile);
    const DaClaim *name = page->claims->pdata[0];
    assert_string_equal(name->text, "王大山");
    assert_int_equal(name->x_px, 700);
    assert_true(fabs(name->confidence - 0.55) < 1e-9);
}

/* --- titles ---------------------------------------------------------------------------------------------------------------- */

static void titles_mean_kinds_of_forms(void **state)
{
    static const struct {
        const char *title, *form;
    } cases[] = {
        {"职工登记表", "staff-registration"},
        {"河北省保定市职工登记表", "staff-registration"},
        {"职 工 登 记 表", "staff-registration"},
        {"职工登记衰", "staff-registration"},
        {"（一九七八年度）职工登记表（正本）", "staff-registration"},
        {"干部履历表", "resume"},
        {"干部服历表", "resume"},
        {"工人退休审批表", "retirement-approval"},
        {"职工退休、退职审批表", "retirement-approval"},
        {"企业职工退休审批表", "retirement-approval"},
        {"河北省企业职工退休（退职）审批表", "retirement-approval"},
        {"职工工资变动审批表", "wage"},
        {"企业职工调整工资审批表", "wage"},
        {"工资升级审批表", "wage"},
        {"招收新工人审批表", "recruitment"},
        {"入党志愿书", "party-application"},
        {"中国共产党入党志愿书", "party-application"},
        {"年度鉴定表", "appraisal"},
        {"干部年度考核登记表", "appraisal"},
        {"自传", "autobiography"},
        {"介绍信", "letter"},
        {"关于王大山同志连续工龄计算的批复", "reply"},
        {"学徒工转正定级审批表", "regularization"},
        {"职工健康检查表", "medical"},
        {"复员退伍军人登记表", "army"},
        {"劳动合同书", "contract"},
        {"毕业生登记表", "education"},
        {"干部任免呈报表", "appointment"},
        {"", NULL},
        {"年月日", NULL},
        {"光荣榜", NULL},
        {"该同志工作认真负责服从组织分配", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const DaFormKind *form = da_describe_title(profile, cases[i].title);
        if (g_strcmp0(form ? form->name : NULL, cases[i].form))
            fail_msg("'%s' is %s, wanted %s", cases[i].title, form ? form->name : "unknown",
                     cases[i].form ? cases[i].form : "unknown");
    }
}

static void the_title_is_what_stands_large_at_the_head(void **state)
{
    static const struct {
        const char *label, *form, *title;
        FormRow rows[8];
    } cases[] = {
        {"alone",
         "staff-registration",
         "职工登记表",
         {{960, 390, 92, "职工登记表"}, {300, 600, 46, "姓名"}, {300, 720, 46, "民族"}}},
        {"in pieces",
         "staff-registration",
         "职工登记表",
         {{700, 390, 92, "职"},
          {920, 392, 92, "工"},
          {1140, 388, 92, "登"},
          {1360, 390, 92, "记"},
          {1580, 391, 92, "表"},
          {300, 700, 46, "姓名单位民族籍贯"}}},
        {"under a printed head",
         "reply",
         "关于王大山同志退休待遇的批复",
         {{800, 320, 120, "保定市劳动局"},
          {700, 740, 68, "关于王大山同志退休待遇的批复"},
          {300, 900, 56, "上饶轴承厂："},
          {300, 1000, 56, "该同志工作认真负责服从组织分配"}}},
        {"a short one in the middle",
         "autobiography",
         "自传",
         {{1160, 330, 76, "自传"}, {300, 500, 66, "我出生在一个普通的农民家庭"}}},
        {"the same word in a sentence is none",
         NULL,
         NULL,
         {{300, 500, 66, "特此证明"}, {300, 600, 66, "该同志工作认真负责服从组织分配"}}},
        {"words low on the page are none",
         NULL,
         NULL,
         {{960, 2400, 46, "职工登记表"}, {300, 500, 46, "该同志工作认真负责服从组织分配"}}},
        {"a running head",
         "party-application",
         "入党志愿",
         {{300, 200, 54, "入党志愿"},
          {300, 500, 66, "我志愿加入中国共产党拥护党的纲领"},
          {300, 620, 66, "遵守党的章程履行党员义务执行党的决定"}}},
        {"large and unknown",
         NULL,
         "光荣退休纪念册",
         {{900, 390, 92, "光荣退休纪念册"}, {300, 600, 46, "该同志工作认真负责服从组织分配"}}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaPageDescription) page = describe(cases[i].rows);
        if (g_strcmp0(page->form ? page->form->name : NULL, cases[i].form) ||
            g_strcmp0(page->title, cases[i].title))
            fail_msg("%s: %s '%s'", cases[i].label, page->form ? page->form->name : "-",
                     page->title ? page->title : "-");
    }
}

static void a_page_tells_when_it_was_made(void **state)
{
    static const struct {
        const char *label, *date;
        FormRow rows[6];
    } cases[] = {
        {"at the foot",
         "1983-05-06",
         {{300, 200, 46, "填表日期：1983年5月1日"},
          {1400, 2600, 46, "1983年5月3日"},
          {1400, 3200, 46, "1983年5月6日"}}},
        {"at the head", "1983-05-01", {{300, 700, 46, "填表日期：1983年5月1日"}}},
        {"without a day it is not taken", "", {{1400, 3200, 46, "1983年5月"}}},
        {"in a sentence it is not taken",
         "",
         {{300, 2600, 46, "该同志自1983年5月6日起享受退休待遇"}}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaPageDescription) page = describe(cases[i].rows);
        g_autofree char *date = da_date_format(page->dated);
        if (g_strcmp0(date, cases[i].date))
            fail_msg("%s: '%s'", cases[i].label, date);
    }
}

/* --- bad input ------------------------------------------------------------------------------------------------------------- */

static void strange_pages_are_borne(void **state)
{
    g_autofree char *long_line = g_strnfill(20000, '9');
    static const char *const texts[] = {"",
                                        " ",
                                        "　",
                                        "姓名",
                                        "姓名姓名姓名姓名",
                                        "出生年月出生年月",
                                        "关于同志",
                                        "\xF0\x9F\x98\x80",
                                        "年月日年月日"};
    for (gsize i = 0; i <= G_N_ELEMENTS(texts); i++) {
        const FormRow rows[] = {{0, 0, 40, i < G_N_ELEMENTS(texts) ? texts[i] : long_line},
                                {-5000, -5000, 1, "姓名"},
                                {99999, 99999, 900, "出生年月"},
                                {0}};
        g_autoptr(DaPageDescription) page = describe(rows);
        assert_non_null(page->claims);
    }
    const FormRow none[] = {{0}};
    g_autoptr(DaPageDescription) empty = describe(none);
    assert_null(empty->title);
    assert_int_equal(empty->claims->len, 0);
}

static void lines_without_size_are_borne(void **state)
{
    g_autoptr(DaPageText) text = da_page_text_new(1, 1, "by hand");
    for (guint i = 0; i < 3; i++) {
        DaLine *line = da_page_text_add(text);
        line->text = g_strdup(i ? "1956.3" : "出生年月");
        line->confidence = NAN;
    }
    g_autoptr(DaPageDescription) page = da_describe_page(text, profile);
    assert_non_null(page);
}

/* Whatever an engine says, the claim can be written into dossier.xml. */
static void impossible_places_confidences_and_characters_are_borne(void **state)
{
    static const double places[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(DaPageText) text = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "by hand");
        form_text_add(text, 200, 600, 46, "姓名王\x01大\xEF\xBF\xBE山", i % 2 ? 7.5 : -3);
        DaLine *line = text->lines->pdata[0];
        for (guint k = 0; k < 4; k++)
            line->quad[k][i % 2] = places[i];
        g_autoptr(DaPageDescription) page = da_describe_page(text, profile);
        for (guint k = 0; k < page->claims->len; k++) {
            const DaClaim *claim = page->claims->pdata[k];
            assert_true(claim->w_px >= 0 && claim->h_px >= 0);
            assert_true(isnan(claim->confidence) ||
                        (claim->confidence >= 0 && claim->confidence <= 1));
            assert_string_equal(claim->text, "王大山");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_stands_after_beside_or_under_its_label),
        cmocka_unit_test(labels_have_many_wordings_and_layouts),
        cmocka_unit_test(what_is_about_other_persons_is_not_read),
        cmocka_unit_test(damaged_labels_and_values_are_borne_where_it_is_safe),
        cmocka_unit_test(repaired_and_impossible_dates_are_doubtful),
        cmocka_unit_test(id_numbers_are_told_by_their_check_digit),
        cmocka_unit_test(a_claim_knows_its_place_and_confidence),
        cmocka_unit_test(words_tell_the_place_of_a_value),
        cmocka_unit_test(titles_mean_kinds_of_forms),
        cmocka_unit_test(the_title_is_what_stands_large_at_the_head),
        cmocka_unit_test(a_page_tells_when_it_was_made),
        cmocka_unit_test(strange_pages_are_borne),
        cmocka_unit_test(lines_without_size_are_borne),
        cmocka_unit_test(impossible_places_confidences_and_characters_are_borne),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
