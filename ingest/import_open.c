#include "import_parts.h"

#include <dangan/bag.h>
#include <dangan/batch.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <string.h>

/* Raised when the same delivery would make another package. */
#define IMPORT_STEP "import-1"
#define KEPT_MAX_BYTES ((gsize)64 << 20)
#define UNPACKED "unpacked"
#define DEPTH_MAX 8

DaFinding *da_import_report(const DaImport *run, DaImportDelivery *delivery, const char *rule_id,
                            DaSeverity severity)
{
    const DaRule *rule = da_profile_rule(run->profile, rule_id);
    DaFinding *finding = da_finding_new(rule_id, severity, delivery->exchange->name);
    finding->clause = g_strdup(rule ? rule->clause : NULL);
    g_ptr_array_add(delivery->exchange->findings, finding);
    return finding;
}

/* --- what was done before ---------------------------------------------------------------------------------------------------- */

/* Names and digests of everything in a delivery. */
static gboolean add_tree(GString *text, const char *path, guint depth, GError **error)
{
    DaDigest digest;
    if (!g_file_test(path, G_FILE_TEST_IS_DIR) || g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
        g_autoptr(GError) unreadable = NULL;
        gboolean read = da_digest_file(path, &digest, NULL, &unreadable);
        g_string_append_printf(text, "%s\x1f", read ? digest.hex : unreadable->message);
        return TRUE;
    }
    g_autoptr(GPtrArray) names = depth < DEPTH_MAX ? da_dir_list(path, error) : g_ptr_array_new();
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        g_string_append_printf(text, "%u %s\x1f", depth, (const char *)names->pdata[i]);
        if (!add_tree(text, child, depth + 1, error))
            return FALSE;
    }
    return names != NULL;
}

static char *key_of(const DaImport *run, const DaImportDelivery *delivery, GError **error)
{
    g_autoptr(GString) input = g_string_new(NULL);
    if (!add_tree(input, delivery->path, 0, error))
        return NULL;
    for (const DaSetting *s = da_batch_settings; s->key; s++) {
        const char *value = da_config_text(run->config, s->key);
        g_string_append_printf(input, "%s\x1f", value ? value : "");
    }
    g_string_append_printf(input, "%s\x1f", run->list ? run->list->digest : "");
    DaDigest profile = da_digest_bytes(g_bytes_get_data(run->profile->xml, NULL),
                                       g_bytes_get_size(run->profile->xml));
    return g_strdup(
        da_digest_key(IMPORT_STEP, DANGAN_VERSION, profile.hex, run->engine, input->str, NULL).hex);
}

static char *kept_path(const DaImportDelivery *delivery)
{
    return g_build_filename(delivery->state_dir, "import.json", NULL);
}

static gboolean is_unchanged(DaImportDelivery *delivery)
{
    g_autofree char *path = kept_path(delivery);
    g_autoptr(GBytes) bytes = da_file_read(path, KEPT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    json_t *kept = data ? json_loadb(data, size, 0, NULL) : NULL;
    const char *key = json_string_value(json_object_get(kept, "key"));
    const char *digest = json_string_value(json_object_get(kept, "digest"));
    json_t *entry = json_object_get(kept, "entry");
    g_autofree char *now = da_bag_digest(delivery->package, NULL);
    gboolean unchanged =
        key && digest && now && entry && !strcmp(key, delivery->key) && !strcmp(now, digest);
    if (unchanged) {
        delivery->state = DA_IMPORT_UNCHANGED;
        delivery->digest = g_strdup(digest);
        delivery->entry = json_incref(entry);
    }
    json_decref(kept);
    return unchanged;
}

static gboolean keep(const DaImportDelivery *delivery, GError **error)
{
    g_autofree char *path = kept_path(delivery);
    json_t *kept = json_pack("{s:s, s:s, s:O}", "key", delivery->key, "digest", delivery->digest,
                             "entry", delivery->entry);
    g_autofree char *text = json_dumps(kept, JSON_COMPACT);
    json_decref(kept);
    return da_file_write(path, text, strlen(text), error);
}

/* --- opening ------------------------------------------------------------------------------------------------------------------ */

static char *work_path(const DaImportDelivery *delivery)
{
    return g_build_filename(delivery->state_dir, UNPACKED, NULL);
}

/* The delivery that had this person before; NULL = none, and this one has it now. */
static const DaImportDelivery *claim_person(DaImport *run, DaImportDelivery *delivery,
                                            const DaDossier *dossier)
{
    const char *number = dossier ? da_dossier_get(dossier, DA_FIELD_ID_NUMBER) : NULL;
    const DaImportDelivery *other = number ? g_hash_table_lookup(run->persons, number) : NULL;
    if (number && !other)
        g_hash_table_insert(run->persons, g_strdup(number), delivery);
    return other;
}

/* Two deliveries of one person in one batch: nobody can say which one counts. */
static void check_person(DaImport *run, DaImportDelivery *delivery)
{
    const DaImportDelivery *other = claim_person(run, delivery, delivery->exchange->dossier);
    if (!other)
        return;
    DaFinding *finding = da_import_report(run, delivery, "LST-004", DA_SEVERITY_ERROR);
    da_finding_set(&finding->message, "an earlier delivery of this batch is of the same person");
    da_finding_set(&finding->message_zh, "本批次前面已有此人的交付");
    g_autofree char *name = g_path_get_basename(other->path);
    finding->found = g_filename_display_name(name);
    da_finding_set(&finding->mend, "find out which one counts and take the other one out");
    da_finding_set(&finding->mend_zh, "确认以哪一份为准，去除另一份");
    delivery->exchange->usable = FALSE;
}

static void list_pages(DaImportDelivery *delivery)
{
    const DaDossier *dossier = delivery->exchange->dossier;
    delivery->pages = g_ptr_array_new();
    delivery->facts = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = dossier->materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++) {
            g_ptr_array_add(delivery->pages, material->pages->pdata[p]);
            g_ptr_array_add(delivery->facts, NULL);
        }
    }
    delivery->next_page = 0;
    delivery->pending = delivery->pages->len;
}

static void tell(const DaImport *run, const DaImportDelivery *delivery)
{
    DaProgress *progress = run->options->progress;
    static const char *const words[] = {"NOT PACKAGED", "packaged", "unchanged"};
    static const char *const words_zh[] = {"未成包", "已成包", "未变"};
    const char *word = (run->options->chinese ? words_zh : words)[delivery->state];
    const json_t *findings = json_object_get(delivery->entry, "findings");
    da_progress_line(
        progress,
        run->options->chinese ? "%s: %s, %d 面, %d 条问题" : "%s: %s, %d sides, %d findings",
        delivery->id->id, word, (int)json_integer_value(json_object_get(delivery->entry, "sides")),
        (int)json_array_size(findings));
    da_progress_add(progress, 1);
}

static void finish(const DaImport *run, DaImportDelivery *delivery)
{
    g_autofree char *work = work_path(delivery);
    if (!delivery->entry)
        delivery->entry = da_import_entry(run, delivery);
    tell(run, delivery);
    da_tree_remove(work, NULL);
    g_clear_pointer(&delivery->pages, g_ptr_array_unref);
    g_clear_pointer(&delivery->facts, g_ptr_array_unref);
    g_clear_pointer(&delivery->exchange, da_exchange_free);
}

static gboolean open_delivery(DaImport *run, DaImportDelivery *delivery, GError **error)
{
    g_autofree char *work = work_path(delivery);
    const char *scheme = da_config_text(run->config, "scheme");
    delivery->key = key_of(run, delivery, error);
    if (!delivery->key || !da_tree_remove(work, error))
        return FALSE;
    if (is_unchanged(delivery)) {
        g_autoptr(DaDossier) dossier = da_package_read(delivery->package, NULL);
        claim_person(run, delivery, dossier);
        finish(run, delivery);
        return TRUE;
    }
    delivery->exchange = da_dir_make(delivery->state_dir, error)
                             ? da_exchange_read(delivery->path, work, run->profile, scheme, error)
                             : NULL;
    if (!delivery->exchange)
        return FALSE;
    if (delivery->exchange->usable) {
        da_import_list_complete(run, delivery);
        check_person(run, delivery);
    }
    if (delivery->exchange->usable)
        list_pages(delivery);
    else
        finish(run, delivery);
    return TRUE;
}

gboolean da_import_open_next(DaImport *run, DaImportDelivery **opened, GError **error)
{
    *opened = NULL;
    while (run->next_delivery < run->deliveries->len) {
        DaImportDelivery *delivery = run->deliveries->pdata[run->next_delivery++];
        if (run->options->stop && *run->options->stop)
            return TRUE;
        if (!open_delivery(run, delivery, error))
            return FALSE;
        if (delivery->exchange) {
            *opened = delivery;
            return TRUE;
        }
    }
    return TRUE;
}

/* --- closing ------------------------------------------------------------------------------------------------------------------ */

static gboolean is_blank(const DaImportDelivery *delivery, guint page)
{
    return json_is_true(json_object_get(delivery->facts->pdata[page], "blank"));
}

static void report_blank_look(const DaImport *run, DaImportDelivery *delivery, const DaPage *page)
{
    DaFinding *finding = da_import_report(run, delivery, "QLT-007", DA_SEVERITY_WARNING);
    finding->page = g_strdup(page->stem);
    da_finding_set(&finding->message, "the page looks blank and 页数 counts it; look at it");
    da_finding_set(&finding->message_zh, "页面似为空白但计入页数，请查看");
}

static void forget_count_finding(const DaImportDelivery *delivery, const DaMaterial *material)
{
    GPtrArray *findings = delivery->exchange->findings;
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *finding = findings->pdata[i];
        if (!strcmp(finding->rule, "XML-005") && finding->row == material->row) {
            g_ptr_array_remove_index(findings, i);
            return;
        }
    }
}

/* 页数 counts sides with content. Where a maker counted every image, a page that looks blank is a page all the same. */
static void settle_blanks(const DaImport *run, DaImportDelivery *delivery,
                          const DaMaterial *material, guint first)
{
    guint sides = material->pages->len, blanks = 0;
    for (guint i = 0; i < sides; i++)
        blanks += is_blank(delivery, first + i);
    gboolean counted = material->pages_claimed == sides;
    if (blanks && material->pages_claimed == sides - blanks)
        forget_count_finding(delivery, material);
    for (guint i = 0; i < sides; i++) {
        DaPage *page = material->pages->pdata[i];
        page->blank = is_blank(delivery, first + i) && !counted;
        if (is_blank(delivery, first + i) && counted)
            report_blank_look(run, delivery, page);
    }
}

static gboolean take_pages(const DaImport *run, DaImportDelivery *delivery, GError **error)
{
    guint first = 0, no_dpi = 0;
    for (guint i = 0; i < delivery->pages->len; i++) {
        if (!da_import_page_take(delivery->pages->pdata[i], delivery->facts->pdata[i], error))
            return FALSE;
        no_dpi += json_is_true(json_object_get(delivery->facts->pdata[i], "no_dpi"));
    }
    const GPtrArray *materials = delivery->exchange->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const DaMaterial *material = materials->pdata[m];
        settle_blanks(run, delivery, material, first);
        first += material->pages->len;
    }
    if (!no_dpi)
        return TRUE;
    DaFinding *finding = da_import_report(run, delivery, "IMG-003", DA_SEVERITY_WARNING);
    da_finding_set(&finding->message, "%u images do not say their resolution; it was assumed",
                   no_dpi);
    da_finding_set(&finding->message_zh, "%u 个图像没有分辨率信息，按缺省值处理", no_dpi);
    return TRUE;
}

static void set_from_config(const DaImport *run, DaDossier *dossier, DaField field, const char *key)
{
    const char *value = da_config_text(run->config, key);
    if (value)
        da_dossier_set(dossier, field, value, DA_ORIGIN_BATCH, key);
}

static void complete_dossier(const DaImport *run, DaImportDelivery *delivery)
{
    DaDossier *dossier = delivery->exchange->dossier;
    da_ids_begin(delivery->id, delivery->key);
    dossier->id = g_strdup(delivery->id->id);
    dossier->created = g_strdup(delivery->id->created);
    dossier->profile_name = g_strdup(run->profile->name);
    dossier->profile_version = g_strdup(run->profile->version);
    dossier->district = g_strdup(da_config_text(run->config, "district"));
    dossier->operator_name = g_strdup(da_config_text(run->config, "operator"));
    dossier->scanner = g_strdup(da_config_text(run->config, "scanner"));
    set_from_config(run, dossier, DA_FIELD_EMPLOYER, "enterprise");
    set_from_config(run, dossier, DA_FIELD_EMPLOYER_CODE, "enterprise-code");
    set_from_config(run, dossier, DA_FIELD_EMPLOYER_PARENT, "enterprise-parent");
}

static gboolean is_of_the_delivery(const GError *error)
{
    return g_error_matches(error, DA_ERROR, DA_ERROR_INPUT) ||
           g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT);
}

/* Masters, access images and ALTO are links to what lies in the package now. */
static void remove_copies(const DaImportDelivery *delivery)
{
    for (guint i = 0; i < delivery->pages->len; i++)
        for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
            const DaPageFile *file = &((const DaPage *)delivery->pages->pdata[i])->file[kind];
            if (file->path && g_str_has_prefix(file->path, delivery->state_dir))
                da_tree_remove(file->path, NULL);
        }
}

static gboolean package(DaImport *run, DaImportDelivery *delivery, GError **error)
{
    complete_dossier(run, delivery);
    g_autoptr(GBytes) redacted = da_import_redacted(run, delivery);
    g_autoptr(GError) wrong = NULL;
    gboolean replace = g_file_test(delivery->package, G_FILE_TEST_EXISTS);
    if (!da_ids_save(run->ids, error))
        return FALSE;
    if (da_package_write(delivery->exchange->dossier, run->profile, redacted, delivery->package,
                         replace, &delivery->digest, &wrong)) {
        delivery->state = DA_IMPORT_PACKAGED;
        delivery->entry = da_import_entry(run, delivery);
        da_fault_point("import.packaged");
        remove_copies(delivery);
        return keep(delivery, error);
    }
    if (!is_of_the_delivery(wrong)) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    DaFinding *finding = da_import_report(run, delivery, "dossier-schema", DA_SEVERITY_ERROR);
    da_finding_set(&finding->message, "%s", wrong->message);
    da_finding_set(&finding->message_zh, "%s", wrong->message);
    return TRUE;
}

gboolean da_import_close(DaImport *run, DaImportDelivery *delivery, GError **error)
{
    gboolean whole = TRUE;
    for (guint i = 0; i < delivery->facts->len; i++)
        whole = whole && delivery->facts->pdata[i];
    if (whole && (!take_pages(run, delivery, error) || !package(run, delivery, error)))
        return FALSE;
    finish(run, delivery);
    return TRUE;
}
