#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../query/capability.h"
#include "../../query/iiif_request.h"

#include <dangan/error.h>
#include <string.h>

#define WIDTH 1000u
#define HEIGHT 600u

/* "region/size/rotation/file" */
static gboolean parse(const char *text, DaIiifRequest *request, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    assert_int_equal(g_strv_length(parts), 4);
    return da_iiif_request_parse(parts[0], parts[1], parts[2], parts[3], WIDTH, HEIGHT, request,
                                 error);
}

/* Image API 3.0 §4; the right side is §4.7. */
static void requests_have_one_canonical_form(void **state)
{
    static const char *const cases[][2] = {
        {"full/max/0/default.jpg", "full/max/0/default.jpg"},
        {"0,0,1000,600/max/0/default.jpg", "full/max/0/default.jpg"},
        {"full/^max/0/default.jpg", "full/max/0/default.jpg"},
        {"square/max/0/default.jpg", "200,0,600,600/max/0/default.jpg"},
        {"100,50,200,100/max/0/color.png", "100,50,200,100/max/0/color.png"},
        {"900,500,500,500/max/0/default.jpg", "900,500,100,100/max/0/default.jpg"},
        {"pct:10,10,50,50/max/0/default.jpg", "100,60,500,300/max/0/default.jpg"},
        {"pct:0,0,100,100/max/0/default.jpg", "full/max/0/default.jpg"},
        {"pct:33.3,0,33.3,100/max/0/default.jpg", "333,0,333,600/max/0/default.jpg"},
        {"full/500,/0/default.jpg", "full/500,300/0/default.jpg"},
        {"full/,300/0/default.jpg", "full/500,300/0/default.jpg"},
        {"full/^500,/0/default.jpg", "full/500,300/0/default.jpg"},
        {"full/333,/0/default.jpg", "full/333,200/0/default.jpg"},
        {"full/pct:25/0/default.jpg", "full/250,150/0/default.jpg"},
        {"full/pct:0.01/0/default.jpg", "full/1,1/0/default.jpg"},
        {"full/100,100/0/default.jpg", "full/100,100/0/default.jpg"},
        {"full/!100,100/0/default.jpg", "full/100,60/0/default.jpg"},
        {"full/!2000,3000/0/default.jpg", "full/max/0/default.jpg"},
        {"full/!900,9000/0/default.jpg", "full/900,540/0/default.jpg"},
        {"full/max/90/gray.jpg", "full/max/90/gray.jpg"},
        {"full/max/360/default.jpg", "full/max/0/default.jpg"},
        {"full/max/!180/bitonal.png", "full/max/!180/bitonal.png"},
        {"full/max/90.0/default.jpg", "full/max/90/default.jpg"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        DaIiifRequest request;
        g_autoptr(GError) error = NULL;
        if (!parse(cases[i][0], &request, &error))
            fail_msg("%s: %s", cases[i][0], error->message);
        g_autofree char *canonical = da_iiif_request_canonical(&request, WIDTH, HEIGHT);
        if (strcmp(canonical, cases[i][1]) != 0)
            fail_msg("%s became %s", cases[i][0], canonical);
    }
}

static void wrong_requests_say_what_was_wanted(void **state)
{
    static const struct {
        const char *text;
        gboolean unsupported;
    } cases[] = {
        {"fully/max/0/default.jpg", FALSE},          {"/max/0/default.jpg", FALSE},
        {"0,0,0,10/max/0/default.jpg", FALSE},       {"0,0,10,0/max/0/default.jpg", FALSE},
        {"1000,0,10,10/max/0/default.jpg", FALSE},   {"0,600,10,10/max/0/default.jpg", FALSE},
        {"-1,0,10,10/max/0/default.jpg", FALSE},     {"0,0,10/max/0/default.jpg", FALSE},
        {"0,0,10,10,10/max/0/default.jpg", FALSE},   {"1.5,0,10,10/max/0/default.jpg", FALSE},
        {"0,0,1e3,10/max/0/default.jpg", FALSE},     {"pct:0,0,0,10/max/0/default.jpg", FALSE},
        {"pct:100,0,10,10/max/0/default.jpg", FALSE}, {"pct:a,0,10,10/max/0/default.jpg", FALSE},
        {"pct:-1,0,10,10/max/0/default.jpg", FALSE}, {"99999999999,0,1,1/max/0/default.jpg", FALSE},
        {"full/full/0/default.jpg", FALSE},          {"full/,/0/default.jpg", FALSE},
        {"full/0,/0/default.jpg", FALSE},            {"full/,0/0/default.jpg", FALSE},
        {"full/2000,/0/default.jpg", FALSE},         {"full/,601/0/default.jpg", FALSE},
        {"full/1001,10/0/default.jpg", FALSE},       {"full/pct:101/0/default.jpg", FALSE},
        {"full/pct:0/0/default.jpg", FALSE},         {"full/pct:/0/default.jpg", FALSE},
        {"full/!,100/0/default.jpg", FALSE},         {"full/!100,/0/default.jpg", FALSE},
        {"full/1,2,3/0/default.jpg", FALSE},         {"full/^/0/default.jpg", FALSE},
        {"full/^2000,/0/default.jpg", TRUE},         {"full/^pct:200/0/default.jpg", TRUE},
        {"full/^!2000,2000/0/default.jpg", TRUE},    {"full/max/-90/default.jpg", FALSE},
        {"full/max/361/default.jpg", FALSE},         {"full/max/ninety/default.jpg", FALSE},
        {"full/max//default.jpg", FALSE},            {"full/max/!/default.jpg", FALSE},
        {"full/max/90./default.jpg", FALSE},         {"full/max/22.5/default.jpg", TRUE},
        {"full/max/0/native.jpg", FALSE},            {"full/max/0/default", FALSE},
        {"full/max/0/default.bmp", FALSE},           {"full/max/0/default.jpg.png", FALSE},
        {"full/max/0/default.tif", TRUE},            {"full/max/0/default.webp", TRUE},
        {"full/max/0/.jpg", FALSE},                  {"full/max/0/default.JPG", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        DaIiifRequest request;
        g_autoptr(GError) error = NULL;
        if (parse(cases[i].text, &request, &error))
            fail_msg("%s was taken", cases[i].text);
        assert_int_equal(error->code, DA_ERROR_USAGE);
        if (request.unsupported != cases[i].unsupported)
            fail_msg("%s: %s", cases[i].text, error->message);
    }
}

/* --- capabilities ---------------------------------------------------------------------------------------------------- */

#define DOSSIER "0f8fad5b-d9cb-469f-a165-70867728950e"
#define TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void a_capability_is_good_for_one_session_and_dossier_and_a_while(void **state)
{
    DaCapabilityKey key, other;
    assert_true(da_capability_key_make(&key, NULL) && da_capability_key_make(&other, NULL));
    g_autofree char *capability = da_capability_make(&key, TOKEN, DOSSIER, 1000);
    assert_int_equal(strlen(capability), DA_CAPABILITY_TEXT);
    g_autofree char *good = da_capability_check(&key, TOKEN, capability, 999);
    assert_string_equal(good, DOSSIER);
    assert_null(da_capability_check(&key, TOKEN, capability, 1000));
    assert_null(da_capability_check(&key, "another", capability, 999));
    assert_null(da_capability_check(&other, TOKEN, capability, 999));
    assert_null(da_capability_make(&key, TOKEN, "no uuid", 1000));
}

/* The last letter carries bits that mean nothing; every other one counts. */
static void no_letter_of_it_can_be_changed(void **state)
{
    DaCapabilityKey key;
    assert_true(da_capability_key_make(&key, NULL));
    g_autofree char *capability = da_capability_make(&key, TOKEN, DOSSIER, G_MAXINT64);
    for (guint i = 0; i + 1 < DA_CAPABILITY_TEXT; i++) {
        g_autofree char *changed = g_strdup(capability);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        g_autofree char *dossier = da_capability_check(&key, TOKEN, changed, 0);
        if (dossier)
            fail_msg("letter %u can be changed", i);
    }
    static const char *const wrong[] = {"", "A", "../../../../etc/passwd", "龚",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_null(da_capability_check(&key, TOKEN, wrong[i], 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_have_one_canonical_form),
        cmocka_unit_test(wrong_requests_say_what_was_wanted),
        cmocka_unit_test(a_capability_is_good_for_one_session_and_dossier_and_a_while),
        cmocka_unit_test(no_letter_of_it_can_be_changed),
    };
    return cmocka_run_group_tests_name("iiif_request", tests, NULL, NULL);
}
