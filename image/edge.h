/* How sharp a scan is. */
#pragma once

#include <dangan/handle/pix.h>

/* Width in px over which the steepest edges rise from 10 to 90 %; NAN without clear edges. `pix` has 8 or 32 bits. */
double da_edge_width(Pix *pix);
