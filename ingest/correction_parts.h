/* The two halves of reading corrections: tables, and the values in them. */
#pragma once

#include "correction.h"

void da_side_correction_free(gpointer correction);

/* The kind by its name in either language; DA_CORRECT_N = none. */
DaCorrectKind da_correct_by_name(const char *name);

/* Reads `text` as the value of correction->kind. FALSE for one that it cannot have; `wanted` and `wanted_zh` say what it can have. */
gboolean da_correction_set_value(DaSideCorrection *correction, const char *text, const DaScheme *scheme,
                                 const char **wanted, const char **wanted_zh);
/* RFC 3339 in UTC, or the day as it is; NULL when `text` is neither. The caller owns it. */
char *da_correction_time(const char *text);
