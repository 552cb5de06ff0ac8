/*
 * The kinds of records, each with the function that writes what follows from one.
 */
#pragma once

#include <dangan/record.h>

typedef struct {
    DaArchive *archive;
    PGconn *db;             /* in a transaction */
    gconstpointer prepared; /* DaRecordDraft.prepared; NULL when an index is rebuilt */
} DaRecordApplying;

typedef struct {
    const char *kind;
    gboolean (*apply)(const DaRecordApplying *applying, const DaRecord *record, GError **error);
    gboolean of_dossier; /* its rows hang on the dossier: of one that was destroyed since there are none */
} DaRecordKind;

/* NULL = this program does not know it. */
const DaRecordKind *da_record_kind_find(const char *kind);

/* A member of the body that is text; NULL = it is not there. */
const char *da_record_text(const DaRecord *record, const char *member);
