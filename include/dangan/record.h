/*
 * Records: what happened to the holdings and must outlive the database: receipts, arrivals, custody, destruction …
 *
 * A record is a signed document (dangan/signed.h) kept as an object, numbered from 1 and linked to the former one by its digest: one chain
 * an archive, so that a record that is taken out shows.
 *
 *     "document": { "dangan": "record", "kind": "…", "number": 17, "former": "<SHA-256 of record 16>", "archive": "<fingerprint>",
 *                   "operator": "…", "district": "…", "dossier": "…", "body": { … }, "signed_by": "…", "signed_at": "…" }
 *
 * `former` of the first is "". `archive` is the fingerprint of the archive's first key. What is not about one district or dossier has no
 * such member. The rows that follow from a record are written by the one function of its kind (store/record_kinds.c), when the
 * record is made and again when the index is rebuilt from the objects: so both are the same by construction. A kind takes times and names from
 * the record, never from the clock.
 *
 * A record whose transaction did not commit leaves an object behind that no later record names: of several last records the latest
 * made counts.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/sign.h>
#include <jansson.h>

#define DA_RECORD_MAX_BYTES ((gsize)64 << 20)

typedef struct {
    guint64 number;
    char *sha256; /* of its object */
    char *former; /* of the former record; "" = this is the first */
    char *kind, *archive;
    char *operator_name;
    char *district, *dossier; /* NULL */
    char *signed_by, *at;     /* RFC 3339, UTC */
    char *fingerprint;        /* of the key that signed it */
    json_t *body;
} DaRecord;

void da_record_free(DaRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaRecord, da_record_free)

typedef struct {
    const char *kind;
    const char *operator_name; /* NULL = the system's user name */
    const char *district;      /* NULL = of none */
    const char *dossier;       /* UUID; NULL = of none or several */
    json_t *body;              /* borrowed; an object without fractions */
    gconstpointer prepared;    /* handed to the kind's function: what it would else read from objects; NULL */
    gboolean rows_are_there;   /* from before there were records: the kind's function is not called now, only when an index is rebuilt */
} DaRecordDraft;

/* Makes the next record of the chain in the transaction that is open: signs it, makes its object durable, writes its row and the rows that
 * follow from it. The chain is held until the transaction ends, so it should end soon. The caller owns the result; it counts when the
 * transaction has committed. DA_ERROR_USAGE for a kind that this program does not know. */
DaRecord *da_record_append(DaArchive *archive, PGconn *db, const DaRecordDraft *draft, GError **error);

/* The same in a transaction of its own. Its number; 0 with error. */
guint64 da_record_commit(DaArchive *archive, PGconn *db, const DaRecordDraft *draft, GError **error);

/* Writes the rows of a record that is an object already, in the transaction that is open: for a new index. `record` must follow the
 * last one that the index has (DA_ERROR_CONFLICT). */
gboolean da_record_replay(DaArchive *archive, PGconn *db, const DaRecord *record, guint64 bytes, GError **error);
/* The same of a record about a dossier that was destroyed since: its own row alone, where the others would hang on the dossier (`*alone`). */
gboolean da_record_replay_destroyed(DaArchive *archive, PGconn *db, const DaRecord *record, guint64 bytes, gboolean *alone,
                                    GError **error);

/* Reads the text of a record and checks its signature; `expected` NULL = whatever key it names. DA_ERROR_INPUT: no record, or altered. */
DaRecord *da_record_parse(GBytes *text, const DaSignKey *expected, GError **error);
/* TRUE when the bytes claim to be a record; da_record_parse() tells whether they are one. */
gboolean da_record_is(GBytes *text);
