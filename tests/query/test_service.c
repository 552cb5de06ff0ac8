#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../query/routes.h"
#include "client.h"
#include "holdings.h"

#include <dangan/account.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/image.h>
#include <string.h>

#define PASSWORD "correct horse"
#define HEADER "X-Dangan: 1\r\n"
#define API "/api/v1/"

static Holdings *holdings;
static DaService *service;
static char *jpeg_dossier, *tiff_dossier;
static char *session; /* a Cookie header with its line end */

static char *login(const char *name)
{
    g_autofree char *token = da_session_begin(holdings->db, name, PASSWORD, 30, NULL);
    g_assert(token != NULL);
    return g_strdup_printf("Cookie: dangan=%s\r\n", token);
}

static int begin(void **state)
{
    static const Person jpeg = {"龚杉榕",     "11010519491231002X",
                                "女",         "1949-12-31",
                                "虚构机械厂", {"职工登记表\n工资", "工资调整"}};
    static const Person tiff = {.name = "欧阳建国",
                                .id_number = "12036519341023878X",
                                .sex = "女",
                                .birth = "1934-10-23",
                                .employer = "虚构纺织厂",
                                .texts = {"自传"},
                                .tiff = TRUE};
    g_autoptr(GError) error = NULL;
    holdings = holdings_new();
    jpeg_dossier = holdings_add(holdings, &jpeg);
    tiff_dossier = holdings_add(holdings, &tiff);
    da_account_add(holdings->db, "wang", PASSWORD, NULL);
    service = da_service_start(holdings->archive, "127.0.0.1:0", &error);
    if (service == NULL)
        g_error("%s", error->message);
    session = login("wang");
    return 0;
}

static int end(void **state)
{
    da_service_stop(service);
    g_free(jpeg_dossier);
    g_free(tiff_dossier);
    g_free(session);
    holdings_free(holdings);
    return 0;
}

static Answer ask(const char *method, const char *target, const char *headers, const char *body)
{
    return client_ask(da_service_address(service), method, target, headers, body);
}

static Answer get(const char *target)
{
    return ask("GET", target, session, NULL);
}

static json_t *json_of(const Answer *answer)
{
    json_t *json =
        json_loadb(g_bytes_get_data(answer->body, NULL), g_bytes_get_size(answer->body), 0, NULL);
    if (json == NULL)
        fail_msg("no JSON: %s", answer->head);
    return json;
}

static void assert_error(const Answer *answer, guint status, const char *code)
{
    const char *told = NULL, *message = NULL;
    if (answer->status != status)
        fail_msg("wanted %u: %s", status, answer->head);
    g_autoptr(json_t) json = json_of(answer);
    assert_int_equal(
        json_unpack(json, "{s:{s:s,s:s!}!}", "error", "code", &told, "message", &message), 0);
    assert_string_equal(told, code);
}

/* --- sessions ------------------------------------------------------------------------------------------------------- */

static void every_route_but_the_open_ones_needs_a_session(void **state)
{
    for (guint i = 0; i < da_routes_n; i++) {
        const DaRoute *route = &da_routes[i];
        if (route->open)
            continue;
        g_autoptr(GString) target = g_string_new(route->pattern);
        g_string_replace(target, "{id}", jpeg_dossier, 0);
        g_string_replace(target, "{page}", "AAAAAAAAAAAAAAAAAAAAAA", 0);
        static const char *const cookies[] = {
            "", "Cookie: dangan=\r\n",
            "Cookie: dangan=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
            "Cookie: dangan=' OR 1=1 --\r\n"};
        for (gsize c = 0; c < G_N_ELEMENTS(cookies); c++) {
            g_autofree char *headers = g_strdup_printf(HEADER "%s", cookies[c]);
            g_auto(Answer) answer = ask(route->method, target->str, headers, NULL);
            assert_error(&answer, 401, "no_session");
        }
    }
}

static void login_and_logout_begin_and_end_a_session(void **state)
{
    g_auto(Answer) begun = ask("POST", API "session", HEADER "Content-Type: application/json\r\n",
                               "{\"name\": \"wang\", \"password\": \"" PASSWORD "\"}");
    assert_int_equal(begun.status, 201);
    g_autofree char *cookie = answer_header(&begun, "Set-Cookie");
    assert_non_null(strstr(cookie, "HttpOnly"));
    assert_non_null(strstr(cookie, "SameSite=Strict"));
    assert_non_null(strstr(cookie, "Path=/"));
    g_auto(GStrv) parts = g_strsplit(cookie, ";", 2);
    g_autofree char *headers = g_strdup_printf(HEADER "Cookie: %s\r\n", parts[0]);
    g_auto(Answer) known = ask("GET", API "session", headers, NULL);
    assert_int_equal(known.status, 200);
    g_auto(Answer) ended = ask("DELETE", API "session", headers, NULL);
    assert_int_equal(ended.status, 204);
    g_auto(Answer) gone = ask("GET", API "session", headers, NULL);
    assert_error(&gone, 401, "no_session");
}

static void logins_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *label, *body;
        guint status;
        const char *code;
    } cases[] = {
        {"wrong password", "{\"name\":\"wang\",\"password\":\"wrong password\"}", 401, "login"},
        {"unknown name", "{\"name\":\"nobody\",\"password\":\"" PASSWORD "\"}", 401, "login"},
        {"SQL", "{\"name\":\"wang'--\",\"password\":\"x\"}", 401, "login"},
        {"no JSON", "name=wang", 400, "input"},
        {"empty", "", 400, "input"},
        {"number", "{\"name\":1,\"password\":2}", 400, "input"},
        {"more", "{\"name\":\"wang\",\"password\":\"x\",\"role\":\"admin\"}", 400, "input"},
        {"twice", "{\"name\":\"a\",\"name\":\"wang\",\"password\":\"x\"}", 400, "input"},
        {"NUL", "{\"name\":\"wang\\u0000\",\"password\":\"x\"}", 400, "input"},
        {"array", "[\"wang\"]", 400, "input"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = ask("POST", API "session", HEADER, cases[i].body);
        assert_error(&answer, cases[i].status, cases[i].code);
    }
}

static void too_many_wrong_passwords_lock_the_account(void **state)
{
    da_account_add(holdings->db, "locked", PASSWORD, NULL);
    for (int i = 0; i < 4; i++) {
        g_auto(Answer) wrong = ask("POST", API "session", HEADER,
                                   "{\"name\":\"locked\",\"password\":\"wrong password\"}");
        assert_error(&wrong, 401, "login");
    }
    for (int i = 0; i < 2; i++) {
        g_auto(Answer) wrong = ask("POST", API "session", HEADER,
                                   "{\"name\":\"locked\",\"password\":\"wrong password\"}");
        assert_error(&wrong, 429, "locked");
    }
}

static void a_session_that_ran_out_gets_nothing(void **state)
{
    da_account_add(holdings->db, "late", PASSWORD, NULL);
    g_autofree char *cookie = login("late");
    g_auto(Answer) before = ask("GET", API "search?q=x", cookie, NULL);
    assert_int_equal(before.status, 200);
    holdings_run(holdings, "UPDATE session SET expires_at = now() WHERE account "
                           "= 'late'");
    g_auto(Answer) after = ask("GET", API "search?q=x", cookie, NULL);
    assert_error(&after, 401, "no_session");
}

static void changes_from_other_sites_are_refused(void **state)
{
    static const char *const headers[] = {"",
                                          "X-Dangan: 0\r\n",
                                          HEADER "Origin: http://example.org\r\n",
                                          HEADER "Origin: null\r\n",
                                          HEADER "Origin: http://localhost:81\r\n",
                                          HEADER "Origin: http://localhost.example.org\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autofree char *all = g_strdup_printf("%s%s", headers[i], session);
        g_auto(Answer) answer = ask("DELETE", API "session", all, NULL);
        assert_error(&answer, 403, "forged");
    }
    g_auto(Answer) ours = ask("POST", API "session", HEADER "Origin: http://localhost\r\n", "{}");
    assert_int_equal(ours.status, 400);
}

/* --- what is asked for ------------------------------------------------------------------------------------------------- */

static void a_search_answers_as_documented(void **state)
{
    g_auto(Answer) answer = get(API "search?q=%E5%B7%A5%E8%B5%84&field=text&limit=1");
    assert_int_equal(answer.status, 200);
    g_autoptr(json_t) found = json_of(&answer);
    const char *name = NULL;
    assert_int_equal(json_unpack(found, "{s:[{s:s}!]}", "results", "name", &name), 0);
    assert_string_equal(name, "龚杉榕");
    g_autofree char *cached = answer_header(&answer, "Cache-Control");
    assert_string_equal(cached, "no-store");
}

static void searches_that_cannot_be_are_refused(void **state)
{
    g_autofree char *words = g_strnfill(5000, 'a'), *huge = g_strnfill(200000, 'a');
    const struct {
        const char *label, *query;
        guint status;
    } cases[] = {
        {"nothing", "", 400},
        {"empty", "q=", 400},
        {"blank", "q=%20%E3%80%80", 400},
        {"field", "q=x&field=secret", 400},
        {"limit 0", "q=x&limit=0", 400},
        {"limit 201", "q=x&limit=201", 400},
        {"limit -1", "q=x&limit=-1", 400},
        {"offset", "q=x&offset=99999999999999999999", 400},
        {"not UTF-8", "q=%ff", 400},
        {"NUL", "q=a%00b", 400},
        {"SQL", "q=%27%3B%20DROP%20TABLE%20page%3B--", 200},
        {"percent", "q=%25", 200},
        {"underscore", "q=_", 200},
        {"long", words, 0},
        {"huge", huge, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean is_long = cases[i].status == 0;
        g_autofree char *target =
            g_strdup_printf(API "search?%s%s", is_long ? "q=" : "", cases[i].query);
        g_auto(Answer) answer = get(target);
        if (is_long ? answer.status == 200 || answer.status >= 500
                    : answer.status != cases[i].status)
            fail_msg("%s: %s", cases[i].label, answer.head);
    }
}

static void a_dossier_shows_person_and_catalogue(void **state)
{
    g_autofree char *target = g_strconcat(API "dossiers/", jpeg_dossier, NULL);
    g_auto(Answer) answer = get(target);
    assert_int_equal(answer.status, 200);
    g_autoptr(json_t) dossier = json_of(&answer);
    const char *field = NULL, *value = NULL, *class = NULL, *title = NULL, *first = NULL,
               *second = NULL;
    assert_int_equal(json_unpack(dossier, "{s:[{s:s,s:s}],s:[{s:s,s:[{s:s,s:[{s:s},{s:s}!]}!]}!]}",
                                 "fields", "field", &field, "value", &value, "classes", "name",
                                 &class, "materials", "title", &title, "pages", "stem", &first,
                                 "stem", &second),
                     0);
    assert_string_equal(field, "name");
    assert_string_equal(value, "龚杉榕");
    assert_string_equal(class, "履历材料");
    assert_string_equal(title, "职工登记表");
    assert_string_equal(first, "1-1-001");
    assert_string_equal(second, "1-1-002");
    g_autofree char *hits = g_strconcat(target, "/hits?q=%E5%B7%A5%E8%B5%84", NULL);
    g_auto(Answer) found = get(hits);
    g_autoptr(json_t) list = json_of(&found);
    assert_int_equal(json_array_size(json_object_get(list, "hits")), 2);
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const targets[] = {
        API "dossiers/00000000-0000-4000-8000-000000000000",
        API "dossiers/x",
        API "dossiers/%27--",
        API "pages/x/access",
        API "pages/AAAAAAAAAAAAAAAAAAAAAA/master",
        API "pages/%27%20OR%201/text",
        API "pages/x/thumbnail",
        API "pages/x/original",
        API "pages",
        "/api/v2/session",
        "/nothing.js",
        "/text",
        "/vendor/openseadragon",
        "/vendor/openseadragon/nothing.js",
        "/style.css/x",
        "/text/zh.json.bak",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_auto(Answer) answer = get(targets[i]);
        if (answer.status != 404)
            fail_msg("%s: %s", targets[i], answer.head);
        assert_error(&answer, 404, "not_found");
    }
}

static void other_methods_are_refused(void **state)
{
    g_auto(Answer) put = ask("PUT", API "session", session, "{}");
    assert_error(&put, 405, "method");
    g_autofree char *allowed = answer_header(&put, "Allow");
    assert_string_equal(allowed, "POST, GET, DELETE");
    g_auto(Answer) post = ask("POST", "/index.html", session, "x");
    assert_error(&post, 405, "method");
    g_auto(Answer) head = ask("HEAD", "/", "", NULL);
    assert_int_equal(head.status, 200);
    assert_int_equal(g_bytes_get_size(head.body), 0);
}

/* --- images ------------------------------------------------------------------------------------------------------------ */

static Answer image(const char *dossier, const char *what, const char *headers)
{
    g_autofree char *page = holdings_page(dossier, "1-1-001");
    g_autofree char *target = g_strdup_printf(API "pages/%s/%s", page, what);
    g_autofree char *all = g_strconcat(session, headers, NULL);
    return ask("GET", target, all, NULL);
}

static void images_are_delivered_whole_and_once(void **state)
{
    const struct {
        const char *label, *dossier, *what;
        guint most_px;
    } cases[] = {
        {"access", jpeg_dossier, "access", 680},
        {"master", jpeg_dossier, "master", 680},
        {"TIFF as JPEG", tiff_dossier, "master", 680},
        {"thumbnail", jpeg_dossier, "thumbnail", 200},
        {"thumbnail again", jpeg_dossier, "thumbnail", 200},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = image(cases[i].dossier, cases[i].what, "");
        DaImageInfo info;
        g_autofree char *type = answer_header(&answer, "Content-Type");
        assert_int_equal(answer.status, 200);
        assert_string_equal(type, "image/jpeg");
        if (!da_image_probe(answer.body, &info, NULL) ||
            MAX(info.width_px, info.height_px) != cases[i].most_px)
            fail_msg("%s is no image of its size", cases[i].label);
        g_autofree char *tag = answer_header(&answer, "ETag");
        g_autofree char *has = g_strdup_printf("If-None-Match: %s\r\n", tag);
        g_auto(Answer) again = image(cases[i].dossier, cases[i].what, has);
        assert_int_equal(again.status, 304);
        g_autofree char *cached = answer_header(&answer, "Cache-Control");
        assert_non_null(strstr(cached, "private"));
    }
}

/* Nothing of another district but that it is there. */
static void an_account_of_another_district_gets_nothing(void **state)
{
    static const char *const elsewhere[] = {"310199", NULL};
    g_autofree char *page = holdings_page(jpeg_dossier, "1-1-001");
    g_autofree char *held = holdings_ask(holdings, "SELECT DISTINCT district FROM dossier");
    da_account_add(holdings->db, "stranger", PASSWORD, NULL);
    assert_true(da_account_set_districts(holdings->db, "stranger", elsewhere, NULL));
    g_autofree char *cookie = login("stranger");
    g_autofree char *changing = g_strconcat(cookie, HEADER, NULL);
    static const char *const patterns[][2] = {
        {"GET", API "dossiers/%s"},        {"POST", API "dossiers/%s/open"},
        {"GET", API "pages/%s/access"},    {"GET", API "pages/%s/master"},
        {"GET", API "pages/%s/thumbnail"}, {"GET", API "pages/%s/text"}};
    for (guint i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_autoptr(GString) target = g_string_new(patterns[i][1]);
        g_string_replace(target, "%s", strstr(target->str, "pages/") ? page : jpeg_dossier, 0);
        g_auto(Answer) answer = ask(patterns[i][0], target->str, changing, NULL);
        assert_error(&answer, 404, "not_found");
    }
    static const struct {
        const char *target;
        gboolean told; /* where to ask */
    } searches[] = {{API "search?q=%E9%BE%9A%E6%9D%89%E6%A6%95", TRUE},
                    {API "search?q=11010519491231002X&field=id", TRUE},
                    {API "search?q=%E9%BE%9A%E6%9D%89", FALSE},
                    {API "search?q=%E5%B7%A5%E8%B5%84", FALSE},
                    {API "search?q=%E9%BE%9A%E6%9D%89%E6%A6%95&field=employer", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(searches); i++) {
        g_auto(Answer) answer = ask("GET", searches[i].target, cookie, NULL);
        g_autoptr(json_t) json = json_of(&answer);
        const json_t *districts = json_object_get(json, "elsewhere");
        assert_int_equal(json_array_size(json_object_get(json, "results")), 0);
        assert_int_equal(json_array_size(districts), searches[i].told);
        if (searches[i].told)
            assert_string_equal(json_string_value(json_array_get(districts, 0)), held);
    }
    g_auto(Answer) who = ask("GET", API "session", cookie, NULL);
    g_autoptr(json_t) account = json_of(&who);
    assert_string_equal(json_string_value(json_array_get(json_object_get(account, "districts"), 0)),
                        "310199");
    da_account_remove(holdings->db, "stranger", NULL);
}

/* Before it is shown: each look has its entry, with who, which dossier and which page. */
static void what_was_looked_at_is_on_record(void **state)
{
    g_autofree char *page = holdings_page(jpeg_dossier, "1-1-001");
    g_autofree char *dossier = g_strdup_printf(API "dossiers/%s", jpeg_dossier);
    g_autofree char *opening = g_strdup_printf(API "dossiers/%s/open", jpeg_dossier);
    g_autofree char *access = g_strdup_printf(API "pages/%s/access", page);
    g_autofree char *master = g_strdup_printf(API "pages/%s/master", page);
    g_autofree char *text = g_strdup_printf(API "pages/%s/text", page);
    const struct {
        const char *method, *target, *entry;
        gboolean of_dossier, of_page;
    } cases[] = {{"GET", API "search?q=x", "search", FALSE, FALSE},
                 {"GET", dossier, "look", TRUE, FALSE},
                 {"POST", opening, "open", TRUE, FALSE},
                 {"GET", access, "image", TRUE, TRUE},
                 {"GET", master, "master", TRUE, TRUE},
                 {"GET", text, "text", TRUE, TRUE}};
    g_autofree char *changing = g_strconcat(session, HEADER, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = ask(cases[i].method, cases[i].target, changing, NULL);
        assert_true(answer.status == 200 || answer.status == 201);
        g_autofree char *entry = holdings_ask(
            holdings, "SELECT action || ' ' || account || ' ' || coalesce(dossier::text,"
                      " '-') || ' ' || coalesce(detail, '-') FROM audit"
                      " ORDER BY at DESC, number DESC LIMIT 1");
        g_autofree char *detail = g_strdup_printf("{\"page\":\"%s\"}", page);
        g_autofree char *wanted = g_strdup_printf("%s wang %s %s", cases[i].entry,
                                                  cases[i].of_dossier ? jpeg_dossier : "-",
                                                  cases[i].of_page ? detail : "-");
        assert_string_equal(entry, wanted);
    }
    g_autofree char *logins = holdings_ask(
        holdings, "SELECT string_agg(DISTINCT action, ', ' ORDER BY action) FROM audit WHERE action"
                  " LIKE 'log%'");
    assert_string_equal(logins, "login, login refused, logout");
    g_autofree char *typed =
        holdings_ask(holdings, "SELECT count(*) FROM audit WHERE action = 'login refused' AND"
                               " account <> ''");
    assert_string_equal(typed, "0");
}

static void text_comes_with_its_places(void **state)
{
    g_auto(Answer) answer = image(jpeg_dossier, "text", "");
    g_autoptr(json_t) text = json_of(&answer);
    const char *line = NULL;
    double x = 0;
    assert_int_equal(
        json_unpack(text, "{s:[{s:s,s:[{s:F}]}]}", "lines", "text", &line, "words", "x_px", &x), 0);
    assert_string_equal(line, "职工登记表");
    assert_true(x > 50 && x < 70);
}

/* --- the reading room, the machine --------------------------------------------------------------------------------------- */

static void the_reading_room_is_open(void **state)
{
    static const char *const files[][2] = {
        {"/", "text/html; charset=utf-8"},
        {"/app.js", "text/javascript; charset=utf-8"},
        {"/style.css", "text/css; charset=utf-8"},
        {"/text/zh.json", "application/json; charset=utf-8"},
        {"/vendor/openseadragon/openseadragon.min.js", "text/javascript; charset=utf-8"},
        {"/healthz", "application/json; charset=utf-8"}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_auto(Answer) answer = ask("GET", files[i][0], "", NULL);
        g_autofree char *type = answer_header(&answer, "Content-Type");
        assert_int_equal(answer.status, 200);
        assert_string_equal(type, files[i][1]);
    }
}

/* The server ends all connections, as a restart does. */
static void a_restarted_database_costs_nobody_a_request(void **state)
{
    g_auto(Answer) before = get(API "search?q=x");
    assert_int_equal(before.status, 200);
    g_autofree char *ended = holdings_ask(
        holdings, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> "
                  "pg_backend_pid() AND backend_type = 'client backend'");
    assert_string_not_equal(ended, "0");
    g_usleep(200000);
    g_auto(Answer) after = get(API "search?q=x");
    assert_int_equal(after.status, 200);
}

static void without_a_database_the_answer_is_503_and_then_all_is_well(void **state)
{
    const char *dir = da_archive_dir(holdings->archive);
    assert_true(da_archive_stop(dir, NULL));
    g_auto(Answer) down = get(API "search?q=x");
    assert_error(&down, 503, "database");
    g_autofree char *retry = answer_header(&down, "Retry-After");
    assert_non_null(retry);
    assert_null(
        g_strstr_len(g_bytes_get_data(down.body, NULL), (gssize)g_bytes_get_size(down.body), dir));
    g_auto(Answer) sick = ask("GET", "/readyz", "", NULL);
    assert_int_equal(sick.status, 503);
    g_auto(Answer) still = ask("GET", "/", "", NULL);
    assert_int_equal(still.status, 200);
    g_autoptr(DaArchive) up = da_archive_open(dir, NULL);
    assert_non_null(up);
    g_auto(Answer) again = get(API "search?q=x");
    assert_int_equal(again.status, 200);
    PQreset(holdings->db);
}

static gpointer fetch_many(gpointer data)
{
    guint wrong = 0;
    for (int i = 0; i < 20; i++) {
        g_auto(Answer) answer =
            image(i % 2 ? jpeg_dossier : tiff_dossier, i % 3 ? "master" : "thumbnail", "");
        wrong += answer.status != 200 && answer.status != 503;
    }
    return GUINT_TO_POINTER(wrong);
}

static void many_readers_at_once_are_served(void **state)
{
    GThread *threads[12];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("reader", fetch_many, NULL);
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        wrong += GPOINTER_TO_UINT(g_thread_join(threads[i]));
    assert_int_equal(wrong, 0);
}

/* --- documentation ------------------------------------------------------------------------------------------------------- */

static void the_table_of_routes_is_the_one_in_docs_api_md(void **state)
{
    g_autofree char *path =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "docs", "api.md", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    guint documented = 0;
    for (const char *p = text; (p = strstr(p, "` | ")) != NULL; p++)
        documented++;
    assert_int_equal(documented, da_routes_n);
    for (guint i = 0; i < da_routes_n; i++) {
        g_autofree char *line =
            g_strdup_printf("| %s | `%s` | %s", da_routes[i].method, da_routes[i].pattern,
                            da_routes[i].open ? "*open*" : "");
        if (strstr(text, line) == NULL)
            fail_msg("docs/api.md lacks: %s", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_but_the_open_ones_needs_a_session),
        cmocka_unit_test(login_and_logout_begin_and_end_a_session),
        cmocka_unit_test(logins_that_cannot_be_are_refused),
        cmocka_unit_test(too_many_wrong_passwords_lock_the_account),
        cmocka_unit_test(a_session_that_ran_out_gets_nothing),
        cmocka_unit_test(changes_from_other_sites_are_refused),
        cmocka_unit_test(a_search_answers_as_documented),
        cmocka_unit_test(searches_that_cannot_be_are_refused),
        cmocka_unit_test(a_dossier_shows_person_and_catalogue),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(other_methods_are_refused),
        cmocka_unit_test(images_are_delivered_whole_and_once),
        cmocka_unit_test(an_account_of_another_district_gets_nothing),
        cmocka_unit_test(what_was_looked_at_is_on_record),
        cmocka_unit_test(text_comes_with_its_places),
        cmocka_unit_test(the_reading_room_is_open),
        cmocka_unit_test(a_restarted_database_costs_nobody_a_request),
        cmocka_unit_test(without_a_database_the_answer_is_503_and_then_all_is_well),
        cmocka_unit_test(many_readers_at_once_are_served),
        cmocka_unit_test(the_table_of_routes_is_the_one_in_docs_api_md),
    };
    return cmocka_run_group_tests_name("service", tests, begin, end);
}
