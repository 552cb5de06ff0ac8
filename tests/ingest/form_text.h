/* Recognized text made by hand: what an engine would give for a form. */
#pragma once

#include <dangan/text.h>

/* A row of text: left and top in px, height of a character, text; `text` NULL ends a list. Characters are as wide as high. */
typedef struct {
    int x, y, height;
    const char *text;
} FormRow;

/* An A4 page at 300 dpi. */
#define FORM_WIDTH 2480
#define FORM_HEIGHT 3508

DaPageText *form_text(const FormRow *rows);
void form_text_add(DaPageText *page, int x, int y, int height, const char *text, double confidence);
