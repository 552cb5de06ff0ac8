/* Was a scan enlarged after it was made? */
#pragma once

#include <dangan/handle/pix.h>

/* By how much the px were multiplied, as far as interpolation has left its traces: 2, 1.5 (or 3), 1.25; 1 = no traces. Enlarging by Lanczos
 * leaves none but a soft edge. `pix` has 8 or 32 bits. */
double da_enlarged_factor(Pix *pix);
