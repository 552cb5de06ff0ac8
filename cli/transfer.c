#include "intake.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/transfer.h>
#include <stdio.h>
#include <string.h>

#define VERB "transfer"
#define SEE "see dangan transfer --help"

typedef struct {
    char *archive, *to, *reason, *by, *receipt;
    gboolean open, json;
} Options;

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const Options *options;
    char **words; /* behind the action */
} Call;

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

static gboolean tell(const Call *call, guint64 record, const char *words, const char *words_zh,
                     GError **error)
{
    if (!record ||
        !da_cli_receipt_write(call->archive, call->db, record, call->options->receipt, error))
        return FALSE;
    if (call->options->json)
        da_cli_print_json(json_pack("{s:I}", "record", (json_int_t)record), FALSE);
    else
        printf("%s%" G_GUINT64_FORMAT "\n", da_cli_chinese() ? words_zh : words, record);
    return TRUE;
}

/* The number of a slip as it was typed; 0 with error. */
static guint64 slip_of(const Call *call, GError **error)
{
    guint64 slip = 0;
    if (call->words[1] ||
        !g_ascii_string_to_unsigned(call->words[0], 10, 1, G_MAXINT64, &slip, NULL))
        da_error_set(error, DA_ERROR_USAGE, "wanted is the number of one slip; " SEE);
    return slip;
}

static gboolean send(const Call *call, GError **error)
{
    const DaTransferOptions options = {
        .to = call->options->to, .reason = call->options->reason, .by = call->options->by};
    return tell(call, da_transfer_send(call->archive, call->db, call->words, &options, error),
                "sent with slip No. ", "已发出, 转递单编号 ", error);
}

static gboolean receive(const Call *call, GError **error)
{
    guint64 slip = slip_of(call, error);
    return slip &&
           tell(call, da_transfer_receive(call->archive, call->db, slip, call->options->by, error),
                "received; return receipt No. ", "已接收, 回执编号 ", error);
}

static gboolean withdraw(const Call *call, GError **error)
{
    guint64 slip = slip_of(call, error);
    return slip && tell(call,
                        da_transfer_withdraw(call->archive, call->db, slip, call->options->reason,
                                             call->options->by, error),
                        "withdrawn with No. ", "已撤销, 编号 ", error);
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

static gboolean list(const Call *call, GError **error)
{
    g_autoptr(json_t) slips = da_transfer_list(call->db, call->options->open, error);
    size_t i;
    json_t *slip;
    if (!slips)
        return FALSE;
    if (call->options->json)
        da_cli_print_json(json_incref(slips), FALSE);
    else
        json_array_foreach(slips, i, slip) print_slip(slip, da_cli_chinese());
    return TRUE;
}

static const struct {
    const char *name;
    gboolean needs_words;
    gboolean (*run)(const Call *call, GError **error);
} actions[] = {{"send", TRUE, send},
               {"receive", TRUE, receive},
               {"withdraw", TRUE, withdraw},
               {"list", FALSE, list}};

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static gboolean run(const Options *options, int n, char **words, GError **error)
{
    guint action = 0;
    while (action < G_N_ELEMENTS(actions) &&
           (n < 1 || strcmp(words[0], actions[action].name) != 0 ||
            (n > 1) != actions[action].needs_words))
        action++;
    if (action == G_N_ELEMENTS(actions) || !options->archive)
        return da_error_set(error, DA_ERROR_USAGE,
                            "wanted: an action with its dossiers or slip, and --archive DIR; " SEE);
    if (!da_cli_receipt_check_name(options->receipt, error))
        return FALSE;
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    const Call call = {.archive = archive, .db = db, .options = options, .words = words + 1};
    return db && actions[action].run(&call, error);
}

int da_cli_transfer(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error) || !run(&options, argc - 1, argv + 1, &error))
        return da_cli_fail(VERB, error);
    return 0;
}
