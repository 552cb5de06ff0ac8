/*
 * A watched folder (hot folder): dossiers that appear in it are processed as soon as they are whole.
 *
 * Whole is a folder in which nothing has changed for `settle_seconds`, that no `dangan scan` works in, of whose files none is open for writing
 * (where the system can tell) or named like a download under way (.part, .tmp, .crdownload …). Handover list, batch.conf and stacks
 * beside the folders wait for the same. A dossier that changes later is processed again; what is unchanged is not opened again. Changes are told by
 * inotify; a slow look round finds them on network shares, where it tells nothing.
 *
 * Nothing is kept but what ingest keeps: a watch that was killed begins again with the same command.
 */
#pragma once

#include <dangan/ingest.h>
#include <stdio.h>

typedef struct {
    guint settle_seconds; /* 0 = 10 */
    guint look_seconds;   /* slow look round; 0 = 30 */
    FILE *out;            /* progress of each run; NULL = silent */
    /* After each run; `error` NULL = all that is whole was packaged. May be NULL. */
    void (*passed)(const DaIngestSummary *summary, const GError *error, gpointer data);
    gpointer data;
} DaWatchOptions;

/* Watches until `ingest->stop` is set. `ingest->progress` and `whole` are set by the watch. TRUE when it was stopped between two runs;
 * FALSE with DA_ERROR_CANCELLED when it was stopped within one, with another error when the batch folder is gone. What fails otherwise (a
 * dossier, the list, a full disk) is passed on and tried again: a fault of the machine after a minute, one of the input when it has changed. */
gboolean da_watch_run(const DaIngestOptions *ingest, const DaWatchOptions *options, GError **error);
