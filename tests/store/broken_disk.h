/*
 * A disk that fails: calls of the program's own code to the system that fail as told, from whichever thread. The linker puts these functions in
 * place of the C library's (--wrap, tests/store/meson.build), so that libraries are left alone. Of reading and writing only regular files fail.
 */
#pragma once

#include <glib.h>

typedef enum {
    BROKEN_NONE,
    BROKEN_CREATE, /* open for writing */
    BROKEN_READ,
    BROKEN_WRITE,
    BROKEN_CLOSE, /* of what was opened for writing: closes it, and says that it failed */
    BROKEN_MODE,
    BROKEN_FOLDER, /* mkdir */
    BROKEN_RENAME,
    BROKEN_SYNC,   /* fsync and syncfs */
    BROKEN_REMOVE, /* unlink, rmdir */
    BROKEN_SHORT,  /* no failure: each write takes half of what it is given, each read too */
    BROKEN_N
} BrokenCall;

/* The `nth` call (from 1) of this kind fails with `reason`, and with `lasting` all after it. */
void broken_disk_begin(BrokenCall call, guint nth, int reason, gboolean lasting);
/* TRUE when one of them failed. */
gboolean broken_disk_end(void);
const char *broken_disk_name(BrokenCall call);
