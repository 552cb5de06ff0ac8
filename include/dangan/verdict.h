/*
 * The verdict on a delivery: accepted, returned to the enterprise, or open because people have not judged everything yet.
 *
 * It follows from the rules of the profile whose checks are named here, and from nothing else:
 *   accept-automatic       `max-errors`, and `may-not-run`: rules that may be left unchecked; any other leaves the verdict open
 *   accept-screened        every suspicion `from-severity` on needs a person; a confirmed one counts by the severity of its rule
 *   accept-correspondence, accept-others    `min-percent` of what was judged, for each question by itself
 *   accept-forms           must be good
 *   accept-escalation      `percent`: the size of the sample after one that failed; without this rule a failed sample is final
 * Source: DA/T 31-2017 §12.3.
 */
#pragma once

#include <dangan/sample.h>
#include <dangan/signed.h>

typedef enum { DA_OUTCOME_ACCEPTED, DA_OUTCOME_RETURNED, DA_OUTCOME_OPEN } DaOutcome;

/* "accepted", "returned", "open". */
const char *da_outcome_name(DaOutcome outcome);
const char *da_outcome_label_zh(DaOutcome outcome);

/* What people said to one question. */
typedef struct {
    const DaRule *rule;      /* borrowed from the profile */
    gboolean of_suspicions;  /* places that the program suspects; else what was drawn */
    guint good, bad, not_applicable, open;
    double wanted_percent;   /* of what was judged; 0 = none wanted (suspicions) */
} DaScore;

typedef struct {
    DaOutcome outcome;
    GPtrArray *reasons;  /* DaFinding *: why it is not accepted; subject "delivery" */
    GPtrArray *scores;   /* DaScore *, in profile order */
    guint errors;        /* findings that refuse: found by the program, or confirmed by people */
    guint confirmed;     /* suspicions that people confirmed, whatever their severity */
    gboolean escalated;  /* the first sample failed and a larger one was drawn: `sample` holds it now */
} DaVerdict;

/* Reaches the verdict. A sample that failed is enlarged where the profile says so, unless not even a perfect rest could mend it; `lists`
 * (file names, NULL-terminated; may be NULL) are then read into it, as they were into the first (da_sample_read()). DA_ERROR_INPUT when
 * the profile has no such rules or a list cannot be followed. */
DaVerdict *da_verdict_reach(const GPtrArray *verifications, DaSample *sample, char **lists, const DaProfile *profile, GError **error);
void da_verdict_free(DaVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaVerdict, da_verdict_free)

/* Some lines for a terminal. The caller owns them. */
char *da_verdict_text(const DaVerdict *verdict, const DaSample *sample, gboolean chinese);

/* The same as a section for the HTML report (da_verify_report_html()). The caller owns it. */
char *da_verdict_section(const DaVerdict *verdict, const DaSample *sample);

/* The document to be signed (dangan/signed.h), of kind "acceptance-verdict": outcome and reasons, profile and version, packages with their
 * digests, counts, rules run and not run, sample, judgements, findings. Values found stay out (they may be personal): the report has
 * them. The caller owns the reference. */
json_t *da_verdict_json(const DaVerdict *verdict, const GPtrArray *verifications, const DaSample *sample, const DaProfile *profile);

/* A signed verdict as a page for people. It shows nothing but what was signed and carries the signed document, so that it can be checked
 * as well. The caller owns it; NULL with DA_ERROR_INPUT when the text is no signed verdict. */
char *da_verdict_html(const char *signed_text, GError **error);
/* Checks a signed document, as JSON or as such a page; of a page also that it shows what was signed. Errors: da_signed_check(). */
DaSigned *da_verdict_check(GBytes *file, const DaSignKey *expected, GError **error);
