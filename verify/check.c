#include "check.h"

#include <dangan/error.h>
#include <string.h>

typedef struct {
    const char *name;
    DaCheck check;
    gboolean screens; /* reads what images measure, which takes longer than decoding them */
} NamedCheck;

static const NamedCheck checks[] = {
    {"bag-declaration", da_check_bag_declaration},
    {"bag-manifest", da_check_bag_manifest},
    {"bag-complete", da_check_bag_complete},
    {"bag-digests", da_check_bag_digests},
    {"bag-tag-manifest", da_check_bag_tag_manifest},
    {"bag-oxum", da_check_bag_oxum},
    {"bag-info", da_check_bag_info},
    {"bag-habits", da_check_bag_habits},
    {"bag-no-fetch", da_check_bag_no_fetch},
    {"archive-sound", da_check_archive_sound},
    {"exchange-form", da_check_exchange_form},
    {"safe-names", da_check_safe_names},
    {"folder-name", da_check_folder_name},
    {"package-tree", da_check_package_tree},
    {"foreign-files", da_check_foreign_files},
    {"empty-files", da_check_empty_files},
    {"special-files", da_check_special_files},
    {"virus-scan", da_check_virus_scan},
    {"personal-data", da_check_personal_data},
    {"xml-readable", da_check_xml_readable},
    {"dossier-schema", da_check_dossier_schema},
    {"standard-schemas", da_check_standard_schemas},
    {"mets-references", da_check_mets_references},
    {"mets-files", da_check_mets_files},
    {"mets-xpath", da_check_mets_xpath},
    {"mets-file", da_check_mets_file},
    {"mets-group", da_check_mets_group},
    {"mets-reference", da_check_mets_reference},
    {"mets-objid", da_check_mets_objid},
    {"has-entry", da_check_has_entry},
    {"dossier-files", da_check_dossier_files},
    {"dossier-digests", da_check_dossier_digests},
    {"equal-stems", da_check_equal_stems},
    {"person-complete", da_check_person_complete},
    {"id-number", da_check_id_number},
    {"sex-matches-id", da_check_sex},
    {"birth-matches-id", da_check_birth},
    {"life-dates", da_check_life_dates},
    {"name-characters", da_check_name_characters},
    {"code-lists", da_check_code_lists},
    {"division-codes", da_check_division_codes},
    {"vital-status", da_check_vital_status},
    {"credit-code", da_check_credit_code},
    {"handover-scope", da_check_handover_scope},
    {"class-in-scheme", da_check_class},
    {"draft-catalogue", da_check_draft_catalogue},
    {"sequence-without-gap", da_check_sequence},
    {"title", da_check_title},
    {"formed-date", da_check_formed},
    {"dates-missing", da_check_dates_missing},
    {"order-by-date", da_check_order_by_date},
    {"catalogue-count", da_check_catalogue_count},
    {"repeated-materials", da_check_repeated_materials},
    {"page-count", da_check_page_count},
    {"page-names", da_check_page_names},
    {"page-numbers", da_check_page_numbers},
    {"image-decodes", da_check_image_decodes},
    {"image-format", da_check_image_format},
    {"image-resolution", da_check_image_resolution},
    {"image-colour", da_check_image_colour},
    {"image-size", da_check_image_size},
    {"image-end", da_check_image_end},
    {"image-structure", da_check_image_structure},
    {"jpeg-coding", da_check_jpeg_coding},
    {"tiff-compression", da_check_tiff_compression},
    {"image-origin", da_check_image_origin},
    {"ocr-size", da_check_ocr_size},
    {"paper-size", da_check_paper_size},
    {"file-size", da_check_file_size},
    {"exif-orientation", da_check_exif_orientation},
    {"grey-scans", da_check_grey_scans},
    {"access-of-master", da_check_access_of_master, TRUE},
    {"skew", da_check_skew, TRUE},
    {"page-upright", da_check_upright, TRUE},
    {"content-at-edge", da_check_content_at_edge, TRUE},
    {"class-of-title", da_check_class_of_title},
    {"expected-materials", da_check_expected_materials},
    {"dark-border", da_check_dark_border, TRUE},
    {"blur", da_check_blur, TRUE},
    {"exposure", da_check_exposure, TRUE},
    {"blank-page", da_check_blank_page, TRUE},
    {"scan-streak", da_check_scan_streak, TRUE},
    {"cleaning", da_check_cleaning, TRUE},
    {"duplicate-pages", da_check_duplicate_pages, TRUE},
    {"colour-drift", da_check_colour_drift, TRUE},
    {"show-through", da_check_show_through, TRUE},
    {"upsampled", da_check_upsampled, TRUE},
    {"title-on-page", da_check_title_on_page},
    {"person-on-page", da_check_person_on_page},
    {"capture-recorded", da_check_capture_recorded},
    {"process-recorded", da_check_process_recorded},
};

DaCheck da_check_by_name(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
        if (!strcmp(checks[i].name, name))
            return checks[i].check;
    return NULL;
}

gboolean da_check_needs_measures(const DaProfile *profile)
{
    for (guint i = 0; i < profile->rules->len; i++)
        for (guint k = 0; k < G_N_ELEMENTS(checks); k++)
            if (checks[k].screens &&
                !strcmp(checks[k].name, ((const DaRule *)profile->rules->pdata[i])->check))
                return TRUE;
    return FALSE;
}

DaFinding *da_check_add(DaCheckRun *run, const char *file, const char *message,
                        const char *message_zh)
{
    DaFinding *finding = da_rule_finding(run->rule, run->subject->name);
    da_finding_set(&finding->message, "%s", message);
    da_finding_set(&finding->message_zh, "%s", message_zh);
    if (file)
        da_finding_set(&finding->file, "%s", file);
    if (run->count++ < DA_CHECK_MAX_KEPT) {
        g_ptr_array_add(run->findings, finding);
        return finding;
    }
    da_finding_free(run->surplus);
    run->surplus = finding;
    return finding;
}

DaFinding *da_check_add_page(DaCheckRun *run, const DaPage *page, const DaEntry *entry,
                             const char *message, const char *message_zh)
{
    DaFinding *finding = da_check_add(run, entry ? entry->shown : NULL, message, message_zh);
    da_finding_set(&finding->page, "%s", page->stem);
    return finding;
}

DaFinding *da_check_add_material(DaCheckRun *run, const DaMaterial *material, const char *message,
                                 const char *message_zh)
{
    g_autofree char *where =
        g_strdup_printf("dossier.xml %s-%u", material->class_code, material->sequence);
    DaFinding *finding = da_check_add(run, where, message, message_zh);
    finding->row = material->row;
    if (material->pages->len)
        da_finding_set(&finding->page, "%s", ((const DaPage *)material->pages->pdata[0])->stem);
    return finding;
}

void da_check_tell(const DaCheckRun *run, const char *path)
{
    if (!g_hash_table_contains(run->subject->told, path))
        g_hash_table_insert(run->subject->told, g_strdup(path), run->rule->id);
}

gboolean da_check_is_told(const DaCheckRun *run, const char *path)
{
    const char *rule = g_hash_table_lookup(run->subject->told, path);
    return rule && rule != run->rule->id;
}

gboolean da_check_is_told_below(const DaCheckRun *run, const char *folder)
{
    GHashTableIter iterator;
    gpointer path, rule;
    g_hash_table_iter_init(&iterator, run->subject->told);
    while (g_hash_table_iter_next(&iterator, &path, &rule))
        if (rule != run->rule->id && g_str_has_prefix(path, folder))
            return TRUE;
    return FALSE;
}

DaField da_check_field(const DaCheckRun *run, const char *name, GError **error)
{
    DaField field = da_field_by_name(name);
    if (field == DA_FIELD_N)
        da_error_set(error, DA_ERROR_INPUT, "rule %s: no field is called '%s'", run->rule->id,
                     name);
    return field;
}

DaDate da_check_today(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    return (DaDate){(guint16)g_date_time_get_year(now), (guint8)g_date_time_get_month(now),
                    (guint8)g_date_time_get_day_of_month(now)};
}

gboolean da_check_needs_dossier(const DaCheckRun *run, GError **error)
{
    return run->subject->dossier ||
           da_error_set(error, DA_ERROR_INPUT, "dossier.xml cannot be read: %s",
                        run->subject->dossier_fault);
}

char **da_check_words(const DaCheckRun *run, const char *parameter, GError **error)
{
    const char *text = da_rule_text(run->rule, parameter);
    if (!text) {
        da_error_set(error, DA_ERROR_INPUT, "profile '%s': rule %s has no parameter '%s'",
                     run->subject->profile->name, run->rule->id, parameter);
        return NULL;
    }
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);
    for (guint i = 0; parts[i]; i++)
        if (*parts[i])
            g_strv_builder_add(words, parts[i]);
    return g_strv_builder_end(words);
}
