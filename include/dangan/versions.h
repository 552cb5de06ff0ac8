/*
 * The versions of a dossier: which there are, and what one has that another has not. A version itself comes back with dangan/retrieve.h.
 */
#pragma once

#include <dangan/archive.h>
#include <jansson.h>

/* [{"version", "deposited_at", "package_digest", "created", "profile", "pages", "pages_content", "files", "bytes", "why", "record", "current"}],
 * oldest first; `why` is the kind of the record that made it, null where it came before there were records. DA_ERROR_NOT_FOUND for an unknown
 * dossier. The caller owns the reference. */
json_t *da_versions_list(PGconn *db, const char *dossier_id, GError **error);

/* What changed from version `first` to version `second`:
 *
 *     {"dossier", "first", "second",
 *      "person": [{"field", "label_zh", "first", "second"}],
 *      "materials": {"added", "removed": [{"class", "sequence", "title"}], "changed": [{"class", "sequence", "title", "fields": […]}]},
 *      "pages": {"added", "removed": [{"stem", "master"}], "changed": [{"stem", "files": ["master", "access", "ocr"]}],
 *                "moved": [{"first", "second", "master"}], "same": 12}}
 *
 * Pages are the same when their digests are; one that was added with the master of one that was removed has moved. DA_ERROR_NOT_FOUND for an unknown
 * dossier or version. The caller owns the reference. */
json_t *da_versions_compare(DaArchive *archive, PGconn *db, const char *dossier_id, guint first, guint second, GError **error);
