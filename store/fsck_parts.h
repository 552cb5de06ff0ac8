/*
 * The parts of fsck: the chain of records, the manifests, the objects, and what is removed.
 */
#pragma once

#include <dangan/fsck.h>
#include <dangan/object.h>
#include <jansson.h>

typedef struct {
    DaArchive *archive;
    PGconn *db;    /* reads, all in one snapshot */
    PGconn *notes; /* writes what was found and mended */
    DaObjectStore *store;
    const DaFsckOptions *options;
    DaFsckResult *result;
    guint64 head;  /* number of the last record that the database has; 0 = none */
} DaFsck;

/* Counts and tells a problem. `detail` as for printf. */
void da_fsck_tell(DaFsck *fsck, DaFsckKind kind, const char *subject, gboolean mended,
                  const char *detail, ...) G_GNUC_PRINTF(5, 6);
/* FALSE with DA_ERROR_CANCELLED when the user has stopped it. */
gboolean da_fsck_goes_on(const DaFsck *fsck, GError **error);

/* References between rows. */
gboolean da_fsck_rows(DaFsck *fsck, GError **error);
/* Sets `head`. */
gboolean da_fsck_records(DaFsck *fsck, GError **error);
gboolean da_fsck_manifests(DaFsck *fsck, GError **error);
/* Packages of handover batches that wait: what they consist of. */
gboolean da_fsck_batches(DaFsck *fsck, GError **error);
/* Does the table `known` ("object", "held_object") have all that the manifest of `subject` names? `state` is {digest: [paths]}. */
gboolean da_fsck_look_up(DaFsck *fsck, const char *subject, const json_t *state, const char *known, GError **error);
/* Leftovers go into a temporary table of `notes`, for da_fsck_sweep(). */
gboolean da_fsck_objects(DaFsck *fsck, GError **error);
gboolean da_fsck_note_leftover(DaFsck *fsck, const char *sha256, GError **error);
gboolean da_fsck_sweep(DaFsck *fsck, GError **error);
