/*
 * Verbs with actions: `dangan transfer send …`. A table of them, the open archive that each works in, and what several of them do.
 */
#pragma once

#include "cli.h"

#include <dangan/archive.h>

typedef struct {
    DaArchive *archive;
    PGconn *db;
    gconstpointer options; /* of the verb */
    char **words;          /* behind the action; NULL-terminated */
} DaCliCall;

typedef struct {
    const char *name;
    int least, most; /* words behind it; `most` -1 = any number */
    gboolean (*run)(const DaCliCall *call, int *status, GError **error);
} DaCliAction;

/* Opens the archive and runs the action that words[0] names. `actions` ends with a NULL name; `status` is the exit status when all went well.
 * DA_ERROR_USAGE says what there is. */
gboolean da_cli_act(const char *verb, const DaCliAction *actions, const char *archive, gconstpointer options, int n, char **words,
                    int *status, GError **error);

/* The number of a record, which is all that stands behind the action; 0 with error. */
guint64 da_cli_record_number(const DaCliCall *call, const char *what, GError **error);

/* A record was made: writes it to `path` (NULL = nowhere) and says its number behind the words, or as JSON. FALSE for record 0, whose error is
 * set. */
gboolean da_cli_tell_record(const DaCliCall *call, guint64 record, const char *path, gboolean json, const char *words,
                            const char *words_zh, GError **error);
