#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../query/http.h"
#include "client.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECTIONS 32u

static DaHttpServer *server;
static gint slow_running;

/* Tells back what it understood. */
static DaHttpResponse *echo(DaHttpRequest *request, gpointer data)
{
    request->route = "/echo";
    if (strcmp(request->path, "/slow") == 0) {
        g_atomic_int_set(&slow_running, 1);
        g_usleep(G_USEC_PER_SEC);
    }
    const char *q = da_http_query(request, "q"), *cookie = da_http_cookie(request, "c");
    return da_http_json(200, json_pack("{s:s,s:s?,s:s?,s:i}", "path", request->path, "q", q,
                                       "cookie", cookie, "body", (int)request->body->len));
}

static int begin(void **state)
{
    g_autoptr(GError) error = NULL;
    server = da_http_start("127.0.0.1:0", CONNECTIONS, echo, NULL, &error);
    if (server == NULL)
        g_error("%s", error->message);
    return 0;
}

static int end(void **state)
{
    da_http_stop(server, 5);
    return 0;
}

static const char *address(void)
{
    return da_http_address(server);
}

#define RAW(text) text, sizeof text - 1

static void hostile_requests_are_refused(void **state)
{
    static const struct {
        const char *label, *request;
        gsize size;
    } cases[] = {
        {"no Host", RAW("GET / HTTP/1.1\r\n\r\n")},
        {"two Hosts", RAW("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")},
        {"two equal Hosts", RAW("GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n")},
        {"chunked",
         RAW("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        {"chunked and length", RAW("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                                   "Content-Length: 5\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n")},
        {"unknown encoding",
         RAW("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n")},
        {"two lengths",
         RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx")},
        {"two equal lengths",
         RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx")},
        {"signed length", RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx")},
        {"negative length", RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx")},
        {"list of lengths", RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx")},
        {"huge length",
         RAW("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nx")},
        {"blank before colon", RAW("GET / HTTP/1.1\r\nHost: a\r\nX-Y : b\r\n\r\n")},
        {"NUL in a name", RAW("GET / HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n")},
        {"NUL in the target", RAW("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"escaped NUL", RAW("GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"escaped NUL in query", RAW("GET /?q=a%00b HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"absolute form", RAW("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"authority form", RAW("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"asterisk form", RAW("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"no slash", RAW("GET x HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"parent", RAW("GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"parent inside", RAW("GET /a/../../etc HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"escaped parent", RAW("GET /%2e%2e/etc HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"escaped slash", RAW("GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"doubled slash", RAW("GET //etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"backslash", RAW("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"dot", RAW("GET /./a HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"half an escape", RAW("GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"wrong escape", RAW("GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"not UTF-8", RAW("GET /?q=%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"overlong UTF-8", RAW("GET /%c0%ae%c0%ae/x HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"escaped line end", RAW("GET /a%0d%0ab HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"17 parameters",
         RAW("GET /?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17 HTTP/1.1\r\nHost: a\r\n\r\n")},
        {"no HTTP", RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")},
        {"HTTP/0.9", RAW("GET /\r\n\r\n")},
        {"only blanks", RAW("   \r\n\r\n")},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = client_raw(address(), cases[i].request, cases[i].size);
        gboolean closed = answer.status == 0;
        if (!closed && answer.status != 400 && answer.status != 413 && answer.status != 505)
            fail_msg("%s: %s", cases[i].label, answer.head);
    }
    g_auto(Answer) good = client_ask(address(), "GET", "/", "", NULL);
    assert_int_equal(good.status, 200);
}

static void a_good_request_is_understood(void **state)
{
    g_auto(Answer) answer = client_ask(address(), "POST", "/a/%E6%A1%A3.js?q=%E5%B7%A5+x%2B&q=2&r",
                                       "Cookie: b=1; c=two; d=3\r\n", "12345");
    assert_int_equal(answer.status, 200);
    g_autoptr(json_t) told =
        json_loadb(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), 0, NULL);
    const char *path = NULL, *q = NULL, *cookie = NULL;
    int body = 0;
    assert_int_equal(json_unpack(told, "{s:s,s:s,s:s,s:i}", "path", &path, "q", &q, "cookie",
                                 &cookie, "body", &body),
                     0);
    assert_string_equal(path, "/a/档.js");
    assert_string_equal(q, "工 x+");
    assert_string_equal(cookie, "two");
    assert_int_equal(body, 5);
}

static void every_answer_carries_the_security_headers(void **state)
{
    static const char *const headers[] = {"Content-Security-Policy", "X-Content-Type-Options",
                                          "Referrer-Policy", "Cache-Control"};
    static const char *const targets[] = {"/", "/%00"};
    for (gsize t = 0; t < G_N_ELEMENTS(targets); t++) {
        g_auto(Answer) answer = client_ask(address(), "GET", targets[t], "", NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
            g_autofree char *value = answer_header(&answer, headers[i]);
            if (value == NULL)
                fail_msg("%s has no %s", targets[t], headers[i]);
        }
        g_autofree char *policy = answer_header(&answer, "Content-Security-Policy");
        assert_non_null(strstr(policy, "frame-ancestors 'none'"));
        assert_null(strstr(policy, "unsafe"));
    }
}

static void a_body_ends_at_64_KiB(void **state)
{
    g_autofree char *most = g_strnfill(DA_HTTP_MAX_BODY, 'x');
    g_autofree char *more = g_strnfill(DA_HTTP_MAX_BODY + 1, 'x');
    g_auto(Answer) accepted = client_ask(address(), "POST", "/", "", most);
    assert_int_equal(accepted.status, 200);
    g_autofree char *head = g_strdup("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n");
    g_auto(Answer) refused = client_raw(address(), head, strlen(head));
    assert_int_equal(refused.status, 413);
    g_auto(Answer) cut = client_ask(address(), "POST", "/", "", more);
    assert_true(cut.status == 413 || cut.status == 0);
}

static void headers_without_end_are_refused(void **state)
{
    g_autofree char *long_target = g_strnfill(100000, 'a');
    g_autofree char *request = g_strdup_printf("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", long_target);
    g_auto(Answer) target = client_raw(address(), request, strlen(request));
    assert_true(target.status == 0 || target.status == 414 || target.status == 431 ||
                target.status == 400);
    g_autoptr(GString) many = g_string_new("GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 20000; i++)
        g_string_append_printf(many, "X-%d: y\r\n", i);
    g_string_append(many, "\r\n");
    g_auto(Answer) headers = client_raw(address(), many->str, many->len);
    assert_true(headers.status == 0 || headers.status == 431 || headers.status == 413);
}

/* Below the limit of connections, requests that never end cost nobody else anything. */
static void half_open_connections_do_not_hold_up_others(void **state)
{
    int open[CONNECTIONS - 4];
    for (guint i = 0; i < G_N_ELEMENTS(open); i++) {
        open[i] = client_connect(address());
        assert_true(send(open[i], RAW("GET / HTTP/1.1\r\nHost: a\r\nX-"), MSG_NOSIGNAL) > 0);
    }
    gint64 began = g_get_monotonic_time();
    g_auto(Answer) answer = client_ask(address(), "GET", "/", "", NULL);
    assert_int_equal(answer.status, 200);
    assert_true(g_get_monotonic_time() - began < G_USEC_PER_SEC);
    for (guint i = 0; i < G_N_ELEMENTS(open); i++)
        close(open[i]);
}

/* Beyond the limit they are turned away at once, and there is room again when they have gone. */
static void connections_beyond_the_limit_are_turned_away(void **state)
{
    int open[CONNECTIONS + 8];
    for (guint i = 0; i < G_N_ELEMENTS(open); i++)
        open[i] = client_connect(address());
    g_auto(Answer) refused = client_ask(address(), "GET", "/", "", NULL);
    assert_int_equal(refused.status, 0);
    for (guint i = 0; i < G_N_ELEMENTS(open); i++)
        close(open[i]);
    guint status = 0;
    for (int i = 0; i < 50 && status != 200; i++) {
        g_usleep(100000);
        g_auto(Answer) answer = client_ask(address(), "GET", "/", "", NULL);
        status = answer.status;
    }
    assert_int_equal(status, 200);
}

static void only_loopback_addresses_are_served(void **state)
{
    g_autofree char *path = g_strnfill(200, 'a');
    g_autofree char *long_path = g_strconcat("unix:/", path, NULL);
    const char *const wrong[] = {
        "0.0.0.0:0",    "[::]:0", "192.0.2.1:0",     "example.org:0",  "127.0.0.1",
        "127.0.0.1:",   ":8080",  "127.0.0.1:65536", "127.0.0.1:http", "",
        "127.0.0.1:-1", "[::1:0", "unix:",           "unix:relative",  long_path,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        if (da_http_start(wrong[i], 4, echo, NULL, &error) != NULL)
            fail_msg("'%s' was accepted", wrong[i]);
        if (!g_error_matches(error, DA_ERROR, DA_ERROR_USAGE))
            fail_msg("'%s': %s", wrong[i], error->message);
    }
}

static void a_port_in_use_is_named(void **state)
{
    g_autoptr(GError) error = NULL;
    const char *port = strrchr(address(), ':');
    g_autofree char *listen = g_strdup_printf("127.0.0.1%.*s", (int)strlen(port) - 1, port);
    assert_null(da_http_start(listen, 4, echo, NULL, &error));
    assert_non_null(strstr(error->message, listen));
}

static void a_socket_in_the_file_system_is_for_its_group(void **state)
{
    g_autofree char *folder = g_dir_make_tmp("dangan-http-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autofree char *listen = g_strconcat("unix:", path, NULL);
    g_autoptr(GError) used = NULL, file = NULL, folderless = NULL;
    DaHttpServer *first = da_http_start(listen, 4, echo, NULL, NULL);
    struct stat status;
    assert_non_null(first);
    assert_string_equal(da_http_address(first), listen);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode) && (status.st_mode & 0777) == 0660);
    assert_null(da_http_start(listen, 4, echo, NULL, &used));
    assert_int_equal(used->code, DA_ERROR_CONFLICT);
    da_http_stop(first, 1);
    assert_int_equal(lstat(path, &status), -1);
    assert_true(g_file_set_contents(path, "a file", -1, NULL));
    assert_null(da_http_start(listen, 4, echo, NULL, &file));
    assert_int_equal(file->code, DA_ERROR_CONFLICT);
    assert_int_equal(g_unlink(path), 0);
    assert_null(da_http_start("unix:/nonexistent/s", 4, echo, NULL, &folderless));
    assert_int_equal(folderless->code, DA_ERROR_NOT_FOUND);
    g_rmdir(folder);
}

static gpointer ask_slowly(gpointer where)
{
    Answer *answer = g_new0(Answer, 1);
    *answer = client_ask(where, "GET", "/slow", "", NULL);
    return answer;
}

static void stopping_lets_a_running_request_finish(void **state)
{
    DaHttpServer *other = da_http_start("localhost:0", 4, echo, NULL, NULL);
    g_autofree char *where = g_strdup(da_http_address(other));
    g_atomic_int_set(&slow_running, 0);
    GThread *thread = g_thread_new("client", ask_slowly, where);
    while (!g_atomic_int_get(&slow_running))
        g_usleep(1000);
    da_http_stop(other, 10);
    Answer *answer = g_thread_join(thread);
    assert_int_equal(answer->status, 200);
    answer_clear(answer);
    g_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_requests_are_refused),
        cmocka_unit_test(a_good_request_is_understood),
        cmocka_unit_test(every_answer_carries_the_security_headers),
        cmocka_unit_test(a_body_ends_at_64_KiB),
        cmocka_unit_test(headers_without_end_are_refused),
        cmocka_unit_test(half_open_connections_do_not_hold_up_others),
        cmocka_unit_test(connections_beyond_the_limit_are_turned_away),
        cmocka_unit_test(only_loopback_addresses_are_served),
        cmocka_unit_test(a_port_in_use_is_named),
        cmocka_unit_test(a_socket_in_the_file_system_is_for_its_group),
        cmocka_unit_test(stopping_lets_a_running_request_finish),
    };
    return cmocka_run_group_tests_name("http", tests, begin, end);
}
