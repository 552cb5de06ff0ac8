#include "intake.h"

#include <dangan/error.h>
#include <stdio.h>

#define VERB "return"

typedef struct {
    DaIntakeOptions common;
    char *reason;
    char **packages;
} Options;

static void options_clear(Options *options)
{
    da_cli_intake_options_clear(&options->common);
    g_free(options->reason);
    g_strfreev(options->packages);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    DaIntakeOptions *common = &options->common;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &common->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options->reason,
         "why, without personal data: it stands in the notice / 退回原因", "TEXT"},
        {"package", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->packages,
         "return only this package; may be given more than once / 只退回此包", "ID"},
        {"receipt", 0, 0, G_OPTION_ARG_FILENAME, &common->receipt,
         "write the return notice, and a page beside it / 写退回通知", "FILE.json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &common->json, "print a summary as JSON / 输出 JSON",
         NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "BATCH",
        "Returns a batch that was received, or some of its packages, with a reason and the "
        "findings of the last check. What was kept of them is removed, but for what dossiers of "
        "the archive hold too; the record with its digests stays.\n"
        "退回一批已收件的档案包（或其中若干包），附原因和问题；所存内容随即清除，记录与摘要保留。",
        "dangan return --archive /srv/archive 2026-17 --reason 3卷缺页 --receipt 退回通知.json",
        error);
}

static void print_result(const Options *options, const char *batch, const DaReturnResult *result)
{
    g_autofree char *size = g_format_size(result->bytes_removed);
    if (options->common.json)
        da_cli_print_json(json_pack("{s:s, s:i, s:b, s:I, s:I, s:I}", "batch", batch, "returned",
                                    (int)result->returned, "unchanged", result->unchanged,
                                    "receipt", (json_int_t)result->record, "objects_removed",
                                    (json_int_t)result->objects_removed, "bytes_removed",
                                    (json_int_t)result->bytes_removed),
                          FALSE);
    else
        printf(da_cli_chinese() ? "批次 %s: 退回 %u 包%s, 清除 %s; 通知编号 %" G_GUINT64_FORMAT "\n"
                                : "batch %s: %u packages returned%s, %s removed; notice No. "
                                  "%" G_GUINT64_FORMAT "\n",
               batch, result->returned,
               !result->unchanged ? ""
               : da_cli_chinese() ? " (此前已退回)"
                                  : " (they were already)",
               size, result->record);
}

static gboolean return_batch(const Options *options, const char *batch, GError **error)
{
    g_auto(DaIntakeWork) work = {0};
    DaReturnResult result = {0};
    if (!da_cli_intake_open(&work, &options->common, VERB, FALSE, error) ||
        !da_intake_return(work.archive, work.db, batch, options->packages, options->reason, &result,
                          error) ||
        !da_cli_receipt_write(work.archive, work.db, result.record, options->common.receipt, error))
        return FALSE;
    print_result(options, batch, &result);
    return TRUE;
}

int da_cli_return(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    gboolean parsed = parse(&argc, &argv, &options, &error);
    if (parsed && argc != 2)
        parsed = da_error_set(&error, DA_ERROR_USAGE,
                              "wanted is one batch; dangan batches lists them; see dangan return "
                              "--help");
    return parsed && return_batch(&options, argv[1], &error) ? 0 : da_cli_fail(VERB, error);
}
