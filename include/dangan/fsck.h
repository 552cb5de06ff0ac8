/*
 * fsck: do database and objects say the same? Rows against objects both ways, manifests against rows, the chain of records link by link.
 *
 * It reads names, sizes, manifests and records, not the bytes of all objects: that is fixity (dangan/fixity.h). Objects and rows are two sorted
 * streams that are merged, so memory does not grow with the archive. It may run while others deposit: what is younger than a day and has no row
 * is nobody's fault yet.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <signal.h>

typedef enum {
    DA_FSCK_OBJECT_MISSING,    /* a row names it */
    DA_FSCK_OBJECT_SIZE,       /* another one than the row says */
    DA_FSCK_OBJECT_MODE,       /* can be written */
    DA_FSCK_OBJECT_DAMAGED,    /* found by fixity, and standing */
    DA_FSCK_LEFTOVER,          /* an object without a row, older than a day */
    DA_FSCK_FOREIGN,           /* no object at all */
    DA_FSCK_MANIFEST_DAMAGED,  /* it cannot be read, or is none */
    DA_FSCK_MANIFEST_DIFFERS,  /* from the row of its version */
    DA_FSCK_FILE_WITHOUT_ROW,  /* a manifest names an object that no row knows */
    DA_FSCK_RECORD_DAMAGED,    /* unreadable, or its signature does not fit */
    DA_FSCK_RECORD_DIFFERS,    /* from its row */
    DA_FSCK_CHAIN_BROKEN,      /* a number is left out, or a link does not fit */
    DA_FSCK_RECORD_LOST,       /* an object that rows should know: it comes after the last one */
    DA_FSCK_RECORD_UNFINISHED, /* the one after the last: an operation died, or its row was removed */
    DA_FSCK_VERSION_MISSING,   /* a record says that it was accepted */
    DA_FSCK_ROW_BROKEN,        /* rows name rows that are not there */
    DA_FSCK_KIND_N,
} DaFsckKind;

/* "object-missing", … */
const char *da_fsck_kind_name(DaFsckKind kind);
/* What a person must do. */
const char *da_fsck_kind_mend(DaFsckKind kind, gboolean chinese);

typedef struct {
    DaFsckKind kind;
    const char *subject; /* digest, path below objects/, "record 17", "dossier … version 2" */
    const char *detail;
    gboolean mended;     /* by --repair or --sweep */
} DaFsckProblem;

typedef struct {
    gboolean repair;         /* take what is missing or damaged from the second copy, take the right to write from objects */
    gboolean sweep;          /* remove leftovers; not where rows may have been lost */
    gboolean any_age;        /* an object without a row is a leftover from its first second on: where nobody deposits */
    const char *second_copy; /* NULL = none */
    const volatile sig_atomic_t *stop; /* may be NULL; ends with DA_ERROR_CANCELLED */
    DaProgress *progress;    /* objects; may be NULL */
    void (*tell)(const DaFsckProblem *problem, gpointer data); /* each as it is found */
    gpointer tell_data;
} DaFsckOptions;

typedef struct {
    guint64 objects, bytes, versions, records;
    guint64 young;                 /* objects without a row, younger than a day */
    guint64 found[DA_FSCK_KIND_N]; /* problems, the mended ones too */
    guint64 problems, mended;
    guint64 swept, swept_bytes;
    gboolean sweep_refused;        /* rows may have been lost: nothing was removed */
} DaFsckResult;

gboolean da_fsck(DaArchive *archive, PGconn *db, const DaFsckOptions *options, DaFsckResult *result, GError **error);
