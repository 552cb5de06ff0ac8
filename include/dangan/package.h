/*
 * The package: one dossier on disk, a BagIt bag with a CSIP-shaped payload (DESIGN "Package").
 *
 *     <ID>/ bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt
 *           data/<ID>/METS.xml
 *                     metadata/descriptive/dossier.xml
 *                     metadata/preservation/premis.xml
 *                     representations/{master,access,ocr}/data/<stem>.<ext>
 *                     documentation/profile.xml ingest-report.json
 *                     schemas/dossier.xsd
 *
 * A package appears under its name only whole. METS and PREMIS name no person and no path of the maker's machine.
 * Source: RFC 8493; E-ARK CSIP 2.1; METS 1.12.1; PREMIS 3.0; ALTO 4.4.
 */
#pragma once

#include <dangan/dossier.h>
#include <dangan/profile.h>

/* Paths relative to the package folder; the caller owns them. */
char *da_package_payload(const char *id, const char *inside); /* "data/<id>/<inside>" */
char *da_package_page_file(const char *id, DaFileKind kind, const char *stem, const char *extension);

/* Writes `dossier` to the new folder `path` (whose base name must be dossier->id; dossier->created must be set). Each page's master,
 * access and OCR file is taken from its `path` by link or copy, so it must be a file that nobody changes in place; digests and
 * sizes must be set and are checked in the package (DA_ERROR_INPUT names the page whose file is another one). A kind of file that
 * a page has not (path and extension NULL) is left out. `profile` and `report` (the redacted ingest report, JSON) may be NULL =
 * none. On success the caller owns `*digest`, the package digest: the same dossier and files give the same digest.
 * DA_ERROR_CONFLICT when `path` exists; with `replace` an older package of the same id is exchanged atomically. */
gboolean da_package_write(const DaDossier *dossier, const DaProfile *profile, GBytes *report, const char *path,
                          gboolean replace, char **digest, GError **error);

/* Reads dossier.xml of the package at `path` and sets the page files' absolute paths, which lie in the package's folder whatever
 * dossier.xml says. Whether the files exist and digests fit is for verify. DA_ERROR_INPUT when it is no package of ours. */
DaDossier *da_package_read(const char *path, GError **error);

/* TRUE when `path` is a folder that holds bagit.txt. */
gboolean da_package_is(const char *path);
