#include "cli.h"

#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/ingest.h>
#include <dangan/recognize.h>
#include <dangan/watch.h>
#include <dangan/worker.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
    char *out, *profile, *profile_dir, *ocr;
    int jobs, page_seconds, page_memory, settle;
    gboolean watch, json, draft_catalogue;
    char **redo;
} Options;

static void options_clear(Options *options)
{
    g_free(options->out);
    g_free(options->profile);
    g_free(options->profile_dir);
    g_free(options->ocr);
    g_strfreev(options->redo);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* One option for each key of batch.conf that has none of its own, from the table that reads the file. */
static GOptionEntry *all_entries(Options *options, GHashTable *overrides, char **values)
{
    const GOptionEntry own[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options->out, "where packages and reports go",
         "DIR"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "profile, by name or path (default: batch.conf, else soe-retiree)", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder with profiles of your own", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options->jobs, "worker processes (default: one a core)",
         "N"},
        {"ocr", 0, 0, G_OPTION_ARG_STRING, &options->ocr, DA_RECOGNIZER_CHOICE " (default: auto)",
         "ENGINE"},
        {"page-seconds", 0, 0, G_OPTION_ARG_INT, &options->page_seconds,
         "a page that takes longer is given up (default: 120)", "N"},
        {"page-memory", 0, 0, G_OPTION_ARG_INT, &options->page_memory,
         "a page that needs more is given up (default: 2048)", "MIB"},
        {"draft-catalogue", 0, 0, G_OPTION_ARG_NONE, &options->draft_catalogue,
         "package folders without a catalogue by the draft that their titles give, marked as a "
         "draft",
         NULL},
        {"redo", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->redo,
         "do these again: FOLDER, FOLDER/scan.jpg, FOLDER/scan.tif#3 or FOLDER:9-1-2-003; several "
         "with commas, or --redo repeated",
         "PAGES"},
        {"watch", 0, 0, G_OPTION_ARG_NONE, &options->watch,
         "go on and process dossiers that appear in the batch folder, once they are whole", NULL},
        {"settle", 0, 0, G_OPTION_ARG_INT, &options->settle,
         "with --watch: a folder is whole when nothing has changed in it for so long (default: 10)",
         "SECONDS"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print the summary as JSON", NULL}};
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    for (guint i = 0; da_batch_settings[i].key; i++) {
        if (g_str_equal(da_batch_settings[i].key, "profile"))
            continue;
        GOptionEntry entry = {da_batch_settings[i].key,  0,     0, G_OPTION_ARG_STRING, &values[i],
                              da_batch_settings[i].help, "TEXT"};
        g_array_append_val(entries, entry);
    }
    return (GOptionEntry *)(gpointer)g_array_free(entries, FALSE);
}

static void print_summary(const DaIngestSummary *s, gboolean json, gboolean chinese)
{
    if (json) {
        da_cli_print_json(da_ingest_summary_to_json(s), FALSE);
        return;
    }
    printf(chinese ? "%u 卷：成包 %u，未变 %u，未成包 %u；%u 面（空白 %u）；警告 %u\n"
                   : "%u dossiers: %u packaged, %u unchanged, %u not packaged; %u sides (%u "
                     "blank); %u warnings\n",
           s->dossiers, s->packaged, s->unchanged, s->failed, s->sides, s->blank_sides,
           s->warnings);
    printf(chinese ? "文字识别：%s\n" : "recognition: %s\n", s->ocr_engine);
    if (s->ocr_note)
        printf(chinese ? "　未用更好的引擎：%s\n" : "  not a better one: %s\n", s->ocr_note);
    printf(chinese ? "报告：%s\n" : "report: %s\n", s->report_html);
}

/* --- the watched folder ------------------------------------------------------------------------------------------------- */

typedef struct {
    gboolean json, chinese;
    int status; /* of the last run */
} Watching;

static void run_passed(const DaIngestSummary *summary, const GError *error, gpointer data)
{
    Watching *watching = data;
    if (summary->report_html && watching->json)
        da_cli_print_json(da_ingest_summary_to_json(summary), TRUE);
    else if (summary->report_html)
        print_summary(summary, FALSE, watching->chinese);
    fflush(stdout);
    watching->status = error ? da_cli_fail("ingest", error) : summary->warnings ? 1 : 0;
}

static int watch(const DaIngestOptions *ingest, const Options *options)
{
    g_autoptr(GError) error = NULL;
    Watching watching = {.json = options->json, .chinese = ingest->chinese};
    const DaWatchOptions watch = {.settle_seconds = (guint)options->settle,
                                  .out = stderr,
                                  .passed = run_passed,
                                  .data = &watching};
    g_autofree char *shown = g_filename_display_name(ingest->batch);
    fprintf(stderr, ingest->chinese ? "监视 %s；Ctrl-C 结束\n" : "watching %s; Ctrl-C ends it\n", shown);
    return da_watch_run(ingest, &watch, &error) ? watching.status : da_cli_fail("ingest", error);
}

/* --- one run --------------------------------------------------------------------------------------------------------------- */

static int run(const char *batch, const Options *options, GHashTable *overrides)
{
    g_autoptr(GError) error = NULL;
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, chinese ? "面" : "sides", 0);
    da_progress_chinese(progress, chinese);
    DaIngestSummary summary = {0};
    DaIngestOptions ingest = {.batch = batch,
                              .out = options->out,
                              .profile = options->profile,
                              .profile_dir = options->profile_dir,
                              .ocr = options->ocr ? options->ocr : "auto",
                              .jobs = (guint)options->jobs,
                              .page_seconds = (guint)options->page_seconds,
                              .page_memory_bytes = (guint64)options->page_memory << 20,
                              .draft_catalogue = options->draft_catalogue,
                              .redo = (const char *const *)options->redo,
                              .overrides = overrides,
                              .chinese = chinese,
                              .progress = progress,
                              .stop = da_cli_stop_flag()};
    if (options->watch) {
        g_clear_pointer(&progress, da_progress_free);
        return watch(&ingest, options);
    }
    gboolean done = da_ingest_run(&ingest, &summary, &error);
    g_clear_pointer(&progress, da_progress_free);
    if (summary.report_html)
        print_summary(&summary, options->json, chinese);
    int status = !done ? da_cli_fail("ingest", error) : summary.warnings ? 1 : 0;
    da_ingest_summary_clear(&summary);
    return status;
}

/* NULL = nothing is wrong. */
static const char *wrong_use(int argc, const Options *options)
{
    if (argc != 2)
        return "name one batch folder";
    if (!options->out)
        return "say with --out where packages go";
    if (options->jobs < 0 || options->jobs > (int)DA_WORKERS_MAX)
        return "--jobs is out of range";
    if (options->settle < 0 || options->settle > 86400 || (options->settle && !options->watch))
        return "--settle goes with --watch and takes seconds";
    if (options->redo && options->watch)
        return "--redo does not go with --watch";
    if (options->page_seconds < 0 || options->page_memory < 0)
        return "--page-seconds and --page-memory cannot be negative";
    return NULL;
}

int da_cli_ingest(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GHashTable) overrides = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    for (guint i = 0; da_batch_settings[i].key; i++)
        g_ptr_array_add(values, NULL);
    g_autofree GOptionEntry *entries = all_entries(&options, overrides, (char **)values->pdata);
    if (!da_cli_parse(&argc, &argv, entries, "BATCH",
                      "Makes packages of a batch: a folder with the handover list and a folder a "
                      "dossier. What was killed goes on "
                      "with the same "
                      "command.\n把一个移交批次做成数字档案包；中断后再次运行同一命令即可继续。\n\n"
                      "Exit status: 0 all packaged, 1 packaged with warnings, 2 wrong use or "
                      "input, 3 some dossiers were not packaged, 4 "
                      "the machine failed, 130 stopped.",
                      "dangan ingest '2026-03 移交' --out packages\n  dangan ingest /srv/scans --out packages --watch", &error))
        return da_cli_fail("ingest", error);
    const char *wrong = wrong_use(argc, &options);
    if (wrong) {
        da_error_set(&error, DA_ERROR_USAGE, "%s; see dangan ingest --help", wrong);
        return da_cli_fail("ingest", error);
    }
    for (guint i = 0; da_batch_settings[i].key; i++)
        if (g_ptr_array_index(values, i))
            g_hash_table_insert(overrides, (gpointer)da_batch_settings[i].key,
                                g_ptr_array_index(values, i));
    return run(argv[1], &options, overrides);
}
