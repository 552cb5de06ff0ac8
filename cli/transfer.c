#include "action.h"
#include "intake.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/transfer.h>
#include <stdio.h>
#include <string.h>

#define VERB "transfer"

typedef struct {
    char *archive, *to, *reason, *by, *receipt;
    gboolean open, json;
} Options;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->to, options->reason, options->by,
                           options->receipt};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &options->to,
         "send: district that they go to, GB/T 2260 / 转往的区划代码", "CODE"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options->reason,
         "send, withdraw: why, without personal data / 转递或撤销的原因", "TEXT"},
        {"by", 0, 0, G_OPTION_ARG_STRING, &options->by,
         "who records it (default: the system's user name) / 经办人", "NAME"},
        {"receipt", 0, 0, G_OPTION_ARG_FILENAME, &options->receipt,
         "write the slip or the return receipt, and a page beside it / 写转递单或回执",
         "FILE.json"},
        {"open", 0, 0, G_OPTION_ARG_NONE, &options->open, "list: only what is under way / 只列在途",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "send DOSSIER… | receive SLIP | withdraw SLIP | list",
        "Sends dossiers to another district of the archive. They stay the sender's until the "
        "receiver "
        "has them and says so with the number of the slip; from then on they are the receiver's. A "
        "dossier on which a hold stands is not sent.\n"
        "把案卷转递到另一区: 开具转递单; 接收方凭单号确认后签发回执, 案卷即归接收方保管。",
        "dangan transfer send 1f0c… 7a2e… --to 310115 --reason 户籍迁入 --archive /srv/archive \\\n"
        "      --receipt 转递单.json\n"
        "  dangan transfer receive 17 --archive /srv/archive --receipt 回执.json",
        error);
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static gboolean send(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    const DaTransferOptions sending = {
        .to = options->to, .reason = options->reason, .by = options->by};
    return da_cli_tell_record(
        call, da_transfer_send(call->archive, call->db, call->words, &sending, error),
        options->receipt, options->json, "sent with slip No. ", "已发出, 转递单编号 ", error);
}

static gboolean receive(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    guint64 slip = da_cli_record_number(call, "slip", error);
    return slip && da_cli_tell_record(
                       call, da_transfer_receive(call->archive, call->db, slip, options->by, error),
                       options->receipt, options->json, "received; return receipt No. ",
                       "已接收, 回执编号 ", error);
}

static gboolean withdraw(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    guint64 slip = da_cli_record_number(call, "slip", error);
    return slip && da_cli_tell_record(call,
                                      da_transfer_withdraw(call->archive, call->db, slip,
                                                           options->reason, options->by, error),
                                      options->receipt, options->json, "withdrawn with No. ",
                                      "已撤销, 编号 ", error);
}

static void print_slip(const json_t *slip, gboolean chinese)
{
    const char *state = json_string_value(json_object_get(slip, "state"));
    const char *shown = !chinese                      ? state
                        : !strcmp(state, "received")  ? "已接收"
                        : !strcmp(state, "withdrawn") ? "已撤销"
                                                      : "在途";
    printf("%" JSON_INTEGER_FORMAT "  %s → %s  %" JSON_INTEGER_FORMAT " %s  %s  %s%s\n",
           json_integer_value(json_object_get(slip, "slip")),
           json_string_value(json_object_get(slip, "from")),
           json_string_value(json_object_get(slip, "to")),
           json_integer_value(json_object_get(slip, "dossiers")), chinese ? "卷" : "dossiers",
           json_string_value(json_object_get(slip, "at")), shown,
           !json_is_true(json_object_get(slip, "overdue")) ? ""
           : chinese                                       ? ", 逾期未回执, 请催询"
                                                           : ", overdue: ask for the receipt");
}

static gboolean list(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    g_autoptr(json_t) slips = da_transfer_list(call->db, options->open, error);
    size_t i;
    json_t *slip;
    if (!slips)
        return FALSE;
    if (options->json)
        da_cli_print_json(json_incref(slips), FALSE);
    else
        json_array_foreach(slips, i, slip) print_slip(slip, da_cli_chinese());
    return TRUE;
}

static const DaCliAction actions[] = {{"send", 1, -1, send},
                                      {"receive", 1, 1, receive},
                                      {"withdraw", 1, 1, withdraw},
                                      {"list", 0, 0, list},
                                      {NULL}};

int da_cli_transfer(int argc, char **argv)
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
