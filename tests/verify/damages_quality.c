#include "fixture.h"

#include <dangan/image.h>
#include <dangan/text.h>
#include <math.h>
#include <string.h>

#define W FIXTURE_WIDTH_PX
#define H FIXTURE_HEIGHT_PX

static void set_pix(Fixture *fixture, DaFileKind kind, Pix *pix)
{
    g_autoptr(GBytes) bytes = fixture_encode(pix, FIXTURE_DPI);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), kind, bytes, "jpg");
}

static void draw(Pix *pix, int x, int y, int w, int h, l_uint32 colour)
{
    Box *box = boxCreate(x, y, w, h);
    pixSetInRectArbitrary(pix, box, colour);
    boxDestroy(&box);
}

/* Each colour value v becomes from + v * share. */
static void shade(Pix *pix, int from, double share, int blue)
{
    l_uint32 *data = pixGetData(pix);
    for (gsize i = 0; i < (gsize)pixGetWpl(pix) * (gsize)pixGetHeight(pix); i++) {
        int r, g, b;
        extractRGBValues(data[i], &r, &g, &b);
        r = from + (int)(r * share);
        g = from + (int)(g * share);
        b = CLAMP(from + (int)(b * share) + blue, 0, 255);
        composeRGBPixel(r, g, b, &data[i]);
    }
}

static void askew(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    g_autoptr(Pix) turned =
        pixRotate(sheet, (l_float32)(1.6 * G_PI / 180), L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
    set_pix(fixture, DA_FILE_ACCESS, turned);
}

static void on_its_side(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(H, W, 1);
    g_autoptr(Pix) turned = pixRotateOrth(sheet, 1);
    set_pix(fixture, DA_FILE_ACCESS, turned);
}

static void dark_border(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    draw(sheet, 0, 0, 70, H, 0x10101000u);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

static void cut_off(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W + 400, H, 1);
    Box *box = boxCreate(300, 0, W, H);
    g_autoptr(Pix) part = pixClipRectangle(sheet, box, NULL);
    boxDestroy(&box);
    set_pix(fixture, DA_FILE_ACCESS, part);
}

static void out_of_focus(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    g_autoptr(Pix) soft = pixBlockconv(sheet, 3, 3);
    set_pix(fixture, DA_FILE_ACCESS, soft);
}

static void too_dark(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    shade(sheet, 0, 0.15, 0);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

static void called_blank(Fixture *fixture)
{
    fixture_add_page(fixture, fixture->dossier->materials->pdata[0], 4);
    fixture_page(fixture, 0, 2)->blank = TRUE;
}

static void blank_but_counted(Fixture *fixture)
{
    fixture_page(fixture, 0, 1)->blank = FALSE;
    ((DaMaterial *)fixture->dossier->materials->pdata[0])->pages_claimed = 2;
}

static void streak(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 1);
    draw(sheet, 700, 0, 3, FIXTURE_MASTER_HEIGHT_PX, 0x60606000u);
    set_pix(fixture, DA_FILE_MASTER, sheet);
}

static void seal_cleaned_away(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 1);
    draw(sheet, 500, 900, 250, 250, 0xd0202000u);
    set_pix(fixture, DA_FILE_MASTER, sheet);
}

static void writing_cleaned_away(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    draw(sheet, 0, 400, W, H - 400, 0xf4f1ea00u);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

static void page_twice(Fixture *fixture)
{
    DaMaterial *m = fixture->dossier->materials->pdata[0];
    fixture_add_page(fixture, m, 1);
    m->pages_claimed = 2;
}

/* The same side on the glass once more, not quite at the same place. */
static void scanned_again(Fixture *fixture)
{
    page_twice(fixture);
    g_autoptr(Pix) sheet = fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 1);
    g_autoptr(Pix) moved = pixTranslate(NULL, sheet, 12, 9, L_BRING_IN_WHITE);
    g_autoptr(GBytes) bytes = fixture_encode(moved, FIXTURE_DPI);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 2), DA_FILE_MASTER, bytes, "jpg");
}

static void page_of_another(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 77);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

static void blue_paper(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    shade(sheet, -100, 1, 190);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

static void shows_through(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 1);
    for (int y = 200; y < H - 200; y += 30)
        draw(sheet, 160, y, W - 320, 16, 0xd8d5ce00u);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
}

/* Paper is never as even as drawings are. */
static void add_grain(Pix *pix)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    l_uint32 *data = pixGetData(pix);
    for (gsize i = 0; i < (gsize)pixGetWpl(pix) * (gsize)pixGetHeight(pix); i++) {
        int r, g, b, grain = g_rand_int_range(rand, -9, 9);
        extractRGBValues(data[i], &r, &g, &b);
        composeRGBPixel(CLAMP(r + grain, 0, 255), CLAMP(g + grain, 0, 255),
                        CLAMP(b + grain, 0, 255), &data[i]);
    }
}

static void enlarged(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 1);
    add_grain(sheet);
    g_autoptr(Pix) small =
        pixScaleToSize(sheet, FIXTURE_MASTER_WIDTH_PX * 2 / 3, FIXTURE_MASTER_HEIGHT_PX * 2 / 3);
    add_grain(small);
    g_autoptr(Pix) large = pixScaleToSize(small, FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX);
    set_pix(fixture, DA_FILE_MASTER, large);
}

/* --- sizes --------------------------------------------------------------------------------------------------------------- */

static void impossible_paper(Fixture *fixture)
{
    for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++) {
        gboolean master = kind == DA_FILE_MASTER;
        g_autoptr(GBytes) jpeg = fixture_jpeg(master ? FIXTURE_MASTER_WIDTH_PX : W,
                                              master ? FIXTURE_MASTER_HEIGHT_PX : H, 1200, 3);
        fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), kind, jpeg, "jpg");
    }
}

static void all_grey(Fixture *fixture)
{
    DaMaterial *m = fixture->dossier->materials->pdata[0];
    fixture_add_page(fixture, m, 3);
    m->pages_claimed = 2;
    for (guint i = 0; i < 3; i++) {
        DaPage *page = i < 2 ? m->pages->pdata[i ? 2 : 0] : fixture_page(fixture, 1, 0);
        g_autoptr(Pix) sheet =
            fixture_sheet(FIXTURE_MASTER_WIDTH_PX, FIXTURE_MASTER_HEIGHT_PX, 20 + i);
        g_autoptr(Pix) grey = pixConvertRGBToLuminance(sheet);
        g_autoptr(GBytes) bytes = fixture_encode(grey, FIXTURE_DPI);
        fixture_page_bytes(fixture, page, DA_FILE_MASTER, bytes, "jpg");
    }
}

static void squeezed(Fixture *fixture)
{
    g_autoptr(Pix) sheet = fixture_sheet(W, H, 0);
    draw(sheet, 300, 300, 400, 30, 0x20202000u);
    pixSetResolution(sheet, FIXTURE_DPI, FIXTURE_DPI);
    g_autoptr(GBytes) bytes = da_image_encode_jpeg(sheet, 1, NULL);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_ACCESS, bytes, "jpg");
}

static void larger_than_its_original(Fixture *fixture)
{
    DaPage *page = fixture_page(fixture, 0, 0);
    page->width_px = W * 3 / 2;
    page->height_px = H * 3 / 2;
    g_autoptr(Pix) sheet = fixture_sheet(page->width_px, page->height_px, 1);
    g_autoptr(GBytes) alto = fixture_alto(page->width_px, page->height_px);
    set_pix(fixture, DA_FILE_ACCESS, sheet);
    fixture_page_bytes(fixture, page, DA_FILE_OCR, alto, "xml");
}

static void turned_by_note(Fixture *fixture)
{
    static const guint8 exif[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                                  42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                                  1,    0,    0, 0,  3,   0,   0,   0,   0,    0, 0,   0};
    g_autoptr(GBytes) jpeg = fixture_jpeg(W, H, FIXTURE_DPI, 3);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const guint8 *data = g_bytes_get_data(jpeg, NULL);
    /* Behind SOI and the JFIF segment, where the resolution stands. */
    guint head = 4u + ((guint)data[4] << 8 | data[5]);
    g_byte_array_append(bytes, data, head);
    g_byte_array_append(bytes, exif, sizeof exif);
    g_byte_array_append(bytes, data + head, (guint)g_bytes_get_size(jpeg) - head);
    g_autoptr(GBytes) turned = g_bytes_new(bytes->data, bytes->len);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_ACCESS, turned, "jpg");
}

/* --- text ----------------------------------------------------------------------------------------------------------------- */

static void set_text_of(Fixture *fixture, const char *const *lines, const char *engine,
                        double confidence)
{
    g_autoptr(DaPageText) text = da_page_text_new(W, H, engine);
    for (guint i = 0; lines[i]; i++) {
        DaLine *line = da_page_text_add(text);
        double box[4][2] = {
            {100, 100 + 60 * i}, {900, 100 + 60 * i}, {900, 140 + 60 * i}, {100, 140 + 60 * i}};
        memcpy(line->quad, box, sizeof box);
        line->text = g_strdup(lines[i]);
        line->confidence = confidence;
    }
    g_autoptr(GBytes) alto = da_page_text_to_alto(text, "page.jpg", NULL);
    fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_OCR, alto, "xml");
}

static void set_text(Fixture *fixture, const char *const *lines)
{
    set_text_of(fixture, lines, "tesseract 5.3.0 chi_sim", 0.95);
}

/* What PP-OCR makes of a page that stands on its head. */
static void on_its_head(Fixture *fixture)
{
    static const char *const lines[] = {"7崛吏b牛毛芸2S經有安深型1E举加番王12云", NULL};
    set_text_of(fixture, lines, "ppocr", 0.47);
}

static void title_of_another(Fixture *fixture)
{
    static const char *const lines[] = {"工资调整审批表", "姓名 龚杉榕 性别 女", "原工资等级 四级",
                                        "现工资等级 五级 自一九八五年七月起执行", NULL};
    set_text(fixture, lines);
}

static void another_person(Fixture *fixture)
{
    static const char *const lines[] = {"职工登记表", "姓名 邬栎 性别 男",
                                        "出生年月 1950年3月 民族 汉",
                                        "参加工作时间 一九七一年十二月", NULL};
    set_text(fixture, lines);
}

static void another_number(Fixture *fixture)
{
    static const char *const lines[] = {"职工登记表", "公民身份号码 34052419800101001X",
                                        "参加工作时间 一九七一年十二月十二日", NULL};
    set_text(fixture, lines);
}

/* --- process ----------------------------------------------------------------------------------------------------------------- */

static void set_title(Fixture *fixture, const char *title)
{
    DaMaterial *m = fixture->dossier->materials->pdata[0];
    g_free(m->title);
    m->title = g_strdup(title);
}

static void unusual_class(Fixture *fixture)
{
    set_title(fixture, "退休审批表");
}

static void nothing_expected(Fixture *fixture)
{
    set_title(fixture, "杂项");
}

static void no_scanner(Fixture *fixture)
{
    g_clear_pointer(&fixture->dossier->scanner, g_free);
}

static void no_capture_time(Fixture *fixture)
{
    g_clear_pointer(&fixture_page(fixture, 1, 0)->captured, g_free);
}

static void no_capture_event(Fixture *fixture)
{
    fixture_replace(fixture, "metadata/preservation/premis.xml", "<eventType>capture</eventType>",
                    "<eventType>accession</eventType>");
}

static void page_unknown_to_premis(Fixture *fixture)
{
    fixture_replace(fixture, "metadata/preservation/premis.xml",
                    "<objectIdentifierValue>representations/access/data/9-1-1-001.jpg",
                    "<objectIdentifierValue>representations/access/data/9-1-1-009.jpg");
}

/* A scanner answers 1 when it has found something. */
static void infected(Fixture *fixture)
{
    const DaRule *rule = da_profile_rule(fixture->profile, "PKG-010");
    g_hash_table_insert(rule->parameters, g_strdup("command"), g_strdup("false"));
}

const Damage damages_quality[] = {
    {"page askew", "QLT-001", .page = "1-1-001", .before = askew},
    {"page on its side", "QLT-002", .page = "1-1-001", .before = on_its_side},
    {"page on its head", "QLT-002", .page = "1-1-001", .before = on_its_head},
    {"dark border", "QLT-003", .page = "1-1-001", .before = dark_border},
    {"text cut off", "QLT-004", .page = "1-1-001", .before = cut_off},
    {"page out of focus", "QLT-005", .page = "1-1-001", .before = out_of_focus},
    {"page too dark", "QLT-006", .page = "1-1-001", .before = too_dark},
    {"written side called blank", "QLT-007", .page = "1-1-003", .before = called_blank},
    {"blank side counted", "QLT-007", .page = "1-1-002", .before = blank_but_counted},
    {"streak", "QLT-008", .page = "1-1-001", .before = streak},
    {"seal cleaned away", "QLT-009", .page = "1-1-001", .before = seal_cleaned_away},
    {"writing cleaned away", "QLT-009", .page = "1-1-001", .before = writing_cleaned_away},
    {"page twice", "QLT-010", .page = "1-1-003", .before = page_twice},
    {"page scanned again", "QLT-010", .page = "1-1-003", .before = scanned_again},
    {"blue paper", "QLT-012", .page = "1-1-001", .before = blue_paper},
    {"other side shows through", "QLT-013", .page = "1-1-001", .before = shows_through},
    {"enlarged original", "QLT-015", .page = "1-1-001", .before = enlarged},
    {"impossible paper", "IMG-004", .page = "1-1-001", .before = impossible_paper},
    {"all originals grey", "IMG-006", .before = all_grey},
    {"squeezed", "IMG-009", .page = "1-1-001", .before = squeezed},
    {"access image larger than its original", "IMG-013", .page = "1-1-001",
     .before = larger_than_its_original},
    {"access image of another page", "IMG-013", .page = "1-1-001", .before = page_of_another},
    {"upright by a note only", "IMG-014", .page = "1-1-001", .before = turned_by_note},
    {"title in an unusual class", "CAT-008", .page = "1-1-001", .before = unusual_class},
    {"no registration form", "CAT-009", .before = nothing_expected},
    {"title of another material", "CAT-011", .page = "1-1-001", .before = title_of_another},
    {"name of another person", "CAT-012", .page = "1-1-001", .before = another_person},
    {"number of another person", "CAT-012", .page = "1-1-001", .before = another_number},
    {"no scanner on record", "META-001", .before = no_scanner},
    {"no time of capture", "META-001", .page = "9-1-1-001", .before = no_capture_time},
    {"no event of capture", "META-002", .after = no_capture_event, .reseal = RESEAL_METS},
    {"page that PREMIS does not know", "META-002", .page = "9-1-1-001",
     .after = page_unknown_to_premis, .reseal = RESEAL_METS},
    {"malicious software", "PKG-010", .before = infected},
    {NULL},
};
