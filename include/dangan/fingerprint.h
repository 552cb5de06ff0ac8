/*
 * Fingerprints of pages: the same side scanned twice is found, whatever its format, place on the glass and whole turn.
 *
 * A fingerprint says how much ink lies in each square of 4 mm around the middle of all ink, level. Forms of one kind share their print and
 * differ in what was written into them: so pages are compared place by place, and the places that agree least decide.
 */
#pragma once

#include <glib.h>

#define DA_FINGERPRINT_SIDE 72
#define DA_FINGERPRINT_BYTES (DA_FINGERPRINT_SIDE * DA_FINGERPRINT_SIDE / 2)

typedef struct {
    gboolean known; /* FALSE for blank sides: they are all alike */
    guint8 cells
        [DA_FINGERPRINT_BYTES]; /* row by row, two to a byte, the first in the high half; 0 = no ink, 15 = full */
} DaFingerprint;

/* Likeness above which two sides are scans of one. Measured in docs/decisions. */
#define DA_FINGERPRINT_SAME 0.76

/* 0 to 1, over all four turns. 0 when one is not known. */
double da_fingerprint_likeness(const DaFingerprint *a, const DaFingerprint *b);

/* Base64, and back: FALSE for a text that is none. The caller owns the text; NULL when it is not known. */
char *da_fingerprint_to_text(const DaFingerprint *fingerprint);
gboolean da_fingerprint_from_text(const char *text, DaFingerprint *fingerprint);
