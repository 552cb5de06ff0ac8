/*
 * Corrections: what a person sets right on single sides, instead of what was measured or dealt.
 *
 * They stand in `corrections.csv` (or `更正.csv`, or .xlsx) of the batch, of a dossier's folder, or both; docs/corrections.md has the
 * columns and values. The file is the truth: a row that is taken out gives the automatic result back. Of two rows for the same thing the
 * later one counts, and the batch's file comes after those of the folders. A row that cannot be followed is a finding that names file and
 * row, and nothing else is lost by it.
 */
#pragma once

#include <dangan/batch.h>
#include <dangan/upright.h>

typedef enum {
    DA_CORRECT_TURN,
    DA_CORRECT_CROP,
    DA_CORRECT_BLANK,
    DA_CORRECT_MATERIAL,
    DA_CORRECT_ORDER,
    DA_CORRECT_REPLACE,
    DA_CORRECT_N
} DaCorrectKind;

typedef struct {
    char *file; /* base name of the table */
    guint row;  /* 1-based */
    gboolean in_batch; /* the file is the batch's, not a dossier's own */
    char *scan; /* the side: name of its file, … */
    guint frame; /* … and the page in it, 1-based */
    DaCorrectKind kind;
    char *value;  /* as dossier.xml has it */
    char *by, *at;
    int turn_cw_deg;
    DaUprightCrop crop; /* w_px 0 = nothing is cut */
    gboolean blank;
    char *class_code; /* of the material */
    guint number;     /* sequence of the material; place of the side in it; page in the file that replaces */
    char *other;      /* name of the scan that replaces */
} DaSideCorrection;

const char *da_correct_name(DaCorrectKind kind);

/* TRUE for the name of a corrections file. */
gboolean da_is_corrections(const char *name);

/* Reads the files of the batch into `corrections` of its dossiers; what cannot be followed becomes a finding. */
void da_corrections_read(DaBatch *batch, const DaProfile *profile);

/* What was corrected of a side; NULL = nothing of this kind. Borrowed. */
const DaSideCorrection *da_correction_of(const DaBatchDossier *dossier, const char *scan_path, guint frame,
                                         DaCorrectKind kind);
/* TRUE when the scan stands for another one, so that it is no side of its own. */
gboolean da_correction_is_replacement(const DaBatchDossier *dossier, const char *scan_path);

/* A finding on `findings` that the row cannot be followed. Borrowed. */
DaFinding *da_correction_refuse(GPtrArray *findings, const DaProfile *profile, const char *subject,
                                const char *file, guint row, const char *why, const char *why_zh);
