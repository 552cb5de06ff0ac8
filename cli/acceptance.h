/*
 * The part of `dangan verify` that leads to a verdict: the sample, the list that people fill in, and the signed document.
 */
#pragma once

#include <dangan/verdict.h>

typedef struct {
    char *seed;      /* NULL = no sample is drawn */
    char *list;      /* csv to be filled in; NULL */
    char **verdicts; /* filled in; NULL */
    char *verdict;   /* the document, .json; NULL */
    char *key;       /* private key; NULL */
    char *signer;    /* NULL */
} DaAcceptanceOptions;

void da_acceptance_options_clear(DaAcceptanceOptions *options);

/* TRUE when a verdict is wanted. */
gboolean da_acceptance_is_wanted(const DaAcceptanceOptions *options);
/* What can be told before hours of verification: options that lack one another, a key that cannot be read, a filled-in list that would be
 * overwritten. */
gboolean da_acceptance_check(const DaAcceptanceOptions *options, GError **error);

typedef struct {
    DaSample *sample;
    DaVerdict *verdict;
    json_t *document;
} DaAcceptance;

/* Draws, reads what people said, reaches the verdict, writes list and documents. */
gboolean da_acceptance_run(DaAcceptance *acceptance, const DaAcceptanceOptions *options, const GPtrArray *verifications,
                           const DaProfile *profile, GError **error);
void da_acceptance_clear(DaAcceptance *acceptance);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaAcceptance, da_acceptance_clear)

/* Adds outcome, reasons and sample to a report. */
void da_acceptance_add_to_report(const DaAcceptance *acceptance, json_t *report);
