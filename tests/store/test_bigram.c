#include <dangan/bigram.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_text_falls_into_characters_pairs_and_words(void **state)
{
    static const struct {
        const char *label, *text, *vector, *query;
    } cases[] = {
        {"empty", "", "{}", NULL},
        {"signs only", "——、。()'\"\\", "{}", NULL},
        {"one character", "工", "{\"工\"}", "'工'"},
        {"a pair", "工资", "{\"工\",\"工资\",\"资\"}", "'工资'"},
        {"three", "工资表", "{\"工\",\"工资\",\"表\",\"资\",\"资表\"}", "'工资' & '资表'"},
        {"full-width and capitals", "ＡＢ１２ Xy", "{\"ab12\",\"xy\"}", "'ab12' & 'xy'"},
        {"digits beside Han", "1985年", "{\"1985\",\"年\"}", "'1985' & '年'"},
        {"a line end separates", "工\n资", "{\"工\",\"资\"}", "'工' & '资'"},
        {"quotes cannot leave", "a'b\"c\\d", "{\"a\",\"b\",\"c\",\"d\"}", "'a' & 'b' & 'c' & 'd'"},
        {"invalid UTF-8", "\xff工", "{\"工\"}", "'工'"},
        {"once each", "工工工", "{\"工\",\"工工\"}", "'工工'"},
        {"outside the base plane", "𠮷田", "{\"田\",\"𠮷\",\"𠮷田\"}", "'𠮷田'"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *vector = da_bigram_vector(cases[i].text);
        g_autofree char *query = da_bigram_query(cases[i].text);
        if (strcmp(vector, cases[i].vector) != 0 || g_strcmp0(query, cases[i].query) != 0)
            fail_msg("%s: %s, %s", cases[i].label, vector, query ? query : "NULL");
    }
}

static void a_very_long_word_is_cut_alike_in_page_and_query(void **state)
{
    g_autofree char *word = g_strnfill(100000, 'a');
    g_autofree char *vector = da_bigram_vector(word);
    g_autofree char *query = da_bigram_query(word);
    assert_int_equal(strlen(vector), DA_BIGRAM_WORD_MAX + 4);
    assert_int_equal(strlen(query), DA_BIGRAM_WORD_MAX + 2);
}

static void keys_of_persons_are_folded(void **state)
{
    static const char *const cases[][2] = {{"龚 杉榕", "龚杉榕"},
                                           {"　龚杉榕 ", "龚杉榕"},
                                           {"11010519491231002X", "11010519491231002x"},
                                           {"Ｌi Ming", "liming"},
                                           {" \t", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *key = da_person_key(cases[i][0]);
        if (g_strcmp0(key, cases[i][1]) != 0)
            fail_msg("'%s' gave '%s'", cases[i][0], key ? key : "NULL");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_falls_into_characters_pairs_and_words),
        cmocka_unit_test(a_very_long_word_is_cut_alike_in_page_and_query),
        cmocka_unit_test(keys_of_persons_are_folded),
    };
    return cmocka_run_group_tests_name("bigram", tests, NULL, NULL);
}
