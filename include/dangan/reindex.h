/*
 * reindex: the database made anew from the objects alone.
 *
 * The records are found among the objects by their content, put into the order of their chain, and each is replayed as it was applied when it
 * was made (dangan/record.h). All that is about the holdings is replaced in one transaction: others read the old rows until it commits, and
 * killed anywhere it leaves the old ones. Accounts, sessions, the log of deposits and what fixity found are not in the objects: they stay where
 * the old database is there, and come from a backup where it is not.
 *
 * Where the database's folder is gone, the cluster is made first. Until the rows are there the archive is not complete, and no other command
 * opens it.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <signal.h>

typedef struct {
    DaProgress *progress;              /* records; may be NULL */
    const volatile sig_atomic_t *stop; /* may be NULL; ends with DA_ERROR_CANCELLED, and nothing is changed */
} DaReindexOptions;

typedef struct {
    guint64 objects, records;    /* looked at; replayed */
    guint64 dossiers, versions;  /* as they are now */
    guint64 aside;               /* records that no later one names: their operations had not come to an end */
    gboolean made;               /* the database is a new one */
} DaReindexResult;

/* DA_ERROR_DISK when a record of the chain is missing or damaged: it names which. */
gboolean da_reindex(const char *dir, const DaReindexOptions *options, DaReindexResult *result, GError **error);
