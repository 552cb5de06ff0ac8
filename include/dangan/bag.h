/*
 * BagIt 1.0 bags: manifests, bag-info, and the package digest. Source: RFC 8493.
 */
#pragma once

#include <glib.h>

typedef struct {
    char *path;   /* relative to the bag, `/` between components, percent-escapes of CR, LF and % undone */
    char *sha256; /* as written, lower case */
    guint64 size_bytes; /* filled when writing; 0 when read */
} DaBagEntry;

/* Reads a manifest file ("manifest-sha256.txt" or "tagmanifest-sha256.txt") of the bag at `folder`. Every line ending, tabs, upper-case
 * digits and the `*` of checksum tools are understood. DA_ERROR_INPUT names file and line: malformed line, unsafe path,
 * duplicate path, a path that is not below data/ (tag manifest: that is). The caller owns the array of DaBagEntry *. */
GPtrArray *da_bag_read_manifest(const char *folder, const char *name, GError **error);
void da_bag_entry_free(DaBagEntry *entry);

/* Writes bagit.txt, bag-info.txt (with Payload-Oxum, Bagging-Date, External-Identifier `id`), manifest-sha256.txt and
 * tagmanifest-sha256.txt around an existing data/ folder. `created` (RFC 3339) gives the Bagging-Date, not the clock: the same
 * dossier packaged twice is the same bytes. `payload` (DaBagEntry *, digests and sizes set; is sorted by path) must name every
 * payload file. Not durable: the staging commit is. */
gboolean da_bag_write(const char *folder, const char *id, const char *created, GPtrArray *payload, GError **error);

/* A value of bag-info.txt; label in any case, folded lines joined; NULL = not there (without an error also when the bag has
 * no bag-info.txt). The caller owns it. */
char *da_bag_info(const char *folder, const char *label, GError **error);

/* The package digest: SHA-256 of tagmanifest-sha256.txt. The caller owns the 64 digits. Source: DESIGN "Package digest". */
char *da_bag_digest(const char *folder, GError **error);
