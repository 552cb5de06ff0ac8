#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "holdings.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/search.h>
#include <string.h>

static Holdings *holdings;

static const Person people[] = {
    {"龚杉榕",
     "11010519491231002X",
     "女",
     "1949-12-31",
     "虚构机械厂",
     {"职工登记表\n姓名：龚杉榕 工资等级 8级\n（退休审批）ＡＢＣ公司 1985年7月",
      "工资调整\n薪资表 工资\n100%_完成 \"甲\\乙\"", "退休\n审批"}},
    {"龚杉",
     "606129196201204759",
     "男",
     "1962-01-20",
     "上饶东方红轴承厂",
     {"工资调整审批表\n21985号 abcd"}},
    {"欧阳 建国",
     "12036519341023878X",
     "女",
     "1934-10-23",
     "虚构机械厂二分厂",
     {"自传\n我叫欧阳建国"}},
    {"王\xf0\xa0\x80\x80",
     "115416193608160448",
     "女",
     "1936-08-16",
     "Ｗｅｉ Works",
     {"Ｗork 生僻字\xf0\xa0\x80\x80在此"}},
};
static char *ids[G_N_ELEMENTS(people)];

static int begin(void **state)
{
    holdings = holdings_new();
    for (guint i = 0; i < G_N_ELEMENTS(people); i++)
        ids[i] = holdings_add(holdings, &people[i]);
    return 0;
}

static int end(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(people); i++)
        g_free(ids[i]);
    holdings_free(holdings);
    return 0;
}

static json_t *search(const char *words, DaSearchField field)
{
    g_autoptr(GError) error = NULL;
    DaSearchQuery query = {.words = words, .field = field, .limit = 50};
    json_t *found = da_search(holdings->reader, &query, &error);
    if (found == NULL)
        fail_msg("'%s': %s", words, error->message);
    return found;
}

/* Which of `people` was found, in order: "0,1". */
static char *found_by(const char *words, DaSearchField field)
{
    g_autoptr(json_t) found = search(words, field);
    GString *list = g_string_new(NULL);
    size_t i;
    const json_t *result;
    json_array_foreach(json_object_get(found, "results"), i, result)
    {
        for (guint p = 0; p < G_N_ELEMENTS(people); p++)
            if (strcmp(json_string_value(json_object_get(result, "dossier")), ids[p]) == 0)
                g_string_append_printf(list, "%s%u", i > 0 ? "," : "", p);
    }
    return g_string_free(list, FALSE);
}

typedef struct {
    const char *words;
    DaSearchField field;
    const char *wanted;
} Case;

static void run(const Case *cases, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        g_autofree char *found = found_by(cases[i].words, cases[i].field);
        if (strcmp(found, cases[i].wanted) != 0)
            fail_msg("'%s' in field %d found [%s], wanted [%s]", cases[i].words, cases[i].field,
                     found, cases[i].wanted);
    }
}

static void names_are_found_exactly_and_by_their_beginning(void **state)
{
    static const Case cases[] = {
        {"龚杉榕", DA_SEARCH_NAME, "0"},
        {"龚杉", DA_SEARCH_NAME, "1,0"},
        {"龚", DA_SEARCH_NAME, "1,0"},
        {"龚 杉 榕", DA_SEARCH_NAME, "0"},
        {"　龚杉榕 ", DA_SEARCH_NAME, "0"},
        {"欧阳建国", DA_SEARCH_NAME, "2"},
        {"欧阳  建", DA_SEARCH_NAME, "2"},
        {"建国", DA_SEARCH_NAME, ""},
        {"王\xf0\xa0\x80\x80", DA_SEARCH_NAME, "3"},
        {"王", DA_SEARCH_NAME, "3"},
        {"虚构", DA_SEARCH_NAME, ""},
        {"龚杉", DA_SEARCH_ANY, "1,0"},
    };
    run(cases, G_N_ELEMENTS(cases));
}

static void id_numbers_are_found_in_every_way_they_are_typed(void **state)
{
    static const Case cases[] = {
        {"11010519491231002X", DA_SEARCH_ID, "0"},
        {"11010519491231002x", DA_SEARCH_ID, "0"},
        {"110105 19491231 002x", DA_SEARCH_ID, "0"},
        {"１１０１０５１９４９１２３１００２Ｘ", DA_SEARCH_ID, "0"},
        {"11010519491231002×", DA_SEARCH_ID, "0"},
        {"606129196201204759", DA_SEARCH_ANY, "1"},
        {"606129", DA_SEARCH_ID, "1"},
        {"606129196201204750", DA_SEARCH_ID, ""},
        {"110105491231002", DA_SEARCH_ID, "0"},
        {"4759", DA_SEARCH_ID, ""},
    };
    run(cases, G_N_ELEMENTS(cases));
}

static void names_are_found_as_they_are_spoken_and_in_traditional_forms(void **state)
{
    static const Case cases[] = {
        {"ouyangjianguo", DA_SEARCH_NAME, "2"},
        {"Ouyang Jian'guo", DA_SEARCH_ANY, "2"},
        {"ōuyáng", DA_SEARCH_ANY, "2"},
        {"ｏｕｙ", DA_SEARCH_NAME, "2"},
        {"oyjg", DA_SEARCH_ANY, "2"},
        {"gongshan", DA_SEARCH_NAME, "1,0"},
        {"gs", DA_SEARCH_NAME, "1,0"},
        {"gsr", DA_SEARCH_NAME, "0"},
        {"g", DA_SEARCH_NAME, ""},
        {"shanrong", DA_SEARCH_NAME, ""},
        {"gongshan1", DA_SEARCH_NAME, ""},
        {"gong-shan", DA_SEARCH_NAME, ""},
        {"歐陽建國", DA_SEARCH_NAME, "2"},
        {"欧阳建囯", DA_SEARCH_NAME, "2"},
        {"龔杉", DA_SEARCH_ANY, "1,0"},
        {"自傳", DA_SEARCH_TEXT, "2"},
        {"職工登記表", DA_SEARCH_ANY, "0"},
    };
    run(cases, G_N_ELEMENTS(cases));
}

static void employers_are_found_by_their_beginning(void **state)
{
    static const Case cases[] = {
        {"虚构机械厂", DA_SEARCH_EMPLOYER, "2,0"}, {"虚构机械厂二", DA_SEARCH_EMPLOYER, "2"},
        {"上饶", DA_SEARCH_EMPLOYER, "1"},         {"wei works", DA_SEARCH_EMPLOYER, "3"},
        {"轴承厂", DA_SEARCH_EMPLOYER, ""},        {"虚构", DA_SEARCH_ANY, "2,0"},
    };
    run(cases, G_N_ELEMENTS(cases));
}

static void texts_are_found_by_words_of_one_and_more_characters(void **state)
{
    static const Case cases[] = {
        {"工资", DA_SEARCH_TEXT, "0,1"},
        {"工", DA_SEARCH_TEXT, "0,1"},
        {"资", DA_SEARCH_TEXT, "0,1"},
        {"调整审批", DA_SEARCH_TEXT, "1"},
        {"调整 工资", DA_SEARCH_TEXT, "1,0"},
        {"自传", DA_SEARCH_TEXT, "2"},
        {"(退休审批)", DA_SEARCH_TEXT, "0"},
        {"（退休审批）", DA_SEARCH_TEXT, "0"},
        {"退休审批", DA_SEARCH_TEXT, "0"},
        {"abc公司", DA_SEARCH_TEXT, "0"},
        {"1985", DA_SEARCH_TEXT, "0"},
        {"1985年7月", DA_SEARCH_TEXT, "0"},
        {"21985", DA_SEARCH_TEXT, "1"},
        {"abc", DA_SEARCH_TEXT, "0"},
        {"ABCD", DA_SEARCH_TEXT, "1"},
        {"资工", DA_SEARCH_TEXT, ""},
        {"审批工资", DA_SEARCH_TEXT, ""},
        {"work", DA_SEARCH_TEXT, "3"},
        {"\xf0\xa0\x80\x80", DA_SEARCH_TEXT, "3"},
        {"生僻字\xf0\xa0\x80\x80", DA_SEARCH_TEXT, "3"},
        {"不存在的词", DA_SEARCH_TEXT, ""},
    };
    run(cases, G_N_ELEMENTS(cases));
}

static void signs_of_sql_and_of_queries_are_only_signs(void **state)
{
    static const Case cases[] = {
        {"%", DA_SEARCH_NAME, ""},
        {"_", DA_SEARCH_NAME, ""},
        {"龚%", DA_SEARCH_NAME, ""},
        {"龚_榕", DA_SEARCH_NAME, ""},
        {"' OR '1'='1", DA_SEARCH_ANY, ""},
        {"'; DROP TABLE dossier; --", DA_SEARCH_ANY, ""},
        {"\\", DA_SEARCH_ANY, ""},
        {"%", DA_SEARCH_TEXT, ""},
        {"100%_完成", DA_SEARCH_TEXT, "0"},
        {"完成 \"甲\\乙\"", DA_SEARCH_TEXT, "0"},
        {"工资 & | ! ( ) : *", DA_SEARCH_TEXT, ""},
        {"工资:*", DA_SEARCH_TEXT, ""},
        {"{name,id}", DA_SEARCH_NAME, ""},
        {"$1", DA_SEARCH_ANY, ""},
        {"\xf4\x8f\xbf\xbf", DA_SEARCH_NAME, ""},
        {"\xed\x9f\xbf", DA_SEARCH_NAME, ""},
    };
    run(cases, G_N_ELEMENTS(cases));
    g_autofree char *left = holdings_ask(holdings, "SELECT count(*) FROM dossier");
    assert_string_equal(left, "4");
}

static void queries_that_cannot_be_are_refused(void **state)
{
    g_autofree char *huge = g_strnfill(1000000, 'a'), *limit = g_strnfill(101, 'a');
    const struct {
        const char *label, *words;
        DaErrorCode code;
    } cases[] = {
        {"empty", "", DA_ERROR_USAGE},
        {"blank", " \t　", DA_ERROR_USAGE},
        {"not UTF-8", "\xff\xfe", DA_ERROR_USAGE},
        {"101 characters", limit, DA_ERROR_LIMIT},
        {"a million", huge, DA_ERROR_LIMIT},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DaSearchQuery query = {.words = cases[i].words, .limit = 10};
        if (da_search(holdings->reader, &query, &error) != NULL)
            fail_msg("%s was accepted", cases[i].label);
        if (!g_error_matches(error, DA_ERROR, cases[i].code))
            fail_msg("%s: code %d", cases[i].label, error->code);
        assert_int_equal(PQtransactionStatus(holdings->reader), PQTRANS_IDLE);
    }
}

static void a_hit_shows_its_place_in_the_text(void **state)
{
    g_autoptr(json_t) found = search("(退休审批)abc公司", DA_SEARCH_TEXT);
    json_t *hit = NULL;
    int start = 0, length = 0;
    const char *stem = NULL, *material = NULL, *snippet = NULL, *page = NULL;
    assert_int_equal(json_unpack(found, "{s:[{s:[o]}]}", "results", "hits", &hit), 0);
    assert_int_equal(json_unpack(hit, "{s:s,s:s,s:s,s:s,s:i,s:i}", "page", &page, "stem", &stem,
                                 "material", &material, "snippet", &snippet, "match_start", &start,
                                 "match_length", &length),
                     0);
    g_autofree char *wanted = holdings_page(ids[0], "1-1-001");
    assert_string_equal(page, wanted);
    assert_string_equal(stem, "1-1-001");
    assert_string_equal(material, "职工登记表");
    assert_string_equal(snippet, "（退休审批）ＡＢＣ公司 1985年7月");
    assert_int_equal(start, 0);
    assert_int_equal(length, 11);
}

static void lists_mask_the_id_number_unless_it_was_asked_for(void **state)
{
    static const struct {
        const char *words, *shown;
    } cases[] = {
        {"龚杉榕", "110105********002X"},
        {"110105", "110105********002X"},
        {"11010519491231002x", "11010519491231002X"},
        {"110105491231002", "11010519491231002X"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) found = search(cases[i].words, DA_SEARCH_ANY);
        const char *shown = NULL;
        assert_int_equal(json_unpack(found, "{s:[{s:s}]}", "results", "id_number", &shown), 0);
        assert_string_equal(shown, cases[i].shown);
    }
    g_autofree char *odd = da_search_mask("12345678901234567890");
    assert_string_equal(odd, "********************");
}

static void pages_of_a_long_list_follow_each_other(void **state)
{
    DaSearchQuery query = {.words = "龚", .field = DA_SEARCH_NAME, .limit = 1};
    g_autoptr(json_t) first = da_search(holdings->reader, &query, NULL);
    query.offset = 1;
    g_autoptr(json_t) second = da_search(holdings->reader, &query, NULL);
    query.offset = 2;
    g_autoptr(json_t) third = da_search(holdings->reader, &query, NULL);
    const char *a = NULL, *b = NULL;
    assert_int_equal(json_unpack(first, "{s:[{s:s}]}", "results", "dossier", &a), 0);
    assert_int_equal(json_unpack(second, "{s:[{s:s}]}", "results", "dossier", &b), 0);
    assert_string_equal(a, ids[1]);
    assert_string_equal(b, ids[0]);
    assert_true(json_is_true(json_object_get(first, "more")));
    assert_true(json_is_false(json_object_get(second, "more")));
    assert_int_equal(json_array_size(json_object_get(third, "results")), 0);
}

static void all_hits_of_one_dossier_are_listed_in_page_order(void **state)
{
    g_autoptr(json_t) found = da_search_pages(holdings->reader, ids[0], "工资", NULL);
    const char *first = NULL, *second = NULL;
    assert_int_equal(
        json_unpack(found, "{s:[{s:s},{s:s}!]}", "hits", "stem", &first, "stem", &second), 0);
    assert_string_equal(first, "1-1-001");
    assert_string_equal(second, "1-1-002");
    static const char *const unknown[] = {"00000000-0000-4000-8000-000000000000", "x", "' --", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++) {
        g_autoptr(json_t) none = da_search_pages(holdings->reader, unknown[i], "工资", NULL);
        assert_int_equal(json_array_size(json_object_get(none, "hits")), 0);
    }
}

static void fields_have_names(void **state)
{
    DaSearchField field = DA_SEARCH_ANY;
    assert_true(da_search_field_parse("employer", &field));
    assert_int_equal(field, DA_SEARCH_EMPLOYER);
    assert_false(da_search_field_parse("", &field));
    assert_false(da_search_field_parse("NAME", &field));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_exactly_and_by_their_beginning),
        cmocka_unit_test(id_numbers_are_found_in_every_way_they_are_typed),
        cmocka_unit_test(names_are_found_as_they_are_spoken_and_in_traditional_forms),
        cmocka_unit_test(employers_are_found_by_their_beginning),
        cmocka_unit_test(texts_are_found_by_words_of_one_and_more_characters),
        cmocka_unit_test(signs_of_sql_and_of_queries_are_only_signs),
        cmocka_unit_test(queries_that_cannot_be_are_refused),
        cmocka_unit_test(a_hit_shows_its_place_in_the_text),
        cmocka_unit_test(lists_mask_the_id_number_unless_it_was_asked_for),
        cmocka_unit_test(pages_of_a_long_list_follow_each_other),
        cmocka_unit_test(all_hits_of_one_dossier_are_listed_in_page_order),
        cmocka_unit_test(fields_have_names),
    };
    return cmocka_run_group_tests_name("search", tests, begin, end);
}
