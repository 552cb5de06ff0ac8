/* What is recognized on a page beside what the catalogue says. Recognition errs, so that only pages that were read well are asked, and a
 * person decides. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/identity.h>
#include <math.h>
#include <string.h>

typedef struct {
    double confidence, similarity;
    gint64 least;
} Reading;

static gboolean read_parameters(const DaCheckRun *run, Reading *reading, GError **error)
{
    return da_check_needs_dossier(run, error) &&
           da_rule_number(run->rule, "page-confidence", &reading->confidence, error) &&
           da_rule_number(run->rule, "similarity", &reading->similarity, error) &&
           da_rule_integer(run->rule, "min-characters", &reading->least, error);
}

/* The facts of a page's text, where it was read well enough and has enough of it; else NULL. */
static const DaFileFacts *text_of(const DaCheckRun *run, const DaPage *page, const Reading *reading)
{
    const DaEntry *entry = da_subject_page_file(run->subject, page, DA_FILE_OCR);
    if (!entry || page->blank || !entry->facts.text || isnan(entry->facts.text_confidence) ||
        entry->facts.text_confidence < reading->confidence ||
        g_utf8_strlen(entry->facts.text, -1) < reading->least)
        return NULL;
    return &entry->facts;
}

/* The share of the pairs of neighbouring characters of `wanted` that stand in `text`; 1 where it has fewer than two. */
static double similarity(const char *wanted, const char *text)
{
    guint pairs = 0, found = 0;
    for (const char *p = wanted; *p; p = g_utf8_next_char(p)) {
        const char *second = g_utf8_next_char(p);
        if (!*second)
            break;
        g_autofree char *pair = g_strndup(p, (gsize)(g_utf8_next_char(second) - p));
        pairs++;
        found += strstr(text, pair) != NULL;
    }
    return pairs ? (double)found / pairs : 1;
}

static char *without_blanks(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (!g_unichar_isspace(g_utf8_get_char(p)))
            g_string_append_unichar(plain, g_utf8_get_char(p));
    return g_string_free(plain, FALSE);
}

/* --- CAT-011 ------------------------------------------------------------------------------------------------------------ */

/* The first page of a material says what it is. A title that the archivist gave (自拟) stands nowhere, so that one page in a dossier is
 * nothing strange: the page is only asked when another material of the dossier names it better. */
static void compare_title(DaCheckRun *run, const DaMaterial *material, const Reading *reading)
{
    const DaPage *page = material->pages->len ? material->pages->pdata[0] : NULL;
    const DaFileFacts *facts = page ? text_of(run, page, reading) : NULL;
    if (!facts)
        return;
    g_autofree char *title = without_blanks(material->title ? material->title : "");
    double own = similarity(title, facts->text), best = 0;
    const DaMaterial *better = NULL;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint i = 0; i < materials->len && own < reading->similarity; i++) {
        const DaMaterial *other = materials->pdata[i];
        g_autofree char *name = without_blanks(other->title ? other->title : "");
        double share = g_utf8_strlen(name, -1) >= 4 ? similarity(name, facts->head) : 0;
        if (share > best) {
            best = share;
            better = other;
        }
    }
    if (!better || best < 1 - reading->similarity / 2)
        return;
    DaFinding *finding =
        da_check_add_material(run, material, "the page bears the title of another material",
                              "首页题名与目录不符，与另一件相符");
    da_finding_set(&finding->found, "%s", better->title);
    da_finding_set(&finding->wanted, "%s", material->title);
}

gboolean da_check_title_on_page(DaCheckRun *run, GError **error)
{
    Reading reading;
    if (!read_parameters(run, &reading, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint i = 0; i < materials->len; i++)
        compare_title(run, materials->pdata[i], &reading);
    return TRUE;
}

/* --- CAT-012 ------------------------------------------------------------------------------------------------------------ */

/* 18 characters that are an ID number of somebody else; the caller owns it. */
static char *other_number(const char *text, const char *own)
{
    for (const char *p = text; (p = strpbrk(p, "123456789")); p++) {
        gsize digits = strspn(p, "0123456789");
        g_autofree char *number = digits >= 17 ? g_strndup(p, 18) : NULL;
        if (number && strlen(number) == 18 && da_id_number_check(number) == DA_IDENTITY_OK &&
            g_strcmp0(number, own))
            return g_steal_pointer(&number);
        if (digits > 1)
            p += digits - 1;
    }
    return NULL;
}

/* The name behind 姓名, where a whole one can be told: up to the next label. NULL = none. */
static char *labelled_name(const char *text)
{
    const char *at = strstr(text, "姓名");
    if (!at)
        return NULL;
    at += strlen("姓名");
    at += strspn(at, ":");
    if (g_str_has_prefix(at, "：")) /* a full-width colon has three bytes */
        at += strlen("：");
    const char *end = strstr(at, "性别");
    glong length = end ? g_utf8_strlen(at, end - at) : 0;
    return length >= 2 && length <= 4 ? g_strndup(at, (gsize)(end - at)) : NULL;
}

static gboolean shares_a_character(const char *one, const char *other)
{
    for (const char *p = one; *p; p = g_utf8_next_char(p))
        if (g_utf8_strchr(other, -1, g_utf8_get_char(p)))
            return TRUE;
    return FALSE;
}

static void compare_person(DaCheckRun *run, const DaPage *page, const Reading *reading)
{
    const DaDossier *dossier = run->subject->dossier;
    const DaFileFacts *facts = text_of(run, page, reading);
    const char *name = da_dossier_get(dossier, DA_FIELD_NAME);
    const char *former = da_dossier_get(dossier, DA_FIELD_FORMER_NAME);
    const char *number = da_dossier_get(dossier, DA_FIELD_ID_NUMBER);
    /* A page that names the person anywhere is theirs, whoever else stands on it (relatives, witnesses). */
    if (!facts || !name || strstr(facts->text, name) || (former && strstr(facts->text, former)) ||
        (number && strstr(facts->text, number)))
        return;
    g_autofree char *other = other_number(facts->text, number);
    g_autofree char *labelled = other ? NULL : labelled_name(facts->text);
    /* One character read right is the person's name read badly. */
    if (!other && (!labelled || shares_a_character(labelled, name)))
        return;
    DaFinding *finding = da_check_add_page(run, page, NULL, "the page names another person",
                                           "页面上是另一人的姓名或身份号码");
    da_finding_set(&finding->found, "%s", other ? other : labelled);
    da_finding_set(&finding->wanted, "%s", other ? number : name);
}

gboolean da_check_person_on_page(DaCheckRun *run, GError **error)
{
    Reading reading;
    if (!read_parameters(run, &reading, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            compare_person(run, pages->pdata[p], &reading);
    }
    return TRUE;
}
