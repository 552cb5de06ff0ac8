/*
 * The parts of backup and restore: objects that are brought from one folder to another, and what backup.json says.
 */
#pragma once

#include <dangan/backup.h>

typedef struct {
    char *archive;  /* fingerprint of the archive's first key; NULL = it had no record yet */
    char *made;     /* RFC 3339 */
    char *dump, *dump_sha256;
    guint64 objects, bytes;
    guint64 record; /* number of the last record; 0 = none */
    char *record_sha256;
} DaBackupNote;

void da_backup_note_clear(DaBackupNote *note);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaBackupNote, da_backup_note_clear)
/* DA_ERROR_NOT_FOUND when there is none. */
gboolean da_backup_note_read(const char *path, DaBackupNote *note, GError **error);
gboolean da_backup_note_write(const char *path, const DaBackupNote *note, GError **error);

/* Brings every object that the database names to `to`/objects, where it is not there yet, and looks at what was brought. `db` is in a
 * transaction. */
gboolean da_backup_bring(PGconn *db, const char *from, const char *to, const DaBackupOptions *options, DaBackupResult *result,
                         GError **error);
/* Copies keys/ and dangan.conf, as far as they are there. */
gboolean da_backup_bring_settings(const char *from, const char *to, GError **error);
