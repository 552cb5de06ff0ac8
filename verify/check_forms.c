/* Titles of the catalogue against the profile's book of forms: where a form belongs, and which every dossier should hold. Habits differ, so
 * that a person looks. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>

/* Without blanks and brackets, which titles are written with and without. */
static char *plain(const char *title)
{
    GString *text = g_string_new(NULL);
    for (const char *p = title ? title : ""; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!g_unichar_isspace(c) && !g_unichar_ispunct(c))
            g_string_append_unichar(text, c);
    }
    return g_string_free(text, FALSE);
}

/* Characters of a written title, which may hold `*`; the longer, the surer. */
static gsize weight(const char *written)
{
    gsize n = 0;
    for (const char *p = written; *p; p = g_utf8_next_char(p))
        n += *p != '*';
    return n;
}

/* The kind of form whose written title fits best; NULL = none. */
static const DaFormKind *form_of(const DaFormBook *book, const char *title)
{
    g_autofree char *text = plain(title);
    const DaFormKind *best = NULL;
    gsize most = 0;
    for (guint i = 0; i < book->forms->len; i++) {
        const DaFormKind *form = book->forms->pdata[i];
        for (guint k = 0; k < form->titles->len; k++) {
            const char *written = form->titles->pdata[k];
            gsize characters = weight(written);
            if (characters > most && g_pattern_match_simple(written, text)) {
                best = form;
                most = characters;
            }
        }
    }
    return best;
}

static gboolean needs_forms(const DaCheckRun *run, GError **error)
{
    return da_check_needs_dossier(run, error) &&
           (run->subject->profile->forms->forms->len ||
            da_error_set(error, DA_ERROR_INPUT, "profile '%s' has no part 'forms'",
                         run->subject->profile->name));
}

gboolean da_check_class_of_title(DaCheckRun *run, GError **error)
{
    if (!needs_forms(run, error))
        return FALSE;
    const DaDossier *dossier = run->subject->dossier;
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = dossier->materials->pdata[i];
        const DaFormKind *form = form_of(run->subject->profile->forms, material->title);
        const char *usual =
            form && dossier->scheme ? g_hash_table_lookup(form->classes, dossier->scheme) : NULL;
        if (!usual || !strcmp(usual, material->class_code))
            continue;
        DaFinding *finding = da_check_add_material(
            run, material, "a material of this title usually stands in another class",
            "此类材料通常归入另一类");
        da_finding_set(&finding->found, "%s %s", material->class_code, material->title);
        da_finding_set(&finding->wanted, "%s", usual);
    }
    return TRUE;
}

static gboolean holds(const DaCheckRun *run, const DaExpected *expected)
{
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = materials->pdata[i];
        const DaFormKind *form = form_of(run->subject->profile->forms, material->title);
        for (guint k = 0; form && k < expected->forms->len; k++)
            if (!strcmp(form->name, expected->forms->pdata[k]))
                return TRUE;
    }
    return FALSE;
}

gboolean da_check_expected_materials(DaCheckRun *run, GError **error)
{
    if (!needs_forms(run, error))
        return FALSE;
    const GPtrArray *list = run->subject->profile->forms->expected;
    for (guint i = 0; i < list->len; i++) {
        const DaExpected *expected = list->pdata[i];
        if ((expected->when != DA_FIELD_N &&
             !da_dossier_get(run->subject->dossier, expected->when)) ||
            holds(run, expected))
            continue;
        DaFinding *finding = da_check_add(
            run, "dossier.xml", "a material that every dossier should have is not in the catalogue",
            "目录中缺少应有材料");
        finding->severity = MIN(finding->severity, expected->severity);
        da_finding_set(&finding->wanted, "%s", expected->title);
    }
    return TRUE;
}
