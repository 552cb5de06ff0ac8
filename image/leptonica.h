/* Leptonica prints to stderr by default; a library that prints is no library. */
#pragma once

/* Before the first call of Leptonica in every public function of this room; costs nothing after the first time. */
void da_leptonica_quiet(void);
