#include "cli.h"

#include <dangan/acquire.h>
#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *device, *into, *source, *mode, *paper, *format, *profile, *profile_dir;
    char **settings;
    int dpi, quality, sides;
    gboolean list, json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->device);
    g_free(options->into);
    g_free(options->source);
    g_free(options->mode);
    g_free(options->paper);
    g_free(options->format);
    g_free(options->profile);
    g_free(options->profile_dir);
    g_strfreev(options->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* --- which scanners there are ----------------------------------------------------------------------------------------------- */

static int list(gboolean json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) devices = da_scanner_list(&error);
    if (!devices)
        return da_cli_fail("scan", error);
    json_t *array = json_array();
    for (guint i = 0; i < devices->len; i++) {
        const DaScannerDevice *d = g_ptr_array_index(devices, i);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s}", "device", d->name, "vendor",
                                               d->vendor, "model", d->model, "type", d->type));
        if (!json)
            printf("%-28s %s %s (%s)\n", d->name, d->vendor, d->model, d->type);
    }
    if (json)
        da_cli_print_json(json_incref(array), FALSE);
    else if (devices->len == 0)
        puts(da_cli_chinese() ? "没有找到扫描仪：检查电源、连线和 SANE 驱动"
                              : "no scanner was found: look at power, cable and the SANE driver");
    json_decref(array);
    return 0;
}

/* --- one stack ---------------------------------------------------------------------------------------------------------------- */

/* Upright sheets. Source: ISO 216; 16K as in GB/T 788-1999. */
static const struct {
    const char *name;
    double width_mm, height_mm;
} papers[] = {{"a3", 297, 420},  {"a4", 210, 297}, {"a5", 148, 210},
              {"16k", 184, 260}, {"b4", 257, 364}, {"max", 0, 0}};

static gboolean set_paper(const char *name, DaScannerSettings *settings, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(papers); i++) {
        if (g_ascii_strcasecmp(papers[i].name, name))
            continue;
        settings->width_mm = papers[i].width_mm;
        settings->height_mm = papers[i].height_mm;
        return TRUE;
    }
    return da_error_set(error, DA_ERROR_USAGE,
                        "no paper '%s'; it is a3, a4, a5, b4, 16k or max (all the scanner has)",
                        name);
}

static gboolean set_mode(const char *name, DaScanMode *mode, GError **error)
{
    static const struct {
        const char *name;
        DaScanMode mode;
    } modes[] = {{"color", DA_SCAN_COLOUR},
                 {"colour", DA_SCAN_COLOUR},
                 {"grey", DA_SCAN_GREY},
                 {"gray", DA_SCAN_GREY},
                 {"bitonal", DA_SCAN_BITONAL}};
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
        if (!strcmp(modes[i].name, name)) {
            *mode = modes[i].mode;
            return TRUE;
        }
    return da_error_set(error, DA_ERROR_USAGE, "no mode '%s'; it is color, grey or bitonal", name);
}

static gboolean set_format(const Options *options, const DaProfile *profile, DaAcquireOptions *run,
                           GError **error)
{
    const char *format = options->format          ? options->format
                         : profile->scan_lossless ? "tiff"
                                                  : "jpeg";
    if (strcmp(format, "tiff") && strcmp(format, "jpeg"))
        return da_error_set(error, DA_ERROR_USAGE, "no format '%s'; it is jpeg or tiff", format);
    run->format = strcmp(format, "tiff") ? DA_ACQUIRE_JPEG : DA_ACQUIRE_TIFF;
    run->quality = options->quality ? (guint)options->quality : profile->scan_quality;
    return TRUE;
}

/* The profile of the batch that the folder lies in says how scans are kept. */
static DaProfile *find_profile(const Options *options, GError **error)
{
    g_autofree char *folder = g_canonicalize_filename(options->into, NULL);
    g_autofree char *batch = g_path_get_dirname(folder);
    g_autofree char *conf = g_build_filename(batch, "batch.conf", NULL);
    g_autoptr(DaConfig) config = da_config_load(conf, "batch", da_batch_settings, error);
    if (!config)
        return NULL;
    return da_profile_load(options->profile ? options->profile : da_config_text(config, "profile"),
                           options->profile_dir, error);
}

static void print_summary(const DaAcquired *acquired, const Options *options)
{
    json_t *files = json_array();
    for (guint i = 0; i < acquired->files->len; i++) {
        g_autofree char *shown = g_filename_display_name(g_ptr_array_index(acquired->files, i));
        json_array_append_new(files, json_string(shown));
    }
    g_autofree char *into = g_filename_display_name(options->into);
    if (options->json)
        da_cli_print_json(json_pack("{s:s, s:i, s:O}", "into", into, "sides",
                                    (int)acquired->files->len, "files", files),
                          FALSE);
    else
        printf(da_cli_chinese() ? "%u 面已存入 %s\n" : "%u sides are in %s\n", acquired->files->len,
               into);
    json_decref(files);
}

static int scan(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProgress) progress = da_progress_new(stderr, "sides", 0);
    g_autoptr(DaProfile) profile = find_profile(options, &error);
    DaAcquireOptions run = {.into = options->into,
                            .sides = (guint)options->sides,
                            .progress = progress,
                            .stop = da_cli_stop_flag()};
    run.scanner.device = options->device;
    run.scanner.source = options->source;
    run.scanner.settings = (const char *const *)options->settings;
    if (!profile || !set_format(options, profile, &run, &error) ||
        !set_mode(options->mode ? options->mode : "color", &run.scanner.mode, &error) ||
        !set_paper(options->paper ? options->paper : "a4", &run.scanner, &error))
        return da_cli_fail("scan", error);
    run.scanner.dpi = options->dpi ? (guint)options->dpi : profile->scan_dpi;
    DaAcquired acquired = {0};
    gboolean done = da_acquire_run(&run, &acquired, &error);
    g_clear_pointer(&progress, da_progress_free);
    if (done || options->json)
        print_summary(&acquired, options);
    da_acquired_clear(&acquired);
    return done ? 0 : da_cli_fail("scan", error);
}

static gboolean look_at(const Options *options, int argc, GError **error)
{
    const char *wrong = NULL;
    if (argc != 1)
        wrong = "it takes options only";
    else if (!options->list && !options->device)
        wrong = "name the scanner with --device; dangan scan --list shows those there are";
    else if (!options->list && !options->into)
        wrong = "say with --into which folder the scans go to";
    else if (options->dpi < 0 || options->dpi > 2400)
        wrong = "--dpi is out of range (up to 2400)";
    else if (options->quality < 0 || options->quality > 100)
        wrong = "--quality is out of range (1 to 100)";
    else if (options->sides < 0)
        wrong = "--sides is out of range";
    return !wrong || da_error_set(error, DA_ERROR_USAGE, "%s; see dangan scan --help", wrong);
}

static int scan_verb(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"list", 0, 0, G_OPTION_ARG_NONE, &options.list, "show the scanners there are", NULL},
        {"device", 'd', 0, G_OPTION_ARG_STRING, &options.device, "scanner, as --list names it",
         "DEV"},
        {"into", 0, 0, G_OPTION_ARG_FILENAME, &options.into,
         "folder of the dossier; new scans are numbered on after those in it", "BATCH/FOLDER"},
        {"source", 0, 0, G_OPTION_ARG_STRING, &options.source,
         "flatbed (one side), adf or adf-duplex (until the feeder is empty), or the scanner's own "
         "word; default: as the scanner stands",
         "SOURCE"},
        {"mode", 0, 0, G_OPTION_ARG_STRING, &options.mode,
         "color, grey or bitonal (default: color)", "MODE"},
        {"dpi", 0, 0, G_OPTION_ARG_INT, &options.dpi, "resolution (default: the profile's, 300)",
         "N"},
        {"paper", 0, 0, G_OPTION_ARG_STRING, &options.paper,
         "a3, a4, a5, b4, 16k or max (default: a4)", "SIZE"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options.format,
         "jpeg, or tiff without loss; bitonal sides are always tiff (default: the profile's)",
         "FORMAT"},
        {"quality", 0, 0, G_OPTION_ARG_INT, &options.quality,
         "of jpeg, 1 to 100 (default: the profile's)", "N"},
        {"sides", 0, 0, G_OPTION_ARG_INT, &options.sides, "stop after N sides", "N"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.settings,
         "an option of the driver, such as brightness=10; may be given several times",
         "NAME=VALUE"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
         "profile, by name or path (default: batch.conf, else soe-retiree)", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.profile_dir,
         "folder with profiles of your own", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print the answer as JSON", NULL},
        {NULL}};
    g_autoptr(GError) error = NULL;
    if (!da_cli_parse(
            &argc, &argv, entries, NULL,
            "Scans a stack of paper into the folder of a dossier through SANE. Ctrl-C "
            "stops after the sheet in the scanner; what is there stays, and the same "
            "command goes on after it.\n通过 SANE 把一摞纸扫描进案卷文件夹；中断后再次运行"
            "同一命令，编号接续。\n\n"
            "Exit status: 0 scanned, 2 wrong use, no such scanner, scanner busy or feeder "
            "empty, 3 the scanner failed after some sides (paper jam, cover open), 4 it "
            "failed before, or the disk is full, 130 stopped.",
            "dangan scan --list\n  dangan scan --device fujitsu:fi-7160:1234 --source "
            "adf-duplex --into '2026-03 移交/606129196201204759'",
            &error) ||
        !look_at(&options, argc, &error))
        return da_cli_fail("scan", error);
    return options.list ? list(options.json) : scan(&options);
}

/* The end of a process unloads its libraries, and waits forever where a driver cancelled a thread that held the loader's lock (SANE's
 * own test driver, one time in fifty): all is written by now, so nothing is unloaded. */
int da_cli_scan(int argc, char **argv)
{
    int status = scan_verb(argc, argv);
    fflush(NULL);
    _exit(status);
}
