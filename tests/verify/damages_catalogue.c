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

/* Two more materials, so that shares mean something. */
static DaMaterial *add_material(Fixture *fixture, guint sequence, DaDate formed)
{
    DaMaterial *m = da_material_new();
    m->class_code = g_strdup("9-1");
    m->sequence = sequence;
    m->title = g_strdup("工资变动审批表");
    m->formed = formed;
    m->copies = 1;
    m->pages_claimed = 1;
    g_ptr_array_add(fixture->dossier->materials, m);
    fixture_add_page(fixture, m, 10 + sequence);
    return m;
}

static void dates_missing(Fixture *fixture)
{
    add_material(fixture, 2, (DaDate){0});
    add_material(fixture, 3, (DaDate){0});
}

static void older_after_newer(Fixture *fixture)
{
    add_material(fixture, 2, (DaDate){1983, 4, 1});
}

static void dated_after_undated(Fixture *fixture)
{
    material(fixture, 1)->formed = (DaDate){0};
    add_material(fixture, 2, (DaDate){1983, 4, 1});
}

static void no_count(Fixture *fixture)
{
    material(fixture, 0)->pages_claimed = 0;
}

static void same_material(Fixture *fixture)
{
    add_material(fixture, 2, (DaDate){1990, 4, 1});
    add_material(fixture, 3, (DaDate){1990, 4, 1});
}

static void draft(Fixture *fixture)
{
    fixture->dossier->draft = TRUE;
}

static void same_page(Fixture *fixture)
{
    g_autoptr(GBytes) master =
        fixture_jpeg(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, FIXTURE_DPI, 3);
    fixture_page_bytes(fixture, fixture_page(fixture, 1, 0), DA_FILE_MASTER, master, "jpg");
}

const Damage damages_catalogue[] = {
    {"class that the scheme does not know", "CAT-001", .before = class_unknown},
    {"class that holds no materials", "CAT-001", .before = class_not_leaf},
    {"unknown scheme", "CAT-001", .before = scheme_unknown},
    {"gap in the sequence", "CAT-002", .before = sequence_gap},
    {"placeholder as title", "CAT-003", .before = title_placeholder},
    {"title without end", "CAT-003", .before = title_endless},
    {"date in the future", "CAT-004", .before = future_date},
    {"date before the person could", "CAT-004", .before = date_before_birth},
    {"half of the dates missing", "CAT-005", .before = dates_missing},
    {"older material after a newer one", "CAT-006", .page = "9-1-2-001",
     .before = older_after_newer},
    {"dated material after an undated one", "CAT-006", .page = "9-1-2-001",
     .before = dated_after_undated},
    {"draft of the program", "CAT-013", .before = draft},
    {"no 页数", "CAT-007", .page = "1-1-001", .before = no_count},
    {"the same material twice", "CAT-010", .page = "9-1-3-001", .before = same_material},
    {"one page in two materials", "CAT-010", .page = "9-1-1-001", .before = same_page},
    {"wrong 页数", "XML-005", .before = wrong_count},
    {"wrong stem", "IMG-010", .before = wrong_stem},
    {"gap in the sides", "IMG-011", .before = side_gap},
    {NULL},
};
