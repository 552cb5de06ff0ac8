/*
 * The parts of the intake: what waits, the rows that follow from its records, what is removed.
 */
#pragma once

#include "record_kinds.h"

#include <dangan/intake.h>
#include <dangan/object.h>

/* A package that waits, or was decided. */
typedef struct {
    guint number;
    char *package, *digest, *listing;
    char *archival_number; /* NULL */
    guint pages;
    guint64 files, bytes;
    char *dossier; /* what it became; NULL */
    guint version;
} DaIntakePackage;

void da_intake_package_free(DaIntakePackage *package);
typedef enum {
    DA_INTAKE_WAITING,
    DA_INTAKE_TAKEN,    /* dossiers already, but a run was killed before the acceptance */
    DA_INTAKE_DECIDED,  /* accepted */
} DaIntakeStage;

/* Packages of a batch at a stage, in order. The caller owns the array. */
GPtrArray *da_intake_packages(PGconn *db, const char *batch, DaIntakeStage stage, GError **error);

/* {"packages", "files", "bytes", "pages"} of packages, and their rows for a receipt. The caller owns the references. */
json_t *da_intake_counts(const GPtrArray *packages);
json_t *da_intake_rows(const GPtrArray *packages);

/* The session holds the batch: "batch <id>". The caller owns it. */
char *da_intake_turn(const char *batch);

void da_intake_tell(const DaIntakeWatch *watch, DaIntakeNewsKind kind, const char *package,
                    const char *words, const GPtrArray *findings);
/* FALSE with DA_ERROR_CANCELLED when the user wants to stop. */
gboolean da_intake_goes_on(const DaIntakeWatch *watch, guint done, guint all, GError **error);

/* Where the machine fails, the next package would fail as well. */
gboolean da_intake_is_machine(const GError *problem);

/* Makes a record and commits; `*number` is its own. */
gboolean da_intake_record(DaArchive *archive, PGconn *db, const char *kind, const DaIntake *batch,
                          json_t *body, guint64 *number, GError **error);

/* Removes objects of decided packages that nothing names, and what is known of their checks. */
gboolean da_intake_purge(DaArchive *archive, PGconn *db, const char *batch, DaReturnResult *result,
                         GError **error);

/* Rows that follow from records of kind arrival, acceptance, return. */
gboolean da_intake_apply_arrival(const DaRecordApplying *applying, const DaRecord *record,
                                 GError **error);
gboolean da_intake_apply_acceptance(const DaRecordApplying *applying, const DaRecord *record,
                                    GError **error);
gboolean da_intake_apply_return(const DaRecordApplying *applying, const DaRecord *record,
                                GError **error);
/* A deposit, where it was of a package of a batch. */
gboolean da_intake_note_deposit(PGconn *db, const DaRecord *record, GError **error);
