/*
 * The recognized text of one page: lines with a quad, words with a box, confidences. Written as ALTO 4.4 in a package and
 * as one JSON object a page by `dangan ocr`.
 *
 * Coordinates are px of the image named in the JSON or ALTO. A quad runs top left, top right, bottom right, bottom left in
 * reading direction. Invariant: no space between two Han characters.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct {
    char *text;
    double x_px, y_px, w_px, h_px;
    double confidence; /* 0 to 1; NAN = the source does not say */
} DaWord;

/* What a line was written with. Text of a seal crosses other lines; it is no part of the running text. */
typedef enum { DA_LINE_TEXT, DA_LINE_RED_HEAD, DA_LINE_SEAL, DA_LINE_KINDS } DaLineKind;

/* "text", "red-head" (红头: the issuing body, in red at the top of a document), "seal" (印章). */
const char *da_line_kind_name(DaLineKind kind);
/* DA_LINE_TEXT for a name that is not known. */
DaLineKind da_line_kind_of(const char *name);

typedef struct {
    double quad[4][2];
    char *text;
    double confidence; /* 0 to 1; NAN = the source does not say */
    gboolean vertical;
    DaLineKind kind;
    GPtrArray *words;  /* DaWord *; may be empty */
} DaLine;

typedef struct {
    guint width_px, height_px;
    char *engine;      /* "tesseract 5.3.0 chi_sim"; "none" = not recognized (a blank side) */
    GPtrArray *lines;  /* DaLine * in reading order; those of seals at the end */
} DaPageText;

DaPageText *da_page_text_new(guint width_px, guint height_px, const char *engine);
void da_page_text_free(DaPageText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPageText, da_page_text_free)
/* A new empty line, owned by `text`. */
DaLine *da_page_text_add(DaPageText *text);
DaWord *da_line_add_word(DaLine *line);

/* All lines joined by newlines. The caller owns it. */
char *da_page_text_plain(const DaPageText *text);
/* Mean confidence over characters of lines that are no seal's; NAN when there are none. */
double da_page_text_confidence(const DaPageText *text);
/* Removes spaces between Han characters (and their punctuation) and at both ends; folds runs of blanks, U+3000 among them, to one.
 * Bytes that are no UTF-8 become U+FFFD. The caller owns it. */
char *da_text_join_han(const char *text);

/* ALTO 4.4 that is valid under alto-4-4.xsd; a line of a seal or red head refers by TAGREFS to an OtherTag of TYPE "line-kind". `image_name`
 * stands in sourceImageInformation/fileName. Characters that XML cannot hold are dropped. DA_ERROR_INPUT for a page without size. */
GBytes *da_page_text_to_alto(const DaPageText *text, const char *image_name, GError **error);
/* Reads ALTO 2 to 4 (strings, boxes, WC); requires exactly one Page with its size, in pixels. A line's confidence is the mean over
 * its words; a line that was written without words comes back with one. DA_ERROR_INPUT with the reason. */
DaPageText *da_page_text_from_alto(GBytes *alto, GError **error);

/* {"width_px", "height_px", "engine", "lines": [{"quad", "text", "confidence", "vertical", "kind", "words"}], "seals": [the same]}; null =
 * not known. Lines of seals stand in "seals", because they lie across other lines. The caller owns the reference. */
json_t *da_page_text_to_json(const DaPageText *text);
DaPageText *da_page_text_from_json(const json_t *object, GError **error);
