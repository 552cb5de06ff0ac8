/*
 * From characters with places to lines of a page: text, words with boxes, confidence, reading order.
 */
#pragma once

#include "red.h"

#include <dangan/text.h>

/* TRUE for Han characters. `text`: one character. */
gboolean da_is_han(const char *text);

/* Takes marks off both ends that the recognizer is not sure of: what it saw there are mostly rulings and the edges of stamps; and hatching
 * wherever it is, which is writing that shines through. */
void da_characters_tidy(GArray *characters);
/* The same for the ring of a seal, where worn ink at both ends looks like characters as well. */
void da_characters_tidy_seal(GArray *characters);

/* Adds the line that `characters` (DaCharacter) say, if they say anything, and returns it; borrowed. Its quad is the part of `quad` that they
 * take. A word is a Han character, a mark, or a run of letters and digits. */
DaLine *da_lines_add(DaPageText *page, const DaQuad *quad, const GArray *characters);
/* The same as several lines where wide gaps divide the characters: a label and what was filled in behind it. */
void da_lines_add_parts(DaPageText *page, const DaQuad *quad, const GArray *characters);
/* The same for a column whose `cells` (DaQuad, top to bottom) lay side by side when they were read; `quad` surrounds them. */
DaLine *da_lines_add_column(DaPageText *page, const GArray *cells, const GArray *characters);

/* The same for the text around a round seal, whose places are along its ring. */
DaLine *da_lines_add_seal(DaPageText *page, const DaSeal *seal, const GArray *characters);

/* Drops lines of plain text whose middle lies in `quad`: what is left of a red head in the layer without red. */
void da_lines_drop_in(DaPageText *page, const DaQuad *quad);

/* Reading order: seals last; rows from above, in a row from the left. */
void da_lines_sort(GPtrArray *lines);
