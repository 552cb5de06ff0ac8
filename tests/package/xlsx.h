/* Makes small xlsx files. */
#pragma once

#include <glib.h>

/* Writes a zip of parts (name, text, name, text, NULL). `options` of libarchive, with the passphrase "secret"; NULL = none. */
void xlsx_write_parts(const char *path, const char *const *names_and_texts, const char *options);

/* An xlsx whose second, first visible sheet holds `sheet_data` (rows); `strings` are si elements, `styles` what stands in
 * styleSheet (both may be NULL). Returns the path; the caller frees. */
char *xlsx_write(const char *folder, const char *name, const char *sheet_data, const char *strings,
                 const char *styles);
