#include "intake.h"

#include <dangan/error.h>
#include <stdio.h>

#define VERB "accept"

typedef struct {
    DaIntakeOptions common;
    char **verdicts;
    char *key;
} Options;

static void options_clear(Options *options)
{
    da_cli_intake_options_clear(&options->common);
    g_strfreev(options->verdicts);
    g_free(options->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    DaIntakeOptions *common = &options->common;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &common->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"verdict", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->verdicts,
         "signed verdict of dangan verify that accepts these packages; may be given more than "
         "once / 签名的验收结论",
         "FILE.json"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &options->key,
         "public key that must have signed it (default: verdict-key in dangan.conf) / "
         "结论应为此公钥所签",
         "FILE"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &common->profile,
         "rules to check by (default: the archive's) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &common->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"receipt", 0, 0, G_OPTION_ARG_FILENAME, &common->receipt,
         "write the acceptance receipt, and a page beside it / 写接收回执", "FILE.json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &common->json, "print a summary as JSON / 输出 JSON",
         NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "BATCH",
        "Accepts a batch that was received: the automatic rules must pass on every package, and "
        "where the profile wants a sample, a signed verdict must accept just these packages. Then "
        "each becomes a dossier that can be looked up. What was checked stays checked: the same "
        "command goes on. Exit status 0: accepted, 1: rules refuse packages, or a verdict is due; "
        "3: some packages could not be taken and are named.\n"
        "验收一批已收件的档案包：机检全部合格并附抽检结论后入库，签发接收回执。",
        "dangan accept --archive /srv/archive 2026-17 --verdict verdict.json --key "
        "district.key.pub \\\n      --receipt 接收回执.json",
        error);
}

/* The key whose verdicts count; `*key` NULL = none is named. */
static gboolean load_key(const Options *options, const DaArchive *archive, DaSignKey **key,
                         GError **error)
{
    const char *path =
        options->key ? options->key : da_config_text(da_archive_config(archive), "verdict-key");
    *key = path ? da_sign_key_load_public(path, error) : NULL;
    return !path || *key;
}

static const char *outcome_name(const DaAcceptResult *result)
{
    static const char *const names[] = {"accepted", "refused", "verdict-due"};
    return names[result->outcome];
}

static json_t *rules_json(const DaIntakeWork *work)
{
    json_t *rules = json_object();
    GHashTableIter iter;
    gpointer rule, packages;
    g_hash_table_iter_init(&iter, work->rules);
    while (g_hash_table_iter_next(&iter, &rule, &packages))
        json_object_set_new(rules, rule, json_integer(GPOINTER_TO_UINT(packages)));
    return rules;
}

static void print_json(const DaIntakeWork *work, const char *batch, const DaAcceptResult *result)
{
    da_cli_print_json(json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:I, s:o, s:O}", "batch",
                                batch, "outcome", outcome_name(result), "unchanged",
                                result->unchanged, "checked", (int)result->checked, "refused",
                                (int)result->refused, "kept", (int)result->kept, "wrong",
                                (int)result->wrong, "receipt", (json_int_t)result->record, "rules",
                                rules_json(work), "packages", work->packages),
                      FALSE);
}

static void print_text(const char *batch, const DaAcceptResult *result)
{
    gboolean chinese = da_cli_chinese();
    if (result->outcome == DA_INTAKE_NOT_PASSED)
        printf(chinese ? "批次 %s 未接收: %u 包机检不合格; 可用 dangan return "
                         "退回全批或其中的包 (--package)\n"
                       : "batch %s is not accepted: automatic rules refuse %u packages; return the "
                         "batch, or only those (dangan return --package)\n",
               batch, result->refused);
    else if (result->outcome == DA_INTAKE_VERDICT_DUE)
        printf(chinese
                   ? "批次 %s 机检全部合格, 尚需验收结论 (--verdict): 用 dangan batches %s --out "
                     "FOLDER 取出, 再用 dangan verify --sample 验收\n"
                   : "batch %s: the automatic rules pass on all, and a verdict is due: write the "
                     "packages out (dangan batches %s --out FOLDER), judge them (dangan verify "
                     "--sample) and give --verdict\n",
               batch, batch);
    else if (result->unchanged)
        printf(chinese ? "批次 %s 已接收: 回执编号 %" G_GUINT64_FORMAT "\n"
                       : "batch %s is accepted already: receipt No. %" G_GUINT64_FORMAT "\n",
               batch, result->record);
    else
        printf(chinese ? "批次 %s: 入库 %u 卷, 未能入库 %u; 回执编号 %" G_GUINT64_FORMAT "\n"
                       : "batch %s: %u dossiers accepted, %u could not be taken; receipt No. "
                         "%" G_GUINT64_FORMAT "\n",
               batch, result->kept, result->wrong, result->record);
}

static gboolean accept_batch(const Options *options, const char *batch, int *status, GError **error)
{
    g_auto(DaIntakeWork) work = {0};
    DaAcceptResult result = {0};
    g_autoptr(DaSignKey) key = NULL;
    if (!da_cli_intake_open(&work, &options->common, VERB, TRUE, error) ||
        !load_key(options, work.archive, &key, error))
        return FALSE;
    const DaAcceptOptions accepting = {
        .profile = work.profile, .verdicts = options->verdicts, .trusted = key};
    gboolean done =
        da_intake_accept(work.archive, work.db, batch, &accepting, &work.watch, &result, error) &&
        (!result.record || da_cli_receipt_write(work.archive, work.db, result.record,
                                                options->common.receipt, error));
    g_clear_pointer(&work.progress, da_progress_free);
    if (done && options->common.json)
        print_json(&work, batch, &result);
    else if (done)
        print_text(batch, &result);
    *status = result.outcome != DA_INTAKE_ACCEPTED ? 1 : result.wrong ? 3 : 0;
    return done;
}

int da_cli_accept(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    gboolean parsed = parse(&argc, &argv, &options, &error);
    if (parsed && argc != 2)
        parsed = da_error_set(&error, DA_ERROR_USAGE,
                              "wanted is one batch; dangan batches lists them; see dangan accept "
                              "--help");
    if (!parsed || !accept_batch(&options, argv[1], &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
