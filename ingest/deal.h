/*
 * Sides are dealt to the materials of the catalogue.
 *
 * Scans named `类号-序号-页号` go where their name says. Others are dealt in paper order by 页数, which counts sides with content;
 * a blank side belongs to the material before it. Nothing is guessed: where the counts do not fit, the dossier gets a finding that
 * names catalogue, row and both numbers, and no package; titles that were read on the pages then tell which material it is.
 */
#pragma once

#include "scanside.h"

#include <dangan/batch.h>

/* Moves the pages of `sides` (DaSide *, paper order; `scans` has the path of each, `pages` what it says: DaPageDescription *, NULL for a blank
 * side; the array may be NULL) into the materials of `dossier`, with side and stem.
 * FALSE when they do not fit; findings say why. */
gboolean da_assign_sides(DaBatchDossier *dossier, GPtrArray *sides, const GPtrArray *scans,
                         const GPtrArray *pages, const DaProfile *profile);
