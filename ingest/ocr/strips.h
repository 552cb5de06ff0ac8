/* A few lines of text of a level page, enough to tell which way up it lies. */
#pragma once

#include <dangan/handle/pix.h>

/* Up to six 1-bit crops at the resolution of `pix`, the ones with most text first. The same place is found whichever of two opposite turns is given.
 * NULL when memory fails; empty when there is no text. */
Pixa *da_strips_find(Pix *pix, guint dpi);
