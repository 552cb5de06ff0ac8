#include "intake.h"

#include <dangan/error.h>
#include <stdio.h>
#include <string.h>

#define VERB "batches"

typedef struct {
    DaIntakeOptions common;
    char *out;
} Options;

static void options_clear(Options *options)
{
    da_cli_intake_options_clear(&options->common);
    g_free(options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    DaIntakeOptions *common = &options->common;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &common->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &options->out,
         "write the packages of BATCH that wait into this new folder, to be judged by dangan "
         "verify / 取出该批待验收的包",
         "FOLDER"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &common->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(argc, argv, entries, "[BATCH]",
                        "Lists handover batches with their state: received, accepting (the same "
                        "dangan accept goes on), accepted, returned.\n"
                        "列出移交批次及其状态。",
                        "dangan batches --archive /srv/archive\n  dangan batches --archive "
                        "/srv/archive 2026-17 --out 抽检/",
                        error);
}

static const char *state_zh(const char *state)
{
    static const struct {
        const char *state, *zh;
    } states[] = {{"received", "待验收"},
                  {"accepting", "入库中"},
                  {"accepted", "已接收"},
                  {"returned", "已退回"}};
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        if (!strcmp(states[i].state, state))
            return states[i].zh;
    return state;
}

static json_t *batch_json(const DaIntake *batch)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s?, s:s?, s:s, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I}", "batch",
        batch->id, "state", batch->state, "district", batch->district, "enterprise",
        batch->enterprise, "enterprise_code", batch->enterprise_code, "arrived_at",
        batch->arrived_at, "packages", (int)batch->packages, "waiting", (int)batch->waiting,
        "accepted", (int)batch->accepted, "returned", (int)batch->returned, "pages",
        (json_int_t)batch->pages, "files", (json_int_t)batch->files, "bytes",
        (json_int_t)batch->bytes, "arrival", (json_int_t)batch->arrival, "decision",
        (json_int_t)batch->decision);
}

static void print_batch(const DaIntake *batch)
{
    gboolean chinese = da_cli_chinese();
    g_autofree char *size = g_format_size(batch->bytes);
    printf(chinese ? "%s  %s  %s  %s  %u 包 (待验收 %u, 已接收 %u, 已退回 %u), %" G_GUINT64_FORMAT
                     " 页, %s  %s\n"
                   : "%s  %s  %s  %s  %u packages (%u wait, %u accepted, %u returned), "
                     "%" G_GUINT64_FORMAT " pages, %s  %s\n",
           batch->id, chinese ? state_zh(batch->state) : batch->state, batch->district,
           batch->arrived_at, batch->packages, batch->waiting, batch->accepted, batch->returned,
           batch->pages, size, batch->enterprise ? batch->enterprise : "—");
}

static GPtrArray *find(PGconn *db, const char *id, GError **error)
{
    if (!id)
        return da_intake_list(db, error);
    DaIntake *batch = da_intake_find(db, id, error);
    if (!batch)
        return NULL;
    GPtrArray *batches = g_ptr_array_new_with_free_func((GDestroyNotify)da_intake_free);
    g_ptr_array_add(batches, batch);
    return batches;
}

static gboolean list(const Options *options, const char *id, GError **error)
{
    g_auto(DaIntakeWork) work = {0};
    if (options->out && !id)
        return da_error_set(error, DA_ERROR_USAGE, "--out is for one batch: which?");
    if (!da_cli_intake_open(&work, &options->common, VERB, FALSE, error))
        return FALSE;
    g_autoptr(GPtrArray) batches = find(work.db, id, error);
    if (!batches ||
        (options->out && !da_intake_write(work.archive, work.db, id, options->out, error)))
        return FALSE;
    json_t *all = json_array();
    for (guint i = 0; i < batches->len; i++)
        if (options->common.json)
            json_array_append_new(all, batch_json(batches->pdata[i]));
        else
            print_batch(batches->pdata[i]);
    if (options->common.json)
        da_cli_print_json(all, FALSE);
    else
        json_decref(all);
    return TRUE;
}

int da_cli_batches(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    gboolean parsed = parse(&argc, &argv, &options, &error);
    if (parsed && argc > 2)
        parsed = da_error_set(&error, DA_ERROR_USAGE,
                              "wanted is one batch or none; see dangan "
                              "batches --help");
    return parsed && list(&options, argv[1], &error) ? 0 : da_cli_fail(VERB, error);
}
