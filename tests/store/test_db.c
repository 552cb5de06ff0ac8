#include "scene.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    void *scene;
    DaArchive *archive;
    PGconn *db;
} Base;

static int begin(void **state)
{
    Base *base = g_new0(Base, 1);
    scene_begin(&base->scene);
    base->archive = scene_init(base->scene);
    base->db = scene_connect(base->archive);
    *state = base;
    return 0;
}

static int end(void **state)
{
    Base *base = *state;
    PQfinish(base->db);
    da_archive_free(base->archive);
    int status = scene_end(&base->scene);
    g_free(base);
    return status;
}

static void cells_are_what_was_asked(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    g_autoptr(PGresult) row =
        da_db_query(db, NULL,
                    "SELECT $1::text AS quote, $2::text AS nothing, $3::text AS empty,"
                    " 9007199254740993::bigint AS number, true AS yes",
                    "a'; DROP TABLE dossier; --", DA_DB_NULL, "", NULL);
    assert_non_null(row);
    assert_string_equal(da_db_text(row, 0, "quote"), "a'; DROP TABLE dossier; --");
    assert_null(da_db_text(row, 0, "nothing"));
    assert_string_equal(da_db_text(row, 0, "empty"), "");
    assert_true(da_db_integer(row, 0, "number") == G_GINT64_CONSTANT(9007199254740993));
    assert_int_equal(da_db_integer(row, 0, "nothing"), 0);
    assert_true(da_db_boolean(row, 0, "yes"));
    assert_false(da_db_boolean(row, 0, "nothing"));
}

static void a_wrong_statement_says_the_state(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    static const struct {
        const char *sql, *state;
        DaErrorCode code;
    } cases[] = {
        {"SELEC 1", "42601", DA_ERROR_DATABASE},
        {"SELECT 1/0", "22012", DA_ERROR_DATABASE},
        {"SELECT * FROM nowhere", "42P01", DA_ERROR_DATABASE},
        {"INSERT INTO schema_version VALUES (1, 'again')", "23505", DA_ERROR_CONFLICT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(da_db_run(db, &error, cases[i].sql, NULL));
        assert_int_equal(error->code, cases[i].code);
        assert_non_null(strstr(error->message, cases[i].state));
    }
}

static void a_transaction_without_a_commit_is_undone(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    const char *insert = "INSERT INTO account VALUES ('anna', '', '')";
    DaTransaction *dropped = da_transaction_begin(db, NULL);
    assert_true(da_db_run(db, NULL, insert, NULL));
    da_transaction_free(dropped);
    assert_ask(db, "SELECT count(*) FROM account", "0");
    g_autoptr(DaTransaction) kept = da_transaction_begin(db, NULL);
    assert_true(da_db_run(db, NULL, insert, NULL));
    assert_true(da_transaction_commit(kept, NULL));
    assert_ask(db, "SELECT count(*) FROM account", "1");
}

static void a_commit_after_a_failed_statement_is_a_failure(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTransaction) transaction = da_transaction_begin(db, NULL);
    assert_false(da_db_run(db, NULL, "SELECT 1/0", NULL));
    assert_false(da_transaction_commit(transaction, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DATABASE));
}

static void a_lost_connection_is_said(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    g_autoptr(PGconn) killer = scene_connect(((Base *)*state)->archive);
    g_autofree char *pid = g_strdup_printf("%d", PQbackendPID(db));
    assert_true(da_db_run(killer, NULL, "SELECT pg_terminate_backend($1)", pid, NULL));
    g_usleep(100000);
    g_autoptr(GError) error = NULL, again = NULL;
    assert_false(da_db_run(db, &error, "SELECT 1", NULL));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DATABASE));
    assert_false(da_db_run(db, &again, "SELECT 1", NULL));
}

/* What C writes as array and query, the server must read. */
static void lexemes_pass_the_server(void **state)
{
    PGconn *db = ((Base *)*state)->db;
    static const char text[] = "调整 ' \" \\ { } , NULL null ＡＢＣ ٣ é 𠮷野 工资";
    g_autofree char *vector = da_bigram_vector(text), *query = da_bigram_query(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) hit =
        da_db_query(db, &error, "SELECT array_to_tsvector($1::text[]) @@ $2::tsquery AS hit",
                    vector, query, NULL);
    if (!hit)
        fail_msg("%s", error->message);
    assert_true(da_db_boolean(hit, 0, "hit"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(cells_are_what_was_asked),
        CASE(a_wrong_statement_says_the_state),
        CASE(a_transaction_without_a_commit_is_undone),
        CASE(a_commit_after_a_failed_statement_is_a_failure),
        CASE(a_lost_connection_is_said),
        CASE(lexemes_pass_the_server),
    };
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
