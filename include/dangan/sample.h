/*
 * What people look at before a delivery is accepted: a sample, drawn by chance with a recorded seed, and every place that a screened
 * rule suspects. Both are one list of items, a row each, that people fill in and that is read back.
 *
 * The profile says how much (rule of check `accept-sample-size`: min-percent, min-units, unit, strata) and what is asked: each sampled rule
 * with a parameter `look-at` (page, material, dossier, delivery) is asked of all that was drawn. A unit is drawn when the digest of seed
 * and package is among the least of its stratum: so the sample follows from seed and packages alone, whatever their order, a larger one
 * holds the smaller one, and whoever has the packages can draw it again.
 * Source: DA/T 31-2017 §12.3 (at least 5 %, by 件 or 卷).
 */
#pragma once

#include <dangan/verify.h>

typedef enum {
    DA_JUDGEMENT_OPEN,
    DA_JUDGEMENT_GOOD,
    DA_JUDGEMENT_BAD,
    DA_JUDGEMENT_NOT_APPLICABLE, /* the question does not arise; counts for nothing */
} DaJudgement;

/* One question to a person. */
typedef struct {
    char *key;                     /* of the row: follows from package, rule and place, whatever the seed */
    const DaRule *rule;            /* borrowed from the profile */
    const DaVerification *package; /* borrowed; NULL = about the whole delivery */
    char *place;                   /* page stem "9-1-2-003", material "9-1-2", or NULL */
    gboolean is_page;              /* `place` is a page */
    const char *title;             /* of the material; borrowed; NULL */
    const DaFinding *finding;      /* what the program suspects; borrowed; NULL = drawn by chance */
    guint more;                    /* findings of this rule in this package that were counted only, and stand for this row */
    DaJudgement judgement;
    char *remark, *who, *when;     /* NULL */
} DaSampleItem;

typedef struct {
    char *employer, *operator_name; /* "" = not known, or not asked for by the profile */
    guint units, drawn;
} DaStratum;

typedef struct {
    char *seed;
    double percent;        /* of each stratum, at least */
    gboolean by_page;      /* units are pages, else dossiers */
    guint units, drawn;    /* of packages that could be read */
    GPtrArray *strata;     /* DaStratum *, in order of their names */
    GPtrArray *packages;   /* const DaVerification *: those of which something was drawn */
    GPtrArray *items;      /* DaSampleItem *, package by package */
    struct DaDraw *draw;   /* its own */
} DaSample;

/* Draws from the packages among `verifications`, which outlive the sample. `seed` NULL = nothing is drawn: only what is suspected is asked.
 * DA_ERROR_INPUT when the profile has no rule for the size, or a parameter is wrong. */
DaSample *da_sample_draw(const GPtrArray *verifications, const DaProfile *profile, const char *seed, GError **error);
/* Draws `percent` of each stratum instead; what was judged stays judged. */
gboolean da_sample_enlarge(DaSample *sample, double percent, GError **error);
void da_sample_free(DaSample *sample);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSample, da_sample_free)

/* How many places there are that `rule` could be asked of, drawn or not. */
guint da_sample_population(const DaSample *sample, const DaRule *rule);

/* The list as csv (UTF-8 with mark): what was judged already stands in it. One that is longer than a table may be goes on in further files,
 * each of which can be filled in and read by itself. */
gboolean da_sample_write(const DaSample *sample, const char *path, gboolean chinese, GError **error);
/* Name of the n-th file (from 1) of a list: "list.csv", "list-2.csv". The caller owns it. */
char *da_sample_list_part(const char *path, guint part);
/* Reads judgements out of such a list (csv in UTF-8 or GB18030, or xlsx). Rows without one are left open. DA_ERROR_INPUT names every row
 * (the first of them) that cannot be followed: an item that was not asked, a word that is no judgement, no who or when, a day to come, two rows
 * that differ. */
gboolean da_sample_read(DaSample *sample, const char *path, GError **error);
/* {"seed", "percent", "unit", "units", "drawn", "strata": [], "packages": []}; numbers that have fractions are text. NULL when nothing
 * was drawn. The caller owns the reference. */
json_t *da_sample_json(const DaSample *sample);
