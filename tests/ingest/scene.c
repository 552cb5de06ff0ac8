#include "scene.h"

#include <dangan/file.h>
#include <dangan/image.h>
#include <string.h>

#define WIDTH 827
#define HEIGHT 1165
#define DPI 200
/* Enough lines to tell their direction; each more is read in four turns for each page. */
#define LINES 5

const char scene_list_head[] =
    "国有企业退休人员人事档案移交案卷目录\r\n"
    "序号,姓名,身份证号码,性别,出生日期,退休手续办理时间,生存状态,死亡日期,所属单位,户籍所在地,页数,"
    "档案局档号,保管期限,备注\r\n";
const char scene_row_a[] = "1,钱某某," SCENE_ID_A
                           ",女,19491231,20050101,健在,,某某机械厂,北京市朝阳区,3,X-2020-0001,永久,\r\n";
const char scene_row_b[] = "2,孙某某," SCENE_ID_B
                           ",男,18800101,19400101,健在,,某某机械厂,广东省饶平县,2,X-2020-0002,永久,\r\n";

char *scene_begin(void)
{
    char *folder = g_dir_make_tmp("dangan-test.XXXXXX", NULL);
    g_assert(folder != NULL);
    return folder;
}

void scene_end(char *folder)
{
    da_tree_remove(folder, NULL);
    g_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    g_free(folder);
}

char *scene_profile_dir(void)
{
    const char *tests = g_getenv("G_TEST_SRCDIR");
    g_assert(tests != NULL);
    return g_build_filename(tests, "..", "schemas", "profiles", NULL);
}

DaProfile *scene_profile(void)
{
    g_autofree char *folder = scene_profile_dir();
    DaProfile *profile = da_profile_load("soe-retiree", folder, NULL);
    g_assert(profile != NULL);
    return profile;
}

/* --- pages ------------------------------------------------------------------------------------------------------------ */

/* Strokes in a square, as a character has them. */
static void draw_character(Pix *page, int x, int y, GRand *random)
{
    for (int stroke = 0; stroke < 5; stroke++) {
        gboolean across = g_rand_boolean(random);
        int at = g_rand_int_range(random, 2, 22), from = g_rand_int_range(random, 0, 8);
        g_autoptr(Box) box = across ? boxCreate(x + from, y + at, 24 - from, 3)
                                    : boxCreate(x + at, y + from, 3, 24 - from);
        pixSetInRect(page, box);
    }
}

Pix *scene_page(guint seed)
{
    g_autoptr(Pix) ink = pixCreate(WIDTH, HEIGHT, 1);
    GRand *random = g_rand_new_with_seed(seed);
    for (int y = 110; seed && y < 110 + LINES * 58; y += 58)
        for (int x = 100; x < WIDTH - 130; x += 30)
            if (g_rand_int_range(random, 0, 12))
                draw_character(ink, x, y, random);
    g_rand_free(random);
    Pix *page = pixConvertTo32(ink);
    pixSetResolution(page, DPI, DPI);
    return page;
}

static void write_bytes(const char *folder, const char *name, const void *data, gsize size)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert(da_file_write(path, data, size, NULL));
}

void scene_write_page(const char *folder, const char *name, guint seed)
{
    g_autoptr(Pix) page = scene_page(seed);
    g_autoptr(GBytes) jpeg = da_image_encode_jpeg(page, 85, NULL);
    write_bytes(folder, name, g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

void scene_write_text(const char *folder, const char *name, const char *text)
{
    write_bytes(folder, name, text, strlen(text));
}

/* --- batches ---------------------------------------------------------------------------------------------------------- */

static void make_first(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    g_assert(da_dir_make(folder, NULL));
    scene_write_page(folder, "0001.jpg", 1);
    scene_write_page(folder, "0002.jpg", 0);
    scene_write_page(folder, "0003.jpg", 2);
    scene_write_page(folder, "0004.jpg", 3);
    scene_write_text(folder, "目录.csv",
                     "类号,序号,材料名称,材料形成时间,份数,页数,备注\r\n"
                     "一,1,职工登记表,19710512,1,1,\r\n二,1,自传,197206,1,2,\r\n");
}

static void make_second(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_B, NULL);
    g_assert(da_dir_make(folder, NULL));
    scene_write_page(folder, "1-1-001.jpg", 4);
    scene_write_page(folder, "3-1-001.jpg", 5);
    scene_write_text(folder, "目录.csv",
                     "类号,序号,材料名称,材料形成时间,份数,页数,备注\r\n"
                     "一,1,职工登记表,1971,1,1,\r\n三,1,鉴定表,,1,1,\r\n");
}

char *scene_batch(const char *folder)
{
    char *batch = g_build_filename(folder, "batch", NULL);
    g_assert(da_dir_make(batch, NULL));
    g_autofree char *list = g_strconcat(scene_list_head, scene_row_a, scene_row_b, NULL);
    scene_write_text(batch, "移交案卷目录.csv", list);
    make_first(batch);
    make_second(batch);
    return batch;
}
