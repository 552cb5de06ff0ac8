/*
 * Every rule of every profile has a planted fault: a rule that nobody has seen fire may as well be a line of text. The faults stand in the
 * tables damages_*.c and mets_faults.c, in tests of other kinds of deliveries, and in tests of the rooms that find them.
 */
#include "mets_faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const profiles[] = {"soe-retiree", "dat31-2017", "gbt33870-2017", "bagit",
                                       "csip"};

/* Rules that no damage of a package can break, and the test that plants their fault. */
static const struct {
    const char *rule, *test;
} elsewhere[] = {
    {"CSIPSTR1", "verify/test_csip.c"},
    {"CSIPSTR4", "verify/test_csip.c"},
    {"PKG-001", "verify/test_delivery.c"},
    {"PKG-003", "verify/test_delivery.c"},
    {"PKG-004", "verify/test_delivery.c"},
    {"XML-002", "verify/test_delivery.c"},
    {"XML-004", "verify/test_delivery.c"},
    {"IMG-010", "verify/test_delivery.c"},
    {"IMG-011", "verify/test_delivery.c"},
    {"IMG-012", "verify/test_delivery.c"},
    {"PER-010", "package/test_exchange.c"},
    {"LST-001", "package/test_handover.c"},
    {"LST-002", "verify/test_delivery.c"},
    {"LST-002", "package/test_handover.c"},
    {"LST-003", "ingest/test_batch.c"},
    {"LST-004", "package/test_handover.c"},
    {"LST-005", "package/test_handover.c"},
    {"LST-006", "package/test_handover.c"},
    {"LST-007", "verify/test_handover.c"},
    {"PKG-007", "verify/test_handover.c"},
    {"PKG-008", "verify/test_handover.c"},
    {"PKG-009", "store/test_deposit.c"},
    {"ACC-001", "verify/test_verdict.c"},
    {"ACC-002", "verify/test_verdict.c"},
    {"ACC-003", "verify/test_verdict.c"},
    {"ACC-004", "verify/test_verdict.c"},
    {"ACC-005", "verify/test_verdict.c"},
    {"ACC-006", "verify/test_verdict.c"},
    {"ACC-007", "verify/test_verdict.c"},
    {"QLT-011", "verify/test_verdict.c"},
    {"QLT-014", "verify/test_verdict.c"},
    {"DAT-001", "ingest/test_describe_dossier.c"},
    {"DAT-002", "ingest/test_describe_dossier.c"},
    {"DAT-003", "ingest/test_describe_dossier.c"},
};

/* Rules for which no fault can be planted in a package that the program reads. */
static const struct {
    const char *rule, *reason;
} without[] = {
    {"OCR-002", "a person judges it in the sample"},
};

static gboolean is_in_a_table(const char *rule)
{
    const Damage *const tables[] = {damages_bag,       damages_structure, damages_person,
                                    damages_catalogue, damages_image,     damages_quality};
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Damage *damage = tables[i]; damage->label; damage++)
            if (!strcmp(damage->rule, rule))
                return TRUE;
    for (const MetsFault *fault = mets_faults; fault->rule; fault++)
        if (!strcmp(fault->rule, rule))
            return TRUE;
    return FALSE;
}

/* The tables spoil packages of `soe-retiree`. An id that stands there for another check is another rule. */
static gboolean has_damage(const DaProfile *tables, const DaRule *rule)
{
    const DaRule *spoilt = da_profile_rule(tables, rule->id);
    return is_in_a_table(rule->id) && (!spoilt || !strcmp(spoilt->check, rule->check));
}

/* A test that does not even name the rule plants no fault of it. */
static gboolean is_named_in(const char *test, const char *rule)
{
    g_autofree char *path = g_build_filename(g_getenv("G_TEST_SRCDIR"), test, NULL);
    g_autoptr(GBytes) source = fixture_read(path);
    return g_strstr_len(g_bytes_get_data(source, NULL), (gssize)g_bytes_get_size(source), rule) !=
           NULL;
}

static gboolean is_elsewhere(const char *rule)
{
    for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++)
        if (!strcmp(elsewhere[i].rule, rule) && is_named_in(elsewhere[i].test, rule))
            return TRUE;
    return FALSE;
}

static gboolean has_reason(const char *rule)
{
    for (guint i = 0; i < G_N_ELEMENTS(without); i++)
        if (!strcmp(without[i].rule, rule))
            return TRUE;
    return FALSE;
}

static void every_rule_has_a_planted_fault_or_a_reason(void **state)
{
    guint missing = 0, rules = 0;
    g_autoptr(DaProfile) tables = fixture_profile("soe-retiree");
    for (guint p = 0; p < G_N_ELEMENTS(profiles); p++) {
        g_autoptr(DaProfile) profile = fixture_profile(profiles[p]);
        for (guint i = 0; i < profile->rules->len; i++, rules++) {
            const DaRule *rule = profile->rules->pdata[i];
            if (has_damage(tables, rule) || is_elsewhere(rule->id) || has_reason(rule->id))
                continue;
            print_message("# %s: %s has no planted fault\n", profiles[p], rule->id);
            missing++;
        }
    }
    assert_true(rules > 400);
    assert_int_equal(missing, 0);
}

/* A fault of a rule that no profile has any more tests nothing. */
static gboolean is_a_rule(GPtrArray *loaded, const char *id)
{
    for (guint i = 0; i < loaded->len; i++)
        if (da_profile_rule(loaded->pdata[i], id))
            return TRUE;
    return FALSE;
}

static void every_exception_is_a_rule_without_a_fault(void **state)
{
    g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func((GDestroyNotify)da_profile_free);
    for (guint p = 0; p < G_N_ELEMENTS(profiles); p++)
        g_ptr_array_add(loaded, fixture_profile(profiles[p]));
    for (guint i = 0; i < G_N_ELEMENTS(without); i++)
        if (!is_a_rule(loaded, without[i].rule) || is_in_a_table(without[i].rule))
            fail_msg("%s needs no reason", without[i].rule);
    for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++)
        if (!is_a_rule(loaded, elsewhere[i].rule))
            fail_msg("no profile has %s", elsewhere[i].rule);
}

/* A reader who has a finding wants to know where the rule comes from and what to do now. */
static void every_rule_says_clause_source_nature_and_how_to_mend(void **state)
{
    guint missing = 0;
    for (guint p = 0; p < G_N_ELEMENTS(profiles); p++) {
        g_autoptr(DaProfile) profile = fixture_profile(profiles[p]);
        for (guint i = 0; i < profile->rules->len; i++) {
            const DaRule *rule = profile->rules->pdata[i];
            const char *const texts[] = {rule->title,  rule->title_zh, rule->clause,
                                         rule->source, rule->mend,     rule->mend_zh};
            static const char *const names[] = {"title",  "title-zh", "clause",
                                                "source", "mend",     "mend-zh"};
            for (guint k = 0; k < G_N_ELEMENTS(texts); k++)
                if (!texts[k] || !*texts[k]) {
                    print_message("# %s: %s has no %s\n", profiles[p], rule->id, names[k]);
                    missing++;
                }
            if (!da_profile_nature(profile, rule)) {
                print_message("# %s: %s has no nature\n", profiles[p], rule->id);
                missing++;
            }
        }
    }
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_a_planted_fault_or_a_reason),
        cmocka_unit_test(every_exception_is_a_rule_without_a_fault),
        cmocka_unit_test(every_rule_says_clause_source_nature_and_how_to_mend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
