/*
 * Recognition: one interface, two engines behind it. PP-OCR makes a fifth of the errors and is taken where its runtime and models are
 * installed (DANGAN_OCR_DIR, else `ocr` in the data folder); Tesseract serves everywhere. Decisions 010 to 012 have the measurements.
 *
 * An engine is not thread-safe and does not survive a fork; each worker process opens its own.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <dangan/text.h>

typedef struct DaRecognizer DaRecognizer;

#define DA_RECOGNIZER_CHOICE "auto, ppocr, tesseract or none"

/* `engine`: "auto" (the best that can be opened), "ppocr", "tesseract" or "none" (returns empty pages). DA_ERROR_NOT_FOUND says what
 * to install, DA_ERROR_USAGE that there is no such engine. */
DaRecognizer *da_recognizer_new(const char *engine, GError **error);
void da_recognizer_free(DaRecognizer *recognizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaRecognizer, da_recognizer_free)

/* "tesseract 5.3.0 chi_sim", "ppocr 4 onnxruntime 1.30.0 models 0123abcd": changes whenever the same page may be read otherwise;
 * borrowed. */
const char *da_recognizer_name(const DaRecognizer *recognizer);
/* Why "auto" did not take a better engine, and what to install; NULL = it took the best there is. Borrowed. */
const char *da_recognizer_note(const DaRecognizer *recognizer);

/* Reads an upright, level page (8 or 32 bits, `dpi` 0 = 300). Coordinates in px of `pix`. DA_ERROR_SYSTEM when the engine
 * gives no page. */
DaPageText *da_recognizer_read(DaRecognizer *recognizer, Pix *pix, guint dpi, GError **error);

/* How much a level page looks like upright text, 0 to 1, from a few lines: compare between turns. */
double da_recognizer_upright_score(DaRecognizer *recognizer, Pix *pix, guint dpi);
