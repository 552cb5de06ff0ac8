/*
 * Pictures beside findings: the crop of the access image, or the whole page made small. They come from packages that may be
 * hostile, so they are decoded in worker processes.
 */
#pragma once

#include <dangan/verify.h>

/* More pictures than a reader looks at make a report that no browser opens. */
#define DA_REPORT_MAX_CROPS 50

/* Findings of one rule in one package that a report writes out; who mends these mends the rest with them. */
#define DA_REPORT_ROWS_A_GROUP 20

/* DaFinding * → JPEG as base64, for the first findings that have a page whose picture can be made. A picture that cannot be made is
 * left out. The caller owns the table. */
GHashTable *da_report_crops(const GPtrArray *verifications, const DaProfile *profile);
