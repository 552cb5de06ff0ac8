#include "intake.h"

#include <dangan/error.h>
#include <stdio.h>

#define VERB "receive"

typedef struct {
    DaIntakeOptions common;
    char *batch, *district, *enterprise, *code;
    char **lists;
} Options;

static void options_clear(Options *options)
{
    da_cli_intake_options_clear(&options->common);
    g_free(options->batch);
    g_free(options->district);
    g_free(options->enterprise);
    g_free(options->code);
    g_strfreev(options->lists);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    DaIntakeOptions *common = &options->common;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &common->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"batch", 0, 0, G_OPTION_ARG_STRING, &options->batch,
         "what the batch is called (default: year and number) / 批次名称", "NAME"},
        {"handover", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->lists,
         "handover list (xlsx, csv) or delivery.csv to hold against the packages; may be given "
         "twice / 与移交案卷目录或 delivery.csv 核对",
         "LIST"},
        {"enterprise", 0, 0, G_OPTION_ARG_STRING, &options->enterprise,
         "who hands it over (default: the packages' employer) / 移交单位", "NAME"},
        {"enterprise-code", 0, 0, G_OPTION_ARG_STRING, &options->code,
         "its code, GB 32100 / 统一社会信用代码", "CODE"},
        {"district", 0, 0, G_OPTION_ARG_STRING, &options->district,
         "receiving district, GB/T 2260 (default: the packages', the archive's) / 接收区划代码",
         "CODE"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &common->profile,
         "rules that lists are read by (default: the archive's) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &common->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"receipt", 0, 0, G_OPTION_ARG_FILENAME, &common->receipt,
         "write the arrival receipt, and a page beside it / 写收件回执", "FILE.json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &common->json, "print a summary as JSON / 输出 JSON",
         NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "PACKAGE…",
        "A handover batch arrives: each package whose bag is whole is kept, and nobody who looks "
        "dossiers up sees it before dangan accept. PACKAGE may be a folder of packages. The same "
        "packages again change nothing. Exit status 0: received, 1: received with findings, 3: "
        "some packages are wrong and named, the rest is received.\n"
        "接收一批移交的档案包：逐包核对完整性后保管，验收前不可检索；签发收件回执。",
        "dangan receive --archive /srv/archive packages/ --handover 移交案卷目录.xlsx --batch "
        "2026-17 \\\n      --receipt 收件回执.json",
        error);
}

static void print_json(DaIntakeWork *work, const DaReceiveResult *result)
{
    da_cli_print_json(json_pack("{s:s?, s:b, s:i, s:i, s:i, s:i, s:I, s:O}", "batch", result->batch,
                                "unchanged", result->unchanged, "received", (int)result->received,
                                "known", (int)result->known, "wrong", (int)result->wrong,
                                "list_errors", (int)result->list_errors, "receipt",
                                (json_int_t)result->record, "packages", work->packages),
                      FALSE);
}

static void print_text(const DaReceiveResult *result)
{
    gboolean chinese = da_cli_chinese();
    if (result->record)
        printf(chinese ? "批次 %s: 收件 %u 包, 已有 %u, 有误 %u; 回执编号 %" G_GUINT64_FORMAT "\n"
                       : "batch %s: %u packages received, %u known, %u wrong; receipt No. "
                         "%" G_GUINT64_FORMAT "\n",
               result->batch, result->received, result->known, result->wrong, result->record);
    else
        printf(chinese ? "未接收新的档案包: 已有 %u, 有误 %u\n"
                       : "nothing new was received: %u packages known, %u wrong\n",
               result->known, result->wrong);
    if (result->list_errors)
        printf(chinese ? "清单与档案包有 %u 处不符, 见回执\n"
                       : "lists and packages differ in %u places, which the receipt names\n",
               result->list_errors);
}

static int exit_status(const DaIntakeWork *work, const DaReceiveResult *result)
{
    if (result->wrong)
        return 3;
    for (gsize i = 0; i < json_array_size(work->packages); i++)
        if (!g_strcmp0(
                json_string_value(json_object_get(json_array_get(work->packages, i), "state")),
                "finding"))
            return 1;
    return result->list_errors ? 1 : 0;
}

static gboolean receive(const Options *options, const GPtrArray *packages, int *status,
                        GError **error)
{
    g_auto(DaIntakeWork) work = {0};
    DaReceiveResult result = {0};
    if (!da_cli_intake_open(&work, &options->common, VERB, TRUE, error))
        return FALSE;
    const DaReceiveOptions receiving = {.batch = options->batch,
                                        .district = options->district,
                                        .enterprise = options->enterprise,
                                        .enterprise_code = options->code,
                                        .lists = options->lists,
                                        .profile = work.profile};
    da_progress_total(work.progress, packages->len);
    gboolean done = da_intake_receive(work.archive, work.db, packages, &receiving, &work.watch,
                                      &result, error) &&
                    (!result.record || da_cli_receipt_write(work.archive, work.db, result.record,
                                                            options->common.receipt, error));
    g_clear_pointer(&work.progress, da_progress_free);
    if (done && options->common.json)
        print_json(&work, &result);
    else if (done)
        print_text(&result);
    *status = exit_status(&work, &result);
    da_receive_result_clear(&result);
    return done;
}

int da_cli_receive(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error) ||
        !da_cli_packages(VERB, argc - 1, argv + 1, packages, &error) ||
        !receive(&options, packages, &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
