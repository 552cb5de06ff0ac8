#include "cli.h"
#include "receipt.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/receipt.h>
#include <dangan/signed_page.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const DaReceiptOptions *options;
    DaSignKey *key;      /* NULL = whichever signed */
    GArray *links;       /* DaReceiptLink */
    GPtrArray *checked;  /* DaSigned *, the owner of their documents */
    GPtrArray *names;    /* char *: of files */
    GPtrArray *problems; /* char * */
} Check;

static void check_clear(Check *check)
{
    for (guint i = 0; i < check->links->len; i++)
        g_free(g_array_index(check->links, DaReceiptLink, i).sha256);
    g_array_unref(check->links);
    g_ptr_array_unref(check->checked);
    g_ptr_array_unref(check->names);
    g_ptr_array_unref(check->problems);
    da_sign_key_free(check->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Check, check_clear)

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean check_file(Check *check, const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    g_autoptr(GBytes) file = da_file_read(path, DA_SIGNED_MAX_BYTES, error);
    if (!file)
        return FALSE;
    DaSigned *checked = da_receipt_check(file, check->key, error);
    if (!checked) {
        g_prefix_error(error, "'%s': ", shown);
        return FALSE;
    }
    g_ptr_array_add(check->checked, checked);
    g_ptr_array_add(check->names, g_strdup(shown));
    g_autofree char *text = da_signed_page_document(file);
    DaReceiptLink link = {check->names->pdata[check->names->len - 1], checked->document,
                          g_strdup(da_digest_bytes(text, strlen(text)).hex)};
    g_array_append_val(check->links, link);
    return TRUE;
}

static gboolean is_receipt_name(const char *name)
{
    return g_str_has_suffix(name, ".json") || g_str_has_suffix(name, ".html");
}

static gboolean check_folder(Check *check, const char *path, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(path, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *file = g_build_filename(path, names->pdata[i], NULL);
        if (is_receipt_name(names->pdata[i]) && !check_file(check, file, error))
            return FALSE;
    }
    return names != NULL;
}

/* The receipt that names the package best; of several the last. */
static const DaSigned *receipt_of(const Check *check, const char *package)
{
    const DaSigned *best = check->checked->pdata[0];
    guint how = 0;
    for (guint i = 0; i < check->checked->len; i++) {
        const DaSigned *checked = check->checked->pdata[i];
        guint names = da_receipt_names(checked->document, package);
        if (names < how)
            continue;
        how = names;
        best = checked;
    }
    return best;
}

static gboolean check_packages(Check *check, GError **error)
{
    for (char **package = check->options->packages; package && *package; package++)
        if (!da_receipt_check_package(receipt_of(check, *package)->document, *package,
                                      check->problems, error))
            return FALSE;
    return TRUE;
}

/* --- telling --------------------------------------------------------------------------------------------------------- */

static const char *outcome_of(const DaSigned *checked)
{
    const json_t *body = json_object_get(checked->document, "body");
    return json_string_value(json_object_get(body ? body : checked->document, "outcome"));
}

static const char *kind_of(const DaSigned *checked)
{
    const char *kind = json_string_value(json_object_get(checked->document, "kind"));
    return kind ? kind : checked->kind;
}

static json_t *checked_json(const DaSigned *checked)
{
    json_t *json =
        json_pack("{s:b, s:s?, s:s?, s:s?, s:s?, s:s, s:s}", "unaltered", 1, "kind",
                  kind_of(checked), "outcome", outcome_of(checked), "signed_by", checked->signed_by,
                  "signed_at", checked->signed_at, "algorithm",
                  da_sign_algorithm_name(checked->algorithm), "key", checked->fingerprint);
    json_t *number = json_object_get(checked->document, "number");
    if (number)
        json_object_set(json, "number", number);
    return json;
}

/* One file is told as it always was; several as a list. */
static void print_json(const Check *check)
{
    json_t *files = json_array(), *problems = json_array();
    for (guint i = 0; i < check->checked->len; i++)
        json_array_append_new(files, checked_json(check->checked->pdata[i]));
    for (guint i = 0; i < check->problems->len; i++)
        json_array_append_new(problems, json_string(check->problems->pdata[i]));
    json_t *json = json_array_size(files) == 1 ? json_incref(json_array_get(files, 0))
                                               : json_pack("{s:O}", "files", files);
    json_object_set_new(json, "problems", problems);
    json_decref(files);
    da_cli_print_json(json, FALSE);
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

static void print_checked(const DaSigned *checked, gboolean chinese)
{
    json_int_t number = json_integer_value(json_object_get(checked->document, "number"));
    g_autofree char *shown = g_strdup_printf("%" JSON_INTEGER_FORMAT, number);
    puts(chinese ? "未被改动" : "unaltered");
    print_pair(chinese ? "类型" : "kind", kind_of(checked));
    if (number)
        print_pair(chinese ? "编号" : "number", shown);
    print_pair(chinese ? "结论" : "outcome", outcome_of(checked));
    print_pair(chinese ? "签署" : "signed by", checked->signed_by);
    print_pair(chinese ? "时间" : "at", checked->signed_at);
    print_pair(chinese ? "算法" : "algorithm", da_sign_algorithm_name(checked->algorithm));
    print_pair(chinese ? "公钥指纹" : "key", checked->fingerprint);
}

static void print_key(const Check *check, gboolean chinese)
{
    if (check->key)
        printf(chinese ? "  由 %s 的密钥所签\n" : "  it is the key of %s\n", check->options->key);
    else
        puts(chinese ? "  签署者是谁，须以其公布的指纹核对 (--key)"
                     : "  whose key that is: compare with what the signer has made known (--key)");
}

static void print_text(const Check *check)
{
    gboolean chinese = da_cli_chinese();
    guint n = check->checked->len;
    if (n == 1)
        print_checked(check->checked->pdata[0], chinese);
    else
        printf(chinese ? "%u 个文件均未被改动\n" : "%u files are unaltered\n", n);
    print_key(check, chinese);
    guint packages = check->options->packages ? g_strv_length(check->options->packages) : 0;
    if (packages && !check->problems->len)
        printf(chinese ? "  %u 个档案包与回执相符\n" : "  %u packages are as the receipts say\n",
               packages);
    for (guint i = 0; i < check->problems->len; i++)
        print_pair(chinese ? "问题" : "PROBLEM", check->problems->pdata[i]);
}

int da_receipt_cli_check(const DaReceiptOptions *options, char **paths, int n, GError **error)
{
    g_auto(Check) check = {
        .options = options,
        .links = g_array_new(FALSE, FALSE, sizeof(DaReceiptLink)),
        .checked = g_ptr_array_new_with_free_func((GDestroyNotify)da_signed_free),
        .names = g_ptr_array_new_with_free_func(g_free),
        .problems = g_ptr_array_new_with_free_func(g_free),
    };
    if (options->key && !(check.key = da_sign_key_load_public(options->key, error)))
        return -1;
    for (int i = 0; i < n; i++)
        if (!(g_file_test(paths[i], G_FILE_TEST_IS_DIR) ? check_folder
                                                        : check_file)(&check, paths[i], error))
            return -1;
    if (check.checked->len == 0) {
        da_error_set(error, DA_ERROR_INPUT, "there is no signed document (.json, .html)");
        return -1;
    }
    if (check.links->len > 1)
        da_receipt_check_chain(check.links, check.problems);
    if (!check_packages(&check, error))
        return -1;
    if (options->json)
        print_json(&check);
    else
        print_text(&check);
    return check.problems->len ? 1 : 0;
}
