#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <dangan/config.h>
#include <dangan/error.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const DaSetting table[] = {
    {"enterprise", DA_SETTING_TEXT, NULL, .help = "Name of the enterprise."},
    {"profile", DA_SETTING_TEXT, "soe-retiree", .help = "Profile of the packages."},
    {"jobs", DA_SETTING_INTEGER, "4", 1, 256, .unit = "processes", .help = "Workers side by side."},
    {"offset", DA_SETTING_INTEGER, NULL, G_MININT64, G_MAXINT64, .help = "Any number."},
    {"colour", DA_SETTING_BOOLEAN, "true", .help = "Keep the colour."},
    {"ocr", DA_SETTING_CHOICE, "auto", .choices = "auto|tesseract|none", .help = "Engine."},
    {NULL},
};

static char *folder;

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

static DaConfig *load(const char *text, GError **error)
{
    g_autofree char *path = scratch_file(folder, "设置.conf", text);
    return da_config_load(path, "batch", table, error);
}

static void assert_defaults(DaConfig *config)
{
    assert_non_null(config);
    assert_null(da_config_text(config, "enterprise"));
    assert_string_equal(da_config_text(config, "profile"), "soe-retiree");
    assert_int_equal(da_config_integer(config, "jobs"), 4);
    assert_int_equal(da_config_integer(config, "offset"), 0);
    assert_true(da_config_boolean(config, "colour"));
    assert_string_equal(da_config_text(config, "ocr"), "auto");
}

static void without_a_file_there_are_defaults(void **state)
{
    g_autoptr(DaConfig) none = da_config_load(NULL, "batch", table, NULL);
    assert_defaults(none);
    g_autofree char *missing = g_build_filename(folder, "missing.conf", NULL);
    g_autoptr(DaConfig) absent = da_config_load(missing, "batch", table, NULL);
    assert_defaults(absent);
    static const char *const harmless[] = {
        "", "\n\n", "[batch]\n", "# only a comment\n", "\xEF\xBB\xBF[batch]\r\n", "\xEF\xBB\xBF"};
    for (gsize i = 0; i < G_N_ELEMENTS(harmless); i++) {
        g_autoptr(DaConfig) empty = load(harmless[i], NULL);
        assert_defaults(empty);
    }
}

static void the_file_overrides_the_defaults(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaConfig) config =
        load("\xEF\xBB\xBF# 批次设置\r\n[batch]\r\nenterprise = 上饶东方红轴承厂 \r\n"
             "jobs=256\r\noffset = -9223372036854775808\r\ncolour=false\r\nocr=none\r\n",
             &error);
    assert_null(error);
    assert_string_equal(da_config_text(config, "enterprise"), "上饶东方红轴承厂");
    assert_int_equal(da_config_integer(config, "jobs"), 256);
    assert_true(da_config_integer(config, "offset") == G_MININT64);
    assert_false(da_config_boolean(config, "colour"));
    assert_string_equal(da_config_text(config, "ocr"), "none");
}

static void an_option_overrides_the_file_with_the_same_checks(void **state)
{
    g_autoptr(DaConfig) config = load("[batch]\njobs = 2\n", NULL);
    assert_true(da_config_set(config, "jobs", "8", NULL));
    assert_int_equal(da_config_integer(config, "jobs"), 8);
    g_autoptr(GError) error = NULL;
    assert_false(da_config_set(config, "jobs", "0", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_int_equal(da_config_integer(config, "jobs"), 8);
}

static void an_empty_value_is_not_set(void **state)
{
    g_autoptr(DaConfig) config = load("[batch]\nprofile =\njobs = \n", NULL);
    assert_null(da_config_text(config, "profile"));
    assert_int_equal(da_config_integer(config, "jobs"), 0);
}

static void what_is_wrong_is_named_with_what_is_wanted(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[batch]\njob = 4\n", "no setting 'job'; there are enterprise, profile, jobs"},
        {"[batch]\nJobs = 4\n", "no setting 'Jobs'"},
        {"[batch]\njobs[zh] = 4\n", "no setting 'jobs[zh]'"},
        {"[batch]\njobs = 0\n", "'jobs' is '0', wanted is a whole number from 1 to 256 processes"},
        {"[batch]\njobs = 257\n", "'jobs' is '257'"},
        {"[batch]\njobs = 4 processes\n", "'jobs' is '4 processes'"},
        {"[batch]\njobs = 1e3\n", "'jobs' is '1e3'"},
        {"[batch]\njobs = 99999999999999999999\n", "'jobs' is '9999"},
        {"[batch]\ncolour = maybe\n", "'colour' is 'maybe', wanted is true or false"},
        {"[batch]\nocr = Auto\n", "'ocr' is 'Auto', wanted is one of auto|tesseract|none"},
        {"[batch]\nocr = auto|none\n", "'ocr' is 'auto|none'"},
        {"[btach]\njobs = 4\n", "group [btach] is not known; wanted is [batch]"},
        {"[batch]\n[other]\n", "group [other]"},
        {"jobs = 4\n", "设置.conf"},
        {"[batch]\nenterprise\n", "设置.conf"},
        {"[batch]\nenterprise = \\q\n", "enterprise"},
        {"[batch]\nenterprise = \xB5\xB5\xB0\xB8\n", "not UTF-8"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaConfig) config = load(cases[i].text, &error);
        if (config != NULL)
            fail_msg("accepted: '%s'", cases[i].text);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, "设置.conf"));
        if (strstr(error->message, cases[i].says) == NULL)
            fail_msg("'%s' does not say '%s'", error->message, cases[i].says);
    }
}

static void a_file_that_is_none_or_too_large_is_refused(void **state)
{
    g_autofree char *fifo = g_build_filename(folder, "fifo", NULL);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_autofree char *giant = scratch_file(folder, "giant", "");
    assert_int_equal(truncate(giant, 1 << 30), 0);
    g_autofree char *zeros = scratch_file(folder, "zeros", "");
    assert_int_equal(truncate(zeros, 1000), 0);
    const struct {
        const char *path;
        DaErrorCode code;
    } cases[] = {{fifo, DA_ERROR_INPUT},
                 {folder, DA_ERROR_INPUT},
                 {giant, DA_ERROR_LIMIT},
                 {zeros, DA_ERROR_INPUT}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(da_config_load(cases[i].path, "batch", table, &error));
        assert_true(g_error_matches(error, DA_ERROR, cases[i].code));
    }
}

static void the_sample_is_all_defaults_and_names_every_setting(void **state)
{
    g_autofree char *sample = da_config_sample("batch", table);
    g_autoptr(DaConfig) config = load(sample, NULL);
    assert_defaults(config);
    for (const DaSetting *setting = table; setting->key != NULL; setting++) {
        g_autofree char *line = g_strdup_printf("\n#%s = ", setting->key);
        assert_non_null(strstr(sample, line));
        assert_non_null(strstr(sample, setting->help));
    }
    assert_non_null(strstr(sample, "1 to 256 processes"));
}

static void a_sample_with_its_comments_taken_off_is_a_settings_file(void **state)
{
    g_autofree char *sample = da_config_sample("batch", table);
    g_auto(GStrv) parts = g_strsplit(sample, "\n#", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; parts[i] != NULL; i++)
        g_string_append_printf(text, "%s%s",
                               i == 0               ? ""
                               : parts[i][0] == ' ' ? "\n#"
                                                    : "\n",
                               parts[i]);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaConfig) config = load(text->str, &error);
    assert_null(error);
    assert_defaults(config);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_a_file_there_are_defaults),
        CASE(the_file_overrides_the_defaults),
        CASE(an_option_overrides_the_file_with_the_same_checks),
        CASE(an_empty_value_is_not_set),
        CASE(what_is_wrong_is_named_with_what_is_wanted),
        CASE(a_file_that_is_none_or_too_large_is_refused),
        CASE(the_sample_is_all_defaults_and_names_every_setting),
        CASE(a_sample_with_its_comments_taken_off_is_a_settings_file),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
