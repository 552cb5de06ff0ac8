#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"
#include "package_sample.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/exchange.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static DaProfile *profile;
static char *folder, *out;

static int load_profile(void **state)
{
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    profile = da_profile_load("soe-retiree", profiles, NULL);
    assert_non_null(profile);
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
    out = g_build_filename(folder, "out", NULL);
    assert_true(da_dir_make(out, NULL));
    return 0;
}

static int end(void **state)
{
    g_free(out);
    scratch_end(folder);
    return 0;
}

/* The sample with what the form wants of a person. */
static DaDossier *complete_sample(void)
{
    DaDossier *dossier = sample_dossier(folder);
    da_dossier_set(dossier, DA_FIELD_SEX, "男", DA_ORIGIN_LIST, NULL);
    da_dossier_set(dossier, DA_FIELD_ETHNICITY, "汉族", DA_ORIGIN_LIST, NULL);
    da_dossier_set(dossier, DA_FIELD_BIRTH, "1962-01-20", DA_ORIGIN_LIST, NULL);
    for (guint i = 0; i < dossier->materials->len; i++) {
        DaMaterial *material = dossier->materials->pdata[i];
        material->formed = (DaDate){(guint16)(1985 + i), 7, 0};
        material->sequence = 1;
        for (guint k = 0; k < material->pages->len; k++) {
            DaPage *page = material->pages->pdata[k];
            g_free(page->stem);
            page->stem = da_page_stem(material->class_code, 1, page->side);
        }
    }
    return dossier;
}

static char *place(const char *suffix)
{
    return g_strconcat(out, "/" SAMPLE_NAME SAMPLE_ID_NUMBER, suffix, NULL);
}

static gboolean write_to(const DaDossier *dossier, const char *path, gboolean as_folder,
                         gboolean replace, GError **error)
{
    DaExchangeOptions options = {.profile = profile, .folder = as_folder, .replace = replace};
    g_auto(DaExchangeWritten) written = {0};
    return da_exchange_write(dossier, path, &options, &written, error);
}

static guint files_in(const char *path)
{
    g_autoptr(GPtrArray) names = da_dir_list(path, NULL);
    return names->len;
}

static void expect_same(const DaDossier *wrote, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *work = g_build_filename(folder, "work", NULL);
    assert_true(da_tree_remove(work, NULL));
    g_autoptr(DaExchange) read = da_exchange_read(path, work, profile, NULL, &error);
    assert_non_null(read);
    if (read->findings->len) {
        g_autofree char *line = da_finding_line(read->findings->pdata[0], FALSE);
        fail_msg("%s", line);
    }
    assert_string_equal(da_dossier_get(read->dossier, DA_FIELD_NAME), SAMPLE_NAME);
    assert_string_equal(da_dossier_get(read->dossier, DA_FIELD_ID_NUMBER), SAMPLE_ID_NUMBER);
    assert_string_equal(da_dossier_get(read->dossier, DA_FIELD_BIRTH), "1962-01-20");
    assert_int_equal(read->dossier->materials->len, wrote->materials->len);
    for (guint m = 0; m < wrote->materials->len; m++) {
        const DaMaterial *a = wrote->materials->pdata[m], *b = read->dossier->materials->pdata[m];
        assert_string_equal(a->class_code, b->class_code);
        assert_int_equal(a->sequence, b->sequence);
        assert_string_equal(a->title, b->title);
        assert_memory_equal(&a->formed, &b->formed, sizeof a->formed);
        for (guint p = 0, q = 0; p < a->pages->len; p++) {
            const DaPage *page = a->pages->pdata[p];
            if (page->blank)
                continue;
            const DaPage *other = b->pages->pdata[q++];
            for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++) {
                DaDigest digest;
                assert_true(da_digest_file(other->file[kind].path, &digest, NULL, NULL));
                assert_string_equal(digest.hex, page->file[kind].sha256);
            }
        }
    }
}

static void a_folder_and_a_zip_read_back_as_the_same_dossier(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *as_folder = place(""), *as_zip = place(".zip");
    g_autoptr(GError) error = NULL;
    DaExchangeOptions options = {.profile = profile, .folder = TRUE};
    g_auto(DaExchangeWritten) written = {0};
    if (!da_exchange_write(dossier, as_folder, &options, &written, &error))
        fail_msg("%s", error->message);
    assert_int_equal(written.pages, 3);
    assert_int_equal(written.blanks_left_out, 1);
    assert_int_equal(written.not_jpeg, 1); /* the split TIFF; the PNG is the blank one */
    assert_int_equal(written.findings->len, 0);
    if (!write_to(dossier, as_zip, FALSE, FALSE, &error))
        fail_msg("%s", error->message);
    assert_int_equal(files_in(out), 2);
    expect_same(dossier, as_folder);
    expect_same(dossier, as_zip);
}

static void the_layout_is_that_of_the_form(void **state)
{
    static const char *const names[] = {
        "",
        SAMPLE_NAME SAMPLE_ID_NUMBER ".xml",
        "图像数据/原始图像数据/4-1-1-001.jpg",
        "图像数据/原始图像数据/4-1-1-002.tif",
        "图像数据/优化图像数据/4-1-1-002.jpg",
        "图像数据/原始图像数据/9-1-1-001.jpg",
    };
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *path = place("");
    assert_true(write_to(dossier, path, TRUE, FALSE, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *file = g_build_filename(path, names[i], NULL);
        if (!g_file_test(file, G_FILE_TEST_EXISTS))
            fail_msg("%s is not there", names[i]);
    }
    g_autofree char *originals = g_build_filename(path, "图像数据", "原始图像数据", NULL);
    assert_int_equal(files_in(originals), 3);
}

/* What leaves the house must not be the package's own file under a second name. */
static void a_folder_shares_no_file_with_the_package(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *path = place("");
    assert_true(write_to(dossier, path, TRUE, FALSE, NULL));
    g_autofree char *image =
        g_build_filename(path, "图像数据", "原始图像数据", "4-1-1-001.jpg", NULL);
    struct stat found;
    assert_int_equal(stat(image, &found), 0);
    assert_int_equal(found.st_nlink, 1);
}

static void blank_sides_stay_where_they_are_wanted(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *path = place("");
    DaExchangeOptions options = {.profile = profile, .folder = TRUE, .blanks = TRUE};
    g_auto(DaExchangeWritten) written = {0};
    assert_true(da_exchange_write(dossier, path, &options, &written, NULL));
    assert_int_equal(written.pages, 4);
    assert_int_equal(written.blanks_left_out, 0);
}

static void a_blank_side_in_the_middle_is_left_out_and_the_rest_renumbered(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    DaMaterial *first = dossier->materials->pdata[0];
    ((DaPage *)first->pages->pdata[0])->blank = TRUE;
    ((DaPage *)first->pages->pdata[2])->blank = FALSE;
    g_autofree char *path = place("");
    assert_true(write_to(dossier, path, TRUE, FALSE, NULL));
    expect_same(dossier, path);
    g_autofree char *second =
        g_build_filename(path, "图像数据", "原始图像数据", "4-1-1-001.tif", NULL);
    assert_true(g_file_test(second, G_FILE_TEST_EXISTS));
}

static void the_same_dossier_gives_the_same_bytes(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *path = place(".zip");
    DaDigest first, second;
    assert_true(write_to(dossier, path, FALSE, FALSE, NULL));
    assert_true(da_digest_file(path, &first, NULL, NULL));
    g_usleep(1100000); /* times in a zip count seconds */
    assert_true(write_to(dossier, path, FALSE, TRUE, NULL));
    assert_true(da_digest_file(path, &second, NULL, NULL));
    assert_string_equal(first.hex, second.hex);
}

static void an_existing_one_is_kept_unless_it_may_be_replaced(void **state)
{
    static const char *const suffix[] = {".zip", ""};
    g_autoptr(DaDossier) dossier = complete_sample();
    for (guint i = 0; i < G_N_ELEMENTS(suffix); i++) {
        g_autofree char *path = place(suffix[i]);
        g_autoptr(GError) error = NULL;
        assert_true(write_to(dossier, path, i == 1, FALSE, NULL));
        assert_false(write_to(dossier, path, i == 1, FALSE, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
        assert_true(write_to(dossier, path, i == 1, TRUE, NULL));
    }
    assert_int_equal(files_in(out), 2);
}

static void a_changed_master_is_refused_and_nothing_is_left(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    const DaPage *page = ((DaMaterial *)dossier->materials->pdata[0])->pages->pdata[0];
    assert_true(g_file_set_contents(page->file[DA_FILE_MASTER].path, "changed", -1, NULL));
    for (guint i = 0; i < 2; i++) {
        g_autofree char *path = place(i ? "" : ".zip");
        g_autoptr(GError) error = NULL;
        assert_false(write_to(dossier, path, i == 1, FALSE, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, page->stem));
        assert_int_equal(files_in(out), 0);
    }
}

static void a_person_without_name_or_number_cannot_be_written(void **state)
{
    static const DaField fields[] = {DA_FIELD_NAME, DA_FIELD_ID_NUMBER};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_autoptr(DaDossier) dossier = complete_sample();
        g_autofree char *path = place(".zip");
        g_autoptr(GError) error = NULL;
        da_dossier_set(dossier, fields[i], NULL, DA_ORIGIN_NONE, NULL);
        assert_false(write_to(dossier, path, FALSE, FALSE, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
    g_autoptr(DaDossier) dossier = complete_sample();
    g_autofree char *path = place(".zip");
    da_dossier_set(dossier, DA_FIELD_NAME, "../赵", DA_ORIGIN_LIST, NULL);
    assert_false(write_to(dossier, path, FALSE, FALSE, NULL));
    assert_int_equal(files_in(out), 0);
}

static void what_the_dossier_does_not_have_is_said_and_not_invented(void **state)
{
    g_autoptr(DaDossier) dossier = complete_sample();
    da_dossier_set(dossier, DA_FIELD_SEX, NULL, DA_ORIGIN_NONE, NULL);
    ((DaMaterial *)dossier->materials->pdata[1])->formed = (DaDate){0};
    g_autofree char *path = place("");
    DaExchangeOptions options = {.profile = profile, .folder = TRUE};
    g_auto(DaExchangeWritten) written = {0};
    assert_true(da_exchange_write(dossier, path, &options, &written, NULL));
    assert_int_equal(written.findings->len, 2);
    g_autofree char *file = g_build_filename(path, SAMPLE_NAME SAMPLE_ID_NUMBER ".xml", NULL);
    g_autofree char *xml = NULL;
    assert_true(g_file_get_contents(file, &xml, NULL, NULL));
    assert_non_null(strstr(xml, "<材料形成时间></材料形成时间>") ?: strstr(xml, "<材料形成时间/>"));
    assert_null(strstr(xml, "1900"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_and_a_zip_read_back_as_the_same_dossier, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_layout_is_that_of_the_form, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_shares_no_file_with_the_package, begin, end),
        cmocka_unit_test_setup_teardown(blank_sides_stay_where_they_are_wanted, begin, end),
        cmocka_unit_test_setup_teardown(
            a_blank_side_in_the_middle_is_left_out_and_the_rest_renumbered, begin, end),
        cmocka_unit_test_setup_teardown(the_same_dossier_gives_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(an_existing_one_is_kept_unless_it_may_be_replaced, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_changed_master_is_refused_and_nothing_is_left, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_person_without_name_or_number_cannot_be_written, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_the_dossier_does_not_have_is_said_and_not_invented,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, load_profile, free_profile);
}
