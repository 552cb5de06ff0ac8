/* What the forms of a dossier say together: date table, persons, titles, expected materials, drafts. Invented people only. */
#include "form_text.h"
#include "scene.h"

#include <dangan/describe.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <math.h>
#include <string.h>

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

/* --- a dossier made by hand ---------------------------------------------------------------------------------------------- */

typedef struct {
    DaDossier *dossier;
    GPtrArray *pages, *sides, *findings;
} Desk;

static void page_free(gpointer data)
{
    da_page_description_free(data);
}

static Desk *desk_new(void)
{
    Desk *desk = g_new0(Desk, 1);
    desk->dossier = da_dossier_new();
    desk->pages = g_ptr_array_new_with_free_func(page_free);
    desk->sides = g_ptr_array_new();
    desk->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    desk->dossier->scheme = g_strdup("cadre-2018");
    da_dossier_set(desk->dossier, DA_FIELD_NAME, "王大山", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(desk->dossier, DA_FIELD_BIRTH, "19491231", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(desk->dossier, DA_FIELD_ID_NUMBER, SCENE_ID_A, DA_ORIGIN_LIST, "row 3");
    return desk;
}

static void desk_free(Desk *desk)
{
    g_ptr_array_unref(desk->sides);
    g_ptr_array_unref(desk->pages);
    g_ptr_array_unref(desk->findings);
    da_dossier_free(desk->dossier);
    g_free(desk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_free)

static DaMaterial *add_material(Desk *desk, const char *class_code, const char *title)
{
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup(class_code);
    material->title = g_strdup(title);
    material->sequence = 1;
    for (guint i = 0; i < desk->dossier->materials->len; i++)
        material->sequence +=
            !strcmp(((DaMaterial *)desk->dossier->materials->pdata[i])->class_code, class_code);
    material->row = desk->dossier->materials->len + 2;
    g_ptr_array_add(desk->dossier->materials, material);
    return material;
}

/* A page of the last material; `text` NULL = a blank side. The description is borrowed. */
static void add_page(Desk *desk, DaPageText *text)
{
    DaMaterial *material = desk->dossier->materials->pdata[desk->dossier->materials->len - 1];
    DaPage *side = da_page_new();
    side->side = material->pages->len + 1;
    side->stem = da_page_stem(material->class_code, material->sequence, side->side);
    side->blank = !text;
    side->width_px = FORM_WIDTH;
    side->height_px = FORM_HEIGHT;
    g_ptr_array_add(material->pages, side);
    g_ptr_array_add(desk->sides, side);
    g_ptr_array_add(desk->pages, text ? da_describe_page(text, profile) : NULL);
}

/* A form of one page: title, and up to three labels with their values. */
static void add_form(Desk *desk, const char *class_code, const char *listed, const char *title,
                     const char *const *cells)
{
    g_autoptr(DaPageText) text = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "by hand");
    add_material(desk, class_code, listed);
    form_text_add(text, 900, 300, 92, title, 0.97);
    for (guint i = 0; cells && cells[i]; i += 2) {
        form_text_add(text, 300, 600 + (int)i * 60, 46, cells[i], 0.99);
        form_text_add(text, 800, 600 + (int)i * 60, 46, cells[i + 1], 0.95);
    }
    add_page(desk, text);
}

#define FORM(desk, class_code, listed, title, ...)                                                 \
    add_form(desk, class_code, listed, title, (const char *const[]){__VA_ARGS__, NULL})

static void advise(Desk *desk)
{
    da_describe_collect(desk->dossier, desk->pages, desk->sides);
    da_describe_findings(desk->dossier, desk->pages, desk->sides, profile, "scene", desk->findings);
}

/* Rules and pages of the findings, without CAT-009: "DAT-001 3-1-001, …". */
static char *found(const Desk *desk)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < desk->findings->len; i++) {
        const DaFinding *finding = desk->findings->pdata[i];
        if (strcmp(finding->rule, "CAT-009"))
            g_string_append_printf(text, "%s%s %s", text->len ? ", " : "", finding->rule,
                                   finding->page ? finding->page : "-");
    }
    return g_string_free(text, FALSE);
}

static void assert_found(const Desk *desk, const char *wanted)
{
    g_autofree char *text = found(desk);
    assert_string_equal(text, wanted);
}

/* --- dates -------------------------------------------------------------------------------------------------------------------- */

static void forms_that_agree_are_quiet(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "姓名", "王大山", "出生年月", "1949.12.31");
    FORM(desk, "3", "年度鉴定表", "年度鉴定表", "姓名", "王大山", "出生年月", "1949年12月");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "姓名", "王大山", "出生日期", "一九四九年");
    advise(desk);
    assert_found(desk, "");
    g_autoptr(GPtrArray) conflicts = da_conflicts_find(desk->dossier, profile);
    assert_int_equal(conflicts->len, 1);
    assert_int_equal(((DaConflict *)conflicts->pdata[0])->standing, DA_CLAIM_AGREES);
}

static void a_year_that_differs_is_a_conflict_with_its_place(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1949.12.31");
    FORM(desk, "3", "年度鉴定表", "年度鉴定表", "出生年月", "1951年12月");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "出生日期", "1949年12月31日");
    advise(desk);
    assert_found(desk, "DAT-001 3-1-001");
    const DaFinding *finding = desk->findings->pdata[0];
    assert_string_equal(finding->found, "1951-12");
    assert_non_null(strstr(finding->wanted, "1949-12-31 (1-1-001)"));
    assert_true(finding->has_box);
    assert_int_equal(finding->x_px, 800);
    assert_null(strstr(finding->message, "1951"));
}

/* Two against one another and no list: nobody is right. */
static void of_two_that_differ_both_are_shown(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "参加工作时间", "1968.12");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "参加工作时间", "1970年3月");
    advise(desk);
    assert_found(desk, "DAT-001 1-1-001, DAT-001 9-1-1-001");
}

static void month_and_day_are_told_apart_from_the_year(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1949.12.31");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "出生日期", "1949年11月30日");
    advise(desk);
    assert_found(desk, "DAT-002 1-1-001");
    assert_int_equal(((DaFinding *)desk->findings->pdata[0])->severity, DA_SEVERITY_INFO);
}

static void forms_that_agree_against_the_list_are_told(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1951.3");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "出生日期", "1951年3月2日");
    advise(desk);
    assert_found(desk, "DAT-003 1-1-001");
}

static void what_cannot_be_is_shown_and_not_compared(void **state)
{
    static const char *const values[] = {"1849.12.31", "1989.12.31", "194O.1.2", "看不清"};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(Desk) desk = desk_new();
        FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1949.12.31");
        FORM(desk, "3", "年度鉴定表", "年度鉴定表", "出生年月", values[i]);
        advise(desk);
        assert_found(desk, "");
    }
}

static void ages_that_cannot_be_are_not_compared(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "参加工作时间", "1968.12", "入党时间", "1951.7");
    FORM(desk, "9-1", "退休审批表", "退休审批表", "参加工作时间", "1950.1", "入党时间", "1974.7");
    advise(desk);
    assert_found(desk, "");
}

static void uncertain_recognition_is_not_compared(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1949.12.31");
    g_autoptr(DaPageText) text = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "by hand");
    form_text_add(text, 300, 600, 46, "出生年月", 0.9);
    form_text_add(text, 800, 600, 46, "1944.12", 0.3);
    add_material(desk, "3", "年度鉴定表");
    add_page(desk, text);
    advise(desk);
    assert_found(desk, "");
    g_autoptr(GPtrArray) conflicts = da_conflicts_find(desk->dossier, profile);
    const DaConflict *birth = conflicts->pdata[0];
    assert_int_equal(birth->rows->len, 2);
    assert_int_equal(((DaConflictRow *)birth->rows->pdata[1])->standing, DA_CLAIM_UNREAD);
}

/* --- persons --------------------------------------------------------------------------------------------------------------------- */

static void a_page_of_another_person_is_told(void **state)
{
    static const struct {
        const char *label, *cells[7], *wanted;
    } cases[] = {
        {"own name", {"姓名", "王大山"}, ""},
        {"one damaged character", {"姓名", "王火山"}, ""},
        {"one character lost", {"姓名", "大山"}, ""},
        {"another name", {"姓名", "李秀英"}, "CAT-012 9-1-1-001"},
        {"another of the family", {"姓名", "王秀英"}, "CAT-012 9-1-1-001"},
        {"damaged twice, the birth is his", {"姓名", "王火出", "出生年月", "1949.12"}, ""},
        {"another name, his number", {"姓名", "李秀英", "身份证号码", SCENE_ID_A}, ""},
        {"his name, another number",
         {"姓名", "王大山", "身份证号码", SCENE_ID_B},
         "CAT-012 9-1-1-001"},
        {"a damaged number", {"姓名", "王大山", "身份证号码", "110105194912310028"}, ""},
        {"former name", {"姓名", "王铁蛋"}, ""},
        {"former name without the surname", {"姓名", "石柱"}, ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Desk) desk = desk_new();
        FORM(desk, "1", "职工登记表", "职工登记表", "姓名", "王大山", "曾用名", "王铁蛋");
        FORM(desk, "1", "干部履历表", "干部履历表", "姓名", "王大山", "曾用名", "石柱");
        add_form(desk, "9-1", "退休审批表", "退休审批表", cases[i].cells);
        advise(desk);
        g_autofree char *text = found(desk);
        if (strcmp(text, cases[i].wanted))
            fail_msg("%s: '%s', wanted '%s'", cases[i].label, text, cases[i].wanted);
    }
}

/* --- titles, classes, expected materials ------------------------------------------------------------------------------------------ */

static void a_title_against_the_catalogue_is_told(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "姓名", "王大山");
    FORM(desk, "9-1", "退休审批表", "招收新工人审批表", "姓名", "王大山");
    FORM(desk, "3", "年度鉴定表", "干部年度考核登记表", "姓名", "王大山");
    advise(desk);
    assert_found(desk, "CAT-011 9-1-1-001");
    assert_int_equal(((DaFinding *)desk->findings->pdata[0])->row, 3);
}

static void a_form_of_another_material_inside_one_is_told(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "姓名", "王大山");
    const FormRow inside[] = {{900, 300, 92, "退休审批表"}, {300, 600, 46, "姓名王大山"}, {0}};
    g_autoptr(DaPageText) text = form_text(inside);
    add_page(desk, NULL);
    add_page(desk, text);
    FORM(desk, "9-1", "退休审批表", "退休审批表", "姓名", "王大山");
    advise(desk);
    assert_found(desk, "CAT-011 1-1-003");
}

static void an_unusual_class_is_told(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "9-4", "退休审批表", "退休审批表", "姓名", "王大山");
    FORM(desk, "10", "光荣册", "光荣册", "姓名", "王大山");
    advise(desk);
    assert_found(desk, "CAT-008 -");
    const DaFinding *finding = desk->findings->pdata[0];
    assert_int_equal(finding->row, 2);
    assert_string_equal(finding->wanted, "9-1");
}

static guint missing(const Desk *desk, const char *title)
{
    guint n = 0;
    for (guint i = 0; i < desk->findings->len; i++) {
        const DaFinding *finding = desk->findings->pdata[i];
        n += !strcmp(finding->rule, "CAT-009") && !g_strcmp0(finding->wanted, title);
    }
    return n;
}

static void expected_materials_that_are_missing_are_told(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "工人登记表", "工人登记表", "姓名", "王大山", "入党时间", "1974.7");
    FORM(desk, "10", "其他材料", "退休审批表", "姓名", "王大山");
    advise(desk);
    assert_int_equal(missing(desk, "登记表或履历表"), 0);
    assert_int_equal(missing(desk, "退休审批表"), 0); /* there, under another title */
    assert_int_equal(missing(desk, "招工、录用、分配或入伍材料"), 1);
    assert_int_equal(missing(desk, "入党志愿书"), 1);
    g_autoptr(Desk) other = desk_new();
    FORM(other, "1", "工人登记表", "工人登记表", "姓名", "王大山");
    advise(other);
    assert_int_equal(missing(other, "入党志愿书"), 0); /* nothing says that he joined */
}

/* A site takes rules out or changes how severe they are. */
static void a_rule_that_the_profile_has_not_gives_no_finding(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工登记表", "职工登记表", "出生年月", "1949.12.31");
    FORM(desk, "3", "年度鉴定表", "年度鉴定表", "出生年月", "1951年12月");
    da_describe_collect(desk->dossier, desk->pages, desk->sides);
    g_autoptr(DaProfile) without = scene_profile();
    for (guint i = 0; i < without->rules->len; i++) {
        DaRule *rule = without->rules->pdata[i];
        if (!strcmp(rule->id, "DAT-001"))
            rule->severity = DA_SEVERITY_ERROR;
        if (!strcmp(rule->id, "CAT-009"))
            g_ptr_array_remove_index(without->rules, i--);
    }
    da_describe_findings(desk->dossier, desk->pages, desk->sides, without, "scene", desk->findings);
    assert_int_equal(desk->findings->len, 1);
    assert_int_equal(((DaFinding *)desk->findings->pdata[0])->severity, DA_SEVERITY_ERROR);
}

/* --- drafts ------------------------------------------------------------------------------------------------------------------------ */

static void add_side(Desk *desk, const FormRow *rows)
{
    g_autoptr(DaPageText) text = rows ? form_text(rows) : NULL;
    add_page(desk, text);
}

static void titles_make_a_draft_catalogue(void **state)
{
    static const FormRow registration[] = {{900, 300, 92, "职工登记表"},
                                           {300, 600, 46, "姓名王大山"},
                                           {1400, 3200, 46, "1978年5月6日"},
                                           {0}};
    static const FormRow appraisal[] = {
        {900, 300, 92, "年度鉴定表"}, {300, 600, 46, "姓名王大山"}, {0}};
    static const FormRow party[] = {
        {900, 300, 92, "入党志愿书"}, {300, 600, 66, "我志愿加入中国共产党"}, {0}};
    static const FormRow party_page[] = {
        {300, 150, 46, "入党志愿"},
        {300, 600, 66, "我志愿加入中国共产党拥护党的纲领遵守党的章程"},
        {0}};
    static const FormRow damaged[] = {
        {900, 300, 92, "退休审枇表"}, {300, 600, 46, "姓名王大山"}, {0}};
    static const FormRow unknown[] = {
        {900, 300, 92, "光荣退休纪念册"}, {300, 600, 46, "该同志工作认真负责服从组织分配"}, {0}};
    static const FormRow untitled[] = {{300, 600, 46, "该同志工作认真负责服从组织分配"}, {0}};
    static const FormRow *const sides[] = {registration, NULL,   untitled,   appraisal,
                                           appraisal,    party,  party_page, party_page,
                                           damaged,      unknown};
    static const struct {
        const char *class_code, *title;
        guint sequence, pages;
    } wanted[] = {
        {"1", "职工登记表", 1, 2}, {"3", "年度鉴定表", 1, 1},   {"3", "年度鉴定表", 2, 1},
        {"6", "入党志愿书", 1, 3}, {"9-1", "退休审批表", 1, 2},
    };
    g_autoptr(Desk) desk = desk_new();
    add_material(desk, "1", "not looked at");
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++)
        add_side(desk, sides[i]);
    g_autoptr(GPtrArray) draft = da_draft_catalogue(desk->pages, desk->sides, NULL, profile, NULL);
    assert_int_equal(draft->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < draft->len; i++) {
        const DaMaterial *material = draft->pdata[i];
        assert_string_equal(material->class_code, wanted[i].class_code);
        assert_string_equal(material->title, wanted[i].title);
        assert_int_equal(material->sequence, wanted[i].sequence);
        assert_int_equal(material->pages_claimed, wanted[i].pages);
    }
    assert_int_equal(((DaMaterial *)draft->pdata[0])->formed.day, 6);
    assert_int_equal(((DaMaterial *)draft->pdata[1])->formed.year, 0);
}

static void what_a_draft_does_not_know_is_marked(void **state)
{
    static const FormRow untitled[] = {{300, 600, 46, "该同志工作认真负责服从组织分配"}, {0}};
    static const FormRow appraisal[] = {
        {900, 300, 92, "年度鉴定表"}, {300, 600, 46, "姓名王大山"}, {0}};
    g_autoptr(Desk) desk = desk_new();
    add_material(desk, "1", "not looked at");
    add_side(desk, untitled);
    g_autoptr(GPtrArray) nothing =
        da_draft_catalogue(desk->pages, desk->sides, NULL, profile, "worker-1992");
    assert_int_equal(nothing->len, 0);
    add_side(desk, appraisal);
    g_autoptr(GPtrArray) draft =
        da_draft_catalogue(desk->pages, desk->sides, NULL, profile, "worker-1992");
    assert_int_equal(draft->len, 2);
    const DaMaterial *material = draft->pdata[0];
    assert_string_equal(material->title, "【待确认】");
    assert_string_equal(material->class_code, "10");
    assert_non_null(material->note);
}

static void named_scans_say_themselves_where_they_belong(void **state)
{
    static const FormRow untitled[] = {{300, 600, 46, "该同志工作认真负责服从组织分配"}, {0}};
    static const FormRow appraisal[] = {
        {900, 300, 92, "年度鉴定表"}, {300, 600, 46, "姓名王大山"}, {0}};
    static const char *const names[] = {"3-1-001", "3-1-002", "3-2-001", "10-1-001"};
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(GPtrArray) stems = g_ptr_array_new();
    add_material(desk, "1", "not looked at");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        add_side(desk, i % 2 ? untitled : appraisal);
        g_ptr_array_add(stems, (gpointer)names[i]);
    }
    g_autoptr(GPtrArray) draft = da_draft_catalogue(desk->pages, desk->sides, stems, profile, NULL);
    assert_int_equal(draft->len, 3);
    const DaMaterial *first = draft->pdata[0], *last = draft->pdata[2];
    assert_string_equal(first->class_code, "3");
    assert_string_equal(first->title, "年度鉴定表");
    assert_int_equal(first->pages_claimed, 2);
    assert_string_equal(last->class_code, "10");
    assert_int_equal(last->sequence, 1);
}

static void without_content_there_is_no_draft(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    add_material(desk, "1", "not looked at");
    add_side(desk, NULL);
    g_autoptr(GPtrArray) draft = da_draft_catalogue(desk->pages, desk->sides, NULL, profile, NULL);
    assert_int_equal(draft->len, 0);
    g_autoptr(GPtrArray) unknown =
        da_draft_catalogue(desk->pages, desk->sides, NULL, profile, "no-scheme");
    assert_int_equal(unknown->len, 0);
}

/* --- report ------------------------------------------------------------------------------------------------------------------------- */

static void the_table_shows_each_date_with_its_place(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    FORM(desk, "1", "职工<登记>表", "职工登记表", "出生年月", "1949.12.31");
    FORM(desk, "3", "年度鉴定表", "年度鉴定表", "出生年月", "1951年12月");
    for (guint i = 0; i < 2; i++)
        ((DaPage *)desk->sides->pdata[i])->file[DA_FILE_ACCESS].path =
            g_strdup("/x/y/page.access.jpg");
    da_describe_collect(desk->dossier, desk->pages, desk->sides);
    g_autoptr(GPtrArray) conflicts = da_conflicts_find(desk->dossier, profile);
    g_autoptr(json_t) entry = json_pack("{s:s, s:s, s:o}", "name", "王<大>山", "folder", "x",
                                        "dates", da_conflicts_to_json(desk->dossier, conflicts));
    const json_t *birth = json_array_get(json_object_get(entry, "dates"), 0);
    assert_string_equal(json_string_value(json_object_get(birth, "standing")), "conflicts");
    assert_string_equal(json_string_value(json_object_get(birth, "listed")), "1949-12-31");
    const json_t *row = json_array_get(json_object_get(birth, "rows"), 1);
    assert_string_equal(json_string_value(json_object_get(row, "date")), "1951-12");
    assert_string_equal(json_string_value(json_object_get(row, "image")), "page.access.jpg");
    assert_int_equal(json_integer_value(json_object_get(row, "x_px")), 800);
    g_autofree char *html = da_conflicts_html(entry, "../images");
    assert_non_null(strstr(html, "../images/page.access.jpg"));
    assert_non_null(strstr(html, "年份冲突"));
    assert_non_null(strstr(html, "王&lt;大&gt;山"));
    assert_null(strstr(html, "<登记>"));
}

/* --- batches of invented dossiers, as their makers know them --------------------------------------------------------------------- */

static DaPageText *truth_page(const json_t *page)
{
    DaPageText *text = da_page_text_new(FORM_WIDTH, FORM_HEIGHT, "truth");
    size_t i, k;
    json_t *line, *run;
    json_array_foreach(json_object_get(page, "lines"), i, line)
    {
        const char *direction = json_string_value(json_object_get(line, "dir"));
        const json_t *box = json_object_get(line, "box");
        if (!strcmp(direction, "stamp"))
            continue;
        double at[4];
        for (guint c = 0; c < 4; c++)
            at[c] = json_number_value(json_array_get(box, c));
        DaLine *added = da_page_text_add(text);
        const double quad[4][2] = {{at[0], at[1]}, {at[2], at[1]}, {at[2], at[3]}, {at[0], at[3]}};
        memcpy(added->quad, quad, sizeof quad);
        g_autoptr(GString) whole = g_string_new(NULL);
        json_array_foreach(json_object_get(line, "runs"), k, run)
            g_string_append(whole, json_string_value(json_array_get(run, 0)));
        added->text = g_strdup(whole->str);
        added->confidence = 1;
        added->vertical = !strcmp(direction, "v");
    }
    return text;
}

static guint birth_year(const DaPageDescription *page)
{
    for (guint i = 0; i < page->claims->len; i++) {
        const DaClaim *claim = page->claims->pdata[i];
        if (claim->field == DA_FIELD_BIRTH)
            return claim->date.year;
    }
    return 0;
}

static void add_truth_material(Desk *desk, const json_t *material, GString *planted)
{
    size_t i;
    json_t *page;
    add_material(desk, json_string_value(json_object_get(material, "cls")),
                 json_string_value(json_object_get(material, "title")));
    json_array_foreach(json_object_get(material, "pages"), i, page)
    {
        gboolean blank = json_is_true(json_object_get(page, "blank"));
        g_autoptr(DaPageText) text = blank ? NULL : truth_page(page);
        add_page(desk, text);
        const DaPageDescription *description = desk->pages->pdata[desk->pages->len - 1];
        guint shown = (guint)json_integer_value(json_object_get(page, "birth_year_shown"));
        guint read = description ? birth_year(description) : 0;
        const DaPage *side = desk->sides->pdata[desk->sides->len - 1];
        if (read)
            assert_int_equal(read, shown);
        if (description)
            assert_non_null(description->form);
        DaDate own = {0};
        da_date_parse(da_dossier_get(desk->dossier, DA_FIELD_BIRTH), &own, NULL);
        if (read && shown != own.year)
            g_string_append_printf(planted, "DAT-001 %s, ", side->stem);
    }
}

/* Every form is known, every birth that is read is the one that is shown, no page seems another person's, and the conflicts in the birth are those
 * that were planted. */
static void assert_truth(const char *path)
{
    size_t d, m;
    json_t *dossier, *material;
    g_autoptr(json_t) truth = json_load_file(path, 0, NULL);
    assert_non_null(truth);
    json_array_foreach(json_object_get(truth, "dossiers"), d, dossier)
    {
        g_autoptr(Desk) desk = desk_new();
        g_autoptr(GString) planted = g_string_new(NULL), births = g_string_new(NULL);
        const char *birth = json_string_value(json_object_get(dossier, "birth"));
        da_dossier_set(desk->dossier, DA_FIELD_NAME,
                       json_string_value(json_object_get(dossier, "name")), DA_ORIGIN_LIST, NULL);
        da_dossier_set(desk->dossier, DA_FIELD_ID_NUMBER,
                       json_string_value(json_object_get(dossier, "id_number")), DA_ORIGIN_LIST,
                       NULL);
        da_dossier_set(desk->dossier, DA_FIELD_BIRTH, birth, DA_ORIGIN_LIST, NULL);
        json_array_foreach(json_object_get(dossier, "materials"), m, material)
            add_truth_material(desk, material, planted);
        advise(desk);
        for (guint i = 0; i < desk->findings->len; i++) {
            const DaFinding *finding = desk->findings->pdata[i];
            assert_string_not_equal(finding->rule, "CAT-011");
            assert_string_not_equal(finding->rule, "CAT-012");
            assert_string_not_equal(finding->rule, "DAT-003");
            if (!strcmp(finding->rule, "DAT-001") && strstr(finding->message, "the birth"))
                g_string_append_printf(births, "DAT-001 %s, ", finding->page);
        }
        assert_string_equal(births->str, planted->str);
        if (json_is_string(json_object_get(dossier, "birth_conflict_form")))
            assert_true(births->len > 0);
    }
}

static void the_sample_batch_shows_what_was_planted(void **state)
{
    g_autofree char *path =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "samples", "truth.json", NULL);
    assert_truth(path);
}

static void the_larger_batch_shows_what_was_planted(void **state)
{
    const char *samples = g_getenv("DANGAN_SAMPLES");
    g_autofree char *path = samples ? g_build_filename(samples, "truth.json", NULL) : NULL;
    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
        skip();
    assert_truth(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_that_agree_are_quiet),
        cmocka_unit_test(a_year_that_differs_is_a_conflict_with_its_place),
        cmocka_unit_test(of_two_that_differ_both_are_shown),
        cmocka_unit_test(month_and_day_are_told_apart_from_the_year),
        cmocka_unit_test(forms_that_agree_against_the_list_are_told),
        cmocka_unit_test(what_cannot_be_is_shown_and_not_compared),
        cmocka_unit_test(ages_that_cannot_be_are_not_compared),
        cmocka_unit_test(uncertain_recognition_is_not_compared),
        cmocka_unit_test(a_page_of_another_person_is_told),
        cmocka_unit_test(a_title_against_the_catalogue_is_told),
        cmocka_unit_test(a_form_of_another_material_inside_one_is_told),
        cmocka_unit_test(an_unusual_class_is_told),
        cmocka_unit_test(expected_materials_that_are_missing_are_told),
        cmocka_unit_test(a_rule_that_the_profile_has_not_gives_no_finding),
        cmocka_unit_test(titles_make_a_draft_catalogue),
        cmocka_unit_test(what_a_draft_does_not_know_is_marked),
        cmocka_unit_test(named_scans_say_themselves_where_they_belong),
        cmocka_unit_test(without_content_there_is_no_draft),
        cmocka_unit_test(the_table_shows_each_date_with_its_place),
        cmocka_unit_test(the_sample_batch_shows_what_was_planted),
        cmocka_unit_test(the_larger_batch_shows_what_was_planted),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
