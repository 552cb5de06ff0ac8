/*
 * The recognized text of pages as annotations: the lines of a page (Presentation API 3.0), and hits (Content Search API 2.0 and 1.0).
 */
#pragma once

#include <dangan/text.h>
#include <jansson.h>

/* All lines as an AnnotationPage. `base` as in da_iiif_manifest(). The caller owns it. */
json_t *da_iiif_lines(const char *base, const char *page, const DaPageText *text);

/* Hits are collected page by page and given in either form. */
typedef struct DaIiifHits DaIiifHits;

/* `words` as they were asked for. */
DaIiifHits *da_iiif_hits_new(const char *base, const char *words);
void da_iiif_hits_free(DaIiifHits *hits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaIiifHits, da_iiif_hits_free)

/* Adds each place of a page where one of the words stands inside a line. */
void da_iiif_hits_add(DaIiifHits *hits, const char *page, const DaPageText *text);

/* The caller owns it. */
json_t *da_iiif_hits_json(const DaIiifHits *hits);
json_t *da_iiif_hits_json_1(const DaIiifHits *hits);
