#include "acceptance.h"
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
    DaAcceptanceOptions acceptance;
} Options;

static void options_clear(Options *options)
{
    g_free(options->profile);
    g_free(options->profile_dir);
    g_strfreev(options->lists);
    g_strfreev(options->reports);
    da_acceptance_options_clear(&options->acceptance);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    DaAcceptanceOptions *acceptance = &options->acceptance;
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
        {"sample", 0, 0, G_OPTION_ARG_STRING, &acceptance->seed,
         "draw a sample with this seed, as the profile says, and reach a verdict / 以此种子抽检",
         "SEED"},
        {"sample-list", 0, 0, G_OPTION_ARG_FILENAME, &acceptance->list,
         "write what people must judge: the sample, and what the program suspects / 写抽检单",
         "FILE.csv"},
        {"verdicts", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &acceptance->verdicts,
         "such a list, filled in; may be given more than once / 已填写的抽检单", "FILE.csv"},
        {"verdict", 0, 0, G_OPTION_ARG_FILENAME, &acceptance->verdict,
         "write the signed verdict, and a page beside it / 写签名的验收结论", "FILE.json"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &acceptance->key,
         "key that signs it, made by dangan receipt key / 签名私钥", "FILE"},
        {"signer", 0, 0, G_OPTION_ARG_STRING, &acceptance->signer, "who signs it / 签署人或单位",
         "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
         "print the report (or the rules) as JSON / 输出 JSON", NULL},
        {"list-rules", 0, 0, G_OPTION_ARG_NONE, &options->list_rules,
         "print the rules of the profile, with --json in full / 列出规则", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "PATH…",
        "Checks packages by the rules of a profile: folders, tar and zip files, "
        "folders of many. Exit status 0:\n"
        "accepted, 1: not accepted, or a verdict that is still open. "
        "docs/acceptance.md shows the way to a verdict.\n"
        "按规范逐条检查档案包。",
        "dangan verify packages/ --handover 移交案卷目录.xlsx --report report.html\n"
        "  dangan verify packages/ --handover 移交案卷目录.xlsx --sample 2026-17 "
        "--sample-list 抽检单.csv\n"
        "  dangan verify packages/ --handover 移交案卷目录.xlsx --sample 2026-17 "
        "--verdicts 抽检单.csv \\\n"
        "      --verdict verdict.json --key district.key --signer 某区档案馆",
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

static guint64 count_pages(const GPtrArray *packages)
{
    guint64 pages = 0;
    for (guint i = 0; i < packages->len; i++)
        pages += da_verify_count_pages(packages->pdata[i]);
    return pages;
}

static gboolean verify_all(const GPtrArray *packages, const DaProfile *profile,
                           GPtrArray *verifications, GError **error)
{
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress =
        da_progress_new(stderr, chinese ? "页" : "pages", count_pages(packages));
    da_progress_chinese(progress, chinese);
    for (guint i = 0; i < packages->len; i++) {
        if (*stop)
            return da_error_set(error, DA_ERROR_CANCELLED, "stopped after %u of %u packages", i,
                                packages->len);
        DaVerification *verification =
            da_verify_package_watched(packages->pdata[i], profile, progress, error);
        if (!verification)
            return FALSE;
        g_ptr_array_add(verifications, verification);
        g_autofree char *name = g_filename_display_basename(packages->pdata[i]);
        da_progress_line(progress, "%s: %s, %u findings", name,
                         verification->accepted ? "accepted" : "NOT ACCEPTED",
                         verification->findings->len);
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

/* Whether lists can be read and a verdict be reached is told before hours of verification, by trying it on nothing. */
static gboolean check_beforehand(const Options *options, const DaProfile *profile, GError **error)
{
    g_autoptr(GPtrArray) nothing =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
    if (!verify_lists(options->lists, profile, nothing, error))
        return FALSE;
    if (!da_acceptance_is_wanted(&options->acceptance))
        return TRUE;
    g_ptr_array_set_size(nothing, 0);
    g_autoptr(DaSample) sample = da_sample_draw(nothing, profile, options->acceptance.seed, error);
    g_autoptr(DaVerdict) verdict =
        sample ? da_verdict_reach(nothing, sample, NULL, profile, error) : NULL;
    return verdict != NULL;
}

static json_t *report_json(const GPtrArray *verifications, const DaProfile *profile,
                           const DaAcceptance *acceptance)
{
    json_t *report = da_verify_report_json(verifications, profile);
    if (acceptance->verdict)
        da_acceptance_add_to_report(acceptance, report);
    return report;
}

static gboolean write_reports(char **reports, const GPtrArray *verifications,
                              const DaProfile *profile, const DaAcceptance *acceptance,
                              GError **error)
{
    for (guint i = 0; reports && reports[i]; i++) {
        g_autofree char *text = NULL;
        if (g_str_has_suffix(reports[i], ".html")) {
            g_autofree char *section =
                acceptance->verdict ? da_verdict_section(acceptance->verdict, acceptance->sample)
                                    : NULL;
            text = da_verify_report_html(verifications, profile, section);
        } else {
            json_t *report = report_json(verifications, profile, acceptance);
            text = json_dumps(report, JSON_INDENT(2));
            json_decref(report);
        }
        if (!da_file_write(reports[i], text, strlen(text), error))
            return FALSE;
    }
    return TRUE;
}

static void print_report(const Options *options, const GPtrArray *verifications,
                         const DaProfile *profile, const DaAcceptance *acceptance)
{
    if (options->json) {
        da_cli_print_json(report_json(verifications, profile, acceptance), FALSE);
        return;
    }
    g_autofree char *text = da_verify_report_text(verifications, profile, da_cli_chinese());
    fputs(text, stdout);
    if (!acceptance->verdict)
        return;
    g_autofree char *verdict =
        da_verdict_text(acceptance->verdict, acceptance->sample, da_cli_chinese());
    fputs(verdict, stdout);
}

static int exit_status(const GPtrArray *verifications, const DaAcceptance *acceptance)
{
    if (acceptance->verdict)
        return acceptance->verdict->outcome != DA_OUTCOME_ACCEPTED;
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
    if (!check_report_names(options->reports, error) ||
        !da_acceptance_check(&options->acceptance, error))
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
    if (!collect(n, paths, profile, packages, error) || !check_beforehand(options, profile, error))
        return FALSE;
    warn_without_schemas();
    g_auto(DaAcceptance) acceptance = {0};
    if (!verify_all(packages, profile, verifications, error) ||
        !verify_lists(options->lists, profile, verifications, error))
        return FALSE;
    if (da_acceptance_is_wanted(&options->acceptance) &&
        !da_acceptance_run(&acceptance, &options->acceptance, verifications, profile, error))
        return FALSE;
    if (!write_reports(options->reports, verifications, profile, &acceptance, error))
        return FALSE;
    print_report(options, verifications, profile, &acceptance);
    *status = exit_status(verifications, &acceptance);
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
