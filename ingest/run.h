/* One run of ingest, as its steps share it. */
#pragma once

#include "correction.h"
#include "register.h"
#include "scanside.h"

#include <dangan/batch.h>
#include <dangan/ingest.h>
#include <jansson.h>

typedef struct {
    char *path;
    guint frames; /* 0 = cannot be read */
    gboolean container;
    char *sha256;
    char *as_of; /* size and times when it was opened; NULL = not noted */
} DaRunScan;

typedef struct {
    guint scan;   /* index into scans */
    guint place;  /* index of the scan whose name and place it takes: another one than `scan` when that was scanned again */
    guint place_frame; /* the page in it */
    guint frame;  /* 1-based */
    const char *name; /* 类号-序号-页号 by a separator sheet, borrowed; NULL = as the scan is named */
    DaSide *side; /* NULL = not done, or failed */
    gboolean failed;
} DaRunSide;

typedef enum { DA_RUN_BLOCKED, DA_RUN_PACKAGED, DA_RUN_UNCHANGED } DaRunState;

typedef struct {
    DaBatchDossier *source; /* borrowed from the batch */
    DaIdRow *id;            /* borrowed from the ids */
    char *package;          /* OUT/<id> */
    char *state_dir;        /* OUT/.dangan/<id> */
    GArray *scans;          /* DaRunScan */
    GArray *sides;          /* DaRunSide */
    guint pending;          /* sides that are not done */
    char *key;              /* of all input and settings; NULL = it cannot become a package */
    DaRunState state;
    gboolean doubted, closed;
    char *digest;  /* of the package */
    guint read_findings; /* so many findings came with the batch; the run made those behind them */
    json_t *dates;       /* the date table (da_conflicts_to_json); NULL = not described */
    json_t *entry;       /* what the report says of it */
} DaRunDossier;

typedef struct DaRedo DaRedo;

typedef struct {
    const DaIngestOptions *options;
    const char *engine; /* as it calls itself; "none" */
    DaProfile *profile;
    DaBatch *batch;
    DaIds *ids;
    DaRedo *redo;                  /* what is to be done again although it is there; NULL = nothing */
    GHashTable *opened;            /* path → DaRunScan *: what was opened before */
    GPtrArray *dossiers;           /* DaRunDossier * */
    guint next_dossier, next_item; /* where the pool's next job comes from */
    DaIngestSummary *summary;
} DaRun;

/* TRUE while nothing that was found keeps the dossier from being packaged. */
gboolean da_run_may_package(const DaRunDossier *dossier);
/* A finding about a scan or the dossier, by the profile's rule for `check`. Borrowed; set its texts. */
DaFinding *da_run_report(const DaRun *run, DaRunDossier *dossier, const char *check,
                         DaSeverity severity);

/* "scan0001.jpg", or "adf.tif#3" of a container. The caller owns it. */
char *da_run_side_file(const DaRunDossier *dossier, const DaRunSide *side);
/* The same about a side: by its stem, else by da_run_side_file. */
DaFinding *da_run_report_side(const DaRun *run, DaRunDossier *dossier, const DaRunSide *side,
                              const char *check, DaSeverity severity);
/* What a person should look at, although it keeps nothing from being packaged. */
void da_run_report_doubts(const DaRun *run, DaRunDossier *dossier);
/* Two scans of one side, as their fingerprints tell, while the sides are there. */
void da_run_report_rescans(const DaRun *run, DaRunDossier *dossier);
/* The same file in two places: of one dossier, or of two. */
void da_run_report_twins(const DaRun *run);

/* A finding that a correction cannot be followed. */
void da_run_refuse(const DaRun *run, DaRunDossier *dossier, const DaSideCorrection *correction, const char *why, const char *why_zh);

/* The dossier is at its end, packaged or not: makes what the report says of it, shows its findings, lets its sides go. */
void da_run_close_dossier(const DaRun *run, DaRunDossier *dossier);

/* Before all: looks for separator sheets where they may be, and gives the sides between them to dossiers and materials. */
gboolean da_run_split_stacks(DaRun *run, GError **error);
/* A scan that was opened before and is as it was then; NULL = none. Borrowed. */
const DaRunScan *da_run_opened(const DaRun *run, const char *path);
/* Notes that `scan` was opened. */
void da_run_note_opened(const DaRun *run, const DaRunScan *scan);
/* First pass: how many sides each scan has, and its digest. */
gboolean da_run_open_scans(DaRun *run, GError **error);
/* DA_ERROR_DISK when what is to be done cannot fit; a line of progress when it may not. */
gboolean da_run_check_disk(const DaRun *run, GError **error);

/* Second pass: every side that is not there yet, also of dossiers that something else keeps from being packaged: when that is
 * mended nothing is left to do but to package. Each dossier is packaged when its last side is done. */
gboolean da_run_process_sides(DaRun *run, GError **error);
/* Assigns sides to materials and writes the package. FALSE only when the machine fails; what is wrong with the dossier is a finding. */
gboolean da_run_package(DaRun *run, DaRunDossier *dossier, GError **error);

/* What the pages say (DaPageDescription *, NULL for a blank side), in the order of the sides. */
GPtrArray *da_run_read_pages(const DaRun *run, const DaRunDossier *dossier, GError **error);
/* Compares what the pages say with each other, list and catalogue: claims go into `dossier`, findings and the date table into `source`. */
void da_run_describe(const DaRun *run, DaRunDossier *source, DaDossier *dossier, GPtrArray *pages);
/* TRUE when the folder has no catalogue and a draft shall be packaged in its place. */
gboolean da_run_packages_draft(const DaRun *run, const DaRunDossier *dossier);
/* Sets the message of the missing catalogue to where the draft lies. */
void da_run_tell_draft(const DaRun *run, DaRunDossier *dossier);
/* Drafts the missing catalogue into OUT/drafts/<folder>/; where drafts are packaged it also becomes the dossier's catalogue. */
gboolean da_run_draft(const DaRun *run, DaRunDossier *dossier, GError **error);
/* OUT/dates/<id>.html and .json of each dossier that has a date table. */
gboolean da_run_write_dates(const DaRun *run, GError **error);

/* What the report says of a dossier, but for its findings. The caller owns the reference. */
json_t *da_run_entry(const DaRun *run, const DaRunDossier *dossier);
/* The part of it that may lie in the package: no names, no ID numbers, no file or folder names. */
GBytes *da_run_redacted(const DaRun *run, const DaRunDossier *dossier);
/* delivery.csv, ingest-report.json and ingest-report.html in OUT. `stopped` = the run did not reach its end. */
gboolean da_run_write_reports(const DaRun *run, gboolean stopped, GError **error);
