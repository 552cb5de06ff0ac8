#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_damage_is_found(void **state)
{
    fixture_run_damages(damages_quality);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
