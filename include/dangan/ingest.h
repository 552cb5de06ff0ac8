/*
 * Ingest: a batch becomes packages, page by page in worker processes, and goes on where it was when it was killed.
 *
 * OUT holds packages (a folder per package id), packages.csv (folder → id, so that a second run gives the same ids),
 * delivery.csv (id, 档号, files, bytes, digest: the machine half of the handover), ingest-report.json and .html, and
 * .dangan/ (kept work; deleting it costs time, nothing else).
 */
#pragma once

#include <dangan/profile.h>
#include <dangan/progress.h>
#include <jansson.h>
#include <signal.h>

typedef struct {
    const char *batch;       /* folder */
    const char *out;         /* folder; made when missing */
    const char *profile_dir; /* NULL = the data folder */
    const char *profile;     /* NULL = batch.conf, else soe-retiree */
    const char *ocr;         /* "auto", "ppocr", "tesseract", "none" */
    guint jobs;              /* worker processes; 0 = one a core */
    guint page_seconds;      /* time limit of one page; 0 = 120 */
    guint64 page_memory_bytes; /* limit of one worker; 0 = 2 GiB */
    const char *const *redo; /* names of pages (docs/corrections.md) that are done again although they are there; NULL = none */
    GHashTable *overrides;   /* char * → char *: batch.conf keys given as options; NULL = none */
    gboolean draft_catalogue;  /* a folder without a catalogue is packaged with the draft, marked as one */
    gboolean chinese;        /* language of the findings that progress shows */
    DaProgress *progress;    /* borrowed; NULL = silent */
    const volatile sig_atomic_t *stop;
    /* For a watch (dangan/watch.h): FALSE for folders and files of the batch that are not whole yet, which this run leaves out; rows of the
     * list without a folder are then no fault. NULL = all is whole. */
    gboolean (*whole)(const char *path, gpointer data);
    gpointer whole_data;
    GHashTable *opened;      /* from da_ingest_opened_new(): files that an earlier run of this process opened and that are as they were; NULL = none */
    GHashTable *told;        /* from da_ingest_told_new(): what earlier runs of this process said of each dossier, which is not said again; NULL = say all */
} DaIngestOptions;

/* What one run knows of files, for the next run of the same process. */
GHashTable *da_ingest_opened_new(void);
GHashTable *da_ingest_told_new(void);

typedef struct {
    guint dossiers, packaged, unchanged, failed; /* unchanged: package of an earlier run that still fits its input */
    guint sides, blank_sides, failed_sides, warnings;
    /* What this run did; the rest was found from earlier ones. `kept`: sides for which nothing was done again. */
    guint sides_inspected, sides_imaged, sides_read, sides_kept;
    char *ocr_engine;
    char *ocr_note;          /* why "auto" did not take a better engine; NULL = it did, or was not asked */
    char *report_html;       /* path */
} DaIngestSummary;

/* Runs the batch. TRUE when every dossier was packaged; FALSE with DA_ERROR_PART when some were not (each is named in the
 * report and in a progress line), with another error when the run itself ended. `summary` is filled in every case;
 * da_ingest_summary_clear() frees its texts. */
gboolean da_ingest_run(const DaIngestOptions *options, DaIngestSummary *summary, GError **error);
void da_ingest_summary_clear(DaIngestSummary *summary);
/* {"dossiers", "packaged", "unchanged", "not_packaged", "sides", "blank_sides", "failed_sides", "warnings", "ocr_engine", "ocr_note", "report",
 * "done": {"sides_inspected", "sides_imaged", "sides_read", "sides_kept", "packages_written"}}: docs/ingest-report.md. */
json_t *da_ingest_summary_to_json(const DaIngestSummary *summary);
