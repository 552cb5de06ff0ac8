/* What on a page is content: marks that are neither dust, nor print shown through, nor holes, nor folds and edges. */
#pragma once

#include "blobs.h"
#include "plane.h"

typedef enum {
    DA_KIND_DUST,  /* too small or too faint to be content */
    DA_KIND_FAINT, /* shown through, stains */
    DA_KIND_GLYPH, /* as large as a character or a part of one */
    DA_KIND_LINES, /* rules, frames, tables with what touches them, drawings */
    DA_KIND_LINE,  /* one thin line alone: a rule, or a fold or the edge of a sheet */
    DA_KIND_SOLID, /* dark areas: photographs, blots */
    DA_KIND_HOLE,  /* punched */
    DA_KIND_SEAL,  /* red and round or square */
} DaKind;

typedef struct {
    DaBlobs *ink;     /* marks that are not red */
    DaBlobs *red;     /* seals, red rules and heads; empty for grey scans */
    GArray *ink_kind; /* of DaKind, one for each blob */
    GArray *red_kind;
} DaContent;

DaContent *da_content_find(const DaPlane *plane);
void da_content_free(DaContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaContent, da_content_free)

/* Marks of `kind`, px of the plane, among ink. */
guint da_content_area(const DaContent *content, DaKind kind);
/* TRUE when nothing on the page was written, printed, stamped or glued on. */
gboolean da_content_is_blank(const DaContent *content, const DaPlane *plane);
/* Ink that shows how the page lies, 0 to 255 a px of the plane; the caller frees it. */
guint8 *da_content_weight(const DaContent *content, const DaPlane *plane);
/* Characters alone, DA_MARK a px of the plane; the caller frees it. */
guint8 *da_content_glyphs(const DaContent *content, const DaPlane *plane);
