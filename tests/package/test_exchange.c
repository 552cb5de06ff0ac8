#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"
#include "exchange_sample.h"

#include <dangan/error.h>
#include <dangan/exchange.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static DaProfile *profile;
static char *folder;

static int load_profile(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    profile = da_profile_load("soe-retiree", profiles, &error);
    if (!profile)
        fail_msg("%s", error->message);
    return 0;
}

static int free_profile(void **state)
{
    g_clear_pointer(&profile, da_profile_free);
    return 0;
}

static int begin(void **state)
{
    folder = scratch_begin();
    return 0;
}

static int end(void **state)
{
    scratch_end(folder);
    return 0;
}

static DaExchange *read_delivery(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *work = g_build_filename(folder, "work", NULL);
    assert_true(da_tree_remove(work, NULL));
    DaExchange *exchange = da_exchange_read(path, work, profile, NULL, &error);
    if (!exchange)
        fail_msg("%s", error->message);
    return exchange;
}

static char *all_findings(const DaExchange *exchange)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < exchange->findings->len; i++) {
        g_autofree char *line = da_finding_line(exchange->findings->pdata[i], FALSE);
        g_string_append_printf(text, "\n%s", line);
    }
    return g_string_free(text, FALSE);
}

static gboolean has_rule(const DaExchange *exchange, const char *rule)
{
    for (guint i = 0; i < exchange->findings->len; i++)
        if (!strcmp(((const DaFinding *)exchange->findings->pdata[i])->rule, rule))
            return TRUE;
    return FALSE;
}

/* One fault gives one rule; `also` is one more that it cannot be without. */
static void expect_both(const char *label, const DaExchange *exchange, const char *rule,
                        const char *also, gboolean usable)
{
    g_autofree char *text = all_findings(exchange);
    if (rule ? !has_rule(exchange, rule) : exchange->findings->len > 0)
        fail_msg("%s: wanted %s, found:%s", label, rule ? rule : "no finding", text);
    for (guint i = 0; i < exchange->findings->len; i++) {
        const DaFinding *finding = exchange->findings->pdata[i];
        if (strcmp(finding->rule, rule) && !(also && !strcmp(finding->rule, also)))
            fail_msg("%s: wanted %s alone, found:%s", label, rule, text);
    }
    if (exchange->usable != usable)
        fail_msg("%s: should %sbe usable:%s", label, usable ? "" : "not ", text);
}

static void expect(const char *label, const DaExchange *exchange, const char *rule, gboolean usable)
{
    expect_both(label, exchange, rule, NULL, usable);
}

static const DaMaterial *material_of(const DaExchange *exchange, guint index)
{
    assert_non_null(exchange->dossier);
    assert_true(index < exchange->dossier->materials->len);
    return exchange->dossier->materials->pdata[index];
}

static const DaPage *page_of(const DaExchange *exchange, guint material, guint page)
{
    const GPtrArray *pages = material_of(exchange, material)->pages;
    assert_true(page < pages->len);
    return pages->pdata[page];
}

/* --- the form itself -------------------------------------------------------------------------------------------------- */

static void the_form_is_read_without_a_finding(void **state)
{
    g_autofree char *delivery = sample_delivery(folder);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    expect("form", exchange, NULL, TRUE);
    const DaDossier *dossier = exchange->dossier;
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_NAME), "赵测试");
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_SEX), "男");
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_ETHNICITY), "汉族");
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_BIRTH), "1962-01-20");
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_ID_NUMBER), "606129196201204759");
    assert_int_equal(dossier->materials->len, 3);
    const DaMaterial *second = material_of(exchange, 1);
    assert_string_equal(second->class_code, "4-1");
    assert_int_equal(second->sequence, 1);
    assert_string_equal(second->title, "毕业生登记表");
    assert_string_equal(second->note, "复印件");
    assert_int_equal(second->pages_claimed, 2);
    assert_int_equal(second->pages->len, 2);
    g_autofree char *formed = da_date_format(material_of(exchange, 0)->formed);
    assert_string_equal(formed, "1988-07");
    const DaPage *page = page_of(exchange, 1, 1);
    assert_string_equal(page->stem, "4-1-1-002");
    assert_string_equal(page->file[DA_FILE_MASTER].extension, "jpg");
    g_autofree char *original = sample_image(delivery, "原始图像数据", "4-1-1-002.jpg");
    g_autofree char *optimised = sample_image(delivery, "优化图像数据", "4-1-1-002.jpg");
    assert_string_equal(page->file[DA_FILE_MASTER].path, original);
    assert_string_equal(page->file[DA_FILE_ACCESS].path, optimised);
    assert_int_equal(exchange->images, 8);
}

/* --- dialects of the XML ---------------------------------------------------------------------------------------------- */

typedef struct {
    const char *label, *from, *to, *rule;
    gboolean usable;
    const char *also;
} XmlCase;

static void each_departure_in_the_xml_is_named(void **state)
{
    static const XmlCase cases[] = {
        {"ID element of old programs", "<公民身份号码>606129196201204759</公民身份号码>",
         "<身份证号>606129196201204759</身份证号>", "XML-002", TRUE},
        {"misspelt 民族", "<民族>汉族</民族>", "<名族>汉族</名族>", "XML-002", TRUE},
        {"an element of their own", "<性别>", "<人员ID>17</人员ID><性别>", "XML-002", TRUE},
        {"high definition instead of optimised", "<优化图像数据>1-1-001.jpg</优化图像数据>",
         "<高清图像数据>1-1-001.jpg</高清图像数据>", "XML-002", TRUE},
        {"_Text", "<原始图像数据>1-1-001.jpg</原始图像数据>",
         "<原始图像数据_Text>1-1-001.jpg</原始图像数据_Text>", "XML-002", TRUE},
        {"_Text with data inside", "<优化图像数据>1-1-001.jpg</优化图像数据>",
         "<优化图像数据_Text><data>1-1-001.jpg</data></优化图像数据_Text>", "XML-002", TRUE},
        {"a default namespace", "<数字档案 ",
         "<数字档案 xmlns=\"http://www.w3.org/2001/XMLSchema\" ", "XML-002", TRUE},
        {"fields out of order", "<序号>1</序号>\n      <材料名称>职工登记表</材料名称>",
         "<材料名称>职工登记表</材料名称>\n      <序号>1</序号>", "XML-002", TRUE},
        {"the main class only", "<类号>4-1</类号>", "<类号>四</类号>", "XML-002", TRUE},
        {"backslash before a name", ">4-1-1-001.jpg<", ">\\4-1-1-001.jpg<", "XML-002", TRUE},
        {"a whole path", ">4-1-1-001.jpg<", ">图像数据/原始图像数据/4-1-1-001.jpg<", "XML-002",
         TRUE},
        {"blanks around a value", "<姓名>赵测试</姓名>", "<姓名>　赵测试 </姓名>", "LST-002", TRUE},
        {"no sex", "<性别>男</性别>", "<性别/>", "XML-003", TRUE},
        {"no element for the sex", "<性别>男</性别>", "", "XML-003", TRUE},
        {"no title", "<材料名称>职工登记表</材料名称>", "<材料名称></材料名称>", "XML-003", TRUE},
        {"no date", "<材料形成时间>198807</材料形成时间>", "<材料形成时间></材料形成时间>",
         "XML-003", TRUE},
        {"zeros for no date", ">198807<", ">00000<", "CAT-004", TRUE},
        {"zeros for no day", ">19850715<", ">19850700<", "CAT-004", TRUE},
        {"a date in words", ">19850715<", ">1985年7月15日<", "CAT-004", TRUE},
        {"no date at all", ">19850715<", ">不详<", "CAT-004", TRUE},
        {"a day that does not exist", ">19850715<", ">19850231<", "CAT-004", TRUE},
        {"15 digits", ">606129196201204759<", ">606129620120475<", "PER-010", TRUE},
        {"页数 of another count", "<页数>2</页数>", "<页数>3</页数>", "XML-005", TRUE},
        {"页数 is no number", "<页数>2</页数>", "<页数>二</页数>", "XML-005", TRUE},
        {"no such class", "<类号>4-1</类号>", "<类号>十八</类号>", "CAT-001", FALSE},
        {"no sequence", "<序号>1</序号>", "<序号></序号>", "XML-003", TRUE},
        {"序号 is no number", "<序号>1</序号>", "<序号>甲</序号>", "CAT-002", FALSE},
        {"序号 too large", "<序号>1</序号>", "<序号>4294967297</序号>", "CAT-002", FALSE},
        {"an entry twice", "<类号>4-1</类号>", "<类号>一</类号>", "CAT-002", FALSE, "IMG-010"},
        {"another person's number", ">606129196201204759<", ">11010519491231002X<", "PKG-003",
         FALSE},
        {"another name", "<姓名>赵测试</姓名>", "<姓名>钱测试</姓名>", "PKG-003", TRUE},
        {"no number in the XML", ">606129196201204759<", "><", "PKG-003", TRUE, "XML-003"},
        {"two persons", "</人员基本信息>",
         "</人员基本信息><人员基本信息><姓名>钱测试</姓名></人员基本信息>", "XML-003", FALSE},
        {"a second name", "<性别>", "<姓名>钱测试</姓名><性别>", "XML-003", FALSE},
        {"an image listed that is not there", ">9-1-1-001.jpg<", ">9-1-1-009.jpg<", "XML-004",
         FALSE},
        {"an image listed in two entries", "<原始图像数据>9-1-1-001.jpg</原始图像数据>",
         "<原始图像数据>1-1-001.jpg</原始图像数据>", "XML-004", FALSE},
        {"an image listed twice", "<原始图像数据>4-1-1-002.jpg</原始图像数据>",
         "<原始图像数据>4-1-1-002.jpg</原始图像数据><原始图像数据>4-1-1-002.jpg</原始图像数据>",
         "XML-004", TRUE},
        {"only the optimised image listed", "<原始图像数据>1-1-001.jpg</原始图像数据>", "",
         "XML-004", TRUE},
        {"case of the extension", ">4-1-1-001.jpg<", ">4-1-1-001.JPG<", "IMG-010", TRUE},
        {"not well-formed", "</目录信息>", "</目录>", "XML-001", FALSE},
        {"a document type", "<数字档案 ", "<!DOCTYPE 数字档案 [<!ENTITY a \"b\">]><数字档案 ",
         "XML-001", FALSE},
        {"an entity of a file", "<数字档案 ",
         "<!DOCTYPE 数字档案 [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><数字档案 ", "XML-001",
         FALSE},
        {"a control character", "赵测试", "赵\001测试", "XML-001", FALSE},
    };
    g_autofree char *delivery = sample_delivery(folder);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = sample_xml_with(cases[i].from, cases[i].to);
        sample_set_xml(delivery, xml, -1);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        expect_both(cases[i].label, exchange, cases[i].rule, cases[i].also, cases[i].usable);
    }
}

static void a_missing_date_stays_missing(void **state)
{
    static const char *const texts[] = {"", "0", "00000", "00000000", "不详", "19850231", "198500"};
    static const char *const read_as[] = {"", "", "", "", "", "", "1985"};
    g_autofree char *delivery = sample_delivery(folder);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *to = g_strdup_printf(">%s<", texts[i]);
        g_autofree char *xml = sample_xml_with(">19850715<", to);
        sample_set_xml(delivery, xml, -1);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        g_autofree char *formed = da_date_format(material_of(exchange, 1)->formed);
        assert_string_equal(formed, read_as[i]);
    }
}

static void the_main_class_is_told_by_its_images(void **state)
{
    g_autofree char *delivery = sample_delivery(folder);
    g_autofree char *xml = sample_xml_with("<类号>4-1</类号>", "<类号>四</类号>");
    sample_set_xml(delivery, xml, -1);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    assert_string_equal(material_of(exchange, 1)->class_code, "4-1");
}

static void an_entity_bomb_costs_nothing(void **state)
{
    GString *xml =
        g_string_new("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a0 \"哈哈哈哈哈哈\">");
    for (guint i = 1; i < 20; i++)
        g_string_append_printf(xml, "<!ENTITY a%u \"&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;\">", i,
                               i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    g_string_append(xml, "]><数字档案><人员基本信息><姓名>&a19;</姓名></人员基本信息></数字档案>");
    g_autoptr(GBytes) bytes = g_string_free_to_bytes(xml);
    g_autoptr(DaExchange) exchange = da_exchange_read_xml(bytes, "a.xml", profile, NULL);
    expect("bomb", exchange, "XML-001", FALSE);
    assert_null(exchange->dossier);
}

/* --- encodings -------------------------------------------------------------------------------------------------------- */

static void an_encoding_that_is_not_declared_is_found(void **state)
{
    static const struct {
        const char *label, *declared, *real, *rule;
    } cases[] = {
        {"GBK that says UTF-8", "UTF-8", "GB18030", "XML-001"},
        {"GBK that says so", "GBK", "GB18030", "XML-001"},
        {"UTF-8 that says GB2312", "GB2312", "UTF-8", "XML-001"},
        {"UTF-16", "UTF-16", "UTF-16", "XML-001"},
        {"UTF-8 in small letters", "utf-8", "UTF-8", NULL},
    };
    g_autofree char *delivery = sample_delivery(folder);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = sample_xml_with("UTF-8", cases[i].declared);
        gsize size = 0;
        g_autofree char *bytes = g_convert(text, -1, cases[i].real, "UTF-8", NULL, &size, NULL);
        assert_non_null(bytes);
        sample_set_xml(delivery, bytes, (gssize)size);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        expect(cases[i].label, exchange, cases[i].rule, TRUE);
        assert_string_equal(da_dossier_get(exchange->dossier, DA_FIELD_NAME), "赵测试");
    }
    sample_set_xml(delivery, "<?xml version=\"1.0\"?><a>\xff\xff\xfe</a>", -1);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    expect("no encoding at all", exchange, "XML-001", FALSE);
}

/* --- the files -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *label, *from, *to; /* moved; `to` NULL = removed; `from` NULL = `to` is new */
    const char *rule;
    gboolean usable;
} FileCase;

static void move_file(const char *delivery, const char *from, const char *to)
{
    g_autofree char *old = from ? g_build_filename(delivery, from, NULL) : NULL;
    g_autofree char *new = to ? g_build_filename(delivery, to, NULL) : NULL;
    g_autofree char *above = new ? g_path_get_dirname(new) : NULL;
    if (above)
        assert_int_equal(g_mkdir_with_parents(above, 0755), 0);
    if (old && new)
        assert_int_equal(g_rename(old, new), 0);
    else if (old)
        assert_true(da_tree_remove(old, NULL));
    else
        assert_true(g_file_set_contents(new, "new", -1, NULL));
}

static void each_departure_of_the_files_is_named(void **state)
{
#define ORIGINALS "图像数据/原始图像数据/"
#define OPTIMISED "图像数据/优化图像数据/"
    static const FileCase cases[] = {
        {"no folder 图像数据", "图像数据/原始图像数据", "原始图像数据", "PKG-004", TRUE},
        {"high definition folder", "图像数据/优化图像数据", "图像数据/高清图像数据", "PKG-004",
         TRUE},
        {"images in folders of classes", ORIGINALS "1-1-001.jpg", ORIGINALS "一/1-1-001.jpg",
         "PKG-004", TRUE},
        {"no optimised images", "图像数据/优化图像数据", NULL, "XML-004", FALSE},
        {"an original is missing", ORIGINALS "4-1-1-002.jpg", NULL, "XML-004", FALSE},
        {"an optimised one is missing", OPTIMISED "4-1-1-002.jpg", NULL, "XML-004", FALSE},
        {"an image that nobody lists", NULL, ORIGINALS "4-1-1-003.jpg", "XML-004", FALSE},
        {"an optimised image that nobody lists", NULL, OPTIMISED "4-1-1-003.jpg", "XML-004", FALSE},
        {"upper case", ORIGINALS "1-1-001.jpg", ORIGINALS "1-1-001.JPG", "IMG-010", TRUE},
        {"another extension", ORIGINALS "1-1-001.jpg", ORIGINALS "1-1-001.tif", "IMG-010", TRUE},
        {"two that differ in case", NULL, ORIGINALS "1-1-001.JPG", "PKG-002", FALSE},
        {"rubbish", NULL, ORIGINALS "Thumbs.db", "PKG-005", TRUE},
        {"a program", NULL, "看图.exe", "PKG-005", TRUE},
        {"no XML", SAMPLE_DELIVERY ".xml", NULL, "PKG-004", FALSE},
        {"a second XML", NULL, "old.xml", "PKG-004", TRUE},
        {"an XML of another name", SAMPLE_DELIVERY ".xml", "数字档案.xml", "PKG-003", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *delivery = sample_delivery(folder);
        move_file(delivery, cases[i].from, cases[i].to);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        expect(cases[i].label, exchange, cases[i].rule, cases[i].usable);
        assert_true(da_tree_remove(delivery, NULL));
    }
}

static void an_empty_file_and_a_link_are_named(void **state)
{
    g_autofree char *delivery = sample_delivery(folder);
    g_autofree char *image = sample_image(delivery, "原始图像数据", "1-1-001.jpg");
    assert_true(g_file_set_contents(image, "", 0, NULL));
    g_autoptr(DaExchange) empty = read_delivery(delivery);
    expect("empty file", empty, "PKG-006", TRUE);
    assert_int_equal(unlink(image), 0);
    assert_int_equal(symlink("/etc/passwd", image), 0);
    g_autoptr(DaExchange) link = read_delivery(delivery);
    expect_both("link", link, "PKG-002", "XML-004", FALSE);
}

static void names_in_gbk_are_understood(void **state)
{
    g_autofree char *delivery = sample_delivery(folder);
    g_autofree char *gbk = g_convert("优化图像数据", -1, "GB18030", "UTF-8", NULL, NULL, NULL);
    g_autofree char *old = g_build_filename(delivery, "图像数据", "优化图像数据", NULL);
    g_autofree char *new = g_build_filename(delivery, "图像数据", gbk, NULL);
    assert_int_equal(g_rename(old, new), 0);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    expect("names in GBK", exchange, "PKG-002", TRUE);
    assert_int_equal(exchange->images, 8);
    assert_non_null(page_of(exchange, 1, 0)->file[DA_FILE_ACCESS].path);
}

/* --- order ------------------------------------------------------------------------------------------------------------ */

/* A delivery of one entry 1-1 with the images named, listed as given. */
static char *listed(const char *const *names, guint pages)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_autofree char *delivery = g_build_filename(folder, SAMPLE_DELIVERY, NULL);
    assert_true(da_tree_remove(delivery, NULL));
    for (guint i = 0; names[i]; i++) {
        sample_put_image(delivery, "原始图像数据", names[i]);
        sample_put_image(delivery, "优化图像数据", names[i]);
        g_string_append_printf(list, "<原始图像数据>%s</原始图像数据>", names[i]);
    }
    for (guint i = 0; names[i]; i++)
        g_string_append_printf(list, "<优化图像数据>%s</优化图像数据>", names[i]);
    g_autofree char *xml =
        g_strdup_printf("<数字档案><人员基本信息><姓名>赵测试</姓名><性别>男</性别><民族>汉族</"
                        "民族><出生日期>19620120</出生日期>"
                        "<公民身份号码>606129196201204759</公民身份号码></"
                        "人员基本信息><目录信息><档案目录条目><类号>一</类号><序号>1</序号>"
                        "<材料名称>表</材料名称><材料形成时间>1988</材料形成时间><页数>%u</"
                        "页数><备注></备注>%s</档案目录条目></目录信息></数字档案>",
                        pages, list->str);
    sample_set_xml(delivery, xml, -1);
    return g_steal_pointer(&delivery);
}

static void expect_order(const DaExchange *exchange, const char *const *names)
{
    for (guint i = 0; names[i]; i++) {
        g_autofree char *base =
            g_path_get_basename(page_of(exchange, 0, i)->file[DA_FILE_MASTER].path);
        assert_string_equal(base, names[i]);
        assert_int_equal(page_of(exchange, 0, i)->side, i + 1);
    }
}

static void pages_come_in_the_order_of_their_numbers(void **state)
{
    static const struct {
        const char *label, *list[4], *order[4], *rule, *also;
    } cases[] = {
        {"as they came",
         {"1-1-1.jpg", "1-1-3.jpg", "1-1-2.jpg"},
         {"1-1-1.jpg", "1-1-2.jpg", "1-1-3.jpg"},
         "XML-004",
         "IMG-010"},
        {"backwards", {"1-1-002.jpg", "1-1-001.jpg"}, {"1-1-001.jpg", "1-1-002.jpg"}, "XML-004"},
        {"from zero", {"1-1-000.jpg", "1-1-001.jpg"}, {"1-1-000.jpg", "1-1-001.jpg"}, "IMG-011"},
        {"four digits",
         {"1-1-0001.jpg", "1-1-0002.jpg"},
         {"1-1-0001.jpg", "1-1-0002.jpg"},
         "IMG-010"},
        {"a gap", {"1-1-001.jpg", "1-1-003.jpg"}, {"1-1-001.jpg", "1-1-003.jpg"}, "IMG-011"},
        {"names of their own", {"b.jpg", "a.jpg"}, {"b.jpg", "a.jpg"}, "IMG-010"},
        {"of another class",
         {"2-1-001.jpg", "2-1-002.jpg"},
         {"2-1-001.jpg", "2-1-002.jpg"},
         "IMG-010"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint pages = g_strv_length((char **)cases[i].list);
        g_autofree char *delivery = listed(cases[i].list, pages);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        expect_both(cases[i].label, exchange, cases[i].rule, cases[i].also, TRUE);
        expect_order(exchange, cases[i].order);
    }
}

static void images_that_nobody_lists_complete_the_count(void **state)
{
    static const char *const list[] = {"1-1-001.jpg", NULL};
    static const char *const order[] = {"1-1-001.jpg", "1-1-002.jpg", NULL};
    g_autofree char *delivery = listed(list, 2);
    sample_put_image(delivery, "原始图像数据", "1-1-002.jpg");
    sample_put_image(delivery, "优化图像数据", "1-1-002.jpg");
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    expect("completed", exchange, "XML-004", TRUE);
    expect_order(exchange, order);
}

/* --- zip and many ------------------------------------------------------------------------------------------------------ */

static void zip_with(const char *tool, const char *directory, const char *zip, const char *what)
{
    const char *arguments[] = {"python3", "-c", tool, zip, what, NULL};
    int status = 1;
    g_autofree char *message = NULL;
    assert_true(g_spawn_sync(directory, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                             NULL, &message, &status, NULL));
    if (status)
        fail_msg("%s", message);
}

static const char pack[] =
    "import shutil,sys\nshutil.make_archive(sys.argv[1][:-4],'zip','.',sys.argv[2])";
static const char pack_escape[] =
    "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w')\nz.writestr('../../escape.xml','<a/>')";

static void a_zip_is_read_like_its_folder(void **state)
{
    g_autofree char *delivery = sample_delivery(folder);
    g_autofree char *zip = g_strconcat(delivery, ".zip", NULL);
    zip_with(pack, folder, SAMPLE_DELIVERY ".zip", SAMPLE_DELIVERY);
    g_autoptr(DaExchange) exchange = read_delivery(zip);
    expect("zip", exchange, NULL, TRUE);
    assert_int_equal(exchange->images, 8);
    assert_string_equal(exchange->name, SAMPLE_DELIVERY ".zip");
    assert_true(
        g_file_test(page_of(exchange, 1, 1)->file[DA_FILE_ACCESS].path, G_FILE_TEST_IS_REGULAR));
}

static void a_zip_that_climbs_out_is_refused(void **state)
{
    g_autofree char *zip = g_build_filename(folder, "a.zip", NULL);
    zip_with(pack_escape, folder, "a.zip", "");
    g_autoptr(DaExchange) exchange = read_delivery(zip);
    expect("escape", exchange, "PKG-002", FALSE);
    g_autofree char *text = scratch_file(folder, "b.zip", "no zip at all");
    g_autoptr(DaExchange) none = read_delivery(text);
    expect("no zip", none, "PKG-001", FALSE);
    g_autofree char *empty = scratch_file(folder, "c.zip", "");
    g_autoptr(DaExchange) nothing = read_delivery(empty);
    expect("empty zip", nothing, "PKG-001", FALSE);
}

static void deliveries_are_found_in_a_folder_of_many(void **state)
{
    g_autofree char *one = g_build_filename(folder, "in", "甲厂", NULL);
    g_autofree char *two = g_build_filename(folder, "in", "empty", NULL);
    g_autofree char *in = g_build_filename(folder, "in", NULL);
    assert_int_equal(g_mkdir_with_parents(one, 0755), 0);
    assert_int_equal(g_mkdir_with_parents(two, 0755), 0);
    g_free(sample_delivery(one));
    g_free(scratch_file(in, "b.zip", "x"));
    g_free(scratch_file(in, "b.rar", "x"));
    g_free(scratch_file(in, "清单.xlsx", "x"));
    g_free(scratch_file(in, "说明.xml", "<a/>"));
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = da_exchange_find(in, &error);
    assert_non_null(found);
    assert_int_equal(found->len, 4); /* rar, zip, empty folder, 甲厂/… */
    g_autofree char *last = g_path_get_basename(found->pdata[found->len - 1]);
    assert_string_equal(last, SAMPLE_DELIVERY);
    assert_null(da_exchange_find("/nowhere", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

/* --- folders named by ID number, without an XML ------------------------------------------------------------------------- */

#define NUMBER "606129196201204759"
#define CATALOGUE_HEAD "类号,序号,材料名称,材料形成时间,份数,页数,备注\n"
#define CATALOGUE CATALOGUE_HEAD "一,1,职工登记表,197502,1,1,\n四-1,1,毕业生登记表,1985,1,2,\n"
#define MAX_NAMES 6

/* A delivery of such files: a text file where the name ends in .csv, else what passes for an image. Returns its path. */
static char *named_delivery(const char *name, const char *const *files, const char *catalogue)
{
    char *delivery = g_build_filename(folder, "in", name, NULL);
    assert_int_equal(g_mkdir_with_parents(delivery, 0755), 0);
    for (guint i = 0; i < MAX_NAMES && files[i]; i++) {
        g_autofree char *path = g_build_filename(delivery, files[i], NULL);
        g_autofree char *above = g_path_get_dirname(path);
        assert_int_equal(g_mkdir_with_parents(above, 0755), 0);
        const char *text = g_str_has_suffix(path, ".csv") ? catalogue : files[i];
        assert_true(g_file_set_contents(path, text, -1, NULL));
    }
    return delivery;
}

static void a_folder_named_by_number_is_read_with_its_catalogue(void **state)
{
    static const char *const files[] = {"目录.csv",           "原始/1-1-001.jpg",
                                        "原始/4-1-1-001.jpg", "原始/4-1-1-002.jpg",
                                        "优化/1-1-001.jpg",   NULL};
    g_autofree char *delivery = named_delivery(NUMBER, files, CATALOGUE);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    g_autofree char *said = all_findings(exchange);
    if (!exchange->usable)
        fail_msg("%s", said);
    assert_string_equal(da_dossier_get(exchange->dossier, DA_FIELD_ID_NUMBER), NUMBER);
    assert_null(da_dossier_get(exchange->dossier, DA_FIELD_NAME));
    assert_null(da_dossier_get(exchange->dossier,
                               DA_FIELD_BIRTH)); /* the number knows it; nobody wrote it */
    assert_false(exchange->dossier->draft);
    assert_int_equal(exchange->dossier->materials->len, 2);
    assert_string_equal(material_of(exchange, 1)->title, "毕业生登记表");
    assert_int_equal(material_of(exchange, 1)->pages->len, 2);
    assert_non_null(page_of(exchange, 0, 0)->file[DA_FILE_ACCESS].path);
    assert_null(page_of(exchange, 1, 0)->file[DA_FILE_ACCESS].path);
    assert_true(has_rule(exchange, "PKG-004"));
    assert_true(has_rule(exchange, "PKG-003"));
    assert_true(has_rule(exchange, "IMG-012"));
    assert_false(has_rule(exchange, "PKG-005"));
    assert_false(has_rule(exchange, "XML-004"));
}

static void without_a_catalogue_names_tell_the_materials(void **state)
{
    static const char *const files[] = {"10-1-001.jpg",  "9-1-2-001.jpg", "9-1-1-002.jpg",
                                        "9-1-1-001.jpg", "1-1-1.jpg",     NULL};
    static const char *const wanted[] = {"1-1-001",   "9-1-1-001", "9-1-1-002",
                                         "9-1-2-001", "10-1-001",  NULL};
    g_autofree char *delivery = named_delivery("龚杉榕" NUMBER, files, NULL);
    g_autoptr(DaExchange) exchange = read_delivery(delivery);
    g_autofree char *said = all_findings(exchange);
    if (!exchange->usable)
        fail_msg("%s", said);
    assert_true(exchange->dossier->draft);
    assert_string_equal(da_dossier_get(exchange->dossier, DA_FIELD_NAME), "龚杉榕");
    guint n = 0;
    for (guint m = 0; m < exchange->dossier->materials->len; m++) {
        assert_string_equal(material_of(exchange, m)->title, "");
        assert_int_equal(material_of(exchange, m)->pages_claimed, 0);
        for (guint p = 0; p < material_of(exchange, m)->pages->len; p++)
            assert_string_equal(page_of(exchange, m, p)->stem, wanted[n++]);
    }
    assert_null(wanted[n]);
    assert_true(has_rule(exchange, "CAT-013"));
    assert_true(has_rule(exchange, "IMG-010")); /* 页号 of one digit */
}

static void each_fault_of_a_named_folder_is_named(void **state)
{
    static const struct {
        const char *label, *name;
        const char *files[MAX_NAMES];
        const char *catalogue, *rule;
        gboolean usable;
    } cases[] = {
        {"a number with a wrong check digit",
         "606129196201204758",
         {"1-1-001.jpg"},
         NULL,
         "PKG-004",
         FALSE},
        {"no number", "龚杉榕", {"1-1-001.jpg"}, NULL, "PKG-004", FALSE},
        {"scans in the order of the feeder",
         NUMBER,
         {"scan001.jpg", "scan002.jpg"},
         NULL,
         "IMG-010",
         FALSE},
        {"a class that no scheme has", NUMBER, {"77-1-001.jpg"}, NULL, "CAT-001", FALSE},
        {"a class that holds nothing", NUMBER, {"4-1-001.jpg"}, NULL, "CAT-001", FALSE},
        {"one image without a name", NUMBER, {"1-1-001.jpg", "封面.jpg"}, NULL, "XML-004", FALSE},
        {"a page missing in the middle",
         NUMBER,
         {"1-1-001.jpg", "1-1-003.jpg"},
         NULL,
         "IMG-011",
         TRUE},
        {"a row without images", NUMBER, {"目录.csv", "1-1-001.jpg"}, CATALOGUE, "XML-005", FALSE},
        {"an image of no row",
         NUMBER,
         {"目录.csv", "1-1-001.jpg", "2-1-001.jpg"},
         CATALOGUE_HEAD "一,1,职工登记表,197502,1,1,\n",
         "XML-004",
         FALSE},
        {"fewer images than 页数",
         NUMBER,
         {"目录.csv", "1-1-001.jpg"},
         CATALOGUE_HEAD "一,1,职工登记表,197502,1,3,\n",
         "XML-005",
         TRUE},
        {"two rows of one number",
         NUMBER,
         {"目录.csv", "1-1-001.jpg"},
         CATALOGUE_HEAD "一,1,职工登记表,1975,1,1,\n一,1,履历表,1976,1,1,\n",
         "CAT-002",
         FALSE},
        {"a catalogue without sense",
         NUMBER,
         {"目录.csv", "1-1-001.jpg"},
         "a,b\n",
         "XML-003",
         FALSE},
        {"a catalogue of another name",
         NUMBER,
         {"卷内.csv", "1-1-001.jpg"},
         CATALOGUE_HEAD "一,1,职工登记表,1975,1,1,\n",
         "LST-001",
         TRUE},
        {"the form without its XML",
         NUMBER,
         {"图像数据/原始图像数据/1-1-001.jpg"},
         NULL,
         "PKG-004",
         FALSE},
        {"a program", NUMBER, {"1-1-001.jpg", "看图.exe"}, NULL, "PKG-005", TRUE},
        {"a folder of another number inside",
         NUMBER,
         {"11010519491231002X/1-1-001.jpg"},
         NULL,
         "PKG-003",
         FALSE},
        {"nothing", NUMBER, {NULL}, NULL, "IMG-010", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *delivery =
            named_delivery(cases[i].name, cases[i].files, cases[i].catalogue);
        g_autoptr(DaExchange) exchange = read_delivery(delivery);
        g_autofree char *said = all_findings(exchange);
        if (!has_rule(exchange, cases[i].rule) || exchange->usable != cases[i].usable)
            fail_msg("%s: wanted %s and %s, found:%s", cases[i].label, cases[i].rule,
                     cases[i].usable ? "usable" : "not usable", said);
        assert_true(da_tree_remove(delivery, NULL));
    }
}

static void folders_named_by_number_are_found(void **state)
{
    static const char *const flat[] = {"1-1-001.jpg", NULL}, *const deep[] = {"1/1-1-001.jpg",
                                                                              "2/2-1-001.jpg",
                                                                              NULL};
    g_free(named_delivery(NUMBER, flat, NULL));
    g_free(named_delivery("甲厂/11010519491231002X", deep, NULL));
    g_autofree char *in = g_build_filename(folder, "in", NULL);
    g_autoptr(GPtrArray) found = da_exchange_find(in, NULL);
    assert_non_null(found);
    assert_int_equal(found->len, 2); /* not the folders of classes */
    g_autoptr(DaExchange) exchange = read_delivery(found->pdata[1]);
    assert_true(exchange->usable);
    assert_int_equal(exchange->dossier->materials->len, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_form_is_read_without_a_finding, begin, end),
        cmocka_unit_test_setup_teardown(each_departure_in_the_xml_is_named, begin, end),
        cmocka_unit_test_setup_teardown(a_missing_date_stays_missing, begin, end),
        cmocka_unit_test_setup_teardown(the_main_class_is_told_by_its_images, begin, end),
        cmocka_unit_test_setup_teardown(an_entity_bomb_costs_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_encoding_that_is_not_declared_is_found, begin, end),
        cmocka_unit_test_setup_teardown(each_departure_of_the_files_is_named, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_file_and_a_link_are_named, begin, end),
        cmocka_unit_test_setup_teardown(names_in_gbk_are_understood, begin, end),
        cmocka_unit_test_setup_teardown(pages_come_in_the_order_of_their_numbers, begin, end),
        cmocka_unit_test_setup_teardown(images_that_nobody_lists_complete_the_count, begin, end),
        cmocka_unit_test_setup_teardown(a_zip_is_read_like_its_folder, begin, end),
        cmocka_unit_test_setup_teardown(a_zip_that_climbs_out_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(deliveries_are_found_in_a_folder_of_many, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_named_by_number_is_read_with_its_catalogue, begin,
                                        end),
        cmocka_unit_test_setup_teardown(without_a_catalogue_names_tell_the_materials, begin, end),
        cmocka_unit_test_setup_teardown(each_fault_of_a_named_folder_is_named, begin, end),
        cmocka_unit_test_setup_teardown(folders_named_by_number_are_found, begin, end),
    };
    return cmocka_run_group_tests(tests, load_profile, free_profile);
}
