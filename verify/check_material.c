/* The catalogue as a whole: counts, dates that are missing or out of order, materials that stand in it twice. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>

static const GPtrArray *materials_of(const DaCheckRun *run)
{
    return run->subject->dossier->materials;
}

gboolean da_check_catalogue_count(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    for (guint i = 0; i < materials_of(run)->len; i++) {
        const DaMaterial *material = materials_of(run)->pdata[i];
        if (!material->pages_claimed)
            da_check_add_material(run, material, "the catalogue has no 页数 for the material",
                                  "目录中该件没有页数");
    }
    return TRUE;
}

gboolean da_check_dates_missing(DaCheckRun *run, GError **error)
{
    double share = 0;
    gint64 least = 0;
    guint missing = 0;
    if (!da_check_needs_dossier(run, error) ||
        !da_rule_number(run->rule, "max-share", &share, error) ||
        !da_rule_integer(run->rule, "min-materials", &least, error))
        return FALSE;
    const GPtrArray *materials = materials_of(run);
    for (guint i = 0; i < materials->len; i++)
        missing += !((const DaMaterial *)materials->pdata[i])->formed.year;
    if (materials->len < least || missing <= share * materials->len)
        return TRUE;
    DaFinding *finding =
        da_check_add(run, "dossier.xml", "many materials have no date", "无形成时间的材料过多");
    da_finding_set(&finding->found, "%u / %u", missing, materials->len);
    da_finding_set(&finding->wanted, "≤ %.0f %%", share * 100);
    return TRUE;
}

/* --- order --------------------------------------------------------------------------------------------------------------- */

/* A missing date comes after any other, and equals none. */
static gboolean is_before(DaDate date, DaDate other)
{
    if (!date.year || !other.year)
        return date.year && !other.year;
    return da_date_compare(date, other) < 0;
}

gboolean da_check_order_by_date(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) schemes =
        da_check_needs_dossier(run, error) ? da_check_words(run, "schemes", error) : NULL;
    if (!schemes)
        return FALSE;
    const char *scheme = run->subject->dossier->scheme;
    if (!scheme || !g_strv_contains((const char *const *)schemes, scheme))
        return da_error_set(error, DA_ERROR_INPUT,
                            "the class scheme '%s' does not ask for an order by date",
                            scheme ? scheme : "—");
    g_autoptr(GHashTable) last = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < materials_of(run)->len; i++) {
        DaMaterial *material = materials_of(run)->pdata[i];
        const DaMaterial *before = g_hash_table_lookup(last, material->class_code);
        if (before && is_before(material->formed, before->formed)) {
            DaFinding *finding = da_check_add_material(
                run, material, "the material is older than the one before it in its class",
                "该件形成时间早于同类前一件");
            g_autofree char *found = da_date_format(material->formed);
            g_autofree char *wanted = da_date_format(before->formed);
            da_finding_set(&finding->found, "%s", found);
            da_finding_set(&finding->wanted, "≥ %s", *wanted ? wanted : "—");
        }
        g_hash_table_insert(last, material->class_code, material);
    }
    return TRUE;
}

/* --- twice ---------------------------------------------------------------------------------------------------------------- */

static char *key_of(const DaMaterial *material)
{
    g_autofree char *date = da_date_format(material->formed);
    return material->formed.day
               ? g_strdup_printf("%s\n%s\n%u", material->title, date, material->pages_claimed)
               : NULL; /* forms of one year are often alike */
}

static DaFinding *add_twin(DaCheckRun *run, const DaMaterial *material, const DaMaterial *twin,
                           const char *message, const char *message_zh)
{
    DaFinding *finding = da_check_add_material(run, material, message, message_zh);
    da_finding_set(&finding->found, "%s-%u", twin->class_code, twin->sequence);
    return finding;
}

/* One file in two materials. Blank sides may be alike. */
static void compare_pages(DaCheckRun *run, DaMaterial *material, GHashTable *owners)
{
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        char *sha256 = page->file[DA_FILE_MASTER].sha256;
        if (page->blank || !sha256)
            continue;
        const DaMaterial *owner = g_hash_table_lookup(owners, sha256);
        if (owner && owner != material) {
            DaFinding *finding = add_twin(run, material, owner, "a page stands in two materials",
                                          "同一页出现在两件材料中");
            da_finding_set(&finding->page, "%s", page->stem);
        }
        g_hash_table_insert(owners, sha256, material);
    }
}

gboolean da_check_repeated_materials(DaCheckRun *run, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) owners = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < materials_of(run)->len; i++) {
        DaMaterial *material = materials_of(run)->pdata[i];
        char *key = key_of(material);
        const DaMaterial *twin = key ? g_hash_table_lookup(seen, key) : NULL;
        if (twin)
            add_twin(run, material, twin, "title, date and 页数 are those of another material",
                     "材料名称、时间、页数与另一件相同");
        if (key)
            g_hash_table_insert(seen, key, material);
        compare_pages(run, material, owners);
    }
    return TRUE;
}
