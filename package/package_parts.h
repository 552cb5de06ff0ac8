/*
 * What the writers of one package share: where each part lies, and the two documents that describe them all.
 * Paths "inside" are relative to the folder of METS.xml.
 */
#pragma once

#include <dangan/digest.h>
#include <dangan/dossier.h>

/* The parts beside the page files. */
typedef enum { DA_PART_DOSSIER, DA_PART_PREMIS, DA_PART_PROFILE, DA_PART_REPORT, DA_PART_SCHEMA, DA_PART_N } DaPart;

typedef struct {
    gboolean present;
    DaDigest digest;
    guint64 size_bytes;
} DaPartFile;

/* "metadata/descriptive/dossier.xml", …; a constant. */
const char *da_package_part_inside(DaPart part);
/* "representations/master/data/9-1-2-003.jpg". The caller owns it. */
char *da_package_page_inside(const DaPage *page, DaFileKind kind);
/* All pages in catalogue order, borrowed. The caller owns the array. */
GPtrArray *da_package_pages(const DaDossier *dossier);
/* TRUE when some page has a file of this kind. */
gboolean da_package_has_kind(const GPtrArray *pages, DaFileKind kind);
/* Media type of an extension; a constant. */
const char *da_package_mime(const char *extension);

/* METS.xml over the dossier's page files and `part` (DA_PART_N of them). */
GBytes *da_package_mets(const DaDossier *dossier, const DaPartFile *part);
/* premis.xml over the dossier's page files. */
GBytes *da_package_premis(const DaDossier *dossier);
