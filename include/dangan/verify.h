/*
 * Verification: the rules of a profile against a package, with evidence for each finding.
 *
 * The profile says which rules run and with which numbers; the program has the checks. A rule whose check cannot run (no
 * schema at hand, check unknown to this program) is reported as not run, never as passed. A package is accepted when
 * no finding is an error or fatal; findings of screened rules are a queue for a person and refuse nothing by themselves. Source: DA/T 31-2017 §12.3 (what a computer can check is checked on 100 %).
 */
#pragma once

#include <dangan/finding.h>
#include <dangan/profile.h>
#include <dangan/progress.h>
#include <dangan/progress.h>

typedef enum { DA_RULE_PASSED, DA_RULE_FAILED, DA_RULE_NOT_RUN } DaRuleOutcome;

typedef struct {
    const DaRule *rule; /* borrowed from the profile */
    DaRuleOutcome outcome;
    guint findings;
    char *reason;       /* why not run; NULL */
} DaRuleResult;

/* A material of a dossier, as far as a sample needs to know it. */
typedef struct {
    char *class_code;
    guint sequence;
    char *title;
    guint sides; /* pages are numbered 1 to `sides` */
} DaVerifiedMaterial;

/* Of one package; or of the whole delivery, where a handover list was given: what the list says against the packages that came. */
typedef struct {
    char *path;
    char *id;           /* package id; NULL when the package cannot be read */
    char *digest;       /* package digest; of a list, its SHA-256; NULL */
    guint64 files, bytes;
    GPtrArray *results;  /* DaRuleResult *, in profile order */
    GPtrArray *findings; /* DaFinding * */
    gboolean accepted;
    char *field[DA_FIELD_N]; /* what the dossier says of person and custody, for comparison with a list; NULL = not known */
    char *operator_name;     /* who digitized it; NULL */
    GPtrArray *materials;    /* DaVerifiedMaterial *; empty when there is no dossier */
    guint sides_with_content;
    gboolean is_handover; /* no package: `path` is the handover list; the next two count its rows and the rows that have one package */
    guint rows, matched;
} DaVerification;

/* Verifies one delivery: a package folder, a package as tar or zip, and, by a profile that judges exchange deliveries, a GB/T 33870 folder or zip. Archives
 * are unpacked into a private folder below $TMPDIR (else /var/tmp) that is removed again. The profile outlives the result. NULL only when the machine fails (DA_ERROR_DISK,
 * DA_ERROR_SYSTEM); whatever is wrong with the package is findings. */
DaVerification *da_verify_package(const char *path, const DaProfile *profile, GError **error);
/* The same; each page counts in `progress` when its files are examined. Its total has da_verify_count_pages() of the path in it. */
DaVerification *da_verify_package_watched(const char *path, const DaProfile *profile, DaProgress *progress, GError **error);
/* The pages of a package folder, by its names alone; 0 for an archive, or what is no package: those are counted when they are opened. */
guint da_verify_count_pages(const char *path);
void da_verification_free(DaVerification *verification);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaVerification, da_verification_free)

/* Holds the list at `list` (dangan/handover.h: of persons, or of packages) against the packages that were verified (DaVerification *): rows
 * and packages one to one, files, bytes and pages, digests, and what both say of the person. Rules of a scope other than list and
 * delivery, and rules for which the list has no column, are not run. The profile outlives the result. DA_ERROR_INPUT when the list
 * cannot be read. */
DaVerification *da_verify_handover(const char *list, const GPtrArray *packages, const DaProfile *profile, GError **error);

/* Base name of what was verified, valid UTF-8, for people. The caller owns it. */
char *da_verification_name(const DaVerification *verification);

/* What there is to verify at `path`: itself, else its sub-folders that are packages and the archives in it; `profile` decides what a delivery
 * is, NULL = package folders alone. DA_ERROR_INPUT when there is none. The caller owns the array of char *, natural order. */
GPtrArray *da_verify_find(const char *path, const DaProfile *profile, GError **error);

/* The catalogue of a profile's rules. Text: a line a rule with id, severity, mode, scope, title and clause; the caller owns it. JSON:
 * {"profile", "version", "title", "title_zh", "rules": [{"id", "check", "severity", "mode", "scope", "item", "title", "title_zh", "clause",
 * "source", "mend", "mend_zh", "parameters": {}}]}; what a rule has not is left out; the caller owns the reference. */
char *da_verify_rules_text(const DaProfile *profile, gboolean chinese);
json_t *da_verify_rules_json(const DaProfile *profile);

/* What the rules of one item of the four-natures check came to over all packages. A rule counts once: as failed when a finding of it is
 * not for a person to judge, else as waiting when one is, else as not run when it did not run on every package, else as passed. Source: DA/T 70-2018. */
typedef struct {
    const DaNature *nature; /* borrowed from the profile, like the item */
    const DaNatureItem *item;
    guint rules, passed, failed, waiting, not_run;
    guint findings;
} DaNatureSum;

/* One sum an item in the profile's order, items without a rule too; empty when the profile has no natures. The caller owns the array of
 * DaNatureSum. */
GArray *da_verify_natures(const GPtrArray *verifications, const DaProfile *profile);

/* Reports over several packages (DaVerification *). The caller owns the text. */
char *da_verify_report_text(const GPtrArray *verifications, const DaProfile *profile,
                            gboolean chinese);
/* As schemas/json/verify-report.schema.json has it. The caller owns the reference. */
json_t *da_verify_report_json(const GPtrArray *verifications, const DaProfile *profile);
/* A single HTML file, with the crop of the image beside each finding that has a box. `section` (may be NULL) is HTML that stands behind the outcome. */
char *da_verify_report_html(const GPtrArray *verifications, const DaProfile *profile, const char *section);
