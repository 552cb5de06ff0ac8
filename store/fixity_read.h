/*
 * The readers of a fixity run: threads that take digests of objects, and hand back what they saw. Memory: a buffer a thread, and what is queued.
 */
#pragma once

#include <dangan/digest.h>
#include <dangan/object.h>

typedef enum {
    DA_READ_WHOLE,
    DA_READ_DAMAGED,  /* other bytes, or the disk does not give them */
    DA_READ_MISSING,
    DA_READ_LEFT_OUT, /* it was called off */
    DA_READ_FAILED,   /* the machine, not the object: no descriptor, no permission */
} DaReadOutcome;

typedef struct {
    char sha256[DA_DIGEST_HEX + 1];
    guint64 bytes;  /* as the row says; read are as many as there are */
    gboolean known; /* as damaged, by an earlier run */
    DaReadOutcome outcome;
    int reason;     /* errno of damaged and failed; 0 = the digest is another */
    DaDigest found; /* of damaged, when reason is 0 */
} DaReading;

typedef struct DaReaders DaReaders;

/* `objects` is the path of the folder, `jobs` > 0. */
DaReaders *da_readers_new(const char *objects, guint jobs, GError **error);
/* Takes the reading (of g_malloc). */
void da_readers_add(DaReaders *readers, DaReading *reading);
/* Waits for the next that is done; one for each that was added, in any order. The caller frees it with g_free(). */
DaReading *da_readers_next(DaReaders *readers);
/* What is queued is left out from now on. */
void da_readers_call_off(DaReaders *readers);
void da_readers_free(DaReaders *readers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaReaders, da_readers_free)
