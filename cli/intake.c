#include "intake.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/receipt.h>
#include <string.h>

void da_cli_intake_options_clear(DaIntakeOptions *options)
{
    g_free(options->archive);
    g_free(options->profile);
    g_free(options->profile_dir);
    g_free(options->receipt);
}

gboolean da_cli_packages(const char *verb, int n, char **paths, GPtrArray *packages, GError **error)
{
    if (n == 0)
        return da_error_set(error, DA_ERROR_USAGE, "no package given; see dangan %s --help", verb);
    for (int i = 0; i < n; i++) {
        g_autoptr(GPtrArray) found = da_verify_find(paths[i], NULL, error);
        if (!found)
            return FALSE;
        g_ptr_array_extend_and_steal(packages, g_steal_pointer(&found));
    }
    return TRUE;
}

/* --- what is told ---------------------------------------------------------------------------------------------------- */

static const char *const states[] = {"received", "known",   "wrong", "finding",
                                     "passed",   "refused", "kept"};

static void count_rules(DaIntakeWork *work, const GPtrArray *findings)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; findings && i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (finding->severity < DA_SEVERITY_ERROR || finding->screened ||
            !g_hash_table_add(seen, finding->rule))
            continue;
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(work->rules, finding->rule));
        g_hash_table_insert(work->rules, g_strdup(finding->rule), GUINT_TO_POINTER(n + 1));
    }
}

/* The rules that refuse it, each once; empty = none. The caller owns it. */
static char *rules_of(const GPtrArray *findings)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *text = g_string_new(NULL);
    for (guint i = 0; findings && i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (finding->severity >= DA_SEVERITY_ERROR && !finding->screened &&
            g_hash_table_add(seen, finding->rule))
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", finding->rule);
    }
    return g_string_free(text, FALSE);
}

static void tell(const DaIntakeNews *news, gpointer data)
{
    DaIntakeWork *work = data;
    gboolean refused = news->kind == DA_INTAKE_REFUSED;
    g_autofree char *rules = refused ? rules_of(news->findings) : NULL;
    g_autofree char *base = g_path_get_basename(news->package);
    g_autofree char *shown = da_name_text(base);
    const char *words = rules ? rules : news->words;
    if (refused)
        count_rules(work, news->findings);
    json_array_append_new(work->packages, json_pack("{s:s, s:s, s:s?}", "package", shown, "state",
                                                    states[news->kind], "message", words));
    gboolean loud = news->kind == DA_INTAKE_WRONG || refused;
    da_progress_line(work->progress, "%s%s: %s%s%s", loud ? "FAILED " : "", shown,
                     states[news->kind], words ? ", " : "", words ? words : "");
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

gboolean da_cli_intake_open(DaIntakeWork *work, const DaIntakeOptions *options, const char *verb,
                            gboolean judges, GError **error)
{
    gboolean chinese = da_cli_chinese();
    *work = (DaIntakeWork){0};
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE,
                            "which archive? give --archive DIR; see dangan %s --help", verb);
    if (!da_cli_receipt_check_name(options->receipt, error))
        return FALSE;
    work->archive = da_archive_open(options->archive, error);
    if (!work->archive)
        return FALSE;
    const char *name = options->profile
                           ? options->profile
                           : da_config_text(da_archive_config(work->archive), "profile");
    work->db = da_archive_connect(work->archive, error);
    if (!work->db ||
        (judges && !(work->profile = da_profile_load(name, options->profile_dir, error))))
        return FALSE;
    work->packages = json_array();
    work->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    work->progress = da_progress_new(stderr, chinese ? "包" : "packages", 0);
    da_progress_chinese(work->progress, chinese);
    work->watch = (DaIntakeWatch){
        .progress = work->progress, .stop = da_cli_stop_flag(), .tell = tell, .data = work};
    return TRUE;
}

void da_cli_intake_clear(DaIntakeWork *work)
{
    g_clear_pointer(&work->progress, da_progress_free);
    g_clear_pointer(&work->packages, json_decref);
    g_clear_pointer(&work->rules, g_hash_table_unref);
    g_clear_pointer(&work->profile, da_profile_free);
    g_clear_pointer(&work->db, PQfinish);
    g_clear_pointer(&work->archive, da_archive_free);
}

/* --- receipts -------------------------------------------------------------------------------------------------------- */

gboolean da_cli_receipt_check_name(const char *path, GError **error)
{
    return !path || g_str_has_suffix(path, ".json") ||
           da_error_set(error, DA_ERROR_USAGE,
                        "cannot write receipt '%s': the name must end in .json (a page of the same "
                        "name is written beside it)",
                        path);
}

gboolean da_cli_receipt_write(DaArchive *archive, PGconn *db, guint64 number, const char *path,
                              GError **error)
{
    if (!path)
        return TRUE;
    g_autofree char *text = da_receipt_load(archive, db, number, error);
    g_autofree char *html = text ? da_receipt_html(text, error) : NULL;
    g_autofree char *stem = g_strndup(path, strlen(path) - strlen(".json"));
    g_autofree char *page = g_strconcat(stem, ".html", NULL);
    return html && da_file_write(path, text, strlen(text), error) &&
           da_file_write(page, html, strlen(html), error);
}
