/*
 * One scanned side: the job that a worker does, and what comes of it.
 *
 * Results lie in the dossier's state folder under the digest of the master, each with the key of its input and settings:
 *
 *     <m>.master.<ext>  <m>.access.jpg  <m>.thumb.jpg  <m>.side.json  <m>.text.json       <m> = digest of the master
 *
 * A result whose key still fits and whose files are whole is not made again. What a person corrected lies beside it as <m>-<c>.…, so
 * that taking the correction back costs nothing.
 */
#pragma once

#include "correction.h"

#include <dangan/dossier.h>
#include <dangan/image.h>
#include <dangan/recognize.h>
#include <jansson.h>

/* What a job needs. */
typedef struct {
    const char *scan;  /* path */
    guint frame;       /* 1-based */
    const char *state; /* state folder of the dossier */
    DaImageFormat format; /* of the access image: JPEG or PNG */
    guint quality;        /* of an access JPEG */
    guint assumed_dpi; /* for scans that do not say theirs; 0 = refuse them */
    gboolean redo;     /* what is kept does not count */
    /* What a person set instead of what is measured; NULL = nothing. */
    const DaSideCorrection *turn, *crop, *blank;
} DaSideJob;

/* What came of it. `page` has everything but side, stem and the OCR file. */
typedef struct {
    DaPage *page; /* owned until it is placed in a material */
    gboolean placed;
    char *text;      /* path of <m>.text.json */
    char *thumbnail; /* path of <m>.thumb.jpg */
    gboolean inspected, imaged, read; /* steps that were done now; the others were found from an earlier run */
    json_t *inspection; /* what was measured: da_inspection_to_json() */
    json_t *ms;         /* processor time of each part of the work */
    json_t *lay;        /* how it was laid upright: da_side_lay_json() */
    gboolean crop_refused; /* the corrected crop lies outside of the page */
    const DaSideCorrection *material, *order; /* where a person wants it; NULL = as it is dealt. Borrowed */
    gboolean no_dpi; /* the scan does not say its resolution; the profile's was taken */
} DaSide;

void da_side_free(DaSide *side);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSide, da_side_free)

/* In the worker. `inspector` (may be NULL) votes on the turn, `recognizer` reads. Returns the answer for the parent. */
char *da_side_work(const DaSideJob *job, DaRecognizer *inspector, DaRecognizer *recognizer,
                   GError **error);
/* In the parent: the answer as a model. */
DaSide *da_side_from_answer(const char *answer, const DaSideJob *job, GError **error);
/* What was recognized. The caller owns it. */
DaPageText *da_side_load_text(const DaSide *side, GError **error);
/* Writes the ALTO of a named page beside its text and sets page->file[DA_FILE_OCR]. */
gboolean da_side_write_alto(DaSide *side, GError **error);
