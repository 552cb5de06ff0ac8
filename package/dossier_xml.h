/*
 * What the writer (dossier_write.c) and the reader (dossier_read.c) of dossier.xml share.
 */
#pragma once

#include <dangan/dossier.h>
#include <dangan/handle/xml.h>

/* Values of `origin`, by DaOrigin; NULL for DA_ORIGIN_NONE. */
extern const char *const da_origin_names[DA_ORIGIN_PERSON + 1];

/* Parses and validates by dossier.xsd. DA_ERROR_INPUT with line and reason. */
xmlDoc *da_dossier_parse(GBytes *xml, GError **error);
