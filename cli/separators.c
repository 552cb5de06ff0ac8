#include "cli.h"

#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/separator.h>
#include <stdio.h>

typedef struct {
    char *out, *profile, *profile_dir;
    gboolean materials, json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->out);
    g_free(options->profile);
    g_free(options->profile_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static const char *text_of(const DaHandoverRow *row, DaField field)
{
    const char *text = row->field[field].text;
    return text && *text ? text : NULL;
}

/* 档号 rather than the ID number: sheets lie about. Where two rows have the same, or none, the ID number. */
static const char *key_of(const DaHandover *list, const DaHandoverRow *row)
{
    const char *number = text_of(row, DA_FIELD_ARCHIVAL_NUMBER);
    guint same = 0;
    for (guint i = 0; number && i < list->rows->len; i++)
        same +=
            !g_strcmp0(text_of(g_ptr_array_index(list->rows, i), DA_FIELD_ARCHIVAL_NUMBER), number);
    return number && same == 1 ? number : text_of(row, DA_FIELD_ID_NUMBER);
}

static const DaBatchDossier *folder_of(const DaBatch *batch, const DaHandoverRow *row)
{
    for (guint i = 0; i < batch->dossiers->len; i++) {
        const DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (dossier->row == row)
            return dossier;
    }
    return NULL;
}

static gboolean add_materials(DaSeparatorSheets *sheets, const DaBatchDossier *dossier,
                              const char *owner, GError **error)
{
    for (guint i = 0; dossier && dossier->materials && i < dossier->materials->len; i++) {
        const DaMaterial *m = g_ptr_array_index(dossier->materials, i);
        g_autofree char *text = g_strdup_printf("%s-%u", m->class_code, m->sequence);
        g_autofree char *caption = g_strdup_printf("%s  %s", text, m->title);
        g_autofree char *note = g_strdup_printf("%s · 页数 %u", owner, m->pages_claimed);
        if (*m->class_code && m->sequence > 0 &&
            !da_separator_sheets_add(sheets, DA_SEPARATOR_MATERIAL, text, caption, note, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_rows(DaSeparatorSheets *sheets, const DaBatch *batch, gboolean materials,
                         GError **error)
{
    for (guint i = 0; i < batch->handover->rows->len; i++) {
        const DaHandoverRow *row = g_ptr_array_index(batch->handover->rows, i);
        const char *key = key_of(batch->handover, row), *name = text_of(row, DA_FIELD_NAME);
        const char *number = text_of(row, DA_FIELD_ARCHIVAL_NUMBER);
        g_autofree char *caption =
            g_strdup_printf("%s  %s", name ? name : "", number ? number : "");
        g_autofree char *note = g_strdup_printf("移交案卷目录 第 %u 行", row->row);
        if (!key)
            return da_error_set(error, DA_ERROR_INPUT,
                                "row %u of the handover list has neither ID number nor 档号",
                                row->row);
        if (!da_separator_sheets_add(sheets, DA_SEPARATOR_DOSSIER, key, caption, note, error))
            return FALSE;
        if (materials && !add_materials(sheets, folder_of(batch, row), caption, error))
            return FALSE;
    }
    return TRUE;
}

static DaBatch *read_batch(const char *path, const Options *options, GError **error)
{
    g_autofree char *conf = g_build_filename(path, "batch.conf", NULL);
    g_autoptr(DaConfig) config = da_config_load(conf, "batch", da_batch_settings, error);
    if (!config)
        return NULL;
    g_autofree char *name =
        g_strdup(options->profile ? options->profile : da_config_text(config, "profile"));
    g_autoptr(DaProfile) profile = da_profile_load(name, options->profile_dir, error);
    if (!profile)
        return NULL;
    g_autoptr(DaBatch) batch = da_batch_read(path, g_steal_pointer(&config), profile, error);
    if (!batch)
        return NULL;
    da_batch_match(batch, profile);
    if (batch->handover)
        return g_steal_pointer(&batch);
    da_error_set(error, DA_ERROR_INPUT, "the batch has no handover list (%s.xlsx or .csv)",
                 profile->handover->file);
    return NULL;
}

static int print_sheets(const char *path, const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaBatch) batch = read_batch(path, options, &error);
    if (!batch)
        return da_cli_fail("separators", error);
    DaSeparatorSheets *sheets = da_separator_sheets_new();
    gboolean added = add_rows(sheets, batch, options->materials, &error);
    guint count = da_separator_sheets_count(sheets);
    g_autoptr(GBytes) html = da_separator_sheets_finish(sheets);
    gsize size;
    const void *data = g_bytes_get_data(html, &size);
    if (!added || !da_file_write(options->out, data, size, &error))
        return da_cli_fail("separators", error);
    g_autofree char *shown = g_filename_display_name(options->out);
    if (options->json)
        da_cli_print_json(json_pack("{s:i, s:s}", "sheets", (int)count, "file", shown), FALSE);
    else
        printf(da_cli_chinese()
                   ? "%u 张分隔页：%s（用浏览器打开并打印，A4，单面）\n"
                   : "%u separator sheets: %s (print it from a browser, A4, one side)\n",
               count, shown);
    return 0;
}

int da_cli_separators(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, "HTML file to print", "FILE"},
        {"materials", 0, 0, G_OPTION_ARG_NONE, &options.materials,
         "also a sheet for each material of the catalogues that lie in the folders", NULL},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
         "profile, by name or path (default: batch.conf, else soe-retiree)", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.profile_dir,
         "folder with profiles of your own", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print the answer as JSON", NULL},
        {NULL}};
    g_autoptr(GError) error = NULL;
    if (!da_cli_parse(
            &argc, &argv, entries, "BATCH",
            "Makes separator sheets of the handover list, to be printed and laid before each "
            "dossier "
            "of a stack. A stack that was scanned with them (one TIFF or PDF in the batch folder, "
            "or "
            "a folder of scans) is split by dangan "
            "ingest.\n按移交案卷目录制作分隔页，打印后放在每卷"
            "之前，整摞扫描后由 dangan ingest 自动分卷。\n\n"
            "A sheet carries, as QR code and Code 128, DA1:D:<档号 or ID number> for a dossier, "
            "DA1:M:<类号-序号> for a material.",
            "dangan separators '2026-03 移交' --out sheets.html", &error))
        return da_cli_fail("separators", error);
    if (argc != 2 || !options.out) {
        da_error_set(&error, DA_ERROR_USAGE, "%s; see dangan separators --help",
                     argc != 2 ? "name one batch folder" : "say with --out which file to write");
        return da_cli_fail("separators", error);
    }
    return print_sheets(argv[1], &options);
}
