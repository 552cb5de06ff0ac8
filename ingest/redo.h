/*
 * What `ingest --redo` names: pages that are done again although nothing has changed, after a re-scan that a person wants to be sure
 * of, or a doubt in what is kept.
 *
 *     FOLDER                 every side of the dossier; its package id serves as well
 *     FOLDER/scan0003.jpg    every page of that scan
 *     FOLDER/adf.tif#3       one page of it
 *     FOLDER:9-1-2-003       the side that has this stem in the package of an earlier run
 */
#pragma once

#include "run.h"

/* Reads `pages` (each one name or several with commas between; NULL = nothing). DA_ERROR_USAGE names what the batch has not. */
DaRedo *da_redo_new(const char *const *pages, const DaRun *run, GError **error);
void da_redo_free(DaRedo *redo);

/* NULL redo is allowed. */
gboolean da_redo_any(const DaRedo *redo, const DaRunDossier *dossier);
gboolean da_redo_wants(const DaRedo *redo, const DaRunDossier *dossier, const DaRunSide *side);
