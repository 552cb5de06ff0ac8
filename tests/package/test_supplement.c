#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dangan/error.h>
#include <dangan/supplement.h>
#include <string.h>

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const DaAddition how = {.at = (char *)"2026-05-01T08:00:00Z",
                               .by = (char *)"档案员乙",
                               .from = (char *)"虚构街道办",
                               .digest = (char *)DIGEST,
                               .made = (char *)"2026-04-30T08:00:00Z",
                               .operator_name = (char *)"操作员丙"};

static DaMaterial *add_material(DaDossier *dossier, const char *class_code, guint sequence,
                                guint pages)
{
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup(class_code);
    material->sequence = sequence;
    material->title = g_strdup_printf("材料%s-%u", class_code, sequence);
    for (guint side = 1; side <= pages; side++) {
        DaPage *page = da_page_new();
        page->side = side;
        page->stem = da_page_stem(class_code, sequence, side);
        g_ptr_array_add(material->pages, page);
    }
    g_ptr_array_add(dossier->materials, material);
    return material;
}

static void add_claim(DaDossier *dossier, const char *stem, const char *text)
{
    DaClaim *claim = da_claim_new(DA_CLAIM_TITLE);
    claim->stem = g_strdup(stem);
    claim->text = g_strdup(text);
    g_ptr_array_add(dossier->claims, claim);
}

static DaDossier *dossier_of(const char *id, const char *number, const char *name)
{
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_strdup(id);
    dossier->created = g_strdup("2026-03-02T09:00:00Z");
    dossier->scheme = g_strdup("cadre-2018");
    da_dossier_set(dossier, DA_FIELD_ID_NUMBER, number, DA_ORIGIN_LIST, NULL);
    da_dossier_set(dossier, DA_FIELD_NAME, name, DA_ORIGIN_LIST, NULL);
    return dossier;
}

static DaDossier *kept(void)
{
    DaDossier *dossier =
        dossier_of("11111111-1111-4111-8111-111111111111", "11010519491231002X", "龚杉榕");
    dossier->profile_name = g_strdup("soe-retiree");
    dossier->profile_version = g_strdup("2026.2");
    add_material(dossier, "1", 1, 2);
    add_material(dossier, "9-1", 1, 1);
    add_material(dossier, "9-1", 2, 1);
    add_material(dossier, "10", 1, 1);
    return dossier;
}

static DaDossier *coming(void)
{
    return dossier_of("22222222-2222-4222-8222-222222222222", "11010519491231002X", "龚杉榕");
}

static DaProfile *profile(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    DaProfile *loaded = da_profile_load("soe-retiree", folder, &error);
    if (!loaded)
        fail_msg("%s", error->message);
    return loaded;
}

/* "1-1 9-1-1 …": the catalogue as stems without sides. */
static char *order_of(const DaDossier *dossier)
{
    GString *order = g_string_new(NULL);
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = dossier->materials->pdata[i];
        g_string_append_printf(order, "%s%s-%u", i ? " " : "", material->class_code,
                               material->sequence);
    }
    return g_string_free(order, FALSE);
}

static void materials_stand_behind_the_last_of_their_class(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProfile) loaded = profile();
    g_autoptr(DaDossier) dossier = kept();
    g_autoptr(DaDossier) later = coming();
    add_material(later, "9-1", 1, 2);
    add_material(later, "9-1", 2, 1);
    add_material(later, "4-2", 1, 1);
    add_material(later, "1", 1, 1);
    assert_true(da_dossier_supplement(dossier, later, da_profile_scheme(loaded, "cadre-2018"), &how,
                                      &error));
    g_autofree char *order = order_of(dossier);
    assert_string_equal(order, "1-1 1-2 4-2-1 9-1-1 9-1-2 9-1-3 9-1-4 10-1");
    const DaMaterial *third = dossier->materials->pdata[5];
    assert_string_equal(((DaPage *)third->pages->pdata[0])->stem, "9-1-3-001");
    assert_string_equal(((DaPage *)third->pages->pdata[1])->stem, "9-1-3-002");
    assert_string_equal(third->addition->by, "档案员乙");
    assert_null(((DaMaterial *)dossier->materials->pdata[3])->addition);
    assert_int_equal(later->materials->len, 0);
    assert_string_equal(dossier->created, how.at);
    assert_string_equal(dossier->first_created, "2026-03-02T09:00:00Z");
    assert_true(da_dossier_has_addition(dossier, DIGEST));
}

/* The new name of one page is the old one of another. */
static void claims_follow_their_pages(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = kept();
    g_autoptr(DaDossier) later = coming();
    add_material(later, "1", 1, 1);
    add_material(later, "1", 2, 1);
    add_claim(later, "1-1-001", "甲表");
    add_claim(later, "1-2-001", "乙表");
    assert_true(da_dossier_supplement(dossier, later, NULL, &how, &error));
    const DaClaim *one = dossier->claims->pdata[0], *other = dossier->claims->pdata[1];
    assert_string_equal(one->stem, "1-2-001");
    assert_string_equal(one->text, "甲表");
    assert_string_equal(other->stem, "1-3-001");
}

static void a_second_addition_keeps_the_first_time(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = kept();
    g_autoptr(DaDossier) later = coming();
    add_material(later, "2", 1, 1);
    assert_true(da_dossier_supplement(dossier, later, NULL, &how, &error));
    add_material(later, "2", 1, 1);
    DaAddition again = how;
    again.at = (char *)"2026-06-01T08:00:00Z";
    again.digest = (char *)"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    assert_true(da_dossier_supplement(dossier, later, NULL, &again, &error));
    assert_string_equal(dossier->first_created, "2026-03-02T09:00:00Z");
    assert_string_equal(dossier->created, "2026-06-01T08:00:00Z");
}

static void what_does_not_fit_changes_nothing(void **state)
{
    static const struct {
        const char *label, *number, *name, *scheme, *class_code;
        guint sequence, pages;
        gboolean twice;
        DaErrorCode code;
    } cases[] = {
        {"another number", "440524188001010014", "龚杉榕", "cadre-2018", "1", 1, 1, FALSE,
         DA_ERROR_CONFLICT},
        {"no number", NULL, "龚杉榕", "cadre-2018", "1", 1, 1, FALSE, DA_ERROR_CONFLICT},
        {"another scheme", "11010519491231002X", "龚杉榕", "worker-1992", "1", 1, 1, FALSE,
         DA_ERROR_INPUT},
        {"no pages", "11010519491231002X", "龚杉榕", "cadre-2018", "1", 1, 0, FALSE,
         DA_ERROR_INPUT},
        {"no materials", "11010519491231002X", "龚杉榕", "cadre-2018", NULL, 0, 0, FALSE,
         DA_ERROR_INPUT},
        {"twice", "11010519491231002X", "龚杉榕", "cadre-2018", "1", 1, 1, TRUE,
         DA_ERROR_CONFLICT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaDossier) dossier = kept();
        g_autoptr(DaDossier) later = dossier_of("22222222-2222-4222-8222-222222222222",
                                                cases[i].number, cases[i].name);
        g_free(later->scheme);
        later->scheme = g_strdup(cases[i].scheme);
        if (cases[i].class_code)
            add_material(later, cases[i].class_code, cases[i].sequence, cases[i].pages);
        if (cases[i].twice)
            ((DaMaterial *)dossier->materials->pdata[0])->addition = da_addition_dup(&how);
        if (da_dossier_supplement(dossier, later, NULL, &how, &error) ||
            error->code != (int)cases[i].code)
            fail_msg("%s: %s", cases[i].label, error ? error->message : "was taken");
        assert_int_equal(dossier->materials->len, 4);
        assert_string_equal(dossier->created, "2026-03-02T09:00:00Z");
        assert_null(strstr(error->message, "440524"));
    }
}

static void a_full_class_takes_no_more(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = kept();
    g_autoptr(DaDossier) later = coming();
    ((DaMaterial *)dossier->materials->pdata[2])->sequence = 998;
    add_material(later, "9-1", 1, 1);
    add_material(later, "9-1", 2, 1);
    assert_false(da_dossier_supplement(dossier, later, NULL, &how, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_int_equal(dossier->materials->len, 4);
}

static void persons_are_compared_by_number_then_by_name(void **state)
{
    static const struct {
        const char *number, *name, *other_number, *other_name;
        gboolean same;
    } cases[] = {
        {"11010519491231002X", "龚杉榕", "11010519491231002x", "龚杉容", TRUE},
        {"34052419800101001X", "甲", "340524800101001", "甲", TRUE},
        {"11010519491231002X", "龚杉榕", NULL, "龚杉榕", FALSE},
        {NULL, "龚杉榕", NULL, "龚杉榕", TRUE},
        {NULL, "龚杉榕", NULL, "龚杉", FALSE},
        {NULL, NULL, NULL, NULL, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaDossier) a = dossier_of("a", cases[i].number, cases[i].name);
        g_autoptr(DaDossier) b = dossier_of("b", cases[i].other_number, cases[i].other_name);
        if (da_dossier_same_person(a, b) != cases[i].same)
            fail_msg("case %u", i);
    }
}

/* dossier.xml says what was added when, and gives it back. */
static void dossier_xml_keeps_the_addition(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = kept();
    g_autoptr(DaDossier) later = coming();
    add_material(later, "2", 1, 1);
    assert_true(da_dossier_supplement(dossier, later, NULL, &how, &error));
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, &error);
    if (!xml)
        fail_msg("%s", error->message);
    g_autoptr(DaDossier) back = da_dossier_from_xml(xml, &error);
    assert_non_null(back);
    assert_string_equal(back->first_created, "2026-03-02T09:00:00Z");
    const DaMaterial *added = NULL;
    for (guint i = 0; i < back->materials->len; i++)
        if (((DaMaterial *)back->materials->pdata[i])->addition)
            added = back->materials->pdata[i];
    assert_non_null(added);
    assert_string_equal(added->class_code, "2");
    assert_string_equal(added->addition->at, how.at);
    assert_string_equal(added->addition->from, how.from);
    assert_string_equal(added->addition->digest, DIGEST);
    assert_string_equal(added->addition->made, how.made);
    assert_string_equal(added->addition->operator_name, "操作员丙");
    assert_null(added->addition->scanner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(materials_stand_behind_the_last_of_their_class),
        cmocka_unit_test(claims_follow_their_pages),
        cmocka_unit_test(a_second_addition_keeps_the_first_time),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(a_full_class_takes_no_more),
        cmocka_unit_test(persons_are_compared_by_number_then_by_name),
        cmocka_unit_test(dossier_xml_keeps_the_addition),
    };
    return cmocka_run_group_tests_name("supplement", tests, NULL, NULL);
}
