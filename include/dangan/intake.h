/*
 * Handover batches (移交批次): packages that an enterprise hands over together.
 *
 *     receive   every package is looked at as far as it must be to be kept (its bag is whole) and kept as objects. Arrival receipt
 *               (收件回执). Nobody who looks dossiers up sees it. A package whose id waits already with other content is wrong: the older one
 *               is decided first.
 *     accept    the automatic rules of the profile pass on 100 %, and where the profile wants a sample or a handover list had errors, a signed verdict
 *               (dangan/verdict.h) that names just these packages says "accepted". Each package becomes a dossier version in a transaction of its
 *               own (dangan/deposit.h); then the acceptance receipt.
 *     return    with a reason and the findings. What no dossier names is removed from the objects; the record with its digests stays.
 *
 * All three are records (dangan/record.h), and may be repeated: what is done already is said, with the number of the record. A package
 * is the same by its digest: in a batch that waits or is accepted it is not received a second time.
 * Source: DA/T 31-2017 §12.3.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <dangan/sign.h>
#include <dangan/verify.h>
#include <signal.h>

typedef struct {
    char *id, *district, *enterprise, *enterprise_code; /* the last two may be NULL */
    char *arrived_at;         /* RFC 3339 */
    const char *state;        /* "received", "accepting" (killed on the way: accept again), "accepted", "returned" */
    guint packages, waiting, accepted, returned;
    guint list_errors;        /* that its handover lists had when it came */
    guint64 pages, files, bytes;
    guint64 arrival, decision; /* numbers of the records; the last decision; 0 = none */
} DaIntake;

void da_intake_free(DaIntake *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaIntake, da_intake_free)

/* DA_ERROR_NOT_FOUND when there is none of this id. */
DaIntake *da_intake_find(PGconn *db, const char *id, GError **error);
/* All, in the order in which they came. The caller owns the array. */
GPtrArray *da_intake_list(PGconn *db, GError **error);
/* Puts the packages of a batch that are not decided together in the new folder `path`, for people who look at a sample. */
gboolean da_intake_write(DaArchive *archive, PGconn *db, const char *id, const char *path, GError **error);

/* What is told of a package while a batch is at work. */
typedef enum {
    DA_INTAKE_RECEIVED,
    DA_INTAKE_KNOWN,   /* it is there already; `words` says where */
    DA_INTAKE_WRONG,   /* it cannot be kept, or not be deposited; `words` says why */
    DA_INTAKE_FINDING, /* it is kept, and something is to be told */
    DA_INTAKE_PASSED,  /* the automatic rules passed */
    DA_INTAKE_REFUSED, /* they did not; `verification` has the findings */
    DA_INTAKE_KEPT,    /* it is a dossier version now; `words` names it */
} DaIntakeNewsKind;

typedef struct {
    DaIntakeNewsKind kind;
    const char *package; /* its path, or its id */
    const char *words;   /* NULL = nothing more */
    const GPtrArray *findings; /* DaFinding *, of REFUSED; NULL */
} DaIntakeNews;

typedef struct {
    DaProgress *progress;              /* packages; NULL */
    const volatile sig_atomic_t *stop; /* NULL; ends with DA_ERROR_CANCELLED, and the same command goes on */
    void (*tell)(const DaIntakeNews *news, gpointer data);
    gpointer data;
} DaIntakeWatch;

/* --- receive ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *batch;      /* what the batch is called; NULL = "<year>-<number>" */
    const char *district;   /* NULL = the packages', the archive's */
    const char *enterprise; /* NULL = the packages', where they have one */
    const char *enterprise_code;
    char **lists;           /* handover lists to hold against the packages; NULL */
    const DaProfile *profile;
} DaReceiveOptions;

typedef struct {
    char *batch;       /* NULL = nothing was received, and what is known is in several batches or none */
    gboolean unchanged; /* all of it was there already, in this batch */
    guint received, known, wrong;
    guint list_errors; /* findings of the lists that are errors; they stand in the receipt */
    guint64 record;    /* of the arrival */
} DaReceiveResult;

void da_receive_result_clear(DaReceiveResult *result);
/* Receives package folders. One that is wrong does not stop the rest: it is told, counted and not part of the batch. DA_ERROR_CONFLICT when a
 * batch of this name holds other packages. The result is set in any case and cleared by the caller. */
gboolean da_intake_receive(DaArchive *archive, PGconn *db, const GPtrArray *packages, const DaReceiveOptions *options,
                           const DaIntakeWatch *watch, DaReceiveResult *result, GError **error);

/* --- accept ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const DaProfile *profile;
    char **verdicts;         /* files of signed verdicts; NULL */
    const DaSignKey *trusted; /* that must have signed them; NULL = none is trusted */
} DaAcceptOptions;

typedef enum {
    DA_INTAKE_ACCEPTED,
    DA_INTAKE_NOT_PASSED,  /* automatic rules refuse packages: nothing was taken */
    DA_INTAKE_VERDICT_DUE, /* they passed, and no verdict was given: the profile wants a sample, or the lists of the batch had errors */
} DaIntakeOutcome;

typedef struct {
    DaIntakeOutcome outcome;
    gboolean unchanged;     /* it was accepted already */
    guint checked;          /* packages that the automatic rules looked at in this run */
    guint refused, kept, wrong;
    guint64 record;         /* of the acceptance; 0 = there is none */
} DaAcceptResult;

/* Accepts what waits in a batch. DA_ERROR_INPUT when a verdict is not to be trusted, says something else than accepted, or names other
 * packages; DA_ERROR_CONFLICT when all of the batch is returned. */
gboolean da_intake_accept(DaArchive *archive, PGconn *db, const char *id, const DaAcceptOptions *options,
                          const DaIntakeWatch *watch, DaAcceptResult *result, GError **error);

/* --- return -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint returned;
    gboolean unchanged; /* it was returned already */
    guint64 record;
    guint64 objects_removed, bytes_removed;
} DaReturnResult;

/* Returns what waits in a batch, or only the packages of the ids (NULL-terminated; NULL = all). The findings of the last check go into the
 * record. DA_ERROR_CONFLICT when nothing of it waits and it was not returned. */
gboolean da_intake_return(DaArchive *archive, PGconn *db, const char *id, char **packages, const char *reason,
                          DaReturnResult *result, GError **error);
