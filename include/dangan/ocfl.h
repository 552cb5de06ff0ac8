/*
 * A package, or its versions one after the other, as an object of the Oxford Common File Layout 1.1.
 *
 *     <root>/ 0=ocfl_object_1.1  inventory.json  inventory.json.sha512
 *             v1/ inventory.json  inventory.json.sha512  content/<the files of the package>
 *             v2/ …                                      content that no earlier version has
 *
 * Content is named by SHA-512; the `fixity` block holds the SHA-256 that the package itself has for each file. Source: OCFL 1.1 (2022).
 */
#pragma once

#include <glib.h>

typedef struct {
    const char *package; /* folder of the package as it was in this version */
    const char *created; /* RFC 3339 */
    const char *message; /* "deposit of version 2" */
} DaOcflVersion;

typedef struct {
    guint files;   /* in the last version */
    guint stored;  /* content files; equal ones are there once */
    guint64 bytes; /* of them */
} DaOcflWritten;

/* Writes the new object root `path`, which appears whole or not at all. `id` is the package id; the object's is urn:uuid:<id>. Each file is compared with the
 * manifests of its package: DA_ERROR_INPUT names one that is missing, more, or changed. DA_ERROR_CONFLICT when `path` exists, unless `replace`. */
gboolean da_ocfl_write(const char *id, const DaOcflVersion *versions, guint n, const char *path, gboolean replace,
                       DaOcflWritten *written, GError **error);
