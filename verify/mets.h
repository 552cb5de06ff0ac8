/*
 * What verification needs from a METS document: its identifiers, the references between them, and the files that it names.
 * libxml2's schema validator does not check IDREF, so the references are kept for a rule to follow.
 * Source: METS 1.12.1.
 */
#pragma once

#include <dangan/handle/xml.h>
#include <glib.h>

typedef struct {
    char *element; /* "file", "mdRef" */
    char *
        href; /* as written, percent-escapes undone; relative to the folder of METS.xml; NULL = none */
    char *sha256; /* lower case; NULL = none, or another algorithm */
    gboolean has_size;
    guint64 size_bytes;
    long line;
} DaMetsFile;

typedef struct {
    char *attribute; /* "FILEID", "ADMID", "DMDID" */
    char *id;
    long line;
} DaMetsReference;

typedef struct {
    char *objid;
    GHashTable *ids;       /* id → name of its element */
    GPtrArray *references; /* DaMetsReference * */
    GPtrArray *files;      /* DaMetsFile * */
} DaMets;

/* Reads a parsed document; NULL with DA_ERROR_INPUT when its root is not mets. */
DaMets *da_mets_read(xmlDoc *doc, GError **error);
void da_mets_free(DaMets *mets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaMets, da_mets_free)

/* TRUE when an element of that name may be the target of the attribute. */
gboolean da_mets_may_target(const char *attribute, const char *element);
