#include "fixture.h"

#include <dangan/text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_damage_is_found(void **state)
{
    fixture_run_damages(damages_quality);
}

/* Tesseract doubts handwriting too: what it doubts may lie as it should. */
static void doubts_of_another_engine_say_nothing_of_the_turn(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    g_autoptr(DaPageText) text =
        da_page_text_new(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, "tesseract 5.3.0 chi_sim");
    DaLine *line = da_page_text_add(text);
    double box[4][2] = {{100, 100}, {900, 100}, {900, 140}, {100, 140}};
    memcpy(line->quad, box, sizeof box);
    line->text = g_strdup("姓名向燕性别女民族汉");
    line->confidence = 0.2;
    g_autoptr(GBytes) alto = da_page_text_to_alto(text, "page.jpg", NULL);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_OCR, alto, "xml");
    fixture_write(fixture);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_count(verification, "QLT-002"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_is_found),
        cmocka_unit_test(doubts_of_another_engine_say_nothing_of_the_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
