/* Stacks with separator sheets become dossiers: whole runs of ingest without recognition. */
#include "scene.h"
#include "sheet.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/ingest.h>
#include <dangan/separator.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define A SCENE_ID_A
#define B_NUMBER "X-2020-0002"

typedef struct {
    char *folder, *batch, *out;
} Scene;

/* Folders with catalogues and without scans: the scans come in a stack. */
static Scene begin(gboolean catalogues)
{
    Scene scene = {.folder = scene_begin()};
    scene.batch = scene_batch(scene.folder);
    scene.out = g_build_filename(scene.folder, "out", NULL);
    static const char *const names[] = {A, SCENE_ID_B};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *folder = g_build_filename(scene.batch, names[i], NULL);
        g_autoptr(GPtrArray) files = da_dir_list(folder, NULL);
        for (guint f = 0; f < files->len; f++) {
            g_autofree char *path = g_build_filename(folder, files->pdata[f], NULL);
            if (!catalogues || g_str_has_suffix(path, ".jpg"))
                unlink(path);
        }
        if (!catalogues)
            rmdir(folder);
    }
    return scene;
}

static void end(Scene *scene)
{
    g_free(scene->batch);
    g_free(scene->out);
    scene_end(scene->folder);
}

/* "D:…", "M:…" are sheets, "" is a blank side, a digit a page with marks of its own. */
static Pix *side_of(const char *what)
{
    if (g_ascii_isalpha(*what)) {
        g_autofree char *payload = g_strconcat("DA1:", what, NULL);
        Pix *sheet = sheet_page(200, TRUE, TRUE, payload);
        pixSetResolution(sheet, 200, 200);
        return sheet;
    }
    return scene_page((guint)g_ascii_strtoull(what, NULL, 10));
}

static void write_tiff(const Scene *scene, const char *name, const char *const *sides)
{
    g_autofree char *path = g_build_filename(scene->batch, name, NULL);
    for (guint i = 0; sides[i]; i++) {
        g_autoptr(Pix) pix = side_of(sides[i]);
        g_assert(pixWriteTiff(path, pix, IFF_TIFF_LZW, i ? "a" : "w") == 0);
    }
}

static void write_jpegs(const Scene *scene, const char *folder, const char *const *sides)
{
    g_autofree char *path = g_build_filename(scene->batch, folder, NULL);
    g_assert(da_dir_make(path, NULL));
    for (guint i = 0; sides[i]; i++) {
        g_autoptr(Pix) pix = side_of(sides[i]);
        g_autoptr(GBytes) jpeg = da_image_encode_jpeg(pix, 85, NULL);
        g_autofree char *file = g_strdup_printf("%s/scan%04u.jpg", path, i + 1);
        g_assert(da_file_write(file, g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg), NULL));
    }
}

/* Runs ingest; returns its report. `code` is the error it ends with, -1 = none. */
static json_t *run(const Scene *scene, int code, DaIngestSummary *summary)
{
    g_autofree char *profiles = scene_profile_dir();
    const DaIngestOptions options = {.batch = scene->batch,
                                     .out = scene->out,
                                     .profile_dir = profiles,
                                     .ocr = "none",
                                     .jobs = 1}; /* each worker loads the models of the turn */
    g_autoptr(GError) error = NULL;
    gboolean done = da_ingest_run(&options, summary, &error);
    if (done != (code < 0) || (!done && error->code != code))
        fail_msg("%s", error ? error->message : "it was not refused");
    g_autofree char *path = g_build_filename(scene->out, "ingest-report.json", NULL);
    json_t *report = json_load_file(path, 0, NULL);
    assert_non_null(report);
    return report;
}

static json_t *dossier_of(const json_t *report, const char *folder)
{
    size_t i;
    json_t *dossier;
    json_array_foreach(json_object_get(report, "dossiers"), i,
                       dossier) if (!strcmp(json_string_value(json_object_get(dossier, "folder")),
                                            folder)) return dossier;
    return NULL;
}

/* "1-1-001 2-1-001…" */
static void assert_stems(const json_t *report, const char *folder, const char *wanted)
{
    g_autoptr(GString) stems = g_string_new(NULL);
    size_t i;
    json_t *page;
    json_array_foreach(json_object_get(dossier_of(report, folder), "pages"), i, page)
        g_string_append_printf(stems, "%s%s", i ? " " : "",
                               json_string_value(json_object_get(page, "stem")));
    assert_string_equal(stems->str, wanted);
}

/* TRUE when a finding of `rule` in the array holds `words`. */
static gboolean has_finding(const json_t *owner, const char *rule, const char *words)
{
    size_t i;
    json_t *finding;
    json_array_foreach(
        json_object_get(owner, "findings"), i,
        finding) if (!strcmp(json_string_value(json_object_get(finding, "rule")), rule) &&
                     strstr(json_string_value(json_object_get(finding, "message")),
                            words)) return TRUE;
    return FALSE;
}

static void a_tiff_with_sheets_becomes_dossiers(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_tiff(&scene, "stack.tif",
               (const char *[]){"D:" A, "1", "", "2", "3", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, -1, &summary);
    assert_int_equal(summary.packaged, 2);
    assert_int_equal(summary.sides, 6);
    assert_stems(report, A, "1-1-001 1-1-002 2-1-001 2-1-002");
    assert_stems(report, SCENE_ID_B, "1-1-001 3-1-001");
    assert_true(has_finding(dossier_of(report, A), "ACQ-001", "page 1 "));
    assert_true(has_finding(dossier_of(report, SCENE_ID_B), "ACQ-001", "page 6 "));
    json_decref(report);
    da_ingest_summary_clear(&summary);
    json_decref(run(&scene, -1, &summary));
    assert_int_equal(summary.unchanged, 2);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void sheets_of_materials_say_where_each_side_belongs(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    /* In paper order by 页数 the second page would be of material 2-1 as well; the sheet says so. */
    write_tiff(&scene, "stack.tif",
               (const char *[]){"D:" A, "M:1-1", "1", "M:2-1", "2", "3", "D:" B_NUMBER, "M:1-1",
                                "4", "", "M:3-1", "5", NULL});
    json_t *report = run(&scene, -1, &summary);
    assert_int_equal(summary.packaged, 2);
    assert_stems(report, A, "1-1-001 2-1-001 2-1-002");
    assert_stems(report, SCENE_ID_B, "1-1-001 1-1-002 3-1-001");
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void a_material_with_too_few_sides_is_named_with_its_row(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_tiff(
        &scene, "stack.tif",
        (const char *[]){"D:" A, "M:1-1", "1", "2", "M:2-1", "3", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, DA_ERROR_PART, &summary);
    assert_int_equal(summary.packaged, 1);
    const json_t *first = json_object_get(dossier_of(report, A), "findings");
    gboolean found = FALSE;
    size_t i;
    json_t *finding;
    json_array_foreach(first, i, finding) found |=
        json_integer_value(json_object_get(finding, "row")) == 2 &&
        strstr(json_string_value(json_object_get(finding, "message")), "too many");
    assert_true(found);
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void the_blank_back_of_a_sheet_is_no_page(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    /* Both sides of every sheet; the second separator was fed with its back to the front. */
    write_tiff(&scene, "stack.tif",
               (const char *[]){"D:" A, "", "1", "", "2", "3", "", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, -1, &summary);
    assert_stems(report, A, "1-1-001 1-1-002 2-1-001 2-1-002");
    assert_stems(report, SCENE_ID_B, "1-1-001 3-1-001");
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void sides_before_the_first_sheet_are_nobodys_and_named(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_tiff(&scene, "stack.tif",
               (const char *[]){"7", "8", "D:" A, "1", "2", "3", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, DA_ERROR_PART, &summary);
    assert_int_equal(summary.packaged, 2);
    assert_true(has_finding(report, "ACQ-002", "2 sides from page 1"));
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void a_folder_of_a_mixed_stack_is_no_dossier(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_jpegs(&scene, "2026-03-02 上午",
                (const char *[]){"D:" A, "1", "2", "3", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, -1, &summary);
    assert_int_equal(summary.dossiers, 2);
    assert_int_equal(summary.packaged, 2);
    assert_null(dossier_of(report, "2026-03-02 上午"));
    assert_stems(report, SCENE_ID_B, "1-1-001 3-1-001");
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void a_sheet_makes_the_dossier_that_no_folder_stands_for(void **state)
{
    Scene scene = begin(FALSE);
    DaIngestSummary summary;
    write_tiff(&scene, "stack.tif",
               (const char *[]){"D:" A, "1", "2", "3", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, DA_ERROR_PART, &summary);
    assert_int_equal(summary.dossiers, 2); /* without a catalogue, and with the row of the list */
    assert_true(has_finding(dossier_of(report, A), "CAT-007", "no catalogue"));
    assert_true(has_finding(dossier_of(report, B_NUMBER), "CAT-007", "no catalogue"));
    assert_false(has_finding(report, "LST-003", ""));
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void stacks_without_sheets_and_broken_ones_are_named_and_the_rest_goes_on(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_tiff(&scene, "a.tif", (const char *[]){"7", "8", NULL});
    scene_write_text(scene.batch, "b.pdf", "%PDF-1.4\nbroken");
    scene_write_text(scene.batch, "c.tif", "");
    write_tiff(&scene, "stack.tif",
               (const char *[]){"D:" A, "1", "2", "3", "D:..", "9", "D:" B_NUMBER, "4", "5", NULL});
    json_t *report = run(&scene, DA_ERROR_PART, &summary);
    assert_int_equal(summary.packaged, 2);
    assert_true(has_finding(report, "ACQ-002", "no separator sheet"));
    assert_true(has_finding(report, "ACQ-004", "no dossier"));
    assert_true(has_finding(report, "IMG-001", "cannot be read"));
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void sheets_in_dossiers_with_a_catalogue_are_looked_for_on_demand(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    write_jpegs(&scene, A, (const char *[]){"M:1-1", "1", "M:2-1", "2", "3", NULL});
    write_jpegs(&scene, SCENE_ID_B, (const char *[]){"4", "5", NULL});
    json_decref(run(&scene, DA_ERROR_PART, &summary)); /* the sheets count as pages */
    da_ingest_summary_clear(&summary);
    scene_write_text(scene.batch, "batch.conf", "[batch]\nseparators=always\n");
    json_t *report = run(&scene, -1, &summary);
    assert_stems(report, A, "1-1-001 2-1-001 2-1-002");
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

static void with_never_a_stack_is_still_named(void **state)
{
    Scene scene = begin(TRUE);
    DaIngestSummary summary;
    scene_write_text(scene.batch, "batch.conf", "[batch]\nseparators=never\n");
    write_tiff(&scene, "stack.tif", (const char *[]){"D:" A, "1", NULL});
    json_t *report = run(&scene, DA_ERROR_PART, &summary);
    assert_true(has_finding(report, "ACQ-002", "no separator sheet"));
    json_decref(report);
    da_ingest_summary_clear(&summary);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tiff_with_sheets_becomes_dossiers),
        cmocka_unit_test(sheets_of_materials_say_where_each_side_belongs),
        cmocka_unit_test(a_material_with_too_few_sides_is_named_with_its_row),
        cmocka_unit_test(the_blank_back_of_a_sheet_is_no_page),
        cmocka_unit_test(sides_before_the_first_sheet_are_nobodys_and_named),
        cmocka_unit_test(a_folder_of_a_mixed_stack_is_no_dossier),
        cmocka_unit_test(a_sheet_makes_the_dossier_that_no_folder_stands_for),
        cmocka_unit_test(stacks_without_sheets_and_broken_ones_are_named_and_the_rest_goes_on),
        cmocka_unit_test(sheets_in_dossiers_with_a_catalogue_are_looked_for_on_demand),
        cmocka_unit_test(with_never_a_stack_is_still_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
