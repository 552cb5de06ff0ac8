/* The parts of `dangan receipt`. */
#pragma once

#include <glib.h>

typedef struct {
    char *key, *algorithm;
    char **packages; /* check: folders to hold against the receipts; NULL */
    char *archive, *out;
    gboolean json;
} DaReceiptOptions;

/* check: signed documents, alone and against each other. Returns the exit status; -1 with error. */
int da_receipt_cli_check(const DaReceiptOptions *options, char **paths, int n, GError **error);
/* write: receipts of the archive as files. `of` NULL = all. */
gboolean da_receipt_cli_write(const DaReceiptOptions *options, const char *of, GError **error);
