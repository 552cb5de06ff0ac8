/*
 * Checks: what the program can find out about a package. A rule of the profile names one; the table in check.c maps the name to
 * its function. Numbers, patterns and lists come from the rule's parameters, never from here.
 */
#pragma once

#include "subject.h"

#include <dangan/verify.h>

/* Findings of one rule that are kept; more are counted only, since a report of a million lines helps nobody. */
#define DA_CHECK_MAX_KEPT 200

typedef struct {
    const DaSubject *subject;
    const DaRule *rule;
    GPtrArray *findings; /* DaFinding *, borrowed */
    guint count;         /* findings of this rule, kept or not */
    DaFinding *surplus;  /* the last finding that was not kept */
} DaCheckRun;

/* Adds what is wrong to the run. FALSE = could not run, for the reason in `error`; DA_ERROR_DISK and DA_ERROR_SYSTEM mean that the
 * machine failed, anything else that the rule is reported as not run. */
typedef gboolean (*DaCheck)(DaCheckRun *run, GError **error);

/* An empty verification of what lies at `path`. */
DaVerification *da_verification_new(const char *path);

/* The check of a name; NULL = none. */
DaCheck da_check_by_name(const char *name);
/* TRUE when a rule of the profile reads what images measure. */
gboolean da_check_needs_measures(const DaProfile *profile);

/* A new finding of the run's rule that says `message` / `message_zh`. `file` (may be NULL) is shown text, relative to the package.
 * Borrowed until the next call: the caller adds what was found and wanted. */
DaFinding *da_check_add(DaCheckRun *run, const char *file, const char *message,
                        const char *message_zh);
/* The same about a page (borrowed; its stem is taken). */
DaFinding *da_check_add_page(DaCheckRun *run, const DaPage *page, const DaEntry *entry,
                             const char *message, const char *message_zh);

/* The same about a material (borrowed), with its row and its first page, so that the reader sees what it is about. */
DaFinding *da_check_add_material(DaCheckRun *run, const DaMaterial *material, const char *message,
                                 const char *message_zh);
/* The field that a parameter names; DA_FIELD_N with DA_ERROR_INPUT when there is none. */
DaField da_check_field(const DaCheckRun *run, const char *name, GError **error);
/* The day of the clock. */
DaDate da_check_today(void);

/* One fault is told once, by the first rule of the profile that finds it: a file that the manifest misses is missing in METS and in the
 * catalogue too, and a reader who has that four times mends it no sooner. `path` is relative to the package. */
void da_check_tell(const DaCheckRun *run, const char *path);
/* TRUE when another rule has told about this file. */
gboolean da_check_is_told(const DaCheckRun *run, const char *path);
/* TRUE when another rule has told about any file below `folder` ("data/"). */
gboolean da_check_is_told_below(const DaCheckRun *run, const char *folder);

/* FALSE with the reason when the package has no readable dossier.xml. */
gboolean da_check_needs_dossier(const DaCheckRun *run, GError **error);
/* A parameter that is a list of words; DA_ERROR_INPUT when the rule has none. The caller owns it. */
char **da_check_words(const DaCheckRun *run, const char *parameter, GError **error);

typedef gboolean (*DaImageVisit)(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                                 const DaEntry *entry, gconstpointer data, GError **error);
/* Visits the master and the access image of every page in the dossier's order, those that are there. */
gboolean da_check_each_image(DaCheckRun *run, DaImageVisit visit, gconstpointer data,
                             GError **error);

gboolean da_check_bag_declaration(DaCheckRun *run, GError **error);
gboolean da_check_bag_manifest(DaCheckRun *run, GError **error);
gboolean da_check_bag_complete(DaCheckRun *run, GError **error);
gboolean da_check_bag_digests(DaCheckRun *run, GError **error);
gboolean da_check_bag_tag_manifest(DaCheckRun *run, GError **error);
gboolean da_check_bag_oxum(DaCheckRun *run, GError **error);
gboolean da_check_bag_info(DaCheckRun *run, GError **error);
gboolean da_check_bag_habits(DaCheckRun *run, GError **error);
gboolean da_check_bag_no_fetch(DaCheckRun *run, GError **error);

/* Adds what is wrong with the archive that the package came in: with names of members, or with all else. */
void da_check_archive_faults(DaCheckRun *run, gboolean names);
gboolean da_check_archive_sound(DaCheckRun *run, GError **error);
gboolean da_check_exchange_form(DaCheckRun *run, GError **error);
gboolean da_check_safe_names(DaCheckRun *run, GError **error);
gboolean da_check_folder_name(DaCheckRun *run, GError **error);
gboolean da_check_package_tree(DaCheckRun *run, GError **error);
gboolean da_check_foreign_files(DaCheckRun *run, GError **error);
gboolean da_check_empty_files(DaCheckRun *run, GError **error);
gboolean da_check_special_files(DaCheckRun *run, GError **error);
gboolean da_check_virus_scan(DaCheckRun *run, GError **error);
gboolean da_check_personal_data(DaCheckRun *run, GError **error);

gboolean da_check_xml_readable(DaCheckRun *run, GError **error);
gboolean da_check_dossier_schema(DaCheckRun *run, GError **error);
gboolean da_check_standard_schemas(DaCheckRun *run, GError **error);
gboolean da_check_mets_references(DaCheckRun *run, GError **error);
gboolean da_check_mets_files(DaCheckRun *run, GError **error);
gboolean da_check_dossier_files(DaCheckRun *run, GError **error);
gboolean da_check_dossier_digests(DaCheckRun *run, GError **error);
gboolean da_check_equal_stems(DaCheckRun *run, GError **error);

gboolean da_check_person_complete(DaCheckRun *run, GError **error);
gboolean da_check_id_number(DaCheckRun *run, GError **error);
gboolean da_check_sex(DaCheckRun *run, GError **error);
gboolean da_check_birth(DaCheckRun *run, GError **error);

gboolean da_check_life_dates(DaCheckRun *run, GError **error);
gboolean da_check_vital_status(DaCheckRun *run, GError **error);
gboolean da_check_handover_scope(DaCheckRun *run, GError **error);
gboolean da_check_code_lists(DaCheckRun *run, GError **error);
gboolean da_check_division_codes(DaCheckRun *run, GError **error);
gboolean da_check_credit_code(DaCheckRun *run, GError **error);
gboolean da_check_name_characters(DaCheckRun *run, GError **error);

gboolean da_check_catalogue_count(DaCheckRun *run, GError **error);
gboolean da_check_dates_missing(DaCheckRun *run, GError **error);
gboolean da_check_order_by_date(DaCheckRun *run, GError **error);
gboolean da_check_draft_catalogue(DaCheckRun *run, GError **error);
gboolean da_check_repeated_materials(DaCheckRun *run, GError **error);
gboolean da_check_class(DaCheckRun *run, GError **error);
gboolean da_check_sequence(DaCheckRun *run, GError **error);
gboolean da_check_title(DaCheckRun *run, GError **error);
gboolean da_check_formed(DaCheckRun *run, GError **error);
gboolean da_check_page_count(DaCheckRun *run, GError **error);
gboolean da_check_page_names(DaCheckRun *run, GError **error);
gboolean da_check_page_numbers(DaCheckRun *run, GError **error);

gboolean da_check_image_decodes(DaCheckRun *run, GError **error);
gboolean da_check_image_format(DaCheckRun *run, GError **error);
gboolean da_check_image_resolution(DaCheckRun *run, GError **error);
gboolean da_check_image_colour(DaCheckRun *run, GError **error);
gboolean da_check_image_size(DaCheckRun *run, GError **error);
gboolean da_check_image_structure(DaCheckRun *run, GError **error);
gboolean da_check_jpeg_coding(DaCheckRun *run, GError **error);
gboolean da_check_tiff_compression(DaCheckRun *run, GError **error);
gboolean da_check_image_origin(DaCheckRun *run, GError **error);
gboolean da_check_image_end(DaCheckRun *run, GError **error);
gboolean da_check_ocr_size(DaCheckRun *run, GError **error);

gboolean da_check_paper_size(DaCheckRun *run, GError **error);
gboolean da_check_file_size(DaCheckRun *run, GError **error);
gboolean da_check_exif_orientation(DaCheckRun *run, GError **error);
gboolean da_check_grey_scans(DaCheckRun *run, GError **error);
gboolean da_check_access_of_master(DaCheckRun *run, GError **error);
gboolean da_check_skew(DaCheckRun *run, GError **error);
gboolean da_check_upright(DaCheckRun *run, GError **error);
gboolean da_check_dark_border(DaCheckRun *run, GError **error);
gboolean da_check_blur(DaCheckRun *run, GError **error);
gboolean da_check_exposure(DaCheckRun *run, GError **error);
gboolean da_check_blank_page(DaCheckRun *run, GError **error);
gboolean da_check_scan_streak(DaCheckRun *run, GError **error);
gboolean da_check_cleaning(DaCheckRun *run, GError **error);
gboolean da_check_duplicate_pages(DaCheckRun *run, GError **error);
gboolean da_check_colour_drift(DaCheckRun *run, GError **error);
gboolean da_check_show_through(DaCheckRun *run, GError **error);
gboolean da_check_upsampled(DaCheckRun *run, GError **error);
gboolean da_check_title_on_page(DaCheckRun *run, GError **error);
gboolean da_check_person_on_page(DaCheckRun *run, GError **error);
gboolean da_check_capture_recorded(DaCheckRun *run, GError **error);
gboolean da_check_process_recorded(DaCheckRun *run, GError **error);
gboolean da_check_content_at_edge(DaCheckRun *run, GError **error);
gboolean da_check_class_of_title(DaCheckRun *run, GError **error);
gboolean da_check_expected_materials(DaCheckRun *run, GError **error);
gboolean da_check_mets_xpath(DaCheckRun *run, GError **error);
gboolean da_check_mets_file(DaCheckRun *run, GError **error);
gboolean da_check_mets_group(DaCheckRun *run, GError **error);
gboolean da_check_mets_reference(DaCheckRun *run, GError **error);
gboolean da_check_mets_objid(DaCheckRun *run, GError **error);
gboolean da_check_has_entry(DaCheckRun *run, GError **error);
