/*
 * Errors: one domain, a class for each answer that a caller can give.
 *
 * A GError says that something could not be done. Its code says which kind of failure it is, and that alone decides the
 * exit status of a command and the status of an HTTP answer; both stand in one table in base/error.c. The text names the
 * thing, what was tried, why it failed and, where known, what to do; lower case, no full stop.
 *
 * A finding about a document (skewed, blank, a wrong check digit) is data (dangan/finding.h), not an error.
 */
#pragma once

#include <glib.h>

#define DA_ERROR (da_error_quark())
GQuark da_error_quark(void);

typedef enum {
    DA_ERROR_USAGE,     /* wrong options or arguments */
    DA_ERROR_INPUT,     /* a file, row, image or package is wrong */
    DA_ERROR_LIMIT,     /* an input is larger than a named limit */
    DA_ERROR_NOT_FOUND, /* no such file, dossier, account */
    DA_ERROR_DENIED,    /* not permitted */
    DA_ERROR_CONFLICT,  /* exists already, or somebody else holds it */
    DA_ERROR_PART,      /* parts of the work failed and were named; the rest is done */
    DA_ERROR_CANCELLED, /* stopped by the user; the same command goes on from here */
    DA_ERROR_DISK,      /* disk full, read-only or failing */
    DA_ERROR_DATABASE,  /* PostgreSQL cannot be reached or refuses */
    DA_ERROR_SYSTEM,    /* anything else of the machine */
} DaErrorCode;

/* The exit status of a command that ends with `error`: 0 for NULL, 2 wrong use or input, 3 a part failed, 4 the system
 * failed, 130 stopped by the user. An error of another domain counts as DA_ERROR_SYSTEM. */
int da_error_exit_status(const GError *error);

/* The HTTP status for `error`; 200 for NULL. */
unsigned da_error_http_status(const GError *error);

/* Sets `error` from an errno value: disk full, I/O and read-only file systems become DA_ERROR_DISK, missing files
 * DA_ERROR_NOT_FOUND, refused access DA_ERROR_DENIED, the rest DA_ERROR_SYSTEM. The formatted text says what was tried
 * ("cannot write '…'"); `: <reason>` and, for a full disk, what to do are added. Always returns FALSE. */
gboolean da_error_set_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* g_set_error in DA_ERROR that returns FALSE, so that a refusal is one statement. */
gboolean da_error_set(GError **error, DaErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
