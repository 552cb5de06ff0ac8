#include "check.h"

#include <dangan/error.h>
#include <string.h>

typedef struct {
    const char *name;
    DaCheck check;
} NamedCheck;

static const NamedCheck checks[] = {
    {"bag-declaration", da_check_bag_declaration},
    {"bag-manifest", da_check_bag_manifest},
    {"bag-complete", da_check_bag_complete},
    {"bag-digests", da_check_bag_digests},
    {"bag-tag-manifest", da_check_bag_tag_manifest},
    {"bag-oxum", da_check_bag_oxum},
    {"bag-no-fetch", da_check_bag_no_fetch},
    {"safe-names", da_check_safe_names},
    {"folder-name", da_check_folder_name},
    {"package-tree", da_check_package_tree},
    {"foreign-files", da_check_foreign_files},
    {"empty-files", da_check_empty_files},
    {"special-files", da_check_special_files},
    {"personal-data", da_check_personal_data},
    {"xml-readable", da_check_xml_readable},
    {"dossier-schema", da_check_dossier_schema},
    {"standard-schemas", da_check_standard_schemas},
    {"mets-references", da_check_mets_references},
    {"mets-files", da_check_mets_files},
    {"dossier-files", da_check_dossier_files},
    {"dossier-digests", da_check_dossier_digests},
    {"equal-stems", da_check_equal_stems},
    {"person-complete", da_check_person_complete},
    {"id-number", da_check_id_number},
    {"sex-matches-id", da_check_sex},
    {"birth-matches-id", da_check_birth},
    {"class-in-scheme", da_check_class},
    {"sequence-without-gap", da_check_sequence},
    {"title", da_check_title},
    {"formed-date", da_check_formed},
    {"page-count", da_check_page_count},
    {"page-names", da_check_page_names},
    {"page-numbers", da_check_page_numbers},
    {"image-decodes", da_check_image_decodes},
    {"image-format", da_check_image_format},
    {"image-resolution", da_check_image_resolution},
    {"image-colour", da_check_image_colour},
    {"image-size", da_check_image_size},
    {"image-end", da_check_image_end},
    {"ocr-size", da_check_ocr_size},
};

DaCheck da_check_by_name(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
        if (!strcmp(checks[i].name, name))
            return checks[i].check;
    return NULL;
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
