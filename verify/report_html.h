/*
 * Pieces of the HTML report. Everything that is shown comes from outside and is escaped. Ten thousand findings stay readable: they are grouped by
 * rule, folded, and only so many are written out; the JSON report has them all.
 */
#pragma once

#include <dangan/verify.h>

typedef struct {
    GString *html;
    const GPtrArray *verifications;
    const DaProfile *profile;
    GHashTable *crops;  /* DaFinding * → JPEG as base64 */
    guint rows, groups; /* that may still be written out */
    gboolean unfolded;  /* so few findings that none is folded away */
} DaReport;

/* Appends `format` with every text argument escaped. */
void da_report_put(DaReport *report, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Chinese, and the same in English smaller; either may be NULL. */
void da_report_put_two(DaReport *report, const char *chinese, const char *english);
/* What was found in one package; FALSE = the report is full, nothing was written. */
gboolean da_report_put_package(DaReport *report, guint index);
/* TRUE when the package has a section of its own in the report. */
gboolean da_report_has_section(const DaReport *report, guint index);
/* Lists are not asked what packages are asked, nor packages what lists are, where there is one. */
gboolean da_verification_is_asked(const GPtrArray *verifications,
                                  const DaVerification *verification, const DaRuleResult *result);
/* The four-natures table; nothing where the profile has no natures. */
void da_report_put_natures(DaReport *report);
