/*
 * Recognition: one interface, engines behind it. Here Tesseract; `da_recognizer_names` lists what is installed.
 *
 * An engine is not thread-safe; each worker process has its own.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <dangan/text.h>

typedef struct DaRecognizer DaRecognizer;

/* `engine`: "auto" (the best that is installed), "tesseract" or "none" (returns empty pages). DA_ERROR_NOT_FOUND says what to
 * install. */
DaRecognizer *da_recognizer_new(const char *engine, GError **error);
void da_recognizer_free(DaRecognizer *recognizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaRecognizer, da_recognizer_free)

/* "tesseract 5.3.0 chi_sim"; borrowed. */
const char *da_recognizer_name(const DaRecognizer *recognizer);

/* Reads an upright, level page (8 or 32 bits, `dpi` 0 = 300). Coordinates in px of `pix`. DA_ERROR_SYSTEM when the engine
 * gives no page. */
DaPageText *da_recognizer_read(DaRecognizer *recognizer, Pix *pix, guint dpi, GError **error);

/* How much a level page looks like upright text, 0 to 1, from a few lines: compare between turns. */
double da_recognizer_upright_score(DaRecognizer *recognizer, Pix *pix, guint dpi);
