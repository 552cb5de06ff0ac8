#include "scene.h"

#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static DaBatch *read_batch(const char *path, const DaProfile *profile, GError **error)
{
    DaConfig *config = da_config_load(NULL, "batch", da_batch_settings, NULL);
    DaBatch *batch = da_batch_read(path, config, profile, error);
    if (batch)
        da_batch_match(batch, profile);
    return batch;
}

static const DaBatchDossier *dossier_named(const DaBatch *batch, const char *name)
{
    for (guint i = 0; i < batch->dossiers->len; i++) {
        const DaBatchDossier *dossier = batch->dossiers->pdata[i];
        if (!strcmp(dossier->name, name))
            return dossier;
    }
    return NULL;
}

static const DaFinding *finding_of(const GPtrArray *findings, const char *rule)
{
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (!strcmp(finding->rule, rule))
            return finding;
    }
    return NULL;
}

static void a_good_batch_is_read_without_findings(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = scene_batch(folder);
    g_autoptr(DaProfile) profile = scene_profile();
    g_autoptr(DaBatch) batch = read_batch(path, profile, NULL);
    assert_int_equal(batch->findings->len, 0);
    assert_int_equal(batch->dossiers->len, 2);
    const DaBatchDossier *a = dossier_named(batch, SCENE_ID_A);
    const DaBatchDossier *b = dossier_named(batch, SCENE_ID_B);
    assert_int_equal(a->row->row, 3);
    assert_int_equal(a->scans->len, 4);
    assert_int_equal(a->materials->len, 2);
    assert_int_equal(a->findings->len + b->findings->len, 0);
    assert_false(a->named);
    assert_true(b->named);
    scene_end(folder);
}

/* --- how folders are called ---------------------------------------------------------------------------------------------- */

static void folders_are_matched_by_each_name_they_may_have(void **state)
{
    const struct {
        const char *label, *name;
        gboolean matches;
    } cases[] = {{"ID number", SCENE_ID_A, TRUE},
                 {"small x", "11010519491231002x", TRUE},
                 {"full width", "１１０１０５１９４９１２３１００２Ｘ", TRUE},
                 {"archival number", "X-2020-0001", TRUE},
                 {"name and number", "钱某某" SCENE_ID_A, TRUE},
                 {"name in GB18030", "\xc7\xae\xc4\xb3\xc4\xb3" SCENE_ID_A, TRUE},
                 {"name alone", "钱某某", FALSE},
                 {"another name and the number", "李某某" SCENE_ID_A, FALSE},
                 {"another number", "110105194912310011", FALSE}};
    g_autoptr(DaProfile) profile = scene_profile();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        print_message("# %s\n", cases[i].label);
        char *folder = scene_begin();
        g_autofree char *path = scene_batch(folder);
        g_autofree char *from = g_build_filename(path, SCENE_ID_A, NULL);
        g_autofree char *to = g_build_filename(path, cases[i].name, NULL);
        assert_true(!strcmp(from, to) || rename(from, to) == 0);
        g_autoptr(DaBatch) batch = read_batch(path, profile, NULL);
        const DaBatchDossier *dossier = dossier_named(batch, cases[i].name);
        assert_int_equal(dossier->row != NULL, cases[i].matches);
        assert_int_equal(finding_of(dossier->findings, "LST-003") == NULL, cases[i].matches);
        const DaFinding *row = finding_of(batch->findings, "LST-003");
        assert_int_equal(row == NULL, cases[i].matches);
        assert_true(!row || row->row == 3);
        scene_end(folder);
    }
}

/* --- damages -------------------------------------------------------------------------------------------------------------- */

static void in_first(const char *batch, const char *name, char **path)
{
    *path = g_build_filename(batch, SCENE_ID_A, name, NULL);
}

static void add_rubbish(const char *batch)
{
    static const char *const names[] = {"Thumbs.db", ".DS_Store", "desktop.ini", "~$目录.xlsx"};
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        scene_write_text(folder, names[i], "x");
}

static void remove_catalogue(const char *batch)
{
    g_autofree char *path = NULL;
    in_first(batch, "目录.csv", &path);
    assert_int_equal(unlink(path), 0);
}

static void break_catalogue(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    scene_write_text(folder, "目录.csv", "甲,乙\r\n1,2\r\n");
}

static void two_catalogues(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    scene_write_text(folder, "目录.xlsx", "");
}

static void link_outside(const char *batch)
{
    g_autofree char *path = NULL;
    in_first(batch, "0005.jpg", &path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void pipe_among_scans(const char *batch)
{
    g_autofree char *path = NULL;
    in_first(batch, "0005.jpg", &path);
    assert_int_equal(mkfifo(path, 0644), 0);
}

static void one_named_scan(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    scene_write_page(folder, "1-1-001.jpg", 9);
}

static void document_among_scans(const char *batch)
{
    g_autofree char *folder = g_build_filename(batch, SCENE_ID_A, NULL);
    scene_write_text(folder, "说明.docx", "x");
}

static void two_rows_for_one(const char *batch)
{
    g_autofree char *list =
        g_strconcat(scene_list_head, scene_row_a, scene_row_b, scene_row_a, NULL);
    scene_write_text(batch, "移交案卷目录.csv", list);
}

static void wrong_check_digit(const char *batch)
{
    g_autofree char *list = g_strconcat(scene_list_head, scene_row_a, scene_row_b, NULL);
    char *number = strstr(list, SCENE_ID_A);
    number[17] = '1';
    scene_write_text(batch, "移交案卷目录.csv", list);
    g_autofree char *from = g_build_filename(batch, SCENE_ID_A, NULL);
    g_autofree char *to = g_build_filename(batch, "X-2020-0001", NULL);
    assert_int_equal(rename(from, to), 0);
}

static void no_scans(const char *batch)
{
    for (char name[] = "0001.jpg"; name[3] <= '4'; name[3]++) {
        g_autofree char *path = NULL;
        in_first(batch, name, &path);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_fault_is_a_finding_on_its_dossier_alone(void **state)
{
    const struct {
        const char *label;
        void (*damage)(const char *batch);
        const char *rule;
        DaSeverity severity;
        const char *word; /* in message or file */
    } cases[] = {
        {"rubbish", add_rubbish, "PKG-005", DA_SEVERITY_INFO, ".DS_Store"},
        {"no catalogue", remove_catalogue, "CAT-007", DA_SEVERITY_ERROR, "目录"},
        {"catalogue without header", break_catalogue, "CAT-007", DA_SEVERITY_ERROR, "类号"},
        {"two catalogues", two_catalogues, "CAT-007", DA_SEVERITY_ERROR, "both"},
        {"link that leads outside", link_outside, "PKG-002", DA_SEVERITY_FATAL, "0005.jpg"},
        {"FIFO", pipe_among_scans, "PKG-011", DA_SEVERITY_FATAL, "0005.jpg"},
        {"some scans named", one_named_scan, "IMG-010", DA_SEVERITY_ERROR, "name all or none"},
        {"a document", document_among_scans, "PKG-005", DA_SEVERITY_WARNING, "说明.docx"},
        {"two rows for one ID number", two_rows_for_one, "LST-004", DA_SEVERITY_ERROR, "row 3"},
        {"wrong check digit", wrong_check_digit, "PER-001", DA_SEVERITY_ERROR, "ID number"},
        {"no scans", no_scans, "XML-005", DA_SEVERITY_ERROR, "no scans"},
    };
    g_autoptr(DaProfile) profile = scene_profile();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        print_message("# %s\n", cases[i].label);
        char *folder = scene_begin();
        g_autofree char *path = scene_batch(folder);
        cases[i].damage(path);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaBatch) batch = read_batch(path, profile, &error);
        assert_non_null(batch);
        const DaBatchDossier *a = dossier_named(batch, SCENE_ID_A);
        const DaBatchDossier *b = dossier_named(batch, SCENE_ID_B);
        const DaFinding *finding = finding_of((a ? a : dossier_named(batch, "X-2020-0001"))->findings,
                                              cases[i].rule);
        assert_non_null(finding);
        assert_int_equal(finding->severity, cases[i].severity);
        assert_true(strstr(finding->message, cases[i].word) ||
                    (finding->file && strstr(finding->file, cases[i].word)));
        assert_int_equal(b->findings->len, 0);
        scene_end(folder);
    }
}

/* --- no batch -------------------------------------------------------------------------------------------------------------- */

static void what_is_no_batch_is_refused_by_name(void **state)
{
    char *folder = scene_begin();
    g_autoptr(DaProfile) profile = scene_profile();
    g_autofree char *empty = g_build_filename(folder, "empty", NULL);
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    assert_true(da_dir_make(empty, NULL));
    scene_write_text(folder, "file", "x");
    const struct {
        const char *path, *word;
        int code;
    } cases[] = {{empty, "empty", DA_ERROR_INPUT},
                 {missing, "missing", DA_ERROR_NOT_FOUND},
                 {file, "file", DA_ERROR_INPUT}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(read_batch(cases[i].path, profile, &error));
        assert_true(g_error_matches(error, DA_ERROR, cases[i].code));
        assert_non_null(strstr(error->message, cases[i].word));
    }
    scene_end(folder);
}

static void without_a_list_no_dossier_may_be_packaged(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = scene_batch(folder);
    g_autofree char *list = g_build_filename(path, "移交案卷目录.csv", NULL);
    g_autoptr(DaProfile) profile = scene_profile();
    assert_int_equal(unlink(list), 0);
    g_autoptr(DaBatch) batch = read_batch(path, profile, NULL);
    for (guint i = 0; i < batch->dossiers->len; i++)
        assert_non_null(
            finding_of(((DaBatchDossier *)batch->dossiers->pdata[i])->findings, "LST-003"));
    scene_end(folder);
}

static void an_output_folder_inside_the_batch_is_no_dossier(void **state)
{
    char *folder = scene_begin();
    g_autofree char *path = scene_batch(folder);
    g_autofree char *work = g_build_filename(path, "packages", ".dangan", NULL);
    g_autoptr(DaProfile) profile = scene_profile();
    assert_true(da_dir_make(work, NULL));
    g_autoptr(DaBatch) batch = read_batch(path, profile, NULL);
    assert_int_equal(batch->dossiers->len, 2);
    scene_end(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_batch_is_read_without_findings),
        cmocka_unit_test(folders_are_matched_by_each_name_they_may_have),
        cmocka_unit_test(a_fault_is_a_finding_on_its_dossier_alone),
        cmocka_unit_test(what_is_no_batch_is_refused_by_name),
        cmocka_unit_test(without_a_list_no_dossier_may_be_packaged),
        cmocka_unit_test(an_output_folder_inside_the_batch_is_no_dossier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
