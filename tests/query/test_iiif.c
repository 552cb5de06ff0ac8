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
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD "correct horse"
#define API "/api/v1/"
#define WIDTH 480u
#define HEIGHT 680u

static Holdings *holdings;
static DaService *service;
static char *jpeg_dossier, *tiff_dossier;
static char *session, *other_session; /* Cookie headers */
static char *jpeg_open, *tiff_open;   /* capabilities of `session` */

static Answer ask_as(const char *who, const char *method, const char *target)
{
    g_autofree char *headers = g_strconcat(who, "X-Dangan: 1\r\n", NULL);
    return client_ask(da_service_address(service), method, target, headers, NULL);
}

static char *login(const char *name)
{
    g_autofree char *token = da_session_begin(holdings->db, name, PASSWORD, 30, NULL);
    g_assert(token != NULL);
    return g_strdup_printf("Cookie: dangan=%s\r\n", token);
}

static char *opened(const char *dossier)
{
    const char *capability = NULL, *until = NULL, *id = NULL;
    g_autofree char *target = g_strdup_printf(API "dossiers/%s/open", dossier);
    g_auto(Answer) answer = ask_as(session, "POST", target);
    g_assert(answer.status == 201);
    g_autoptr(json_t) json =
        json_loadb(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), 0, NULL);
    g_assert(json_unpack(json, "{s:s, s:s, s:s!}", "dossier", &id, "capability", &capability,
                         "until", &until) == 0);
    g_assert(strcmp(id, dossier) == 0);
    return g_strdup(capability);
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
    da_account_add(holdings->db, "li", PASSWORD, NULL);
    service = da_service_start(holdings->archive, "127.0.0.1:0", &error);
    if (service == NULL)
        g_error("%s", error->message);
    session = login("wang");
    other_session = login("li");
    jpeg_open = opened(jpeg_dossier);
    tiff_open = opened(tiff_dossier);
    return 0;
}

static int end(void **state)
{
    char *const texts[] = {jpeg_dossier,  tiff_dossier, session,
                           other_session, jpeg_open,    tiff_open};
    da_service_stop(service);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    holdings_free(holdings);
    return 0;
}

/* "/iiif/{capability}/{page}{rest}" of the first page; the caller owns it. */
static char *address(const char *dossier, const char *capability, const char *rest)
{
    g_autofree char *page = holdings_page(dossier, "1-1-001");
    return g_strdup_printf("/iiif/%s/%s%s", capability, page, rest);
}

static Answer get(const char *rest)
{
    g_autofree char *target = address(jpeg_dossier, jpeg_open, rest);
    return ask_as(session, "GET", target);
}

static void assert_image(const Answer *answer, const char *label, const char *type, guint width,
                         guint height)
{
    DaImageInfo info;
    g_autofree char *told = answer_header(answer, "Content-Type");
    if (answer->status != 200)
        fail_msg("%s: %s", label, answer->head);
    assert_string_equal(told, type);
    if (!da_image_probe(answer->body, &info, NULL))
        fail_msg("%s is no image", label);
    if (info.width_px != width || info.height_px != height)
        fail_msg("%s has %u × %u px", label, info.width_px, info.height_px);
}

/* --- images ---------------------------------------------------------------------------------------------------------- */

static void an_image_says_what_can_be_asked_of_it(void **state)
{
    g_auto(Answer) answer = get("/info.json");
    g_autofree char *type = answer_header(&answer, "Content-Type"),
                    *origin = answer_header(&answer, "Access-Control-Allow-Origin");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(type, "application/ld+json"));
    assert_string_equal(origin, "*");
    g_autoptr(json_t) info =
        json_loadb(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), 0, NULL);
    const char *id = NULL, *profile = NULL, *kind = NULL;
    int width = 0, height = 0, first = 0, second = 0, tile = 0;
    assert_int_equal(json_unpack(info, "{s:s, s:s, s:s, s:i, s:i, s:[{s:i, s:[ii!]}]}", "id", &id,
                                 "profile", &profile, "type", &kind, "width", &width, "height",
                                 &height, "tiles", "width", &tile, "scaleFactors", &first, &second),
                     0);
    assert_string_equal(profile, "level2");
    assert_string_equal(kind, "ImageService3");
    assert_true(width == WIDTH && height == HEIGHT && tile == 512 && first == 1 && second == 2);
    g_autofree char *own = address(jpeg_dossier, jpeg_open, "");
    assert_true(g_str_has_prefix(id, "http://") && g_str_has_suffix(id, own));
    g_auto(Answer) base = get("");
    g_autofree char *place = answer_header(&base, "Location");
    assert_int_equal(base.status, 303);
    g_auto(Answer) there = ask_as(session, "GET", place);
    assert_int_equal(there.status, 200);
}

static void every_form_of_request_gives_its_image(void **state)
{
    static const struct {
        const char *request;
        guint width, height;
        gboolean png;
    } cases[] = {
        {"/full/max/0/default.jpg", WIDTH, HEIGHT, FALSE},
        {"/full/240,/0/default.jpg", 240, 340, FALSE},
        {"/full/!100,100/0/default.jpg", 71, 100, FALSE},
        {"/0,512,480,168/480,/0/default.jpg", 480, 168, FALSE},
        {"/0,0,480,512/240,256/0/default.jpg", 240, 256, FALSE},
        {"/100,100,50,60/max/90/gray.jpg", 60, 50, FALSE},
        {"/square/64,64/!180/bitonal.png", 64, 64, TRUE},
        {"/pct:50,50,50,50/max/270/color.png", 340, 240, TRUE},
        {"/470,670,100,100/max/0/default.jpg", 10, 10, FALSE},
        {"/full/1,1/0/default.jpg", 1, 1, FALSE},
    };
    const struct {
        const char *dossier, *capability, *suffix;
    } images[] = {{jpeg_dossier, jpeg_open, ""},
                  {jpeg_dossier, jpeg_open, "_master"},
                  {tiff_dossier, tiff_open, ""},
                  {tiff_dossier, tiff_open, "_master"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        for (guint j = 0; j < G_N_ELEMENTS(images); j++) {
            g_autofree char *rest = g_strconcat(images[j].suffix, cases[i].request, NULL);
            g_autofree char *target = address(images[j].dossier, images[j].capability, rest);
            g_auto(Answer) answer = ask_as(session, "GET", target);
            assert_image(&answer, rest, cases[i].png ? "image/png" : "image/jpeg", cases[i].width,
                         cases[i].height);
        }
}

/* The same bytes again, and as the file of the pyramid has them: nothing is encoded for it. */
static void a_tile_comes_as_it_lies(void **state)
{
    g_autofree char *sql = g_strdup_printf("SELECT access_sha256 FROM page WHERE dossier = '%s'"
                                           " AND position = 1",
                                           jpeg_dossier);
    g_autofree char *sha256 = holdings_ask(holdings, sql);
    g_autofree char *path =
        g_build_filename(da_archive_dir(holdings->archive), "cache", "tiles", sha256, NULL);
    g_autofree char *file = NULL;
    gsize file_size = 0, size = 0;
    g_auto(Answer) tile = get("/0,0,480,512/480,512/0/default.jpg");
    assert_image(&tile, "tile", "image/jpeg", 480, 512);
    const void *bytes = g_bytes_get_data(tile.body, &size);
    assert_true(g_file_get_contents(path, &file, &file_size, NULL));
    assert_non_null(memmem(file, file_size, bytes, size));
    g_autofree char *tag = answer_header(&tile, "ETag"), *link = answer_header(&tile, "Link");
    assert_non_null(strstr(link, "0,0,480,512/max/0/default.jpg>;rel=\"canonical\""));
    g_autofree char *target = address(jpeg_dossier, jpeg_open, "/0,0,480,512/max/0/default.jpg");
    g_autofree char *headers = g_strdup_printf("%sIf-None-Match: %s\r\n", session, tag);
    g_auto(Answer) known = client_ask(da_service_address(service), "GET", target, headers, NULL);
    assert_int_equal(known.status, 304);
}

static void a_pyramid_that_is_broken_or_gone_is_made_again(void **state)
{
    g_autofree char *sql = g_strdup_printf("SELECT access_sha256 FROM page WHERE dossier = '%s'"
                                           " AND position = 2",
                                           jpeg_dossier);
    g_autofree char *sha256 = holdings_ask(holdings, sql);
    g_autofree char *path =
        g_build_filename(da_archive_dir(holdings->archive), "cache", "tiles", sha256, NULL);
    g_autofree char *page = holdings_page(jpeg_dossier, "1-1-002");
    g_autofree char *target =
        g_strdup_printf("/iiif/%s/%s/full/max/0/default.jpg", jpeg_open, page);
    assert_true(g_file_set_contents(path, "dangan tiles 1\n", -1, NULL));
    g_auto(Answer) answer = ask_as(session, "GET", target);
    assert_image(&answer, "after a broken file", "image/jpeg", WIDTH, HEIGHT);
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

/* --- the dossier ------------------------------------------------------------------------------------------------------ */

static json_t *document(const char *who, const char *dossier_open, const char *rest, guint status)
{
    g_autofree char *target = g_strdup_printf("/iiif/%s/%s", dossier_open, rest);
    g_auto(Answer) answer = ask_as(who, "GET", target);
    if (answer.status != status)
        fail_msg("%s: %s", rest, answer.head);
    return json_loadb(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), 0, NULL);
}

static const char *text_at(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static void assert_document(const char *who, const char *dossier_open, const char *rest,
                            guint status)
{
    json_decref(document(who, dossier_open, rest, status));
}

/* "/iiif/…" of "http://host/iiif/…". */
static const char *path_of(const char *id)
{
    const char *path = strstr(id, "/iiif/");
    assert_non_null(path);
    return path;
}

static void count_canvases(const json_t *range, GHashTable *seen)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(range, "items"), i, item)
    {
        if (!strcmp(text_at(item, "type"), "Range"))
            count_canvases(item, seen);
        else
            assert_true(g_hash_table_add(seen, (gpointer)text_at(item, "id")));
    }
}

static void a_dossier_is_a_manifest_with_its_catalogue(void **state)
{
    g_autoptr(json_t) manifest = document(session, jpeg_open, "manifest.json", 200);
    const json_t *canvases = json_object_get(manifest, "items");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    assert_string_equal(text_at(manifest, "type"), "Manifest");
    assert_int_equal(json_array_size(canvases), 2);
    count_canvases(json_array_get(json_object_get(manifest, "structures"), 0), seen);
    assert_int_equal(g_hash_table_size(seen), 2);
    size_t i;
    json_t *canvas;
    json_array_foreach(canvases, i, canvas)
    {
        const char *image = NULL, *images = NULL, *target = NULL, *thumbnail = NULL;
        assert_true(g_hash_table_contains(seen, text_at(canvas, "id")));
        assert_int_equal(json_unpack(canvas, "{s:[{s:[{s:{s:s, s:[{s:s}]}, s:s}]}], s:[{s:s}]}",
                                     "items", "items", "body", "id", &image, "service", "id",
                                     &images, "target", &target, "thumbnail", "id", &thumbnail),
                         0);
        assert_string_equal(target, text_at(canvas, "id"));
        g_auto(Answer) whole = ask_as(session, "GET", path_of(image));
        assert_image(&whole, image, "image/jpeg", WIDTH, HEIGHT);
        g_auto(Answer) small = ask_as(session, "GET", path_of(thumbnail));
        assert_image(&small, thumbnail, "image/jpeg", 240, 340);
        g_auto(Answer) described = ask_as(session, "GET", path_of(images));
        assert_int_equal(described.status, 303);
        const json_t *see = json_array_get(json_object_get(canvas, "seeAlso"), 0);
        g_auto(Answer) alto = ask_as(session, "GET", path_of(text_at(see, "id")));
        assert_int_equal(alto.status, 200);
        assert_non_null(g_strstr_len(g_bytes_get_data(alto.body, NULL),
                                     (gssize)g_bytes_get_size(alto.body), "<alto"));
        const json_t *notes = json_array_get(json_object_get(canvas, "annotations"), 0);
        g_auto(Answer) lines = ask_as(session, "GET", path_of(text_at(notes, "id")));
        g_autoptr(json_t) page =
            json_loadb(g_bytes_get_data(lines.body, NULL), g_bytes_get_size(lines.body), 0, NULL);
        assert_true(json_array_size(json_object_get(page, "items")) >= 1);
    }
}

static void words_are_found_with_their_place(void **state)
{
    g_autoptr(json_t) found = document(session, jpeg_open, "search?q=%E5%B7%A5%E8%B5%84", 200);
    const json_t *items = json_object_get(found, "items");
    const char *value = NULL, *target = NULL, *prefix = NULL, *exact = NULL, *suffix = NULL,
               *source = NULL;
    int x = 0, y = 0, w = 0, h = 0;
    assert_int_equal(json_array_size(items), 2);
    assert_int_equal(json_unpack(json_array_get(items, 1), "{s:{s:s}, s:s}", "body", "value",
                                 &value, "target", &target),
                     0);
    assert_string_equal(value, "工资");
    assert_int_equal(sscanf(strstr(target, "#xywh="), "#xywh=%d,%d,%d,%d", &x, &y, &w, &h), 4);
    assert_true(x == 60 && y == 60 && w == 150 && h == 20); /* the first half of 工资调整 */
    assert_int_equal(json_unpack(found, "{s:[{s:[{s:{s:s, s:[{s:s, s:s, s:s}]}}]}]}", "annotations",
                                 "items", "target", "source", &source, "selector", "prefix",
                                 &prefix, "exact", &exact, "suffix", &suffix),
                     0);
    assert_string_equal(exact, "工资");
    assert_string_equal(source, text_at(json_array_get(items, 0), "id"));
    g_autoptr(json_t) first = document(session, jpeg_open, "search1?q=%E5%B7%A5%E8%B5%84", 200);
    int total = 0;
    assert_int_equal(json_unpack(first, "{s:{s:i}, s:[{s:s}]}", "within", "total", &total, "hits",
                                 "match", &value),
                     0);
    assert_int_equal(total, 2);
    assert_string_equal(value, "工资");
    g_autoptr(json_t) traditional =
        document(session, jpeg_open, "search?q=%E5%B7%A5%E8%B3%87", 200);
    assert_int_equal(json_array_size(json_object_get(traditional, "items")), 2);
    g_autoptr(json_t) none = document(session, jpeg_open, "search?q=%E8%87%AA%E4%BC%A0", 200);
    assert_int_equal(json_array_size(json_object_get(none, "items")), 0);
}

/* Tiles need no database; what says more than an image wants a session that lives. */
static void documents_want_a_live_session(void **state)
{
    g_autofree char *own = login("wang");
    g_autofree char *kept = session;
    session = own;
    g_autofree char *open = opened(jpeg_dossier);
    session = g_steal_pointer(&kept);
    g_autofree char *token = g_strndup(own + strlen("Cookie: dangan="), 43);
    static const char *const documents[] = {"manifest.json", "search?q=a", "search1?q=a"};
    for (guint i = 0; i < G_N_ELEMENTS(documents); i++) {
        assert_document(own, open, documents[i], 200);
        assert_document(other_session, open, documents[i], 403);
        assert_document("", open, documents[i], 401);
    }
    assert_true(da_session_end(holdings->db, token, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(documents); i++) {
        assert_document(own, open, documents[i], 401);
    }
    assert_document(session, jpeg_open, "search", 400);
    g_autofree char *page = holdings_page(tiff_dossier, "1-1-001");
    g_autofree char *alto = g_strconcat(page, "/alto.xml", NULL);
    assert_document(session, jpeg_open, alto, 404);
}

/* --- what is refused ------------------------------------------------------------------------------------------------- */

static void wrong_requests_are_told_so(void **state)
{
    static const struct {
        const char *rest;
        guint status;
    } cases[] = {
        {"/full/max/0/default.bmp", 400},
        {"/full/max/0/default.tif", 501},
        {"/full/9999,/0/default.jpg", 400},
        {"/full/^9999,/0/default.jpg", 501},
        {"/9999,0,1,1/max/0/default.jpg", 400},
        {"/full/max/45/default.jpg", 501},
        {"/full/max/0", 400},
        {"/full/max/0/default.jpg/more", 400},
        {"/info.xml", 400},
        {"_masters/info.json", 404},
        {"/full/max/%00/default.jpg", 400},
        {"/full/max/%ff/default.jpg", 400},
        {"/full/max/0/%2e%2e", 400},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = get(cases[i].rest);
        if (answer.status != cases[i].status)
            fail_msg("%s: %s", cases[i].rest, answer.head);
    }
    g_autofree char *target = address(jpeg_dossier, jpeg_open, "/info.json");
    g_auto(Answer) post = ask_as(session, "POST", target);
    assert_int_equal(post.status, 405);
}

static void without_its_session_a_capability_shows_nothing(void **state)
{
    g_autofree char *target = address(jpeg_dossier, jpeg_open, "/full/max/0/default.jpg");
    g_autofree char *foreign = address(tiff_dossier, jpeg_open, "/full/max/0/default.jpg");
    g_autofree char *changed = g_strdup(target);
    changed[strlen("/iiif/") + 3] ^= 1;
    const struct {
        const char *who, *target;
        guint status;
    } cases[] = {{"", target, 401},
                 {other_session, target, 403},
                 {"Cookie: dangan=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", target, 403},
                 {session, changed, 403},
                 {session, foreign, 404},
                 {session, "/iiif/x/y/info.json", 403},
                 {session, "/iiif/x", 404},
                 {session, "/iiif/", 400}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = ask_as(cases[i].who, "GET", cases[i].target);
        if (answer.status != cases[i].status)
            fail_msg("%u: %s", i, answer.head);
        g_autofree char *type = answer_header(&answer, "Content-Type");
        if (!type || !g_str_has_prefix(type, "application/json"))
            fail_msg("%u: %s", i, answer.head);
    }
    g_autofree char *nobody = g_strdup(API "dossiers/00000000-0000-4000-8000-000000000000/open");
    g_auto(Answer) none = ask_as(session, "POST", nobody);
    assert_int_equal(none.status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_says_what_can_be_asked_of_it),
        cmocka_unit_test(every_form_of_request_gives_its_image),
        cmocka_unit_test(a_tile_comes_as_it_lies),
        cmocka_unit_test(a_pyramid_that_is_broken_or_gone_is_made_again),
        cmocka_unit_test(a_dossier_is_a_manifest_with_its_catalogue),
        cmocka_unit_test(words_are_found_with_their_place),
        cmocka_unit_test(documents_want_a_live_session),
        cmocka_unit_test(wrong_requests_are_told_so),
        cmocka_unit_test(without_its_session_a_capability_shows_nothing),
    };
    return cmocka_run_group_tests_name("iiif", tests, begin, end);
}
