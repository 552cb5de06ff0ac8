/*
 * An exclusive lock on a file, held until freed or until the process dies. Worker processes (dangan/worker.h) die with it.
 * Thread rule: two threads of one process exclude each other as two processes do.
 */
#pragma once

#include <glib.h>

typedef struct DaLock DaLock;

/* Takes the lock at `path` (made when missing, left in place). DA_ERROR_CONFLICT, naming the process that holds it, when
 * it is taken. */
DaLock *da_lock_take(const char *path, GError **error);
void da_lock_free(DaLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaLock, da_lock_free)
