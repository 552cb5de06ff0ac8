/*
 * Dossiers that were destroyed, while an index is made anew: when their own records come up in the chain there is nothing any more to make
 * rows of, and at the end there must be none.
 */
#pragma once

#include <dangan/object.h>
#include <dangan/record.h>

/* Before the first record is found. */
gboolean da_reindex_begin(PGconn *db, GError **error);
/* Notes a record that was found, when it is a destruction. */
gboolean da_reindex_note(PGconn *db, const DaRecord *record, GError **error);
/* When the chain is known (temporary table `chain`): fills dossier → digest of the list of its objects. */
gboolean da_reindex_destroyed(PGconn *db, GHashTable *destroyed, GError **error);

/* In place of a deposit's rows: the objects that it brought, so that a later deposit counts as new what was new then. */
gboolean da_reindex_bring(PGconn *db, DaObjectStore *store, const DaRecord *record, const char *listing, GError **error);
/* At the end: takes back those that have no file any more. */
gboolean da_reindex_drop(PGconn *db, DaObjectStore *store, GError **error);
