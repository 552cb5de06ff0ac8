#include "action.h"

#include <dangan/audit.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/signed.h>
#include <stdio.h>
#include <string.h>

#define VERB "audit"
#define SEE "see dangan audit --help"

typedef struct {
    char *archive, *out, *key;
    char **checkpoints;
    char *district, *account, *dossier, *from, *to;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->out,     options->key,  options->district,
                           options->account, options->dossier, options->from, options->to};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(options->checkpoints);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"checkpoint", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->checkpoints,
         "verify: hold the entries against this checkpoint; may be given more than once / "
         "与存放别处的检查点核对",
         "FILE.json"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &options->key,
         "verify: public key that must have signed the checkpoints / 检查点应为此公钥所签", "FILE"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &options->out,
         "checkpoint, export: the file to write / 输出文件", "FILE"},
        {"district", 0, 0, G_OPTION_ARG_STRING, &options->district,
         "export: of this district / 只导出此区划", "CODE"},
        {"account", 0, 0, G_OPTION_ARG_STRING, &options->account,
         "export: of this account / 只导出此账号", "NAME"},
        {"dossier", 0, 0, G_OPTION_ARG_STRING, &options->dossier,
         "export: about this dossier / 只导出此案卷", "ID"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &options->from,
         "export: from this day, month or year on, UTC / 起始日期", "DATE"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &options->to,
         "export: up to this day, month or year, UTC / 截止日期", "DATE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "verify: print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "verify | checkpoint | export",
        "Who looked at what in the reading room. Every entry holds the digest of the former one of "
        "its district: verify finds what was changed, removed or put in. What was cut off at the "
        "end "
        "shows against a checkpoint, a small signed file: write one often and keep it where nobody "
        "who runs this archive can change it. export writes entries as lines of JSON. Exit status "
        "0: "
        "whole, 1: it is not.\n"
        "审计: 核验审计链 (篡改、删除、插入), 签发检查点 (应存放于他处, 以发现截尾), 导出记录。",
        "dangan audit checkpoint --archive /srv/archive --out /mnt/elsewhere/2026-03-02.json\n"
        "  dangan audit verify --archive /srv/archive --checkpoint /mnt/elsewhere/2026-03-02.json",
        error);
}

/* --- verify ---------------------------------------------------------------------------------------------------------- */

static gboolean load_checkpoint(const char *path, const DaSignKey *key, GPtrArray *checkpoints,
                                GError **error)
{
    g_autoptr(GBytes) text = da_file_read(path, DA_SIGNED_MAX_BYTES, error);
    g_autoptr(DaSigned) checked =
        text ? da_signed_check(g_bytes_get_data(text, NULL), g_bytes_get_size(text), key, error)
             : NULL;
    if (!checked || strcmp(checked->kind, "audit-checkpoint") != 0) {
        if (checked)
            da_error_set(error, DA_ERROR_INPUT, "it is no checkpoint of an audit");
        g_autofree char *shown = g_filename_display_name(path);
        g_prefix_error(error, "cannot use checkpoint '%s': ", shown);
        return FALSE;
    }
    g_ptr_array_add(checkpoints, json_incref(checked->document));
    return TRUE;
}

static GPtrArray *load_checkpoints(const Options *options, GError **error)
{
    g_autoptr(GPtrArray) checkpoints = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    g_autoptr(DaSignKey) key = options->key ? da_sign_key_load_public(options->key, error) : NULL;
    if (options->key && !key)
        return NULL;
    for (guint i = 0; options->checkpoints && options->checkpoints[i]; i++)
        if (!load_checkpoint(options->checkpoints[i], key, checkpoints, error))
            return NULL;
    return g_steal_pointer(&checkpoints);
}

static void print_verified(const DaAuditResult *result, gboolean as_json)
{
    json_t *problems = json_array();
    for (guint i = 0; i < result->problems->len; i++)
        json_array_append_new(problems, json_string(result->problems->pdata[i]));
    if (as_json) {
        da_cli_print_json(json_pack("{s:I, s:I, s:i, s:o}", "entries", (json_int_t)result->entries,
                                    "districts", (json_int_t)result->districts, "checkpoints",
                                    (int)result->checkpoints, "problems", problems),
                          FALSE);
        return;
    }
    json_decref(problems);
    for (guint i = 0; i < result->problems->len; i++)
        printf("%s %s\n",
               da_cli_chinese() ? "问题:" : "PROBLEM:", (const char *)result->problems->pdata[i]);
    printf(da_cli_chinese() ? "%" G_GUINT64_FORMAT " 条, %" G_GUINT64_FORMAT
                              " 个区划, %u 个检查点; %u 个问题\n"
                            : "%" G_GUINT64_FORMAT " entries of %" G_GUINT64_FORMAT
                              " districts, %u checkpoints; %u problems\n",
           result->entries, result->districts, result->checkpoints, result->problems->len);
}

static gboolean verify(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    g_auto(DaAuditResult) result = {0};
    g_autoptr(GPtrArray) checkpoints = load_checkpoints(options, error);
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress =
        checkpoints ? da_progress_new(stderr, chinese ? "条" : "entries", 0) : NULL;
    if (!checkpoints)
        return FALSE;
    da_progress_chinese(progress, chinese);
    gboolean read = da_audit_verify(call->db, checkpoints, progress, &result, error);
    g_clear_pointer(&progress, da_progress_free);
    if (!read)
        return FALSE;
    print_verified(&result, options->json);
    *status = result.problems->len ? 1 : 0;
    return TRUE;
}

/* --- checkpoint, export ---------------------------------------------------------------------------------------------- */

static gboolean needs_out(const Options *options, GError **error)
{
    return options->out || da_error_set(error, DA_ERROR_USAGE, "where to? give --out FILE; " SEE);
}

static gboolean checkpoint(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    if (!needs_out(options, error))
        return FALSE;
    g_autofree char *text = da_audit_checkpoint(call->archive, call->db, error);
    return text && da_file_write(options->out, text, strlen(text), error);
}

typedef struct {
    FILE *file;
    guint64 written;
} Export;

static gboolean write_entry(const json_t *entry, gpointer data, GError **error)
{
    Export *export = data;
    char *line = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
    gboolean written = fprintf(export->file, "%s\n", line) > 0;
    free(line);
    export->written++;
    return written || da_error_set(error, DA_ERROR_DISK, "cannot write the entries");
}

static gboolean export_entries(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    const DaAuditFilter filter = {.district = options->district,
                                  .account = options->account,
                                  .dossier = options->dossier,
                                  .from = options->from,
                                  .to = options->to};
    if (!needs_out(options, error))
        return FALSE;
    Export export = {.file = fopen(options->out, "wxe")};
    if (!export.file)
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot make file '%s': it is there already, or its folder is not",
                            options->out);
    gboolean read = da_audit_read(call->db, &filter, write_entry, &export, error);
    if (fclose(export.file) != 0 && read)
        read = da_error_set(error, DA_ERROR_DISK, "cannot write '%s'", options->out);
    if (read)
        printf(da_cli_chinese() ? "导出 %" G_GUINT64_FORMAT " 条\n"
                                : "%" G_GUINT64_FORMAT " entries written\n",
               export.written);
    return read;
}

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static const DaCliAction actions[] = {{"verify", 0, 0, verify},
                                      {"checkpoint", 0, 0, checkpoint},
                                      {"export", 0, 0, export_entries},
                                      {NULL}};

int da_cli_audit(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error) ||
        !da_cli_act(VERB, actions, options.archive, &options, argc - 1, argv + 1, &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
