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

typedef struct {
    char *name;        /* folder name, file-system bytes; stays in reports beside the batch, never in a package */
    char *path;
    const DaHandoverRow *row; /* borrowed; NULL = no row names this folder */
    GPtrArray *materials;     /* DaMaterial * from the catalogue; NULL = no usable catalogue */
    GPtrArray *scans;         /* char *, absolute, natural order */
    gboolean named;           /* scans are named 类号-序号-页号 */
    GPtrArray *corrections;   /* what a person set right on sides: ingest/correction.h */
    GPtrArray *findings;      /* DaFinding *; one of severity error or fatal keeps the dossier from being packaged */
    DaFinding *no_catalogue;  /* borrowed from `findings`: the folder has no catalogue file at all, a draft may be made; NULL = it has one */
} DaBatchDossier;

typedef struct {
    char *path;
    DaConfig *config;      /* batch.conf */
    DaHandover *handover;  /* NULL = no list */
    GPtrArray *dossiers;   /* DaBatchDossier *, natural order of folders */
    GPtrArray *findings;   /* about the batch as a whole: list without header, rows without folder, … */
} DaBatch;

/* Settings of batch.conf: enterprise, enterprise-code, enterprise-parent, district, profile, operator, scanner, scheme. */
extern const DaSetting da_batch_settings[];

/* DA_ERROR_INPUT when the folder holds neither list nor dossier. `config` is taken over. */
DaBatch *da_batch_read(const char *path, DaConfig *config, const DaProfile *profile, GError **error);
void da_batch_free(DaBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaBatch, da_batch_free)
