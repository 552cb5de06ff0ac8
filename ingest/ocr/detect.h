/*
 * Finding lines of text with the detector of PP-OCR: a map of how probably each pixel belongs to text, and the rectangles in it.
 */
#pragma once

#include "onnx.h"
#include "quad.h"

typedef struct {
    DaQuad quad;  /* px of the image that was given */
    double score; /* 0 to 1: mean probability inside */
} DaTextPlace;

/* Lines of an 8-bit image in which they run along rows or columns, in no order: an array of DaTextPlace, which the caller owns. The image
 * is reduced so that its longer side has at most `longest_px`. */
GArray *da_detect_lines(DaOnnxModel *detector, Pix *grey, guint longest_px, GError **error);
