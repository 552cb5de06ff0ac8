#include "profile_class.h"
#include "profile_forms.h"

#include <dangan/error.h>
#include <dangan/profile.h>
#include <math.h>
#include <string.h>

/* --- free ------------------------------------------------------------------------------------------------------------ */

static void rule_clear(DaRule *rule)
{
    g_free(rule->id);
    g_free(rule->check);
    g_free(rule->clause);
    g_free(rule->source);
    g_free(rule->mode);
    g_free(rule->scope);
    g_free(rule->item);
    g_free(rule->profile);
    g_free(rule->title);
    g_free(rule->title_zh);
    g_free(rule->mend);
    g_free(rule->mend_zh);
    g_hash_table_unref(rule->parameters);
}

void da_profile_rule_free(gpointer data)
{
    rule_clear(data);
    g_free(data);
}

void da_profile_class_free(gpointer data)
{
    DaClass *class = data;
    g_free(class->code);
    g_free(class->printed);
    g_free(class->name);
    g_ptr_array_unref(class->aliases);
    g_free(class);
}

void da_profile_scheme_free(gpointer data)
{
    DaScheme *scheme = data;
    g_free(scheme->name);
    g_free(scheme->title);
    g_ptr_array_unref(scheme->classes);
    g_free(scheme);
}

void da_profile_column_free(gpointer data)
{
    DaColumn *column = data;
    g_free(column->header);
    g_free(column->field);
    g_ptr_array_unref(column->aliases);
    g_free(column);
}

static void form_free(DaListForm *form)
{
    if (!form)
        return;
    g_free(form->file);
    g_free(form->title);
    g_ptr_array_unref(form->columns);
    g_free(form);
}

void da_profile_free(DaProfile *profile)
{
    if (!profile)
        return;
    g_free(profile->name);
    g_free(profile->version);
    g_free(profile->title);
    g_free(profile->title_zh);
    g_ptr_array_unref(profile->schemes);
    form_free(profile->handover);
    form_free(profile->catalogue);
    g_ptr_array_unref(profile->lists);
    g_ptr_array_unref(profile->natures);
    da_profile_forms_free(profile->forms);
    g_ptr_array_unref(profile->rules);
    g_bytes_unref(profile->xml);
    g_free(profile);
}

const DaFormKind *da_profile_form(const DaProfile *profile, const char *name)
{
    for (guint i = 0; i < profile->forms->forms->len; i++) {
        const DaFormKind *form = profile->forms->forms->pdata[i];
        if (!strcmp(form->name, name))
            return form;
    }
    return NULL;
}

/* --- schemes ----------------------------------------------------------------------------------------------------------- */

const DaScheme *da_profile_scheme(const DaProfile *profile, const char *name)
{
    for (guint i = 0; i < profile->schemes->len; i++) {
        const DaScheme *scheme = profile->schemes->pdata[i];
        if (!name || !strcmp(scheme->name, name))
            return scheme;
    }
    return NULL;
}

static gboolean folds_to(const char *form, const char *folded)
{
    g_autofree char *other = da_class_fold(form);
    return !strcmp(other, folded);
}

static gboolean class_is(const DaClass *class, const char *folded)
{
    if (folds_to(class->code, folded) || folds_to(class->printed, folded))
        return TRUE;
    for (guint i = 0; i < class->aliases->len; i++)
        if (folds_to(class->aliases->pdata[i], folded))
            return TRUE;
    return FALSE;
}

const DaClass *da_scheme_class(const DaScheme *scheme, const char *text)
{
    g_autofree char *folded = da_class_fold(text);
    for (guint i = 0; *folded && i < scheme->classes->len; i++)
        if (class_is(scheme->classes->pdata[i], folded))
            return scheme->classes->pdata[i];
    return NULL;
}

/* --- rules --------------------------------------------------------------------------------------------------------------- */

const DaRule *da_profile_rule(const DaProfile *profile, const char *id)
{
    for (guint i = 0; i < profile->rules->len; i++) {
        const DaRule *rule = profile->rules->pdata[i];
        if (!strcmp(rule->id, id) || !strcmp(rule->check, id))
            return rule;
    }
    return NULL;
}

const char *da_rule_text(const DaRule *rule, const char *parameter)
{
    return g_hash_table_lookup(rule->parameters, parameter);
}

/* The parameter without blanks around it; NULL with the error when there is none. */
static char *parameter_of(const DaRule *rule, const char *parameter, GError **error)
{
    const char *text = da_rule_text(rule, parameter);
    if (!text)
        da_error_set(error, DA_ERROR_INPUT, "profile '%s': rule %s has no parameter '%s'",
                     rule->profile, rule->id, parameter);
    return text ? g_strstrip(g_strdup(text)) : NULL;
}

static gboolean malformed(const DaRule *rule, const char *parameter, const char *text,
                          const char *wanted, GError **error)
{
    return da_error_set(error, DA_ERROR_INPUT,
                        "profile '%s': rule %s: parameter '%s' is '%s', wanted is %s",
                        rule->profile, rule->id, parameter, text, wanted);
}

gboolean da_rule_integer(const DaRule *rule, const char *parameter, gint64 *value, GError **error)
{
    g_autofree char *text = parameter_of(rule, parameter, error);
    if (!text)
        return FALSE;
    if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, value, NULL))
        return malformed(rule, parameter, text, "a whole number", error);
    return TRUE;
}

gboolean da_rule_number(const DaRule *rule, const char *parameter, double *value, GError **error)
{
    g_autofree char *text = parameter_of(rule, parameter, error);
    if (!text)
        return FALSE;
    char *end = NULL;
    /* strtod would also take "inf", "nan" and hexadecimal */
    gboolean decimal = *text && text[strspn(text, "0123456789+-.eE")] == '\0';
    *value = g_ascii_strtod(text, &end);
    if (!decimal || end == text || *end || !isfinite(*value))
        return malformed(rule, parameter, text, "a number", error);
    return TRUE;
}

DaFinding *da_rule_finding(const DaRule *rule, const char *subject)
{
    DaFinding *finding = da_finding_new(rule->id, rule->severity, subject);
    finding->clause = g_strdup(rule->clause);
    finding->screened = !strcmp(rule->mode, "screened");
    finding->message = g_strdup(rule->title);
    finding->message_zh = g_strdup(rule->title_zh);
    finding->mend = g_strdup(rule->mend);
    finding->mend_zh = g_strdup(rule->mend_zh);
    return finding;
}
