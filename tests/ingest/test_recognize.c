#include "scene.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/inspect.h>
#include <dangan/upright.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_engine_that_is_not_known_is_wrong_use(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(da_recognizer_new("nonsense", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
    assert_non_null(strstr(error->message, "tesseract"));
}

static void without_a_model_it_says_what_to_install(void **state)
{
    g_autoptr(GError) error = NULL;
    g_setenv("TESSDATA_PREFIX", "/nonexistent", TRUE);
    DaRecognizer *recognizer = da_recognizer_new("tesseract", &error);
    g_unsetenv("TESSDATA_PREFIX");
    assert_null(recognizer);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, "tesseract-ocr-chi-sim"));
}

static void none_reads_nothing_and_says_so(void **state)
{
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("none", NULL);
    g_autoptr(Pix) page = scene_page(1);
    g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 200, NULL);
    assert_string_equal(text->engine, "none");
    assert_int_equal(text->lines->len, 0);
    assert_int_equal(text->width_px, pixGetWidth(page));
    assert_true(da_recognizer_upright_score(recognizer, page, 200) == 0);
}

static void blank_paper_has_no_lines(void **state)
{
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("auto", NULL);
    g_autoptr(Pix) page = scene_page(0);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 200, &error);
    assert_non_null(text);
    assert_int_equal(text->lines->len, 0);
    assert_string_equal(text->engine, da_recognizer_name(recognizer));
}

/* A printed form of the sample batch that lies straight; NULL skips. */
static Pix *sample(void)
{
    const char *samples = g_getenv("DANGAN_SAMPLES");
    g_autofree char *path =
        g_build_filename(samples ? samples : "", "606129196201204759/scan0001.jpg", NULL);
    g_autoptr(GBytes) bytes = samples ? da_file_read(path, DA_IMAGE_MAX_BYTES, NULL) : NULL;
    if (bytes)
        return da_image_decode(bytes, NULL);
    print_message("# SKIP DANGAN_SAMPLES names no batch\n");
    return NULL;
}

static void a_form_is_read_with_places_and_without_spaces_between_han(void **state)
{
    g_autoptr(Pix) page = sample();
    if (!page)
        skip();
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("tesseract", NULL);
    g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 300, NULL);
    g_autofree char *plain = da_page_text_plain(text);
    assert_non_null(strstr(plain, "职工登记表"));
    assert_true(text->lines->len > 20);
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = text->lines->pdata[i];
        g_autofree char *joined = da_text_join_han(line->text);
        assert_string_equal(line->text, joined);
        assert_true(line->words->len > 0);
        assert_true(line->confidence >= 0 && line->confidence <= 1);
        assert_true(line->quad[0][0] >= 0 && line->quad[2][0] <= text->width_px);
        assert_true(line->quad[0][1] < line->quad[2][1] && line->quad[2][1] <= text->height_px);
    }
}

static void each_turn_of_a_form_is_found(void **state)
{
    g_autoptr(Pix) page = sample();
    if (!page)
        skip();
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("auto", NULL);
    for (int quarters = 0; quarters < 4; quarters++) {
        g_autoptr(Pix) turned = quarters ? pixRotateOrth(page, quarters) : pixClone(page);
        DaInspection inspection = {0};
        assert_true(da_inspect_page(turned, 300, recognizer, &inspection, NULL));
        assert_int_equal(inspection.turn_cw_deg, quarters * 90);
        assert_true(inspection.turn_confidence > 0.2);
        assert_false(inspection.measure.blank);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_that_is_not_known_is_wrong_use),
        cmocka_unit_test(without_a_model_it_says_what_to_install),
        cmocka_unit_test(none_reads_nothing_and_says_so),
        cmocka_unit_test(blank_paper_has_no_lines),
        cmocka_unit_test(a_form_is_read_with_places_and_without_spaces_between_han),
        cmocka_unit_test(each_turn_of_a_form_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
