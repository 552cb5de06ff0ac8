#include "profile_list.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <string.h>

static void code_free(gpointer data)
{
    DaCode *code = data;
    g_free(code->text);
    g_free(code->code);
    g_strfreev(code->aliases);
    g_free(code);
}

void da_profile_list_free(gpointer data)
{
    DaCodeList *list = data;
    g_free(list->name);
    g_free(list->source);
    g_ptr_array_unref(list->codes);
    g_free(list);
}

static DaCode *read_code(const xmlNode *node)
{
    DaCode *code = g_new0(DaCode, 1);
    g_autofree char *aliases = da_xmlin_attribute(node, "aliases");
    code->text = da_xmlin_text(node);
    code->code = da_xmlin_attribute(node, "code");
    code->aliases = g_strsplit(aliases ? aliases : "", " ", -1);
    return code;
}

DaCodeList *da_profile_list_read(const xmlNode *node)
{
    DaCodeList *list = g_new0(DaCodeList, 1);
    list->name = da_xmlin_attribute(node, "name");
    list->source = da_xmlin_attribute(node, "source");
    list->codes = g_ptr_array_new_with_free_func(code_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(list->codes, read_code(child));
    return list;
}

static gboolean look_at_text(GHashTable *seen, const DaCodeList *list, const char *text,
                             GError **error)
{
    return !*text || g_hash_table_add(seen, (gpointer)text) ||
           da_error_set(error, DA_ERROR_INPUT, "code list '%s': '%s' stands twice", list->name,
                        text);
}

gboolean da_profile_list_look_at(const DaCodeList *list, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < list->codes->len; i++) {
        const DaCode *code = list->codes->pdata[i];
        if (!look_at_text(seen, list, code->text, error))
            return FALSE;
        for (guint k = 0; code->aliases[k]; k++)
            if (!look_at_text(seen, list, code->aliases[k], error))
                return FALSE;
    }
    return TRUE;
}

const DaCodeList *da_profile_list(const DaProfile *profile, const char *name)
{
    for (guint i = 0; i < profile->lists->len; i++) {
        const DaCodeList *list = profile->lists->pdata[i];
        if (!strcmp(list->name, name))
            return list;
    }
    return NULL;
}

const DaCode *da_code_list_find(const DaCodeList *list, const char *text)
{
    for (guint i = 0; i < list->codes->len; i++) {
        const DaCode *code = list->codes->pdata[i];
        if (!strcmp(code->text, text) || !g_strcmp0(code->code, text) ||
            g_strv_contains((const char *const *)code->aliases, text))
            return code;
    }
    return NULL;
}
