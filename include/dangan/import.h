/*
 * Import: deliveries of other makers in the GB/T 33870 exchange form become packages.
 *
 * What a delivery does not say of the person comes from a handover list beside the deliveries, with its row as source; what it says stays.
 * Each delivery (a zip or folder, dangan/exchange.h) is one package or none; what is wrong with one costs that one, and the rest goes
 * on. Masters are the original images, byte for byte; access images are the optimised ones, byte for byte where they are JPEG; a page without
 * one gets its access image from the original. Text is recognized on the access image. Nothing is turned, levelled or cropped: what the
 * maker did to a page stays.
 *
 * OUT holds packages, packages.csv (delivery → id, so that a second run gives the same ids), delivery.csv, import-report.json and .html, and
 * .dangan/ (kept work). The same command goes on where a killed one was.
 */
#pragma once

#include <dangan/profile.h>
#include <dangan/progress.h>
#include <signal.h>

typedef struct {
    const char *path;        /* a delivery, or a folder of many */
    const char *out;         /* folder; made when missing */
    const char *profile_dir; /* NULL = the data folder */
    const char *profile;     /* NULL = batch.conf beside the deliveries, else soe-retiree */
    const char *ocr;         /* as for ingest */
    guint jobs;              /* worker processes; 0 = one a core */
    GHashTable *overrides;   /* char * → char *: batch.conf keys given as options; NULL = none */
    gboolean chinese;        /* language of the findings that progress shows */
    DaProgress *progress;    /* borrowed; NULL = silent; counts deliveries */
    const volatile sig_atomic_t *stop;
} DaImportOptions;

typedef struct {
    guint deliveries, packaged, unchanged, failed;
    guint sides, blank_sides, warnings;
    char *ocr_engine;
    char *report_html; /* path */
} DaImportSummary;

/* TRUE when every delivery became a package; FALSE with DA_ERROR_PART when some did not (each is named in the report), with another error
 * when the run itself ended. `summary` is filled in every case and cleared by the caller. */
gboolean da_import_run(const DaImportOptions *options, DaImportSummary *summary, GError **error);
void da_import_summary_clear(DaImportSummary *summary);
