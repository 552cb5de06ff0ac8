#include "fixture.h"

#include <string.h>

static DaMaterial *material(Fixture *fixture, guint index)
{
    return fixture->dossier->materials->pdata[index];
}

static void set_text(char **member, const char *text)
{
    g_free(*member);
    *member = g_strdup(text);
}

/* A material keeps its pages under new names. */
static void rename_pages(Fixture *fixture, DaMaterial *m)
{
    for (guint i = 0; i < m->pages->len; i++) {
        DaPage *page = m->pages->pdata[i];
        g_free(page->stem);
        page->stem = da_page_stem(m->class_code, m->sequence, page->side);
    }
}

static void wrong_check_digit(Fixture *fixture)
{
    da_dossier_set(fixture->dossier, DA_FIELD_ID_NUMBER, "110105194912310021", DA_ORIGIN_LIST,
                   "row 3");
}

static void wrong_sex(Fixture *fixture)
{
    da_dossier_set(fixture->dossier, DA_FIELD_SEX, "男", DA_ORIGIN_LIST, "row 3");
}

static void wrong_birth(Fixture *fixture)
{
    da_dossier_set(fixture->dossier, DA_FIELD_BIRTH, "1949-12-30", DA_ORIGIN_LIST, "row 3");
}

static void class_unknown(Fixture *fixture)
{
    DaMaterial *m = material(fixture, 1);
    set_text(&m->class_code, "77");
    rename_pages(fixture, m);
}

static void class_not_leaf(Fixture *fixture)
{
    DaMaterial *m = material(fixture, 1);
    set_text(&m->class_code, "9");
    rename_pages(fixture, m);
}

static void scheme_unknown(Fixture *fixture)
{
    set_text(&fixture->dossier->scheme, "another-scheme");
}

static void sequence_gap(Fixture *fixture)
{
    DaMaterial *m = material(fixture, 1);
    m->sequence = 3;
    rename_pages(fixture, m);
}

static void title_placeholder(Fixture *fixture)
{
    set_text(&material(fixture, 0)->title, "待确认");
}

static void title_endless(Fixture *fixture)
{
    GString *title = g_string_new(NULL);
    for (int i = 0; i < 400; i++)
        g_string_append(title, "表");
    g_free(material(fixture, 0)->title);
    material(fixture, 0)->title = g_string_free(title, FALSE);
}

static void future_date(Fixture *fixture)
{
    material(fixture, 0)->formed = (DaDate){2199, 1, 1};
}

static void date_before_birth(Fixture *fixture)
{
    material(fixture, 0)->formed = (DaDate){1950, 0, 0};
}

static void wrong_count(Fixture *fixture)
{
    material(fixture, 0)->pages_claimed = 2;
}

static void wrong_stem(Fixture *fixture)
{
    set_text(&fixture_page(fixture, 1, 0)->stem, "9-2-1-001");
}

static void side_gap(Fixture *fixture)
{
    DaPage *page = fixture_page(fixture, 0, 1);
    page->side = 3;
    rename_pages(fixture, material(fixture, 0));
}

const Damage damages_catalogue[] = {
    {"wrong check digit", "PER-001", .before = wrong_check_digit},
    {"sex against the ID number", "PER-002", .before = wrong_sex},
    {"birth against the ID number", "PER-003", .before = wrong_birth},
    {"class that the scheme does not know", "CAT-001", .before = class_unknown},
    {"class that holds no materials", "CAT-001", .before = class_not_leaf},
    {"unknown scheme", "CAT-001", .before = scheme_unknown},
    {"gap in the sequence", "CAT-002", .before = sequence_gap},
    {"placeholder as title", "CAT-003", .before = title_placeholder},
    {"title without end", "CAT-003", .before = title_endless},
    {"date in the future", "CAT-004", .before = future_date},
    {"date before the person could", "CAT-004", .before = date_before_birth},
    {"wrong 页数", "XML-005", .before = wrong_count},
    {"wrong stem", "IMG-010", .before = wrong_stem},
    {"gap in the sides", "IMG-011", .before = side_gap},
    {NULL},
};
