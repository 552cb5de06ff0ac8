/*
 * What the verbs about handover batches share: the open archive with its profile, what is told while they work, receipts as files.
 */
#pragma once

#include "cli.h"

#include <dangan/intake.h>

typedef struct {
    char *archive, *profile, *profile_dir;
    char *receipt; /* file that the receipt is written to, .json; NULL */
    gboolean json;
} DaIntakeOptions;

void da_cli_intake_options_clear(DaIntakeOptions *options);

/* Adds the package folders at `paths`, or in them, to `packages` (char *). DA_ERROR_USAGE when no path is given. */
gboolean da_cli_packages(const char *verb, int n, char **paths, GPtrArray *packages, GError **error);

/* An archive at work. */
typedef struct {
    DaArchive *archive;
    PGconn *db;
    DaProfile *profile;
    DaProgress *progress;
    json_t *packages; /* {"package", "state", "message"}, for --json */
    GHashTable *rules; /* of packages that were refused: rule → packages */
    DaIntakeWatch watch;
} DaIntakeWork;

/* `verb` names the command in messages. The profile is loaded when `judges`. */
gboolean da_cli_intake_open(DaIntakeWork *work, const DaIntakeOptions *options, const char *verb, gboolean judges,
                            GError **error);
void da_cli_intake_clear(DaIntakeWork *work);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaIntakeWork, da_cli_intake_clear)

/* "FILE.json" of the record, and its page beside it; nothing when `path` is NULL. */
gboolean da_cli_receipt_write(DaArchive *archive, PGconn *db, guint64 number, const char *path, GError **error);
/* What can be told of it before the work. */
gboolean da_cli_receipt_check_name(const char *path, GError **error);
