#include "cli.h"

#include <dangan/addition.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>

#define VERB "supplement"
#define SEE "see dangan supplement --help"

typedef struct {
    char *archive, *dossier, *by, *from, *profile, *profile_dir;
    gboolean json;
} Options;

typedef struct {
    guint added, unchanged, failed;
    json_t *packages; /* one object each, for --json */
} Summary;

typedef struct {
    DaArchive *archive;
    PGconn *db;
    DaAdditionOptions options;
    gboolean json;
    Summary *summary;
} Run;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->dossier, options->by,
                           options->from,    options->profile, options->profile_dir};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"dossier", 0, 0, G_OPTION_ARG_STRING, &options->dossier,
         "the dossier that receives them (default: that of the same person) / 归入哪一卷", "ID"},
        {"by", 0, 0, G_OPTION_ARG_STRING, &options->by,
         "who adds them (default: the system's user name) / 经办人", "NAME"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &options->from, "who handed them over / 移交单位",
         "UNIT"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "rules to check by (default: the archive's) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print a summary as JSON / 输出 JSON",
         NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "PACKAGE…",
        "Adds materials that turned up later to the dossier of the same person, as a new version. "
        "PACKAGE is what dangan ingest made of them, or a folder of such packages.\n"
        "把零散材料归入同一人的在库案卷, 生成新版本; 材料先用 dangan ingest 做成档案包。",
        "dangan supplement --archive /srv/archive --from 曹家渡街道 packages/", error);
}

/* --- what became of a package ---------------------------------------------------------------------------------------- */

static void keep_json(Summary *summary, const char *path, const DaDepositResult *result,
                      const char *state, const char *message)
{
    g_autofree char *shown = g_filename_display_name(path);
    json_array_append_new(summary->packages,
                          json_pack("{s:s, s:s, s:s?, s:i, s:i, s:s?}", "package", shown, "state",
                                    state, "dossier", message ? NULL : result->dossier_id,
                                    "version", (int)result->version, "pages", (int)result->pages,
                                    "message", message));
}

static void count_success(Run *run, const char *path, const DaDepositResult *result)
{
    gboolean chinese = da_cli_chinese();
    run->summary->added += !result->unchanged;
    run->summary->unchanged += result->unchanged;
    keep_json(run->summary, path, result, result->unchanged ? "unchanged" : "added", NULL);
    if (run->json)
        return;
    printf(chinese ? "%s: 第 %u 版, %u 页%s\n" : "%s: version %u, %u pages%s\n", result->dossier_id,
           result->version, result->pages,
           !result->unchanged ? ""
           : chinese          ? ", 未变: 这些材料已在卷内"
                              : ", unchanged: these materials are in it already");
}

static void count_failure(Run *run, const char *path, const DaDepositResult *result,
                          const GError *problem)
{
    run->summary->failed++;
    keep_json(run->summary, path, result, "failed", problem->message);
    fprintf(stderr, "FAILED %s\n", problem->message);
    for (guint i = 0; result->verification && i < result->verification->findings->len; i++) {
        const DaFinding *finding = result->verification->findings->pdata[i];
        g_autofree char *line = da_finding_line(finding, da_cli_chinese());
        if (finding->severity >= DA_SEVERITY_ERROR)
            fprintf(stderr, "  %s\n", line);
    }
}

/* One package may be wrong without stopping the rest; where the machine fails, the next would fail as well. */
static gboolean add_one(Run *run, const char *path, GError **error)
{
    DaDepositResult result;
    g_autoptr(GError) problem = NULL;
    gboolean goes_on = TRUE;
    if (da_addition_deposit(run->archive, run->db, path, &run->options, &result, &problem))
        count_success(run, path, &result);
    else if (da_error_exit_status(problem) == 4)
        goes_on = FALSE;
    else
        count_failure(run, path, &result, problem);
    da_deposit_result_clear(&result);
    if (!goes_on)
        g_propagate_error(error, g_steal_pointer(&problem));
    return goes_on;
}

static gboolean add_all(Run *run, const GPtrArray *packages, GError **error)
{
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    for (guint i = 0; i < packages->len; i++) {
        if (*stop)
            return da_error_set(error, DA_ERROR_CANCELLED,
                                "stopped after %u of %u packages; the same command goes on", i,
                                packages->len);
        if (!add_one(run, packages->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static void print_summary(const Summary *summary, gboolean json)
{
    if (json)
        da_cli_print_json(json_pack("{s:i, s:i, s:i, s:O}", "added", (int)summary->added,
                                    "unchanged", (int)summary->unchanged, "failed",
                                    (int)summary->failed, "packages", summary->packages),
                          FALSE);
    else
        printf(da_cli_chinese() ? "归档 %u 包, 已在卷内 %u, 失败 %u\n"
                                : "%u added, %u unchanged, %u failed\n",
               summary->added, summary->unchanged, summary->failed);
}

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static gboolean collect(int n, char **paths, GPtrArray *packages, GError **error)
{
    for (int i = 0; i < n; i++) {
        g_autoptr(GPtrArray) found = da_verify_find(paths[i], NULL, error);
        if (!found)
            return FALSE;
        g_ptr_array_extend_and_steal(packages, g_steal_pointer(&found));
    }
    return packages->len > 0 || da_error_set(error, DA_ERROR_USAGE, "no package given; " SEE);
}

static gboolean supplement(const Options *options, const GPtrArray *packages, Summary *summary,
                           GError **error)
{
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    if (!archive)
        return FALSE;
    const char *name =
        options->profile ? options->profile : da_config_text(da_archive_config(archive), "profile");
    g_autoptr(DaProfile) profile = da_profile_load(name, options->profile_dir, error);
    g_autoptr(PGconn) db = profile ? da_archive_connect(archive, error) : NULL;
    if (!db)
        return FALSE;
    Run run = {.archive = archive,
               .db = db,
               .options = {.dossier = options->dossier,
                           .by = options->by ? options->by : g_get_user_name(),
                           .from = options->from,
                           .profile = profile},
               .json = options->json,
               .summary = summary};
    return add_all(&run, packages, error);
}

static gboolean run(const Options *options, int n, char **paths, Summary *summary, GError **error)
{
    g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func(g_free);
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE, "which archive? give --archive DIR; " SEE);
    return collect(n, paths, packages, error) && supplement(options, packages, summary, error);
}

int da_cli_supplement(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) packages = json_array();
    Summary summary = {.packages = packages};
    gboolean done = parse(&argc, &argv, &options, &error) &&
                    run(&options, argc - 1, argv + 1, &summary, &error);
    /* What was done before a disk failed stays done, and is said. */
    if (done || json_array_size(packages) > 0)
        print_summary(&summary, options.json);
    if (!done)
        return da_cli_fail(VERB, error);
    return summary.failed > 0 ? 3 : 0;
}
