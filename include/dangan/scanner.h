/*
 * Scanners through SANE: which there are, one of them set up, and its sides one after another as samples.
 *
 * What is asked for is asked for exactly: a scanner that has not the source, mode or resolution says which it has, and nothing is
 * scanned otherwise than it was wanted. Scanners of all makes name the same thing differently ("ADF Duplex", "adf-mode"); the
 * words of this header are found in their words.
 *
 * Thread rule: one scanner a process; SANE has global state.
 * Source: SANE Standard 1.06.
 */
#pragma once

#include <glib.h>

typedef struct {
    char *name; /* what --device takes: "fujitsu:fi-7160:123" */
    char *vendor, *model, *type;
} DaScannerDevice;

/* The scanners that can be seen now (DaScannerDevice *). The caller owns the array. */
GPtrArray *da_scanner_list(GError **error);

typedef enum { DA_SCAN_COLOUR, DA_SCAN_GREY, DA_SCAN_BITONAL } DaScanMode;

typedef struct {
    const char *device;
    const char *source; /* "flatbed", "adf", "adf-duplex", or the scanner's own word; NULL = as it stands */
    DaScanMode mode;
    guint dpi;
    double width_mm, height_mm;  /* of the area from the upper left corner, cut to what the scanner has; 0 = all of it */
    const char *const *settings; /* "name=value": options of the driver, set last and in this order; NULL = none */
} DaScannerSettings;

typedef struct DaScanner DaScanner;

/* Opens the scanner and sets it up. DA_ERROR_NOT_FOUND: no such scanner; DA_ERROR_CONFLICT: another program holds it;
 * DA_ERROR_USAGE: it cannot do what is wanted, and the text says what it can. */
DaScanner *da_scanner_open(const DaScannerSettings *settings, GError **error);
void da_scanner_close(DaScanner *scanner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaScanner, da_scanner_close)

/* TRUE when sides come from a feeder until it is empty; FALSE for one side a time. */
gboolean da_scanner_has_feeder(const DaScanner *scanner);
/* TRUE when two sides come of each sheet, front before back. */
gboolean da_scanner_is_duplex(const DaScanner *scanner);

/* One side as the scanner delivered it: rows without padding, samples of 16 bits in the byte order of this machine. */
typedef struct {
    guint width_px, height_px, dpi;
    guint bits;     /* 1 (1 = black), 8 or 16 a sample */
    guint channels; /* 1 or 3 */
    GByteArray *samples;
} DaScannedSide;

void da_scanned_side_clear(DaScannedSide *side);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaScannedSide, da_scanned_side_clear)

typedef enum {
    DA_SCANNER_SIDE,  /* `side` is filled */
    DA_SCANNER_EMPTY, /* the feeder has no more paper */
    DA_SCANNER_FAILED /* `error` is set */
} DaScannerOutcome;

/* Reads the next side completely. Paper jam, open cover and faults of the machine are DA_ERROR_SYSTEM, a stop at the scanner is
 * DA_ERROR_CANCELLED, a side that ended early DA_ERROR_SYSTEM: a part of a side is never returned. */
DaScannerOutcome da_scanner_read(DaScanner *scanner, DaScannedSide *side, GError **error);
