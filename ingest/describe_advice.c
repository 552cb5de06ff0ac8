#include "describe_parts.h"

#include <string.h>

DaFinding *da_advise(const DaAdvice *advice, const char *check, const DaClaim *claim)
{
    const DaRule *rule = da_profile_rule(advice->profile, check);
    if (!rule)
        return NULL;
    DaFinding *finding = da_rule_finding(rule, advice->subject);
    if (claim) {
        finding->page = g_strdup(claim->stem);
        finding->has_box = TRUE;
        finding->x_px = claim->x_px;
        finding->y_px = claim->y_px;
        finding->w_px = claim->w_px;
        finding->h_px = claim->h_px;
        da_finding_set(&finding->found, "%s", claim->text);
    }
    g_ptr_array_add(advice->findings, finding);
    return finding;
}

const DaPageDescription *da_advice_page(const DaAdvice *advice, const DaPage *side)
{
    for (guint i = 0; i < advice->sides->len; i++)
        if (advice->sides->pdata[i] == side)
            return advice->pages->pdata[i];
    return NULL;
}

const DaClaim *da_title_claim(const DaPageDescription *page)
{
    for (guint i = 0; page && i < page->claims->len; i++) {
        const DaClaim *claim = page->claims->pdata[i];
        if (claim->field == DA_CLAIM_TITLE)
            return claim;
    }
    return NULL;
}

/* --- dates ------------------------------------------------------------------------------------------------------------------ */

/* "1954-05-01 (1-1-001), 1954-05 (9-1-1-001)" */
static char *other_dates(const DaConflict *conflict, const DaConflictRow *except)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        if (row == except || row->standing == DA_CLAIM_UNREAD ||
            !da_date_compare(row->claim->date, except->claim->date))
            continue;
        g_autofree char *date = da_date_format(row->claim->date);
        g_string_append_printf(text, "%s%s (%s)", text->len ? ", " : "", date, row->claim->stem);
    }
    return g_string_free(text, FALSE);
}

static void advise_row(const DaAdvice *advice, const DaConflict *conflict, const DaConflictRow *row,
                       const char *check, const char *what, const char *what_zh)
{
    DaFinding *finding = da_advise(advice, check, row->claim);
    if (!finding)
        return;
    g_autofree char *date = da_date_format(row->claim->date);
    g_autofree char *others = other_dates(conflict, row);
    da_finding_set(&finding->found, "%s", date);
    da_finding_set(&finding->wanted, "%s", others);
    da_finding_set(&finding->message, "the %s on this form %s", da_field_name(conflict->field),
                   what);
    da_finding_set(&finding->message_zh, "该表所载%s%s", da_field_label_zh(conflict->field),
                   what_zh);
}

static void advise_difference(const DaAdvice *advice, const DaConflict *conflict)
{
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        if (row->standing == DA_CLAIM_DIFFERS) {
            advise_row(advice, conflict, row, "date-month",
                       "differs from other forms in month or day", "与其他表格的月、日不同");
            return;
        }
    }
}

static gboolean is_compared_with_list(const DaAdvice *advice, DaField field)
{
    const DaRule *rule = da_profile_rule(advice->profile, "date-of-list");
    const char *fields = rule ? da_rule_text(rule, "fields") : NULL;
    g_auto(GStrv) names = g_strsplit_set(fields ? fields : "", " \t\r\n", -1);
    return g_strv_contains((const char *const *)names, da_field_name(field));
}

/* The first form whose year is not the list's; one that also stands against the other forms has its finding already. */
static void advise_against_list(const DaAdvice *advice, const DaConflict *conflict)
{
    DaDate listed = {0};
    if (!conflict->listed || !is_compared_with_list(advice, conflict->field) ||
        !da_date_parse(conflict->listed, &listed, NULL) || !listed.year)
        return;
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        if (row->standing == DA_CLAIM_UNREAD || row->standing == DA_CLAIM_CONFLICTS ||
            row->claim->date.year == listed.year)
            continue;
        DaFinding *finding = da_advise(advice, "date-of-list", row->claim);
        g_autofree char *date = da_date_format(row->claim->date);
        if (!finding)
            return;
        da_finding_set(&finding->found, "%s", date);
        da_finding_set(&finding->wanted, "%s", conflict->listed);
        da_finding_set(&finding->message, "the %s on this form is not that of the handover list",
                       da_field_name(conflict->field));
        da_finding_set(&finding->message_zh, "该表所载%s与移交清单不同",
                       da_field_label_zh(conflict->field));
        return;
    }
}

void da_advise_dates(const DaAdvice *advice)
{
    g_autoptr(GPtrArray) conflicts = da_conflicts_find(advice->dossier, advice->profile);
    for (guint i = 0; i < conflicts->len; i++) {
        const DaConflict *conflict = conflicts->pdata[i];
        for (guint k = 0; k < conflict->rows->len; k++) {
            const DaConflictRow *row = conflict->rows->pdata[k];
            if (row->standing == DA_CLAIM_CONFLICTS)
                advise_row(advice, conflict, row, "date-conflict",
                           "conflicts with other forms in the year", "与其他表格的年份不一致");
        }
        advise_difference(advice, conflict);
        advise_against_list(advice, conflict);
    }
}

/* --- titles ------------------------------------------------------------------------------------------------------------------ */

static gboolean is_sure(const DaAdvice *advice, const DaPageDescription *page)
{
    const DaRule *rule = da_profile_rule(advice->profile, "title-on-page");
    double wanted = 0;
    if (rule)
        da_rule_number(rule, "confidence", &wanted, NULL);
    return page->form && !(page->title_confidence < wanted);
}

static void advise_title(const DaAdvice *advice, const DaMaterial *material,
                         const DaPageDescription *page, gboolean first)
{
    DaFinding *finding = da_advise(advice, "title-on-page", da_title_claim(page));
    if (!finding)
        return;
    finding->row = material->row;
    da_finding_set(&finding->wanted, "%s", material->title);
    da_finding_set(&finding->message,
                   first ? "the form on the page is not the one that the catalogue names"
                         : "another form begins in the middle of the material");
    da_finding_set(&finding->message_zh,
                   first ? "页上表格与目录所列材料不符" : "材料中间另起一份表格");
}

static gboolean is_same(const DaFormKind *one, const DaFormKind *other)
{
    return one && other && !strcmp(one->name, other->name);
}

/* The kind of form of each other material: a page of such a kind stands in the wrong material. */
static gboolean is_form_of_another(const DaAdvice *advice, const DaMaterial *material,
                                   const DaFormKind *form)
{
    for (guint i = 0; i < advice->dossier->materials->len; i++) {
        const DaMaterial *other = advice->dossier->materials->pdata[i];
        if (other != material && is_same(da_describe_title(advice->profile, other->title), form))
            return TRUE;
    }
    return FALSE;
}

/* A booklet has headings inside; only a title that is as the profile writes it, and of another material, speaks against its place. */
static void look_at_pages(const DaAdvice *advice, const DaMaterial *material,
                          const DaFormKind *wanted)
{
    gboolean first = TRUE;
    for (guint p = 0; p < material->pages->len; p++) {
        const DaPage *side = material->pages->pdata[p];
        const DaPageDescription *page = side->blank ? NULL : da_advice_page(advice, side);
        if (side->blank)
            continue;
        if (page && is_sure(advice, page) && !is_same(page->form, wanted) &&
            (first || (!page->title_damaged && is_form_of_another(advice, material, page->form))))
            advise_title(advice, material, page, first);
        first = FALSE;
    }
}

static void look_at_class(const DaAdvice *advice, const DaMaterial *material,
                          const DaFormKind *form)
{
    const char *scheme = advice->dossier->scheme;
    const char *usual = scheme ? g_hash_table_lookup(form->classes, scheme) : NULL;
    if (!usual || !strcmp(usual, material->class_code))
        return;
    DaFinding *finding = da_advise(advice, "class-of-title", NULL);
    if (!finding)
        return;
    finding->row = material->row;
    da_finding_set(&finding->found, "%s %s", material->class_code, material->title);
    da_finding_set(&finding->wanted, "%s", usual);
    da_finding_set(&finding->message, "a material of this title usually stands in class %s, not %s",
                   usual, material->class_code);
    da_finding_set(&finding->message_zh, "此类材料通常归入 %s，目录归入 %s", usual,
                   material->class_code);
}

void da_advise_titles(const DaAdvice *advice)
{
    for (guint i = 0; i < advice->dossier->materials->len; i++) {
        const DaMaterial *material = advice->dossier->materials->pdata[i];
        const DaFormKind *form = da_describe_title(advice->profile, material->title);
        if (!form)
            continue;
        look_at_class(advice, material, form);
        look_at_pages(advice, material, form);
    }
}

/* --- expected materials -------------------------------------------------------------------------------------------------------- */

static gboolean has_form(const DaAdvice *advice, const DaExpected *expected)
{
    for (guint i = 0; i < advice->dossier->materials->len; i++) {
        const DaMaterial *material = advice->dossier->materials->pdata[i];
        const DaFormKind *form = da_describe_title(advice->profile, material->title);
        for (guint k = 0; form && k < expected->forms->len; k++)
            if (!strcmp(form->name, expected->forms->pdata[k]))
                return TRUE;
    }
    /* It may lie in the dossier under another title. */
    for (guint i = 0; i < advice->pages->len; i++) {
        const DaPageDescription *page = advice->pages->pdata[i];
        for (guint k = 0; page && page->form && k < expected->forms->len; k++)
            if (!strcmp(page->form->name, expected->forms->pdata[k]))
                return TRUE;
    }
    return FALSE;
}

static gboolean is_known(const DaAdvice *advice, DaField field)
{
    if (field == DA_FIELD_N || da_dossier_get(advice->dossier, field))
        return TRUE;
    for (guint i = 0; i < advice->dossier->claims->len; i++) {
        const DaClaim *claim = advice->dossier->claims->pdata[i];
        if (claim->field == field && !claim->doubtful)
            return TRUE;
    }
    return FALSE;
}

void da_advise_expected(const DaAdvice *advice)
{
    const GPtrArray *list = advice->profile->forms->expected;
    for (guint i = 0; i < list->len; i++) {
        const DaExpected *expected = list->pdata[i];
        if (!is_known(advice, expected->when) || has_form(advice, expected))
            continue;
        DaFinding *finding = da_advise(advice, "expected-materials", NULL);
        if (!finding)
            return;
        finding->severity = expected->severity;
        da_finding_set(&finding->wanted, "%s", expected->title);
        da_finding_set(&finding->message, "the dossier has no material of the kind '%s'",
                       expected->title);
        da_finding_set(&finding->message_zh, "案卷缺少材料：%s", expected->title);
    }
}

void da_describe_findings(const DaDossier *dossier, const GPtrArray *pages, const GPtrArray *sides,
                          const DaProfile *profile, const char *subject, GPtrArray *findings)
{
    const DaAdvice advice = {.dossier = dossier,
                             .pages = pages,
                             .sides = sides,
                             .profile = profile,
                             .subject = subject,
                             .findings = findings};
    da_advise_persons(&advice);
    da_advise_dates(&advice);
    da_advise_titles(&advice);
    da_advise_expected(&advice);
}
