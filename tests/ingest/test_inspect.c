#include "scene.h"

#include <dangan/handle/json.h>
#include <dangan/inspect.h>
#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_blank_side_is_upright_and_its_turn_is_not_measured(void **state)
{
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("auto", NULL);
    g_autoptr(Pix) page = scene_page(0);
    DaInspection inspection = {.turn_cw_deg = 90};
    assert_true(da_inspect_page(page, 200, recognizer, &inspection, NULL));
    assert_true(inspection.measure.blank);
    assert_int_equal(inspection.turn_cw_deg, 0);
    assert_true(isnan(inspection.turn_confidence));
    assert_true(isnan(inspection.measure.skew_cw_deg));
}

static void without_an_engine_form_alone_decides_and_says_so(void **state)
{
    const struct {
        const char *label;
        int quarters, turn_cw_deg;
    } cases[] = {{"rows", 0, 0}, {"columns", 1, 90}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        print_message("# %s\n", cases[i].label);
        g_autoptr(Pix) page = scene_page(1);
        g_autoptr(Pix) turned = pixRotateOrth(page, cases[i].quarters);
        DaInspection inspection = {0};
        assert_true(da_inspect_page(turned, 200, NULL, &inspection, NULL));
        assert_int_equal(inspection.turn_cw_deg, cases[i].turn_cw_deg);
        assert_true(isnan(inspection.turn_confidence));
    }
}

static void what_is_unknown_is_null_in_json(void **state)
{
    g_autoptr(Pix) page = scene_page(0);
    DaInspection inspection = {.info = {.format = DA_IMAGE_JPEG, .width_px = 3, .height_px = 2}};
    assert_true(da_inspect_page(page, 200, NULL, &inspection, NULL));
    g_autoptr(json_t) object = da_inspection_to_json(&inspection);
    assert_non_null(object);
    assert_true(json_is_null(json_object_get(object, "skew_cw_deg")));
    assert_true(json_is_null(json_object_get(object, "turn_confidence")));
    assert_true(json_is_true(json_object_get(object, "blank")));
    assert_int_equal(json_integer_value(json_object_get(object, "width_px")), 3);
}

static void json_tells_the_size_as_people_see_it(void **state)
{
    DaInspection inspection = {.info = {.width_px = 30, .height_px = 20, .exif_orientation = 6}};
    g_autoptr(json_t) object = da_inspection_to_json(&inspection);
    assert_int_equal(json_integer_value(json_object_get(object, "width_px")), 20);
    assert_int_equal(json_integer_value(json_object_get(object, "height_px")), 30);
}

static void an_impossible_resolution_is_refused(void **state)
{
    g_autoptr(Pix) page = scene_page(1);
    g_autoptr(GError) error = NULL;
    DaInspection inspection = {0};
    assert_false(da_inspect_page(page, 1, NULL, &inspection, &error));
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blank_side_is_upright_and_its_turn_is_not_measured),
        cmocka_unit_test(without_an_engine_form_alone_decides_and_says_so),
        cmocka_unit_test(what_is_unknown_is_null_in_json),
        cmocka_unit_test(json_tells_the_size_as_people_see_it),
        cmocka_unit_test(an_impossible_resolution_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
