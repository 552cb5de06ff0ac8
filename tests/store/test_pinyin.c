#include <dangan/pinyin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_text(const char *label, char *said, const char *wanted)
{
    if (g_strcmp0(said, wanted) != 0)
        fail_msg("%s: '%s', wanted '%s'", label, said ? said : "nothing",
                 wanted ? wanted : "nothing");
    g_free(said);
}

static void surnames_have_their_own_readings(void **state)
{
    static const struct {
        const char *name, *spoken, *usual, *initials;
    } cases[] = {
        {"单雄信", "shanxiongxin", "danxiongxin", "sxx"},
        {"解学龙", "xiexuelong", "jiexuelong", "xxl"},
        {"仇英", "qiuying", "chouying", "qy"},
        {"曾国", "zengguo", "cengguo", "zg"},
        {"查良镛", "zhaliangyong", "chaliangyong", "zly"},
        {"区寄", "ouji", "quji", "oj"},
        {"欧阳建国", "ouyangjianguo", "ouyangjianguo", "oyjg"},
        {"龚 杉榕", "gongshanrong", "gongshanrong", "gsr"},
        {"吕布", "lubu", "lubu", "lb"},
        {"歐陽", "ouyang", "ouyang", "oy"},
        {"Wang", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
        {"·－", NULL, NULL, NULL},
        {"\xff\xfe", NULL, NULL, NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_text(cases[i].name, da_pinyin_name(cases[i].name), cases[i].spoken);
        assert_text(cases[i].name, da_pinyin_usual(cases[i].name), cases[i].usual);
        assert_text(cases[i].name, da_pinyin_initials(cases[i].name), cases[i].initials);
    }
}

static void what_is_typed_loses_tones_and_blanks(void **state)
{
    static const struct {
        const char *words, *key;
    } cases[] = {{"Ōu yáng", "ouyang"},
                 {"lǚ bù", "lubu"},
                 {"lv bu", "lubu"},
                 {"XI'AN", "xian"},
                 {"ｚｈａｎｇ", "zhang"},
                 {"z", NULL},
                 {"欧yang", NULL},
                 {"a1", NULL},
                 {"", NULL},
                 {"' OR 1=1", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_text(cases[i].words, da_pinyin_words(cases[i].words), cases[i].key);
}

static void forms_are_simplified_and_others_kept(void **state)
{
    static const char *const cases[][2] = {
        {"歐陽建國", "欧阳建国"}, {"龔", "龚"}, {"abc 1985", "abc 1985"},
        {"欧阳", "欧阳"},         {"", ""},     {"\xf0\xa0\x80\x80", "\xf0\xa0\x80\x80"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_text(cases[i][0], da_han_simplified(cases[i][0]), cases[i][1]);
}

static void rare_variants_become_usual(void **state)
{
    static const char *const cases[][2] = {{"陶喆", "陶哲"}, {"王堃", "王坤"}, {"歐陽喆", "欧阳哲"},
                                           {"高峯", "高峰"}, {"张三", "张三"}, {"abc", "abc"},
                                           {"", ""},         {"\xff", "\xef\xbf\xbd"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_text(cases[i][0], da_han_usual(cases[i][0]), cases[i][1]);
}

/* U+20000 is read hē. */
static void rare_characters_and_long_texts_are_read(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++)
        g_string_append(text, i % 2 ? "\xf0\xa0\x80\x80" : "庄");
    g_autofree char *spoken = da_pinyin_name(text->str);
    g_autofree char *initials = da_pinyin_initials("庄\xf0\xa0\x80\x80");
    assert_non_null(spoken);
    assert_true(g_str_has_prefix(spoken, "zhuang"));
    assert_string_equal(initials, "zh");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(surnames_have_their_own_readings),
        cmocka_unit_test(what_is_typed_loses_tones_and_blanks),
        cmocka_unit_test(forms_are_simplified_and_others_kept),
        cmocka_unit_test(rare_variants_become_usual),
        cmocka_unit_test(rare_characters_and_long_texts_are_read),
    };
    return cmocka_run_group_tests_name("pinyin", tests, NULL, NULL);
}
