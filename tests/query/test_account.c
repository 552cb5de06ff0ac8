#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "holdings.h"

#include <dangan/account.h>
#include <dangan/error.h>
#include <string.h>

#define GOOD "correct horse 马"
#define MINUTES 30

static Holdings *holdings;

static int begin(void **state)
{
    holdings = holdings_new();
    return 0;
}

static int end(void **state)
{
    holdings_free(holdings);
    return 0;
}

static void assert_fails(gboolean done, const GError *error, DaErrorCode code)
{
    assert_false(done);
    assert_non_null(error);
    if (!g_error_matches(error, DA_ERROR, code))
        fail_msg("code %d, wanted %d: %s", error->code, code, error->message);
}

static void add(const char *name)
{
    da_account_remove(holdings->db, name, NULL);
    assert_true(da_account_add(holdings->db, name, GOOD, NULL));
}

static void names_and_passwords_outside_the_rules_are_refused(void **state)
{
    g_autofree char *long_name = g_strnfill(65, 'a'), *long_password = g_strnfill(1025, 'a');
    const struct {
        const char *label, *name, *password;
    } cases[] = {
        {"empty name", "", GOOD},
        {"one letter", "a", GOOD},
        {"long name", long_name, GOOD},
        {"blank in name", "wang li", GOOD},
        {"quote in name", "wang'--", GOOD},
        {"Han in name", "王丽", GOOD},
        {"line end in name", "wang\nli", GOOD},
        {"empty password", "wang", ""},
        {"seven characters", "wang", "1234567"},
        {"seven Han characters", "wang", "一二三四五六七"},
        {"not UTF-8", "wang", "abcdefgh\xff"},
        {"long password", "wang", long_password},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        if (da_account_add(holdings->db, cases[i].name, cases[i].password, &error))
            fail_msg("%s was accepted", cases[i].label);
        assert_fails(FALSE, error, DA_ERROR_USAGE);
        assert_null(strstr(error->message, "1234567"));
    }
}

static void accounts_are_added_listed_and_removed_once(void **state)
{
    g_autoptr(GError) taken = NULL, gone = NULL, unknown = NULL;
    add("zhao.li");
    add("Wang_2");
    gboolean added = da_account_add(holdings->db, "zhao.li", GOOD, &taken);
    assert_fails(added, taken, DA_ERROR_CONFLICT);
    g_autoptr(GPtrArray) names = da_account_list(holdings->db, NULL);
    assert_int_equal(names->len, 2);
    assert_true(da_account_remove(holdings->db, "zhao.li", NULL));
    gboolean removed = da_account_remove(holdings->db, "zhao.li", &gone);
    assert_fails(removed, gone, DA_ERROR_NOT_FOUND);
    gboolean changed = da_account_set_password(holdings->db, "zhao.li", GOOD, &unknown);
    assert_fails(changed, unknown, DA_ERROR_NOT_FOUND);
    da_account_remove(holdings->db, "Wang_2", NULL);
}

static void an_account_sees_the_districts_that_it_was_given(void **state)
{
    static const char *const two[] = {"310104", "310115", NULL}, *const none[] = {NULL};
    static const char *const wrong[] = {"3101", "310104,310115", "{310104}", "", "31010x"};
    add("clerk");
    g_autofree char *token = da_session_begin(holdings->db, "clerk", GOOD, MINUTES, NULL);
    g_autoptr(DaAccount) before = da_session_account(holdings->db, token, MINUTES, NULL);
    assert_null(before->districts);
    assert_true(da_account_set_districts(holdings->db, "clerk", two, NULL));
    g_autoptr(DaAccount) after = da_session_account(holdings->db, token, MINUTES, NULL);
    assert_int_equal(g_strv_length(after->districts), 2);
    assert_string_equal(after->districts[1], "310115");
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const codes[] = {"310104", wrong[i], NULL};
        g_autoptr(GError) error = NULL;
        gboolean set = da_account_set_districts(holdings->db, "clerk", codes, &error);
        assert_fails(set, error, DA_ERROR_USAGE);
    }
    g_autoptr(GError) empty = NULL, nobody = NULL;
    gboolean emptied = da_account_set_districts(holdings->db, "clerk", none, &empty);
    assert_fails(emptied, empty, DA_ERROR_USAGE);
    gboolean unknown = da_account_set_districts(holdings->db, "nobody", two, &nobody);
    assert_fails(unknown, nobody, DA_ERROR_NOT_FOUND);
    assert_true(da_account_set_districts(holdings->db, "clerk", NULL, NULL));
    g_autoptr(DaAccount) again = da_session_account(holdings->db, token, MINUTES, NULL);
    assert_null(again->districts);
    da_account_remove(holdings->db, "clerk", NULL);
}

static void what_is_stored_is_no_password_and_no_token(void **state)
{
    add("stored");
    g_autofree char *token = da_session_begin(holdings->db, "stored", GOOD, MINUTES, NULL);
    assert_non_null(token);
    assert_int_equal(strlen(token), 43);
    g_autofree char *all = holdings_ask(
        holdings, "SELECT string_agg(a::text || s::text, ' ') FROM account a, session s");
    assert_null(strstr(all, GOOD));
    assert_null(strstr(all, token));
    g_autofree char *sizes = holdings_ask(
        holdings,
        "SELECT length(salt) || ' ' || length(password) FROM account WHERE name = 'stored'");
    assert_string_equal(sizes, "16 32");
}

static void a_session_lives_until_it_is_ended(void **state)
{
    add("sitting");
    g_autofree char *token = da_session_begin(holdings->db, "sitting", GOOD, MINUTES, NULL);
    g_autofree char *other = da_session_begin(holdings->db, "sitting", GOOD, MINUTES, NULL);
    assert_string_not_equal(token, other);
    g_autoptr(DaAccount) account = da_session_account(holdings->db, token, MINUTES, NULL);
    assert_string_equal(account->name, "sitting");
    assert_true(da_session_end(holdings->db, token, NULL));
    assert_true(da_session_end(holdings->db, token, NULL));
    assert_null(da_session_account(holdings->db, token, MINUTES, NULL));
    g_autoptr(DaAccount) still = da_session_account(holdings->db, other, MINUTES, NULL);
    assert_string_equal(still->name, "sitting");
}

static void a_session_that_ran_out_is_none(void **state)
{
    add("late");
    g_autofree char *token = da_session_begin(holdings->db, "late", GOOD, MINUTES, NULL);
    holdings_run(holdings, "UPDATE session SET expires_at = now() + interval '5 minutes' "
                           "WHERE account = 'late'");
    g_autoptr(DaAccount) account = da_session_account(holdings->db, token, MINUTES, NULL);
    assert_string_equal(account->name, "late");
    g_autofree char *prolonged =
        holdings_ask(holdings, "SELECT expires_at > now() + interval '29 minutes' FROM session "
                               "WHERE account = 'late'");
    assert_string_equal(prolonged, "t");
    holdings_run(holdings, "UPDATE session SET expires_at = now() WHERE "
                           "account = 'late'");
    assert_null(da_session_account(holdings->db, token, MINUTES, NULL));
    g_autofree char *next = da_session_begin(holdings->db, "late", GOOD, MINUTES, NULL);
    assert_non_null(next);
    g_autofree char *swept =
        holdings_ask(holdings, "SELECT count(*) FROM session WHERE account = 'late'");
    assert_string_equal(swept, "1");
}

static void a_new_password_and_a_removed_account_end_the_sessions(void **state)
{
    add("moved");
    g_autofree char *token = da_session_begin(holdings->db, "moved", GOOD, MINUTES, NULL);
    assert_true(da_account_set_password(holdings->db, "moved", "another secret", NULL));
    assert_null(da_session_account(holdings->db, token, MINUTES, NULL));
    assert_null(da_session_begin(holdings->db, "moved", GOOD, MINUTES, NULL));
    g_autofree char *next =
        da_session_begin(holdings->db, "moved", "another secret", MINUTES, NULL);
    assert_non_null(next);
    assert_true(da_account_remove(holdings->db, "moved", NULL));
    assert_null(da_session_account(holdings->db, next, MINUTES, NULL));
}

static void forged_tokens_have_no_session(void **state)
{
    g_autofree char *long_token = g_strnfill(100000, 'A');
    const char *const tokens[] = {"", "x", "' OR true --",
                                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", long_token};
    for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(da_session_account(holdings->db, tokens[i], MINUTES, &error));
        assert_null(error);
    }
}

static void try(const char *name, const char *password, DaErrorCode code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *token = da_session_begin(holdings->db, name, password, MINUTES, &error);
    assert_fails(token != NULL, error, code);
}

static void wrong_names_and_passwords_get_the_same_answer(void **state)
{
    add("known");
    g_autofree char *huge = g_strnfill(100000, 'x');
    g_autoptr(GError) wrong = NULL, unknown = NULL;
    assert_null(da_session_begin(holdings->db, "known", "wrong password", MINUTES, &wrong));
    assert_null(da_session_begin(holdings->db, "nobody", "wrong password", MINUTES, &unknown));
    assert_string_equal(wrong->message, unknown->message);
    assert_int_equal(wrong->code, unknown->code);
    try("known' --", GOOD, DA_ERROR_DENIED);
    try("", "", DA_ERROR_DENIED);
    try(huge, GOOD, DA_ERROR_DENIED);
    try("known", huge, DA_ERROR_DENIED);
    try("known\xff", GOOD, DA_ERROR_DENIED);
}

static gint64 time_of(const char *name)
{
    gint64 began = g_get_monotonic_time();
    try(name, "wrong password", DA_ERROR_DENIED);
    return g_get_monotonic_time() - began;
}

/* Far apart would be the missing digest: 0.1 s against 1 ms. */
static void an_unknown_account_takes_the_time_of_a_known_one(void **state)
{
    add("timed");
    gint64 known = MIN(time_of("timed"), time_of("timed"));
    gint64 unknown = MIN(time_of("nobody"), time_of("nobody"));
    assert_true(unknown > known / 3);
    assert_true(known > unknown / 3);
}

static void five_wrong_passwords_make_the_account_wait(void **state)
{
    add("locked");
    for (int i = 0; i < 4; i++)
        try("locked", "wrong password", DA_ERROR_DENIED);
    try("locked", "wrong password", DA_ERROR_LIMIT);
    g_autoptr(GError) waits = NULL;
    assert_null(da_session_begin(holdings->db, "locked", GOOD, MINUTES, &waits));
    assert_true(g_error_matches(waits, DA_ERROR, DA_ERROR_LIMIT));
    assert_non_null(strstr(waits->message, "until 20"));
    holdings_run(holdings, "UPDATE account SET locked_until = now() - interval "
                           "'1 second' WHERE name = 'locked'");
    try("locked", "wrong password", DA_ERROR_DENIED);
    g_autofree char *token = da_session_begin(holdings->db, "locked", GOOD, MINUTES, NULL);
    assert_non_null(token);
    g_autofree char *failures =
        holdings_ask(holdings, "SELECT failures FROM account WHERE name = 'locked'");
    assert_string_equal(failures, "0");
}

static void a_right_password_begins_the_count_anew(void **state)
{
    add("careless");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++)
            try("careless", "wrong password", DA_ERROR_DENIED);
        g_autofree char *token = da_session_begin(holdings->db, "careless", GOOD, MINUTES, NULL);
        assert_non_null(token);
    }
}

static void the_fifth_try_may_be_right(void **state)
{
    add("lucky");
    for (int i = 0; i < 4; i++)
        try("lucky", "wrong password", DA_ERROR_DENIED);
    g_autofree char *token = da_session_begin(holdings->db, "lucky", GOOD, MINUTES, NULL);
    assert_non_null(token);
    g_autofree char *again = da_session_begin(holdings->db, "lucky", GOOD, MINUTES, NULL);
    assert_non_null(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_passwords_outside_the_rules_are_refused),
        cmocka_unit_test(accounts_are_added_listed_and_removed_once),
        cmocka_unit_test(an_account_sees_the_districts_that_it_was_given),
        cmocka_unit_test(what_is_stored_is_no_password_and_no_token),
        cmocka_unit_test(a_session_lives_until_it_is_ended),
        cmocka_unit_test(a_session_that_ran_out_is_none),
        cmocka_unit_test(a_new_password_and_a_removed_account_end_the_sessions),
        cmocka_unit_test(forged_tokens_have_no_session),
        cmocka_unit_test(wrong_names_and_passwords_get_the_same_answer),
        cmocka_unit_test(an_unknown_account_takes_the_time_of_a_known_one),
        cmocka_unit_test(five_wrong_passwords_make_the_account_wait),
        cmocka_unit_test(a_right_password_begins_the_count_anew),
        cmocka_unit_test(the_fifth_try_may_be_right),
    };
    return cmocka_run_group_tests_name("account", tests, begin, end);
}
