/* libjpeg reports errors by never returning. This is the one place where that becomes a GError: the work runs in a function
 * of its own, which must own nothing that a jump past its end would lose. */
#pragma once

#include <glib.h>
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct {
    struct jpeg_error_mgr manager; /* first, so that libjpeg's pointer is ours */
    jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
} DaJpegGuard;

typedef void (*DaJpegWork)(void *data);

/* The manager to put into cinfo->err before jpeg_create_…. Warnings are errors. */
struct jpeg_error_mgr *da_jpeg_guard_init(DaJpegGuard *guard);

/* Runs `work`; FALSE with DA_ERROR_INPUT in libjpeg's words when it was left early. */
gboolean da_jpeg_guard_run(DaJpegGuard *guard, DaJpegWork work, void *data, GError **error);

/* Leaves the work with a message of our own. */
G_GNUC_NORETURN void da_jpeg_guard_fail(DaJpegGuard *guard, const char *message);
