/*
 * Reading a scan as it lies: it is turned and levelled inside, and what was read is mapped back to the given image.
 */
#pragma once

#include <dangan/recognize.h>

/* Recognizes a decoded scan (`dpi` 0 = 300). Quads and boxes are px of `pix` as given; a word's box is the upright rectangle around its
 * four mapped corners. A blank side has no lines and the engine "none". */
DaPageText *da_reading_of_scan(Pix *pix, guint dpi, DaRecognizer *recognizer, GError **error);
