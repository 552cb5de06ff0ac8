/*
 * Progress of long work: on a terminal one line that is redrawn (share, items a minute, time left), elsewhere one plain
 * line for each finished part (a dossier, a package). The library reports steps; the command decides where they are shown.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct DaProgress DaProgress;

/* `out` is borrowed (NULL = silent). `unit` is what is counted, plural ("pages"); `total` 0 = not known yet. */
DaProgress *da_progress_new(FILE *out, const char *unit, guint64 total);
void da_progress_total(DaProgress *progress, guint64 total);
/* `n` more are to be done than the total says. */
void da_progress_more(DaProgress *progress, guint64 n);
/* The bar speaks Chinese; `unit` is given in the same language. */
void da_progress_chinese(DaProgress *progress, gboolean chinese);
/* `n` more are done. NULL progress is allowed everywhere. */
void da_progress_add(DaProgress *progress, guint64 n);
/* `n` were found done by an earlier run: they count as done and not for the speed. */
void da_progress_skip(DaProgress *progress, guint64 n);
/* One line about a finished part. It stays on the screen above the bar. Nothing personal: no names, no ID numbers. */
void da_progress_line(DaProgress *progress, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Clears the bar and frees. */
void da_progress_free(DaProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaProgress, da_progress_free)
