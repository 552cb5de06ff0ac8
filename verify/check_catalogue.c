/* The catalogue (卷内目录) against the scheme, itself, and the pages. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>

typedef gboolean (*MaterialVisit)(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                                  GError **error);

static gboolean each_material(DaCheckRun *run, MaterialVisit visit, gconstpointer data,
                              GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint i = 0; i < materials->len; i++)
        if (!visit(run, materials->pdata[i], data, error))
            return FALSE;
    return TRUE;
}

/* --- class and sequence --------------------------------------------------------------------------------------------- */

static gboolean visit_class(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                            GError **error)
{
    const DaClass *class = da_scheme_class(data, material->class_code);
    DaFinding *finding = NULL;
    if (!class || strcmp(class->code, material->class_code))
        finding = da_check_add_material(run, material, "the class is not in the scheme",
                                        "类号不在分类方案中");
    else if (!class->holds)
        finding = da_check_add_material(run, material, "the class holds no materials itself",
                                        "此类号下不得直接放材料");
    if (finding)
        da_finding_set(&finding->found, "%s", material->class_code);
    return TRUE;
}

gboolean da_check_class(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const char *name = run->subject->dossier->scheme;
    const DaScheme *scheme = da_profile_scheme(run->subject->profile, name);
    if (scheme)
        return each_material(run, visit_class, scheme, error);
    DaFinding *finding = da_check_add(
        run, "dossier.xml", "the profile does not know this class scheme", "规范中没有此分类方案");
    da_finding_set(&finding->found, "%s", name ? name : "—");
    return TRUE;
}

/* What a program proposed is no catalogue before a person has looked at it. */
gboolean da_check_draft_catalogue(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    if (run->subject->dossier->draft)
        da_check_add(run, "dossier.xml", "the catalogue is a draft that no archivist has confirmed",
                     "目录是程序拟定的草稿，未经档案人员确认");
    return TRUE;
}

/* Sequence numbers of a class run 1, 2, 3 … in catalogue order. */
gboolean da_check_sequence(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    g_autoptr(GHashTable) last = g_hash_table_new(g_str_hash, g_str_equal);
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = materials->pdata[i];
        guint wanted = GPOINTER_TO_UINT(g_hash_table_lookup(last, material->class_code)) + 1;
        if (material->sequence != wanted) {
            DaFinding *finding = da_check_add_material(
                run, material, "the sequence in the class has a gap or repeat",
                "类内序号不连续或重复");
            da_finding_set(&finding->found, "%u", material->sequence);
            da_finding_set(&finding->wanted, "%u", wanted);
        }
        g_hash_table_insert(last, material->class_code, GUINT_TO_POINTER(material->sequence));
    }
    return TRUE;
}

/* --- titles ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    char **placeholders;
    gint64 max_characters;
} TitleRule;

static gboolean visit_title(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                            GError **error)
{
    const TitleRule *wanted = data;
    g_autofree char *title = g_strstrip(g_strdup(material->title ? material->title : ""));
    DaFinding *finding = NULL;
    if (!*title)
        finding = da_check_add_material(run, material, "the title is empty", "材料名称为空");
    else if (g_strv_contains((const char *const *)wanted->placeholders, title))
        finding = da_check_add_material(run, material, "the title is a placeholder",
                                        "材料名称为占位文字");
    else if (g_utf8_strlen(title, -1) > wanted->max_characters)
        finding = da_check_add_material(run, material, "the title is too long", "材料名称过长");
    if (finding)
        da_finding_set(&finding->found, "%.120s", title);
    return TRUE;
}

gboolean da_check_title(DaCheckRun *run, GError **error)
{
    TitleRule wanted = {0};
    g_auto(GStrv) placeholders = da_check_words(run, "placeholders", error);
    wanted.placeholders = placeholders;
    return placeholders &&
           da_rule_integer(run->rule, "max-characters", &wanted.max_characters, error) &&
           each_material(run, visit_title, &wanted, error);
}

/* --- dates ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    DaDate today, earliest; /* earliest: year 0 = not known */
} DateRule;

static gboolean visit_formed(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                             GError **error)
{
    const DateRule *rule = data;
    if (!material->formed.year)
        return TRUE;
    gboolean future = da_date_compare(material->formed, rule->today) > 0;
    gboolean early = rule->earliest.year && da_date_compare(material->formed, rule->earliest) < 0;
    if (!future && !early)
        return TRUE;
    DaFinding *finding =
        future
            ? da_check_add_material(run, material, "the material is dated in the future",
                                    "材料形成时间晚于今日")
            : da_check_add_material(run, material, "the material is older than its person can be",
                                    "材料形成时间早于合理年龄");
    g_autofree char *found = da_date_format(material->formed);
    g_autofree char *limit = da_date_format(future ? rule->today : rule->earliest);
    da_finding_set(&finding->found, "%s", found);
    da_finding_set(&finding->wanted, "%s %s", future ? "≤" : "≥", limit);
    return TRUE;
}

gboolean da_check_formed(DaCheckRun *run, GError **error)
{
    gint64 age = 0;
    if (!da_check_needs_dossier(run, error) || !da_rule_integer(run->rule, "min-age", &age, error))
        return FALSE;
    DateRule rule = {.today = da_check_today()};
    const char *birth = da_dossier_get(run->subject->dossier, DA_FIELD_BIRTH);
    if (birth && da_date_parse(birth, &rule.earliest, NULL) && rule.earliest.year)
        rule.earliest.year = (guint16)(rule.earliest.year + age);
    return each_material(run, visit_formed, &rule, error);
}

/* --- pages ------------------------------------------------------------------------------------------------------------- */

static guint sides_with_content(const DaMaterial *material)
{
    guint n = 0;
    for (guint i = 0; i < material->pages->len; i++)
        n += !((const DaPage *)material->pages->pdata[i])->blank;
    return n;
}

static gboolean visit_count(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                            GError **error)
{
    guint found = sides_with_content(material);
    if (!material->pages_claimed || material->pages_claimed == found)
        return TRUE;
    DaFinding *finding = da_check_add_material(
        run, material, "页数 is not the number of sides with content", "页数与有内容的面数不符");
    da_finding_set(&finding->found, "%u", found);
    da_finding_set(&finding->wanted, "%u", material->pages_claimed);
    return TRUE;
}

/* 页数 counts sides with content, and a dossier without any page is no dossier. */
gboolean da_check_page_count(DaCheckRun *run, GError **error)
{
    if (!each_material(run, visit_count, NULL, error))
        return FALSE;
    if (!da_dossier_sides(run->subject->dossier))
        da_check_add(run, "dossier.xml", "the dossier has no page", "卷内没有任何页面");
    return TRUE;
}

static gboolean visit_names(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                            GError **error)
{
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        g_autofree char *wanted =
            da_page_stem(material->class_code, material->sequence, page->side);
        if (!g_strcmp0(page->stem, wanted))
            continue;
        DaFinding *finding =
            da_check_add_page(run, page, NULL, "the page's name is not class-sequence-side",
                              "页面文件名与类号-序号-页号不符");
        da_finding_set(&finding->found, "%s", page->stem);
        da_finding_set(&finding->wanted, "%s", wanted);
    }
    return TRUE;
}

gboolean da_check_page_names(DaCheckRun *run, GError **error)
{
    return each_material(run, visit_names, NULL, error);
}

static gboolean visit_numbers(DaCheckRun *run, const DaMaterial *material, gconstpointer data,
                              GError **error)
{
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        if (page->side == i + 1)
            continue;
        DaFinding *finding = da_check_add_page(
            run, page, NULL, "the sides of a material do not run 1, 2, 3 …", "件内页号不连续");
        da_finding_set(&finding->found, "%u", page->side);
        da_finding_set(&finding->wanted, "%u", i + 1);
    }
    return TRUE;
}

gboolean da_check_page_numbers(DaCheckRun *run, GError **error)
{
    return each_material(run, visit_numbers, NULL, error);
}
