/*
 * Reading a strip of one line with the recognizer of PP-OCR: a network over columns, decoded greedily (CTC), with the place and the
 * confidence of each character.
 */
#pragma once

#include "onnx.h"

#include <dangan/handle/pix.h>

/* The strips that da_transcribe() takes. */
#define DA_STRIP_HEIGHT_PX 48
#define DA_STRIP_MAX_WIDTH_PX 3200
/* About the width of a Han character in a strip that keeps the shape of its line. */
#define DA_STRIP_CHARACTER_PX 43.0

typedef struct DaTranscriber DaTranscriber;

typedef struct {
    const char *text;  /* borrowed from the dictionary; "" never, " " between words */
    double from, to;   /* along the strip, 0 to 1 */
    double confidence; /* 0 to 1 */
} DaCharacter;

/* `dictionary`: a file with one character a line in the order of the model's classes. DA_ERROR_NOT_FOUND when a file is not there or the two
 * do not belong together. */
DaTranscriber *da_transcriber_open(DaOnnx *onnx, const char *model, const char *dictionary,
                                   GError **error);
void da_transcriber_close(DaTranscriber *transcriber);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaTranscriber, da_transcriber_close)

/* Characters of an 8-bit strip, left to right and in simplified forms: an array of DaCharacter, which the caller owns. `character_px`: the
 * width of a Han character in it. */
GArray *da_transcribe(DaTranscriber *transcriber, Pix *strip, double character_px, GError **error);
/* Mean over the characters; 0 when there are none. */
double da_characters_confidence(const GArray *characters);
