/* What is asked of what was drawn, and of what is suspected. */
#include "sample.h"

#include <dangan/digest.h>
#include <string.h>

/* Enough of a digest that no two rows of a delivery share it; the letter keeps spreadsheets from taking it for a number. */
#define KEY_DIGITS 15

void da_sample_item_free(gpointer data)
{
    DaSampleItem *item = data;
    g_free(item->key);
    g_free(item->place);
    g_free(item->remark);
    g_free(item->who);
    g_free(item->when);
    g_free(item);
}

DaLookAt da_sample_look_at(const DaRule *rule)
{
    static const char *const names[] = {"", "page", "material", "dossier", "delivery"};
    const char *text = da_rule_text(rule, "look-at");
    for (guint i = DA_LOOK_PAGE; text && i < G_N_ELEMENTS(names); i++)
        if (!strcmp(text, names[i]) && !strcmp(rule->mode, "sampled"))
            return (DaLookAt)i;
    return DA_LOOK_NOWHERE;
}

typedef struct {
    DaSample *sample;
    GHashTable *known; /* key → DaSampleItem * of the items before */
    GHashTable *keys;  /* of the items made now */
} Asking;

static char *key_of(const DaRule *rule, const DaVerification *package, const char *place)
{
    g_autofree char *identity = package ? da_sample_identity(package) : g_strdup("delivery");
    DaDigest digest = da_digest_key("item", identity, rule->id, place ? place : "", NULL);
    return g_strdup_printf("i%.*s", KEY_DIGITS, digest.hex);
}

/* Borrowed; NULL when this question has been asked: several suspicions of one rule on one page are one question. */
static DaSampleItem *ask(Asking *asking, const DaRule *rule, const DaVerification *package,
                         const char *place)
{
    char *key = key_of(rule, package, place);
    if (!g_hash_table_add(asking->keys, key))
        return NULL;
    DaSampleItem *item = g_new0(DaSampleItem, 1);
    const DaSampleItem *before = g_hash_table_lookup(asking->known, key);
    item->key = g_strdup(key);
    item->rule = rule;
    item->package = package;
    item->place = g_strdup(place);
    if (before) {
        item->judgement = before->judgement;
        item->remark = g_strdup(before->remark);
        item->who = g_strdup(before->who);
        item->when = g_strdup(before->when);
    }
    g_ptr_array_add(asking->sample->items, item);
    return item;
}

static void ask_all(Asking *asking, DaLookAt where, const DaVerification *package,
                    const char *place, const char *title)
{
    const GPtrArray *rules = asking->sample->draw->profile->rules;
    for (guint i = 0; i < rules->len; i++) {
        if (da_sample_look_at(rules->pdata[i]) != where)
            continue;
        DaSampleItem *item = ask(asking, rules->pdata[i], package, place);
        if (!item)
            continue;
        item->is_page = where == DA_LOOK_PAGE;
        item->title = title;
    }
}

static void ask_material(Asking *asking, const DaVerification *package, guint index)
{
    const DaVerifiedMaterial *material = package->materials->pdata[index];
    g_autofree char *place = g_strdup_printf("%s-%u", material->class_code, material->sequence);
    ask_all(asking, DA_LOOK_MATERIAL, package, place, material->title);
}

static void ask_page(Asking *asking, const DaVerification *package, guint index, guint side)
{
    const DaVerifiedMaterial *material = package->materials->pdata[index];
    g_autofree char *stem = da_page_stem(material->class_code, material->sequence, side);
    ask_all(asking, DA_LOOK_PAGE, package, stem, material->title);
}

static void ask_unit(Asking *asking, const DaUnit *unit)
{
    const DaVerification *package = unit->package;
    ask_all(asking, DA_LOOK_DOSSIER, package, NULL, NULL);
    if (unit->material >= 0) {
        ask_material(asking, package, (guint)unit->material);
        ask_page(asking, package, (guint)unit->material, unit->side);
        return;
    }
    for (guint m = 0; m < package->materials->len; m++) {
        const DaVerifiedMaterial *material = package->materials->pdata[m];
        ask_material(asking, package, m);
        for (guint side = 1; side <= material->sides; side++)
            ask_page(asking, package, m, side);
    }
}

/* --- suspicions -------------------------------------------------------------------------------------------------------------- */

static gboolean is_asked(const DaProfile *profile, DaSeverity severity)
{
    const DaRule *rule = da_profile_rule(profile, "accept-screened");
    const char *text = rule ? da_rule_text(rule, "from-severity") : NULL;
    DaSeverity from = DA_SEVERITY_INFO;
    return rule && (!text || !da_severity_by_name(text, &from) || severity >= from);
}

static void ask_suspicions(Asking *asking, const DaVerification *package)
{
    const DaProfile *profile = asking->sample->draw->profile;
    for (guint i = 0; i < package->findings->len; i++) {
        const DaFinding *finding = package->findings->pdata[i];
        const DaRule *rule = finding->screened ? da_profile_rule(profile, finding->rule) : NULL;
        if (!rule || !is_asked(profile, finding->severity))
            continue;
        DaSampleItem *item = ask(asking, rule, package, finding->page);
        if (!item)
            continue;
        item->is_page = finding->page != NULL;
        item->finding = finding;
    }
}

/* Findings that were only counted cannot be shown one by one; that they are there is a question all the same. */
static void ask_surplus(Asking *asking, const DaVerification *package)
{
    for (guint i = 0; i < package->results->len; i++) {
        const DaRuleResult *result = package->results->pdata[i];
        const DaRule *rule = result->rule;
        guint kept = 0;
        if (strcmp(rule->mode, "screened") ||
            !is_asked(asking->sample->draw->profile, rule->severity))
            continue;
        for (guint k = 0; k < package->findings->len; k++)
            kept += !strcmp(((const DaFinding *)package->findings->pdata[k])->rule, rule->id);
        DaSampleItem *item = result->findings > kept ? ask(asking, rule, package, "…") : NULL;
        if (item)
            item->more = result->findings - kept;
    }
}

void da_sample_renew_items(DaSample *sample)
{
    g_autoptr(GPtrArray) before = g_steal_pointer(&sample->items);
    Asking asking = {.sample = sample,
                     .known = g_hash_table_new(g_str_hash, g_str_equal),
                     .keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    for (guint i = 0; i < before->len; i++)
        g_hash_table_insert(asking.known, ((DaSampleItem *)before->pdata[i])->key,
                            before->pdata[i]);
    sample->items = g_ptr_array_new_with_free_func(da_sample_item_free);
    g_ptr_array_set_size(sample->packages, 0);
    if (sample->seed)
        ask_all(&asking, DA_LOOK_DELIVERY, NULL, NULL, NULL);
    for (guint i = 0; i < sample->draw->units->len; i++) {
        const DaUnit *unit = sample->draw->units->pdata[i];
        const GPtrArray *packages = sample->packages;
        if (!unit->drawn)
            continue;
        if (!packages->len || packages->pdata[packages->len - 1] != unit->package)
            g_ptr_array_add(sample->packages, (gpointer)unit->package);
        ask_unit(&asking, unit);
    }
    for (guint i = 0; i < sample->draw->packages->len; i++) {
        ask_suspicions(&asking, sample->draw->packages->pdata[i]);
        ask_surplus(&asking, sample->draw->packages->pdata[i]);
    }
    g_hash_table_unref(asking.known);
    g_hash_table_unref(asking.keys);
}

guint da_sample_population(const DaSample *sample, const DaRule *rule)
{
    DaLookAt where = da_sample_look_at(rule);
    guint count = where == DA_LOOK_DELIVERY;
    for (guint i = 0; i < sample->draw->packages->len; i++) {
        const DaVerification *package = sample->draw->packages->pdata[i];
        count += where == DA_LOOK_DOSSIER && package->materials->len;
        for (guint m = 0; m < package->materials->len; m++) {
            const DaVerifiedMaterial *material = package->materials->pdata[m];
            count += where == DA_LOOK_MATERIAL ? 1 : where == DA_LOOK_PAGE ? material->sides : 0;
        }
    }
    return count;
}
