#include "sample.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <math.h>
#include <string.h>

/* --- what can be drawn ---------------------------------------------------------------------------------------------------- */

static void unit_free(gpointer data)
{
    DaUnit *unit = data;
    g_free(unit->identity);
    g_free(unit->order);
    g_free(unit);
}

static void stratum_free(gpointer data)
{
    DaStratum *stratum = data;
    g_free(stratum->employer);
    g_free(stratum->operator_name);
    g_free(stratum);
}

char *da_sample_identity(const DaVerification *package)
{
    g_autofree char *name = package->id ? NULL : da_verification_name(package);
    return g_strdup_printf("%s %s", package->id ? package->id : name,
                           package->digest ? package->digest : "");
}

static gint compare_packages(gconstpointer a, gconstpointer b)
{
    const DaVerification *first = *(const DaVerification *const *)a;
    const DaVerification *second = *(const DaVerification *const *)b;
    g_autofree char *one = da_sample_identity(first), *two = da_sample_identity(second);
    gint order = strcmp(one, two);
    return order ? order : strcmp(first->path, second->path);
}

static void collect_packages(DaSample *sample, const GPtrArray *verifications)
{
    for (guint i = 0; i < verifications->len; i++)
        if (!((const DaVerification *)verifications->pdata[i])->is_handover)
            g_ptr_array_add(sample->draw->packages, verifications->pdata[i]);
    g_ptr_array_sort(sample->draw->packages, compare_packages);
}

static gint compare_strata(gconstpointer a, gconstpointer b)
{
    const DaStratum *first = *(const DaStratum *const *)a, *second = *(const DaStratum *const *)b;
    gint order = strcmp(first->employer, second->employer);
    return order ? order : strcmp(first->operator_name, second->operator_name);
}

static DaStratum *stratum_of(DaSample *sample, const char *employer, const char *operator_name)
{
    for (guint i = 0; i < sample->strata->len; i++) {
        DaStratum *stratum = sample->strata->pdata[i];
        if (!strcmp(stratum->employer, employer) && !strcmp(stratum->operator_name, operator_name))
            return stratum;
    }
    DaStratum *stratum = g_new0(DaStratum, 1);
    stratum->employer = g_strdup(employer);
    stratum->operator_name = g_strdup(operator_name);
    g_ptr_array_add(sample->strata, stratum);
    return stratum;
}

static void add_unit(DaSample *sample, const DaVerification *package, DaStratum *stratum,
                     gint material, guint side)
{
    DaUnit *unit = g_new0(DaUnit, 1);
    g_autofree char *place = g_strdup_printf("%d %u", material, side);
    unit->package = package;
    unit->identity = da_sample_identity(package);
    unit->material = material;
    unit->side = side;
    unit->order = g_strdup(da_digest_key("sample", sample->seed, unit->identity, place, NULL).hex);
    unit->stratum = stratum;
    stratum->units++;
    sample->units++;
    g_ptr_array_add(sample->draw->units, unit);
}

/* A package that could not be read is not accepted whatever a person would say of it: it is no part of the sample. */
static void collect_units(DaSample *sample, const DaRule *rule)
{
    const char *strata = da_rule_text(rule, "strata");
    gboolean by_employer = !strata || strstr(strata, "employer");
    gboolean by_operator = !strata || strstr(strata, "operator");
    for (guint i = 0; i < sample->draw->packages->len; i++) {
        const DaVerification *package = sample->draw->packages->pdata[i];
        const char *employer = package->field[DA_FIELD_EMPLOYER];
        if (!package->materials->len)
            continue;
        DaStratum *stratum =
            stratum_of(sample, by_employer && employer ? employer : "",
                       by_operator && package->operator_name ? package->operator_name : "");
        if (!sample->by_page)
            add_unit(sample, package, stratum, -1, 0);
        for (guint m = 0; sample->by_page && m < package->materials->len; m++) {
            const DaVerifiedMaterial *material = package->materials->pdata[m];
            for (guint side = 1; side <= material->sides; side++)
                add_unit(sample, package, stratum, (gint)m, side);
        }
    }
    g_ptr_array_sort(sample->strata, compare_strata);
}

/* --- drawing -------------------------------------------------------------------------------------------------------------- */

static gint compare_order(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const DaUnit *const *)a)->order, (*(const DaUnit *const *)b)->order);
}

static void take(DaSample *sample, DaUnit *unit)
{
    unit->drawn = TRUE;
    unit->stratum->drawn++;
    sample->drawn++;
}

/* 5 % of 20 is 1, though 0.05 is a little more than it says. */
static guint share_of(guint units, double percent)
{
    return MIN(units, MAX(1u, (guint)ceil(units * percent / 100 - 1e-9)));
}

static void draw(DaSample *sample)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; i < sample->strata->len; i++)
        ((DaStratum *)sample->strata->pdata[i])->drawn = 0;
    sample->drawn = 0;
    for (guint i = 0; i < sample->draw->units->len; i++) {
        DaUnit *unit = sample->draw->units->pdata[i];
        unit->drawn = FALSE;
        g_ptr_array_add(order, unit);
    }
    g_ptr_array_sort(order, compare_order);
    for (guint i = 0; i < order->len; i++) {
        DaUnit *unit = order->pdata[i];
        if (unit->stratum->drawn < share_of(unit->stratum->units, sample->percent))
            take(sample, unit);
    }
    for (guint i = 0; i < order->len && sample->drawn < sample->draw->min_units; i++)
        if (!((DaUnit *)order->pdata[i])->drawn)
            take(sample, order->pdata[i]);
}

static gboolean read_size(DaSample *sample, const DaRule *rule, GError **error)
{
    gint64 min_units = 0;
    const char *unit = da_rule_text(rule, "unit");
    if (!da_rule_number(rule, "min-percent", &sample->percent, error) ||
        !da_rule_integer(rule, "min-units", &min_units, error))
        return FALSE;
    if (sample->percent <= 0 || sample->percent > 100 || min_units < 0 || min_units > G_MAXINT32)
        return da_error_set(
            error, DA_ERROR_INPUT,
            "rule %s: min-percent is above 0 and at most 100, min-units not below 0", rule->id);
    if (g_strcmp0(unit, "dossier") && g_strcmp0(unit, "page"))
        return da_error_set(error, DA_ERROR_INPUT, "rule %s: unit is 'dossier' or 'page'",
                            rule->id);
    sample->by_page = !strcmp(unit, "page");
    sample->draw->min_units = (guint)min_units;
    return TRUE;
}

DaSample *da_sample_draw(const GPtrArray *verifications, const DaProfile *profile, const char *seed,
                         GError **error)
{
    const DaRule *rule = da_profile_rule(profile, "accept-sample-size");
    if (!rule) {
        da_error_set(error, DA_ERROR_INPUT,
                     "profile '%s' has no rules for a sample (check 'accept-sample-size')",
                     profile->name);
        return NULL;
    }
    g_autoptr(DaSample) sample = g_new0(DaSample, 1);
    sample->seed = g_strdup(seed);
    sample->strata = g_ptr_array_new_with_free_func(stratum_free);
    sample->packages = g_ptr_array_new();
    sample->items = g_ptr_array_new_with_free_func(da_sample_item_free);
    sample->draw = g_new0(struct DaDraw, 1);
    sample->draw->profile = profile;
    sample->draw->packages = g_ptr_array_new();
    sample->draw->units = g_ptr_array_new_with_free_func(unit_free);
    if (!read_size(sample, rule, error))
        return NULL;
    collect_packages(sample, verifications);
    if (seed)
        collect_units(sample, rule);
    draw(sample);
    da_sample_renew_items(sample);
    return g_steal_pointer(&sample);
}

gboolean da_sample_enlarge(DaSample *sample, double percent, GError **error)
{
    if (percent <= 0 || percent > 100)
        return da_error_set(error, DA_ERROR_INPUT, "%g %% cannot be drawn", percent);
    sample->percent = percent;
    draw(sample);
    da_sample_renew_items(sample);
    return TRUE;
}

void da_sample_free(DaSample *sample)
{
    if (!sample)
        return;
    g_ptr_array_unref(sample->draw->packages);
    g_ptr_array_unref(sample->draw->units);
    g_free(sample->draw);
    g_ptr_array_unref(sample->items);
    g_ptr_array_unref(sample->packages);
    g_ptr_array_unref(sample->strata);
    g_free(sample->seed);
    g_free(sample);
}

/* --- on record -------------------------------------------------------------------------------------------------------------- */

static json_t *stratum_json(const DaStratum *stratum)
{
    return json_pack("{s:s, s:s, s:i, s:i}", "enterprise", stratum->employer, "operator",
                     stratum->operator_name, "units", (int)stratum->units, "drawn",
                     (int)stratum->drawn);
}

static json_t *package_json(const DaVerification *package)
{
    g_autofree char *name = da_verification_name(package);
    json_t *object = json_pack("{s:s}", "package", name);
    if (package->digest)
        json_object_set_new(object, "digest", json_string(package->digest));
    return object;
}

json_t *da_sample_json(const DaSample *sample)
{
    if (!sample->seed)
        return NULL;
    g_autofree char *percent = g_strdup_printf("%g", sample->percent);
    json_t *strata = json_array(), *packages = json_array();
    for (guint i = 0; i < sample->strata->len; i++)
        json_array_append_new(strata, stratum_json(sample->strata->pdata[i]));
    for (guint i = 0; i < sample->packages->len; i++)
        json_array_append_new(packages, package_json(sample->packages->pdata[i]));
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "seed", sample->seed, "percent",
                     percent, "unit", sample->by_page ? "page" : "dossier", "units",
                     (int)sample->units, "drawn", (int)sample->drawn, "strata", strata, "packages",
                     packages);
}
