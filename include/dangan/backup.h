/*
 * Backup and restore of a whole archive, to a folder on another disk or another machine's share.
 *
 *     PATH/ backup.json          what it is: archive, time, dump, counts, last record; written last
 *           database/<time>.dump pg_dump's custom format; some of the latest are kept
 *           objects/ab/cd/…      copies, never links
 *           keys/ dangan.conf    as in the archive: a backup is as secret as the archive (0700)
 *           staging/ lock
 *
 * The database is dumped first and the objects are copied after it. An object is durable before the row that names it, and nothing is removed
 * while a backup runs; so each object that the dump names is there to be copied. The other way round, what is deposited in between would have rows without
 * objects. Dump and list of objects come from one snapshot, so that every row of the dump has been seen to have its object in the copy.
 *
 * Objects never change: a second backup copies what is missing. Interrupted, the same command goes on. Source: PostgreSQL 15, pg_dump (--snapshot).
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <signal.h>

typedef struct {
    guint keep;                        /* dumps to keep, the new one among them; 0 = 7 */
    DaProgress *progress;              /* objects; may be NULL */
    const volatile sig_atomic_t *stop; /* may be NULL; ends with DA_ERROR_CANCELLED */
} DaBackupOptions;

typedef struct {
    guint64 objects, bytes;        /* that the database names */
    guint64 copied, copied_bytes;  /* in this run */
    guint64 failed;                /* missing or damaged where they were to be copied from */
    guint64 surplus;               /* objects in the backup that the database does not name (any more) */
    guint64 destroyed;             /* objects of destroyed dossiers that were removed from the backup */
    GPtrArray *faults;             /* char *: each failed object, and why; the first hundred */
    char *dump;                    /* "database/….dump" */
} DaBackupResult;

/* DA_ERROR_CONFLICT: `to` holds other things, another archive's backup, or records that this archive does not have any more. An object that cannot be
 * copied is counted and named, and the rest is done. `result` is set in any case and cleared by the caller. */
gboolean da_backup(DaArchive *archive, const char *to, const DaBackupOptions *options, DaBackupResult *result, GError **error);

/* Makes the archive anew in `dir`, a folder that does not exist, is empty, or was begun by the same command. */
gboolean da_restore(const char *from, const char *dir, const DaBackupOptions *options, DaBackupResult *result, GError **error);

void da_backup_result_clear(DaBackupResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaBackupResult, da_backup_result_clear)
