/*
 * The fields of a form: labels are found in the rows of a page, and the value of each stands after, beside, under or before it.
 *
 * A label may stand in two or three rows of one cell, with its characters far apart, or vertically. Rows with a label of a table of
 * relatives (称谓, 与本人关系) are about other persons and are not read.
 */
#pragma once

#include "describe_lines.h"

#include <dangan/profile.h>

/* Appends what the page claims to `claims` (DaClaim *, without stem), in reading order. */
void da_fields_find(GPtrArray *claims, const GPtrArray *rows, guint width_px,
                    const DaFormBook *book);
