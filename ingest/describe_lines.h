/*
 * The lines of a recognized page as characters with their places: what titles, labels and values are looked for in.
 *
 * Blanks are gone but between letters or digits, full-width forms are half-width; a character's place comes from its word where the
 * engine gives words, else from its share of the line.
 */
#pragma once

#include <dangan/dossier.h>
#include <dangan/text.h>

typedef struct {
    double x0, y0, x1, y1;
} DaArea;

typedef struct {
    gunichar c;
    DaArea area;
    double confidence; /* 0 to 1; NAN */
} DaGlyph;

typedef struct {
    GArray *glyphs; /* DaGlyph */
    DaArea area;
    gboolean vertical;
} DaRow;

/* Rows that have text, in reading order (DaRow *). The caller owns the array. */
GPtrArray *da_rows_of_page(const DaPageText *text);

double da_area_height(const DaArea *area);
double da_area_middle(const DaArea *area); /* of its height */
/* Grows `area` around `other`; an empty one (all 0) becomes it. */
void da_area_join(DaArea *area, const DaArea *other);
/* Median height of horizontal rows, weighted by characters; 0 when there are none. */
double da_rows_height(const GPtrArray *rows);

/* Characters `from` to `to` as UTF-8. The caller owns it. */
char *da_glyphs_text(const GArray *glyphs, guint from, guint to);
/* Their place together, and their mean confidence (NAN when none has one). */
DaArea da_glyphs_area(const GArray *glyphs, guint from, guint to);
double da_glyphs_confidence(const GArray *glyphs, guint from, guint to);

/* Gives a claim its place and confidence, within what dossier.xml can hold whatever an engine says. */
void da_claim_set_place(DaClaim *claim, const DaArea *area, double confidence);
