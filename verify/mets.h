/*
 * What verification needs from a METS document: its identifiers, the references between them, and the files that it names.
 * libxml2's schema validator does not check IDREF, so the references are kept for a rule to follow.
 * Source: METS 1.12.1.
 */
#pragma once

#include "hash.h"

#include <dangan/handle/xml.h>
#include <glib.h>

typedef struct {
    char *element; /* "file", "mdRef", "mptr" */
    char *
        section; /* what it is about: "dmdSec", "digiprovMD", "rightsMD" …, else the same as `element` */
    /* As written, percent-escapes undone; relative to the folder of METS.xml; NULL = none. */
    char *href;
    char *sha256;    /* lower case; NULL = none, or another algorithm */
    char *digest;    /* of whatever algorithm, lower case; NULL = none */
    char *algorithm; /* "SHA-256", "MD5" …; NULL = none */
    char *mimetype;  /* NULL = none */
    gboolean has_size;
    guint64 size_bytes;
    long line;
} DaMetsFile;

typedef struct {
    char *element;   /* "fptr", "div", "file" … */
    char *attribute; /* "FILEID", "ADMID", "DMDID" */
    char *division;  /* LABEL of the division around a pointer; NULL */
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

/* The bits of the algorithms that its checksums need. */
guint da_mets_hashes(const DaMets *mets);
