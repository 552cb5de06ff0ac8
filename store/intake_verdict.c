#include "intake_verdict.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/signed_page.h>
#include <dangan/verdict.h>
#include <string.h>

typedef struct {
    const DaAcceptOptions *options;
    GHashTable *due, *decided; /* digests */
    GHashTable *named;         /* digests that are due and were named */
    DaIntakeVerdicts *verdicts;
} Reading;

static void reading_clear(Reading *reading)
{
    g_clear_pointer(&reading->due, g_hash_table_unref);
    g_clear_pointer(&reading->decided, g_hash_table_unref);
    g_clear_pointer(&reading->named, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

void da_intake_verdicts_clear(DaIntakeVerdicts *verdicts)
{
    g_clear_pointer(&verdicts->texts, g_ptr_array_unref);
    g_clear_pointer(&verdicts->summary, json_decref);
}

static GHashTable *digests_of(const GPtrArray *packages)
{
    GHashTable *digests = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < packages->len; i++)
        g_hash_table_add(digests, ((const DaIntakePackage *)packages->pdata[i])->digest);
    return digests;
}

/* --- one document ---------------------------------------------------------------------------------------------------- */

static gboolean says_accepted(const DaSigned *checked, const DaProfile *profile, GError **error)
{
    const json_t *document = checked->document;
    const json_t *judged = json_object_get(document, "profile");
    const char *outcome = da_signed_page_text(document, "outcome");
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, profile->xml);
    if (g_strcmp0(checked->kind, "acceptance-verdict") != 0)
        return da_error_set(error, DA_ERROR_INPUT, "it is no acceptance verdict, but of kind '%s'",
                            checked->kind ? checked->kind : "");
    if (strcmp(outcome, da_outcome_name(DA_OUTCOME_ACCEPTED)) != 0)
        return da_error_set(error, DA_ERROR_INPUT, "its outcome is '%s', not accepted", outcome);
    return !strcmp(da_signed_page_text(judged, "sha256"), digest) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "it was reached by profile '%s' %s, and packages come in by '%s' %s of "
                        "other text; give that one with --profile",
                        da_signed_page_text(judged, "name"), da_signed_page_text(judged, "version"),
                        profile->name, profile->version);
}

static gboolean names_what_waits(Reading *reading, const DaSigned *checked, GError **error)
{
    const json_t *packages = json_object_get(checked->document, "packages");
    for (gsize i = 0; i < json_array_size(packages); i++) {
        const json_t *package = json_array_get(packages, i);
        const char *digest = da_signed_page_text(package, "digest");
        gpointer due = NULL;
        if (g_hash_table_lookup_extended(reading->due, digest, &due, NULL))
            g_hash_table_add(reading->named, due);
        else if (!g_hash_table_contains(reading->decided, digest))
            return da_error_set(error, DA_ERROR_INPUT,
                                "it names package '%s' (digest %s), which does not wait in this "
                                "batch",
                                da_signed_page_text(package, "package"), digest);
    }
    return TRUE;
}

static void summarize(Reading *reading, const DaSigned *checked, const char *text)
{
    const json_t *document = checked->document;
    const json_t *sample = json_object_get(document, "sample");
    DaDigest digest = da_digest_bytes(text, strlen(text));
    json_array_append_new(
        reading->verdicts->summary,
        json_pack(
            "{s:s, s:I, s:s, s:s?, s:s?, s:s, s:s, s:I, s:I, s:I}", "sha256", digest.hex, "bytes",
            (json_int_t)strlen(text), "outcome", da_signed_page_text(document, "outcome"),
            "signed_by", checked->signed_by, "signed_at", checked->signed_at, "key",
            checked->fingerprint, "seed", da_signed_page_text(sample, "seed"), "drawn",
            da_signed_page_number(sample, "drawn"), "units", da_signed_page_number(sample, "units"),
            "packages", (json_int_t)json_array_size(json_object_get(document, "packages"))));
    g_ptr_array_add(reading->verdicts->texts, g_bytes_new(text, strlen(text)));
}

static gboolean read_one(Reading *reading, const char *path, GError **error)
{
    g_autoptr(GBytes) file = da_file_read(path, DA_SIGNED_MAX_BYTES, error);
    g_autoptr(DaSigned) checked =
        file ? da_verdict_check(file, reading->options->trusted, error) : NULL;
    if (!checked || !says_accepted(checked, reading->options->profile, error) ||
        !names_what_waits(reading, checked, error)) {
        g_autofree char *shown = g_filename_display_name(path);
        g_prefix_error(error, "cannot accept by verdict '%s': ", shown);
        return FALSE;
    }
    g_autofree char *text = da_signed_page_document(file);
    summarize(reading, checked, text);
    return TRUE;
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

static gboolean all_are_named(const Reading *reading, const GPtrArray *due, GError **error)
{
    for (guint i = 0; i < due->len; i++) {
        const DaIntakePackage *package = due->pdata[i];
        if (!g_hash_table_contains(reading->named, package->digest))
            return da_error_set(error, DA_ERROR_INPUT,
                                "no verdict names package '%s' (digest %s), which waits in the "
                                "batch; judge it too, or return it",
                                package->package, package->digest);
    }
    return TRUE;
}

gboolean da_intake_verdicts_read(DaIntakeVerdicts *verdicts, const DaAcceptOptions *options,
                                 const GPtrArray *due, const GPtrArray *decided, GError **error)
{
    verdicts->texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    verdicts->summary = json_array();
    if (!options->verdicts || !options->verdicts[0])
        return TRUE;
    if (!options->trusted)
        return da_error_set(error, DA_ERROR_USAGE,
                            "whose verdict is to be trusted? give the public key with --key, or "
                            "set verdict-key in dangan.conf");
    g_auto(Reading) reading = {.options = options,
                               .due = digests_of(due),
                               .decided = digests_of(decided),
                               .named = g_hash_table_new(g_str_hash, g_str_equal),
                               .verdicts = verdicts};
    for (guint i = 0; options->verdicts[i]; i++)
        if (!read_one(&reading, options->verdicts[i], error))
            return FALSE;
    return all_are_named(&reading, due, error);
}

gboolean da_intake_verdicts_keep(const DaIntakeVerdicts *verdicts, DaArchive *archive,
                                 GError **error)
{
    if (!verdicts->texts->len)
        return TRUE;
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(archive), error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    for (guint i = 0; stage && i < verdicts->texts->len; i++) {
        gsize size = 0;
        const void *data = g_bytes_get_data(verdicts->texts->pdata[i], &size);
        DaDigest digest = da_digest_bytes(data, size);
        if (!da_object_stage_bytes(stage, data, size, digest.hex, error))
            return FALSE;
    }
    return stage && da_object_stage_commit(stage, NULL, NULL, error);
}
