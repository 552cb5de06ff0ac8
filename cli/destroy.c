#include "action.h"
#include "intake.h"
#include "password.h"

#include <dangan/account.h>
#include <dangan/destroy.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>

#define VERB "destroy"
#define SEE "see dangan destroy --help"

typedef struct {
    char *archive, *account, *reason, *receipt;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->account, options->reason, options->receipt};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"as", 0, 0, G_OPTION_ARG_STRING, &options->account,
         "propose, confirm, withdraw: account of whoever does it; its password is asked for, or "
         "read as one line from standard input / 办理人账号",
         "ACCOUNT"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options->reason,
         "propose, withdraw: why, without personal data / 原因", "TEXT"},
        {"receipt", 0, 0, G_OPTION_ARG_FILENAME, &options->receipt,
         "write the record, and a page beside it / 写销毁清册", "FILE.json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "list | propose DOSSIER… | confirm PROPOSAL | withdraw PROPOSAL",
        "Destroys dossiers whose time is over: one person proposes, another confirms, each with an "
        "account of its own (dangan user). A dossier stays while nobody has decided how long it is "
        "kept, while its time is not over, while a hold stands on it or it is under way. There is "
        "no way back: rows, images and text are removed, from copies with the next backup. The "
        "records of its life and a list of digests stay.\n"
        "销毁到期案卷: 一人申请、另一人核准; 未定期限、未到期、冻结或在途的案卷不能销毁。"
        "销毁后不可恢复, 仅留记录与摘要清单。",
        "dangan destroy list --archive /srv/archive\n"
        "  dangan destroy propose 1f0c… --as wang --reason 期满鉴定 --archive /srv/archive\n"
        "  dangan destroy confirm 31 --as li --archive /srv/archive --receipt 销毁清册.json",
        error);
}

/* --- who it is ------------------------------------------------------------------------------------------------------- */

static gboolean log_in(const DaCliCall *call, GError **error)
{
    const char *account = ((const Options *)call->options)->account;
    if (!account)
        return da_error_set(error, DA_ERROR_USAGE, "who does it? give --as ACCOUNT; " SEE);
    char *password = da_cli_password(account, error);
    gboolean good = password && da_account_check(call->db, account, password, error);
    da_cli_password_forget(password);
    return good;
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static gboolean propose(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    return log_in(call, error) &&
           da_cli_tell_record(call,
                              da_destroy_propose(call->archive, call->db, call->words,
                                                 options->account, options->reason, error),
                              options->receipt, options->json,
                              "proposed; another person confirms it as No. ",
                              "已申请, 须由另一人核准, 编号 ", error);
}

static gboolean withdraw(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    guint64 proposal = da_cli_record_number(call, "proposal", error);
    return proposal && log_in(call, error) &&
           da_cli_tell_record(call,
                              da_destroy_withdraw(call->archive, call->db, proposal,
                                                  options->account, options->reason, error),
                              options->receipt, options->json, "withdrawn with No. ",
                              "已撤销, 编号 ", error);
}

static void print_result(const Options *options, const DaDestroyResult *result)
{
    g_autofree char *size = g_format_size(result->bytes_removed);
    if (options->json)
        da_cli_print_json(json_pack("{s:I, s:b, s:i, s:I, s:I, s:I}", "record",
                                    (json_int_t)result->record, "unchanged", result->unchanged,
                                    "dossiers", (int)result->dossiers, "objects_removed",
                                    (json_int_t)result->objects_removed, "bytes_removed",
                                    (json_int_t)result->bytes_removed, "objects_kept",
                                    (json_int_t)result->objects_kept),
                          FALSE);
    else
        printf(da_cli_chinese()
                   ? "已销毁 %u 卷, 清除对象 %" G_GUINT64_FORMAT " 个 (%s), 另有 %" G_GUINT64_FORMAT
                     " 个为他卷共用而保留; 清册编号 %" G_GUINT64_FORMAT "\n"
                   : "%u dossiers destroyed; %" G_GUINT64_FORMAT
                     " objects removed (%s), %" G_GUINT64_FORMAT
                     " kept that others name too; certificate No. %" G_GUINT64_FORMAT "\n",
               result->dossiers, result->objects_removed, size, result->objects_kept,
               result->record);
}

static gboolean confirm(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    gboolean chinese = da_cli_chinese();
    guint64 proposal = da_cli_record_number(call, "proposal", error);
    if (!proposal || !log_in(call, error))
        return FALSE;
    g_autoptr(DaProgress) progress = da_progress_new(stderr, chinese ? "版本" : "versions", 0);
    da_progress_chinese(progress, chinese);
    const DaDestroyOptions confirming = {
        .account = options->account, .progress = progress, .stop = da_cli_stop_flag()};
    DaDestroyResult result;
    gboolean done =
        da_destroy_confirm(call->archive, call->db, proposal, &confirming, &result, error) &&
        da_cli_receipt_write(call->archive, call->db, result.record, options->receipt, error);
    g_clear_pointer(&progress, da_progress_free);
    if (done)
        print_result(options, &result);
    return done;
}

static void print_list(const json_t *list)
{
    gboolean chinese = da_cli_chinese();
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(list, "due"), i, one)
        printf("%s  %s  %s  %s %s\n", chinese ? "到期" : "due",
               json_string_value(json_object_get(one, "dossier")),
               json_string_value(json_object_get(one, "district")),
               chinese ? "保管至" : "kept until", json_string_value(json_object_get(one, "until")));
    json_array_foreach(json_object_get(list, "proposals"), i, one) printf(
        chinese ? "待核准  编号 %" JSON_INTEGER_FORMAT "  %s  %s  %" JSON_INTEGER_FORMAT " 卷\n"
                : "proposed  No. %" JSON_INTEGER_FORMAT "  %s  by %s  %" JSON_INTEGER_FORMAT
                  " dossiers\n",
        json_integer_value(json_object_get(one, "record")),
        json_string_value(json_object_get(one, "at")),
        json_string_value(json_object_get(one, "account")),
        json_integer_value(json_object_get(one, "dossiers")));
    json_array_foreach(json_object_get(list, "destroyed"), i, one)
        printf(chinese ? "已销毁  清册 %" JSON_INTEGER_FORMAT "  %s  %" JSON_INTEGER_FORMAT " 卷\n"
                       : "destroyed  No. %" JSON_INTEGER_FORMAT "  %s  %" JSON_INTEGER_FORMAT
                         " dossiers\n",
               json_integer_value(json_object_get(one, "record")),
               json_string_value(json_object_get(one, "at")),
               json_integer_value(json_object_get(one, "dossiers")));
}

static gboolean list(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    g_autoptr(json_t) all = da_destroy_list(call->db, error);
    if (!all)
        return FALSE;
    if (options->json)
        da_cli_print_json(json_incref(all), FALSE);
    else
        print_list(all);
    return TRUE;
}

static const DaCliAction actions[] = {{"list", 0, 0, list},
                                      {"propose", 1, -1, propose},
                                      {"confirm", 1, 1, confirm},
                                      {"withdraw", 1, 1, withdraw},
                                      {NULL}};

int da_cli_destroy(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error) ||
        !da_cli_receipt_check_name(options.receipt, &error) ||
        !da_cli_act(VERB, actions, options.archive, &options, argc - 1, argv + 1, &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
