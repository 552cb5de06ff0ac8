/*
 * The parts of a destruction: the list of what goes, the rows, the objects.
 */
#pragma once

#include "leaving.h"
#include "record_kinds.h"

#include <dangan/destroy.h>
#include <dangan/object.h>

/* --- the listing: an object that stays ------------------------------------------------------------------------------- */

/* {"<dossier>": {"<version>": [["<SHA-256>", bytes], …]}} of all objects of these dossiers, each once. The caller owns it. DA_ERROR_DISK when
 * a manifest or record cannot be read. */
json_t *da_destroy_listing(PGconn *db, DaObjectStore *store, const DaLeaving *leaving, GError **error);
json_t *da_destroy_listing_read(DaObjectStore *store, const char *sha256, GError **error);

/* {digest: …} of the objects of a version that is row `row` of `versions` (manifest, and sha256 of its record): the manifest, what it names, and
 * the findings that the record names. The caller owns it. */
json_t *da_destroy_version(DaObjectStore *store, const PGresult *versions, int row, GError **error);

/* --- objects --------------------------------------------------------------------------------------------------------- */

/* Removes the objects of a destruction that nothing else names. */
gboolean da_destroy_purge(DaArchive *archive, PGconn *db, guint64 record, const DaDestroyOptions *options, DaDestroyResult *result,
                          GError **error);

/* --- rows ------------------------------------------------------------------------------------------------------------ */

gboolean da_destroy_apply_disposal(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_destroy_apply_withdrawal(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_destroy_apply_destruction(const DaRecordApplying *applying, const DaRecord *record, GError **error);
