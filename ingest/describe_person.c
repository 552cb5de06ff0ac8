/* Pages of another person: the ID number or the name on the page is not that of the dossier. */
#include "describe_parts.h"

#include <dangan/identity.h>
#include <string.h>

#define STANDARD_CONFIDENCE 0.8

/* --- ID numbers ------------------------------------------------------------------------------------------------------------- */

/* Characters that differ at their places. */
static guint different(const char *a, const char *b)
{
    guint n = 0;
    for (; *a && *b; a++, b++)
        n += *a != *b;
    return n + (guint)strlen(a) + (guint)strlen(b);
}

/* The check digit finds one damaged digit, not always two or three; numbers of two persons differ in more. */
#define ID_DAMAGES 3u

static gboolean is_other_id(const DaAdvice *advice, const DaClaim *claim)
{
    const char *own = da_dossier_get(advice->dossier, DA_FIELD_ID_NUMBER);
    return own && !claim->doubtful && da_id_number_check(claim->text) == DA_IDENTITY_OK &&
           da_id_number_check(own) == DA_IDENTITY_OK && different(own, claim->text) > ID_DAMAGES;
}

static gboolean is_own_id(const DaAdvice *advice, const DaClaim *claim)
{
    const char *own = da_dossier_get(advice->dossier, DA_FIELD_ID_NUMBER);
    return own && different(own, claim->text) <= ID_DAMAGES;
}

/* --- names ----------------------------------------------------------------------------------------------------------------------- */

/* Insertions, losses and changes that make one text the other. */
static guint distance(const char *a, const char *b)
{
    glong n_long = 0, m_long = 0;
    g_autofree gunichar *s = g_utf8_to_ucs4_fast(a, -1, &n_long);
    g_autofree gunichar *t = g_utf8_to_ucs4_fast(b, -1, &m_long);
    guint n = (guint)n_long, m = (guint)m_long;
    g_autofree guint *line = g_new(guint, m + 1);
    for (guint j = 0; j <= m; j++)
        line[j] = j;
    for (guint i = 1; i <= n; i++) {
        guint corner = line[0];
        line[0] = i;
        for (guint j = 1; j <= m; j++) {
            guint change = corner + (s[i - 1] != t[j - 1]);
            corner = line[j];
            line[j] = MIN(change, MIN(line[j], line[j - 1]) + 1);
        }
    }
    return line[m];
}

static guint length_of(const char *text)
{
    return (guint)g_utf8_strlen(text, -1);
}

/* How far the name on a page is from the nearest name of the person: list, former names of the list and of the forms. A name without its
 * surname (海瑞 for 王海瑞) is near. G_MAXUINT = no name is known. */
static guint distance_to_person(const DaAdvice *advice, const char *name)
{
    const DaDossier *dossier = advice->dossier;
    guint nearest = G_MAXUINT;
    const char *own = da_dossier_get(dossier, DA_FIELD_NAME);
    const char *former = da_dossier_get(dossier, DA_FIELD_FORMER_NAME);
    if (own)
        nearest = MIN(nearest, distance(own, name));
    if (former)
        nearest = MIN(nearest, distance(former, name));
    for (guint i = 0; own && i < dossier->claims->len; i++) {
        const DaClaim *claim = dossier->claims->pdata[i];
        if (claim->field != DA_FIELD_FORMER_NAME)
            continue;
        g_autofree char *surname = g_utf8_substring(own, 0, 1);
        g_autofree char *whole = g_strconcat(surname, claim->text, NULL);
        nearest = MIN(nearest, MIN(distance(claim->text, name), distance(whole, name)));
    }
    return nearest;
}

static double wanted_confidence(const DaAdvice *advice)
{
    const DaRule *rule = da_profile_rule(advice->profile, "person-on-page");
    double wanted = STANDARD_CONFIDENCE;
    return rule && da_rule_number(rule, "confidence", &wanted, NULL) ? wanted : STANDARD_CONFIDENCE;
}

static gboolean shares_a_character(const char *own, const char *name)
{
    for (const char *p = name; *p; p = g_utf8_next_char(p))
        if (g_utf8_strchr(own, -1, g_utf8_get_char(p)))
            return TRUE;
    return FALSE;
}

/* The birth on the page agrees with the dossier's to the month: a misread name, not another person. */
static gboolean birth_agrees(const DaAdvice *advice, const DaPageDescription *page)
{
    DaDate own = {0};
    const char *text = da_dossier_get(advice->dossier, DA_FIELD_BIRTH);
    if (!text || !da_date_parse(text, &own, NULL))
        return FALSE;
    for (guint i = 0; i < page->claims->len; i++) {
        const DaClaim *claim = page->claims->pdata[i];
        if (claim->field == DA_FIELD_BIRTH && claim->date.year && own.year == claim->date.year &&
            (!claim->date.month || claim->date.month == own.month))
            return TRUE;
    }
    return FALSE;
}

/* One damaged character is borne in any name; of three and more also two, where the rest agrees. */
static gboolean is_other_name(const DaAdvice *advice, const DaPageDescription *page,
                              const DaClaim *claim)
{
    const char *own = da_dossier_get(advice->dossier, DA_FIELD_NAME);
    guint far = distance_to_person(advice, claim->text);
    if (!own || far == G_MAXUINT || far <= 1 || claim->confidence < wanted_confidence(advice))
        return FALSE;
    if (!shares_a_character(own, claim->text))
        return !(birth_agrees(advice, page) && length_of(claim->text) <= 2);
    return !birth_agrees(advice, page) && far >= 2;
}

/* --- pages ------------------------------------------------------------------------------------------------------------------------ */

static void advise(const DaAdvice *advice, const DaClaim *claim, DaField field)
{
    DaFinding *finding = da_advise(advice, "person-on-page", claim);
    if (!finding)
        return;
    const char *own = da_dossier_get(advice->dossier, field);
    da_finding_set(&finding->wanted, "%s", own);
    da_finding_set(&finding->message, "the %s on the page is not that of the dossier",
                   da_field_name(field));
    da_finding_set(&finding->message_zh, "页上%s与本卷不符", da_field_label_zh(field));
}

/* The number decides where there is one. A page with several names (of a list, a letter) is about the dossier's person when one of
 * them is. */
static void look_at(const DaAdvice *advice, const DaPageDescription *page)
{
    const DaClaim *other = NULL;
    gboolean own = FALSE;
    for (guint i = 0; i < page->claims->len; i++) {
        const DaClaim *claim = page->claims->pdata[i];
        if (claim->field == DA_FIELD_ID_NUMBER && is_own_id(advice, claim))
            return;
        if (claim->field == DA_FIELD_ID_NUMBER && is_other_id(advice, claim)) {
            advise(advice, claim, DA_FIELD_ID_NUMBER);
            return;
        }
        if (claim->field != DA_FIELD_NAME)
            continue;
        if (is_other_name(advice, page, claim))
            other = other ? other : claim;
        else
            own = TRUE;
    }
    if (other && !own)
        advise(advice, other, DA_FIELD_NAME);
}

void da_advise_persons(const DaAdvice *advice)
{
    for (guint i = 0; i < advice->pages->len; i++)
        if (advice->pages->pdata[i])
            look_at(advice, advice->pages->pdata[i]);
}
