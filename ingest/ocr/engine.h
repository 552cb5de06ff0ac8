/*
 * What an engine of recognition offers (dangan/recognize.h). One object a process; not thread-safe.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <dangan/text.h>

typedef struct {
    const char *name; /* what people choose it by */
    /* `full_name` receives name, version and model; the caller owns it. DA_ERROR_NOT_FOUND says what to install. */
    gpointer (*open)(char **full_name, GError **error);
    void (*close)(gpointer engine);
    /* Adds the lines of an upright, level page of 8 or 32 bits to `text`. `dpi` is not 0. */
    gboolean (*read)(gpointer engine, Pix *pix, guint dpi, DaPageText *text, GError **error);
    /* 0 to 1: how sure the engine is of `line`, an 8-bit crop of one line of text. `square` receives how many square (Han)
     * characters it saw. */
    double (*line_confidence)(gpointer engine, Pix *line, guint dpi, guint *square);
} DaOcrEngine;

extern const DaOcrEngine da_ocr_ppocr, da_ocr_tesseract;
