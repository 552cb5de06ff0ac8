#include "profile_nature.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <string.h>

static void item_free(gpointer data)
{
    DaNatureItem *item = data;
    g_free(item->code);
    g_free(item->title);
    g_free(item->title_zh);
    g_free(item);
}

void da_profile_nature_free(gpointer data)
{
    DaNature *nature = data;
    g_free(nature->name);
    g_free(nature->title);
    g_free(nature->title_zh);
    g_ptr_array_unref(nature->items);
    g_free(nature);
}

static DaNatureItem *read_item(const xmlNode *node)
{
    DaNatureItem *item = g_new0(DaNatureItem, 1);
    item->code = da_xmlin_attribute(node, "code");
    item->title = da_xmlin_attribute(node, "title");
    item->title_zh = da_xmlin_attribute(node, "title-zh");
    return item;
}

DaNature *da_profile_nature_read(const xmlNode *node)
{
    DaNature *nature = g_new0(DaNature, 1);
    nature->name = da_xmlin_attribute(node, "name");
    nature->title = da_xmlin_attribute(node, "title");
    nature->title_zh = da_xmlin_attribute(node, "title-zh");
    nature->items = g_ptr_array_new_with_free_func(item_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(nature->items, read_item(child));
    return nature;
}

static const DaNature *nature_of(const DaProfile *profile, const char *code, guint *times)
{
    const DaNature *found = NULL;
    *times = 0;
    for (guint i = 0; i < profile->natures->len; i++) {
        const DaNature *nature = profile->natures->pdata[i];
        for (guint k = 0; k < nature->items->len; k++) {
            if (strcmp(((const DaNatureItem *)nature->items->pdata[k])->code, code))
                continue;
            found = nature;
            (*times)++;
        }
    }
    return found;
}

const DaNature *da_profile_nature(const DaProfile *profile, const DaRule *rule)
{
    guint times = 0;
    return rule->item ? nature_of(profile, rule->item, &times) : NULL;
}

gboolean da_profile_nature_look_at(const DaProfile *profile, GError **error)
{
    guint times = 0;
    for (guint i = 0; i < profile->natures->len; i++) {
        const DaNature *nature = profile->natures->pdata[i];
        for (guint k = 0; k < nature->items->len; k++) {
            const char *code = ((const DaNatureItem *)nature->items->pdata[k])->code;
            if (nature_of(profile, code, &times) && times > 1)
                return da_error_set(error, DA_ERROR_INPUT, "item %s of the natures stands twice",
                                    code);
        }
    }
    for (guint i = 0; profile->natures->len && i < profile->rules->len; i++) {
        const DaRule *rule = profile->rules->pdata[i];
        if (rule->item && !nature_of(profile, rule->item, &times))
            return da_error_set(error, DA_ERROR_INPUT, "rule %s: no nature has the item %s",
                                rule->id, rule->item);
    }
    return TRUE;
}
