#include "cli.h"

#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/import.h>
#include <dangan/worker.h>
#include <stdio.h>

#define VERB "import"

typedef struct {
    char *out, *profile, *profile_dir, *ocr;
    int jobs;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->out);
    g_free(options->profile);
    g_free(options->profile_dir);
    g_free(options->ocr);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* One option for each key of batch.conf that has none of its own. */
static GOptionEntry *all_entries(Options *options, char **values)
{
    const GOptionEntry own[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options->out,
         "where packages and reports go / 输出文件夹", "DIR"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "profile of the packages (default: batch.conf, else soe-retiree) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options->jobs,
         "worker processes (default: one a core) / 进程数", "N"},
        {"ocr", 0, 0, G_OPTION_ARG_STRING, &options->ocr,
         "recognition, as for dangan ingest (default: auto) / 文字识别", "ENGINE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print the summary as JSON / 输出 JSON",
         NULL}};
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

static void print_summary(const DaImportSummary *s, gboolean json, gboolean chinese)
{
    if (json) {
        da_cli_print_json(json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s?, s:s?}", "deliveries",
                                    (int)s->deliveries, "packaged", (int)s->packaged, "unchanged",
                                    (int)s->unchanged, "not_packaged", (int)s->failed, "sides",
                                    (int)s->sides, "blank_sides", (int)s->blank_sides, "warnings",
                                    (int)s->warnings, "ocr_engine", s->ocr_engine, "report",
                                    s->report_html),
                          FALSE);
        return;
    }
    printf(chinese ? "%u 件交付：成包 %u，未变 %u，未成包 %u；%u 面（空白 %u）；问题 %u\n报告：%s\n"
                   : "%u deliveries: %u packaged, %u unchanged, %u not packaged; %u sides (%u "
                     "blank); %u findings\nreport: %s\n",
           s->deliveries, s->packaged, s->unchanged, s->failed, s->sides, s->blank_sides,
           s->warnings, s->report_html);
}

static int run(const char *path, const Options *options, GHashTable *overrides)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProgress) progress = da_progress_new(stderr, "deliveries", 0);
    DaImportSummary summary = {0};
    DaImportOptions import = {.path = path,
                              .out = options->out,
                              .profile = options->profile,
                              .profile_dir = options->profile_dir,
                              .ocr = options->ocr ? options->ocr : "auto",
                              .jobs = (guint)options->jobs,
                              .overrides = overrides,
                              .chinese = da_cli_chinese(),
                              .progress = progress,
                              .stop = da_cli_stop_flag()};
    gboolean done = da_import_run(&import, &summary, &error);
    g_clear_pointer(&progress, da_progress_free);
    if (summary.report_html)
        print_summary(&summary, options->json, import.chinese);
    int status = !done ? da_cli_fail(VERB, error) : summary.warnings ? 1 : 0;
    da_import_summary_clear(&summary);
    return status;
}

int da_cli_import(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GHashTable) overrides = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    for (guint i = 0; da_batch_settings[i].key; i++)
        g_ptr_array_add(values, NULL);
    g_autofree GOptionEntry *entries = all_entries(&options, (char **)values->pdata);
    if (!da_cli_parse(
            &argc, &argv, entries, "PATH",
            "Makes packages of deliveries of other makers: GB/T 33870 zips or folders, or folders "
            "of images named by ID number, one or a folder of many. A handover list beside them "
            "says what they leave out. Masters keep their bytes; each departure from the form is "
            "named in "
            "the report, and nothing is invented. What was killed goes on with the same "
            "command.\n把其他单位按 GB/T 33870 交付的数字档案（zip "
            "或文件夹，或以身份号码命名的图像文件夹，可为含多人的文件夹）"
            "转为档案包；原始图像逐字节保留，与格式不符之处逐条列入报告，不补造任何信息。\n\n"
            "Exit status: 0 all packaged, 1 packaged with findings, 2 wrong use or input, 3 some "
            "deliveries did not become packages, 4 the machine failed, 130 stopped.",
            "dangan import 交付/ --out packages\n  dangan import 钱某某110105….zip --out packages "
            "--enterprise 某厂 --district 361102",
            &error))
        return da_cli_fail(VERB, error);
    if (argc != 2 || !options.out || options.jobs < 0 || options.jobs > (int)DA_WORKERS_MAX) {
        da_error_set(&error, DA_ERROR_USAGE, "%s; see dangan import --help",
                     argc != 2      ? "name one delivery, or one folder of deliveries"
                     : !options.out ? "say with --out where packages go"
                                    : "--jobs is out of range");
        return da_cli_fail(VERB, error);
    }
    for (guint i = 0; da_batch_settings[i].key; i++)
        if (values->pdata[i])
            g_hash_table_insert(overrides, (gpointer)da_batch_settings[i].key, values->pdata[i]);
    return run(argv[1], &options, overrides);
}
