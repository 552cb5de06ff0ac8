/*
 * The title of a form: what stands large at the head of a page, and which kind of form of the profile it is.
 *
 * A written title of the profile is pieces of text in order; `*` between them stands for anything. A damaged character in five is
 * borne. What stands before the first piece or after the last without `*` may be two stray characters.
 */
#pragma once

#include "describe_lines.h"

#include <dangan/profile.h>

typedef struct {
    const DaFormKind *form; /* borrowed; NULL = the profile does not know it */
    char *text;             /* as read; NULL = the page has no title */
    DaArea area;
    double confidence; /* of the recognition; NAN */
    guint damaged;     /* characters that differ from the written title */
    gboolean large;    /* larger than the text of the page, or in the middle of its head */
} DaTitle;

void da_title_clear(DaTitle *title);

/* The form that a title means; NULL = none. `damaged` may be NULL. */
const DaFormKind *da_title_form(const DaFormBook *book, const char *title, guint *damaged);
/* Looks at the upper part of a page. */
void da_title_find(DaTitle *title, const GPtrArray *rows, guint width_px, guint height_px,
                   const DaFormBook *book);
