/*
 * PP-OCR in parts: ppocr.c opens it, ppocr_places.c reads lines and columns, ppocr_red.c seals and red heads.
 */
#pragma once

#include "detect.h"
#include "transcribe.h"

#include <dangan/text.h>

typedef struct {
    DaOnnx *onnx;
    DaOnnxModel *detector;
    DaTranscriber *transcriber;
} DaPpocr;

/* Characters (DaCharacter) of the line in `quad` of an 8-bit image, doubtful marks at its ends taken off; the caller owns it. */
GArray *da_ppocr_transcribe(const DaPpocr *ppocr, Pix *grey, const DaQuad *quad, GError **error);
/* Characters of `cells` (DaQuad) side by side. */
GArray *da_ppocr_transcribe_cells(const DaPpocr *ppocr, Pix *grey, const GArray *cells, GError **error);
gboolean da_ppocr_all_han(const GArray *characters);

/* Adds the lines and columns in `places` (DaTextPlace) of `grey`. */
gboolean da_ppocr_read_places(const DaPpocr *ppocr, Pix *grey, const GArray *places, DaPageText *text, GError **error);
/* Adds what is written in red on a page of 8 or 32 bits: red heads, and what seals say. */
gboolean da_ppocr_read_red(const DaPpocr *ppocr, Pix *pix, guint dpi, DaPageText *text, GError **error);
