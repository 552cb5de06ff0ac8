/* Which material has too few or too many sides, told by the titles on the pages. */
#pragma once

#include <dangan/describe.h>

/* One material's share of the sides with content. */
typedef struct {
    guint from, to;  /* of `pages`: sides from … to - 1 */
    gboolean titled; /* its first side has the title that the catalogue names */
} DaShare;

/* Deals `pages` (DaPageDescription *, sides with content alone, paper order) to `materials` (DaMaterial *) so that titles and 页数 fit as well as
 * they can. NULL when too few titles are known to tell anything. The caller owns the array (DaShare, one a material). */
GArray *da_deal_by_titles(const GPtrArray *materials, const GPtrArray *pages,
                          const DaProfile *profile);
