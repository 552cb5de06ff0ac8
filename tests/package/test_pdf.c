#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/pdf.h>
#include <dangan/text.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define WIDTH 1240u
#define HEIGHT 1754u

static char *folder, *path;

static int begin(void **state)
{
    folder = scratch_begin();
    path = g_build_filename(folder, "卷.pdf", NULL);
    return 0;
}

static int end(void **state)
{
    g_free(path);
    scratch_end(folder);
    return 0;
}

/* --- a dossier with text ------------------------------------------------------------------------------------------------- */

static void set_file(DaPage *page, DaFileKind kind, const char *extension, GBytes *bytes)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autofree char *name =
        g_strdup_printf("%s-%s.%s", page->stem, da_file_kind_name(kind), extension);
    DaPageFile *file = &page->file[kind];
    g_free(file->path);
    g_free(file->extension);
    g_free(file->sha256);
    file->path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(file->path, data, (gssize)size, NULL));
    file->extension = g_strdup(extension);
    file->sha256 = g_strdup(da_digest_bytes(data, size).hex);
    file->size_bytes = size;
}

static GBytes *picture(gboolean png)
{
    g_autoptr(Pix) pix = pixCreate((int)WIDTH, (int)HEIGHT, 32);
    pixSetAll(pix);
    pixSetResolution(pix, 150, 150);
    return png ? da_image_encode_png(pix, NULL) : da_image_encode_jpeg(pix, 80, NULL);
}

static DaLine *add_line(DaPageText *text, const char *words, double x, double y, double w, double h,
                        double tilt)
{
    DaLine *line = da_page_text_add(text);
    const double quad[4][2] = {{x, y}, {x + w, y + tilt}, {x + w, y + tilt + h}, {x, y + h}};
    line->text = da_text_join_han(words);
    memcpy(line->quad, quad, sizeof quad);
    line->confidence = 0.9;
    return line;
}

/* Words of a form have wide gaps between them. */
static void add_word(DaLine *line, const char *word, double x, double w)
{
    DaWord *added = da_line_add_word(line);
    added->text = g_strdup(word);
    added->x_px = x;
    added->y_px = line->quad[0][1];
    added->w_px = w;
    added->h_px = line->quad[3][1] - line->quad[0][1];
    added->confidence = 0.9;
}

static DaPage *add_page(DaMaterial *material, gboolean png)
{
    DaPage *page = da_page_new();
    page->side = material->pages->len + 1;
    page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    page->dpi = 150;
    page->width_px = WIDTH;
    page->height_px = HEIGHT;
    page->ocr_engine = g_strdup("test");
    g_autoptr(GBytes) image = picture(png);
    set_file(page, DA_FILE_ACCESS, png ? "png" : "jpg", image);
    g_ptr_array_add(material->pages, page);
    return page;
}

static void set_text(DaPage *page, const DaPageText *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) alto = da_page_text_to_alto(text, "image.jpg", &error);
    if (!alto)
        fail_msg("%s", error->message);
    set_file(page, DA_FILE_OCR, "xml", alto);
}

/* Each is one line of the page. The last but one has characters of extension B, the last one runs uphill. */
static const char *const lines[] = {
    "职工登记表",
    "工作单位上饶市东方红轴承厂技术科",
    "出生年月一九六二年一月二十日参加工作时间一九八三年七月本人成分工人家庭出身下中农政治面貌",
    "退休审批表（2009年）No.17 Form A",
    "𠮷田𡈽山𪚥",
    "同意退休，自二〇二二年一月起执行。",
};

static DaDossier *sample(gboolean png)
{
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_strdup("7d9f3c52-0b1e-4c7a-9a66-2f1f0c5b8e11");
    dossier->created = g_strdup("2026-03-01T08:30:00Z");
    da_dossier_set(dossier, DA_FIELD_NAME, "赵𠮷", DA_ORIGIN_LIST, NULL);
    da_dossier_set(dossier, DA_FIELD_ARCHIVAL_NUMBER, "J019·RS<1>", DA_ORIGIN_LIST, NULL);
    static const char *const classes[] = {"1", "9-1", "9-1"};
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        DaMaterial *material = da_material_new();
        material->class_code = g_strdup(classes[i]);
        material->sequence = i == 2 ? 2 : 1;
        material->title = g_strdup_printf("材料(%u) \\ 之一", i + 1);
        g_ptr_array_add(dossier->materials, material);
        DaPage *page = add_page(material, png && i == 1);
        g_autoptr(DaPageText) text = da_page_text_new(WIDTH, HEIGHT, "test");
        for (guint k = 0; k < G_N_ELEMENTS(lines); k++)
            add_line(text, lines[k], 100, 100 + 200 * k, k == 2 ? 1000 : 400, 40,
                     k + 1 == G_N_ELEMENTS(lines) ? -12 : 0);
        DaLine *form = add_line(text, "姓名赵测试性别男", 100, 1500, 900, 40, 0);
        add_word(form, "姓名", 100, 80);
        add_word(form, "赵测试", 400, 120);
        add_word(form, "性别", 700, 80);
        add_word(form, "男", 960, 40);
        set_text(page, text);
    }
    return dossier;
}

static DaPdfWritten write_pdf(const DaDossier *dossier)
{
    g_autoptr(GError) error = NULL;
    DaPdfWritten written;
    if (!da_pdf_write(dossier, NULL, path, TRUE, &written, &error))
        fail_msg("%s", error->message);
    return written;
}

static char *output_of(const char *const *arguments)
{
    char *out = NULL;
    g_autofree char *message = NULL;
    g_autoptr(GError) error = NULL;
    int status = 1;
    if (!g_spawn_sync(folder, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                      &message, &status, &error))
        fail_msg("%s: %s", arguments[0], error->message);
    if (status)
        fail_msg("%s: %s %s", arguments[0], out, message);
    return out;
}

/* --- what other programs make of it ------------------------------------------------------------------------------------------ */

static void pdftotext_gives_each_line_back_without_a_space(void **state)
{
    static const char *const modes[] = {"-raw", "-layout", "-nopgbrk"};
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    for (guint m = 0; m < G_N_ELEMENTS(modes); m++) {
        g_autofree char *text =
            output_of((const char *const[]){"pdftotext", modes[m], path, "-", NULL});
        for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
            if (!strstr(text, lines[i]))
                fail_msg("%s: '%s' is not in: %s", modes[m], lines[i], text);
        if (!strstr(text, "姓名赵测试性别男"))
            fail_msg("%s: the words of a form are not one line: %s", modes[m], text);
    }
}

static void a_word_is_marked_where_it_stands(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    g_autofree char *boxes =
        output_of((const char *const[]){"pdftotext", "-bbox", "-l", "1", path, "-", NULL});
    const char *line = strstr(boxes, ">姓名赵测试性别男<");
    assert_non_null(line);
    while (line > boxes && *line != '\n')
        line--;
    double box[4] = {0};
    assert_int_equal(sscanf(line, " <word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\"",
                            &box[0], &box[1], &box[2], &box[3]),
                     4);
    const double wanted[4] = {100, 1500, 1000, 1540};
    for (guint i = 0; i < 4; i++)
        if (fabs(box[i] - wanted[i] * 72 / 150) > 1.5)
            fail_msg("edge %u is at %.1f, should be at %.1f", i, box[i], wanted[i] * 72 / 150);
}

static void a_line_that_runs_down_comes_back_whole(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    DaPage *page = ((DaMaterial *)dossier->materials->pdata[0])->pages->pdata[0];
    g_autoptr(DaPageText) text = da_page_text_new(WIDTH, HEIGHT, "test");
    add_line(text, "本人简历及奖惩情况", 200, 200, 50, 600, 0)->vertical = TRUE;
    set_text(page, text);
    write_pdf(dossier);
    g_autofree char *found =
        output_of((const char *const[]){"pdftotext", "-raw", "-l", "1", path, "-", NULL});
    assert_non_null(strstr(found, "本人简历及奖惩情况"));
}

static void qpdf_finds_nothing_wrong(void **state)
{
    g_autoptr(DaDossier) dossier = sample(TRUE);
    write_pdf(dossier);
    g_autofree char *said = output_of((const char *const[]){"qpdf", "--check", path, NULL});
    assert_non_null(strstr(said, "No syntax or stream encoding errors found"));
}

static void the_font_is_embedded_with_its_characters(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    g_autofree char *fonts = output_of((const char *const[]){"pdffonts", path, NULL});
    assert_non_null(strstr(fonts, "Identity-H       yes yes yes"));
}

static void an_image_keeps_its_bytes(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    g_free(output_of((const char *const[]){"pdfimages", "-all", path, "image", NULL}));
    const DaPage *page = ((DaMaterial *)dossier->materials->pdata[0])->pages->pdata[0];
    g_autofree char *image = g_build_filename(folder, "image-000.jpg", NULL);
    DaDigest digest;
    assert_true(da_digest_file(image, &digest, NULL, NULL));
    assert_string_equal(digest.hex, page->file[DA_FILE_ACCESS].sha256);
}

static void bookmarks_labels_and_title_are_there(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    g_autofree char *info = output_of((const char *const[]){"pdfinfo", path, NULL});
    assert_non_null(strstr(info, "赵𠮷 人事档案 J019·RS<1>"));
    assert_non_null(strstr(info, "595.2 x 841.92 pts"));
    g_autofree char *json = output_of((const char *const[]){
        "qpdf", "--json=1", "--json-key=outlines", "--json-key=pagelabels", path, NULL});
    static const char *const said[] = {"材料(1) \\\\ 之一", "材料(3) \\\\ 之一", "1-1-001",
                                       "9-1-2-001", "\"title\": \"9-1\""};
    for (guint i = 0; i < G_N_ELEMENTS(said); i++)
        if (!strstr(json, said[i]))
            fail_msg("'%s' is not in %s", said[i], json);
}

/* What PDF/A-2u wants of the catalog; validators of the standard are no packages of Debian. */
static void it_says_that_it_is_pdf_a(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    write_pdf(dossier);
    gsize size = 0;
    g_autofree char *bytes = NULL;
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    static const char *const said[] = {"<pdfaid:part>2</pdfaid:part>",
                                       "<pdfaid:conformance>U</pdfaid:conformance>",
                                       "/S /GTS_PDFA1", "/ID [<", "J019·RS&lt;1&gt;"};
    for (guint i = 0; i < G_N_ELEMENTS(said); i++)
        assert_non_null(memmem(bytes, size, said[i], strlen(said[i])));
}

/* --- the rest ------------------------------------------------------------------------------------------------------------------- */

static void an_image_that_is_no_jpeg_is_encoded_once(void **state)
{
    g_autoptr(DaDossier) dossier = sample(TRUE);
    DaPdfWritten written = write_pdf(dossier);
    assert_int_equal(written.pages, 3);
    assert_int_equal(written.encoded, 1);
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    for (guint i = 0; i < names->len; i++)
        assert_false(((const char *)names->pdata[i])[0] == '.');
}

static void the_same_dossier_gives_the_same_bytes(void **state)
{
    g_autoptr(DaDossier) dossier = sample(TRUE);
    DaDigest first, second;
    write_pdf(dossier);
    assert_true(da_digest_file(path, &first, NULL, NULL));
    g_usleep(1100000);
    write_pdf(dossier);
    assert_true(da_digest_file(path, &second, NULL, NULL));
    assert_string_equal(first.hex, second.hex);
}

static void hostile_coordinates_do_no_harm(void **state)
{
    g_autoptr(DaDossier) dossier = sample(FALSE);
    DaPage *page = ((DaMaterial *)dossier->materials->pdata[0])->pages->pdata[0];
    g_autoptr(DaPageText) text = da_page_text_new(WIDTH, HEIGHT, "test");
    add_line(text, "零宽", 10, 10, 0, 40, 0);
    add_line(text, "零高", 10, 10, 40, 0, 0);
    add_line(text, "远", 1e300, -1e300, 1e300, 1e300, 0);
    DaLine *line = add_line(text, "乱序字", 100, 300, 300, 40, 0);
    add_word(line, "乱", 300, 50);
    add_word(line, "序", 200, 50);
    add_word(line, "字", -500, 50);
    set_text(page, text);
    write_pdf(dossier);
    g_free(output_of((const char *const[]){"qpdf", "--check", path, NULL}));
    g_autofree char *found = output_of((const char *const[]){"pdftotext", "-raw", path, "-", NULL});
    assert_non_null(strstr(found, "乱序字"));
}

static void what_was_changed_or_is_missing_is_refused(void **state)
{
    for (guint i = 0; i < 4; i++) {
        g_autoptr(DaDossier) dossier = sample(FALSE);
        DaPage *page = ((DaMaterial *)dossier->materials->pdata[1])->pages->pdata[0];
        g_autoptr(GError) error = NULL;
        DaPdfWritten written;
        DaFileKind kind = i % 2 ? DA_FILE_OCR : DA_FILE_ACCESS;
        if (i < 2)
            assert_true(g_file_set_contents(page->file[kind].path, "other", -1, NULL));
        else
            g_remove(page->file[kind].path);
        assert_false(da_pdf_write(dossier, NULL, path, FALSE, &written, &error));
        assert_non_null(strstr(error->message, page->stem));
        assert_int_equal(da_error_exit_status(error), 2);
        assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pdftotext_gives_each_line_back_without_a_space, begin, end),
        cmocka_unit_test_setup_teardown(a_word_is_marked_where_it_stands, begin, end),
        cmocka_unit_test_setup_teardown(a_line_that_runs_down_comes_back_whole, begin, end),
        cmocka_unit_test_setup_teardown(qpdf_finds_nothing_wrong, begin, end),
        cmocka_unit_test_setup_teardown(the_font_is_embedded_with_its_characters, begin, end),
        cmocka_unit_test_setup_teardown(an_image_keeps_its_bytes, begin, end),
        cmocka_unit_test_setup_teardown(bookmarks_labels_and_title_are_there, begin, end),
        cmocka_unit_test_setup_teardown(it_says_that_it_is_pdf_a, begin, end),
        cmocka_unit_test_setup_teardown(an_image_that_is_no_jpeg_is_encoded_once, begin, end),
        cmocka_unit_test_setup_teardown(the_same_dossier_gives_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(hostile_coordinates_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(what_was_changed_or_is_missing_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
