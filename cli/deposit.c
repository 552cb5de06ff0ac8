#include "cli.h"
#include "intake.h"

#include <dangan/deposit.h>
#include <dangan/error.h>
#include <dangan/pinyin.h>
#include <stdio.h>
#include <string.h>

#define VERB "deposit"
#define RULES_SHOWN 8

typedef struct {
    char *archive;
    char *district;
    char *dossier;
    char *profile;
    char *profile_dir;
    gboolean json;
} Options;

typedef struct {
    guint deposited, unchanged, failed;
    guint64 pages, bytes, objects_new, bytes_new;
    GTimer *verifying; /* all time in verification */
    GTimer *all;
    json_t *packages; /* one object each, for --json */
} Summary;

typedef struct {
    DaArchive *archive;
    PGconn *db;
    DaDepositOptions options;
    DaProgress *progress;
    Summary *summary;
} Run;

static void options_clear(Options *options)
{
    g_free(options->archive);
    g_free(options->district);
    g_free(options->dossier);
    g_free(options->profile);
    g_free(options->profile_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void summary_init(Summary *summary)
{
    *summary =
        (Summary){.verifying = g_timer_new(), .all = g_timer_new(), .packages = json_array()};
    g_timer_stop(summary->verifying);
    g_timer_reset(summary->verifying);
}

static void summary_clear(Summary *summary)
{
    g_clear_pointer(&summary->verifying, g_timer_destroy);
    g_clear_pointer(&summary->all, g_timer_destroy);
    g_clear_pointer(&summary->packages, json_decref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Summary, summary_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"district", 0, 0, G_OPTION_ARG_STRING, &options->district,
         "receiving district, GB/T 2260 (default: the package's, the archive's) / 接收区划代码",
         "CODE"},
        {"dossier", 0, 0, G_OPTION_ARG_STRING, &options->dossier,
         "the one package continues this dossier, whatever its own id / 并入此案卷", "ID"},
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
        "Verifies packages and puts them into the archive. PACKAGE may be a folder of "
        "packages.\n"
        "验收档案包并入库; 可给出含多个档案包的文件夹。",
        "dangan deposit --archive /srv/archive packages/", error);
}

/* --- what became of a package ---------------------------------------------------------------------------------------- */

/* The rules that refuse a package, each once: "BAG-002, PER-001". The caller owns it. */
static char *rules_of(const DaVerification *verification)
{
    g_autoptr(GPtrArray) rules = g_ptr_array_new();
    for (guint i = 0; verification && i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        if (finding->severity >= DA_SEVERITY_ERROR &&
            !g_ptr_array_find_with_equal_func(rules, finding->rule, g_str_equal, NULL))
            g_ptr_array_add(rules, finding->rule);
    }
    gboolean more = rules->len > RULES_SHOWN;
    g_ptr_array_set_size(rules, (int)MIN(rules->len, RULES_SHOWN));
    g_ptr_array_add(rules, NULL);
    g_autofree char *joined = g_strjoinv(", ", (char **)rules->pdata);
    return g_strconcat(joined, more ? ", …" : "", NULL);
}

static void keep_json(Summary *summary, const char *path, const DaDepositResult *result,
                      const char *state, const char *message)
{
    g_autofree char *shown = g_filename_display_name(path);
    json_array_append_new(
        summary->packages,
        json_pack("{s:s, s:s, s:s?, s:i, s:i, s:I, s:I, s:I, s:I, s:i, s:I, s:s?}", "package",
                  shown, "state", state, "dossier", result->dossier_id, "version",
                  (int)result->version, "pages", (int)result->pages, "bytes",
                  (json_int_t)result->bytes, "objects_new", (json_int_t)result->objects_new,
                  "bytes_new", (json_int_t)result->bytes_new, "objects_mended",
                  (json_int_t)result->objects_mended, "findings",
                  result->verification ? (int)result->verification->findings->len : 0, "receipt",
                  (json_int_t)result->receipt, "message", message));
}

static void count_success(Run *run, const char *path, const DaDepositResult *result)
{
    Summary *summary = run->summary;
    summary->deposited += !result->unchanged;
    summary->unchanged += result->unchanged;
    summary->pages += result->unchanged ? 0 : result->pages;
    summary->bytes += result->bytes;
    summary->objects_new += result->objects_new;
    summary->bytes_new += result->bytes_new;
    keep_json(summary, path, result, result->unchanged ? "unchanged" : "deposited", NULL);
    g_autofree char *mended =
        result->objects_mended > 0
            ? g_strdup_printf("; %" G_GUINT64_FORMAT " objects had gone and are there again",
                              result->objects_mended)
            : NULL;
    da_progress_line(run->progress, "%s: version %u, %u pages, receipt %" G_GUINT64_FORMAT "%s%s",
                     result->dossier_id, result->version, result->pages, result->receipt,
                     result->unchanged ? ", unchanged: it was there already" : "",
                     mended ? mended : "");
}

static void count_failure(Run *run, const char *path, const DaDepositResult *result,
                          const GError *problem)
{
    g_autofree char *rules = rules_of(result->verification);
    run->summary->failed++;
    keep_json(run->summary, path, result, "failed", problem->message);
    da_progress_line(run->progress, "FAILED %s%s%s", problem->message, *rules ? ": " : "", rules);
}

/* One package may be wrong without stopping the rest; where the machine fails, the next would fail as well. */
static gboolean is_of_the_machine(const GError *problem)
{
    return da_error_exit_status(problem) == 4 || problem->code == DA_ERROR_USAGE;
}

static gboolean deposit_one(Run *run, const char *path, GError **error)
{
    DaDepositResult result;
    g_autoptr(GError) problem = NULL;
    if (da_deposit(run->archive, run->db, path, &run->options, &result, &problem))
        count_success(run, path, &result);
    else if (!is_of_the_machine(problem))
        count_failure(run, path, &result, problem);
    gboolean goes_on = !problem || !is_of_the_machine(problem);
    if (!goes_on)
        g_propagate_error(error, g_steal_pointer(&problem));
    da_deposit_result_clear(&result);
    da_progress_add(run->progress, 1);
    return goes_on;
}

static gboolean deposit_all(Run *run, const GPtrArray *packages, GError **error)
{
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    for (guint i = 0; i < packages->len; i++) {
        if (*stop)
            return da_error_set(error, DA_ERROR_CANCELLED,
                                "stopped after %u of %u packages; the same command goes on", i,
                                packages->len);
        if (!deposit_one(run, packages->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* --- the end --------------------------------------------------------------------------------------------------------- */

static double rate(double megabytes, double seconds)
{
    return seconds > 0 ? megabytes / seconds : 0;
}

static void print_summary(const Summary *summary, gboolean json)
{
    double verifying = g_timer_elapsed(summary->verifying, NULL);
    double depositing = g_timer_elapsed(summary->all, NULL) - verifying;
    double megabytes = (double)summary->bytes / 1e6;
    if (json) {
        da_cli_print_json(
            json_pack("{s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:O}", "deposited",
                      (int)summary->deposited, "unchanged", (int)summary->unchanged, "failed",
                      (int)summary->failed, "pages", (json_int_t)summary->pages, "bytes",
                      (json_int_t)summary->bytes, "objects_new", (json_int_t)summary->objects_new,
                      "bytes_new", (json_int_t)summary->bytes_new, "verify_seconds", verifying,
                      "deposit_seconds", depositing, "packages", summary->packages),
            FALSE);
        return;
    }
    printf(da_cli_chinese()
               ? "入库 %u 卷, 已在库 %u, 失败 %u; %.1f MB: 验收 %.1f MB/s, 入库 %.1f MB/s\n"
               : "%u deposited, %u unchanged, %u failed; %.1f MB: verified at %.1f MB/s, "
                 "deposited at %.1f MB/s\n",
           summary->deposited, summary->unchanged, summary->failed, megabytes,
           rate(megabytes, verifying), rate(megabytes, depositing));
}

static gboolean deposit(const Options *options, const GPtrArray *packages, Summary *summary,
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
    da_pinyin_load();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, "packages", packages->len);
    Run run = {.archive = archive,
               .db = db,
               .options = {.district = options->district,
                           .dossier = options->dossier,
                           .profile = profile,
                           .verify_timer = summary->verifying},
               .progress = progress,
               .summary = summary};
    g_timer_start(summary->all);
    gboolean done = deposit_all(&run, packages, error);
    g_timer_stop(summary->all);
    return done;
}

static gboolean run(const Options *options, int n, char **paths, Summary *summary, GError **error)
{
    g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func(g_free);
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE,
                            "which archive? give --archive DIR; see dangan deposit --help");
    if (!da_cli_packages(VERB, n, paths, packages, error))
        return FALSE;
    if (options->dossier && packages->len > 1)
        return da_error_set(error, DA_ERROR_USAGE, "--dossier is for one package, and there are %u",
                            packages->len);
    return deposit(options, packages, summary, error);
}

int da_cli_deposit(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_auto(Summary) summary = {0};
    g_autoptr(GError) error = NULL;
    summary_init(&summary);
    gboolean done = parse(&argc, &argv, &options, &error) &&
                    run(&options, argc - 1, argv + 1, &summary, &error);
    /* What was done before a disk failed stays done, and is said. */
    if (done || json_array_size(summary.packages) > 0)
        print_summary(&summary, options.json);
    if (!done)
        return da_cli_fail(VERB, error);
    return summary.failed > 0 ? 3 : 0;
}
