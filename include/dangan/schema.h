/*
 * XML against schemas. Ours (dossier, profile) are embedded; METS, PREMIS and ALTO come from the folder named by DANGAN_XSD
 * (its driver.xsd); without it those checks cannot run, and the caller must say so.
 *
 * Parsing is defensive: no network, no document type declaration (so no entities of the document's own), sizes and depth
 * limited. A document never brings a schema with it (xsi:schemaLocation is not followed). libxml2 does not check IDREF; METS
 * references are checked in verify.
 * Thread rule: any thread may parse. Validations wait for each other; the first one of the standards replaces libxml2's entity
 * loader, which is one for the process, while it compiles, and puts the old one back.
 */
#pragma once

#include <dangan/handle/xml.h>
#include <glib.h>

#define DA_XML_MAX_BYTES ((gsize)256 << 20)

typedef enum {
    DA_SCHEMA_DOSSIER,   /* embedded schemas/xsd/dossier.xsd */
    DA_SCHEMA_PROFILE,   /* embedded schemas/xsd/profile.xsd */
    DA_SCHEMA_STANDARDS, /* $DANGAN_XSD/driver.xsd: METS, PREMIS, ALTO */
} DaSchema;

/* Parses. DA_ERROR_INPUT with line and reason, DA_ERROR_LIMIT above DA_XML_MAX_BYTES; `name` is for the message. The caller frees
 * the document. */
xmlDoc *da_xml_parse(const void *data, gsize size, const char *name, GError **error);

/* The text of an embedded schema: a package carries that of dossier.xml, so that it can be read without this program. */
GBytes *da_schema_text(DaSchema schema, GError **error);

/* FALSE without an error when the schema is not at hand (DANGAN_XSD unset). */
gboolean da_schema_is_available(DaSchema schema);

/* Validates; each fault, up to 1,000, is appended to `faults` (char *: "line 12: …"). FALSE with `error` only when the schema
 * itself cannot be used: DA_ERROR_NOT_FOUND when it is not at hand, DA_ERROR_SYSTEM when it is broken or a file that it imports
 * is not beside it. Schemas are compiled once a process. */
gboolean da_schema_validate(DaSchema schema, xmlDoc *doc, GPtrArray *faults, GError **error);
