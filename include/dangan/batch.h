/*
 * A batch as an enterprise hands it over: a folder with the handover list, optionally batch.conf, and a folder a dossier
 * with a catalogue and scans (DESIGN "Batch").
 *
 * Reading a batch looks at names, lists and catalogues; no image is opened. What is wrong with one dossier is a finding on
 * that dossier, the others go on.
 */
#pragma once

#include <dangan/config.h>
#include <dangan/handover.h>

/* One side of a stack that separator sheets gave to a dossier. */
typedef struct {
    guint scan, frame; /* index into `scans`; 1-based page in it, 0 = all its pages */
    char *name;        /* 类号-序号-页号 by the sheet of its material; NULL = none stood before it */
} DaBatchPart;

typedef struct {
    char *name;        /* folder name, file-system bytes; stays in reports beside the batch, never in a package */
    char *path;
    const DaHandoverRow *row; /* borrowed; NULL = no row names this folder */
    GPtrArray *materials;     /* DaMaterial * from the catalogue; NULL = no usable catalogue */
    GPtrArray *scans;         /* char *, absolute, natural order */
    gboolean named;           /* scans are named 类号-序号-页号 */
    GPtrArray *corrections;   /* what a person set right on sides: ingest/correction.h */
    GArray *parts;            /* DaBatchPart, paper order: the sides of a stack that are the dossier's; NULL = all sides of all scans */
    GPtrArray *findings;      /* DaFinding *; one of severity error or fatal keeps the dossier from being packaged */
    DaFinding *no_catalogue;  /* borrowed from `findings`: the folder has no catalogue file at all, a draft may be made; NULL = it has one */
} DaBatchDossier;

typedef struct {
    char *path;
    DaConfig *config;      /* batch.conf */
    DaHandover *handover;  /* NULL = no list */
    GPtrArray *dossiers;   /* DaBatchDossier *, natural order of folders */
    GPtrArray *stacks;     /* char *: scans that lie beside the folders, of many dossiers with separator sheets between */
    GPtrArray *findings;   /* about the batch as a whole: list without header, rows without folder, … */
} DaBatch;

/* Settings of batch.conf: enterprise, enterprise-code, enterprise-parent, district, profile, operator, scanner, scheme, separators. */
extern const DaSetting da_batch_settings[];

/* DA_ERROR_INPUT when the folder holds neither list nor scans. `config` is taken over. */
DaBatch *da_batch_read(const char *path, DaConfig *config, const DaProfile *profile, GError **error);
/* An empty array for `parts`. */
GArray *da_batch_parts_new(void);
/* A dossier that no folder stands for, with the findings of one without a catalogue. Borrowed. */
DaBatchDossier *da_batch_add(DaBatch *batch, const char *name, const DaProfile *profile);
/* The row of the list for a folder name (ID number, 档号, 姓名+ID number); borrowed; NULL = none. */
const DaHandoverRow *da_batch_row(const DaBatch *batch, const char *name);
/* When all dossiers are there: brings rows and dossiers together; adds findings for those that are left alone. */
void da_batch_match(DaBatch *batch, const DaProfile *profile);
void da_batch_free(DaBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaBatch, da_batch_free)
