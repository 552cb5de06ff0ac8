/*
 * The way back: a dossier version of the archive becomes the package that was deposited, file by file.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/object.h>
#include <jansson.h>

/* The newest version of a dossier, 0 with DA_ERROR_NOT_FOUND when the archive has none of this id. */
guint da_retrieve_head(PGconn *db, const char *dossier_id, GError **error);

/* Puts the package of `version` together in the new folder `path`, from links to objects where that is possible: the files are for reading, nobody may
 * change them in place. Their digests are for whoever reads them to compare. DA_ERROR_NOT_FOUND for an unknown version, DA_ERROR_DISK for an
 * object that is not there. */
gboolean da_retrieve(DaArchive *archive, PGconn *db, const char *dossier_id, guint version, const char *path, GError **error);
/* The same of a manifest object, or of any in its shape. */
gboolean da_retrieve_manifest(DaArchive *archive, const char *manifest, const char *path, GError **error);
/* {digest: [paths]} of such an object. The caller owns the reference. */
json_t *da_retrieve_state(DaObjectStore *store, const char *manifest, GError **error);
