#include "invented.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Three strata: 40, 7 and 1 dossiers. */
static void fill(Invented *delivery)
{
    invented_init(delivery);
    invented_add_many(delivery, 0, 40, "虚构机械厂", "甲");
    invented_add_many(delivery, 40, 7, "虚构机械厂", "乙");
    invented_add_many(delivery, 47, 1, "虚构纺织厂", "甲");
}

/* Everything that was drawn and asked, as text. */
static char *told(const DaSample *sample)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < sample->items->len; i++) {
        const DaSampleItem *item = sample->items->pdata[i];
        g_string_append_printf(text, "%s %s %s %s\n", item->key, item->rule->id,
                               item->package ? item->package->id : "-",
                               item->place ? item->place : "-");
    }
    return g_string_free(text, FALSE);
}

static void the_same_seed_draws_the_same_sample(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) first = invented_draw(&delivery, "2026-17");
    g_autoptr(DaSample) again = invented_draw(&delivery, "2026-17");
    g_autoptr(DaSample) other = invented_draw(&delivery, "2026-18");
    g_autofree char *first_text = told(first), *again_text = told(again), *other_text = told(other);
    assert_string_equal(first_text, again_text);
    assert_string_not_equal(first_text, other_text);
    assert_int_equal(first->drawn, other->drawn);
}

static void the_order_of_packages_does_not_matter(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) first = invented_draw(&delivery, "x");
    for (guint i = 0; i < 23; i++) {
        gpointer kept = delivery.all->pdata[i];
        delivery.all->pdata[i] = delivery.all->pdata[46 - i];
        delivery.all->pdata[46 - i] = kept;
    }
    g_autoptr(DaSample) turned = invented_draw(&delivery, "x");
    g_autofree char *first_text = told(first), *turned_text = told(turned);
    assert_string_equal(first_text, turned_text);
}

static void every_stratum_is_covered_at_the_rate_of_the_profile(void **state)
{
    static const struct {
        const char *percent;
        guint drawn[3];
    } cases[] = {{"5", {2, 1, 1}},
                 {"10", {4, 1, 1}},
                 {"50", {20, 4, 1}},
                 {"100", {40, 7, 1}},
                 {"0.1", {1, 1, 1}}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Invented) delivery = {0};
        fill(&delivery);
        invented_set(&delivery, "ACC-002", "min-percent", cases[i].percent);
        g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
        guint sum = 0;
        assert_int_equal(sample->strata->len, 3);
        for (guint s = 0; s < 3; s++) {
            const DaStratum *stratum = sample->strata->pdata[s];
            gboolean is_large = stratum->units == 40, is_small = stratum->units == 1;
            assert_int_equal(stratum->drawn, cases[i].drawn[is_large ? 0 : is_small ? 2 : 1]);
            sum += stratum->drawn;
        }
        assert_int_equal(sample->drawn, sum);
        assert_int_equal(sample->packages->len, sum);
        assert_int_equal(sample->units, 48);
    }
}

static void a_least_number_is_kept_to(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    invented_set(&delivery, "ACC-002", "min-units", "10");
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(sample->drawn, 10);
    invented_set(&delivery, "ACC-002", "min-units", "1000");
    g_autoptr(DaSample) all = invented_draw(&delivery, "x");
    assert_int_equal(all->drawn, 48);
}

static void a_larger_sample_holds_the_smaller_and_its_judgements(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    g_autoptr(GHashTable) before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint kept = 0;
    invented_judge(sample, "ACC-003", DA_JUDGEMENT_BAD);
    for (guint i = 0; i < sample->items->len; i++)
        g_hash_table_add(before, g_strdup(((DaSampleItem *)sample->items->pdata[i])->key));
    assert_true(da_sample_enlarge(sample, 100, NULL));
    for (guint i = 0; i < sample->items->len; i++) {
        const DaSampleItem *item = sample->items->pdata[i];
        gboolean was = g_hash_table_contains(before, item->key);
        kept += was;
        assert_int_equal(item->judgement, was && !strcmp(item->rule->id, "ACC-003")
                                              ? DA_JUDGEMENT_BAD
                                              : DA_JUDGEMENT_OPEN);
    }
    assert_int_equal(kept, g_hash_table_size(before));
    assert_int_equal(sample->drawn, 48);
    assert_false(da_sample_enlarge(sample, 101, NULL));
}

static guint asked(const DaSample *sample, const char *rule)
{
    guint count = 0;
    for (guint i = 0; i < sample->items->len; i++)
        count += !strcmp(((const DaSampleItem *)sample->items->pdata[i])->rule->id, rule);
    return count;
}

static void each_question_is_asked_where_the_profile_says(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(sample->drawn, 4);
    assert_int_equal(asked(sample, "ACC-003"), 4 * 2);     /* materials */
    assert_int_equal(asked(sample, "QLT-011"), 4 * 2 * 3); /* pages */
    assert_int_equal(asked(sample, "ACC-006"), 1);         /* the delivery */
    invented_set(&delivery, "QLT-014", "look-at", "dossier");
    g_autoptr(DaSample) dossiers = invented_draw(&delivery, "x");
    assert_int_equal(asked(dossiers, "QLT-014"), 4);
    assert_int_equal(da_sample_population(sample, da_profile_rule(delivery.profile, "ACC-003")),
                     96);
}

static void pages_can_be_the_units(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    invented_set(&delivery, "ACC-002", "unit", "page");
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(sample->units, 48 * 6);
    assert_int_equal(sample->drawn, 12 + 3 + 1); /* of 240, 42 and 6 */
    assert_int_equal(asked(sample, "QLT-011"), sample->drawn);
    assert_in_range(asked(sample, "ACC-003"), 1, sample->drawn);
}

static void strata_are_those_of_the_profile(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    invented_set(&delivery, "ACC-002", "strata", "employer");
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(sample->strata->len, 2);
    assert_string_equal(((const DaStratum *)sample->strata->pdata[0])->operator_name, "");
}

static void a_wrong_parameter_is_an_error(void **state)
{
    static const char *const wrong[][2] = {{"min-percent", "0"},
                                           {"min-percent", "101"},
                                           {"min-percent", "some"},
                                           {"min-units", "-1"},
                                           {"unit", "box"}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Invented) delivery = {0};
        g_autoptr(GError) error = NULL;
        fill(&delivery);
        invented_set(&delivery, "ACC-002", wrong[i][0], wrong[i][1]);
        assert_null(da_sample_draw(delivery.all, delivery.profile, "x", &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, "ACC-002"));
    }
}

static void a_package_that_could_not_be_read_is_no_part_of_it(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    DaVerification *broken = invented_add(&delivery, "broken", "另一厂", NULL, 0, 0);
    g_clear_pointer(&broken->id, g_free);
    broken->accepted = FALSE;
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(sample->strata->len, 3);
    assert_int_equal(sample->units, 48);
}

static void suspicions_of_all_packages_are_asked_once_each(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    for (guint i = 0; i < 3; i++) {
        invented_find(&delivery, delivery.all->pdata[i], "QLT-002", "9-1-1-001");
        invented_find(&delivery, delivery.all->pdata[i], "QLT-002", "9-1-1-001");
        invented_find(&delivery, delivery.all->pdata[i], "QLT-013", "9-1-1-002");
    }
    /* More were counted than are kept. */
    DaVerification *package = delivery.all->pdata[5];
    invented_find(&delivery, package, "QLT-002", "9-1-1-001");
    for (guint i = 0; i < package->results->len; i++) {
        DaRuleResult *result = package->results->pdata[i];
        if (!strcmp(result->rule->id, "QLT-002"))
            result->findings = 300;
    }
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_int_equal(asked(sample, "QLT-002"), 5);
    assert_int_equal(asked(sample, "QLT-013"), 3);
    assert_int_equal(invented_item(sample, "QLT-002", 4)->more, 299);
    invented_set(&delivery, "ACC-007", "from-severity", "warning");
    g_autoptr(DaSample) from_warning = invented_draw(&delivery, "x");
    assert_int_equal(asked(from_warning, "QLT-013"), 0);
    g_autoptr(DaSample) without = invented_draw(&delivery, NULL);
    assert_int_equal(without->items->len, 5);
    assert_null(da_sample_json(without));
}

static void the_sample_is_on_record(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "二〇二六");
    json_t *record = da_sample_json(sample);
    assert_string_equal(json_string_value(json_object_get(record, "seed")), "二〇二六");
    assert_string_equal(json_string_value(json_object_get(record, "percent")), "5");
    assert_int_equal(json_array_size(json_object_get(record, "strata")), 3);
    assert_int_equal(json_array_size(json_object_get(record, "packages")), 4);
    json_decref(record);
}

/* --- the list ----------------------------------------------------------------------------------------------------------------- */

static char *list_path(const Invented *delivery)
{
    return g_build_filename(delivery->folder, "list.csv", NULL);
}

static void what_was_judged_comes_back(void **state)
{
    for (int chinese = 0; chinese < 2; chinese++) {
        g_auto(Invented) delivery = {0};
        g_autoptr(GError) error = NULL;
        fill(&delivery);
        invented_find(&delivery, delivery.all->pdata[0], "QLT-002", "9-1-1-001");
        g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
        g_autofree char *path = list_path(&delivery);
        for (guint i = 0; i < sample->items->len; i++) {
            DaSampleItem *item = sample->items->pdata[i];
            item->judgement = (DaJudgement)(i % 4);
            item->who = g_strdup("验收员甲");
            item->when = g_strdup("2026-03-02");
            item->remark = g_strdup(i % 2 ? "" : "=有折角,\"看不清\"");
        }
        assert_true(da_sample_write(sample, path, chinese, &error));
        g_autoptr(DaSample) back = invented_draw(&delivery, "x");
        if (!da_sample_read(back, path, &error))
            fail_msg("%s", error->message);
        for (guint i = 0; i < sample->items->len; i++) {
            const DaSampleItem *wrote = sample->items->pdata[i], *read = back->items->pdata[i];
            assert_int_equal(wrote->judgement, read->judgement);
            if (read->judgement)
                assert_string_equal(read->who, "验收员甲");
        }
    }
}

/* 70,000 pages with three questions each are more than a table holds. */
static void a_long_list_goes_on_in_another_file(void **state)
{
    g_auto(Invented) delivery = {0};
    invented_init(&delivery);
    invented_add(&delivery, "large", "虚构机械厂", "甲", 70, 999);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    g_autofree char *path = list_path(&delivery);
    g_autofree char *second = da_sample_list_part(path, 2);
    g_autofree char *third = da_sample_list_part(path, 3);
    invented_judge(sample, NULL, DA_JUDGEMENT_GOOD);
    for (guint i = 0; i < sample->items->len; i++) {
        DaSampleItem *item = sample->items->pdata[i];
        item->who = g_strdup("甲");
        item->when = g_strdup("2026-03-02");
    }
    assert_true(g_str_has_suffix(second, "/list-2.csv"));
    assert_true(da_sample_write(sample, path, FALSE, NULL));
    assert_false(g_file_test(third, G_FILE_TEST_EXISTS));
    DaSampleItem *last = sample->items->pdata[sample->items->len - 1];
    DaSampleItem *first = sample->items->pdata[0];
    last->judgement = first->judgement = DA_JUDGEMENT_OPEN;
    assert_true(da_sample_read(sample, second, NULL));
    assert_int_equal(last->judgement, DA_JUDGEMENT_GOOD);
    assert_int_equal(first->judgement, DA_JUDGEMENT_OPEN);
}

/* A list of one row about the first item of ACC-003, in the words of `row` ("%s" is its key). */
static gboolean read_text(const Invented *delivery, DaSample *sample, const char *text, gsize size,
                          GError **error)
{
    g_autofree char *path = list_path(delivery);
    return g_file_set_contents(path, text, (gssize)size, NULL) &&
           da_sample_read(sample, path, error);
}

static void people_write_in_their_own_ways(void **state)
{
    static const struct {
        const char *row;
        DaJudgement judgement;
    } cases[] = {
        {"pass,甲,2026-03-02", DA_JUDGEMENT_GOOD},
        {" 合格 , 甲 ,2026/3/2", DA_JUDGEMENT_GOOD},
        {"√,甲,20260302", DA_JUDGEMENT_GOOD},
        {"ＦＡＩＬ,甲,2026-03-02T09:30:00Z", DA_JUDGEMENT_BAD},
        {"不合格,甲,2026年3月2日", DA_JUDGEMENT_BAD},
        {"X,甲,2026.3.2", DA_JUDGEMENT_BAD},
        {"N/A,甲,2026-03-02", DA_JUDGEMENT_NOT_APPLICABLE},
        {"不适用,甲,2026-03-02", DA_JUDGEMENT_NOT_APPLICABLE},
        {",,", DA_JUDGEMENT_OPEN},
        {",甲,2026-03-02", DA_JUDGEMENT_OPEN},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (int gb = 0; gb < 2; gb++) {
            g_auto(Invented) delivery = {0};
            g_autoptr(GError) error = NULL;
            fill(&delivery);
            g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
            DaSampleItem *item = invented_item(sample, "ACC-003", 0);
            g_autofree char *text =
                g_strdup_printf("%s项,结论,检查人,检查日期\r\n%s,%s\r\n\r\n",
                                gb ? "" : "\xef\xbb\xbf", item->key, cases[i].row);
            gsize size = strlen(text);
            g_autofree char *encoded =
                gb ? g_convert(text, -1, "GB18030", "UTF-8", NULL, &size, NULL) : g_strdup(text);
            if (!read_text(&delivery, sample, encoded, size, &error))
                fail_msg("%s: %s", cases[i].row, error->message);
            assert_int_equal(item->judgement, cases[i].judgement);
        }
    }
}

static void a_bad_row_is_named(void **state)
{
    static const struct {
        const char *label, *text, *says; /* %s = the key of an item */
    } cases[] = {
        {"another item", "item,verdict,who,when\ni000,pass,甲,2026-03-02\n", "row 2: item 'i000'"},
        {"no item", "item,verdict,who,when\n,pass,甲,2026-03-02\n", "row 2: item ''"},
        {"no such word", "item,verdict,who,when\n%s,maybe,甲,2026-03-02\n", "row 2: 'maybe'"},
        {"nobody", "item,verdict,who,when\n%s,pass,,2026-03-02\n", "row 2: who"},
        {"never", "item,verdict,who,when\n%s,pass,甲,\n", "row 2: ''"},
        {"a month", "item,verdict,who,when\n%s,pass,甲,2026-03\n", "row 2: '2026-03'"},
        {"a day to come", "item,verdict,who,when\n%s,pass,甲,2099-01-01\n", "row 2: '2099"},
        {"twice", "item,verdict,who,when\n%1$s,pass,甲,2026-03-02\n%1$s,fail,甲,2026-03-02\n",
         "row 3: it judges the same as row 2"},
        {"no column", "item,verdict,when\n%s,pass,2026-03-02\n", "no column 'who'"},
        {"empty", "", "it is empty"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Invented) delivery = {0};
        g_autoptr(GError) error = NULL;
        fill(&delivery);
        g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
        g_autoptr(GString) text = g_string_new(cases[i].text);
        g_string_replace(text, "%1$s", invented_item(sample, "ACC-003", 0)->key, 0);
        g_string_replace(text, "%s", invented_item(sample, "ACC-003", 0)->key, 0);
        if (read_text(&delivery, sample, text->str, text->len, &error) ||
            !strstr(error->message, cases[i].says) || !strstr(error->message, "list.csv"))
            fail_msg("%s: %s", cases[i].label, error ? error->message : "was read");
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
}

static void many_bad_rows_are_counted(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(GError) error = NULL;
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    g_autoptr(GString) text = g_string_new("item,verdict,who,when\n");
    for (guint i = 0; i < 30; i++)
        g_string_append(text, "i000,pass,甲,2026-03-02\n");
    assert_false(read_text(&delivery, sample, text->str, text->len, &error));
    assert_non_null(strstr(error->message, "and 20 more rows"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_draws_the_same_sample),
        cmocka_unit_test(the_order_of_packages_does_not_matter),
        cmocka_unit_test(every_stratum_is_covered_at_the_rate_of_the_profile),
        cmocka_unit_test(a_least_number_is_kept_to),
        cmocka_unit_test(a_larger_sample_holds_the_smaller_and_its_judgements),
        cmocka_unit_test(each_question_is_asked_where_the_profile_says),
        cmocka_unit_test(pages_can_be_the_units),
        cmocka_unit_test(strata_are_those_of_the_profile),
        cmocka_unit_test(a_wrong_parameter_is_an_error),
        cmocka_unit_test(a_package_that_could_not_be_read_is_no_part_of_it),
        cmocka_unit_test(suspicions_of_all_packages_are_asked_once_each),
        cmocka_unit_test(the_sample_is_on_record),
        cmocka_unit_test(what_was_judged_comes_back),
        cmocka_unit_test(a_long_list_goes_on_in_another_file),
        cmocka_unit_test(people_write_in_their_own_ways),
        cmocka_unit_test(a_bad_row_is_named),
        cmocka_unit_test(many_bad_rows_are_counted),
    };
    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
