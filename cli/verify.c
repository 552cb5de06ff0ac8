#include "cli.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/schema.h>
#include <dangan/verify.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char *profile;
    char *profile_dir;
    char **lists;
    char **reports;
    gboolean json;
    gboolean list_rules;
} Options;

static void options_clear(Options *options)
{
    g_free(options->profile);
    g_free(options->profile_dir);
    g_strfreev(options->lists);
    g_strfreev(options->reports);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "rules to check by: a name or a file (default soe-retiree) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"handover", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->lists,
         "handover list (xlsx, csv) or delivery.csv to hold against the packages; may be given "
         "twice / 与移交案卷目录或 delivery.csv 核对",
         "LIST"},
        {"report", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->reports,
         "write a report; .html or .json; may be given twice / 写验收报告", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
         "print the report (or the rules) as JSON / 输出 JSON", NULL},
        {"list-rules", 0, 0, G_OPTION_ARG_NONE, &options->list_rules,
         "print the rules of the profile, with --json in full / 列出规则", NULL},
        {NULL},
    };
    return da_cli_parse(argc, argv, entries, "PATH…",
                        "Checks packages by the rules of a profile: folders, tar and zip files, "
                        "folders of many. Exit status 0:\n"
                        "accepted, 1: not accepted.\n"
                        "按规范逐条检查档案包。",
                        "dangan verify packages/ --handover 移交案卷目录.xlsx --report report.html",
                        error);
}

static gboolean check_report_names(char **reports, GError **error)
{
    for (guint i = 0; reports && reports[i]; i++)
        if (!g_str_has_suffix(reports[i], ".html") && !g_str_has_suffix(reports[i], ".json"))
            return da_error_set(error, DA_ERROR_USAGE,
                                "cannot write report '%s': the name must end in .html or .json",
                                reports[i]);
    return TRUE;
}

static void list_rules(const DaProfile *profile, gboolean json)
{
    if (json) {
        da_cli_print_json(da_verify_rules_json(profile), FALSE);
        return;
    }
    g_autofree char *text = da_verify_rules_text(profile, da_cli_chinese());
    fputs(text, stdout);
}

static gboolean collect(int n, char **paths, const DaProfile *profile, GPtrArray *packages,
                        GError **error)
{
    if (!n)
        return da_error_set(error, DA_ERROR_USAGE, "no package given; see dangan verify --help");
    for (int i = 0; i < n; i++) {
        g_autoptr(GPtrArray) found = da_verify_find(paths[i], profile, error);
        if (!found)
            return FALSE;
        g_ptr_array_extend_and_steal(packages, g_steal_pointer(&found));
    }
    return TRUE;
}

static gboolean verify_all(const GPtrArray *packages, const DaProfile *profile,
                           GPtrArray *verifications, GError **error)
{
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, "packages", packages->len);
    for (guint i = 0; i < packages->len; i++) {
        if (*stop)
            return da_error_set(error, DA_ERROR_CANCELLED, "stopped after %u of %u packages", i,
                                packages->len);
        DaVerification *verification = da_verify_package(packages->pdata[i], profile, error);
        if (!verification)
            return FALSE;
        g_ptr_array_add(verifications, verification);
        g_autofree char *name = g_filename_display_basename(packages->pdata[i]);
        da_progress_line(progress, "%s: %s, %u findings", name,
                         verification->accepted ? "accepted" : "NOT ACCEPTED",
                         verification->findings->len);
        da_progress_add(progress, 1);
    }
    return TRUE;
}

/* Each list is one more verification, behind those of the packages. */
static gboolean verify_lists(char **lists, const DaProfile *profile, GPtrArray *verifications,
                             GError **error)
{
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    for (guint i = 0; lists && lists[i]; i++) {
        DaVerification *verification = da_verify_handover(lists[i], verifications, profile, error);
        if (!verification)
            return FALSE;
        g_ptr_array_add(found, verification);
    }
    g_ptr_array_extend_and_steal(verifications, g_steal_pointer(&found));
    return TRUE;
}

static gboolean write_reports(char **reports, const GPtrArray *verifications,
                              const DaProfile *profile, GError **error)
{
    for (guint i = 0; reports && reports[i]; i++) {
        g_autofree char *text = NULL;
        if (g_str_has_suffix(reports[i], ".html")) {
            text = da_verify_report_html(verifications, profile);
        } else {
            json_t *report = da_verify_report_json(verifications, profile);
            text = json_dumps(report, JSON_INDENT(2));
            json_decref(report);
        }
        if (!da_file_write(reports[i], text, strlen(text), error))
            return FALSE;
    }
    return TRUE;
}

static int print_outcome(const Options *options, const GPtrArray *verifications,
                         const DaProfile *profile)
{
    if (options->json) {
        da_cli_print_json(da_verify_report_json(verifications, profile), FALSE);
    } else {
        g_autofree char *text = da_verify_report_text(verifications, profile, da_cli_chinese());
        fputs(text, stdout);
    }
    for (guint i = 0; i < verifications->len; i++)
        if (!((const DaVerification *)verifications->pdata[i])->accepted)
            return 1;
    return 0;
}

static void warn_without_schemas(void)
{
    if (!da_schema_is_available(DA_SCHEMA_STANDARDS))
        fputs(da_cli_chinese() ? "注意: 未设置 DANGAN_XSD, METS、PREMIS 和 ALTO 未按标准模式检查\n"
                               : "WARNING: DANGAN_XSD is not set: METS, PREMIS and ALTO are NOT "
                                 "checked against the standards' "
                                 "schemas\n",
              stderr);
}

static gboolean run(const Options *options, int n, char **paths, int *status, GError **error)
{
    if (!check_report_names(options->reports, error))
        return FALSE;
    g_autoptr(DaProfile) profile = da_profile_load(
        options->profile ? options->profile : "soe-retiree", options->profile_dir, error);
    if (!profile)
        return FALSE;
    if (options->list_rules) {
        list_rules(profile, options->json);
        return TRUE;
    }
    g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) verifications =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    if (!collect(n, paths, profile, packages, error))
        return FALSE;
    warn_without_schemas();
    if (!verify_all(packages, profile, verifications, error) ||
        !verify_lists(options->lists, profile, verifications, error) ||
        !write_reports(options->reports, verifications, profile, error))
        return FALSE;
    *status = print_outcome(options, verifications, profile);
    return TRUE;
}

int da_cli_verify(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error) ||
        !run(&options, argc - 1, argv + 1, &status, &error))
        return da_cli_fail("verify", error);
    return status;
}
