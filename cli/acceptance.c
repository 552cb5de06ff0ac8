#include "acceptance.h"

#include "cli.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

void da_acceptance_options_clear(DaAcceptanceOptions *options)
{
    g_free(options->seed);
    g_free(options->list);
    g_strfreev(options->verdicts);
    g_free(options->verdict);
    g_free(options->key);
    g_free(options->signer);
}

gboolean da_acceptance_is_wanted(const DaAcceptanceOptions *options)
{
    return options->seed || options->list || options->verdicts || options->verdict;
}

static gboolean is_same_file(const char *a, const char *b)
{
    g_autofree char *first = g_canonicalize_filename(a, NULL);
    g_autofree char *second = g_canonicalize_filename(b, NULL);
    return !strcmp(first, second);
}

static gboolean is_read(const DaAcceptanceOptions *options, const char *list)
{
    for (guint i = 0; options->verdicts && options->verdicts[i]; i++)
        if (is_same_file(list, options->verdicts[i]))
            return TRUE;
    return FALSE;
}

/* What people wrote must not be lost because an option was forgotten. */
static gboolean list_is_free(const DaAcceptanceOptions *options, GError **error)
{
    for (guint part = 1; options->list; part++) {
        g_autofree char *list = da_sample_list_part(options->list, part);
        if (!g_file_test(list, G_FILE_TEST_EXISTS))
            return TRUE;
        if (!is_read(options, list))
            return da_error_set(error, DA_ERROR_CONFLICT,
                                "'%s' exists and may have been filled in: name it with --verdicts "
                                "too, or write the list under another name",
                                list);
    }
    return TRUE;
}

static gboolean check_document(const DaAcceptanceOptions *options, GError **error)
{
    if (!options->verdict)
        return (!options->key && !options->signer) ||
               da_error_set(error, DA_ERROR_USAGE,
                            "--key and --signer are for the document of --verdict FILE.json");
    if (!g_str_has_suffix(options->verdict, ".json"))
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot write verdict '%s': the name must end in .json (a page of the "
                            "same name is written beside it)",
                            options->verdict);
    if (!options->key || !options->signer)
        return da_error_set(error, DA_ERROR_USAGE,
                            "a verdict is signed: --key FILE (dangan receipt key makes one) and "
                            "--signer NAME are missing");
    g_autoptr(DaSignKey) key = da_sign_key_load(options->key, error);
    return key != NULL;
}

gboolean da_acceptance_check(const DaAcceptanceOptions *options, GError **error)
{
    if (options->seed && !*options->seed)
        return da_error_set(error, DA_ERROR_USAGE, "the seed of the sample is empty");
    if (options->seed && !g_utf8_validate(options->seed, -1, NULL))
        return da_error_set(error, DA_ERROR_USAGE, "the seed of the sample is no UTF-8");
    for (guint i = 0; options->verdicts && options->verdicts[i]; i++)
        if (!g_file_test(options->verdicts[i], G_FILE_TEST_EXISTS))
            return da_error_set(error, DA_ERROR_NOT_FOUND, "there are no verdicts at '%s'",
                                options->verdicts[i]);
    return list_is_free(options, error) && check_document(options, error);
}

/* "x.json" and "x.html": one document, once for programs and once for people. */
static gboolean write_documents(const DaAcceptanceOptions *options, json_t *document,
                                GError **error)
{
    g_autoptr(DaSignKey) key = da_sign_key_load(options->key, error);
    g_autofree char *text = key ? da_signed_text(document, options->signer, key, error) : NULL;
    g_autofree char *html = text ? da_verdict_html(text, error) : NULL;
    g_autofree char *stem = g_strndup(options->verdict, strlen(options->verdict) - strlen(".json"));
    g_autofree char *page = g_strconcat(stem, ".html", NULL);
    return html && da_file_write(options->verdict, text, strlen(text), error) &&
           da_file_write(page, html, strlen(html), error);
}

gboolean da_acceptance_run(DaAcceptance *acceptance, const DaAcceptanceOptions *options,
                           const GPtrArray *verifications, const DaProfile *profile, GError **error)
{
    acceptance->sample = da_sample_draw(verifications, profile, options->seed, error);
    if (!acceptance->sample)
        return FALSE;
    acceptance->verdict =
        da_verdict_reach(verifications, acceptance->sample, options->verdicts, profile, error);
    if (!acceptance->verdict)
        return FALSE;
    acceptance->document =
        da_verdict_json(acceptance->verdict, verifications, acceptance->sample, profile);
    if (options->list &&
        !da_sample_write(acceptance->sample, options->list, da_cli_chinese(), error))
        return FALSE;
    return !options->verdict || write_documents(options, acceptance->document, error);
}

void da_acceptance_clear(DaAcceptance *acceptance)
{
    da_sample_free(acceptance->sample);
    da_verdict_free(acceptance->verdict);
    json_decref(acceptance->document);
}

void da_acceptance_add_to_report(const DaAcceptance *acceptance, json_t *report)
{
    static const char *const members[] = {"outcome", "reasons", "sample"};
    json_t *verdict = json_object();
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        json_t *member = json_object_get(acceptance->document, members[i]);
        if (member)
            json_object_set(verdict, members[i], member);
    }
    json_object_set_new(report, "verdict", verdict);
}
