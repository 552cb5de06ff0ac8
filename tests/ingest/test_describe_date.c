/* Dates as forms have them, and as recognition damages them. */
#include "../../ingest/describe_date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
    const char *text, *date; /* date "" = none */
} Case;

static void expect(const Case *cases, gsize n, gboolean repaired)
{
    for (gsize i = 0; i < n; i++) {
        DaWrittenDate found = {0};
        gboolean is = da_written_date_find(cases[i].text, 1920, &found);
        g_autofree char *date = is ? da_date_format(found.date) : g_strdup("");
        if (g_strcmp0(date, cases[i].date) || (is && repaired != found.repaired))
            fail_msg("'%s' gave '%s'%s, wanted '%s'", cases[i].text, date,
                     found.repaired ? " (repaired)" : "", cases[i].date);
    }
}

static void written_dates_are_read_as_exactly_as_they_stand(void **state)
{
    static const Case cases[] = {
        {"1956年3月12日", "1956-03-12"},
        {"1956年3月", "1956-03"},
        {"1956年", "1956"},
        {"1956", "1956"},
        {"1956.3.12", "1956-03-12"},
        {"1956.3", "1956-03"},
        {"1956-3-12", "1956-03-12"},
        {"1956/03/12", "1956-03-12"},
        {"1956、3、12", "1956-03-12"},
        {"1956·3·12", "1956-03-12"},
        {"1956。3。12", "1956-03-12"},
        {"1956，3，12", "1956-03-12"},
        {"1956 年 3 月 12 日", "1956-03-12"},
        {"１９５６年３月１２日", "1956-03-12"},
        {"１９５６．３", "1956-03"},
        {"19560312", "1956-03-12"},
        {"195603", "1956-03"},
        {"1956 3 12", "1956-03-12"},
        {"56年3月", "1956-03"},
        {"56.3.12", "1956-03-12"},
        {"56.3", "1956-03"},
        {"08年6月", "2008-06"},
        {"一九五六年三月十二日", "1956-03-12"},
        {"一九五六年三月", "1956-03"},
        {"一九五六年", "1956"},
        {"一九五六年十二月三十一日", "1956-12-31"},
        {"一九五六年十月十日", "1956-10-10"},
        {"一九五六年二月二十日", "1956-02-20"},
        {"一九四九年十月廿三日", "1949-10-23"},
        {"一九四九年十月卅一日", "1949-10-31"},
        {"二〇〇一年七月", "2001-07"},
        {"二零一零年五月", "2010-05"},
        {"五六年三月", "1956-03"},
        {"民国三十五年三月", "1946-03"},
        {"民国35年3月12日", "1946-03-12"},
        {"民国元年五月", "1912-05"},
        {"公元1956年3月", "1956-03"},
        {"1956年3月12号", "1956-03-12"},
        {"1956年3月中旬", "1956-03"},
        {"1956年春", "1956"},
        {"1956.3.12（公历）", "1956-03-12"},
        {"于1956年3月在保定出生", "1956-03"},
        {"：1956年3月", "1956-03"},
        {"1952年2月29日", "1952-02-29"},
    };
    expect(cases, G_N_ELEMENTS(cases), FALSE);
}

static void what_recognition_confuses_is_repaired_where_it_is_safe(void **state)
{
    static const Case cases[] = {
        {"195O年3月", "1950-03"},    {"l956年3月", "1956-03"}, {"1956年l2月", "1956-12"},
        {"1956.1O.2", "1956-10-02"}, {"19S6年3月", "1956-03"},
    };
    expect(cases, G_N_ELEMENTS(cases), TRUE);
}

/* The digits are whole: nothing of the date itself is guessed. */
static void damaged_words_between_clear_digits_are_borne(void **state)
{
    static const Case cases[] = {
        {"1956午3月12日", "1956-03-12"},
        {"1956牟3用12日", "1956-03-12"},
        {"1956手3日12日", "1956-03-12"},
        {"1956年3日12日", "1956-03-12"},
    };
    expect(cases, G_N_ELEMENTS(cases), FALSE);
}

static void a_cell_may_still_show_its_year(void **state)
{
    static const Case cases[] = {
        {"19565日", "1956"},
        {"1956乡5", "1956"},
        {"：1956 3 乡", "1956"},
        {"195612", "1956"},
        {"19566129620", ""},
        {"956年", ""},
        {"1856年", ""},
        {"年1956", ""},
        {"农历1956正月", ""},
        {"195O年", ""},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DaWrittenDate found = {0};
        gboolean is = da_written_year_find(cases[i].text, &found);
        g_autofree char *date = is ? da_date_format(found.date) : g_strdup("");
        if (g_strcmp0(date, cases[i].date) || (is && !found.cut))
            fail_msg("'%s' gave '%s'", cases[i].text, date);
    }
}

static void what_is_no_date_is_not_read(void **state)
{
    static const Case cases[] = {
        {"", ""},
        {"无", ""},
        {"56", ""},
        {"5", ""},
        {"车工", ""},
        {"48.35元", ""},
        {"1956元", ""},
        {"13803311956", ""},
        {"606129196201204759", ""},
        {"1956.3至1959.4", ""},
        {"1956.3—1959.4", ""},
        {"1956年3月到1959年4月", ""},
        {"1956年3月至今", ""},
        {"农历一九五六年三月初五", ""},
        {"1956年正月", ""},
        {"3月12日", ""},
        {"年月日", ""},
        {"年 月 日", ""},
        {"O", ""},
        {"lI", ""},
        {"g0午B月", ""},
        {"197109日", ""},
        {"lO年3月", ""},
        {"l9SO年3月", ""},
    };
    expect(cases, G_N_ELEMENTS(cases), FALSE);
}

/* The part that cannot be read is missing, and it is said. */
static void a_damaged_part_makes_the_date_less_exact(void **state)
{
    static const Case cases[] = {
        {"1956年13月", "1956"},
        {"1956年3月32日", "1956-03"},
        {"1956年2月30日", "1956-02"},
        {"1953年2月29日", "1953-02"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DaWrittenDate found = {0};
        assert_true(da_written_date_find(cases[i].text, 1920, &found));
        g_autofree char *date = da_date_format(found.date);
        assert_string_equal(date, cases[i].date);
        assert_true(found.cut);
    }
}

static void the_place_of_the_date_is_told_in_bytes(void **state)
{
    const char *text = "生于1956年3月12日，汉族";
    DaWrittenDate found;
    assert_true(da_written_date_find(text, 1920, &found));
    g_autofree char *part = g_strndup(text + found.from, found.to - found.from);
    assert_string_equal(part, "1956年3月12日");
}

static void the_century_of_two_digits_comes_from_the_profile(void **state)
{
    DaWrittenDate found;
    assert_true(da_written_date_find("19年5月", 1920, &found));
    assert_int_equal(found.date.year, 2019);
    assert_true(found.two_digits);
    assert_true(da_written_date_find("19年5月", 1910, &found));
    assert_int_equal(found.date.year, 1919);
    assert_false(da_written_date_find("19年5月", 0, &found));
    assert_true(da_written_date_find("1919年5月", 0, &found));
    assert_false(found.two_digits);
}

static void broken_and_endless_text_is_borne(void **state)
{
    DaWrittenDate found;
    g_autofree char *long_text = g_strnfill(10000, '1');
    assert_false(da_written_date_find(long_text, 1920, &found));
    g_autofree char *han = g_strdup("九九九九九九九九九九九九十十十十十年月日年月日民国民国");
    assert_false(da_written_date_find(han, 1920, &found) && found.date.month);
    assert_false(da_written_date_find("民国", 1920, &found));
    assert_false(da_written_date_find("民国 ", 1920, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_dates_are_read_as_exactly_as_they_stand),
        cmocka_unit_test(what_recognition_confuses_is_repaired_where_it_is_safe),
        cmocka_unit_test(damaged_words_between_clear_digits_are_borne),
        cmocka_unit_test(a_cell_may_still_show_its_year),
        cmocka_unit_test(what_is_no_date_is_not_read),
        cmocka_unit_test(a_damaged_part_makes_the_date_less_exact),
        cmocka_unit_test(the_place_of_the_date_is_told_in_bytes),
        cmocka_unit_test(the_century_of_two_digits_comes_from_the_profile),
        cmocka_unit_test(broken_and_endless_text_is_borne),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
