/* Inside of dangan/scanner.h: options of a SANE driver, found by name or by meaning. */
#pragma once

#include <dangan/scanner.h>
#include <sane/sane.h>

/* Sets `error` for a status of SANE; `what` begins the sentence ("cannot open scanner 'x'"). Always FALSE. */
gboolean da_scanner_fail(SANE_Status status, const char *what, GError **error);

/* Number of the option with this name that is active and can be set; 0 = none (option 0 is the count). */
SANE_Int da_scanner_option(SANE_Handle handle, const char *name);

/* Sets an option from text: numbers, yes/no, or one of the words of its list. DA_ERROR_USAGE says what it takes. */
gboolean da_scanner_set(SANE_Handle handle, SANE_Int option, const char *text, GError **error);
/* Sets a number, cut to the option's range. */
gboolean da_scanner_set_number(SANE_Handle handle, SANE_Int option, double value, GError **error);
/* The number that an option has now; NAN when it has none. */
double da_scanner_number(SANE_Handle handle, SANE_Int option);

/* What an option takes, for messages: "Flatbed, ADF Duplex", "75 to 600", "yes or no". The caller owns it. */
char *da_scanner_choices(SANE_Handle handle, SANE_Int option);

/* The word of the option's list that means `wanted` by `means`; NULL = none. Borrowed from the driver until it is set. */
typedef gboolean (*DaScannerMeans)(const char *word, gconstpointer wanted);
const char *da_scanner_word(SANE_Handle handle, SANE_Int option, DaScannerMeans means,
                            gconstpointer wanted);

/* Source, mode, depth, resolution, area and the driver's own settings, in this order: each changes what the next offer. */
gboolean da_scanner_set_up(SANE_Handle handle, const DaScannerSettings *settings, gboolean *feeder,
                           gboolean *duplex, GError **error);
