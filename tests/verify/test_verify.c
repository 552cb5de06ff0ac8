#include "../base/terminal.h"
#include "fixture.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_good_package_is_accepted(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    for (guint i = 0; i < verification->findings->len; i++) {
        g_autofree char *line = da_finding_line(verification->findings->pdata[i], FALSE);
        print_message("# %s\n", line);
    }
    assert_true(verification->accepted);
    assert_int_equal(verification->findings->len, 0);
    assert_string_equal(verification->id, fixture->dossier->id);
    assert_int_equal(strlen(verification->digest), 64);
    assert_int_equal(verification->results->len, fixture->profile->rules->len);
}

static void a_rule_with_an_unknown_check_is_not_run(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    DaRule *rule = fixture->profile->rules->pdata[0];
    g_free(rule->check);
    rule->check = g_strdup("phase-of-the-moon");
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    const DaRuleResult *result = verification->results->pdata[0];
    assert_int_equal(result->outcome, DA_RULE_NOT_RUN);
    assert_non_null(strstr(result->reason, "phase-of-the-moon"));
}

static void a_rule_without_its_parameter_is_not_run(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    DaRule *rule = (DaRule *)da_profile_rule(fixture->profile, "IMG-003");
    g_hash_table_remove_all(rule->parameters);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_result(verification, "IMG-003")->outcome, DA_RULE_NOT_RUN);
}

static void standard_schemas_not_at_hand_is_not_run(void **state)
{
    g_autofree char *schemas = g_strdup(g_getenv("DANGAN_XSD"));
    g_unsetenv("DANGAN_XSD");
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_result(verification, "XML-006")->outcome, DA_RULE_NOT_RUN);
    assert_true(verification->accepted);
    if (schemas)
        g_setenv("DANGAN_XSD", schemas, TRUE);
}

static void an_unreadable_dossier_is_never_accepted(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_ptr_array_set_size(fixture->profile->rules, 0);
    g_autofree char *path = fixture_path(fixture, "metadata/descriptive/dossier.xml");
    fixture_put(path, "<x/>", 4);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_false(verification->accepted);
    assert_null(verification->id);
}

static void findings_of_one_rule_are_limited_and_counted(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    for (int i = 0; i < 300; i++) {
        g_autofree char *inside = g_strdup_printf("documentation/extra-%d.txt", i);
        g_autofree char *path = fixture_path(fixture, inside);
        assert_true(g_file_set_contents(path, "x", 1, NULL));
    }
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_count(verification, "BAG-003"), 300);
    guint kept = 0;
    for (guint i = 0; i < verification->findings->len; i++)
        kept += !strcmp(((DaFinding *)verification->findings->pdata[i])->rule, "BAG-003");
    assert_int_equal(kept, 200);
}

static void find_takes_a_package_or_a_folder_of_many(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    fixture_write(fixture);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) one = da_verify_find(fixture->package, fixture->profile, &error);
    assert_int_equal(one->len, 1);
    g_autoptr(GPtrArray) many = da_verify_find(fixture->folder, fixture->profile, &error);
    assert_int_equal(many->len, 1);
    assert_string_equal(many->pdata[0], fixture->package);
    g_autofree char *work = g_build_filename(fixture->folder, "work", NULL);
    assert_null(da_verify_find(work, fixture->profile, &error));
    assert_int_equal(da_error_exit_status(error), 2);
    g_clear_error(&error);
    assert_null(da_verify_find("/nonexistent", fixture->profile, &error));
    assert_int_equal(da_error_exit_status(error), 2);
}

static void an_empty_folder_with_bagit_txt_is_refused_without_a_crash(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    assert_int_equal(g_mkdir(fixture->package, 0755), 0);
    g_autofree char *path = g_build_filename(fixture->package, "bagit.txt", NULL);
    fixture_put(path, "", 0);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_false(verification->accepted);
    assert_null(verification->id);
    assert_null(verification->digest);
}

/* The first page keeps its master's bytes, which go on behind the end of the image. */
static void make_twins(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, FIXTURE_DPI, 3);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(jpeg, &size);
    g_autoptr(GByteArray) longer = g_byte_array_append(g_byte_array_new(), data, (guint)size);
    g_byte_array_append(longer, (const guint8 *)"remains", 7);
    g_autoptr(GBytes) bytes = g_bytes_new(longer->data, longer->len);
    for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++)
        fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), kind, bytes, "jpg");
    fixture_write(fixture);
}

static void what_is_wrong_with_a_master_is_told_of_the_access_image_that_is_its_copy(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    make_twins(fixture);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_count(verification, "IMG-017"), 2);
    assert_int_equal(fixture_count(verification, "BAG-004"), 0);
}

static void an_access_image_of_its_masters_size_alone_is_examined_itself(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    make_twins(fixture);
    g_autofree char *inside =
        g_strdup_printf("representations/access/data/%s.jpg", fixture_page(fixture, 0, 0)->stem);
    g_autofree char *path = fixture_path(fixture, inside);
    g_autoptr(GBytes) bytes = fixture_read(path);
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *other = g_memdup2(data, size);
    other[size - 1] ^= 1;
    assert_int_equal(g_unlink(path), 0); /* a link to the master */
    fixture_put(path, other, size);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    assert_int_equal(fixture_count(verification, "BAG-004"), 1);
    assert_int_equal(fixture_count(verification, "IMG-017"), 2);
}

/* What a terminal shows at the end of a verification with a bar of `total` pages. */
static char *watched(const Fixture *fixture, guint total)
{
    g_autoptr(GError) error = NULL;
    Terminal terminal = terminal_begin(0);
    DaProgress *progress = da_progress_new(terminal.out, "pages", total);
    g_autoptr(DaVerification) verification =
        da_verify_package_watched(fixture->package, fixture->profile, progress, &error);
    assert_non_null(verification);
    da_progress_line(progress, "end");
    da_progress_free(progress);
    return terminal_end(&terminal);
}

static void every_page_counts_while_a_package_is_verified(void **state)
{
    g_autoptr(Fixture) fixture = fixture_new();
    assert_int_equal(da_verify_count_pages(fixture->package), 0);
    fixture_write(fixture);
    guint pages = da_verify_count_pages(fixture->package);
    assert_int_equal(pages, 3);
    g_autofree char *text = watched(fixture, pages);
    assert_non_null(strstr(text, "] 3 of 3 pages"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_package_is_accepted),
        cmocka_unit_test(a_rule_with_an_unknown_check_is_not_run),
        cmocka_unit_test(a_rule_without_its_parameter_is_not_run),
        cmocka_unit_test(standard_schemas_not_at_hand_is_not_run),
        cmocka_unit_test(an_unreadable_dossier_is_never_accepted),
        cmocka_unit_test(findings_of_one_rule_are_limited_and_counted),
        cmocka_unit_test(what_is_wrong_with_a_master_is_told_of_the_access_image_that_is_its_copy),
        cmocka_unit_test(an_access_image_of_its_masters_size_alone_is_examined_itself),
        cmocka_unit_test(every_page_counts_while_a_package_is_verified),
        cmocka_unit_test(find_takes_a_package_or_a_folder_of_many),
        cmocka_unit_test(an_empty_folder_with_bagit_txt_is_refused_without_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
