/* The catalogue of rules: what a profile asks, as text for a terminal and as JSON. */
#include "check.h"

#include <string.h>

static void put(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_string(text));
}

static gint compare_text(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

/* Blanks of a parameter are layout of the file. */
static json_t *parameters_json(const DaRule *rule)
{
    json_t *object = json_object();
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(rule->parameters), compare_text);
    for (const GList *item = names; item; item = item->next) {
        const char *text = g_hash_table_lookup(rule->parameters, item->data);
        g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);
        g_autoptr(GString) plain = g_string_new(NULL);
        for (guint i = 0; parts[i]; i++)
            if (*parts[i])
                g_string_append_printf(plain, "%s%s", plain->len ? " " : "", parts[i]);
        put(object, item->data, plain->str);
    }
    return object;
}

static json_t *rule_json(const DaRule *rule)
{
    json_t *object = json_object();
    put(object, "id", rule->id);
    put(object, "check", rule->check);
    put(object, "severity", da_severity_name(rule->severity));
    put(object, "mode", rule->mode);
    put(object, "scope", rule->scope);
    put(object, "item", rule->item);
    put(object, "title", rule->title);
    put(object, "title_zh", rule->title_zh);
    put(object, "clause", rule->clause);
    put(object, "source", rule->source);
    put(object, "mend", rule->mend);
    put(object, "mend_zh", rule->mend_zh);
    json_object_set_new(object, "parameters", parameters_json(rule));
    return object;
}

json_t *da_verify_rules_json(const DaProfile *profile)
{
    json_t *object = json_object();
    json_t *rules = json_array();
    put(object, "profile", profile->name);
    put(object, "version", profile->version);
    put(object, "title", profile->title);
    put(object, "title_zh", profile->title_zh);
    for (guint i = 0; i < profile->rules->len; i++)
        json_array_append_new(rules, rule_json(profile->rules->pdata[i]));
    json_object_set_new(object, "rules", rules);
    return object;
}

char *da_verify_rules_text(const DaProfile *profile, gboolean chinese)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < profile->rules->len; i++) {
        const DaRule *rule = profile->rules->pdata[i];
        g_string_append_printf(text, "%-9s %-8s %-10s %-9s %s", rule->id,
                               da_severity_name(rule->severity), rule->mode, rule->scope,
                               chinese ? rule->title_zh : rule->title);
        if (rule->clause)
            g_string_append_printf(text, " [%s]", rule->clause);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
