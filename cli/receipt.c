#include "cli.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/verdict.h>
#include <stdio.h>
#include <string.h>

#define VERB "receipt"

typedef struct {
    char *key, *algorithm;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->key);
    g_free(options->algorithm);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &options->key,
         "check: the public key that must have signed / 应为此公钥所签", "FILE"},
        {"algorithm", 0, 0, G_OPTION_ARG_STRING, &options->algorithm,
         "key: ed25519 (default) or sm2 / 签名算法", "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "check: print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(argc, argv, entries, "check FILE | key FILE",
                        "check: says offline whether a signed verdict or receipt (its JSON or its "
                        "page) is unaltered, and by whose key.\n"
                        "key: makes a key for signing: FILE, for the signer alone, and FILE.pub, "
                        "for all who check.\n"
                        "核验验收结论或回执是否被改动、由谁签署; 或生成签名密钥。",
                        "dangan receipt check verdict.json --key district.key.pub", error);
}

/* --- check --------------------------------------------------------------------------------------------------------------- */

static json_t *checked_json(const DaSigned *checked)
{
    const json_t *outcome = json_object_get(checked->document, "outcome");
    return json_pack("{s:b, s:s?, s:s?, s:s?, s:s?, s:s, s:s}", "unaltered", 1, "kind",
                     checked->kind, "outcome", json_string_value(outcome), "signed_by",
                     checked->signed_by, "signed_at", checked->signed_at, "algorithm",
                     da_sign_algorithm_name(checked->algorithm), "key", checked->fingerprint);
}

/* Texts of a document are its signer's, and a terminal obeys control characters. */
static void print_pair(const char *term, const char *text)
{
    g_autofree char *shown = g_strdup(text ? text : "—");
    for (char *p = shown; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    printf("  %s: %s\n", term, shown);
}

static void print_checked(const DaSigned *checked, const char *key)
{
    gboolean chinese = da_cli_chinese();
    puts(chinese ? "未被改动" : "unaltered");
    print_pair(chinese ? "类型" : "kind", checked->kind);
    print_pair(chinese ? "结论" : "outcome",
               json_string_value(json_object_get(checked->document, "outcome")));
    print_pair(chinese ? "签署" : "signed by", checked->signed_by);
    print_pair(chinese ? "时间" : "at", checked->signed_at);
    print_pair(chinese ? "算法" : "algorithm", da_sign_algorithm_name(checked->algorithm));
    print_pair(chinese ? "公钥指纹" : "key", checked->fingerprint);
    if (key)
        printf(chinese ? "  由 %s 的密钥所签\n" : "  it is the key of %s\n", key);
    else
        puts(chinese ? "  签署者是谁，须以其公布的指纹核对 (--key)"
                     : "  whose key that is: compare with what the signer has made known (--key)");
}

static gboolean check(const Options *options, const char *path, GError **error)
{
    g_autoptr(DaSignKey) key = NULL;
    if (options->key) {
        key = da_sign_key_load_public(options->key, error);
        if (!key)
            return FALSE;
    }
    g_autoptr(GBytes) file = da_file_read(path, DA_SIGNED_MAX_BYTES, error);
    g_autoptr(DaSigned) checked = file ? da_verdict_check(file, key, error) : NULL;
    if (!checked) {
        if (file)
            g_prefix_error(error, "'%s': ", path);
        return FALSE;
    }
    if (options->json)
        da_cli_print_json(checked_json(checked), FALSE);
    else
        print_checked(checked, options->key);
    return TRUE;
}

/* --- key ------------------------------------------------------------------------------------------------------------------- */

static gboolean make_key(const Options *options, const char *path, GError **error)
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

static gboolean run(const Options *options, int n, char **words, GError **error)
{
    if (n != 2)
        return da_error_set(error, DA_ERROR_USAGE,
                            "wanted: check FILE, or key FILE; see dangan receipt --help");
    if (!strcmp(words[0], "check"))
        return check(options, words[1], error);
    if (!strcmp(words[0], "key"))
        return make_key(options, words[1], error);
    return da_error_set(error, DA_ERROR_USAGE, "no '%s': check or key; see dangan receipt --help",
                        words[0]);
}

int da_cli_receipt(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error) || !run(&options, argc - 1, argv + 1, &error))
        return da_cli_fail(VERB, error);
    return 0;
}
