#include "fixture.h"
#include "scene.h"

#include <dangan/capacity.h>
#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/scope.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OURS "310104"
#define THEIRS "310105"

typedef struct {
    void *scene;
    DaArchive *archive;
    PGconn *owner, *reader;
} Districts;

/* --- two dossiers in two districts ------------------------------------------------------------------------------------- */

static void run(PGconn *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    if (!da_db_script(db, sql, &error))
        fail_msg("%s: %s", sql, error->message);
}

static void keep(Districts *districts, Fixture *fixture, const char *district)
{
    const DaDepositOptions options = {.district = district, .profile = fixture->profile};
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    fixture_write(fixture);
    if (!da_deposit(districts->archive, districts->owner, fixture->package, &options, &result,
                    &error))
        fail_msg("%s", error->message);
    da_deposit_result_clear(&result);
}

static int begin(void **state)
{
    static const struct {
        DaField field;
        const char *value;
    } person[] = {{DA_FIELD_NAME, "欧阳建国"},
                  {DA_FIELD_ID_NUMBER, "12036519341023878X"},
                  {DA_FIELD_SEX, "女"},
                  {DA_FIELD_BIRTH, "1934-10-23"},
                  {DA_FIELD_EMPLOYER, "虚构纺织厂"}};
    Districts *districts = g_new0(Districts, 1);
    scene_begin(&districts->scene);
    districts->archive = scene_init(districts->scene);
    districts->owner = scene_connect(districts->archive);
    g_autoptr(Fixture) ours = fixture_new();
    g_autoptr(Fixture) theirs = fixture_new();
    for (guint i = 0; i < G_N_ELEMENTS(person); i++)
        da_dossier_set(theirs->dossier, person[i].field, person[i].value, DA_ORIGIN_PERSON, "test");
    keep(districts, ours, OURS);
    keep(districts, theirs, THEIRS);
    run(districts->owner, "INSERT INTO page_text SELECT id, dossier, district, '工资', "
                          "array_to_tsvector(ARRAY['工资']) FROM page WHERE stem = '1-1-001'"
                          " ON CONFLICT DO NOTHING");
    districts->reader = da_archive_connect_reader(districts->archive, NULL);
    assert_non_null(districts->reader);
    *state = districts;
    return 0;
}

static int end(void **state)
{
    Districts *districts = *state;
    PQfinish(districts->reader);
    PQfinish(districts->owner);
    da_archive_free(districts->archive);
    int status = scene_end(&districts->scene);
    g_free(districts);
    return status;
}

static int see_ours(void **state)
{
    static const char *const ours[] = {OURS, NULL};
    Districts *districts = *state;
    return da_scope_set(districts->archive, districts->reader, ours, NULL) ? 0 : -1;
}

/* --- what is guarded --------------------------------------------------------------------------------------------------- */

/* A migration that adds a table with rows about dossiers has to guard it: SELECT guard_by_district('…'). */
static void every_table_with_districts_has_a_policy(void **state)
{
    Districts *districts = *state;
    assert_ask(districts->owner,
               "SELECT coalesce(string_agg(c.relname, ' '), '') FROM pg_class c JOIN pg_attribute a"
               " ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind"
               " IN ('r', 'p') AND a.attname = 'district' AND NOT a.attisdropped AND NOT"
               " (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policies p"
               " WHERE p.tablename = c.relname AND p.roles = '{dangan_query}' AND p.permissive ="
               " 'PERMISSIVE'))",
               "");
    /* Whatever else it may read is named here. */
    assert_ask(districts->owner,
               "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c WHERE"
               " c.relnamespace = 'public'::regnamespace AND has_table_privilege('dangan_query',"
               " c.oid, 'SELECT') AND NOT c.relrowsecurity",
               "account session");
    assert_ask(districts->owner,
               "SELECT coalesce(string_agg(c.relname, ' '), '') FROM pg_class c WHERE"
               " c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND"
               " has_table_privilege('dangan_query', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')",
               "");
    assert_ask(
        districts->owner,
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR"
        " EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) FROM pg_roles r WHERE"
        " rolname = 'dangan_query'",
        "f");
}

/* Tables that the reader may read and that carry a district; the caller owns the result. */
static PGresult *tables(Districts *districts)
{
    PGresult *tables = da_db_query(
        districts->owner, NULL,
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND"
        " c.relrowsecurity AND has_table_privilege('dangan_query', c.oid, 'SELECT')",
        NULL);
    assert_non_null(tables);
    assert_true(PQntuples(tables) >= 8);
    return tables;
}

static guint64 count(PGconn *db, const char *sql)
{
    g_autofree char *n = scene_ask(db, sql);
    return g_ascii_strtoull(n, NULL, 10);
}

static void each_table_shows_the_rows_of_the_scope_alone(void **state)
{
    static const char *const both[] = {OURS, THEIRS, NULL}, *const nowhere[] = {"310106", NULL};
    Districts *districts = *state;
    g_autoptr(PGresult) names = tables(districts);
    for (int i = 0; i < PQntuples(names); i++) {
        const char *name = da_db_text(names, i, "relname");
        g_autofree char *all = g_strdup_printf("SELECT count(*) FROM %s", name);
        g_autofree char *ours = g_strdup_printf("%s WHERE district = '" OURS "'", all);
        g_autofree char *theirs = g_strdup_printf("%s WHERE district = '" THEIRS "'", all);
        assert_int_equal(see_ours(state), 0);
        if (count(districts->reader, all) != count(districts->owner, ours) ||
            count(districts->reader, theirs) != 0)
            fail_msg("%s shows more or less than the rows of the scope", name);
        assert_true(da_scope_set(districts->archive, districts->reader, both, NULL));
        assert_int_equal(count(districts->reader, theirs), count(districts->owner, theirs));
        assert_true(da_scope_set(districts->archive, districts->reader, nowhere, NULL));
        assert_int_equal(count(districts->reader, all), 0);
        assert_true(da_scope_set(districts->archive, districts->reader, NULL, NULL));
        assert_int_equal(count(districts->reader, all), count(districts->owner, all));
        assert_true(da_scope_clear(districts->reader, NULL));
        assert_int_equal(count(districts->reader, all), 0);
    }
    assert_true(count(districts->owner, "SELECT count(*) FROM page_text") >= 2);
}

/* --- statements that want more ------------------------------------------------------------------------------------------- */

static void no_statement_shows_another_district(void **state)
{
    Districts *districts = *state;
    static const char *const empty[] = {
        "SELECT count(*) FROM dossier WHERE district = '" THEIRS "'",
        "SELECT count(*) FROM dossier d JOIN page p ON p.dossier = d.id WHERE d.name ~ '^欧阳'",
        "SELECT count(*) FROM dossier WHERE tableoid = 'dossier'::regclass AND ctid <> '(0,0)' AND"
        " district <> '" OURS "'",
        /* an error in a condition would tell of a row, where it is asked before row security */
        "SELECT count(*) FROM dossier WHERE 1 / (CASE WHEN district = '" THEIRS
        "' THEN 0 ELSE 1 END) = 0",
        "SELECT count(*) FROM person_key WHERE (CASE WHEN key LIKE '欧阳%' THEN key ELSE '0' END)"
        "::integer = 1 AND district = '" THEIRS "'",
        "SELECT count(*) FROM pages_with(to_tsquery('simple', '''工资'''), (SELECT id FROM dossier"
        " WHERE district = '" THEIRS "'), 10) p JOIN page ON page.id = p.page WHERE page.district"
        " = '" THEIRS "'",
        "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename IN ('dossier',"
        " 'page_text', 'person_key', 'page_text_" THEIRS "', 'person_key_" THEIRS "')",
        "SELECT count(*) FROM (SELECT * FROM dossier UNION ALL TABLE dossier) u WHERE district <>"
        " '" OURS "'",
        "WITH RECURSIVE r AS (SELECT * FROM page UNION SELECT page.* FROM page JOIN r USING"
        " (dossier)) SELECT count(*) FROM r WHERE district <> '" OURS "'",
    };
    run(districts->owner, "ANALYZE");
    for (guint i = 0; i < G_N_ELEMENTS(empty); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PGresult) rows = da_db_query(districts->reader, &error, empty[i], NULL);
        if (!rows)
            fail_msg("%s: %s", empty[i], error->message);
        if (da_db_integer(rows, 0, "count") != 0)
            fail_msg("%s: %s", empty[i], da_db_text(rows, 0, "count"));
    }
    assert_int_equal(count(districts->reader, "SELECT count(*) FROM pages_with(to_tsquery('simple',"
                                              " '''工资'''), NULL, 10)"),
                     1);
}

static void what_would_get_round_it_is_denied(void **state)
{
    Districts *districts = *state;
    static const char *const denied[] = {
        "SELECT * FROM page_text_" THEIRS,
        "SELECT * FROM person_key_" THEIRS,
        "SELECT key FROM scope_key",
        "SELECT * FROM district",
        "SET row_security = off; SELECT count(*) FROM dossier",
        "SET ROLE dangan",
        "SET SESSION AUTHORIZATION dangan",
        "ALTER TABLE dossier DISABLE ROW LEVEL SECURITY",
        "ALTER ROLE dangan_query BYPASSRLS",
        "CREATE TABLE mine (x text)",
        "CREATE TEMPORARY TABLE mine AS SELECT * FROM dossier",
        "CREATE FUNCTION look(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
        " 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'",
        "CREATE FUNCTION pg_temp.look(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "DO $$ BEGIN PERFORM pg_read_file('PG_VERSION'); END $$",
        "COPY dossier TO PROGRAM 'cat'",
        "UPDATE dossier SET district = '" OURS "'",
        "DELETE FROM dossier",
        "INSERT INTO remark SELECT 1, id, district, '' FROM dossier",
        "SELECT open_district('310199')",
        "UPDATE account SET districts = NULL",
        "UPDATE account SET password = ''",
        "SELECT guard_by_district('dossier')",
        "SELECT lo_import('/etc/hostname')",
    };
    for (guint i = 0; i < G_N_ELEMENTS(denied); i++) {
        g_autoptr(GError) error = NULL;
        if (da_db_script(districts->reader, denied[i], &error))
            fail_msg("%s: was allowed", denied[i]);
        run(districts->reader, "RESET row_security");
    }
    assert_int_equal(count(districts->owner, "SELECT count(DISTINCT district) FROM dossier"), 2);
}

/* Whoever knows a whole name or number is told where to ask, and nothing else. */
static void it_is_told_which_district_holds_a_person(void **state)
{
    Districts *districts = *state;
    static const char *const questions[][2] = {
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('name', '欧阳建国')", THEIRS},
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('id', '12036519341023878x')",
         THEIRS},
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('name', '欧阳')", ""},
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('name', '龚杉榕')", ""},
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('employer', '虚构纺织厂')", ""},
        {"SELECT string_agg(district, ' ') FROM held_elsewhere('name', '%')", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *said = scene_ask(districts->reader, questions[i][0]);
        if (strcmp(said, questions[i][1]) != 0)
            fail_msg("%s: %s", questions[i][0], said);
    }
    assert_true(da_scope_clear(districts->reader, NULL));
    assert_ask(districts->reader, "SELECT count(*) FROM held_elsewhere('name', '欧阳建国')", "0");
}

static void accounts_are_given_districts_by_the_program(void **state)
{
    const Scene *scene = ((Districts *)*state)->scene;
    g_autofree char *listed = NULL;
    assert_int_equal(scene_type("correct horse", NULL, NULL, "user", "add", "clerk", "--archive",
                                scene->dir, NULL),
                     0);
    assert_int_equal(scene_run(NULL, NULL, "user", "districts", "clerk", OURS "," THEIRS,
                               "--archive", scene->dir, NULL),
                     0);
    assert_int_equal(scene_run(NULL, &listed, "user", "list", "--archive", scene->dir, NULL), 0);
    assert_string_equal(listed, "clerk\t" OURS "," THEIRS "\n");
    static const char *const wrong[] = {"3101", "", "310104,", "everything"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(scene_run(NULL, NULL, "user", "districts", "clerk", wrong[i], "--archive",
                                   scene->dir, NULL),
                         2);
    assert_int_equal(
        scene_run(NULL, NULL, "user", "districts", "clerk", "all", "--archive", scene->dir, NULL),
        0);
}

static void a_scope_that_the_program_did_not_sign_shows_nothing(void **state)
{
    Districts *districts = *state;
    g_autofree char *good = scene_ask(districts->reader, "SHOW dangan.scope");
    assert_true(g_str_has_prefix(good, OURS "|"));
    static const char *const codes[] = {"*", THEIRS, OURS "," THEIRS, ""};
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autofree char *set =
            g_strdup_printf("SET dangan.scope = '%s%s'", codes[i], strchr(good, '|'));
        run(districts->reader, set);
        assert_int_equal(count(districts->reader, "SELECT count(*) FROM dossier"), 0);
    }
    static const char *const wrong[] = {"*", "310104,310105", "", "' OR true --", "31 01"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const one[] = {wrong[i], NULL};
        g_autoptr(GError) error = NULL;
        assert_false(da_scope_set(districts->archive, districts->reader, one, &error));
        assert_int_equal(error->code, DA_ERROR_USAGE);
    }
}

/* A condition that is not leakproof would be asked after row security only, and so without an index. */
static void names_are_found_by_an_index_under_row_security(void **state)
{
    Districts *districts = *state;
    static const char *const questions[] = {
        "key = '龚杉榕'",
        "key ~>=~ '龚杉' AND key ~<~ '龚杊'",
    };
    run(districts->reader, "SET enable_seqscan = off");
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *sql = g_strdup_printf(
            "EXPLAIN (COSTS off, FORMAT JSON) SELECT dossier FROM person_key WHERE kind = 'name'"
            " AND %s",
            questions[i]);
        g_autofree char *plan = scene_ask(districts->reader, sql);
        const char *condition = strstr(plan, "\"Index Cond\"");
        if (!condition || !strstr(condition, "(key "))
            fail_msg("%s: %s", questions[i], plan);
    }
    run(districts->reader, "RESET enable_seqscan");
}

/* --- what districts plan with -------------------------------------------------------------------------------------------- */

static void room_and_people_are_rounded_up(void **state)
{
    static const struct {
        guint64 held, m2, staff;
    } cases[] = {{0, 0, 0},     {1, 1, 1},     {166, 1, 1},    {167, 2, 1},
                 {2000, 12, 1}, {2001, 13, 2}, {10000, 60, 5}, {1200000, 7200, 600}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(da_capacity_m2(cases[i].held), cases[i].m2);
        assert_int_equal(da_capacity_staff(cases[i].held), cases[i].staff);
    }
}

static void each_district_is_told_what_it_holds(void **state)
{
    Districts *districts = *state;
    g_autoptr(json_t) capacity = da_capacity(districts->owner, NULL);
    const json_t *list = json_object_get(capacity, "districts"),
                 *all = json_object_get(capacity, "all");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "district")),
                        OURS);
    assert_int_equal(json_integer_value(json_object_get(all, "dossiers")), 2);
    assert_int_equal(json_integer_value(json_object_get(all, "living")), 2);
    assert_int_equal(json_integer_value(json_object_get(all, "pages")), 6);
    assert_int_equal(json_integer_value(json_object_get(all, "staff")), 1);
    assert_true(json_integer_value(json_object_get(all, "bytes")) > 0);
    run(districts->owner, "UPDATE dossier SET vital_status = '死亡' WHERE district = '" THEIRS "'");
    g_autoptr(json_t) later = da_capacity(districts->owner, NULL);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(later, "all"), "living")),
                     1);
    run(districts->owner, "UPDATE dossier SET vital_status = NULL WHERE district = '" THEIRS "'");
    const Scene *scene = districts->scene;
    g_autofree char *output = NULL;
    assert_int_equal(scene_run(NULL, &output, "capacity", "--archive", scene->dir, NULL), 0);
    assert_non_null(strstr(output, THEIRS));
    assert_int_equal(scene_run(NULL, NULL, "capacity", NULL), 2);
    assert_int_equal(scene_run(NULL, NULL, "capacity", "more", "--archive", scene->dir, NULL), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_table_with_districts_has_a_policy, see_ours),
        cmocka_unit_test_setup(each_table_shows_the_rows_of_the_scope_alone, see_ours),
        cmocka_unit_test_setup(no_statement_shows_another_district, see_ours),
        cmocka_unit_test_setup(what_would_get_round_it_is_denied, see_ours),
        cmocka_unit_test_setup(a_scope_that_the_program_did_not_sign_shows_nothing, see_ours),
        cmocka_unit_test_setup(it_is_told_which_district_holds_a_person, see_ours),
        cmocka_unit_test(accounts_are_given_districts_by_the_program),
        cmocka_unit_test(room_and_people_are_rounded_up),
        cmocka_unit_test(each_district_is_told_what_it_holds),
        cmocka_unit_test_setup(names_are_found_by_an_index_under_row_security, see_ours),
    };
    return cmocka_run_group_tests_name("scope", tests, begin, end);
}
