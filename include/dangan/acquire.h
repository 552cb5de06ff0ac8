/*
 * A stack of paper becomes files in a folder, in paper order, numbered on after what lies there.
 *
 * A side appears whole under its name or not at all, and so do the two sides of a sheet that is read on both. What is there
 * stays when the paper jams, the disk is full or the user stops; the same command goes on after it.
 */
#pragma once

#include <dangan/progress.h>
#include <dangan/scanner.h>
#include <signal.h>

typedef enum { DA_ACQUIRE_JPEG, DA_ACQUIRE_TIFF } DaAcquireFormat;

typedef struct {
    DaScannerSettings scanner;
    const char *into;       /* folder; made when missing */
    DaAcquireFormat format; /* TIFF is without loss; sides of one bit are TIFF (group 4) in any case */
    guint quality;          /* of JPEG, 1 to 100 */
    guint sides;            /* at most so many (whole sheets); 0 = until the feeder is empty */
    DaProgress *progress;   /* borrowed; NULL = silent */
    const volatile sig_atomic_t *stop; /* once non-zero no new sheet is drawn in */
} DaAcquireOptions;

typedef struct {
    GPtrArray *files; /* char *: paths of what was written, in order */
} DaAcquired;

/* Scans until the feeder is empty (from a flatbed one side). `acquired` is filled in every case; da_acquired_clear() frees it.
 * Errors: those of da_scanner_open(); DA_ERROR_CONFLICT when another scan into the folder runs; DA_ERROR_INPUT when the feeder was
 * empty from the start or the scans of the folder cannot be counted on; DA_ERROR_PART when the scanner failed after some sides,
 * DA_ERROR_DISK, DA_ERROR_CANCELLED. */
gboolean da_acquire_run(const DaAcquireOptions *options, DaAcquired *acquired, GError **error);
void da_acquired_clear(DaAcquired *acquired);
