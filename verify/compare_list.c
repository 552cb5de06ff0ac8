/*
 * The handover list against the packages that came. A row and a package belong together by package id where the list has it, else by ID
 * number, else by 档号; everything else is compared only where just one package belongs to the row, so that one fault is told once.
 */
#include "check.h"

#include "delivery.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/handover.h>
#include <dangan/identity.h>
#include <string.h>

typedef struct {
    const DaHandover *list;
    const GPtrArray *packages; /* DaVerification * */
    const DaProfile *profile;
    DaVerification *result;
    GHashTable *by_id, *by_number,
        *by_archival_number; /* text → GArray of guint: places in `packages` */
    guint *rows_of;          /* by package: how many rows name it */
} Comparison;

static const DaVerification *package_at(const Comparison *comparison, guint index)
{
    return comparison->packages->pdata[index];
}

/* --- which package belongs to a row ------------------------------------------------------------------------------------------ */

static void index_add(GHashTable *index, char *key, guint place)
{
    GArray *places = g_hash_table_lookup(index, key);
    if (!places) {
        places = g_array_new(FALSE, FALSE, sizeof place);
        g_hash_table_insert(index, g_strdup(key), places);
    }
    g_array_append_val(places, place);
    g_free(key);
}

/* The id that a package has, or claims by its name where nothing in it can be read. The caller owns it. */
static char *claimed_id(const DaVerification *package)
{
    if (package->id)
        return g_strdup(package->id);
    char *name = g_path_get_basename(package->path);
    char *dot = strrchr(name, '.');
    if (dot && da_delivery_is_archive_name(name))
        *dot = '\0';
    return name;
}

static char *number_of(const char *text)
{
    g_autofree char *number = da_id_number_normalize(text);
    char *upgraded = da_id_number_upgrade(number);
    return upgraded ? upgraded : g_steal_pointer(&number);
}

static GHashTable *index_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
}

static void index_packages(Comparison *comparison)
{
    comparison->by_id = index_new();
    comparison->by_number = index_new();
    comparison->by_archival_number = index_new();
    comparison->rows_of = g_new0(guint, comparison->packages->len);
    for (guint i = 0; i < comparison->packages->len; i++) {
        const DaVerification *package = package_at(comparison, i);
        const char *number = package->field[DA_FIELD_ID_NUMBER];
        const char *archival = package->field[DA_FIELD_ARCHIVAL_NUMBER];
        index_add(comparison->by_id, claimed_id(package), i);
        if (number)
            index_add(comparison->by_number, number_of(number), i);
        else if (archival)
            index_add(comparison->by_archival_number, g_strdup(archival), i);
    }
}

static void comparison_clear(Comparison *comparison)
{
    g_clear_pointer(&comparison->by_id, g_hash_table_unref);
    g_clear_pointer(&comparison->by_number, g_hash_table_unref);
    g_clear_pointer(&comparison->by_archival_number, g_hash_table_unref);
    g_clear_pointer(&comparison->rows_of, g_free);
}

/* Places of the packages of a row; borrowed; NULL = none. */
static const GArray *packages_of(const Comparison *comparison, const DaHandoverRow *row)
{
    const char *number = row->field[DA_FIELD_ID_NUMBER].text;
    const char *archival = row->field[DA_FIELD_ARCHIVAL_NUMBER].text;
    const GArray *found = NULL;
    if (row->package_id)
        return g_hash_table_lookup(comparison->by_id, row->package_id);
    if (number)
        found = g_hash_table_lookup(comparison->by_number, number);
    if (!found && archival)
        found = g_hash_table_lookup(comparison->by_archival_number, archival);
    return found;
}

/* --- findings ---------------------------------------------------------------------------------------------------------------- */

/* NULL when the profile has no such rule. `package` NULL = about the row alone. Borrowed. */
static DaFinding *add(const Comparison *comparison, const char *check,
                      const DaVerification *package, const DaHandoverRow *row, const char *message,
                      const char *message_zh)
{
    const DaRule *rule = da_profile_rule(comparison->profile, check);
    if (!rule)
        return NULL;
    g_autofree char *name = package ? da_verification_name(package) : NULL;
    DaFinding *finding = da_rule_finding(rule, name ? name : comparison->list->file);
    if (package)
        finding->file = g_strdup(comparison->list->file);
    finding->row = row ? row->row : 0;
    da_finding_set(&finding->message, "%s", message);
    da_finding_set(&finding->message_zh, "%s", message_zh);
    g_ptr_array_add(comparison->result->findings, finding);
    return finding;
}

static void say(DaFinding *finding, const char *found, const char *wanted)
{
    if (finding && found)
        da_finding_set(&finding->found, "%s", found);
    if (finding && wanted)
        da_finding_set(&finding->wanted, "%s", wanted);
}

static void tell_missing(const Comparison *comparison, const DaHandoverRow *row)
{
    const char *archival = row->field[DA_FIELD_ARCHIVAL_NUMBER].text;
    say(add(comparison, "list-folders", NULL, row, "no package came for this row",
            "清单此行没有对应的档案包"),
        NULL, row->package_id ? row->package_id : archival);
}

static void tell_double(const Comparison *comparison, const DaHandoverRow *row,
                        const GArray *places)
{
    g_autofree char *first =
        da_verification_name(package_at(comparison, g_array_index(places, guint, 0)));
    for (guint i = 1; i < places->len; i++)
        say(add(comparison, "list-folders", package_at(comparison, g_array_index(places, guint, i)),
                row, "another package of this row came too", "清单此行有不止一个档案包"),
            first, "one package a row");
}

/* An exchange delivery has no package id. */
static gboolean is_read(const DaVerification *package)
{
    return package->id || package->materials->len;
}

static void tell_surplus(const Comparison *comparison)
{
    for (guint i = 0; i < comparison->packages->len; i++) {
        const DaVerification *package = package_at(comparison, i);
        if (comparison->rows_of[i])
            continue;
        if (is_read(package) || comparison->list->of_packages)
            add(comparison, "list-folders", package, NULL, "no row of the list names this package",
                "清单中没有此档案包");
        else
            add(comparison, "list-folders", package, NULL,
                "the package cannot be read, so no row of the list can be found for it",
                "档案包无法读取，不能与清单对应");
    }
}

/* --- one row and its package ---------------------------------------------------------------------------------------------------- */

static gboolean rule_has_word(const DaRule *rule, const char *parameter, const char *word)
{
    const char *text = rule ? da_rule_text(rule, parameter) : NULL;
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n", -1);
    return g_strv_contains((const char *const *)words, word);
}

typedef struct {
    const char *word; /* of the parameter */
    const char *message, *message_zh;
    guint64 listed, came;
} Count;

static void compare_counts(const Comparison *comparison, const DaHandoverRow *row,
                           const DaVerification *package)
{
    const DaRule *rule = da_profile_rule(comparison->profile, "list-count");
    const Count counts[] = {
        {"files", "the package has another number of files", "文件数与清单不符", row->files,
         package->files},
        {"bytes", "the package has another number of bytes", "字节数与清单不符", row->bytes,
         package->bytes},
        {"pages", "the package has another number of sides with content", "页数与清单不符",
         row->pages, package->sides_with_content},
    };
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        const Count *count = &counts[i];
        if (!count->listed || !count->came || count->listed == count->came ||
            !rule_has_word(rule, "compare", count->word))
            continue;
        g_autofree char *came = g_strdup_printf("%" G_GUINT64_FORMAT, count->came);
        g_autofree char *listed = g_strdup_printf("%" G_GUINT64_FORMAT, count->listed);
        say(add(comparison, "list-count", package, row, count->message, count->message_zh), came,
            listed);
    }
}

static void compare_digest(const Comparison *comparison, const DaHandoverRow *row,
                           const DaVerification *package)
{
    if (row->digest && g_strcmp0(row->digest, package->digest))
        say(add(comparison, "list-digest", package, row, "the package has another digest",
                "包摘要与清单不符"),
            package->digest, row->digest);
}

/* A date is compared as far as both know it. */
static gboolean same_value(DaField field, const char *a, const char *b)
{
    DaDate first, second;
    if (da_field_is_date(field) && da_date_parse(a, &first, NULL) &&
        da_date_parse(b, &second, NULL))
        return da_date_compare(first, second) == 0;
    return !strcmp(a, b);
}

static void compare_values(const Comparison *comparison, const DaHandoverRow *row,
                           const DaVerification *package)
{
    const DaRule *rule = da_profile_rule(comparison->profile, "list-values");
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        const char *listed = row->field[field].text, *came = package->field[field];
        if (!listed || !came || same_value(field, listed, came) ||
            !rule_has_word(rule, "fields", da_field_name(field)))
            continue;
        g_autofree char *message =
            g_strdup_printf("'%s' is not what the list says", da_field_name(field));
        g_autofree char *message_zh = g_strdup_printf("%s与清单不符", da_field_label_zh(field));
        say(add(comparison, "list-values", package, row, message, message_zh), came, listed);
    }
}

static void compare_row(Comparison *comparison, const DaHandoverRow *row)
{
    const GArray *places = packages_of(comparison, row);
    if (!places) {
        tell_missing(comparison, row);
        return;
    }
    gboolean first_row = TRUE;
    for (guint i = 0; i < places->len; i++)
        first_row = comparison->rows_of[g_array_index(places, guint, i)]++ == 0 && first_row;
    if (!first_row) /* the reader of the list has told of the row that stands there twice */
        return;
    if (places->len > 1) {
        tell_double(comparison, row, places);
        return;
    }
    const DaVerification *package = package_at(comparison, g_array_index(places, guint, 0));
    comparison->result->matched++;
    compare_counts(comparison, row, package);
    compare_digest(comparison, row, package);
    compare_values(comparison, row, package);
}

/* --- outcome of the rules ------------------------------------------------------------------------------------------------------ */

static gboolean any_row(const DaHandover *list, const char *what)
{
    for (guint i = 0; i < list->rows->len; i++) {
        const DaHandoverRow *row = list->rows->pdata[i];
        if (!strcmp(what, "list-digest") ? row->digest != NULL
                                         : row->files || row->bytes || row->pages)
            return TRUE;
    }
    return FALSE;
}

/* Why a rule of lists or deliveries does not run on this list; NULL = it does. */
static const char *reason_not_run(const DaHandover *list, const DaRule *rule)
{
    static const char *const of_both[] = {"list-blanks",   "list-duplicates", "list-format",
                                          "list-required", "list-folders",    NULL};
    static const char *const of_persons[] = {
        "list-header",        "list-values",      "id-number", "sex-matches-id",
        "id-number-old-form", "birth-matches-id", NULL};
    if (!strcmp(rule->check, "list-digest"))
        return any_row(list, rule->check) ? NULL : "the list has no digests";
    if (!strcmp(rule->check, "list-count"))
        return any_row(list, rule->check) ? NULL : "the list counts no files, bytes or pages";
    if (g_strv_contains(of_both, rule->check))
        return NULL;
    if (g_strv_contains(of_persons, rule->check))
        return list->of_packages ? "for lists of persons, not of packages" : NULL;
    if (g_str_has_prefix(rule->check, "accept-") || !strcmp(rule->mode, "sampled"))
        return "for the verdict, not for the list";
    return "about packages, not about the list";
}

static void add_results(const Comparison *comparison)
{
    const GPtrArray *findings = comparison->result->findings;
    for (guint i = 0; i < comparison->profile->rules->len; i++) {
        DaRuleResult *result = g_new0(DaRuleResult, 1);
        result->rule = comparison->profile->rules->pdata[i];
        result->reason = g_strdup(reason_not_run(comparison->list, result->rule));
        for (guint k = 0; k < findings->len; k++)
            result->findings +=
                !strcmp(((const DaFinding *)findings->pdata[k])->rule, result->rule->id);
        result->outcome = result->findings ? DA_RULE_FAILED
                          : result->reason ? DA_RULE_NOT_RUN
                                           : DA_RULE_PASSED;
        if (result->findings)
            g_clear_pointer(&result->reason, g_free);
        g_ptr_array_add(comparison->result->results, result);
    }
}

static gboolean has_error(const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++)
        if (((const DaFinding *)findings->pdata[i])->severity >= DA_SEVERITY_ERROR)
            return TRUE;
    return FALSE;
}

DaVerification *da_verify_handover(const char *path, const GPtrArray *packages,
                                   const DaProfile *profile, GError **error)
{
    if (!da_profile_rule(profile, "list-folders")) {
        da_error_set(error, DA_ERROR_INPUT,
                     "cannot hold '%s' against the packages: profile '%s' has no rule for that "
                     "(check 'list-folders')",
                     path, profile->name);
        return NULL;
    }
    g_autoptr(DaVerification) result = da_verification_new(path);
    DaDigest digest;
    if (!da_digest_file(path, &digest, NULL, error))
        return NULL;
    result->digest = g_strdup(digest.hex);
    g_autoptr(DaHandover) list = da_handover_read_any(path, profile, result->findings, error);
    if (!list)
        return NULL;
    Comparison comparison = {
        .list = list, .packages = packages, .profile = profile, .result = result};
    index_packages(&comparison);
    result->is_handover = TRUE;
    result->rows = list->rows->len;
    for (guint i = 0; i < list->rows->len; i++)
        compare_row(&comparison, list->rows->pdata[i]);
    tell_surplus(&comparison);
    add_results(&comparison);
    comparison_clear(&comparison);
    result->accepted = !has_error(result->findings);
    return g_steal_pointer(&result);
}
