#include "scene.h"

#include <dangan/datadir.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/inspect.h>
#include <dangan/upright.h>
#include <dlfcn.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const engines[] = {"ppocr", "tesseract"};

/* The engine, or NULL with a line that says what is missing. Tesseract is always there. */
static DaRecognizer *engine_or_skip(const char *name)
{
    g_autoptr(GError) error = NULL;
    DaRecognizer *recognizer = da_recognizer_new(name, &error);
    if (recognizer == NULL)
        print_message("# SKIP %s: %s\n", name, error->message);
    assert_true(recognizer != NULL || strcmp(name, "tesseract") != 0);
    return recognizer;
}

/* A page of the sample batch of the source tree. */
static Pix *sample(const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "samples", "batch", name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = da_file_read(path, DA_IMAGE_MAX_BYTES, &error);
    Pix *page = bytes ? da_image_decode(bytes, &error) : NULL;
    if (page == NULL)
        fail_msg("%s", error->message);
    return page;
}

#define STRAIGHT_FORM "606129196201204759/scan0001.jpg"
#define RED_HEAD_AND_SMALL_SEAL "115416193608160448/adf.tif"

/* --- which engine ------------------------------------------------------------------------------------------------------ */

static void an_engine_that_is_not_known_is_wrong_use(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(da_recognizer_new("nonsense", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_USAGE));
    assert_non_null(strstr(error->message, "ppocr, tesseract"));
}

static void the_best_that_is_installed_is_taken(void **state)
{
    g_autoptr(DaRecognizer) ppocr = engine_or_skip("ppocr");
    if (!ppocr)
        skip();
    g_autoptr(DaRecognizer) best = da_recognizer_new("auto", NULL);
    assert_string_equal(da_recognizer_name(best), da_recognizer_name(ppocr));
    assert_true(g_str_has_prefix(da_recognizer_name(best), "ppocr 4 onnxruntime 1."));
    assert_null(da_recognizer_note(best));
}

static void expect_tesseract_instead(const char *label, const char *reason)
{
    g_autoptr(GError) error = NULL;
    if (da_recognizer_new("ppocr", &error))
        fail_msg("%s: it was opened", label);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    if (!strstr(error->message, reason) || !strstr(error->message, "script/bootstrap") ||
        !strstr(error->message, "DANGAN_OCR_DIR"))
        fail_msg("%s: %s", label, error->message);
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new("auto", NULL);
    assert_true(g_str_has_prefix(da_recognizer_name(recognizer), "tesseract "));
    assert_string_equal(da_recognizer_note(recognizer), error->message);
}

static void without_ppocr_tesseract_serves_and_says_why(void **state)
{
    char *folder = scene_begin();
    g_setenv("DANGAN_OCR_DIR", folder, TRUE);
    expect_tesseract_instead("an empty folder", "libonnxruntime.so.1");
    g_setenv("DANGAN_OCR_DIR", "/nonexistent", TRUE);
    expect_tesseract_instead("no folder", "libonnxruntime.so.1");
    g_unsetenv("DANGAN_OCR_DIR");
    scene_end(folder);
}

static void link_installed(const char *folder, const char *file)
{
    g_autofree char *from = da_datadir_path("ocr", file, NULL);
    g_autofree char *to = g_build_filename(folder, file, NULL);
    assert_int_equal(symlink(from, to), 0);
}

/* The first `size` bytes of an installed file; more than it has = text is added. */
static void write_part(const char *folder, const char *file, gsize size)
{
    g_autofree char *from = da_datadir_path("ocr", file, NULL);
    g_autofree char *to = g_build_filename(folder, file, NULL);
    g_autoptr(GBytes) bytes = da_file_read(from, (gsize)1 << 30, NULL);
    g_autoptr(GString) part =
        g_string_new_len(g_bytes_get_data(bytes, NULL), (gssize)MIN(size, g_bytes_get_size(bytes)));
    if (size > part->len)
        g_string_append(part, "\n档\n");
    assert_true(da_file_write(to, part->str, part->len, NULL));
}

#define LIBRARY "libonnxruntime.so.1"
#define DETECTOR "ch_PP-OCRv4_det_infer.onnx"
#define READER "ch_PP-OCRv4_rec_infer.onnx"
#define DICTIONARY "ppocr_keys_v1.txt"

static void what_is_broken_of_ppocr_is_named(void **state)
{
    static const char *const files[] = {LIBRARY, DETECTOR, READER, DICTIONARY};
    const struct {
        const char *label, *file;
        gssize size; /* -1 = left out */
        const char *reason;
    } cases[] = {{"a truncated library", LIBRARY, 100000, LIBRARY},
                 {"an empty library", LIBRARY, 0, LIBRARY},
                 {"no detection model", DETECTOR, -1, DETECTOR},
                 {"a truncated detection model", DETECTOR, 1000000, DETECTOR},
                 {"an empty recognition model", READER, 0, READER},
                 {"a truncated recognition model", READER, 5000000, READER},
                 {"no dictionary", DICTIONARY, -1, DICTIONARY},
                 {"a short dictionary", DICTIONARY, 1002, "the recognition model knows 6623"},
                 {"a long dictionary", DICTIONARY, 1 << 20, "the recognition model knows 6623"},
                 {"a dictionary cut in a character", DICTIONARY, 1000, "UTF-8"}};
    g_autoptr(DaRecognizer) ppocr = engine_or_skip("ppocr");
    if (!ppocr)
        skip();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        print_message("# %s\n", cases[i].label);
        char *folder = scene_begin();
        for (guint k = 0; k < G_N_ELEMENTS(files); k++)
            if (strcmp(files[k], cases[i].file) != 0)
                link_installed(folder, files[k]);
        if (cases[i].size >= 0)
            write_part(folder, cases[i].file, (gsize)cases[i].size);
        g_setenv("DANGAN_OCR_DIR", folder, TRUE);
        expect_tesseract_instead(cases[i].label, cases[i].reason);
        g_unsetenv("DANGAN_OCR_DIR");
        scene_end(folder);
    }
}

static void a_library_that_is_another_is_refused(void **state)
{
    char *folder = scene_begin();
    g_autofree char *to = g_build_filename(folder, LIBRARY, NULL);
    double (*sine)(double) = sin;
    void *address = NULL;
    memcpy(&address, &sine, sizeof address);
    Dl_info where;
    assert_true(dladdr(address, &where) != 0);
    assert_int_equal(symlink(where.dli_fname, to), 0);
    g_setenv("DANGAN_OCR_DIR", folder, TRUE);
    expect_tesseract_instead("libm", "is no ONNX Runtime");
    g_unsetenv("DANGAN_OCR_DIR");
    scene_end(folder);
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

/* --- pages ------------------------------------------------------------------------------------------------------------ */

static void blank_paper_has_no_lines(void **state)
{
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++) {
        g_autoptr(DaRecognizer) recognizer = engine_or_skip(engines[e]);
        if (!recognizer)
            continue;
        g_autoptr(Pix) page = scene_page(0);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 200, &error);
        assert_non_null(text);
        assert_int_equal(text->lines->len, 0);
        assert_string_equal(text->engine, da_recognizer_name(recognizer));
    }
}

static void check_line(const DaLine *line, const DaPageText *text)
{
    g_autofree char *joined = da_text_join_han(line->text);
    assert_string_equal(line->text, joined);
    assert_true(*line->text);
    assert_true(line->words->len > 0);
    assert_true(line->confidence >= 0 && line->confidence <= 1);
    assert_true(line->quad[0][1] < line->quad[2][1] && line->quad[0][0] < line->quad[2][0]);
    for (guint w = 0; w < line->words->len; w++) {
        const DaWord *word = line->words->pdata[w];
        assert_non_null(strstr(line->text, word->text));
        assert_true(word->confidence >= 0 && word->confidence <= 1);
        assert_true(word->x_px > -50 && word->x_px + word->w_px < text->width_px + 50);
    }
}

static void a_form_is_read_with_places_and_without_spaces_between_han(void **state)
{
    g_autoptr(Pix) page = sample(STRAIGHT_FORM);
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++) {
        g_autoptr(DaRecognizer) recognizer = engine_or_skip(engines[e]);
        g_autoptr(DaPageText) text =
            recognizer ? da_recognizer_read(recognizer, page, 300, NULL) : NULL;
        if (!text)
            continue;
        g_autofree char *plain = da_page_text_plain(text);
        assert_non_null(strstr(plain, "职工登记表"));
        assert_true(text->lines->len > 20);
        for (guint i = 0; i < text->lines->len; i++)
            check_line(text->lines->pdata[i], text);
    }
}

static const DaLine *line_with(const DaPageText *text, const char *part)
{
    for (guint i = 0; text && i < text->lines->len; i++)
        if (strstr(((const DaLine *)text->lines->pdata[i])->text, part))
            return text->lines->pdata[i];
    fail_msg("no line has '%s'", part);
    return NULL;
}

static void a_column_is_one_line_from_top_to_bottom(void **state)
{
    g_autoptr(DaRecognizer) recognizer = engine_or_skip("ppocr");
    if (!recognizer)
        skip();
    g_autoptr(Pix) page = sample(STRAIGHT_FORM);
    g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 300, NULL);
    static const char *const labels[] = {"个人简历", "家庭主要成员", "单位意见"};
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
        const DaLine *line = line_with(text, labels[i]);
        assert_string_equal(line->text, labels[i]);
        assert_true(line->vertical);
        assert_true(line->quad[3][1] - line->quad[0][1] > line->quad[1][0] - line->quad[0][0]);
        assert_int_equal(line->words->len, g_utf8_strlen(labels[i], -1));
        for (guint w = 1; w < line->words->len; w++)
            assert_true(((DaWord *)line->words->pdata[w])->y_px >
                        ((DaWord *)line->words->pdata[w - 1])->y_px);
    }
    assert_false(line_with(text, "职工登记表")->vertical);
}

static void red_ink_is_read_apart_from_the_text(void **state)
{
    const struct {
        const char *page, *text;
        DaLineKind kind;
    } cases[] = {{STRAIGHT_FORM, "上饶东方红轴承厂", DA_LINE_SEAL},
                 {RED_HEAD_AND_SMALL_SEAL, "向燕印章", DA_LINE_SEAL},
                 {RED_HEAD_AND_SMALL_SEAL, "上饶东方红轴承厂信笺", DA_LINE_RED_HEAD}};
    g_autoptr(DaRecognizer) recognizer = engine_or_skip("ppocr");
    if (!recognizer)
        skip();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Pix) page = sample(cases[i].page);
        g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, 300, NULL);
        guint found = 0;
        for (guint k = 0; k < text->lines->len; k++) {
            const DaLine *line = text->lines->pdata[k];
            found += line->kind == cases[i].kind && !strcmp(line->text, cases[i].text);
        }
        assert_int_equal(found, 1);
        /* Seals stand behind all other lines. */
        gboolean sealed = FALSE;
        for (guint k = 0; k < text->lines->len; k++) {
            const DaLine *line = text->lines->pdata[k];
            assert_true(!sealed || line->kind == DA_LINE_SEAL);
            sealed = sealed || line->kind == DA_LINE_SEAL;
        }
    }
}

static void a_grey_page_has_neither_seals_nor_red_heads(void **state)
{
    g_autoptr(DaRecognizer) recognizer = engine_or_skip("ppocr");
    if (!recognizer)
        skip();
    g_autoptr(Pix) page = sample(RED_HEAD_AND_SMALL_SEAL);
    g_autoptr(Pix) grey = pixConvertTo8(page, 0);
    g_autoptr(DaPageText) text = da_recognizer_read(recognizer, grey, 300, NULL);
    assert_true(text->lines->len > 5);
    for (guint i = 0; i < text->lines->len; i++)
        assert_int_equal(((DaLine *)text->lines->pdata[i])->kind, DA_LINE_TEXT);
}

static Pix *noise(int width, int height, int depth)
{
    Pix *pix = pixCreate(width, height, depth);
    GRand *random = g_rand_new_with_seed((guint32)(width * 31 + height));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            pixSetPixel(pix, x, y, g_rand_int(random) & (depth == 8 ? 0xFF : 0xFFFFFF00));
    g_rand_free(random);
    return pix;
}

static void any_size_is_answered(void **state)
{
    const struct {
        int width, height, depth;
        guint dpi;
    } cases[] = {{1, 1, 8, 300},       {1, 1, 32, 0},        {1, 3000, 8, 300},
                 {3000, 1, 32, 300},   {31, 33, 8, 72},      {20000, 40, 8, 300},
                 {40, 20000, 32, 300}, {300, 300, 32, 2400}, {700, 500, 8, 1}};
    g_autoptr(DaRecognizer) recognizer = engine_or_skip("ppocr");
    if (!recognizer)
        skip();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Pix) page = noise(cases[i].width, cases[i].height, cases[i].depth);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaPageText) text = da_recognizer_read(recognizer, page, cases[i].dpi, &error);
        if (!text)
            fail_msg("%d x %d: %s", cases[i].width, cases[i].height, error->message);
        assert_int_equal(text->width_px, cases[i].width);
    }
}

/* --- turn and process ------------------------------------------------------------------------------------------------------ */

static void each_turn_of_a_form_is_found(void **state)
{
    g_autoptr(Pix) page = sample(STRAIGHT_FORM);
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++) {
        g_autoptr(DaRecognizer) recognizer = engine_or_skip(engines[e]);
        for (int quarters = 0; recognizer && quarters < 4; quarters++) {
            g_autoptr(Pix) turned = quarters ? pixRotateOrth(page, quarters) : pixClone(page);
            DaInspection inspection = {0};
            assert_true(da_inspect_page(turned, 300, recognizer, &inspection, NULL));
            assert_int_equal(inspection.turn_cw_deg, quarters * 90);
            assert_true(inspection.turn_confidence > 0.2);
            assert_false(inspection.measure.blank);
        }
    }
}

static guint threads(void)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

/* Workers are forked from a process that has looked which engine there is; each has one core to itself. */
static void an_engine_has_no_threads_and_opens_after_a_fork(void **state)
{
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++) {
        guint before = threads();
        DaRecognizer *first = engine_or_skip(engines[e]);
        if (!first)
            continue;
        da_recognizer_free(first);
        pid_t child = fork();
        if (child == 0) {
            g_autoptr(DaRecognizer) recognizer = da_recognizer_new(engines[e], NULL);
            g_autoptr(Pix) page = scene_page(1);
            g_autoptr(DaPageText) text =
                recognizer ? da_recognizer_read(recognizer, page, 200, NULL) : NULL;
            _exit(text ? (int)threads() : 99);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 1);
        assert_int_equal(threads(), before);
    }
}

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

/* Reads a page as a worker of ingest does, with its limit on memory; returns its exit status: 0 = read with less than 700 MB. */
static int read_within_limits(const char *engine)
{
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)2 << 30, (rlim_t)2 << 30});
        g_autoptr(DaRecognizer) recognizer = da_recognizer_new(engine, NULL);
        g_autoptr(Pix) page = sample(STRAIGHT_FORM);
        g_autoptr(DaPageText) text =
            recognizer ? da_recognizer_read(recognizer, page, 300, NULL) : NULL;
        struct rusage used;
        getrusage(RUSAGE_SELF, &used);
        print_message("# %s: %ld MB\n", engine, used.ru_maxrss >> 10);
        _exit(!text || text->lines->len == 0 ? 1 : used.ru_maxrss > 700 << 10 ? 2 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void an_engine_keeps_within_the_limits_of_a_worker(void **state)
{
    if (SANITIZED)
        skip();
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++) {
        g_autoptr(DaRecognizer) installed = engine_or_skip(engines[e]);
        if (installed)
            assert_int_equal(read_within_limits(engines[e]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_that_is_not_known_is_wrong_use),
        cmocka_unit_test(the_best_that_is_installed_is_taken),
        cmocka_unit_test(without_ppocr_tesseract_serves_and_says_why),
        cmocka_unit_test(what_is_broken_of_ppocr_is_named),
        cmocka_unit_test(a_library_that_is_another_is_refused),
        cmocka_unit_test(without_a_model_it_says_what_to_install),
        cmocka_unit_test(none_reads_nothing_and_says_so),
        cmocka_unit_test(blank_paper_has_no_lines),
        cmocka_unit_test(a_form_is_read_with_places_and_without_spaces_between_han),
        cmocka_unit_test(a_column_is_one_line_from_top_to_bottom),
        cmocka_unit_test(red_ink_is_read_apart_from_the_text),
        cmocka_unit_test(a_grey_page_has_neither_seals_nor_red_heads),
        cmocka_unit_test(any_size_is_answered),
        cmocka_unit_test(each_turn_of_a_form_is_found),
        cmocka_unit_test(an_engine_has_no_threads_and_opens_after_a_fork),
        cmocka_unit_test(an_engine_keeps_within_the_limits_of_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
