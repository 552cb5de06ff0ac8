#include "receipt.h"
#include "cli.h"

#include <dangan/error.h>
#include <dangan/sign.h>
#include <stdio.h>
#include <string.h>

#define VERB "receipt"

static void options_clear(DaReceiptOptions *options)
{
    g_free(options->key);
    g_free(options->algorithm);
    g_strfreev(options->packages);
    g_free(options->archive);
    g_free(options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaReceiptOptions, options_clear)

static gboolean parse(int *argc, char ***argv, DaReceiptOptions *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &options->key,
         "check: the public key that must have signed / 应为此公钥所签", "FILE"},
        {"package", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->packages,
         "check: a package folder that a receipt names, byte for byte / 核对档案包", "DIR"},
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "write: the archive folder / 档案库文件夹", "DIR"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &options->out,
         "write: folder for the receipts / 输出文件夹", "FOLDER"},
        {"algorithm", 0, 0, G_OPTION_ARG_STRING, &options->algorithm,
         "key: ed25519 (default) or sm2 / 签名算法", "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "check: print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "check FILE… | write [DOSSIER|NUMBER] | key FILE",
        "check: says offline whether signed verdicts and receipts (JSON or page; files or a folder "
        "of them) are unaltered and by whose key, whether a receipt between them is missing, and "
        "whether packages are as they say.\n"
        "write: the receipts of an archive, of a dossier or one number, as JSON and as pages to be "
        "printed, with the public key.\n"
        "key: makes a key for signing: FILE, for the signer alone, and FILE.pub, for all who "
        "check.\n"
        "离线核验验收结论与回执是否被改动、由谁签署、有无缺号, 档案包是否相符; 或输出回执; "
        "或生成签名密钥。\n\n"
        "Exit status of check: 0 all fits, 1 a receipt is missing or a package differs, 2 a "
        "document was altered or is signed by another key.",
        "dangan receipt check receipts/ --key archive.key.pub --package packages/…", error);
}

/* --- key ------------------------------------------------------------------------------------------------------------------- */

static gboolean make_key(const DaReceiptOptions *options, const char *path, GError **error)
{
    DaSignAlgorithm algorithm =
        options->algorithm ? da_sign_algorithm_by_name(options->algorithm) : DA_SIGN_ED25519;
    if (algorithm == DA_SIGN_N)
        return da_error_set(error, DA_ERROR_USAGE, "no algorithm '%s': ed25519 or sm2",
                            options->algorithm);
    if (!da_sign_key_make(path, algorithm, error))
        return FALSE;
    g_autoptr(DaSignKey) key = da_sign_key_load(path, error);
    g_autofree char *fingerprint = key ? da_sign_key_fingerprint(key) : NULL;
    if (!key)
        return FALSE;
    gboolean chinese = da_cli_chinese();
    printf(chinese ? "%s: 私钥，只供签署者使用\n%s.pub: 公钥，交给核验者\n指纹: %s\n"
                   : "%s: private, for the signer alone\n%s.pub: public, for all who check\n"
                     "fingerprint: %s\n",
           path, path, fingerprint);
    return TRUE;
}

/* The exit status; -1 with error. */
static int run(const DaReceiptOptions *options, int n, char **words, GError **error)
{
    const char *action = n > 0 ? words[0] : "";
    if (!strcmp(action, "check") && n > 1)
        return da_receipt_cli_check(options, words + 1, n - 1, error);
    if (!strcmp(action, "write") && n <= 2)
        return da_receipt_cli_write(options, n == 2 ? words[1] : NULL, error) ? 0 : -1;
    if (!strcmp(action, "key") && n == 2)
        return make_key(options, words[1], error) ? 0 : -1;
    da_error_set(error, DA_ERROR_USAGE,
                 "wanted: check FILE…, write [DOSSIER|NUMBER], or key FILE; see dangan receipt "
                 "--help");
    return -1;
}

int da_cli_receipt(int argc, char **argv)
{
    g_auto(DaReceiptOptions) options = {0};
    g_autoptr(GError) error = NULL;
    int status =
        parse(&argc, &argv, &options, &error) ? run(&options, argc - 1, argv + 1, &error) : -1;
    return status < 0 ? da_cli_fail(VERB, error) : status;
}
