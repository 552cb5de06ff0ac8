/* What the tests of both kinds of table ask. */
#pragma once

#include <dangan/error.h>
#include <dangan/table.h>

/* Setup and teardown: the state is a temporary folder. */
int table_probe_begin(void **state);
int table_probe_end(void **state);

/* The file is read with this encoding into these cells: rows end with "/", cells are parted by "|". */
void table_probe_shape(const char *path, const char *label, const char *encoding,
                       const char *wanted);
/* The file is refused; the message names it and `named`. */
void table_probe_refused(const char *path, const char *label, DaErrorCode code, const char *named);

/* The caller frees. */
char *table_probe_repeated(const char *text, guint times);

/* Reads the file with bytes changed or cut, many times, as `name`: there is always a table or an error. */
void table_probe_mutate(const char *folder, const char *original, const char *name);
